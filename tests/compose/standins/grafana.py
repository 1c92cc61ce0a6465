"""In place of Grafana: healthy where its user can read and write what Grafana would."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

READ = (
    "/etc/grafana/dashboards/puffy-overview.json",
    "/etc/grafana/provisioning/datasources/puffy.yml",
    "/etc/grafana/provisioning/alerting/rules.yml",
    os.environ["GF_SECURITY_ADMIN_PASSWORD__FILE"],
    os.environ["GF_SMTP_PASSWORD__FILE"],
    "/run/secrets/slack_data_engineering_url",
)
WRITTEN = ("/var/lib/grafana", "/tmp")


def lacking() -> list[str]:
    """Return what cannot be read or written."""
    return [path for path in READ if not os.access(path, os.R_OK)] + [
        path for path in WRITTEN if not os.access(path, os.W_OK)
    ]


class Answers(BaseHTTPRequestHandler):
    """Health for the health check, an empty page for Prometheus."""

    def do_GET(self) -> None:
        """Answer."""
        absent = lacking() if self.path == "/api/health" else []
        self.send_response(503 if absent else 200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write("\n".join(absent).encode())

    def do_HEAD(self) -> None:
        """Answer without a body."""
        self.do_GET()


Path("/var/lib/grafana/stand-in").touch()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("", 3000), Answers).serve_forever()
