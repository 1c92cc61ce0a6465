"""The input of a request: whether it comes from another site's page, and its body, bounded."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import ClientDisconnect, Request

from exporter.errors import UserError

LONGEST_BODY = 10_000
MOST_FIELDS = 20
FORM = "application/x-www-form-urlencoded"


class TooLongError(UserError):
    """A body of more than ``LONGEST_BODY`` bytes."""


def status_of(error: UserError) -> int:
    """Return the status of the answer to a body that cannot be taken."""
    return 413 if isinstance(error, TooLongError) else 400


def is_foreign(request: Request) -> bool:
    """Whether a browser sends this for another site's page.

    Browsers omit Sec-Fetch-Site for plain http on a network, so Origin is checked as well.
    """
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return True
    origin = request.headers.get("origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc != request.headers.get("host")
    except ValueError:  # brackets that hold no address
        return True


def media_type(request: Request) -> str:
    """Return the body's media type, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_text(request: Request) -> str:
    """Return the body. Raises UserError if it is too long, ends early or is not UTF-8."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_BODY:
                raise TooLongError(f"more than {LONGEST_BODY} bytes")
    except ClientDisconnect:  # hung up, or too slow; nobody is left to read the response
        raise UserError("the request ended early") from None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"the body is not UTF-8, from byte {error.start} on") from None


async def read_form(request: Request) -> Mapping[str, str]:
    """Return a form's values by field name. Raises UserError."""
    text = await read_text(request)
    try:
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    except UnicodeDecodeError:
        raise UserError("the form is not UTF-8") from None
    except ValueError:
        raise UserError(f"more than {MOST_FIELDS} fields") from None
