"""The sink answers as the services do, keeps what it is sent, and shows it to a person."""

import json
import logging
import smtplib
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from alertmanager_server import Sink, run_a_sink
from prometheus_server import LOOPBACK
from running import call, fetch

from exporter.sink.inbox import Inbox
from exporter.sink.message import Channel

EVENT = {
    "routing_key": "a-very-secret-key",
    "event_action": "trigger",
    "dedup_key": "abc",
    "payload": {"summary": "Puffy 2025-03-07: 1 critical", "source": "x", "severity": "critical"},
}


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Run a sink on free ports."""
    with run_a_sink() as running:
        yield running


def post(sink: Sink, path: str, body: object) -> tuple[int, str]:
    """Send JSON, or bytes as they are; return status and answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return fetch(urllib.request.Request(f"http://{LOOPBACK}:{sink.http_port}{path}", content))


def get(sink: Sink, path: str) -> tuple[int, str]:
    """Read a page."""
    return fetch(urllib.request.Request(f"http://{LOOPBACK}:{sink.http_port}{path}"))


def test_slack_is_answered_ok(sink: Sink) -> None:
    """Alertmanager takes any other word than ok for a failure."""
    body = {"channel": "#a", "attachments": [{"title": "Puffy", "text": "*bad* <http://x/y|link>"}]}
    assert post(sink, "/services/T/B/X", body) == (200, "ok")
    page = get(sink, "/")[1]
    assert "<strong>bad</strong>" in page
    assert '<a href="http://x/y">link</a>' in page


def test_pagerduty_is_answered_as_events_v2_does(sink: Sink) -> None:
    """A good event is accepted with its key; one that PagerDuty would refuse is refused."""
    status, answer = post(sink, "/v2/enqueue", EVENT)
    assert status == 202
    assert json.loads(answer)["dedup_key"] == "abc"
    for fault in ({"routing_key": ""}, {"event_action": "shout"}, {"payload": {"summary": "s"}}):
        assert post(sink, "/v2/enqueue", EVENT | fault)[0] == 400
    assert post(sink, "/v2/enqueue", {"routing_key": "k", "event_action": "resolve"})[0] == 400
    assert len(sink.of(Channel.PAGERDUTY)) == 1
    assert "a-very-secret-key" not in get(sink, "/")[1], "the page shows the end of the key only"


def test_long_details_fold_and_addresses_are_links(sink: Sink) -> None:
    """The page stays readable where Alertmanager adds each alert in full, and the silence is a click away."""
    silence = f"http://localhost:9093/#/silences/new?filter={'x' * 80}"
    details = {"findings": f"<b> Silence: {silence}", "firing": [{"labels": {"check": "a"}}]}
    post(sink, "/v2/enqueue", EVENT | {"payload": EVENT["payload"] | {"custom_details": details}})
    page = get(sink, "/")[1]
    assert f'<a href="{silence}">{silence[:60]}…</a>' in page
    assert "&lt;b&gt; Silence" in page
    assert '<a href="messages/1">As received</a>' in page
    assert "<summary>As received</summary>" in get(sink, "/messages/1")[1]


