"""A pool of workers on a Dask cluster, used as a pool of processes is."""

from __future__ import annotations

import collections
import contextlib
import importlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from treedebug.core.errors import StoreError, TreedebugError, missing_extra

Given = TypeVar("Given")
Made = TypeVar("Made")
_AHEAD = 4
"""Pieces of work that wait for each thread of the cluster: so a hundred thousand runs are never all in flight."""
_SECONDS = 10
"""Until a scheduler that does not answer is given up."""


def mapped(
    address: str, work: Callable[..., Made], pieces: Iterable[Given], *more: Any
) -> Iterator[tuple[Given, Made]]:
    """Yield each piece with `work(piece, *more)`, done by the workers of a Dask scheduler, in the order given.

    Raise StoreError where no scheduler answers, TreedebugError where the workers cannot do it.
    """
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as error:
        raise missing_extra("Dask's distributed", "dask") from error
    with contextlib.closing(_client(distributed, address)) as client:
        ahead = _AHEAD * max(sum(client.nthreads().values()), 1)
        waiting: collections.deque[tuple[Given, Any]] = collections.deque()
        for piece in pieces:
            if len(waiting) >= ahead:
                yield _done(*waiting.popleft())
            waiting.append((piece, client.submit(work, piece, *more, pure=False)))
        while waiting:
            yield _done(*waiting.popleft())


def _client(distributed: Any, address: str) -> Any:
    try:
        return distributed.Client(address, timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"no Dask scheduler answers at {address!r}: {error}; give it as tcp://host:8786") from error


def _done(piece: Given, future: Any) -> tuple[Given, Any]:
    try:
        return piece, future.result()
    except TreedebugError:
        raise
    except Exception as error:
        raise TreedebugError(
            f"a worker of the cluster failed: {type(error).__name__}: {error}; all workers need the same treedebug"
        ) from error
