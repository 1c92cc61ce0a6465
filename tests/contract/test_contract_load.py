"""Contracts that can be used: what each of their words becomes."""

from datetime import time
from time import process_time
from typing import Any

import pytest
from contracts import GOOD, POSTGRES, changed, is_valid

from exporter.checks.check import Compare
from exporter.contract.formats import strptime_format
from exporter.contract.load import Loaded, parse_feed
from exporter.document import InvalidFileError
from exporter.feed import Column, Feed, Form, Limits, Query, Service
from exporter.model import Stage


def load(text: str) -> Feed:
    """Read a contract that is all understood."""
    loaded = parse_feed(text, "c.yaml")
    assert loaded.warnings == ()
    return loaded.feed


def columns(*lines: str, pack: str = "") -> Loaded:
    """Read a contract of one table with these columns."""
    start = GOOD.index("schema:")
    custom = f"  customProperties: [{{property: pack, value: {pack}}}]\n" if pack else ""
    table = "- name: orders\n  physicalName: 'o_{date:%Y%m%d}.csv'\n" + custom + "  properties:\n"
    text = GOOD[:start].replace("- {property: latency, value: 90, unit: m, element: good.ts}\n", "")
    text += "schema:\n" + table + "".join(f"  - {{{line}}}\n" for line in lines)
    assert is_valid(text) or not all("logicalType" in line for line in lines)
    return parse_feed(text, "c.yaml")


def column(line: str) -> Column:
    """Read one column that is all understood."""
    loaded = columns(line)
    assert loaded.warnings == ()
    return loaded.feed.raw.columns[0]


def rules(*lines: str, under: str = "table") -> Loaded:
    """Read the good contract with these rules in place of its own."""
    own = GOOD[GOOD.index("  quality:") : GOOD.index("- name: good")]
    written = "".join(f"  - {{{line}}}\n" for line in lines)
    amount = "  - {name: amount, logicalType: number, logicalTypeOptions: {minimum: 0}}\n"
    if under == "table":
        text = changed((own, f"  quality:\n{written}"))
    else:
        flow = ", ".join(f"{{{line}}}" for line in lines)
        text = changed(
            (own, ""), (amount, amount.replace("minimum: 0}}", f"minimum: 0}}, quality: [{flow}]}}"))
        )
    assert is_valid(text)
    return parse_feed(text, "c.yaml")


def test_a_contract_becomes_a_feed() -> None:
    """Each part at its place."""
    feed = load(GOOD)
    assert is_valid(GOOD)
    assert (feed.id, feed.name, feed.version, feed.directory) == ("orders", "Orders", "1.2.0", "/data/orders")
    assert feed.service == Service(time(7, 30), "Europe/Berlin", 5400)
    assert (feed.owner.team, feed.owner.contact) == ("shop", "ann@example.com")
    assert feed.stages == (Stage.RAW, Stage.CLEAN)
    assert feed.raw.key == ("id",)
    assert feed.raw.event_time == "ts"
    assert feed.raw.aliases == {"status": "state"}
    assert [column.type for column in feed.raw.columns] == ["integer", "timestamp", "number", "text"]
    assert [(trend.name, trend.metric, trend.labels) for trend in feed.trends] == [
        ("volume", "puffy_partition_rows", {"stage": "raw"})
    ]
    assert feed.queries == (Query("mean", Stage.RAW, "SELECT avg(amount) FROM ${table}"),)
    assert list(feed.checks) == ["some_rows", "mean"]


