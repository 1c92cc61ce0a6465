"""What init makes of a folder: a contract that can be loaded, or a readable error."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from files import PARTITION
from given import Given
from target import Target, agree, is_one_line

from exporter.contract.load import parse_feed
from exporter.contract.write import contract_text
from exporter.errors import UserError
from exporter.sniff.dialect import Sample, sniff_dialect
from exporter.sniff.sniff import sniff

HEADERS = (b"", b"id,created_at,price\n", b"a;b;c\n", b"ts\tname\n")


def run(data: bytes) -> None:
    """Sniff a file's dialect; if it has one, propose a contract for two days of it."""
    given = Given(data)
    header = given.pick(HEADERS)
    content = header + given.rest
    try:
        sniff_dialect([Sample("x.csv", content)])
        with TemporaryDirectory() as folder:
            for back in (0, 1):
                (Path(folder) / f"x_{PARTITION - timedelta(days=back)}.csv").write_bytes(content)
            proposal = sniff([Path(folder)])
    except UserError as error:
        is_one_line(str(error), "the refusal")
        return
    text = contract_text(proposal.feed, proposal.notes)
    agree(parse_feed(text, "x.yaml").feed, proposal.feed, "the contract read back")


TARGET = Target(
    name="folder",
    run=run,
    seeds=(
        b"\11,2025-03-30T01:00:00Z,9.5\n2,2025-03-30T02:00:00Z,1\n",
        b"\2x;1;\n;2;y\n",
        b"\330.03.2025 01:00\tAnn\n31.03.2025 02:00\tBob\n",
        b"\0a|b\n\xff|\xe9\n",
        b'\0{"a": 1}',
        b"\0\xff\xfea\0",
        b'\0"a\nb","c,d"\r\n1,2\r\n',
        b"\0id,price 2024,2025-03-01\n",
    ),
    words=(
        b",",
        b";",
        b"\t",
        b"|",
        b'"',
        b"\n",
        b"2025-03-30",
        b"true",
        b"https://a.b",
        b"a@b.cd",
        b"1.234,5",
        b"NULL",
        b"%d",
        b"{date}",
    ),
    longest=300,
)
