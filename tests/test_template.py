"""Paths with a date in them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.template import PathTemplate, TemplateError

DAY = date(2013, 2, 8)


@pytest.mark.parametrize(
    ("template", "path", "folder"),
    [
        ("events_{date:%Y%m%d}.csv", "events_20130208.csv", ""),
        ("clean/events_{date:%Y%m%d}_clean.csv", "clean/events_20130208_clean.csv", "clean"),
        ("dt={date:%Y-%m-%d}/flights.csv", "dt=2013-02-08/flights.csv", ""),
        ("in/{date:%Y}/{date:%m}/f_{date:%d}.csv", "in/2013/02/f_08.csv", "in"),
        ("{date:%Y%j}.csv", "2013039.csv", ""),
        ("{date:%d-%b-%y}.csv", "08-Feb-13.csv", ""),
        ("a(b).{date:%Y.%m.%d}.csv", "a(b).2013.02.08.csv", ""),
    ],
)
def test_a_template_writes_and_reads_a_day(template: str, path: str, folder: str) -> None:
    """What is written for a day reads back as that day, and nothing else matches."""
    known = PathTemplate(template)
    assert known.format(DAY) == path
    assert known.date_of(path) == DAY
    assert known.folder == folder
    assert known.date_of(f"x{path}") is None
    assert known.date_of(f"{path}/x") is None


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("flights.csv", "contains no date"),
        ("f_{date:%Y%m}.csv", "not a whole day"),
        ("f_{date:%m%d}.csv", "not a whole day"),
        ("f_{date:%Y%m%d%H}.csv", "%H is not supported"),
        ("f_{day}.csv", "write the date as"),
        ("/data/f_{date:%Y%m%d}.csv", "relative to the data directory"),
        ("../f_{date:%Y%m%d}.csv", "folders without"),
        ("x_*/f_{date:%Y%m%d}.csv", "in the file's name only"),
        ("", "relative to the data directory"),
    ],
)
def test_a_template_that_tells_no_day_is_refused_with_the_reason(template: str, reason: str) -> None:
    """The author of a template learns what is wrong with it."""
    with pytest.raises(TemplateError, match=reason):
        PathTemplate(template)


@pytest.mark.parametrize("path", ["f_20130230.csv", "f_00010101.csv", "f_29990101.csv"])
def test_a_path_of_an_impossible_day_is_an_error_and_no_stranger(path: str) -> None:
    """A name like a day's that holds no possible date is told apart from any other name."""
    with pytest.raises(ValueError):  # noqa: PT011  the date's own words
        PathTemplate("f_{date:%Y%m%d}.csv").date_of(path)


def test_places_of_one_path_must_agree() -> None:
    """A file in another day's folder is no file of either day."""
    template = PathTemplate("{date:%Y%m%d}/f_{date:%Y%m%d}.csv")
    with pytest.raises(ValueError, match="contradict"):
        template.date_of("20130208/f_20130209.csv")


@given(
    st.dates(date(1970, 1, 1), date(2199, 12, 31)),
    st.sampled_from(["%Y%m%d", "%Y/%j", "%d.%m.%Y", "%b/%d/%Y"]),
)
def test_every_day_reads_back(day: date, form: str) -> None:
    """Writing and reading are each other's inverse, up to the ends of what is believed."""
    template = PathTemplate(f"x_{{date:{form.replace('/', '}/{date:')}}}.csv")
    assert template.date_of(template.format(day)) == day
    neighbour = day - timedelta(days=1)
    assert template.format(neighbour) != template.format(day)
