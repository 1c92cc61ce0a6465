"""Installing the locked packages: uv uses the registries configured for pip, or pip itself installs."""

import runpy
from collections.abc import Callable, Mapping

import pytest
from golden import ROOT

INSTALL = runpy.run_path(str(ROOT / "requirements" / "install.py"))
for_uv: Callable[[str], dict[str, str] | None] = INSTALL["for_uv"]
locked: Callable[[str, str], str] = INSTALL["locked"]
ALWAYS = {"UV_INDEX_STRATEGY": "unsafe-best-match"}


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ("", {}),
        ("global.timeout='60'\ndownload.proxy='http://p'\n", {}),
        ("global.index-url='https://a/simple'", {"UV_DEFAULT_INDEX": "https://a/simple"}),
        (
            ":env:.index-url='https://mine'\nglobal.index-url='https://all'\ninstall.index-url='https://some'",
            {"UV_DEFAULT_INDEX": "https://mine"},
        ),
        (
            "global.extra-index-url='https://a\\nfile:///b/simple'\nglobal.find-links='/c /d'",
            {"UV_INDEX": "https://a file:///b/simple", "UV_FIND_LINKS": "/c,/d"},
        ),
        (":env:.cert='/ca.pem'", {"SSL_CERT_FILE": "/ca.pem"}),
    ],
)
def test_uv_uses_the_registries_that_pip_uses(listed: str, found: Mapping[str, str]) -> None:
    """The environment counts before a command's section, that before what is said for all."""
    assert for_uv(listed) == ALWAYS | found


@pytest.mark.parametrize("name", ["proxy", "client-cert", "trusted-host", "no-index"])
def test_of_what_is_not_handed_on_pip_takes_care(name: str) -> None:
    """Else uv might ask another registry than the one that was configured."""
    assert for_uv(f"global.index-url='https://a'\nglobal.{name}='x'") is None


def test_uv_itself_is_installed_by_version_and_hash() -> None:
    """Of the lock, and nothing else with it."""
    lines = locked("uv", (ROOT / "requirements" / "dev.txt").read_text()).splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 5
    assert all("--hash=sha256:" in line for line in lines[1:])
    assert not lines[-1].endswith("\\")
