"""The page shown until there is something to show, or if there is no such page."""

from exporter.pages.html import render


def waiting_page(why: str, root: str = "") -> bytes:
    """Return what is shown until the first pass is over; ``why`` there is nothing yet."""
    return render("waiting.html", why=why, root=root)


def busy_page(why: str, root: str) -> bytes:
    """Return the page shown while another one is being made."""
    return render("busy.html", why=why, root=root)


def missing_page(why: str, root: str) -> bytes:
    """Return what is shown for an address that leads nowhere."""
    return render("missing.html", why=why, root=root)
