"""Shipment: brings the record file of a spooled run to object storage, in parts, and joins them at the end."""

from __future__ import annotations

import json
import os
import platform
import uuid
from pathlib import Path

from treedebug.core.errors import ConfigError, RunExistsError, StoreError
from treedebug.store.file_format import FILE_NAME
from treedebug.store.remote.parts import CLAIM_NAME, Part, chain, parts_of
from treedebug.store.remote.remote_place import RemotePlace
from treedebug.store.remote.spool import Destination, drop_spool, read_destination, write_destination
from treedebug.store.stop_file import STOP_NAME

_MOST_BYTES = 64 << 20
"""Bytes of a part."""
_MOST_TRIES = 10_000


class Shipment:
    """The run spooled in `folder`. Every method may raise StoreError or OSError, and may be called again then."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self.destination = read_destination(folder) or Destination(url)
        self._part: Part | None = None
        """Under way: tried again as it is, for it may have arrived though that was not confirmed."""
        self._next = Part(0, 0, 0)
        self._is_known = False
        if not self.destination.url:
            raise StoreError(f"{folder} does not say where its run goes: {folder}/shipping.json is missing or damaged")

    @property
    def file(self) -> Path:
        """The record file."""
        return self.folder / FILE_NAME

    @property
    def place(self) -> RemotePlace:
        """Where the run is, or is to be."""
        return RemotePlace(self.destination.claimed or self.destination.url)

    def claim(self) -> None:
        """Take a place that no other writer has: the URL itself, or the first free one of `url-2`, `url-3`, ..."""
        if self.destination.claimed:
            return
        writer = self.destination.writer
        if not writer:  # kept before anything is claimed: a training that is killed meanwhile knows its claim again
            writer = uuid.uuid4().hex
            self.destination = Destination(self.destination.url, "", writer)
            write_destination(self.folder, self.destination)
        said = json.dumps({"writer": writer, "host": platform.node(), "pid": os.getpid()}).encode("ascii")
        for n in range(1, _MOST_TRIES):
            place = RemotePlace(self.destination.url if n == 1 else f"{self.destination.url}-{n}")
            if place.sizes().get(CLAIM_NAME) == 0:  # a claim whose writing was cut short is nobody's
                place.remove(CLAIM_NAME)
            if not holds_run(place):
                place.create(CLAIM_NAME, said)
            if _claimed_by(place, writer):
                self.destination = Destination(self.destination.url, place.url, writer)
                write_destination(self.folder, self.destination)
                return
        raise StoreError(f"{self.destination.url} cannot be recorded to: {_MOST_TRIES} runs are there")

    def ship(self, end: int) -> bool:
        """Bring a part of the bytes before `end` that have not arrived; return whether there is more."""
        self.claim()
        if not self._is_known:
            arrived = chain(parts_of(self.place.sizes()))
            self._next = Part(len(arrived), arrived[-1].stop if arrived else 0, 0)
            self._is_known = True
        if self._part is None:
            length = min(end - self._next.start, _MOST_BYTES)
            if length <= 0:
                return False
            self._part = Part(self._next.number, self._next.start, length)
        part = self._part
        with self.file.open("rb") as file:
            file.seek(part.start)
            data = file.read(part.length)
        if len(data) < part.length:
            raise StoreError(f"{self.file} was cut: {part.length - len(data)} bytes of it are gone")
        self.place.write(part.name, data)
        self._part, self._next = None, Part(part.number + 1, part.stop, 0)
        return self._next.start < end

    def join(self) -> None:
        """Put the whole file in place of its parts. A reader finds either; nothing is removed before it is whole."""
        self.claim()
        size = self.file.stat().st_size
        if self.place.sizes().get(FILE_NAME) != size:
            self.place.upload(FILE_NAME, str(self.file))
        sizes = self.place.sizes()
        if sizes.get(FILE_NAME) != size:
            raise StoreError(f"{self.place.url} holds {sizes.get(FILE_NAME, 0)} of {size} bytes after the upload")
        for part in parts_of(sizes):
            self.place.remove(part.name)
        self.place.remove(CLAIM_NAME)

    def fetch_request(self) -> None:
        """Take over a request to stop that was left beside the run, to where the recorder looks for it."""
        if not self.destination.claimed or (self.folder / STOP_NAME).exists():
            return
        request = self.place.read(STOP_NAME)
        if request is not None:
            self.place.remove(STOP_NAME)
            new = self.folder / f"{STOP_NAME}.new"
            new.write_bytes(request)
            new.replace(self.folder / STOP_NAME)

    def drop(self) -> None:
        """Remove the spool of a run that has arrived."""
        drop_spool(self.folder)


def holds_run(place: RemotePlace) -> bool:
    """Return whether a run is at a place, or a writer has claimed it."""
    sizes = place.sizes()
    return FILE_NAME in sizes or CLAIM_NAME in sizes or bool(parts_of(sizes))


def _claimed_by(place: RemotePlace, writer: str) -> bool:
    """Return whether the claim is this writer's: not every storage can create an object exclusively."""
    try:
        said = json.loads(place.read(CLAIM_NAME) or b"null")
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("writer") == writer


def check_remote(url: str, exists: str) -> None:
    """Raise, before any training, where a run cannot be recorded to a URL as the user wants it.

    ConfigError for a run to go on with; with `exists="error"` RunExistsError if the place is taken, and StoreError if
    the storage cannot be asked.
    """
    if exists == "resume":
        raise ConfigError(
            f"{url}: a run in object storage cannot be gone on with; copy it to a folder, and resume there"
        )
    RemotePlace(url).warm_up()
    if exists == "error" and holds_run(RemotePlace(url)):
        raise RunExistsError(
            f"{url} already holds a run, or another training writes there: choose another path, or pass "
            "exists='number' to record beside it"
        )
