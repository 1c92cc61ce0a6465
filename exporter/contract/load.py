"""Read a feed from its contract, or report every mistake in the contract."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from exporter.contract.metrics import KNOWN
from exporter.contract.node import Node, Notes, Value
from exporter.contract.owner import line, owner_of
from exporter.contract.quality import Rules
from exporter.contract.service import service_of
from exporter.contract.shape import schema, shape_problems
from exporter.contract.tables import Read, source_of, tables_of
from exporter.contract.trends import doubled, trends_of
from exporter.contract.written import Written
from exporter.document import Document, parse_document, read_document
from exporter.feed import FEED_ID, LONGEST_ID, Feed, FollowedFigure
from exporter.model import Stage
from exporter.strict import Problem

VERSION = re.compile(r"v3\.[0-9]+\.[0-9]+")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A feed, and what this tool does not support in its contract: one line each, with file, line and key."""

    feed: Feed
    warnings: tuple[str, ...] = ()


def load_feed(path: Path) -> Loaded:
    """Read a contract's file. Raises InvalidFileError, which lists every mistake."""
    return _read(read_document(path))


def feed_of(document: Document) -> Loaded:
    """Read a contract whose YAML has been parsed. Raises InvalidFileError as ``load_feed`` does."""
    return _read(document)


def id_within(document: Document) -> str | None:
    """Return a contract's id, even if the rest is invalid; ``None`` without a valid id."""
    written = document.value.get("id")
    return written if isinstance(written, str) and FEED_ID.fullmatch(written) else None


def parse_feed(text: str, file: str) -> Loaded:
    """Read a contract; ``file`` is its name in errors. Raises InvalidFileError as ``load_feed`` does."""
    return _read(parse_document(text, file))


@cache
def shipped_feed() -> Feed:
    """Return the feed that comes with the package: daily web events."""
    text = files("exporter").joinpath("feeds", "events.yaml").read_text(encoding="utf-8")
    return parse_feed(text, "events.yaml").feed


def _read(document: Document) -> Loaded:
    notes = Notes()
    contract = Node(document.value, (), notes)
    notes.problems += [_explained(problem) for problem in shape_problems(_in_our_version(contract))]
    own = contract.own("contract")
    feed_id = _id(contract)
    source = source_of(contract)
    tables = tables_of(contract, source)
    owner = owner_of(contract)
    stages = {read.table.name: stage for stage, read in tables.items()}
    service = service_of(contract, own, stages)
    trends = _trends(own, tables)
    written = Written(KNOWN, {trend.name for trend in trends})
    name = line(contract.text("name")) or feed_id
    rules = Rules(tables, owner.team, name, written)
    rules.read(own)
    written.refuse_doubles()
    if notes.problems or document.twice:
        raise document.refuse(dict.fromkeys(notes.problems))
    return Loaded(
        Feed(
            id=feed_id,
            name=name,
            tables={stage: rules.table(stage) for stage in Stage if stage in tables},
            version=contract.text("version") or "1.0.0",
            description=contract.node("description").text("purpose") or "",
            directory=source.directory,
            service=service,
            owner=owner,
            trends=trends,
            checks=written.checks,
            queries=tuple(rules.queries),
        ),
        document.refuse(dict.fromkeys(notes.beyond)).lines if notes.beyond else (),
    )


def _in_our_version(contract: Node) -> Mapping[str, Any]:
    """Return the contract with a version that the schema knows; a newer one is a warning."""
    version = contract.text("apiVersion")
    if version is None:
        return contract.value
    known = schema()["properties"]["apiVersion"]["enum"]
    if VERSION.fullmatch(version) is None:
        contract.wrong(f"this tool reads v3 of the standard, not {version}", "apiVersion")
    elif version not in known:
        contract.beyond(f"{version} is newer than this tool supports; it is read as {known[0]}", "apiVersion")
    return {**contract.value, "apiVersion": known[0]}


def _explained(problem: Problem) -> Problem:
    if problem.place[:1] == ("servers",) and problem.place[-1] == "delimiter":
        return Problem(
            problem.place, "in the standard, local servers have no delimiter: write it under customProperties"
        )
    return problem


def _id(contract: Node) -> str:
    written = contract.text("id")
    if written is None or FEED_ID.fullmatch(written):
        return written or ""
    meant = re.sub(r"[^a-z0-9_-]+", "-", written.lower()).strip("-_")[:LONGEST_ID].rstrip("-_")
    hint = f", such as {meant}" if meant else ""
    contract.wrong(
        f"used as a label and a folder: lowercase letters, digits, - and _, at most {LONGEST_ID}{hint}", "id"
    )
    return written


def _trends(own: Mapping[str, Value], tables: Mapping[Stage, Read]) -> tuple[FollowedFigure, ...]:
    known = {stage: read.table for stage, read in tables.items()}
    values = [(Stage.RAW, own)] if Stage.RAW in tables else []
    values += [(stage, tables[stage].own) for stage in Stage if stage in tables]
    found: list[tuple[Value, FollowedFigure]] = []
    for stage, properties in values:
        if "trends" in properties:
            value = properties["trends"]
            found += [(value, trend) for trend in trends_of(value, known, stage, KNOWN)]
    for value, name in doubled(found):
        value.wrong(f"the trend {name} already exists", name)
    return tuple(trend for _, trend in found)