TEXT = "name: a, logicalType: string"
COLUMNS: list[tuple[str, dict[str, Any]]] = [
    ("name: a", {"type": ""}),
    ("name: a, logicalType: string", {"type": "text"}),
    ("name: a, logicalType: boolean, required: true", {"type": "boolean", "required": True}),
    ("name: a, logicalType: date", {"type": "date"}),
    (
        "name: a, logicalType: date, logicalTypeOptions: {format: dd/MM/yyyy}",
        {"type": "date", "format": "%d/%m/%Y"},
    ),
    ("name: a, logicalType: string, logicalTypeOptions: {format: uri}", {"type": "url"}),
    (
        "name: a, logicalType: string, enum: [{value: x}, {value: 1}, {value: true}]",
        {"type": "category", "limits": Limits(values=("x", "1", "true"))},
    ),
    (
        "name: a, logicalType: string, logicalTypeOptions: {pattern: '[a-z]+', minLength: 1, maxLength: 5}",
        {"type": "text", "limits": Limits(pattern="[a-z]+", shortest=1, longest=5)},
    ),
    (
        "name: a, logicalType: integer, logicalTypeOptions: {exclusiveMinimum: 0, exclusiveMaximum: 10}",
        {"type": "integer", "limits": Limits(minimum=1, maximum=9)},
    ),
    (
        "name: a, logicalType: number, logicalTypeOptions: {exclusiveMinimum: 0}",
        {"type": "number", "limits": Limits(minimum=5e-324)},
    ),
    ("name: a, logicalType: string, classification: PII", {"type": "text", "personal": True}),
    ("name: a, logicalType: string, classification: public", {"type": "text"}),
    ("name: a, logicalType: string, physicalName: A", {"type": "text", "aliases": ("A",)}),
    ("name: a, customProperties: [{property: expected, value: false}]", {"expected": False}),
    ("name: a, logicalType: integer, customProperties: [{property: type, value: none}]", {"type": ""}),
    (
        "name: a, logicalType: string, customProperties: [{property: type, value: category}]",
        {"type": "category"},
    ),
    (
        f"{TEXT}, quality: [{{metric: invalidValues, mustBe: 0, arguments: {{validValues: [x, y]}}}}]",
        {"type": "category", "limits": Limits(values=("x", "y"))},
    ),
    (
        (
            "name: a, logicalType: number, "
            "quality: [{metric: invalidValues, mustBe: 0, arguments: {minimum: 3}}]"
        ),
        {"type": "number", "limits": Limits(minimum=3)},
    ),
]


@pytest.mark.parametrize(("line", "wanted"), COLUMNS, ids=[line for line, _ in COLUMNS])
def test_a_property_becomes_a_column(line: str, wanted: dict[str, Any]) -> None:
    """Type, limits, names."""
    assert column(line) == Column(name="a", **wanted)


BEYOND = [
    ("name: a, logicalType: array, items: {logicalType: string}", "array values are not checked"),
    ("name: a, logicalType: time", "times of the day are read as text"),
    ("name: a, logicalType: string, classification: odd", "odd has no effect"),
    ("name: a, logicalType: string, logicalTypeOptions: {format: email}", "format email is not checked"),
    ("name: a, logicalType: integer, logicalTypeOptions: {multipleOf: 5}", "multipleOf is not checked"),
    ("name: a, logicalType: date, logicalTypeOptions: {minimum: '2020-01-01'}", "limits of times are not"),
    ("name: a, enum: [{value: x}]", "its limits are not checked"),
    ("name: a, customProperties: [{property: colour, value: x}]", "colour is not a property of this tool"),
    (
        "name: a, customProperties: [{property: aliases, value: [x], vendor: atlan}]",
        "aliases is not a property",
    ),
    ("name: a, quality: [{metric: nullValues, mustBe: 0}]", "not counted in a column without a type"),
    (
        "name: a, logicalType: string, quality: [{metric: invalidValues, mustBe: 0, arguments: {x: 1}}]",
        "x is no",
    ),
    (
        (
            "name: a, logicalType: string, quality: "
            "[{metric: missingValues, mustBe: 0, arguments: {missingValues: [null, '', N/A, none-given]}}]"
        ),
        "'none-given' is a value unless it is in data.missing_values",
    ),
    (
        "name: a, logicalType: string, quality: [{type: custom, engine: soda, implementation: x}]",
        "engine soda",
    ),
    ("name: a, quality: [{description: nice}]", "it has no metric, so there is nothing to check"),
    ("name: a, quality: [{type: sql, query: SELECT 1 FROM t, mustBe: 1}]", "does not read ${table}"),
]


@pytest.mark.parametrize(("line", "words"), BEYOND, ids=[line for line, _ in BEYOND])
def test_what_this_tool_cannot_do_is_said_with_its_line(line: str, words: str) -> None:
    """Never dropped in silence."""
    (warning,) = columns(line).warnings
    assert words in warning
    assert warning.startswith("c.yaml:17: schema.0.properties.0")


