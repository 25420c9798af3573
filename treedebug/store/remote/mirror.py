"""Mirror: runs in object storage, copied to a local folder of this process, where they are read as any others."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path, PurePosixPath

from treedebug.core.errors import StoreError
from treedebug.store.file_format import FILE_NAME
from treedebug.store.remote.parts import chain, parts_of
from treedebug.store.remote.remote_place import RemotePlace, checked_url

_MOST_TRIES = 5
_MOST_DEPTH = 4


class Mirror:
    """The runs at and below `url`, in the folder `path`. `refresh` copies only what has come since."""

    def __init__(self, url: str) -> None:
        self.url = checked_url(url)
        self.path = Path(tempfile.mkdtemp(prefix="treedebug-mirror-"))
        atexit.register(shutil.rmtree, self.path, ignore_errors=True)
        self._whole: dict[str, int] = {}
        """Runs that are copied from their joined file, with its size."""

    def refresh(self) -> int:
        """Copy what is new; return the number of runs. Raise StoreError if the storage cannot be read."""
        folders: dict[str, dict[str, int]] = {}
        for name, size in RemotePlace(self.url).sizes(below=True).items():
            path = PurePosixPath(name)
            parts = path.parts
            if len(parts) <= _MOST_DEPTH and ".." not in parts and path.name.startswith(FILE_NAME):
                folders.setdefault("/".join(parts[:-1]), {})[path.name] = size
        return sum(self._copy(below, sizes) for below, sizes in sorted(folders.items()))

    def _copy(self, below: str, sizes: dict[str, int]) -> bool:
        """Bring one run up to date; return whether there is one."""
        place, folder = RemotePlace(self.url).child(below), self.path / below
        for _ in range(_MOST_TRIES):
            if FILE_NAME in sizes:
                if self._whole.get(below) == sizes[FILE_NAME] or self._take_whole(place, folder, sizes[FILE_NAME]):
                    self._whole[below] = sizes[FILE_NAME]
                    return True
            elif self._take_parts(place, folder, sizes):
                return (folder / FILE_NAME).is_file()
            sizes = place.sizes()  # parts were joined meanwhile
        raise StoreError(f"{place.url} changed {_MOST_TRIES} times while it was read: try again")

    def _take_whole(self, place: RemotePlace, folder: Path, size: int) -> bool:
        file = folder / FILE_NAME
        if file.is_file() and file.stat().st_size == size:
            return True  # its last part has come already
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / f"{FILE_NAME}.new"
        if not place.download(FILE_NAME, str(new)) or new.stat().st_size != size:
            return False
        new.replace(file)
        return True

    def _take_parts(self, place: RemotePlace, folder: Path, sizes: dict[str, int]) -> bool:
        """Append the parts that follow what is here; return False if one is gone."""
        file = folder / FILE_NAME
        at = file.stat().st_size if file.is_file() else 0
        first = chain(parts_of(sizes))
        if first and first[-1].stop < at:  # another run has taken the place
            file.unlink()
            at = 0
        for part in chain(parts_of(sizes), at):
            data = place.read(part.name)
            if data is None or len(data) != part.length:
                return False
            folder.mkdir(parents=True, exist_ok=True)
            with file.open("ab") as out:
                out.write(data)
        return True


_MIRRORS: dict[str, Mirror] = {}


def mirrored(url: str) -> Path:
    """Return the local folder with the runs at and below a URL as they are now. Raise StoreError, or ConfigError."""
    key = checked_url(url)
    if key not in _MIRRORS:
        _MIRRORS[key] = Mirror(key)
    _MIRRORS[key].refresh()
    return _MIRRORS[key].path
