"""Contracts as they are written: valid, and read back as the feed that they came from."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest
import yaml
from contracts import GOOD, POSTGRES, changed, validator
from golden import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.contract.columns import NUMBERS, TIMES
from exporter.contract.load import parse_feed, shipped_feed
from exporter.contract.node import PROPERTIES
from exporter.contract.operators import WRITTEN
from exporter.contract.quality import RESOLUTION
from exporter.contract.write import contract_document, contract_text
from exporter.feed import WEEKDAYS, Column, Feed, FollowedFigure, Form, Limits, Owner, Query, Service, Table
from exporter.model import Stage
from exporter.template import PathTemplate

CONFIGURED = """\
customProperties:
- property: checks
  value:
    reject_ratio: {limits: {warning: 0.1}}
    silence: {enabled: false}
    own: {alert: PuffyOwn, owner: a, summary: s, impact: i, resolution: [r], compare: "<", blocking: true,
          value: {metric: puffy_partition_rows, labels: {stage: clean},
                  per: {metric: puffy_partition_rows, labels: {stage: raw}}},
          limits: {warning: 0.5, critical: 0.1}, explains: [anomaly_*]}
    follows: {alert: PuffyFollows, owner: a, summary: s, impact: i, resolution: [r], trend: volume,
              severity: critical}
