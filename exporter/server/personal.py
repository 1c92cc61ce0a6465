"""Pages that differ between visitors, and the forms on them.

Such pages are never cached nor compressed: their size could reveal secrets next to typed text.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from exporter.errors import UserError, reason_of
from exporter.pages.answer import TOKEN, Form
from exporter.pages.site import HTML, Kind, MovedError, NotFoundError, Returned, Visit
from exporter.pages.waiting import missing_page, waiting_page
from exporter.server import asking
from exporter.server.auth import USER
from exporter.server.control import Endpoint
from exporter.server.desk import FOREIGN, TOO_OLD, Desk, give, place_of, session_of
from exporter.server.headers import HTML_HEADERS, NO_SNIFFING
from exporter.server.publication import Board
from exporter.server.responses import plain

KEPT_NOWHERE = {"cache-control": "no-store"}
UNKEPT = {**NO_SNIFFING, **KEPT_NOWHERE}
# From a page without referrers, browsers send forms with the origin `null`, as if from anywhere.
PERSONAL_HEADERS = {**HTML_HEADERS, **KEPT_NOWHERE, "referrer-policy": "same-origin"}


def personal_routes(
    board: Board, desk: Desk, kinds: Sequence[Kind[Any]], forms: Sequence[Form]
) -> list[Route]:
    """Return the routes of those ``kinds`` that are personal, and of the forms."""
    pages = [kind for kind in kinds if kind.is_personal]
    paths = {kind.path for kind in pages}
    return [
        *(Route(f"/{kind.path}", _showing(_Stand(board, desk, kind, kind.here))) for kind in pages),
        *(Route(f"/{form.path}", _taking(form, board, desk), methods=["POST"]) for form in forms),
        # A reload of the response to a rejected form.
        *(Route(f"/{form.path}", _back) for form in forms if form.path not in paths),
    ]


@dataclass(frozen=True, slots=True)
class _Stand:
    """A kind of page at its address; ``here`` leads from there to the feed's folder."""

    board: Board
    desk: Desk
    kind: Kind[Any]
    here: str

    async def show(self, request: Request, returned: Returned | None = None, status: int = 200) -> Response:
        """Respond with the page, rendered for this visitor."""
        publication = self.board.latest
        if publication is None:
            return _page(waiting_page(self.board.awaited, self.here), HTML, 503)
        session, is_new = session_of(request)
        token = self.desk.token(request, session)
        user = request.scope.get(USER)
        visit = Visit(request.path_params, dict(request.query_params), user, token, returned)
        try:
            page = await asyncio.to_thread(publication.shelf.make, self.kind, visit)
        except NotFoundError as error:
            return _page(missing_page(str(error), self.here), HTML, 404)
        except MovedError as moved:
            return RedirectResponse(str(moved), 302, UNKEPT)
        response = _page(page.body, page.content_type, status)
        if token and is_new:
            give(response, request, session)
        return response


def _page(body: bytes, content_type: str, status: int) -> Response:
    return Response(body, status, {**PERSONAL_HEADERS, "content-type": content_type})


def _showing(stand: _Stand) -> Endpoint:
    async def answer(request: Request) -> Response:
        return await stand.show(request)

    return answer


def _taking(form: Form, board: Board, desk: Desk) -> Endpoint:
    """Accept a form; if it is rejected, show it again with the reason and the input."""
    stand = _Stand(board, desk, form.page, form.here)

    async def answer(request: Request) -> Response:
        if (refused := _refusal(request, board, desk)) is not None:
            return refused
        try:
            typed = await asking.read_form(request)
        except UserError as error:
            return plain(f"{error}\n", asking.status_of(error), UNKEPT)
        token = typed.get(TOKEN, "")
        if not desk.knows(request, token):
            return await stand.show(request, Returned(TOO_OLD, typed), 403)
        try:
            recorded = await desk.take(form.read(request.path_params, typed), request, token)
        except UserError as error:
            return await stand.show(request, Returned(str(error), typed), 400)
        except OSError as error:
            reason = f"{reason_of(error)}."
            return await stand.show(request, Returned(reason, typed), 500)
        return RedirectResponse(place_of(recorded), 303, UNKEPT)

    return answer


def _refusal(request: Request, board: Board, desk: Desk) -> Response | None:
    """Reject before anything is read."""
    if board.latest is None:
        return plain(f"{board.awaited}\n", 503, UNKEPT)
    if (why := desk.refusal(request)) is not None:
        return plain(f"{why}\n", 403, UNKEPT)
    if asking.is_foreign(request):
        return plain(f"{FOREIGN}\n", 403, UNKEPT)
    if asking.media_type(request) != asking.FORM:
        return plain(f"Send {asking.FORM}.\n", 415, UNKEPT)
    return None


async def _back(request: Request) -> Response:
    """Redirect from a form's address to its page."""
    name = quote(request.scope["path"].split("/")[-2], safe="")
    return RedirectResponse(f"../{name}", 302, UNKEPT)
