"""A feed: the files that a pipeline writes for each day, and what they must contain.

A feed is read from its contract (``exporter.contract``) and passed on as a value. Code that works on a day
knows no other feed, and no feed is global.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta

from exporter.errors import UserError
from exporter.model import Stage, period_of
from exporter.template import PathTemplate

FEED_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # a label and a folder
LONGEST_ID = 64
SUM = "puffy_column_sum_of_values"
TABLE = "${table}"  # the placeholder of the day's file in ``Query.sql``
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Limits:
    """A column's valid values; others are invalid. ``None``: no limit."""

    values: tuple[str, ...] | None = None
    pattern: str | None = None  # of the whole value, as Python's ``re`` reads it
    minimum: float | None = None
    maximum: float | None = None
    shortest: int | None = None  # characters
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``type`` names a module of ``exporter.profiling.types``, ``""`` one that is only expected.

    A column without a type is only checked for presence, and for missing values if it is
    ``required``.
    """

    name: str
    type: str = ""
    required: bool = False  # a value in every row
    aliases: tuple[str, ...] = ()  # other names for it in headers
    personal: bool = False  # never shown, not even its shape
    event_time: bool = False  # when the row's event happened; at most one column per table
    reason: bool = False  # why the row was rejected; at most one column, in a table of rejects
    format: str | None = None  # strptime format of timestamps and dates; None: RFC 3339
    limits: Limits = Limits()
    expected: bool = True  # False: may be absent
    description: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The format of a table's files. Without a ``format`` each file's name decides, by default CSV."""

    format: str = ""
    delimiter: str = ","
    encoding: str = "utf-8"  # Python's name of it
    quote: str = '"'


@dataclass(frozen=True, slots=True)
class Table:
    """One stage's output for each day: a file with these columns, in the order of the contract."""

    name: str  # in the contract
    stage: Stage
    path: PathTemplate
    columns: tuple[Column, ...]
    form: Form = Form()
    key: tuple[str, ...] = ()  # columns that together identify a row
    packs: tuple[str, ...] = ()  # modules of exporter.profiling.packs that read the rows
    description: str = ""
    success_file: str = ""  # the file in a day's folder that marks its parts as complete
    summed: tuple[str, ...] = ()  # columns whose sums are split by value, because a trend tracks them

    @property
    def names(self) -> tuple[str, ...]:
        """The expected columns' names."""
        return tuple(column.name for column in self.columns if column.expected)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns with a value required in every row."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def aliases(self) -> Mapping[str, str]:
        """The column's name by each alias."""
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
        """The parts of the table that a file's figures depend on."""
        columns = tuple(replace(column, description="", personal=False) for column in self.columns)
        path = PathTemplate("{date:%Y%m%d}")
        return replace(self, columns=columns, description="", path=path, success_file="")

    def column(self, name: str) -> Column | None:
        """Return a column by its name."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Service:
    """When a day's files are due."""

    due_time: time = time(6)  # of the day after
    zone: str = "UTC"
    grace_seconds: float = 7200.0  # after due_time, for stages after the first
    weekdays: frozenset[str] = frozenset(WEEKDAYS)  # days that have a partition

    @property
    def period(self) -> timedelta:
        """The time between two partitions: a week if there is one a week, otherwise a day."""
        return period_of(self.weekdays)


@dataclass(frozen=True, slots=True)
class FollowedFigure:
    """A trend of the contract: one sample of one metric, tracked from day to day.

    ``band`` holds its limits as written, as in the configuration's ``trends`` section.
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
        """The column that it adds up, empty if it is not a column's sum."""
        return self.labels.get("column", "") if self.metric == SUM else ""


@dataclass(frozen=True, slots=True)
class Query:
    """A statement that returns one number of a day's file."""

    name: str
    stage: Stage
    sql: str


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of a finding."""

    team: str = "data-engineering"
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A daily feed: its tables by stage, always including the raw one."""

    id: str  # the label ``feed`` of every series
    name: str
    tables: Mapping[Stage, Table]
    version: str = "1.0.0"
    description: str = ""
    directory: str | None = None  # where the files are, if given in the contract
    service: Service = Service()
    owner: Owner = Owner()
    trends: tuple[FollowedFigure, ...] = ()
    checks: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # as in the configuration
    queries: tuple[Query, ...] = ()

    @property
    def raw(self) -> Table:
        """The first table."""
        return self.tables[Stage.RAW]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The feed's stages in pipeline order."""
        return tuple(stage for stage in Stage if stage in self.tables)

    def read_as(self, stage: Stage) -> Table:
        """Return a stage's table as it is read for its figures. Raises UserError as ``table`` does."""
        summed = [trend.labels["column"] for trend in self.trends if trend.is_sum_of(stage)]
        return replace(self.table(stage), summed=tuple(dict.fromkeys(summed)))

    def table(self, stage: Stage) -> Table:
        """Return a stage's table. Raises UserError if the feed has no such stage."""
        try:
            return self.tables[stage]
        except KeyError:
            raise UserError(f"the feed {self.id} has no {stage} files") from None