schema:"""

READABLE = {
    "good": GOOD,
    "shipped": None,
    "foreign": POSTGRES.replace("tbl_1\n", "'tbl_{date:%Y%m%d}.csv'\n", 1),
    "configured": changed(("schema:", CONFIGURED)),
    "form": changed(
        (
            "format: csv}",
            "format: csv, encoding: latin-1, customProperties: [{property: delimiter, value: ;}]}",
        )
    ),
    "between": changed(
        ("mustBeLessThan: 3", "mustBeBetween: [1, 3], severity: high"),
        ("mustBeGreaterThan: 0", "mustNotBeBetween: [1, 3]"),
    ),
    "packed": changed(
        (
            "{property: stage, value: raw}",
            "{property: stage, value: raw}\n  - {property: pack, value: web-orders}",
        )
    ),
    "words": changed(
        ("name: Orders", 'name: "Or: #ders\\n"'),
        ("mustBeGreaterThan: 0", "mustBeGreaterThan: 0, description: 'Of: course # not'"),
    ),
}


def assert_reads_back(feed: Feed) -> str:
    """Write, validate and read."""
    text = contract_text(feed)
    errors = [
        f"{error.json_path}: {error.message}" for error in validator().iter_errors(yaml.safe_load(text))
    ]
    assert errors == []
    loaded = parse_feed(text, "c.yaml")
    assert loaded.feed == feed
    return text


@pytest.mark.parametrize("name", READABLE)
def test_what_was_read_reads_back(name: str) -> None:
    """Whatever it was written as; and what is written is written the same again."""
    text = READABLE[name]
    feed = shipped_feed() if text is None else parse_feed(text, "c.yaml").feed
    written = assert_reads_back(feed)
    assert contract_text(parse_feed(written, "c.yaml").feed) == written


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
LINES = (
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: bool(text) and text.isprintable())
)
FINITE = st.floats(-1e9, 1e9) | st.integers(-1000, 1000).map(float)


@st.composite
def limits(draw: st.DrawFn, kind: str) -> Limits:
    """Return limits that a column of a type can have."""
    values = draw(st.none() | st.lists(LINES, min_size=1, max_size=3, unique=True).map(tuple))
    if kind in NUMBERS:
        ends = sorted(draw(st.lists(FINITE, min_size=2, max_size=2)))
        return Limits(
            values,
            minimum=draw(st.sampled_from([None, ends[0]])),
            maximum=draw(st.sampled_from([None, ends[1]])),
        )
    if kind in TIMES or not kind:
        return Limits()
    if kind == "boolean":
        return Limits(values)
    pattern = draw(st.sampled_from([None, "[a-z]+", r"\d{3}: #.*"]))
    shortest = draw(st.none() | st.integers(0, 3))
    return Limits(values, pattern, shortest=shortest, longest=draw(st.none() | st.integers(3, 9)))


@st.composite
def tables(draw: st.DrawFn, stage: Stage, packs: tuple[str, ...]) -> Table:
    """Return the table of a stage."""
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    event_time = draw(st.sampled_from([None, *names]))
    reason = draw(st.sampled_from([None, *names]))
    columns = []
    for name in names:
        choices = ["", "text", "category", "number", "integer", "boolean", "timestamp", "date", "url"]
        kind = draw(st.sampled_from(["", "timestamp"] if name == event_time else choices))
        columns.append(
            Column(
                name,
                kind,
                required=draw(st.booleans()),
                aliases=(f"{name}-other",) if draw(st.booleans()) else (),
                personal=draw(st.booleans()),
                event_time=name == event_time,
                reason=name == reason,
                format="%d.%m.%Y" if kind in TIMES and draw(st.booleans()) else None,
                limits=draw(limits(kind)),
                expected=draw(st.booleans()),
                description=draw(st.just("") | LINES),
            )
        )
    key = draw(st.lists(st.sampled_from(names), unique=True, max_size=2))
    path = PathTemplate(f"{stage.value}/{{date:%Y-%m-%d}}.csv")
    name = f"{draw(NAMES)}.{stage.value}"
    return Table(
        name, stage, path, tuple(columns), key=tuple(key), packs=packs, description=draw(st.just("") | LINES)
    )


@st.composite
def checks(draw: st.DrawFn, found: dict[Stage, Table], team: str) -> dict[str, Any]:
    """Return checks, such as the standard's rules can say and such as they cannot."""
    written: dict[str, Any] = {}
    for number in range(draw(st.integers(0, 3))):
        table = draw(st.sampled_from(list(found.values())))
        column = draw(st.sampled_from(table.columns)).name
        metric = draw(
            st.sampled_from(
                [
                    "puffy_partition_rows",
                    "puffy_column_missing_rows",
                    "puffy_column_missing_ratio",
                    "puffy_column_invalid_ratio",
                    "puffy_partition_duplicate_keys",
                    "puffy_column_duplicate_rows",
                ]
            )
        )
        labels = {"stage": table.stage.value} | ({"column": column} if "_column_" in metric else {})
        written[f"check_{number}"] = {
            "alert": draw(st.sampled_from([f"PuffyCheck{number}", f"PuffyOther{number}"])),
            "value": {"metric": metric, "labels": labels},
            "compare": draw(st.sampled_from(list(WRITTEN))),
            "limits": {
                draw(st.sampled_from(["warning", "critical"])): draw(st.floats(0, 1) | st.integers(-1, 100))
            },
            "owner": draw(st.just(team) | LINES),
            "summary": draw(LINES),
            "impact": draw(LINES),
            "resolution": draw(st.just(list(RESOLUTION)) | st.lists(LINES, min_size=1, max_size=2)),
        } | ({"blocking": True} if draw(st.booleans()) else {})
    return written


