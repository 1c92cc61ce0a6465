"""``GATE_CLOSED``: the gate for jobs that can only check whether a file exists."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exporter.durable import replace_file
from exporter.errors import reason_of
from exporter.gate.entry import Held
from exporter.gate.gate import Status
from exporter.gate.line import write_time

FLAG = "GATE_CLOSED"
UNREADABLE = f"{FLAG} cannot be read; the next pass writes it again"


def gate_document(status: Status) -> dict[str, Any]:
    """Return the gate as a JSON document: whether it is closed, and by which holds."""
    return {
        "closed": status.closed,
        "blind": status.blind,
        "holds": [_hold(held, status) for held in status.holds],
    }


def _hold(held: Held, status: Status) -> Mapping[str, Any]:
    return {
        "partition": held.partition.isoformat(),
        "reason": held.check,
        "since": write_time(held.at),
        "severity": held.severity,
        "value": held.value,
        "limit": held.limit,
        "content": held.content,
        "repaired": held.key in status.repaired,
    }


def read_blindness(folder: Path) -> str | None:
    """Return why nothing could be judged when the flag was last written, ``None`` if something could.

    A flag that cannot be read says the same: it exists only while the gate is closed.
    """
    try:
        document = json.loads((folder / FLAG).read_text())
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{FLAG}: {reason_of(error)}"
    except ValueError:
        document = None
    blind = document.get("blind") if isinstance(document, dict) else UNREADABLE
    return blind if blind is None or isinstance(blind, str) else UNREADABLE


def show_flag(folder: Path, status: Status) -> None:
    """Write or remove the file according to the gate. Raises OSError."""
    path = folder / FLAG
    if not status.closed:
        path.unlink(missing_ok=True)
        return
    content = f"{json.dumps(gate_document(status), indent=2)}\n".encode()
    if not path.exists() or path.read_bytes() != content:
        replace_file(path, content)
