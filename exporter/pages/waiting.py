"""The pages shown while there is nothing to show yet, or if there is no such page."""

from exporter.pages.html import render


def waiting_page(why: str, root: str = "") -> bytes:
    """Return the page shown until the first pass is over; ``why`` there is nothing yet."""
    return render("waiting.html", why=why, root=root)


def busy_page(why: str, root: str) -> bytes:
    """Return the page shown while another one is being made."""
    return render("busy.html", why=why, root=root)


def missing_page(why: str, root: str) -> bytes:
    """Return the page for an unknown address."""
    return render("missing.html", why=why, root=root)
