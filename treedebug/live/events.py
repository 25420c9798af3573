"""Server-sent events: what is new of what a page shows, told a quarter of a second after it was read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool

from treedebug.live.keeper import Keeper
from treedebug.live.run_views import compared_version

_EVERY = 0.25
_SILENCE = 60
"""Looks after which a comment is sent, so that nothing on the way takes the line for dead."""


async def stream(keeper: Keeper, look: Callable[[], Any], tell: Callable[[], list[str]]) -> AsyncIterator[str]:
    """Yield what `tell` says whenever `look`, which is quick, returns something else, until the server ends."""
    seen, quiet = object(), 0
    yield "retry: 2000\n\n"
    while not keeper.is_over:
        keeper.touch()
        quiet += 1
        if (now := look()) != seen:
            seen, quiet = now, 0
            for event in await run_in_threadpool(tell):
                yield event
        elif quiet >= _SILENCE:
            quiet = 0
            yield ": still here\n\n"
        await asyncio.sleep(_EVERY)


def of_runs(keeper: Keeper, wanted: list[str]) -> AsyncIterator[str]:
    """Tell of each run that has grown where it stands, its curves, and the number of its page."""
    told: dict[str, tuple[int, int]] = {}

    def tell() -> list[str]:
        grown = [run for run in keeper.follow_all(wanted) if told.get(run.listed.id) != run.versions]
        told.update({run.listed.id: run.versions for run in grown})
        return [f"event: run\ndata: {run.strip()}\n\n" for run in grown]

    return stream(keeper, lambda: keeper.versions(wanted), tell)


def of_list(keeper: Keeper) -> AsyncIterator[str]:
    """Tell when the list has changed."""
    return stream(keeper, lambda: keeper.index.version, lambda: [_page(keeper.index.version)])


def of_comparison(keeper: Keeper, wanted: list[str]) -> AsyncIterator[str]:
    """Tell when the comparison of runs is worth fetching again."""

    def tell() -> list[str]:
        return [_page(compared_version(keeper.follow_all(wanted)))]

    return stream(keeper, lambda: keeper.versions(wanted), tell)


def _page(version: int) -> str:
    return f'event: page\ndata: {{"version":{version}}}\n\n'
