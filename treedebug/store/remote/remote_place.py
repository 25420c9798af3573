"""RemotePlace: a folder in object storage, by its URL, through fsspec. Credentials come from fsspec's own places."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from treedebug.core.errors import ConfigError, MissingExtraError, StoreError, missing_extra

_EXTRAS = {"s3": ("s3fs", "s3"), "s3a": ("s3fs", "s3"), "gs": ("gcsfs", "gs"), "gcs": ("gcsfs", "gs"),
           "az": ("adlfs", "azure"), "abfs": ("adlfs", "azure"), "abfss": ("adlfs", "azure"),
           "sftp": ("paramiko", "sftp"), "ssh": ("paramiko", "sftp")}  # fmt: skip
"""Scheme -> the package that fsspec needs for it, and our extra that brings it."""


def checked_url(url: str) -> str:
    """Return the URL without a slash at its end.

    Raise ConfigError for one that cannot name a folder or holds a password, MissingExtraError without what it needs.
    """
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError as error:
        raise ConfigError(f"path is no URL that can be recorded to: {error}") from error
    if parts.password:
        raise ConfigError(
            "path must hold no password, for it is kept beside the record: put it where fsspec looks for it "
            "(environment variables, ~/.config/fsspec)"
        )
    if parts.query or parts.fragment:
        raise ConfigError("path must end with the name of the folder: a URL with '?' or '#' cannot be recorded to")
    if not parts.netloc.strip("/") and not parts.path.strip("/"):
        raise ConfigError(f"path {url!r} names no folder: give one, such as {parts.scheme}://bucket/runs/churn")
    if importlib.util.find_spec("fsspec") is None:
        raise missing_extra("fsspec", _EXTRAS.get(parts.scheme, ("", "remote"))[1])
    needed = _EXTRAS.get(parts.scheme)
    if needed is not None and importlib.util.find_spec(needed[0]) is None:
        raise missing_extra(*needed)
    known: Mapping[str, Any] = importlib.import_module("fsspec.registry").known_implementations
    registered = importlib.import_module("fsspec.registry").registry
    if parts.scheme not in known and parts.scheme not in registered:
        raise ConfigError(
            f"path {url!r}: fsspec knows no storage {parts.scheme!r}; it knows s3, gs, az, sftp and others"
        )
    return url.rstrip("/")


@dataclass(frozen=True)
class RemotePlace:
    """The folder at `url`. Every method may raise StoreError, whose text names the URL and says why."""

    url: str

    def child(self, name: str) -> RemotePlace:
        """Return a folder below."""
        return RemotePlace(f"{self.url}/{name}") if name else self

    def warm_up(self) -> None:
        """Load what reaching the storage needs, before a training: in a thread beside it that would hold up rounds."""
        with contextlib.suppress(Exception):  # whoever writes complains
            fs, _ = self._open()
            connect = getattr(fs, "connect", None)
            if callable(connect):
                connect()

    def write(self, name: str, data: bytes) -> None:
        """Write an object whole."""
        fs, folder = self._open()
        try:
            if not getattr(fs, "async_impl", False):
                fs.makedirs(folder, exist_ok=True)
            fs.pipe_file(f"{folder}/{name}", data)
        except Exception as error:
            raise self._failed("written to", error) from error

    def create(self, name: str, data: bytes) -> bool:
        """Write an object only if there is none; return False if there is."""
        fs, folder = self._open()
        path = f"{folder}/{name}"
        try:
            if not getattr(fs, "async_impl", False):
                fs.makedirs(folder, exist_ok=True)
            fs.invalidate_cache()
            if fs.exists(path):
                return False
            try:
                fs.pipe_file(path, data, mode="create")
            except (TypeError, ValueError, NotImplementedError):  # a storage that cannot create exclusively
                fs.pipe_file(path, data)
        except FileExistsError:
            return False
        except Exception as error:
            raise self._failed("written to", error) from error
        return True

    def upload(self, name: str, file: str) -> None:
        """Write a local file as an object."""
        fs, folder = self._open()
        try:
            fs.put_file(file, f"{folder}/{name}")
        except Exception as error:
            raise self._failed("written to", error) from error

    def read(self, name: str) -> bytes | None:
        """Return an object; None if there is none (any more)."""
        fs, folder = self._open()
        try:
            return bytes(fs.cat_file(f"{folder}/{name}"))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise self._failed("read", error) from error

    def download(self, name: str, file: str) -> bool:
        """Write an object to a local file; return False if there is none (any more)."""
        fs, folder = self._open()
        try:
            fs.get_file(f"{folder}/{name}", file)
        except FileNotFoundError:
            return False
        except Exception as error:
            raise self._failed("read", error) from error
        return True

    def remove(self, name: str) -> None:
        """Remove an object; nothing happens if there is none."""
        fs, folder = self._open()
        try:
            fs.rm_file(f"{folder}/{name}")
        except FileNotFoundError:
            return
        except Exception as error:
            raise self._failed("written to", error) from error

    def sizes(self, *, below: bool = False) -> dict[str, int]:
        """Return the bytes of each object here, and with `below` in folders below, by its name relative to here."""
        fs, folder = self._open()
        try:
            fs.invalidate_cache()
            found = fs.find(folder, maxdepth=None if below else 1, detail=True)
        except FileNotFoundError:
            return {}
        except Exception as error:
            raise self._failed("listed", error) from error
        top = folder.rstrip("/") + "/"
        return {
            path[path.find(top) + len(top) :]: int(info.get("size") or 0) for path, info in found.items() if top in path
        }

    def _open(self) -> tuple[Any, str]:
        try:
            fs, path = importlib.import_module("fsspec").core.url_to_fs(self.url, use_listings_cache=False)
        except (MissingExtraError, ImportError) as error:
            raise StoreError(f"{self.url} cannot be reached: {error}") from error
        except Exception as error:
            raise self._failed("reached", error) from error
        return fs, str(path).rstrip("/")

    def _failed(self, what: str, error: Exception) -> StoreError:
        """Return the error to raise, without the request that some libraries repeat in theirs."""
        said = " ".join(str(error).split())[:200] or type(error).__name__
        return StoreError(f"{self.url} cannot be {what}: {said}")
