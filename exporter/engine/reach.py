"""Whether anybody listens at a scheduler's address, and whether certificates are accepted on both sides.

Dask itself would try again and again, and then say no more than that it timed out.
"""

import socket
import ssl
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from exporter.engine.engine import EngineError
from exporter.engine.settings import Tls
from exporter.errors import reason_of

REACH_SECONDS = 3.0  # for a connection to come about
REFUSAL_SECONDS = 0.5  # in which a refusal of this side's certificate arrives, after this side has finished
NO_CERTIFICATES = "tls:// needs engine.tls with ca_file and cert_file, or Dask's own configuration with both"


def security_of(address: str, tls: Tls) -> Any:
    """Return Dask's description of the certificates, ``None`` for an address without TLS.

    Where no file is named, Dask's own configuration counts. Raises EngineError.
    """
    if urlsplit(address).scheme != "tls":
        return None
    names = {"tls_ca_file": tls.ca_file, "tls_client_cert": tls.cert_file, "tls_client_key": tls.key_file}
    written = {name: str(path) for name, path in names.items() if path is not None}
    for path in written.values():
        try:
            with open(path, "rb"):  # noqa: PTH123  nothing of it is needed
                pass
        except OSError as error:
            raise EngineError(f"{path}: {words_of(error)}") from None
    return import_module("distributed").Security(require_encryption=True, **written)


def reach(address: str, security: Any) -> None:
    """Connect once, and shake hands where there is TLS. Raises EngineError with the reason."""
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname, parts.port), REACH_SECONDS) as connection:
            if security is not None:
                _shake_hands(connection, _context(security))
    except OSError as error:
        raise EngineError(words_of(error)) from None


def words_of(error: BaseException) -> str:
    """Return an error in a few words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason:
        what = (
            error.reason.removeprefix("TLSV1_ALERT_").removeprefix("TLSV13_ALERT_").replace("_", " ").lower()
        )
        return f"it refuses the connection: {what}" if "ALERT" in error.reason else f"TLS failed: {what}"
    said = reason_of(error) if isinstance(error, OSError) and error.strerror else str(error)
    line = " ".join(said.split()) or type(error).__name__
    return line[:200]


def _context(security: Any) -> ssl.SSLContext:
    try:
        context = security.get_connection_args("client")["ssl_context"]
    except OSError as error:
        raise EngineError(f"engine.tls: {words_of(error)}") from None
    if context is None:
        raise EngineError(NO_CERTIFICATES)
    found: ssl.SSLContext = context
    return found


def _shake_hands(connection: socket.socket, context: ssl.SSLContext) -> None:
    with context.wrap_socket(connection) as wrapped:
        wrapped.settimeout(REFUSAL_SECONDS)
        try:
            wrapped.recv(1)
        except TimeoutError:
            return  # a scheduler that accepts waits for the client to begin
