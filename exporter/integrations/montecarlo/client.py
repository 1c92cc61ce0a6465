"""The official SDK behind one function. Only the process of a push imports this module."""

import contextlib
import http
import io
import os
from collections.abc import Callable
from typing import Any

from exporter.errors import UserError
from exporter.integrations.delivery import RefusedError, UnavailableError
from exporter.integrations.settings import Credentials, MonteCarlo

Post = Callable[[str, dict[str, Any]], str | None]  # path and body -> invocation id

MOST_OF_ANSWER = 300  # characters of a refusal that are shown
FIRST_WAIT_SHARE = 1 / 16  # the longest wait: five waits between six attempts


def connect(settings: MonteCarlo, credentials: Credentials) -> Post:
    """Return a function that posts one body with retries; it raises RefusedError or UnavailableError."""
    sdk = _load()
    session = sdk.Session(
        mcd_id=credentials.key_id, mcd_token=credentials.token, endpoint=settings.endpoint, scope="Ingestion"
    )
    session.endpoint = settings.endpoint  # in the SDK MCD_API_ENDPOINT overrides its arguments
    client = sdk.Client(session=session)

    def post(path: str, body: dict[str, Any]) -> str | None:
        backoff = sdk.Backoff(settings.longest_wait_seconds * FIRST_WAIT_SHARE, settings.longest_wait_seconds)
        try:
            answer = client.make_request(
                path,
                body=body,
                retry_backoff=backoff,
                timeout_in_seconds=settings.timeout_seconds,
                should_retry=lambda error: _is_passing(error, sdk),
            )
        except sdk.HTTPError as error:
            raise _explain(error, credentials) from None
        except sdk.Timeout:
            raise UnavailableError(
                f"Monte Carlo did not answer within {settings.timeout_seconds:g} s"
            ) from None
        except sdk.RequestException as error:
            raise UnavailableError(f"Monte Carlo cannot be reached: {_reason(error)}") from None
        invocation: str | None = sdk.IngestionService.extract_invocation_id(answer)
        return invocation

    return post


def _load() -> Any:
    os.environ.pop("MCD_API_ENDPOINT", None)  # read at import, for both of its hosts alike
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # it complains about its own enumerations
            from exporter.integrations.montecarlo import sdk  # noqa: PLC0415  half a second and 60 MB
    except ImportError:
        raise UserError(
            "Monte Carlo's SDK is not installed: pip install 'puffy-exporter[montecarlo]'"
        ) from None
    return sdk


def _is_passing(error: Exception, sdk: Any) -> bool:
    if isinstance(error, sdk.HTTPError):
        status = error.response.status_code
        return bool(
            status >= http.HTTPStatus.INTERNAL_SERVER_ERROR or status == http.HTTPStatus.TOO_MANY_REQUESTS
        )
    return isinstance(error, sdk.Timeout)


def _explain(error: Any, credentials: Credentials) -> UserError:
    status = error.response.status_code
    said = " ".join(error.response.text.split())[:MOST_OF_ANSWER]
    for secret in (credentials.token, credentials.key_id):
        said = said.replace(secret, "***")
    line = f"Monte Carlo answered {status} {error.response.reason}" + (f": {said}" if said else "")
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR or status == http.HTTPStatus.TOO_MANY_REQUESTS:
        return UnavailableError(line)
    keys = {http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN}
    return RefusedError(line, everything=status in keys)


def _reason(error: Exception) -> str:
    """Return the innermost reason: the outer ones are wrappers with addresses of objects in them."""
    inner: BaseException = error
    while inner.__context__ is not None:
        inner = inner.__context__
    text = getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
    return f"{type(inner).__name__}: {text}" if not isinstance(inner, OSError) else str(text).lower()
