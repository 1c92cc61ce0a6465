"""The shape of a contract: the published schema, and no other verdict than a general validator's."""

import copy
from typing import Any

import pytest
import yaml
from contracts import GOOD, POSTGRES, validator
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.contract.shape import shape_problems

SOURCES = [
    yaml.safe_load(GOOD),
    yaml.safe_load(
        POSTGRES.replace("2022-08-02", "'2022-08-02'").replace(
            "2022-11-15T02:59:43+00:00", "'2022-11-15T02:59:43Z'"
        )
    ),
]
WORDS = [
    "name",
    "type",
    "metric",
    "query",
    "mustBe",
    "logicalType",
    "value",
    "string",
    "sql",
    "map",
    "array",
    "timestamp",
]
VALUES: Any = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(-1, 1),
    st.sampled_from(WORDS),
    st.just([]),
    st.just({}),
    st.just([1, 2]),
    st.just([{"name": "x"}]),
    st.just({"name": "x"}),
)


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the places of all values."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, entry in below for found in places(entry, (*place, key)))]


def typeless(document: Any) -> list[Any]:
    """Return the columns without a logical type, of which the schema asks what it asks of any type."""
    found = [
        place
        for place in places(document)
        if place and (place[-1] in {"items", "key"} or "properties" in place[-2:-1])
    ]
    columns = [at(document, place) for place in found]
    return [one for one in columns if isinstance(one, dict) and "logicalType" not in one]


def at(value: Any, place: tuple[Any, ...]) -> Any:
    """Return what stands at a place."""
    for part in place:
        value = value[part]
    return value


@given(st.data())
@settings(max_examples=60)
def test_the_verdict_is_that_of_a_general_validator(data: st.DataObject) -> None:
    """On contracts with something wrong, or only different, anywhere."""
    document = copy.deepcopy(data.draw(st.sampled_from(SOURCES)))
    for _ in range(data.draw(st.integers(1, 2))):
        found = [place for place in places(document) if place]
        place = data.draw(st.sampled_from(found))
        parent = document
        for part in place[:-1]:
            parent = parent[part]
        how = data.draw(st.sampled_from(["value", "delete", "key"]))
        if how == "value":
            parent[place[-1]] = copy.deepcopy(data.draw(VALUES))
        elif how == "delete":
            del parent[place[-1]]
        elif isinstance(parent, dict):
            parent[data.draw(st.sampled_from(WORDS))] = copy.deepcopy(data.draw(VALUES))
    problems = shape_problems(document)
    valid = validator().is_valid(document)
    assert valid <= (not problems), problems
    assert valid >= (not problems) or any(typeless(document)), list(validator().iter_errors(document))
    assert all(problem.reason and "\n" not in problem.reason for problem in problems)


@pytest.mark.parametrize("document", SOURCES, ids=["good", "postgres"])
def test_a_good_contract_has_no_problem(document: Any) -> None:
    """Ours and another tool's."""
    assert shape_problems(document) == []
