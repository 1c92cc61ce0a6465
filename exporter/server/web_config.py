"""The web configuration file in the format of Prometheus' exporter-toolkit: TLS, basic auth and headers.

https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
"""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from exporter.errors import UserError
from exporter.strict import Strict, first_problem

BCRYPT_HASH = re.compile(r"\$2[abxy]\$(?:0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}")

# Known to the toolkit and not to this server: passing over them could weaken what was asked for.
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
# The toolkit's two that ask for a certificate without verifying it have no counterpart in Python.
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
    http2: bool = True  # accepted for the file's sake: this server speaks HTTP/1.1, which every scraper does
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
                raise ValueError(f"{user!r} cannot be a user name: it must not be empty or hold a colon")
            if not BCRYPT_HASH.fullmatch(hashed):
                raise ValueError(
                    f"the password of {user!r} is no bcrypt hash, make one with htpasswd -nBC 10 ''"
                )
        return users


def load_web_config(path: Path) -> WebConfig:
    """Read the file and the certificates that it names, relative to itself.

    Raises UserError with file, key and reason in one line.
    """
    written = _read(path)
    _refuse_unsupported(path, written)
    try:
        spec = _WebSpec.model_validate(written)
    except ValidationError as error:
        key, reason = first_problem(error, _WebSpec)
        raise _problem(path, key, reason) from None
    users = {user: hashed.encode("ascii") for user, hashed in (spec.basic_auth_users or {}).items()}
    http = spec.http_server_config or _HttpSpec()
    tls = _build_context(path, spec.tls_server_config) if spec.tls_server_config else None
    return WebConfig(tls, users, {str(name): value for name, value in http.headers.items()})


def _problem(path: Path, key: str, reason: str) -> UserError:
    return UserError(": ".join(part for part in (str(path), key, reason) if part))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _problem(path, "", _reason(error)) from None
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise _problem(path, line, error.problem or "not YAML") from None
    except (yaml.YAMLError, ValueError) as error:
        raise _problem(path, "", " ".join(str(error).split())) from None
    if written is not None and not isinstance(written, Mapping):
        raise _problem(path, "", "the file must hold a mapping of keys")
    return written or {}


def _refuse_unsupported(path: Path, written: Mapping[str, Any]) -> None:
    section = written.get("tls_server_config")
    keys = [
        *written,
        *(f"tls_server_config.{key}" for key in (section if isinstance(section, Mapping) else ())),
    ]
    for key in keys:
        if key in UNSUPPORTED:
            raise _problem(path, key, "not supported by this exporter")


def _build_context(path: Path, spec: _TlsSpec) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = VERSIONS[spec.min_version]
    context.maximum_version = VERSIONS[spec.max_version]
    context.verify_mode = CLIENT_AUTH[spec.client_auth_type]
    cert = _find(path, "cert_file", spec.cert_file)
    key = _find(path, "key_file", spec.key_file)
    try:
        context.load_cert_chain(cert, key, password=lambda: "")  # without, OpenSSL asks on the terminal
    except (ssl.SSLError, ValueError):
        reason = "certificate and key are no PEM files that belong together, or the key has a passphrase"
        raise _problem(path, "tls_server_config", reason) from None
    if spec.client_ca_file is not None:
        authority = _find(path, "client_ca_file", spec.client_ca_file)
        try:
            context.load_verify_locations(authority)
        except (ssl.SSLError, ValueError):
            raise _problem(
                path, "tls_server_config.client_ca_file", f"{authority} holds no certificate"
            ) from None
    return context


def _find(path: Path, key: str, named: Path) -> Path:
    """Return the file, tried: the ssl module's own errors do not say which file they are about."""
    found = path.parent / named
    try:
        found.open("rb").close()
    except OSError as error:
        raise _problem(path, f"tls_server_config.{key}", f"{found}: {_reason(error)}") from None
    return found


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
