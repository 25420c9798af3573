"""WayBack: how the record of a training on a cluster comes to the process in which `fit` was called."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from treedebug.core.run.records import Record
from treedebug.store.file_format import FILE_HEAD, FILE_NAME, encode_frames
from treedebug.store.memory_store import MemorySink
from treedebug.store.returned import dask_way, ray_way, spark_way

RETURN = "return"
"""The path that asks for it."""


class WayBack:
    """One way for a callback and all its copies: opened where they leave this process, used where one has trained."""

    def __init__(self) -> None:
        self.token = uuid.uuid4().hex
        self._accumulator: Any = None
        self._box: Any = None
        self._is_elsewhere = False
        self._fetched: Path | None = None
        self._digest = b""

    def __deepcopy__(self, memo: Any) -> Self:
        """Return itself: what a copy sends comes here."""
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Open the ways of the frameworks that run here, as a copy is about to leave for their workers."""
        if not self._is_elsewhere:
            self._accumulator = self._accumulator or spark_way.open_way()
            self._box = self._box or ray_way.open_way(self.token)
        return {"token": self.token, "_accumulator": self._accumulator}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Know that this is a copy, in another process."""
        self.__init__()  # type: ignore[misc]
        self.__dict__.update(state)
        self._is_elsewhere = True

    @property
    def is_elsewhere(self) -> bool:
        """Whether this is a copy in another process than the one in which the callback was made."""
        return self._is_elsewhere

    def send(self, data: bytes) -> bool:
        """Send the bytes back; return False where no framework carries them."""
        return (
            spark_way.send(self._accumulator, data) or dask_way.send(self.token, data) or ray_way.send(self.token, data)
        )

    def fetch(self) -> Path | None:
        """Return a folder of this process with the run that came back last; None where none has."""
        data = spark_way.fetch(self._accumulator) or dask_way.fetch(self.token) or ray_way.fetch(self._box)
        digest = b"" if data is None else hashlib.blake2b(data).digest()
        if data is not None and digest != self._digest:
            folder = Path(tempfile.mkdtemp(prefix="treedebug-returned-"))
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            (folder / FILE_NAME).write_bytes(data)
            self._fetched, self._digest = folder, digest
        return self._fetched


class ReturningSink:
    """Keeps records in memory, and sends them back when the training is over."""

    path = None

    def __init__(self, memory: MemorySink, way: WayBack, say: Callable[[str], None]) -> None:
        self._memory, self._way, self._say = memory, way, say

    def append(self, records: list[Record]) -> None:
        """Keep all records or, if one cannot be encoded, none."""
        self._memory.append(records)

    def close(self) -> None:
        """Send the record back, or say that it stays here; never raise."""
        if not self._way.is_elsewhere:
            return
        try:
            is_sent = self._way.send(FILE_HEAD + encode_frames(list(self._memory.records())))
        except Exception as error:  # noqa: BLE001 - whatever a framework raises: the training outranks its record
            self._say(f"the record cannot be sent back ({error}): give a path that all workers reach")
            return
        if not is_sent:
            self._say("the record stays in this process: Dask, Spark and Ray Train bring one back, and none runs here")
