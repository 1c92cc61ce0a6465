"""What a feed is: which files a pipeline leaves for each day, and what must be in them.

A feed is read from its contract (``exporter.contract``) and passed on as a value. Nothing that works on a day
knows of any other feed, and nothing reads one from a global.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time

from exporter.errors import UserError
from exporter.model import Stage
from exporter.template import PathTemplate

FEED_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # a label and a folder
LONGEST_ID = 64
SUM = "puffy_column_sum_of_values"
TABLE = "${table}"  # what stands for the day's file in ``Query.sql``
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a column's values may be; what is outside is invalid. ``None``: anything."""

    values: tuple[str, ...] | None = None
    pattern: str | None = None  # of the whole value, as Python's ``re`` reads it
    minimum: float | None = None
    maximum: float | None = None
    shortest: int | None = None  # characters
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``type`` names a module of ``exporter.profiling.types``, ``""`` one that is only expected.

    Of a column without a type nothing but its presence is looked at, and missing values where it is
    ``required``.
    """

    name: str
    type: str = ""
    required: bool = False  # a value in every row
    aliases: tuple[str, ...] = ()  # other names that the header may give it
    personal: bool = False  # never shown, not even by its shape
    event_time: bool = False  # when the row's event happened; one column of a table at most
    reason: bool = False  # why the row was rejected; of a table of rejects, one column at most
    format: str | None = None  # of timestamps and dates, as strptime reads it; None: RFC 3339
    limits: Limits = Limits()
    expected: bool = True  # False: may be absent
    description: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """How a table's files are written. Without a ``format`` the name of each file says it; else it is CSV."""

    format: str = ""
    delimiter: str = ","
    encoding: str = "utf-8"  # as Python calls it
    quote: str = '"'


@dataclass(frozen=True, slots=True)
class Table:
    """What one stage leaves for each day: one file with these columns, in the order of the contract."""

    name: str  # in the contract
    stage: Stage
    path: PathTemplate
    columns: tuple[Column, ...]
    form: Form = Form()
    key: tuple[str, ...] = ()  # columns that together name a row once
    packs: tuple[str, ...] = ()  # modules of exporter.profiling.packs that look at the rows
    description: str = ""
    success_file: str = ""  # that says, in a day's folder, that all of its parts are there
    summed: tuple[str, ...] = ()  # columns whose sums are split by value: a trend follows them

    @property
    def names(self) -> tuple[str, ...]:
        """The expected columns' names."""
        return tuple(column.name for column in self.columns if column.expected)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that must have a value in every row."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def aliases(self) -> Mapping[str, str]:
        """The column's name for each other name that a header may use."""
        return {alias: column.name for column in self.columns for alias in column.aliases}

    @property
    def event_time(self) -> str | None:
        """The column that says when a row's event happened, or ``None`` if there is none."""
        return next((column.name for column in self.columns if column.event_time), None)

    @property
    def reason(self) -> str | None:
        """The column that says why a row was rejected, or ``None`` if there is none."""
        return next((column.name for column in self.columns if column.reason), None)

    @property
    def typed(self) -> tuple[Column, ...]:
        """The columns that have figures of their own."""
        return tuple(column for column in self.columns if column.type)

    @property
    def read_by(self) -> "Table":
        """What of the table a file's figures depend on."""
        columns = tuple(replace(column, description="", personal=False) for column in self.columns)
        path = PathTemplate("{date:%Y%m%d}")
        return replace(self, columns=columns, description="", path=path, success_file="")

    def column(self, name: str) -> Column | None:
        """Return a column by its name."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Service:
    """When a day's files are promised."""

    due_time: time = time(6)  # of the day after
    zone: str = "UTC"
    grace_seconds: float = 7200.0  # after due_time, for the stages behind the first
    weekdays: frozenset[str] = frozenset(WEEKDAYS)  # days that have a partition


@dataclass(frozen=True, slots=True)
class FollowedFigure:
    """A trend of the contract: one sample of one metric, followed from day to day.

    ``band`` holds what is written about it, in the words of the configuration's ``trends`` section.
    """

    name: str
    metric: str
    labels: Mapping[str, str]
    band: Mapping[str, object] = field(default_factory=dict)

    def is_sum_of(self, stage: Stage) -> bool:
        """Return whether it is the sum of one of a stage's columns."""
        return self.metric == SUM and self.labels.get("stage") == stage.value

    @property
    def of(self) -> str:
        """The column that it adds up, empty if it is no sum of one."""
        return self.labels.get("column", "") if self.metric == SUM else ""


@dataclass(frozen=True, slots=True)
class Query:
    """A statement that returns one number of a day's file."""

    name: str
    stage: Stage
    sql: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a finding concerns."""

    team: str = "data-engineering"
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A daily feed: its tables by stage, the raw one always among them."""

    id: str  # the label ``feed`` of every series
    name: str
    tables: Mapping[Stage, Table]
    version: str = "1.0.0"
    description: str = ""
    directory: str | None = None  # where the files lie, if the contract says so
    service: Service = Service()
    owner: Owner = Owner()
    trends: tuple[FollowedFigure, ...] = ()
    checks: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict
    )  # as the configuration writes them
    queries: tuple[Query, ...] = ()

    @property
    def raw(self) -> Table:
        """The first table."""
        return self.tables[Stage.RAW]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that the feed has, the first one first."""
        return tuple(stage for stage in Stage if stage in self.tables)

    def read_as(self, stage: Stage) -> Table:
        """Return a stage's table with all that its figures tell. Raises UserError as ``table`` does."""
        summed = [trend.labels["column"] for trend in self.trends if trend.is_sum_of(stage)]
        return replace(self.table(stage), summed=tuple(dict.fromkeys(summed)))

    def table(self, stage: Stage) -> Table:
        """Return a stage's table. Raises UserError if the feed has no such stage."""
        try:
            return self.tables[stage]
        except KeyError:
            raise UserError(f"the feed {self.id} has no {stage} files") from None
