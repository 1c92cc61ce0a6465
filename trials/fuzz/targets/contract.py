"""Contracts, as bytes and as valid ones with odd values: a feed that can be written again, or an error."""

import yaml
from contracts import GOOD, POSTGRES
from feeds import EVENTS
from given import ODD_OF_YAML, Given
from target import DisagreementError, Target, agree, is_one_line

from exporter.contract.load import parse_feed
from exporter.contract.write import contract_text
from exporter.document import FastLoader, InvalidFileError

FILE = "feed.yaml"
BASES = tuple(yaml.load(text, FastLoader) for text in (GOOD, contract_text(EVENTS), POSTGRES))


def run(data: bytes) -> None:
    """Parse a contract; if it is valid, write it and parse it again."""
    given = Given(data)
    chosen = given.pick((None, *BASES))
    if chosen is None:
        text = given.rest.decode("utf-8", "replace")
    else:
        text = yaml.safe_dump(given.edited(chosen, ODD_OF_YAML), sort_keys=False)
    try:
        feed = parse_feed(text, FILE).feed
    except InvalidFileError as error:
        for line in error.lines:
            is_one_line(line, "a mistake")
            if not line.startswith(FILE):
                raise DisagreementError(f"names no file: {line!r}") from None
        return
    try:
        written = contract_text(feed)
    except ValueError as error:  # a feed that no contract can describe
        is_one_line(str(error), "the refusal")
        return
    agree(parse_feed(written, FILE).feed, feed, "the feed read back")


TARGET = Target(
    name="contract",
    run=run,
    seeds=(
        b"\0" + GOOD.encode()[:1000],
        b"\0a: &a [*a]\n",
        b"\0a: &a {x: 1}\n<<: *a\nb: !!int '1_0'\nc: 0x1F\nd: 1:30:00\ne: 2025-03-09\n",
        b"\0a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        b'\0? [a]\n: b\n"\\0": {\n',
        b"\0id: x\nid: y\n---\nid: z\n",
        b"\1",
        b"\1\0\5\4\1\0\x20\5\x0b\0\x30\0\0",
        b"\2\0\x10\4\7\0\x40\4\2",
        b"\3\0\x22\4\x12\0\x31\4\x20",
    ),
    words=(
        b"!!int ",
        b"!!float ",
        b"!!timestamp ",
        b"!!bool ",
        b"!!binary ",
        b"!!set ",
        b"!!omap ",
        b"&a ",
        b"*a",
        b"<<: ",
        b"? ",
        b"- ",
    ),
    longest=1000,
)