def test_the_columns_of_a_pack_have_the_types_that_are_written() -> None:
    """The pack looks at the others itself."""
    loaded = columns(
        "name: a, logicalType: integer",
        "name: t, logicalType: timestamp, customProperties: [{property: eventTime, value: true}]",
        "name: b, logicalType: string, customProperties: [{property: type, value: text}]",
        pack="web-orders",
    )
    assert loaded.warnings == ()
    assert [column.type for column in loaded.feed.raw.columns] == ["", "", "text"]
    assert loaded.feed.raw.event_time == "t"


def test_the_key_is_the_primary_one_or_the_first_unique_one() -> None:
    """In the order of its positions."""
    primary = columns(
        "name: a, primaryKey: true, primaryKeyPosition: 2", "name: b, primaryKey: true, primaryKeyPosition: 1"
    )
    assert primary.feed.raw.key == ("b", "a")
    assert columns("name: a, unique: true").feed.raw.key == ("a",)
    both = columns("name: a, unique: true", "name: b, primaryKey: true")
    assert both.feed.raw.key == ("b",)
    assert "only the key (b) is checked" in both.warnings[0]


OPERATORS = [
    ("mustBe: 3", {"": ("!=", 3)}),
    ("mustNotBe: 3", {"": ("==", 3)}),
    ("mustBeGreaterThan: 3", {"": ("<=", 3)}),
    ("mustBeGreaterOrEqualTo: 3", {"": ("<", 3)}),
    ("mustBeLessThan: 3", {"": (">=", 3)}),
    ("mustBeLessOrEqualTo: 3", {"": (">", 3)}),
    ("mustBeBetween: [1, 3]", {"_low": ("<", 1), "_high": (">", 3)}),
    ("mustNotBeBetween: [1, 3]", {"": ("<=", 3)}),
]


@pytest.mark.parametrize(("operator", "wanted"), OPERATORS)
def test_a_check_is_in_breach_where_its_rule_does_not_hold(
    operator: str, wanted: dict[str, tuple[str, float]]
) -> None:
    """By value: every number around the limits is judged as the rule says."""
    loaded = rules(f"name: n, metric: rowCount, {operator}")
    assert loaded.warnings == ()
    checks = loaded.feed.checks
    assert {name: (fields["compare"], fields["limits"]) for name, fields in checks.items()} == {
        f"n{ending}": (compare, {"warning": limit}) for ending, (compare, limit) in wanted.items()
    }
    holds = {
        "mustBe": lambda value: value == 3,
        "mustNotBe": lambda value: value != 3,
        "mustBeGreaterThan": lambda value: value > 3,
        "mustBeGreaterOrEqualTo": lambda value: value >= 3,
        "mustBeLessThan": lambda value: value < 3,
        "mustBeLessOrEqualTo": lambda value: value <= 3,
        "mustBeBetween": lambda value: 1 <= value <= 3,
        "mustNotBeBetween": lambda value: not 1 <= value <= 3,
    }[operator.split(":", maxsplit=1)[0]]
    for value in range(6):
        breach = any(_breaches(fields, value) for fields in checks.values())
        assert breach == (not holds(value)), value


def _breaches(fields: Any, value: float) -> bool:
    when = fields["value"].get("when")
    if when is not None and not Compare(when["compare"]).holds(value, when["limit"]):
        return False
    return Compare(fields["compare"]).holds(value, fields["limits"]["warning"])


LIBRARY: list[tuple[str, str, dict[str, Any], float]] = [
    ("table", "metric: rowCount, mustBe: 5", {"metric": "puffy_partition_rows"}, 5),
    ("column", "metric: nullValues, mustBe: 5", {"metric": "puffy_column_missing_rows"}, 5),
    (
        "column",
        "metric: missingValues, mustBe: 5, unit: percent",
        {"metric": "puffy_column_missing_ratio"},
        0.05,
    ),
    ("column", "metric: invalidValues, mustBe: 5", {"metric": "puffy_column_invalid_rows"}, 5),
    ("column", "metric: invalidValues, mustBe: 5, unit: '%'", {"metric": "puffy_column_invalid_ratio"}, 0.05),
    ("column", "metric: duplicateValues, mustBe: 5", {"metric": "puffy_column_duplicate_rows"}, 5),
    ("table", "metric: duplicateValues, mustBe: 5", {"metric": "puffy_partition_duplicate_keys"}, 5),
    (
        "table",
        "metric: duplicateValues, mustBe: 5, arguments: {properties: [id]}, unit: percent",
        {
            "metric": "puffy_partition_duplicate_keys",
            "per": {"metric": "puffy_partition_rows", "labels": {"stage": "raw"}},
        },
        0.05,
    ),
]


