"""Contracts that cannot be used: each mistake is one line with its place and reason."""

import re
from pathlib import Path

import pytest
from contracts import GOOD, changed

from exporter.contract.load import load_feed, parse_feed
from exporter.document import InvalidFileError

ID = "  - {name: id, logicalType: integer, primaryKey: true}"
TS = "  - {name: ts, logicalType: timestamp, customProperties: [{property: eventTime, value: true}]}"
AMOUNT = "  - {name: amount, logicalType: number, logicalTypeOptions: {minimum: 0}}"
STATE = "  - {name: state, logicalType: string, customProperties: [{property: aliases, value: [status]}]}"
ROWS = "  - {name: some_rows, metric: rowCount, mustBeGreaterThan: 0}"
SQL = '  - {name: mean, type: sql, query: "SELECT avg(amount) FROM ${table}", mustBeLessThan: 3}'
TRENDS = "  - {property: trends, value: {volume: {of: rows}}}"
FREQUENCY = "- {property: frequency, value: 1, unit: d}"
DUE = '"07:30 Europe/Berlin"'
LATENCY = "value: 90, unit: m"
ACCEPTED = "  customProperties: [{property: stage, value: accepted}]"


def aliases(*names: str) -> str:
    """Return the column ``state`` with these aliases."""
    return STATE.replace("[status]", f"[{', '.join(names)}]")


def trend(text: str) -> str:
    """Return one trend."""
    return f"  - {{property: trends, value: {{volume: {text}}}}}"


def rule(text: str) -> str:
    """Return one rule of the table."""
    return f"  - {{{text}}}"


