"""Profile files once: print their figures, or keep them for later passes."""

import json
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import orjson
import typer
from rich.table import Table
from rich.text import Text

from exporter.cli.feeds import read_config
from exporter.cli.logs import configure_logs
from exporter.cli.options import (
    EXIT_USER_ERROR,
    QUIET_LOGS,
    ConfigFile,
    FeedFile,
    LogFormat,
    LogLevel,
    Logs,
    Scheduler,
    new_verb,
)
from exporter.cli.output import WIDE, open_console
from exporter.cli.paths import sources_of
from exporter.cli.places import Places
from exporter.cli.progress import MEGABYTE, told_progress
from exporter.cli.wiring import build_reading, open_state
from exporter.model import Profile, SourceFile, StageFacts
from exporter.pipeline.intake import Intake, Look
from exporter.pipeline.settling import Settling
from exporter.plain import plain
from exporter.store.codec import encode_profile

COLUMNS = ("day", "stage", "rows", "malformed", "duplicate keys", "bytes", "fingerprint")
SHOWN = 16  # digits of a fingerprint in the table

app = new_verb()


class _Read(NamedTuple):
    source: SourceFile
    profile: Profile | None
    reason: str  # why there is no profile


@app.command()
def profile(
    *,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Files, folders of a day's parts, or folders of files."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
    output_dir: Annotated[
        Path | None,
        typer.Option(
            "--output.dir",
            metavar="DIR",
            help="Keep the profiles in this folder's state, where run and serve find them.",
        ),
    ] = None,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    scheduler: Scheduler = None,
    log_level: LogLevel = QUIET_LOGS.level,
    log_format: LogFormat = QUIET_LOGS.form,
) -> int:
    """Profile files once: print their figures, or keep them for later passes.

    A file's day is in its name, as the contract says. With --output.dir nothing is judged, and
    files already profiled are not read again. Exits with 1 if a file cannot be read.
    """
    configure_logs(Logs(log_level, log_format))
    config = read_config(config_file, feed_file, scheduler)
    sources = sources_of(paths, config.feed, outside=config.written.data.follow_links_outside)
    begun = time.perf_counter()
    with ExitStack() as stack:
        state = None if output_dir is None else open_state(Places(output_dir, output_dir))
        if state is not None:
            stack.callback(state.close)
        intake = Intake.begin(build_reading(config), Settling(0.0), state, threading.Event())
        progress = stack.enter_context(told_progress())
        now_ns = time.time_ns()
        taken = intake.take(sources, Look(now_ns, now_ns), progress)
    read = [_read(source, taken.stages) for source in sources]
    _say(read, time.perf_counter() - begun, taken.profiled_bytes, as_json=as_json)
    unkept = output_dir is not None and intake.mirror.errors + (state is None)
    return EXIT_USER_ERROR if unkept or any(one.profile is None for one in read) else 0


def _read(source: SourceFile, facts: Any) -> _Read:
    known: StageFacts | None = facts.get((source.partition, source.stage))
    if known is None:
        return _Read(source, None, "changed while it was read")
    return _Read(source, known.profile, known.error or "")


def _say(read: Sequence[_Read], seconds: float, size: int, *, as_json: bool) -> None:
    if as_json:
        files = [_document(one) for one in read]
        document = {"files": files, "bytes_read": size, "seconds": round(seconds, 3)}
        sys.stdout.write(f"{json.dumps(document, indent=2, allow_nan=False)}\n")
    else:
        open_console(WIDE).print(_table(read))
    for one in read:
        if one.profile is None:
            path = plain(str(one.source.path), 500)
            sys.stderr.write(f"puffy-exporter: error: {path}: {one.reason}\n")
    good = sum(one.profile is not None for one in read)
    done = f"{size / MEGABYTE:,.1f} MB read in {seconds:,.1f} s ({size / MEGABYTE / seconds:,.0f} MB/s)"
    sys.stderr.write(f"{good} of {len(read)} files profiled, {done}\n")


def _document(one: _Read) -> dict[str, Any]:
    source = one.source
    found: dict[str, Any] = {
        "path": str(source.path),
        "partition": source.partition.isoformat(),
        "stage": source.stage.value,
        "size_bytes": source.stamp.size,
    }
    if one.profile is None:
        return found | {"error": one.reason}
    return found | {"profile": orjson.loads(encode_profile(one.profile))}


def _table(read: Sequence[_Read]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in COLUMNS:
        left = column in {"day", "stage", "fingerprint"}
        table.add_column(column, justify="left" if left else "right", no_wrap=True)
    for source, known, _ in read:
        size, counts = f"{source.stamp.size:,}", ["-", "-", "-"]
        mark = Text("not read", style="yellow")
        if known is not None:
            twice = "-" if known.duplicate_keys is None else f"{known.duplicate_keys:,}"
            counts = [f"{known.rows:,}", f"{known.malformed_rows:,}", twice]
            mark = Text(known.fingerprint[:SHOWN])
        table.add_row(source.partition.isoformat(), source.stage.value, *counts, size, mark)
    return table