def test_a_mail_is_kept_as_a_person_reads_it(sink: Sink) -> None:
    """Subject and text are decoded; the recipients are those of the envelope."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.com", "b@example.com", "Puffy — critical"
    mail.set_content("Größe <b>\n")
    with smtplib.SMTP(LOOPBACK, sink.mail_port, timeout=5) as server:
        server.send_message(mail)
    (message,) = sink.of(Channel.EMAIL)
    assert message.body["subject"] == "Puffy — critical"
    assert message.body["text"].strip() == "Größe <b>"
    assert message.body["to"] == ["b@example.com"]
    assert "Größe &lt;b&gt;" in get(sink, "/?channel=email")[1]


def test_a_mail_session_is_not_logged_line_by_line(caplog: pytest.LogCaptureFixture) -> None:
    """Neither while it lasts nor when a client is still connected at the end."""
    with caplog.at_level(logging.INFO), run_a_sink() as sink:
        server = smtplib.SMTP(LOOPBACK, sink.mail_port, timeout=5)
        server.noop()
    server.close()
    assert not [record for record in caplog.records if record.name.startswith("mail")]


def test_what_is_no_json_or_too_large_is_refused(sink: Sink) -> None:
    """Bad input gets an answer and is not kept."""
    assert post(sink, "/webhook", b"{")[0] == 400
    assert post(sink, "/services/x", [1])[0] == 400
    assert post(sink, "/webhook/a", b'"' + b"x" * (1 << 20) + b'"')[0] == 413
    for body in (b"NaN", b"[-Infinity]", b"1e999", b"\xff", b"[" * 70 + b"]" * 70, b"[" * 100_000):
        assert post(sink, "/webhook", body) == (400, "no_json")
    assert get(sink, "/?channel=fax")[0] == 404
    assert get(sink, "/api/messages?channel=fax")[0] == 404
    assert sink.inbox.newest() == []


def test_messages_are_told_as_json_newest_first(sink: Sink) -> None:
    """The API gives every message as received, of one channel or of all."""
    for number in range(3):
        assert post(sink, "/webhook/heartbeat", {"number": number})[0] == 200
    document = json.loads(get(sink, "/api/messages?channel=webhook")[1])
    assert [message["body"]["number"] for message in document["messages"]] == [2, 1, 0]
    assert document["received"] == {"slack": 0, "pagerduty": 0, "email": 0, "webhook": 3}
    assert get(sink, "/-/healthy")[0] == 200


@pytest.mark.parametrize("body", [{}, {"attachments": "x", "text": 3}, {"attachments": [1, {"actions": 2}]}])
def test_a_strange_message_breaks_no_page(sink: Sink, body: object) -> None:
    """What is not understood is shown without what cannot be shown."""
    post(sink, "/services/x", body)
    post(sink, "/webhook", [body])
    post(sink, "/v2/enqueue", EVENT | {"links": "no list", "client_url": "javascript:alert(1)"})
    status, page = get(sink, "/")
    assert status == 200
    assert "javascript" not in page
    assert [get(sink, f"/messages/{number}")[0] for number in (1, 2, 3)] == [200, 200, 200]


def test_half_a_letter_breaks_no_page(sink: Sink) -> None:
    """JSON can name one, a page cannot hold it."""
    assert post(sink, "/webhook", b'{"alerts": [{"labels": {"alertname": "\\ud800 late"}}]}') == (200, "ok")
    assert post(sink, "/v2/enqueue", json.dumps(EVENT | {"dedup_key": "\ud800"}).encode())[0] == 202
    assert "? late" in get(sink, "/")[1]
    assert (
        json.loads(get(sink, "/api/messages?channel=pagerduty")[1])["messages"][0]["body"]["dedup_key"] == "?"
    )


@pytest.mark.parametrize("number", ["0", "2", "-1", "a", "1" * 5000, "%ff", "1/"])
def test_a_number_without_a_message_is_not_found(sink: Sink, number: str) -> None:
    """However long it is."""
    post(sink, "/webhook", {})
    assert get(sink, "/messages/1")[0] == 200
    assert get(sink, f"/messages/{number}")[0] == 404


def test_a_full_channel_drops_its_oldest_and_no_other() -> None:
    """A heartbeat every minute pushes out no page."""
    inbox = Inbox(kept=2)
    inbox.add(Channel.PAGERDUTY, "/", {})
    for _ in range(5):
        inbox.add(Channel.WEBHOOK, "/", {})
    assert [message.number for message in inbox.newest()] == [6, 5, 1]
    assert inbox.received()[Channel.WEBHOOK] == 5


def test_an_address_in_use_is_one_line(sink: Sink) -> None:
    """A port that is taken is told without a traceback."""
    found = call("sink", "--http.listen-address", f"{LOOPBACK}:{sink.http_port}", "--smtp.listen-address", "")
    assert found.returncode == 1
    assert found.stderr.count("\n") == 1
    assert "in use" in found.stderr


def test_mails_need_their_library() -> None:
    """Without the extra the line says what to install."""
    program = "import sys; sys.modules['aiosmtpd'] = None; from exporter.cli import main; sys.exit(main())"
    found = subprocess.run(
        [sys.executable, "-c", program, "sink"], capture_output=True, text=True, timeout=30, check=False
    )
    assert found.returncode == 1
    assert "puffy-exporter[sink]" in found.stderr
