"""In place of a gateway: folders as buckets, to be listed and read by those whose signature is right."""

import hashlib
import hmac
import os
import re
import signal
import sys
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

ROOT = Path(sys.argv[-1])
KEY, SECRET = os.environ["ROOT_ACCESS_KEY_ID"], os.environ["ROOT_SECRET_ACCESS_KEY"]
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)"
)


def is_signed(request: BaseHTTPRequestHandler) -> bool:
    """Say whether a request has the only user's signature (version 4)."""
    found = AUTHORIZATION.fullmatch(request.headers["Authorization"] or "")
    if found is None or found[1] != KEY:
        return False
    parts, names = urlsplit(request.path), found[3].split(";")
    query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
        for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True))
    )
    headers = "".join(f"{name}:{' '.join((request.headers[name] or '').split())}\n" for name in names)
    body = request.headers["x-amz-content-sha256"] or ""
    canonical = "\n".join([request.command, parts.path, query, headers, found[3], body])
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers["x-amz-date"] or "", found[2], digest])
    key = f"AWS4{SECRET}".encode()
    for word in found[2].split("/"):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), found[4])


def listed(bucket: Path, prefix: str, delimiter: str) -> Iterator[str]:
    """Yield the names of objects, and each folder once where they are to be cut at a delimiter."""
    folders = set()
    for path in sorted(path for path in bucket.rglob("*") if path.is_file()):
        name = path.relative_to(bucket).as_posix()
        if not name.startswith(prefix):
            continue
        rest, cut, _ = name.removeprefix(prefix).partition(delimiter) if delimiter else (name, "", "")
        if cut:
            folders.add(prefix + rest + cut)
            continue
        status = path.stat()
        time = formatdate(status.st_mtime, usegmt=True)
        yield (
            f"<Contents><Key>{escape(name)}</Key><Size>{status.st_size}</Size>"
            f"<LastModified>{iso(status.st_mtime)}</LastModified><ETag>{tag(status, time)}</ETag></Contents>"
        )
    for name in sorted(folders):
        yield f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"


def iso(seconds: float) -> str:
    """Return a time as listings have it."""
    from datetime import UTC, datetime  # noqa: PLC0415  only here

    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def tag(status: os.stat_result, time: str) -> str:
    """Return what changes with an object."""
    return hashlib.md5(f"{status.st_size} {time}".encode()).hexdigest()


class Objects(BaseHTTPRequestHandler):
    """Lists and reads."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path).strip("/").partition("/")
        place = (ROOT / bucket / key).resolve()
        if parts.path == "/health":
            self.answer(200, b"")
        elif not is_signed(self):
            self.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        elif not place.is_relative_to(ROOT) or not (ROOT / bucket).is_dir():
            self.answer(404, b"<Error><Code>NoSuchBucket</Code></Error>")
        elif not key:
            self.list(ROOT / bucket, dict(parse_qsl(parts.query)))
        elif place.is_file():
            self.send(place)
        else:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    do_HEAD = do_GET  # noqa: N815

    def do_PUT(self) -> None:
        """Refuse: it can only be read."""
        self.answer(403, b"<Error><Code>AccessDenied</Code></Error>")

    def list(self, bucket: Path, asked: dict[str, str]) -> None:
        """Send all names at once."""
        names = "".join(listed(bucket, asked.get("prefix", ""), asked.get("delimiter", "")))
        text = f"<ListBucketResult><IsTruncated>false</IsTruncated>{names}</ListBucketResult>"
        self.answer(200, text.encode())

    def send(self, path: Path) -> None:
        """Send a file or a range of it."""
        status, data = path.stat(), path.read_bytes()
        time = formatdate(status.st_mtime, usegmt=True)
        known = {"Last-Modified": time, "ETag": f'"{tag(status, time)}"', "Accept-Ranges": "bytes"}
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")
        if found is None:
            self.answer(200, data, **known)
            return
        start, end = int(found[1]), min(int(found[2] or len(data)), len(data) - 1)
        known["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
        self.answer(206, data[start : end + 1], **known)

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """Send an answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("", 7070), Objects).serve_forever()