# what is replaced, what by, the line, the words
REFUSED = [
    # the standard's shape
    ("kind: DataContract", "kind: Contract", 2, "kind: Contract is not one of DataContract"),
    (
        "apiVersion: v3.1.0",
        "apiVersion: v2.2.2",
        1,
        "apiVersion: this tool reads v3 of the standard, not v2.2.2",
    ),
    ("version: 1.2.0", "version: 1.2", 5, "version: must be text: write it in quotes, not as 1.2"),
    ("version: 1.2.0\n", "", None, "version is missing"),
    ("name: Orders", "nmae: Orders", 4, "nmae: unknown key, did you mean name?"),
    ("name: Orders", "name: [Orders]", 4, "name: must be text, not a list"),
    ("name: Orders", "name:", 4, "name: is empty, must be text"),
    (ID, ID.replace("primaryKey", "primryKey"), 21, "primryKey: unknown key, did you mean primaryKey?"),
    (ID, ID.replace("integer", "int"), 21, "logicalType: int is not one of string, date,"),
    (AMOUNT, AMOUNT.replace("minimum", "minLength"), 23, "logicalTypeOptions.minLength: unknown key"),
    (ROWS, rule("metric: rowCount"), 26, "quality.0: needs one of mustBe, mustNotBe,"),
    (
        ROWS,
        rule("metric: rowCount, mustBe: 1, mustNotBe: 2"),
        26,
        "mustBe and mustNotBe are mutually exclusive",
    ),
    (ROWS, rule("metric: rowCont, mustBe: 1"), 26, "rowCont is not one of nullValues,"),
    (ROWS, rule("metric: rowCount, mustBeBetween: [1]"), 26, "mustBeBetween: must have 2 entries"),
    ("team: {name", "team: {nam", 13, "team.nam: unknown key, did you mean name?"),
    (
        "format: csv}",
        'format: csv, delimiter: ";"}',
        8,
        "servers.0.delimiter: in the standard, local servers have no",
    ),
    (FREQUENCY, "- {property: frequency}", 10, "slaProperties.0: value is missing"),
    # the feed
    ("id: orders", "id: Our Orders!", 3, "digits, - and _, at most 64, such as our-orders"),
    ("id: orders", "id: ' '", 3, "id: used as a label and a folder"),
    (
        "format: csv}",
        "format: orc}",
        8,
        "servers.0.format: must be csv, parquet, ndjson or any",
    ),
    (
        "format: csv}",
        "format: csv, customProperties: [{property: quote, value: ','}]}",
        8,
        "delimiter and quote must differ",
    ),
    (
        "format: csv}",
        "format: csv, encoding: rot13}",
        8,
        "servers.0.encoding: unknown encoding 'rot13'",
    ),
    ("format: csv}", "format: csv, encoding: utf-9}", 8, "servers.0.encoding: unknown encoding 'utf-9'"),
    (
        "format: csv}",
        "format: csv, customProperties: [{property: delimiter, value: '||'}]}",
        8,
        "must be one ASCII character",
    ),
    # service levels
    (
        FREQUENCY,
        "- {property: frequency, value: 1, unit: h}",
        10,
        "slaProperties.0.value: this tool judges days",
    ),
    (
        FREQUENCY,
        "- {property: frequency, value: often}",
        10,
        "this tool judges days: write value 1 and unit d",
    ),
    (DUE, '"25:00"', 11, "slaProperties.1.value: 25:00 is not a time of day"),
    (DUE, "25:00", 11, "25:00 is not a time of day"),
    (DUE, '"early"', 11, "not a time of day such as 06:00 Europe/Berlin"),
    (DUE, '"07:30 Mars/Olympus"', 11, "'Mars/Olympus' is not an IANA timezone"),
    (DUE, '"07:30 ../../etc/passwd"', 11, "is not an IANA timezone"),
    (LATENCY, "value: -1, unit: m", 12, "slaProperties.2.value: must be between 0 and 31 days"),
    (LATENCY, "value: soon, unit: m", 12, "value: must be a number"),
    (LATENCY, "value: 90", 12, "unit: write the unit as s, m, h or d"),
    (LATENCY, "value: .nan, unit: m", 12, "must be between 0 and 31 days"),
    (
        FREQUENCY,
        FREQUENCY.replace("}", ", customProperties: [{property: weekdays, value: [Mon, Tag]}]}"),
        10,
        "'Tag' is not one of Mon, Tue",
    ),
    # tables
    (ACCEPTED, ACCEPTED.replace("accepted", "clean"), 30, "'clean' is not one of raw, accepted, rejected"),
    (ACCEPTED, ACCEPTED.replace("accepted", "raw"), 28, "schema.1.name: orders is already the raw table"),
    (
        ACCEPTED,
        "  customProperties: []",
        28,
        "each needs the custom property stage: raw, accepted or rejected",
    ),
    ("stage, value: raw", "stage, value: rejected", 14, "schema: no table has the stage raw"),
    ('"good/orders_{date:%Y%m%d}.csv"', '"orders_{date:%Y%m%d}.csv"', 29, "orders has the same path"),
    ('"good/orders_{date:%Y%m%d}.csv"', "orders.csv", 29, "physicalName: it contains no date, as in"),
    ('"good/orders_{date:%Y%m%d}.csv"', '"/good/{date:%Y%m%d}"', 29, "a path relative to the data directory"),
    ('"good/orders_{date:%Y%m%d}.csv"', '"good/{date:%Y%m}"', 29, "its date is not a whole day"),
    (
        '  physicalName: "good/orders_{date:%Y%m%d}.csv"\n',
        "",
        28,
        "physicalName is missing: the path of a day",
    ),
    # columns
    (STATE, STATE.replace("name: state", "name: id"), 24, "the column id already exists"),
    (STATE, STATE.replace("name: state", "name: ''"), 24, "a column needs a name"),
    (STATE, aliases("id"), 24, "the alias id is the name of id"),
    (STATE, aliases("state"), 24, "the alias state is the name of state"),
    (STATE, aliases("status", "status"), 24, "the alias status appears twice"),
    (STATE, aliases(), 24, "must be a list of strings"),
    (STATE, aliases("3"), 24, "customProperties.0.value.0: must be one line of text"),
    (
        AMOUNT,
        AMOUNT.replace(
            "number, log", "number, customProperties: [{property: aliases, value: [status]}], log"
        ),
        24,
        "the alias status is an alias of amount",
    ),
    (
        STATE,
        STATE.replace("aliases, value: [status]", "eventTime, value: true"),
        24,
        "only a column of logicalType",
    ),
    (
        STATE,
        STATE.replace("aliases, value: [status]", "type, value: words"),
        24,
        "'words' is not one of text, category,",
    ),
    (STATE, STATE.replace("aliases, value: [status]", "expected, value: 1"), 24, "must be true or false"),
    (
        ID,
        ID.replace("integer", "timestamp").replace(
            "}", ", customProperties: [{property: eventTime, value: true}]}"
        ),
        22,
        "schema.0.properties.1.name: id already says when events happened",
    ),
    (
        AMOUNT,
        AMOUNT.replace("minimum: 0", "minimum: 3, maximum: 2"),
        23,
        "minimum 3 is larger than maximum 2",
    ),
    (AMOUNT, AMOUNT.replace("minimum: 0", "minimum: .inf"), 23, "minimum: must be a finite number"),
    (
        STATE,
        STATE.replace("string,", "string, logicalTypeOptions: {pattern: '['},"),
        24,
        "not a regular expression:",
    ),
    (
        STATE,
        STATE.replace("string,", "string, logicalTypeOptions: {minLength: 3, maxLength: 2},"),
        24,
        "minLength 3 is larger than maxLength 2",
    ),
    (
        TS,
        TS.replace("timestamp,", "timestamp, logicalTypeOptions: {format: YYYY-MM-DD},"),
        22,
        "YYYY is not supported in a format, did you mean yyyy?",
    ),
    (
        TS,
        TS.replace("timestamp,", "timestamp, logicalTypeOptions: {format: '%Y-%Q'},"),
        22,
        "logicalTypeOptions.format: not a format that can be read",
    ),
    # our own properties
    (STATE, STATE.replace("aliases", "aliasses"), 24, "unknown property aliasses, did you mean aliases?"),
    (
        STATE,
        STATE.replace("aliases", "event_time"),
        24,
        "unknown property event_time, did you mean eventTime?",
    ),
    (STATE, STATE.replace("aliases", "stage"), 24, "stage belongs to a table, not to a column"),
    (
        STATE,
        STATE.replace("aliases", "colour, vendor: puffy-exporter"),
        24,
        "unknown property colour (known: ",
    ),
    (TRENDS, "  - {property: stage, value: raw}", 19, "customProperties.1.property: stage appears twice"),
    (
        TRENDS,
        "  - {property: pack, value: web-shop}",
        19,
        "there is no pack 'web-shop' (known: web-orders)",
    ),
    # trends
    (TRENDS, trend("{}"), 19, "of is missing: rows, sum(column)"),
    (TRENDS, trend("{of: rosw}"), 19, "there is no figure 'rosw'"),
    (TRENDS, trend("{of: sum(amuont)}"), 19, "orders has no column 'amuont', did you mean amount?"),
    (TRENDS, trend("{of: sum(state)}"), 19, "state is not a number, so it has no sum"),
    (TRENDS, trend("{of: total(amount)}"), 19, "there is no total(…) (known: sum, missing, invalid)"),
    (TRENDS, trend("{of: puffy_partition_missing_ratio}"), 19, "has a sample for each field: choose one"),
    (
        TRENDS,
        trend("{of: puffy_column_sum_of_values, labels: {column: nope}}"),
        19,
        "orders has no column 'nope'",
    ),
    (
        TRENDS,
        trend("{of: rows, labels: {stage: rejects}}"),
        19,
        "there is no stage 'rejects' (known: raw, clean)",
    ),
    (TRENDS, trend("{of: rows, sgima: 3}"), 19, "volume.sgima: unknown key, did you mean sigma?"),
    (TRENDS, trend("{of: rows, sigma: 0}"), 19, "volume.sigma: input should be greater than 0"),
    (TRENDS, trend("{of: rows, min_deviation: 0.9}"), 19, "min_deviation is larger than max_deviation"),
    (TRENDS, trend("3"), 19, "value.volume: must be a mapping of keys"),
    (TRENDS, trend("{of: rows}, Big: {of: rows}"), 19, "Big: must be lowercase letters"),
    # rules
    (ROWS, rule("metric: rowCount, mustBe: many"), 26, "mustBe: must be a number"),
    (ROWS, rule("metric: rowCount, mustBe: -1"), 26, "mustBe: a count is never negative"),
    (ROWS, rule(f"metric: rowCount, mustBe: 1{'0' * 400}"), 26, "mustBe: must be a number"),
    (
        ROWS,
        rule(f"metric: rowCount, mustBeBetween: [0, 1{'0' * 400}]"),
        26,
        "mustBeBetween: must be two numbers",
    ),
    (ROWS, rule("metric: rowCount, mustBeBetween: [0, .inf]"), 26, "mustBeBetween: must be two numbers"),
    (ROWS, rule("metric: rowCount, mustBeBetween: [false, true]"), 26, "mustBeBetween"),
    (
        ROWS,
        rule("metric: rowCount, mustBe: 1, unit: percent"),
        26,
        "rows are counted in rows, not in percent",
    ),
    (
        ROWS,
        rule("metric: rowCount, mustBe: 1, unit: metres"),
        26,
        "unit: rows are counted in rows or percent",
    ),
    (
        ROWS,
        rule("metric: rowCount, mustBeBetween: [3, 1]"),
        26,
        "mustBeBetween: the first number, 3, is larger",
    ),
    (ROWS, rule("name: mean, metric: rowCount, mustBe: 1"), 27, "name: the check mean already exists"),
    (
        ROWS,
        rule("name: partition_empty, metric: rowCount, mustBe: 1"),
        26,
        "partition_empty is a built-in check",
    ),
    (ROWS, rule("name: '!', metric: rowCount, mustBe: 1"), 26, "name: must be a name with a letter in it"),
    (
        ROWS,
        rule("metric: duplicateValues, arguments: {properties: [nope]}, mustBe: 0"),
        26,
        "has no column 'nope'",
    ),
    (SQL, rule("type: sql, query: '', mustBe: 1"), 27, "quality.1.query: the query is empty"),
    (SQL, rule("type: sql, query: ' -- nothing', mustBe: 1"), 27, "the query is empty"),
    (
        SQL,
        rule("type: sql, query: 'SELECT 1 FROM ${table}; DROP TABLE x', mustBe: 1"),
        27,
        "more than one statement",
    ),
    (
        SQL,
        rule("type: sql, query: 'DROP TABLE ${table}', mustBe: 1"),
        27,
        "a query starts with SELECT, WITH, FROM",
    ),
    (
        SQL,
        rule("type: sql, query: 'SELECT ${column} FROM ${table}', mustBe: 1"),
        27,
        "${column} has no value in a table's rule",
    ),
    (SQL, rule("type: sql, query: 'SELECT ${x} FROM ${table}', mustBe: 1"), 27, "${x} is unknown"),
    (
        SQL,
        rule("type: custom, engine: puffy-exporter, name: a, implementation: text"),
        27,
        "a mapping of a check",
    ),
    (
        SQL,
        rule("type: custom, engine: puffy-exporter, implementation: {limits: {}}"),
        27,
        "a check needs a name",
    ),
    (
        SQL,
        rule("type: custom, engine: puffy-exporter, name: a, implementation: {value: {metric: puffy_x}}"),
        27,
        "implementation.value: there is no metric 'puffy_x'",
    ),
    (
        SQL,
        rule("type: custom, engine: puffy-exporter, name: a, implementation: {trend: volumes}"),
        27,
        "implementation.trend: there is no trend 'volumes', did you mean volume?",
    ),
    (
        TRENDS,
        "  - {property: checks, value: {reject_ratio: {limit: {warning: 0.1}}}}",
        19,
        "value.reject_ratio.limit: unknown key, did you mean limits?",
    ),
    (
        TRENDS,
        "  - {property: checks, value: {reject_ratoi: {limits: {warning: 0.1}}}}",
        19,
        "did you mean reject_ratio?",
    ),
    (
        TRENDS,
        "  - {property: checks, value: {silence: {alert: PuffySomeRows}}}",
        19,
        "the alert PuffySomeRows names more than one check",
    ),
    # YAML
    ("kind: DataContract", "kind: DataContract\nkind: DataContract", 3, "key 'kind' appears twice"),
    ("kind: DataContract", "kind: [", 4, "expected"),
]


