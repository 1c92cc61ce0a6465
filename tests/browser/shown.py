"""A running exporter as people use it: with a browser, logged in if necessary."""

import base64
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from many import Feeds
from places import INCIDENT
from playwright.sync_api import Browser, BrowserContext, HttpCredentials, Page
from running import Exporter, fetch


@dataclass(frozen=True, slots=True)
class Shown:
    """A running exporter. ``feed`` is the folder of the feed that has incidents."""

    exporter: Exporter | Feeds
    feed: str = "/"
    login: HttpCredentials | None = None

    def address(self, path: str) -> str:
        """Return the full address of a page, with the id of the incident with a held day filled in."""
        if INCIDENT in path:
            path = path.replace(INCIDENT, self.incident()["id"])
        return f"http://127.0.0.1:{self.exporter.port}{path}"

    def ask(self, path: str) -> tuple[int, str]:
        """Return status and body of a response, without a browser."""
        request = urllib.request.Request(self.address(path))
        if self.login is not None:
            words = f"{self.login['username']}:{self.login['password']}".encode()
            request.add_header("authorization", f"Basic {base64.b64encode(words).decode()}")
        return fetch(request)

    def incident(self) -> dict[str, Any]:
        """Return the newest incident that holds a day, or otherwise the newest."""
        incidents = json.loads(self.ask(f"{self.feed}api/v1/report")[1])["incidents"]
        return max(incidents, key=lambda incident: (bool(incident["held"]), incident["last"]))


@contextmanager
def looking(chromium: Browser, shown: Shown, **options: Any) -> Iterator[Page]:
    """Open a separate window, logged in if necessary; ``options`` are those of a context."""
    settings = {"viewport": {"width": 1280, "height": 900}, **options}
    if shown.login is not None:
        settings["http_credentials"] = shown.login
    context: BrowserContext = chromium.new_context(**settings)
    context.set_default_timeout(15_000)
    try:
        yield context.new_page()
    finally:
        context.close()
