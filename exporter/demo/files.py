"""How files appear: complete, under their name, and with the given arrival time."""

import csv
import io
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from exporter.demo.names import unfinished_name


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]], arrival: datetime) -> None:
    """Write a CSV file with a final newline; see ``write_file``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_file(path, text.getvalue(), arrival)


def write_file(path: Path, text: str, arrival: datetime) -> None:
    """Write under a name that readers ignore, set the mtime to ``arrival`` (aware), then rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(unfinished_name(path.name))
    unfinished.write_bytes(text.encode())
    moment = arrival.timestamp()
    os.utime(unfinished, (moment, moment))
    unfinished.replace(path)
