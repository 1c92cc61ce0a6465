"""Checks as a contract adds them: on any figure, on any trend."""

from dataclasses import replace
from typing import Any

from feeds import BANDS, VOLUME

from exporter.checks.catalogue import load_catalogue
from exporter.checks.check import Check, Origin
from exporter.history.trend import Band, Trend

WORDS = {"summary": "It is off.", "impact": "Something is wrong.", "resolution": ["Look at it."]}
VIEWS = Trend("views", "puffy_partition_events", ("raw", "page_viewed"), VOLUME)


def contract_check(name: str, band: Band | None = None, **fields: Any) -> Check:
    """Return a check of a contract, written as the catalogue's are."""
    written = {"alert": "PuffyOfAContract", "owner": "payments", **WORDS, **fields}
    bands = {**BANDS, **({} if band is None else {fields["trend"]: band})}
    (found,) = (check for check in load_catalogue(bands, {name: written}) if check.name == name)
    return replace(found, origin=Origin.CONTRACT)


def column_check(name: str, compare: str, **limits: float) -> Check:
    """Return a check on missing values, column by column."""
    value = {"metric": "puffy_partition_missing_rows", "labels": {"stage": "raw"}}
    return contract_check(name, value=value, compare=compare, limits=limits)
