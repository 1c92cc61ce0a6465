"""A YAML file as somebody wrote it: every mistake at once, each with its line."""

from pathlib import Path

import pytest
from feeds import EVENTS

from exporter.config.load import load_config
from exporter.document import InvalidFileError, parse_document, read_document
from exporter.strict import Problem

FAULTY = """\
calendar:
  due_time: noon
  alert_day: 2
  timezone: Mars/Olympus
trends:
  sales: {}
checks:
  silence:
    limits: {warning: high}
calendar: {due_time: noon}
watch:
  mode: auto
  mode: polling
"""

LATER = """\
trends:
  sales: {}
  revenue:
    min_deviation: 0.9
checks:
  silence:
    limits:
      warning: high
  late: 5
  reject_ratio: {explains: [nothing_like_it]}
"""


def refused(path: Path, text: str) -> list[str]:
    """Write and load a configuration; return what is wrong, without the folder."""
    path.write_text(text)
    with pytest.raises(InvalidFileError) as caught:
        load_config(path, EVENTS)
    assert str(caught.value) == "; ".join(caught.value.lines)
    return [line.removeprefix(f"{path.parent}/") for line in caught.value.lines]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Types, unknown keys and duplicate keys; of two equal keys the last one is judged."""
    assert refused(tmp_path / "p.yml", FAULTY) == [
        "p.yml:9: checks.silence.limits.warning: input should be a valid number",
        "p.yml:10: key 'calendar' appears twice",
        "p.yml:10: calendar.due_time: not a time of day such as 06:00",
        "p.yml:13: key 'mode' appears twice",
    ]
    words = refused(tmp_path / "p.yml", FAULTY.replace("calendar: {due_time: noon}\n", ""))
    assert words == [
        "p.yml:2: calendar.due_time: not a time of day such as 06:00",
        "p.yml:3: calendar.alert_day: unknown key, did you mean alert_days?",
        "p.yml:4: calendar.timezone: 'Mars/Olympus' is not an IANA timezone",
        "p.yml:9: checks.silence.limits.warning: input should be a valid number",
        "p.yml:12: key 'mode' appears twice",
    ]


def test_so_are_those_that_show_only_beside_what_ships(tmp_path: Path) -> None:
    """Trends and checks are laid over the shipped ones before they are judged."""
    known = "events, revenue, clean_revenue"
    trend, band, limit, check, pattern = refused(tmp_path / "p.yml", LATER)
    assert trend.startswith(f"p.yml:2: trends.sales: no such trend (known: {known}")
    assert band == "p.yml:3: trends.revenue: min_deviation is larger than max_deviation"
    assert limit == "p.yml:8: checks.silence.limits.warning: input should be a valid number"
    assert check == "p.yml:9: checks.late: not a mapping of a check's fields"
    assert pattern == "p.yml:10: checks.reject_ratio.explains: no check is called 'nothing_like_it'"


def test_what_lacks_has_the_line_above_it(tmp_path: Path) -> None:
    """A key that is not written has no line of its own."""
    assert refused(tmp_path / "p.yml", "\ntasks:\n  by_name:\n    dq: {}\n") == [
        "p.yml:4: tasks.by_name.dq.max_duration: field required"
    ]


def test_a_file_that_is_no_yaml_has_one_mistake(tmp_path: Path) -> None:
    """What comes after it cannot be read."""
    assert refused(tmp_path / "p.yml", "a: 1\nb: [\n") == [
        "p.yml:3: expected the node content, but found '<stream end>'"
    ]
    with pytest.raises(InvalidFileError) as caught:
        read_document(tmp_path / "absent.yml")
    assert caught.value.lines == (f"{tmp_path}/absent.yml: no such file or directory",)


def test_a_mistake_is_one_line_that_can_be_printed(tmp_path: Path) -> None:
    """Whatever the key is called."""
    (line,) = refused(tmp_path / "p.yml", 'report:\n  "\\0\\e[31m\\u2028x": 1\n')
    assert line == r"p.yml:2: report.\x00\x1b[31m\u2028x: unknown key"


@pytest.mark.parametrize("value", ["!!int ''", "!!float ''", "!!bool x", "!!timestamp x", "!!int 0b_"])
def test_a_value_that_is_not_what_its_tag_says_is_a_mistake(tmp_path: Path, value: str) -> None:
    """PyYAML has no error of its own for these."""
    (line,) = refused(tmp_path / "p.yml", f"report:\n  history: {value}\n")
    assert line.startswith("p.yml: ")


ALIASES = [f"b{number}: &b{number} [{f'*b{number - 1}, ' * 8}*b{number - 1}]" for number in range(1, 40)]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a {b: 1}\nc: {<<: *a, d: *a}\n",
        "a: &a [1]\n"
        + "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}' if n else '*a'] * 9)}]\n" for n in range(40)),
        "a: &a\n  b: *a\n",
        "1: {true: 2, 2.5: [3]}\n",
    ],
    ids=["merged", "aliases of aliases", "within itself", "keys that are no words"],
)
def test_a_strange_file_is_read_in_no_time(text: str) -> None:
    """What an alias repeats is walked once; every key that is written has its line."""
    document = parse_document(text, "x")
    first = next(iter(document.lines))
    assert document.refuse([Problem((*first, "deeper", 7), "bad")]).lines == (
        f"x:1: {first[0]}.deeper.7: bad",
    )
    assert len(document.lines) < 1000


def test_a_merged_key_may_be_overridden(tmp_path: Path) -> None:
    """Merged keys are elsewhere; nothing is a duplicate."""
    path = tmp_path / "p.yml"
    text = "checks:\n  silence: &off {enabled: false}\n  partition_late:\n    <<: *off\n    enabled: true\n"
    path.write_text(text)
    names = {check.name for check in load_config(path, EVENTS).checks}
    assert ("silence" in names, "partition_late" in names) == (False, True)


@pytest.mark.parametrize("name", ["1", "null", "true", "2025-03-01"])
def test_a_check_whose_name_is_no_word_is_refused(tmp_path: Path, name: str) -> None:
    """YAML reads some words as something else."""
    (line,) = refused(tmp_path / "p.yml", f"checks:\n  {name}: {{enabled: false}}\n")
    assert "input should be a valid string" in line
