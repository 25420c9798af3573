"""The live page as an ASGI application: reading only, every answer made by the report's own code."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from treedebug.core.errors import ConfigError, RunNotFoundError, TreedebugError
from treedebug.core.version import __version__
from treedebug.live.events import of_comparison, of_list, of_runs
from treedebug.live.gate import Gate
from treedebug.live.keeper import Keeper
from treedebug.live.list_view import ListView
from treedebug.live.run_views import RunViews
from treedebug.reports.html.embedding import asset, script
from treedebug.reports.html.list_page import refusal_page
from treedebug.reports.html.served import Served

_MOST = 50
"""Runs that one page may ask events of."""
_ASSETS: dict[str, tuple[Callable[[], str], str]] = {
    "charts.js": (script, "text/javascript"),
    "live.js": (functools.partial(asset, "live.js"), "text/javascript"),
    "page.css": (functools.partial(asset, "page.css"), "text/css"),
    "live.css": (functools.partial(asset, "live.css"), "text/css"),
}


def make_app(keeper: Keeper, *, host: str = "127.0.0.1", port: int = 0, token: str = "") -> Gate:
    """Return the application for the runs that a keeper keeps; with a `token` only for who brings it."""
    return Gate(_Pages(keeper).app, host=host, port=port, token=token)


class _Pages:
    """The routes; whatever takes time is done in a thread."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._list = ListView(keeper.index)
        self._views = RunViews(keeper)
        self.app = Starlette(
            routes=[
                Route("/", self._runs),
                Route("/run/{run}", self._run),
                Route("/board", self._board),
                Route("/compare", self._compare),
                Route("/events/runs", self._list_events),
                Route("/events/run", self._run_events),
                Route("/events/compare", self._compare_events),
                Route("/assets/{name}", self._asset),
                Route("/{rest:path}", self._nothing),
            ],
            lifespan=self._lifespan,
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self._keeper.start()
        yield
        self._keeper.stop()

    async def _runs(self, request: Request) -> Response:
        asked = dict(request.query_params)
        return await self._shown(lambda: self._listed(asked))

    def _listed(self, asked: dict[str, str]) -> str:
        if not self._keeper.index.version:
            self._keeper.index.refresh()
        return self._list.page(asked)

    async def _run(self, request: Request) -> Response:
        return await self._shown(lambda: self._views.run(request.path_params["run"]))

    async def _board(self, request: Request) -> Response:
        return await self._shown(lambda: self._views.board(request.query_params.getlist("run")))

    async def _compare(self, request: Request) -> Response:
        return await self._shown(lambda: self._views.compared(request.query_params.getlist("run")))

    async def _list_events(self, _: Request) -> Response:
        return _told(of_list(self._keeper))

    async def _run_events(self, request: Request) -> Response:
        return _told(of_runs(self._keeper, request.query_params.getlist("run")[:_MOST]))

    async def _compare_events(self, request: Request) -> Response:
        return _told(of_comparison(self._keeper, request.query_params.getlist("run")[:_MOST]))

    async def _asset(self, request: Request) -> Response:
        known = _ASSETS.get(request.path_params["name"])
        if known is None:
            return await self._nothing(request)
        read, kind = known
        return Response(read(), media_type=kind, headers={"cache-control": "no-cache"})

    async def _nothing(self, _: Request) -> Response:
        return _refused(404, "There is no such page", "the address is wrong")

    async def _shown(self, make: Callable[[], str]) -> Response:
        self._keeper.touch()
        try:
            return HTMLResponse(await run_in_threadpool(make))
        except ConfigError as error:
            return _refused(400, "That cannot be shown", str(error))
        except RunNotFoundError as error:
            return _refused(404, "There is no such run", str(error))
        except (TreedebugError, OSError) as error:
            return _refused(422, "The run cannot be read", str(error))


def _told(events: AsyncIterator[str]) -> Response:
    return StreamingResponse(events, media_type="text/event-stream")


def _refused(status: int, title: str, message: str) -> Response:
    return HTMLResponse(
        refusal_page(Served(), made_by=__version__, title=title, message=f"{message[0].upper()}{message[1:]}."),
        status_code=status,
    )
