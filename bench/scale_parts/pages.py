"""Pages of many feeds, derived from the real page of one, and served compressed like the exporter's."""

import gzip
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import many_feeds
import rules

DAYS = 35
TOGETHER = 50  # feeds on a page, as in an exporter of fifty feeds


def one_feed(kind: str) -> str:
    """Return a page with one feed of 35 days."""
    if kind == "events":
        return rules.page(1, DAYS).decode()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "contracts").mkdir()
        many_feeds.write_feed(folder, 0, DAYS, 200)
        process, port, _ = many_feeds.serve(folder, folder / "log")
        try:
            while many_feeds.get(port, "/-/ready")[0] != 200:
                pass
            return gzip.decompress(many_feeds.get(port, "/metrics")[1]).decode()
        finally:
            process.terminate()
            process.wait()


def samples(page: str) -> list[str]:
    """Return the lines of a page that are samples of a feed."""
    return [line for line in page.splitlines() if not line.startswith("#") and 'feed="' in line]


def pages(page: str, feeds: int) -> dict[str, bytes]:
    """Return compressed pages of fifty feeds each, by path."""
    names = [f"feed-{number:05}" for number in range(feeds)]
    split = [names[at : at + TOGETHER] for at in range(0, feeds, TOGETHER)]
    return {f"/metrics/{number}": gzip.compress(_page(page, some), 1) for number, some in enumerate(split)}


def _page(page: str, names: list[str]) -> bytes:
    lines = []
    for line in page.splitlines():
        if line.startswith("#"):
            lines.append(line)
        elif 'feed="' in line:
            before, after = re.split(r'(?<=feed=")[^"]*', line, maxsplit=1)
            lines += [f"{before}{name}{after}" for name in names]
    return ("\n".join(lines) + "\n").encode()


@contextmanager
def serve(bodies: dict[str, bytes]) -> Iterator[int]:
    """Serve compressed bodies by path on the loopback interface; yield the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = bodies[self.path]
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