@pytest.mark.parametrize(
    ("old", "new", "place", "words"), REFUSED, ids=[f"{case[3]}-{case[1]}"[:80] for case in REFUSED]
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, place: int | None, words: str) -> None:
    """And nothing of the contract is used."""
    with pytest.raises(InvalidFileError) as caught:
        parse_feed(changed((old, new)), "contract.yaml")
    lines = caught.value.lines
    start = "contract.yaml: " if place is None else f"contract.yaml:{place}: "
    assert any(line.startswith(start) and words in line for line in lines), lines
    assert all("\n" not in line and len(line) < 400 for line in lines)


def test_all_mistakes_are_told_at_once_and_once() -> None:
    """In the order of the file, those of shape beside those of meaning."""
    text = changed(
        ("id: orders", "id: O"), (DUE, '"25:00"'), (AMOUNT, AMOUNT.replace("number", "numbr")), (SQL, "  - 3")
    )
    with pytest.raises(InvalidFileError) as caught:
        parse_feed(text, "c.yaml")
    places = [int(line.split(":")[1]) for line in caught.value.lines]
    assert places == sorted(places)
    assert set(places) == {3, 11, 23, 27}
    assert len(caught.value.lines) == 4


@pytest.mark.parametrize("text", ["", "{}", "a: 1", "schema: 3\nteam: 4\nservers: [1]\nslaProperties: {}\n"])
def test_what_is_no_contract_is_refused(text: str) -> None:
    """With what is missing."""
    with pytest.raises(InvalidFileError, match="apiVersion is missing"):
        parse_feed(text, "c.yaml")


def test_a_contract_that_repeats_itself_by_anchors_ends() -> None:
    """Anchors can nest without end, and into themselves."""
    bomb = "x: &a0 [1]\n" + "".join(f"x{i}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]\n" for i in range(40))
    recursive = GOOD.replace(
        "  properties:\n  - {name: id, logicalType: integer}",
        "  properties: &p\n  - {name: id, logicalType: object, properties: *p}",
    )
    for text in (GOOD + bomb, "customProperties: &c\n- {property: checks, value: {a: {value: *c}}}\n" + GOOD):
        with pytest.raises(InvalidFileError):
            parse_feed(text, "c.yaml")
    assert parse_feed(recursive, "c.yaml").warnings


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """As any other file."""
    with pytest.raises(InvalidFileError, match=re.escape("no such file")):
        load_feed(tmp_path / "contract.yaml")
