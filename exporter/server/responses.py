"""Responses: a line of text, or a page that is compressed and has a tag if the client takes both."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from exporter.server.headers import NO_SNIFFING
from exporter.server.negotiation import accepts_gzip, entity_tag, is_unchanged
from exporter.server.publication import Page


def plain(line: str, status: int = 200, headers: Mapping[str, str] = NO_SNIFFING) -> Response:
    """Respond with a line of text. What it quotes of a request may be half a letter, as JSON can spell it."""
    return PlainTextResponse(line.encode("utf-8", "backslashreplace"), status, headers)


def respond(request: Request, page: Page, headers: dict[str, str], *, status: int = 200) -> Response:
    """Respond with a page, compressed if the client accepts that. ``headers`` are completed in place."""
    headers["content-type"] = page.content_type
    if not _wants_gzip(request):
        return Response(page.body, status, headers)
    headers["content-encoding"] = "gzip"
    return Response(page.gzip, status, headers)


def respond_tagged(request: Request, page: Page, headers: dict[str, str]) -> Response:
    """Respond with a page, or with 304 if the client already has it."""
    tag = entity_tag(page, compressed=_wants_gzip(request))
    headers |= {"etag": tag, "vary": "Accept-Encoding"}
    if is_unchanged(joined(request, "if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return respond(request, page, headers)


def joined(request: Request, name: str) -> str:
    """Return a header that may be sent on several lines."""
    return ",".join(request.headers.getlist(name))


def _wants_gzip(request: Request) -> bool:
    return accepts_gzip(joined(request, "accept-encoding"))
