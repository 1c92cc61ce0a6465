"""The routes. Metrics are prepared in advance; other pages are rendered, off the loop, on first request."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from exporter.errors import UserError
from exporter.pages.assets import ASSETS, Asset
from exporter.pages.known import FEED_PAGES, FORMS, INDEX_PAGES
from exporter.pages.runbooks import INDEX, runbook_page
from exporter.pages.site import HTML, BusyError, Kind, MovedError, NotFoundError, Visit
from exporter.pages.waiting import busy_page, missing_page, waiting_page
from exporter.runbooks.pages import NAMES
from exporter.server.auth import USER, BasicAuth
from exporter.server.control import Awaited, Endpoint, Reload, acknowledging, healthy, readiness, reloading
from exporter.server.desk import OPEN, Acknowledge, Desk
from exporter.server.headers import HTML_HEADERS, NO_SNIFFING
from exporter.server.negotiation import accepts_openmetrics
from exporter.server.personal import personal_routes
from exporter.server.publication import Board, Deferred, Page, Publication
from exporter.server.responses import joined, plain, respond, respond_tagged

Choose = Callable[[Publication], Page | Deferred]
Shown = ASGIApp  # a feed's pages
Find = Callable[[str], Shown | None]  # by the feed's id

KEPT_FOR_GOOD = "max-age=31536000, immutable"  # different content has a different address


def create_app(
    board: Board,
    *,
    reload: Reload,
    telemetry_path: str = "/metrics",
    users: Mapping[str, bytes] | None = None,
    acknowledge: Acknowledge | str = OPEN,
    feed: Callable[[], str] | None = None,
) -> Starlette:
    """Return the ASGI application that serves ``board``.

    ``reload`` returns its result. ``users`` (name to bcrypt hash), if any, protect every
    route. A ``telemetry_path`` of ``/`` replaces the feed's first page. ``acknowledge`` records
    acknowledgements, or is the reason why they are rejected, as if the address is reachable from
    elsewhere without login. ``feed`` names the feed, whose pages are below /feeds as well.
    Raises UserError for an invalid path.
    """
    shown = [*_paths(board, acknowledge, _awaited_by(board)), *_runbooks(), *_assets()]
    routes = [*shown, Route("/-/reload", reloading(reload), methods=["POST"])]
    _check_telemetry_path(telemetry_path, {route.path for route in routes})
    telemetry = Route(telemetry_path, _telemetry(board))  # before the pages: it may be /
    pages = _feed_pages(board, acknowledge)
    own = Router([*shown, telemetry, *pages], redirect_slashes=False)
    find = None if feed is None else lambda name: own if name == feed() else None
    return _guarded([*routes, telemetry, *pages, *([] if find is None else _feeds(find))], users)


def create_feeds_app(
    board: Board,
    *,
    reload: Reload,
    find: Find,
    awaited: Awaited,
    telemetry_path: str = "/metrics",
    users: Mapping[str, bytes] | None = None,
) -> Starlette:
    """Return the application of several feeds: the metrics and the index on ``board``, and each feed's pages.

    ``find`` returns those of one feed, from ``feed_pages``. Raises UserError for an invalid
    path.
    """
    routes = [
        Route("/-/healthy", healthy),
        Route("/-/ready", readiness(awaited)),
        Route("/-/reload", reloading(reload), methods=["POST"]),
        *_runbooks(),
        *_assets(),
    ]
    _check_telemetry_path(telemetry_path, {route.path for route in routes})
    routes.append(Route(telemetry_path, _telemetry(board)))  # before the pages: it may be /
    return _guarded([*routes, *_pages(board, INDEX_PAGES), *_feeds(find)], users)


def feed_pages(board: Board, acknowledge: Acknowledge | str) -> Shown:
    """Return the pages of one of several feeds, without its metrics."""
    paths = _paths(board, acknowledge, _awaited_by(board))
    return Router([*paths, *_feed_pages(board, acknowledge)], redirect_slashes=False)


def _paths(board: Board, acknowledge: Acknowledge | str, awaited: Awaited) -> list[Route]:
    return [
        Route("/-/healthy", healthy),
        Route("/-/ready", readiness(awaited)),
        Route("/api/v1/report", _document(board, lambda publication: publication.report)),
        Route("/api/v1/alerts", _document(board, lambda publication: publication.alerts)),
        Route("/api/v1/gate", _document(board, lambda publication: publication.gate)),
        Route("/api/v1/gate/ack", acknowledging(acknowledge), methods=["POST"]),
    ]


def _runbooks() -> list[Route]:
    pages = (Route(f"/runbooks/{name}", _runbook(name)) for name in (INDEX, *NAMES))
    return [*pages, Route("/runbooks", _add_slash)]


def _assets() -> list[Route]:
    return [Route(f"/{asset.address}", _asset(asset)) for asset in ASSETS.values()]


def _pages(board: Board, kinds: Sequence[Kind[Any]]) -> list[Route]:
    folders = [kind for kind in kinds if kind.path.endswith("/")]
    return [
        *(Route(f"/{kind.path}", _shown(board, kind)) for kind in kinds if not kind.is_personal),
        *(Route(f"/{kind.path.removesuffix('/')}", _add_slash) for kind in folders),
    ]


def _feed_pages(board: Board, acknowledge: Acknowledge | str) -> list[Route]:
    return [*_pages(board, FEED_PAGES), *personal_routes(board, Desk(acknowledge), FEED_PAGES, FORMS)]


def _guarded(routes: Sequence[BaseRoute], users: Mapping[str, bytes] | None) -> Starlette:
    guards = [Middleware(BasicAuth, users=users)] if users else []
    app = Starlette(routes=routes, middleware=guards)
    app.router.redirect_slashes = False
    return app


def _feeds(find: Find) -> list[BaseRoute]:
    """Return the routes to the feeds' pages. Feeds may be added and removed at any time."""

    async def enter(scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path_params"]["feed"]
        await (find(name) or plain("There is no such feed.\n", 404))(scope, receive, send)

    async def add_slash(request: Request) -> Response:
        if find(request.path_params["feed"]) is None:
            return plain("There is no such feed.\n", 404)
        return await _add_slash(request)

    return [Mount("/feeds/{feed}", app=enter), Route("/feeds/{feed}", add_slash)]


async def _add_slash(request: Request) -> Response:
    """Redirect to the folder; a relative address works behind a path prefix."""
    folder = request.scope["path"].rpartition("/")[2]
    return RedirectResponse(f"{folder}/", headers=NO_SNIFFING)


def _awaited_by(board: Board) -> Awaited:
    return lambda: board.awaited if board.latest is None else None


def _check_telemetry_path(path: str, taken: set[str]) -> None:
    if path in taken:
        raise UserError(f"telemetry path {path!r} is used by the exporter itself")
    if not re.fullmatch(r"/[A-Za-z0-9._~/-]*", path):
        raise UserError(
            f"telemetry path {path!r} must begin with / and contain only letters, digits and . _ ~ / -"
        )


def _telemetry(board: Board) -> Endpoint:
    async def answer(request: Request) -> Response:
        publication = board.latest
        if publication is None and board.meanwhile is not None:
            return respond(request, board.meanwhile, {**NO_SNIFFING, "vary": "Accept-Encoding"})
        if publication is None:
            return plain(f"{board.awaited}\n", 503)
        wanted = accepts_openmetrics(joined(request, "accept"))
        page = publication.openmetrics if wanted else publication.text
        return respond(request, page, {**NO_SNIFFING, "vary": "Accept, Accept-Encoding"})

    return answer


def _document(board: Board, choose: Choose) -> Endpoint:
    async def answer(request: Request) -> Response:
        publication = board.latest
        if publication is None:
            return plain(f"{board.awaited}\n", 503)
        chosen = choose(publication)
        page = chosen if isinstance(chosen, Page) else await _made(chosen)
        return respond_tagged(request, page, {**NO_SNIFFING, "cache-control": "no-cache"})

    return answer


async def _made(deferred: Deferred) -> Page:
    page = deferred.ready
    return await asyncio.to_thread(deferred.make) if page is None else page


def _runbook(name: str) -> Endpoint:
    async def answer(request: Request) -> Response:
        body = await asyncio.to_thread(runbook_page, name)  # the first one may take a moment
        return respond_tagged(request, Page.of(body, HTML), {**HTML_HEADERS})

    return answer


def _asset(asset: Asset) -> Endpoint:
    page = Page.of(asset.body, asset.content_type)

    async def answer(request: Request) -> Response:
        return respond_tagged(request, page, {**NO_SNIFFING, "cache-control": KEPT_FOR_GOOD})

    return answer


def _shown(board: Board, kind: Kind[Any]) -> Endpoint:
    """Respond with a page for people."""

    async def answer(request: Request) -> Response:
        publication = board.latest
        if publication is None:
            first = Page.of(waiting_page(board.awaited, kind.here), HTML)
            return respond(request, first, {**HTML_HEADERS, "vary": "Accept-Encoding"}, status=503)
        visit = Visit(request.path_params, dict(request.query_params), request.scope.get(USER))
        page = publication.shelf.ready(kind, visit)
        if page is None:
            try:
                page = await asyncio.to_thread(publication.shelf.make, kind, visit)
            except NotFoundError as error:
                missing = Page.of(missing_page(str(error), kind.here), HTML)
                return respond(request, missing, {**HTML_HEADERS, "vary": "Accept-Encoding"}, status=404)
            except BusyError as error:
                busy = Page.of(busy_page(str(error), kind.here), HTML)
                headers = {**HTML_HEADERS, "vary": "Accept-Encoding", "retry-after": "2"}
                return respond(request, busy, headers, status=503)
            except MovedError as moved:
                return RedirectResponse(str(moved), 302, NO_SNIFFING)
        return respond_tagged(request, page, {**HTML_HEADERS})

    return answer