@pytest.mark.parametrize(("under", "line", "value", "limit"), LIBRARY, ids=[case[1] for case in LIBRARY])
def test_a_rule_of_the_library_becomes_a_check(
    under: str, line: str, value: dict[str, Any], limit: float
) -> None:
    """With the metric, labels and unit that figures have."""
    loaded = rules(line, under=under)
    assert loaded.warnings == ()
    ((name, fields),) = loaded.feed.checks.items()
    labels = {"stage": "raw"} | ({"column": "amount"} if "_column_" in value["metric"] else {})
    assert fields["value"] == {**value, "labels": labels}
    assert fields["limits"] == {"warning": limit}
    assert name.startswith("raw_")


def test_a_rule_says_what_people_are_told() -> None:
    """Its own words, or else words that its operator gives."""
    said = (
        "name: Enough Rows, metric: rowCount, mustBeGreaterThan: 0, severity: blocker, "
        "description: 'a\\n b', businessImpact: no sales, "
        "customProperties: [{property: blocking, value: true}, "
        "{property: owner, value: web}, {property: resolution, value: [look, ask]}]"
    )
    fields = rules(said.replace("'a\\n b'", '"a\\n b"')).feed.checks["enough_rows"]
    assert fields == {
        "alert": "PuffyEnoughRows",
        "value": {"metric": "puffy_partition_rows", "labels": {"stage": "raw"}},
        "compare": "<=",
        "limits": {"critical": 0},
        "owner": "web",
        "summary": "a b",
        "impact": "no sales",
        "resolution": ["look", "ask"],
        "blocking": True,
    }
    silent = rules("metric: rowCount, mustBeLessThan: 1000").feed.checks["raw_row_count"]
    assert silent["summary"] == "orders: rows must be less than 1,000."
    assert silent["owner"] == "shop"


SERVICE = [
    ("{property: timeOfAvailability, value: 10:30}", Service(time(10, 30))),
    ("{property: timeOfAvailability, value: '09:00-08:00'}", Service(time(9), "Etc/GMT+8")),
    ("{property: timeOfAvailability, value: '09:00Z'}", Service(time(9))),
    ("{property: frequency, value: 24, unit: h}", Service()),
    (
        (
            "{property: frequency, value: 1, unit: d, customProperties: "
            "[{property: weekdays, value: [mon, Friday]}]}"
        ),
        Service(weekdays=frozenset(("Mon", "Fri"))),
    ),
    ("{property: latency, value: 1.5, unit: h}", Service(grace_seconds=5400)),
    ("{property: retention, value: 3, unit: y}", Service()),
]


@pytest.mark.parametrize(("level", "wanted"), SERVICE)
def test_a_service_level_is_taken_over(level: str, wanted: Service) -> None:
    """What is not said stays as it ships."""
    start, end = GOOD.index("slaProperties:"), GOOD.index("team:")
    assert load(GOOD[:start] + f"slaProperties:\n- {level}\n" + GOOD[end:]).service == wanted


def test_a_path_may_stand_with_the_server() -> None:
    """The folder that all files share is the directory."""
    text = columns("name: a").feed
    assert text.directory == "/data/orders"
    one = GOOD[: GOOD.index("- name: good")].replace(
        "- {property: latency, value: 90, unit: m, element: good.ts}\n", ""
    )
    one = one.replace('  physicalName: "orders_{date:%Y%m%d}.csv"\n', "")
    feed = load(one.replace("path: /data/orders", "path: '/data/dt={date:%Y-%m-%d}/o.csv'"))
    assert (feed.directory, feed.raw.path.text) == ("/data", "dt={date:%Y-%m-%d}/o.csv")


