"""Acknowledgements: incidents over HTTP, days on the command line, retried until accepted."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from prometheus_server import LOOPBACK
from running import COMMAND, clean_environment

from exporter.gate.answer import read_book
from exporter.gate.entry import Acknowledged, StandingAcknowledgement
from trials.soak.journal import Journal
from trials.soak.processes import Setup
from trials.soak.troubles import Answer

AGAIN_SECONDS = 1.0
GIVE_UP = 180.0
NAME = "Ann"


def acknowledge(setup: Setup, answer: Answer, journal: Journal) -> None:
    """Acknowledge, and record whether it was confirmed.

    Without a confirmation the audit log is checked, because nobody acknowledges twice.
    """
    until, tries = time.monotonic() + GIVE_UP, 0
    refusal: str | None = "never tried"
    while refusal is not None and time.monotonic() < until:
        tries += 1
        refusal = _post(setup, answer) if answer.incident else _command(setup, answer)
        if refusal is not None:
            if answer.reason in reasons(setup.output / answer.feed):
                break
            time.sleep(AGAIN_SECONDS)
    known = {"reason": answer.reason, "feed": answer.feed, "confirmed": refusal is None, "tries": tries}
    journal.note("answered", **known, refusal=refusal or "")


def reasons(output: Path) -> set[str]:
    """Return the reasons of all acknowledgements in the audit log of a feed's folder."""
    entries = read_book(output).entries
    return {entry.reason for entry in entries if isinstance(entry, Acknowledged | StandingAcknowledgement)}


def _post(setup: Setup, answer: Answer) -> str | None:
    """Acknowledge an incident including later days; return why it was not confirmed, ``None`` if it was."""
    fields = {"incident": answer.incident, "by": NAME, "reason": answer.reason, "standing": True}
    request = urllib.request.Request(
        f"http://{LOOPBACK}:{setup.ports['exporter']}/feeds/{answer.feed}/api/v1/gate/ack",
        json.dumps(fields).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10):
            return None
    except urllib.error.HTTPError as error:
        with error:
            return error.read().decode()
    except OSError as error:
        return str(error)


def _command(setup: Setup, answer: Answer) -> str | None:
    """Acknowledge a day; return why it was not confirmed, ``None`` if it was."""
    words = ["gate", "ack", str(answer.partition), "--by", NAME, "--reason", answer.reason]
    places = [
        f"--feed.file={setup.folder / 'contracts' / answer.feed}.yaml",
        f"--output.dir={setup.output / answer.feed}",
        f"--config.file={setup.folder / 'puffy.yml'}",
    ]
    environment = clean_environment() | dict(setup.clocked)
    done = subprocess.run(
        [*COMMAND, *words, *places], env=environment, capture_output=True, text=True, check=False
    )
    return None if done.returncode == 0 else done.stderr
