"""RunPlace: where one run is, in a folder or in memory, with what has not been written there yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treedebug.core.run.records import Record
from treedebug.core.run.run_data import RunData
from treedebug.store.disk_store import DiskSink, DiskSource, is_run
from treedebug.store.load_run import load_records
from treedebug.store.memory_store import Continued, MemorySink
from treedebug.store.recorded_trees import Parse


@dataclass
class RunPlace:
    """The place of one run. `path` is None for memory, and changes where the record has to go on elsewhere."""

    path: Path | None = None
    memory: MemorySink = field(default_factory=MemorySink)
    unsaved: list[Record] = field(default_factory=list)
    """Records that are not in the folder: those of the last second, or all that a full disk refused."""
    is_open: bool = False
    """Whether the folder is this run's: not before its file could be made."""

    def load(self, parse: Parse) -> RunData:
        """Return what was recorded so far."""
        if self.path is None:
            source: MemorySink | DiskSource = self.memory
        elif self.is_open and is_run(self.path):
            source = DiskSource(self.path)
        else:
            source = MemorySink()
        return load_records(Continued(source, self.unsaved), parse)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what waits to be written: it belongs to the process that trains."""
        return {**self.__dict__, "unsaved": []}


@dataclass
class Spot:
    """The folder of one training, found when it can be: `candidates` gives folders to try, the first free one counts.

    Folds of `cv` share it, each in a folder of its own below.
    """

    candidates: Callable[[], Iterator[Path]]
    is_taken: Callable[[Path], bool]
    durable: bool = False
    path: Path | None = None

    def open(self, below: str = "") -> DiskSink:
        """Make the record file. Raises OSError where that is not possible now."""
        if self.path is not None:
            return DiskSink(self.path / below, durable=self.durable)
        for folder in self.candidates():
            if not self.is_taken(folder):
                try:
                    sink = DiskSink(folder / below, durable=self.durable)
                except FileExistsError:  # another process was faster
                    continue
                self.path = folder
                return sink
        raise FileNotFoundError("no folder to record to")