def test_the_form_of_the_files_is_the_servers() -> None:
    """A delimiter is a property of ours: the standard has none for local files."""
    server = "format: csv, encoding: UTF-8, customProperties: [{property: delimiter, value: tab}]}"
    assert load(changed(("format: csv}", server))).raw.form == Form("csv", delimiter="\t")
    server = server.replace("csv", "JSON").replace("delimiter, value: tab", 'quote, value: "\'"')
    assert load(changed(("format: csv}", server))).raw.form == Form("ndjson", quote="'")
    assert load(changed(("format: csv}", "format: any}"))).raw.form == Form()


FORMATS = [
    ("yyyy-MM-dd HH:mm:ss", "%Y-%m-%d %H:%M:%S"),
    ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "%Y-%m-%dT%H:%M:%S.%f%z"),
    ("dd MMM yyyy", "%d %b %Y"),
    ("%d.%m.%Y", "%d.%m.%Y"),
    ("rfc3339", None),
    ("ISO8601", None),
]


@pytest.mark.parametrize(("java", "python"), FORMATS)
def test_a_format_is_read_as_java_or_as_c_writes_it(java: str, python: str | None) -> None:
    """Contracts of other tools use Java's letters."""
    assert strptime_format(java) == python


def test_a_contract_of_another_tool_is_refused_for_what_cannot_be() -> None:
    """Its id is no label, its server no folder."""
    with pytest.raises(InvalidFileError) as caught:
        parse_feed(POSTGRES, "c.yaml")
    said = "\n".join(caught.value.lines)
    assert "c.yaml:24: schema.0.physicalName: it contains no date" in said
    assert len(caught.value.lines) == 1


def test_a_contract_of_another_tool_is_read_as_far_as_it_goes() -> None:
    """Each part that is not understood has a line; what is only documentation has none."""
    loaded = parse_feed(POSTGRES.replace("tbl_1\n", "'tbl_{date:%Y%m%d}.csv'\n", 1), "c.yaml")
    assert [warning.split(": ", 1)[1] for warning in loaded.warnings] == [
        "servers.0.type: postgres servers are ignored; only the first local one is used",
        "schema.0.properties.0.customProperties.0.property: obfuscation is not a property of this tool",
        "schema.0.properties.2.classification: top-secret has no effect: only personal values are hidden",
        "schema.0.properties.2.quality.1.engine: rules of the engine soda are ignored",
        "schema.0.properties.3.logicalType: array values are not checked, only whether the column exists",
        "schema.0.quality.0.severity: urgent is treated as a warning",
        "schema.0.quality.1.query: the query does not read ${table}, the day's file, so it is not run",
        "slaProperties.0: the age of raw rows is not watched; timeOfAvailability says when they are due",
        "slaProperties.1.property: generalAvailability is not watched",
        "customProperties.0.property: refRulesetName is not a property of this tool",
        "customProperties.1.property: stage is not a property of this tool",
    ]
    feed = loaded.feed
    assert feed.owner.contact == "mhopper"
    assert feed.service == Service(time(9), "Etc/GMT+8")
    assert list(feed.checks) == ["not_a_small_day", "raw_rcvr_cntry_code_null_values"]
    assert [column.personal for column in feed.raw.columns] == [False, True, False, False]


def test_a_newer_version_of_the_standard_is_a_warning() -> None:
    """What it added is unknown; what it shares with ours is read."""
    (warning,) = parse_feed(changed(("apiVersion: v3.1.0", "apiVersion: v3.9.0")), "c.yaml").warnings
    assert warning.startswith("c.yaml:1: apiVersion: v3.9.0 is newer")


def test_a_thousand_contracts_are_read_or_refused_in_seconds() -> None:
    """By the processor's time, on two hundred of them; ``bench/reading_contracts.py`` measures more."""
    texts = [changed(("id: orders", f"id: orders-{number}")) for number in range(100)]
    wrong = [text.replace("metric: rowCount", "metric: rowCuont") for text in texts]
    parse_feed(texts[0], "c.yaml")
    started = process_time()
    assert [parse_feed(text, "c.yaml").feed.id for text in texts][-1] == "orders-99"
    for text in wrong:
        with pytest.raises(InvalidFileError):
            parse_feed(text, "c.yaml")
    assert process_time() - started < 200 / 1000 * 5 * 2
