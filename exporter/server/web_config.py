"""The web configuration file in the format of Prometheus' exporter-toolkit: TLS, basic auth and headers.

https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
"""

import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from exporter.document import read_document
from exporter.errors import reason_of
from exporter.strict import Problem, Strict

BCRYPT_HASH = re.compile(r"\$2[abxy]\$(?:0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}")

# Supported by the toolkit but not by this server: ignoring them could weaken security.
UNSUPPORTED = frozenset(
    {
        "tls_server_config.cert",
        "tls_server_config.key",
        "tls_server_config.client_ca",
        "tls_server_config.client_allowed_sans",
        "tls_server_config.cipher_suites",
        "tls_server_config.prefer_server_cipher_suites",
        "tls_server_config.curve_preferences",
        "rate_limit",
    }
)

Version = Literal["TLS12", "TLS13"]
VERSIONS: Mapping[Version, ssl.TLSVersion] = {
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}
# The toolkit's two types that request a certificate without verifying it do not exist in Python.
ClientAuth = Literal["NoClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"]
CLIENT_AUTH: Mapping[ClientAuth, ssl.VerifyMode] = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
HeaderName = Literal[
    "Content-Security-Policy",
    "X-Frame-Options",
    "X-Content-Type-Options",
    "X-XSS-Protection",
    "Strict-Transport-Security",
]
HeaderValue = Annotated[str, Field(pattern=r"^[\x20-\x7e]+$")]


@dataclass(frozen=True, slots=True)
class WebConfig:
    """How to serve: TLS, bcrypt hashes by user name, header values by name. Empty means without."""

    tls: ssl.SSLContext | None = None
    users: Mapping[str, bytes] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class _TlsSpec(Strict):
    cert_file: Path
    key_file: Path
    client_ca_file: Path | None = None
    client_auth_type: ClientAuth = "NoClientCert"
    min_version: Version = "TLS12"
    max_version: Version = "TLS13"

    @model_validator(mode="after")
    def _agree(self) -> "_TlsSpec":
        if self.client_ca_file is None and self.client_auth_type != "NoClientCert":
            raise ValueError(f"client_auth_type {self.client_auth_type} needs a client_ca_file")
        if self.client_ca_file is not None and self.client_auth_type == "NoClientCert":
            raise ValueError("client_ca_file needs a client_auth_type that verifies")
        if self.min_version > self.max_version:
            raise ValueError(f"min_version {self.min_version} is above max_version {self.max_version}")
        return self


class _HttpSpec(Strict):
    http2: bool = True  # accepted for compatibility: this server speaks HTTP/1.1, like every scraper
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)


class _WebSpec(Strict):
    tls_server_config: _TlsSpec | None = None
    http_server_config: _HttpSpec | None = None
    basic_auth_users: dict[str, str] | None = None

    @field_validator("basic_auth_users")
    @classmethod
    def _check_users(cls, users: dict[str, str] | None) -> dict[str, str] | None:
        for user, hashed in (users or {}).items():
            if not user or ":" in user:
                raise ValueError(f"{user!r} cannot be a user name: it must not be empty or contain a colon")
            if not BCRYPT_HASH.fullmatch(hashed):
                raise ValueError(
                    f"the password of {user!r} is not a bcrypt hash; make one with htpasswd -nBC 10 ''"
                )
        return users


def load_web_config(path: Path) -> WebConfig:
    """Read the file and its certificates, whose paths are relative to it.

    Raises InvalidFileError with file, line, key and reason of every mistake.
    """
    document = read_document(path)
    unsupported = list(_unsupported(document.value))
    if unsupported:
        raise document.refuse(unsupported)
    spec = document.validate(_WebSpec)
    users = {user: hashed.encode("ascii") for user, hashed in (spec.basic_auth_users or {}).items()}
    http = spec.http_server_config or _HttpSpec()
    try:
        tls = _build_context(path.parent, spec.tls_server_config) if spec.tls_server_config else None
    except _TlsError as error:
        raise document.refuse([error.problem]) from None
    return WebConfig(tls, users, {str(name): value for name, value in http.headers.items()})


class _TlsError(Exception):
    def __init__(self, reason: str, *key: str) -> None:
        super().__init__(reason)
        self.problem = Problem(("tls_server_config", *key), reason)


def _unsupported(written: Mapping[str, Any]) -> Iterator[Problem]:
    section = written.get("tls_server_config")
    below = section if isinstance(section, Mapping) else ()
    for place in [(key,) for key in written] + [("tls_server_config", key) for key in below]:
        problem = Problem(place, "not supported by this exporter")
        if problem.key in UNSUPPORTED:
            yield problem


def _build_context(folder: Path, spec: _TlsSpec) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = VERSIONS[spec.min_version]
    context.maximum_version = VERSIONS[spec.max_version]
    context.verify_mode = CLIENT_AUTH[spec.client_auth_type]
    cert = _find(folder, "cert_file", spec.cert_file)
    key = _find(folder, "key_file", spec.key_file)
    try:
        context.load_cert_chain(cert, key, password=lambda: "")  # otherwise OpenSSL asks on the terminal
    except (ssl.SSLError, ValueError):
        raise _TlsError(
            "certificate and key are not matching PEM files, or the key has a passphrase"
        ) from None
    if spec.client_ca_file is not None:
        authority = _find(folder, "client_ca_file", spec.client_ca_file)
        try:
            context.load_verify_locations(authority)
        except (ssl.SSLError, ValueError):
            raise _TlsError(f"{authority} contains no certificate", "client_ca_file") from None
    return context


def _find(folder: Path, key: str, named: Path) -> Path:
    """Return the file after checking it: errors of the ssl module do not name the file."""
    found = folder / named
    try:
        found.open("rb").close()
    except OSError as error:
        raise _TlsError(f"{found}: {reason_of(error)}", key) from None
    except ValueError:
        raise _TlsError("no file can have this name", key) from None
    return found
