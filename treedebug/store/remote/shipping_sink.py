"""ShippingSink: a run that is written to its spool, as any run is to its folder, and shipped from there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from treedebug.core.run.records import Record
from treedebug.store.disk_store import DiskSink
from treedebug.store.remote.shipper import Shipper
from treedebug.store.remote.spool import Destination, write_destination
from treedebug.store.writing.moving_sink import MovingSink
from treedebug.store.writing.run_place import RunPlace


class ShippingSink(MovingSink):
    """Appends to the spool that `first` opens; what goes on `beside` it, as that was taken away, is shipped later."""

    def __init__(
        self,
        place: RunPlace,
        first: Callable[[], DiskSink],
        beside: Callable[[], DiskSink],
        *,
        url: Callable[[Path], str],
        say: Callable[[str], None],
    ) -> None:
        self._shipper: Shipper | None = None
        self._url = url
        self._say = say
        super().__init__(place, first, beside)

    def append(self, records: list[Record]) -> None:
        """Write all records to the spool or, on OSError, none."""
        super().append(records)
        sink = self._opened()
        if self._shipper is None:
            url = self._url(sink.path)
            write_destination(sink.path, Destination(url))
            self._shipper = Shipper(sink.path, url, self._say)
        self._shipper.committed(sink.own.end)

    def close(self) -> None:
        """Bring everything to the disk, then to where it goes, or say where it stays."""
        super().close()
        if self._shipper is not None:
            self._shipper.finish()
