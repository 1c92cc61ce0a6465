"""What upstream reports: data-quality summaries and task runs, valid or broken."""

import json

from feeds import RAW
from files import stored
from given import Given
from target import Target, is_one_line

from exporter.discover.upstream import BrokenReportError, parse_dq_summary, parse_task_run

RUN = {
    "task": "load",
    "partition": "2025-03-05",
    "started_at": "2025-03-05T01:00:00.000Z",
    "ended_at": "2025-03-05T02:00:00Z",
    "exit_code": 0,
}


def run(data: bytes) -> None:
    """Parse a summary or a run's record."""
    given = Given(data)
    kind = given.number() % 3
    content = json.dumps(given.edited(RUN)).encode() if kind == 2 else given.rest
    with stored(content, "dq_summary.csv") as path:
        try:
            if kind:
                _, found = parse_task_run(path)
                is_one_line(found.task, "the task")
            else:
                _, odd = parse_dq_summary(RAW, path)
                for line in odd:
                    is_one_line(line, "an odd line")
        except BrokenReportError as error:
            is_one_line(str(error), "the refusal")


TARGET = Target(
    name="upstream",
    run=run,
    seeds=(
        b"\0file,raw_rows,clean_rows,reject_rows\nevents_20250305.csv,28.0,27,1\nevents_20250306.csv,,x\n",
        b'\0\xef\xbb\xbf file ,raw_rows,clean_rows,reject_rows,file\r\n"events_20250305.csv\n",1\n\0,\xff\n',
        b"\1" + json.dumps(RUN).encode(),
        b'\1{"task": "a", "partition": "2025-03-05", "started_at": "0001-01-01T00:00:00+23:59"}',
        b"\1[[[[",
        b"\2",
        b"\2\0\1\4\x1d",
        b"\2\0\2\4\x1e\0\4\4\6",
    ),
    words=(
        b"events_20250305.csv",
        b"raw_rows",
        b"reject_rows",
        b'"',
        b"\r",
        b".0",
        b"9007199254740993",
        b'"exit_code"',
        b"\\ud800",
    ),
    longest=300,
)
