"""In place of Slack, PagerDuty and the heartbeat service: tells on stdout what it is posted, over TLS."""

import json
import signal
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACCEPTED = {"events.pagerduty.com": (202, b'{"status":"success"}')}


class Recorder(BaseHTTPRequestHandler):
    """Keeps nothing: what is printed stands in the container's log."""

    def do_POST(self) -> None:
        """Tell, and answer as the service would."""
        host = str(self.headers["Host"]).partition(":")[0]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        line = {
            "host": host,
            "path": self.path,
            "token": self.headers["Authorization"],
            "body": json.loads(body),
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        status, answer = ACCEPTED.get(host, (200, b"ok"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/certificates/server.pem")
server = ThreadingHTTPServer(("", 443), Recorder)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
