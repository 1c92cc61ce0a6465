"""The web configuration file: what it configures, and one line for each mistake."""

import re
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from exporter.errors import UserError
from exporter.server.web_config import load_web_config

HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"
TLS = "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes the file next to certificates, keys and an authority."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("other.example").private_key_pem.write_to_path(tmp_path / "other.pem")
    (tmp_path / "garbage.pem").write_text("no certificate\n")

    def write_file(text: str) -> Path:
        path = tmp_path / "web.yml"
        path.write_text(text)
        return path

    return write_file


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "tls_server_config:\nbasic_auth_users: {}\nhttp_server_config: {http2: true}\n"],
)
def test_an_empty_file_asks_for_nothing(write: Callable[[str], Path], text: str) -> None:
    """No TLS, no users, no headers."""
    config = load_web_config(write(text))
    assert (config.tls, dict(config.users), dict(config.headers)) == (None, {}, {})


def test_everything_together(write: Callable[[str], Path]) -> None:
    """Paths are relative to the file, and hashes are ready for comparison."""
    text = (
        f"{TLS}  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n"
        "  min_version: TLS13\n"
        f"basic_auth_users:\n  prometheus: {HASH}\n"
        "http_server_config:\n  headers:\n    X-Frame-Options: deny\n"
    )
    config = load_web_config(write(text))
    assert config.tls is not None
    assert config.tls.verify_mode is ssl.CERT_REQUIRED
    assert config.tls.minimum_version is ssl.TLSVersion.TLSv1_3
    assert config.users == {"prometheus": HASH.encode()}
    assert config.headers == {"X-Frame-Options": "deny"}


def test_tls_begins_at_1_2(write: Callable[[str], Path]) -> None:
    """By default older versions are off and clients need no certificate."""
    tls = load_web_config(write(TLS)).tls
    assert tls is not None
    assert (tls.minimum_version, tls.verify_mode) == (ssl.TLSVersion.TLSv1_2, ssl.CERT_NONE)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("basic_auth_user: {}\n", "basic_auth_user: unknown key, did you mean basic_auth_users?"),
        (TLS + "  ciphers: x\n", "tls_server_config.ciphers: unknown key"),
        (TLS + "  cipher_suites: []\n", "tls_server_config.cipher_suites: not supported by this exporter"),
        ("rate_limit: {}\n", "rate_limit: not supported by this exporter"),
        ("tls_server_config: {cert_file: cert.pem}\n", "tls_server_config.key_file: field required"),
        (TLS + "  min_version: TLS10\n", "tls_server_config.min_version: input should be 'TLS12' or 'TLS13'"),
        (
            TLS + "  min_version: TLS13\n  max_version: TLS12\n",
            "tls_server_config: min_version TLS13 is above max_version TLS12",
        ),
        (
            TLS + "  client_auth_type: RequireAnyClientCert\n",
            (
                "tls_server_config.client_auth_type: input should be "
                "'NoClientCert', 'VerifyClientCertIfGiven' or 'RequireAndVerifyClientCert'"
            ),
        ),
        (
            TLS + "  client_auth_type: RequireAndVerifyClientCert\n",
            "tls_server_config: client_auth_type RequireAndVerifyClientCert needs a client_ca_file",
        ),
        (
            TLS + "  client_ca_file: ca.pem\n",
            "tls_server_config: client_ca_file needs a client_auth_type that verifies",
        ),
        (
            "tls_server_config: {cert_file: cert.pem, key_file: other.pem}\n",
            (
                "tls_server_config: certificate and key are not matching PEM files, "
                "or the key has a passphrase"
            ),
        ),
        (
            "basic_auth_users: {ada: secret}\n",
            "basic_auth_users: the password of 'ada' is not a bcrypt hash; make one with htpasswd -nBC 10 ''",
        ),
        (
            f"basic_auth_users: {{ada: {HASH[:-1]}}}\n",
            "basic_auth_users: the password of 'ada' is not a bcrypt hash; make one with htpasswd -nBC 10 ''",
        ),
        (
            f"basic_auth_users: {{'a:b': {HASH}}}\n",
            "basic_auth_users: 'a:b' cannot be a user name: it must not be empty or contain a colon",
        ),
        (
            'tls_server_config: {cert_file: "a\\0", key_file: key.pem}\n',
            "tls_server_config.cert_file: no file can have this name",
        ),
        ("http_server_config: {h2: true}\n", "http_server_config.h2: unknown key"),
        ("- a\n", "the file must contain a mapping of keys"),
        ("a: [\n", "expected the node content, but found '<stream end>'"),
    ],
)
def test_a_mistake_is_one_line(write: Callable[[str], Path], text: str, problem: str) -> None:
    """The message names the file, the key and the reason."""
    path = write(text)
    with pytest.raises(UserError) as caught:
        load_web_config(path)
    assert re.sub(r":\d+(?=: )", "", str(caught.value), count=1) == f"{path}: {problem}"


@pytest.mark.parametrize(
    ("text", "key", "name"),
    [
        ("tls_server_config: {cert_file: absent.pem, key_file: key.pem}\n", "cert_file", "absent.pem"),
        ("tls_server_config: {cert_file: cert.pem, key_file: absent.pem}\n", "key_file", "absent.pem"),
        (
            TLS + "  client_ca_file: absent.pem\n  client_auth_type: VerifyClientCertIfGiven\n",
            "client_ca_file",
            "absent.pem",
        ),
    ],
)
def test_an_absent_file_is_named(write: Callable[[str], Path], text: str, key: str, name: str) -> None:
    """The message names the missing file."""
    path = write(text)
    with pytest.raises(UserError) as caught:
        load_web_config(path)
    missing = path.parent / name
    assert f": tls_server_config.{key}: {missing}: no such file or directory" in str(caught.value)


def test_garbage_is_not_an_authority(write: Callable[[str], Path]) -> None:
    """A file without a certificate cannot verify clients."""
    text = TLS + "  client_ca_file: garbage.pem\n  client_auth_type: VerifyClientCertIfGiven\n"
    with pytest.raises(UserError, match=r"client_ca_file: .*garbage\.pem contains no certificate"):
        load_web_config(write(text))


@pytest.mark.parametrize(
    "header", ["X-Powered-By: x", 'X-Frame-Options: "a\\nSet-Cookie: b"', "X-Frame-Options: ''"]
)
def test_only_plain_security_headers_are_accepted(write: Callable[[str], Path], header: str) -> None:
    """Other names are refused, and so are values that would split into two headers."""
    with pytest.raises(UserError, match=r"web\.yml:\d+: http_server_config\.headers\."):
        load_web_config(write(f"http_server_config:\n  headers:\n    {header}\n"))


def test_an_absent_web_file_is_one_line(tmp_path: Path) -> None:
    """The path and the reason are all it says."""
    path = tmp_path / "absent.yml"
    with pytest.raises(UserError) as caught:
        load_web_config(path)
    assert str(caught.value) == f"{path}: no such file or directory"
