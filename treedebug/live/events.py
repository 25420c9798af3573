"""Server-sent events: what is new of what a page shows, told a quarter of a second after it was read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

from starlette.concurrency import iterate_in_threadpool

from treedebug.live.keeper import Keeper
from treedebug.live.run_views import compared_version

_EVERY = 0.25
_SILENCE = 60
"""Looks after which a comment is sent, so that nothing on the way takes the line for dead."""

News = Callable[[], Iterator[str]]
"""What is new since it was last called, as events."""


async def stream(keeper: Keeper, news: News) -> AsyncIterator[str]:
    """Yield events until the page is closed."""
    quiet = 0
    yield "retry: 2000\n\n"
    while True:
        keeper.touch()
        quiet += 1
        async for event in iterate_in_threadpool(news()):
            quiet = 0
            yield event
        if quiet >= _SILENCE:
            quiet = 0
            yield ": still here\n\n"
        await asyncio.sleep(_EVERY)


def of_runs(keeper: Keeper, wanted: list[str]) -> News:
    """Tell of each run that has grown where it stands, its curves, and the number of its page."""
    told: dict[str, tuple[int, int]] = {}

    def news() -> Iterator[str]:
        for run in keeper.follow_all(wanted):
            now = (run.version, run.page_version)
            if told.get(run.listed.id) != now:
                told[run.listed.id] = now
                yield f"event: run\ndata: {run.strip()}\n\n"

    return news


def of_pages(version: Callable[[], int]) -> News:
    """Tell when the page is worth fetching again."""
    told = -1

    def news() -> Iterator[str]:
        nonlocal told
        if (now := version()) != told:
            told = now
            yield f'event: page\ndata: {{"version":{now}}}\n\n'

    return news


def of_comparison(keeper: Keeper, wanted: list[str]) -> News:
    """Tell when the comparison of runs is worth fetching again."""
    return of_pages(lambda: compared_version(keeper.follow_all(wanted)))
