"""Which referrers are synthetic."""

import pytest

from exporter.profiling.referrer import is_synthetic


@pytest.mark.parametrize(
    "url",
    [
        "https://source-0a1b2c3d.com",
        "https://source-0a1b2c3d.com/",
        "HTTP://SOURCE-0A1B2C3D.COM/path?q#f",
        "android-app://source-ffffffff.com:8443/x",
        "https://user:pass@source-0a1b2c3d.com?x",
        "  https://source-0a1b2c3d.com#x  ",
        "source-0a1b2c3d.com",
        "source-0a1b2c3d.com/x?y",
        "//source-0a1b2c3d.com",
        "source-0a1b2c3d.com\\x",
        "https://source-0a1b2c3d.com:99999/",
        "https://source-0a1b2c3d.com://x",
    ],
)
def test_a_host_of_the_pattern_is_synthetic(url: str) -> None:
    """Scheme, case, port, user and path do not matter; as in browsers, a backslash ends the host."""
    assert is_synthetic(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x@source-0a1b2c3d.com",
        "/source-0a1b2c3d.com",
        "source-0a1b2c3d.community",
        "https://source-0a1b2c3.com/",
        "https://source-0a1b2c3de.com/",
        "https://source-0a1b2c3g.com/",
        "https://www.source-0a1b2c3d.com/",
        "https://source-0a1b2c3d.com.example/",
        "https://source-0a1b2c3d.org/",
        "https://shop.example/https://source-0a1b2c3d.com/",
        "https://shop.example/?u=x@source-0a1b2c3d.com/",
        "https://source-0a1b2c3d.com:port/",
        "https:\\\\source-0a1b2c3d.com/",
        "source-0a1b2c3d.com://shop.example/",  # a scheme
    ],
)
def test_any_other_host_is_not(url: str) -> None:
    """Hosts that contain the pattern, or URLs that name it elsewhere, are real referrers."""
    assert not is_synthetic(url)