@st.composite
def feeds(draw: st.DrawFn) -> Feed:
    """Return a feed such as init or a person could make."""
    stages = draw(st.sampled_from([(Stage.RAW,), (Stage.RAW, Stage.CLEAN), tuple(Stage)]))
    packs = draw(st.sampled_from([(), ("web-orders",)]))
    form = Form(
        format=draw(st.sampled_from(["", "csv", "parquet", "ndjson"])),
        quote=draw(st.sampled_from(['"', "'"])),
        delimiter=draw(st.sampled_from([",", ";", "\t", "#"])),
        encoding=draw(st.sampled_from(["utf-8", "latin-1"])),
    )
    found = {stage: replace(draw(tables(stage, packs)), form=form) for stage in stages}
    owner = Owner(draw(LINES), draw(st.none() | LINES))
    trends = tuple(
        FollowedFigure(
            f"trend_{number}",
            "puffy_partition_rows",
            {"stage": draw(st.sampled_from(stages)).value},
            draw(st.sampled_from([{}, {"sigma": 4.5, "direction": "drop"}, {"method": "weekday"}])),
        )
        for number in range(draw(st.integers(0, 2)))
    )
    return Feed(
        id=draw(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)),
        name=draw(LINES),
        tables=found,
        version=draw(LINES),
        description=draw(st.just("") | LINES | st.just("two\nlines")),
        directory=draw(st.none() | st.sampled_from(["/data", "in/here", "C:/x: #y"])),
        service=Service(
            draw(st.times().map(lambda due: due.replace(microsecond=0))),
            draw(st.sampled_from(["UTC", "Europe/Berlin"])),
            draw(st.sampled_from([7200.0, 0.0, 90.0, 1.5, 3600.0])) if len(stages) > 1 else 7200.0,
            draw(st.frozensets(st.sampled_from(WEEKDAYS), min_size=1)),
        ),
        owner=owner,
        trends=trends,
        checks=draw(checks(found, owner.team)),
    )


@given(feeds())
@settings(max_examples=40)
def test_any_feed_reads_back(feed: Feed) -> None:
    """Written, validated, read: the same."""
    assert_reads_back(feed)


def test_rules_are_the_standards_where_it_has_them() -> None:
    """So that other tools understand them too."""
    document = contract_document(parse_feed(GOOD, "c.yaml").feed)
    rules = {rule["name"]: rule for rule in document["schema"][0]["quality"]}
    assert rules["some_rows"]["mustBeGreaterThan"] == 0
    assert rules["mean"]["type"] == "sql"
    assert rules["mean"]["mustBeLessThan"] == 3


def test_notes_stand_behind_the_lines_that_they_speak_of() -> None:
    """As comments of one line, which change nothing."""
    feed = replace(parse_feed(GOOD, "c.yaml").feed, description="two\nlines")
    notes = {
        ("description", "purpose"): "a\n  guess # or so",
        ("schema", 0, "properties", 1, "logicalType"): "all 1,000 rows",
        ("schema", 0, "properties", 1, "name"): "first",
    }
    text = contract_text(feed, notes, heading="# made\n")
    assert parse_feed(text, "c.yaml").feed == feed
    assert text.startswith("# made\napiVersion")
    (line,) = [line for line in text.splitlines() if "two" in line]
    assert line.endswith("  # a guess # or so")
    assert sum("  # " in line for line in text.splitlines()) in {2, 3}
    with pytest.raises(KeyError):
        contract_text(feed, {("schema", 9): "nowhere"})


def test_what_no_contract_can_say_is_refused() -> None:
    """Not written as something else."""
    feed = parse_feed(GOOD, "c.yaml").feed
    with pytest.raises(ValueError, match="different form"):
        contract_document(
            replace(feed, tables={**feed.tables, Stage.RAW: replace(feed.raw, form=Form(delimiter=";"))})
        )
    with pytest.raises(ValueError, match="no check says what the query x must return"):
        contract_document(replace(feed, queries=(Query("x", Stage.RAW, "SELECT 1 FROM ${table}"),)))


def test_a_time_of_day_keeps_its_seconds() -> None:
    """And its zone."""
    feed = replace(shipped_feed(), service=Service(time(23, 59, 30), "Asia/Kolkata"))
    assert_reads_back(feed)


def test_the_contract_of_the_documentation_is_a_good_one() -> None:
    """As it stands on the page."""
    page = (ROOT / "docs" / "contracts.md").read_text()
    text = page.split("```yaml\n")[1].split("```")[0]
    assert parse_feed(text, "contracts.md").warnings == ()
    assert_reads_back(parse_feed(text, "contracts.md").feed)
    for name in PROPERTIES:
        assert f"\n| `{name}` |" in page, name
