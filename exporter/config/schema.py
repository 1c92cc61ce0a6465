"""The configuration file as written. Every key has a default, so an empty file is valid."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from exporter.config.trends import EventSpec
from exporter.config.values import (
    Clock,
    Count,
    Days,
    Label,
    Origin,
    Readable,
    Scheduler,
    Size,
    Writable,
    Zone,
)
from exporter.engine.settings import Settings, Tls
from exporter.history.band import BandSpec
from exporter.integrations.settings import MonteCarlo, OpenLineage
from exporter.links import Links
from exporter.metric import DEFAULTS
from exporter.model import HERE, Place
from exporter.profiling.unpack import USUAL, Expansion
from exporter.queries.answer import Bounds
from exporter.rules.address import page_address, server_address
from exporter.strict import Number, Seconds, Strict
from exporter.watch.mode import Mode

FARTHEST_START = timedelta(days=92)


class DataSpec(Strict):
    """The pipeline's files and our output."""

    directory: Readable | None = None
    output_directory: Writable | None = None  # default: monitoring/ in the data directory
    column_aliases: dict[Label, Label] | None = None  # overrides the contract's
    follow_links_outside: bool = False
    complete_marker: Annotated[str, Field(min_length=1, pattern=r"^[^/].*%")] | None = (
        None  # in strftime format
    )
    missing_values: list[Label] = Field(default_factory=list)  # in addition to pandas' NA strings and \N
    known_events: list[Label] | None = None  # overrides the contract's
    most_label_values: Count = DEFAULTS.most_label_values


class PlacesSpec(Strict):
    """How object storage is accessed. Credentials are never written here: they come from the environment."""

    endpoint: Origin | None = None  # instead of the provider's
    region: Label | None = None
    timeout: Annotated[Seconds, Field(gt=0, le=3600)] = HERE.timeout  # of one request
    connect_timeout: Annotated[Seconds, Field(gt=0, le=300)] = HERE.connect_timeout
    attempts: Annotated[int, Field(strict=True, ge=1, le=20)] = HERE.attempts  # per request

    def place(self) -> Place:
        """Return the place that it describes."""
        return Place(
            self.endpoint or "", self.region or "", self.timeout, self.connect_timeout, self.attempts
        )


class CalendarSpec(Strict):
    """The pipeline's days."""

    timezone: Zone | None = None  # overrides the contract's, as does due_time
    due_time: Clock | None = None
    window_days: Days = 35
    alert_days: Days = 3
    start_date: date | None = None
    events: list[EventSpec] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits(self) -> "CalendarSpec":
        if self.alert_days > self.window_days:
            raise ValueError("alert_days is larger than window_days")
        ahead = datetime.now(tz=ZoneInfo(self.timezone or "UTC")).date() + FARTHEST_START
        if self.start_date is not None and self.start_date > ahead:
            raise ValueError(f"start_date {self.start_date} is far in the future: no day would be expected")
        return self


class WatchSpec(Strict):
    """When to look for changes."""

    mode: Mode = Mode.AUTO
    settle_seconds: Seconds = 2.0
    shrink_grace: Seconds = 15 * 60.0  # for a file that shrank or arrived empty
    debounce_seconds: Seconds = 0.2
    poll_seconds: Annotated[Seconds, Field(ge=0.1)] = 5.0
    rescan_seconds: Annotated[Seconds, Field(ge=1)] = 60.0


class ProfilingSpec(Strict):
    """How files are read."""

    threads: Annotated[int, Field(strict=True, ge=1, le=64)] = 2
    most_unpacked: Size = USUAL.largest  # bytes that a compressed file may expand to
    # As a multiple of its own size; 1 GB is always allowed.
    most_times_unpacked: Annotated[Number, Field(ge=1, le=100_000)] = USUAL.most_times

    def expansion(self) -> Expansion:
        """Return what a compressed file may expand to."""
        return Expansion(self.most_unpacked, self.most_times_unpacked)


class TlsSpec(Strict):
    """Certificates in PEM format."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


class EngineSpec(Strict):
    """The processes that read the files."""

    scheduler: Scheduler | None = None  # null: threads of this process
    ranges_in_flight: Annotated[int, Field(strict=True, ge=1, le=10_000)] = Settings().ranges_in_flight
    fallback: Literal["local", "none"] = "local"
    tls: TlsSpec = TlsSpec()

    @model_validator(mode="after")
    def _fits(self) -> "EngineSpec":
        named = any(path is not None for path in (self.tls.ca_file, self.tls.cert_file, self.tls.key_file))
        if named and self.scheduler is not None and not self.scheduler.startswith("tls://"):
            raise ValueError("tls requires a scheduler of the form tls://host:port")
        return self

    def settings(self) -> Settings:
        """Return the settings that it describes."""
        tls = Tls(self.tls.ca_file, self.tls.cert_file, self.tls.key_file)
        return Settings(self.scheduler, self.ranges_in_flight, self.fallback == "local", tls)


class QueriesSpec(Strict):
    """Resource limits of each statement of a contract."""

    memory: Size = Bounds().memory
    timeout: Annotated[Seconds, Field(gt=0, le=3600)] = Bounds().timeout

    def bounds(self) -> Bounds:
        """Return the bounds that it describes."""
        return Bounds(self.memory, self.timeout)


class ReportSpec(Strict):
    """The files that the exporter writes."""

    history: Annotated[int, Field(strict=True, ge=0, le=10_000)] = 100


Address = Annotated[str, AfterValidator(server_address)]


class LinksSpec(Strict):
    """Addresses for links in alerts."""

    runbooks: Annotated[str, AfterValidator(page_address)] | None = Links().runbooks
    grafana: Address = Links().grafana
    exporter: Address = Links().exporter
    alertmanager: Address = Links().alertmanager

    @property
    def unset(self) -> list[str]:
        """Return the keys with shipped defaults: addresses of this machine, which nobody else can reach."""
        shipped = LinksSpec().model_dump(exclude_none=True)
        return [name for name, address in shipped.items() if getattr(self, name) == address]

    @property
    def names_exporter(self) -> bool:
        """Whether the exporter's address is configured."""
        return "exporter" in self.model_fields_set

    def links(self) -> Links:
        """Return the links that it describes."""
        named = "grafana" in self.model_fields_set
        return Links(self.runbooks, self.grafana, self.exporter, self.alertmanager, has_grafana=named)


class NotificationsSpec(Strict):
    """How people are notified, beyond what Alertmanager decides."""

    # Of the day, in calendar.timezone; null: no digest.
    digest_hour: Annotated[int, Field(strict=True, ge=0, le=23)] | None = 8


class TaskSpec(Strict):
    """Expectations of one task of the pipeline."""

    max_duration: Annotated[Seconds, Field(gt=0)]


class TasksSpec(Strict):
    """When a run counts as slow, and when as never ended."""

    max_duration: Annotated[Seconds, Field(gt=0)] = DEFAULTS.task_limit
    slow_factor: Annotated[Number, Field(gt=1)] = DEFAULTS.slow_factor
    slow_floor: Seconds = DEFAULTS.slow_floor
    unended_after: Annotated[Seconds, Field(gt=0)] = DEFAULTS.unended_after
    by_name: dict[Label, TaskSpec] = Field(default_factory=dict)


class MonteCarloSpec(Strict):
    """Monte Carlo's push API."""

    automatic: bool = False
    endpoint: Origin = MonteCarlo().endpoint
    credentials_file: Path | None = None
    resource_uuid: UUID | None = None
    resource_type: Label = MonteCarlo().resource_type
    etl_resource_uuid: UUID | None = None
    etl_resource_type: Label = MonteCarlo().etl_resource_type
    database: Label = MonteCarlo().database
    database_schema: Label = MonteCarlo().database_schema
    warehouse_table: Label = MonteCarlo().warehouse_table
    timeout: Annotated[Seconds, Field(gt=0, le=300)] = MonteCarlo().timeout_seconds
    longest_wait: Annotated[Seconds, Field(gt=0, le=300)] = MonteCarlo().longest_wait_seconds

    def settings(self) -> MonteCarlo:
        """Return the settings that it describes."""
        return MonteCarlo(
            automatic=self.automatic,
            endpoint=self.endpoint,
            credentials_file=self.credentials_file,
            resource_uuid=None if self.resource_uuid is None else str(self.resource_uuid),
            resource_type=self.resource_type,
            etl_resource_uuid=None if self.etl_resource_uuid is None else str(self.etl_resource_uuid),
            etl_resource_type=self.etl_resource_type,
            database=self.database,
            database_schema=self.database_schema,
            warehouse_table=self.warehouse_table,
            timeout_seconds=self.timeout,
            longest_wait_seconds=self.longest_wait,
        )


class OpenLineageSpec(Strict):
    """An OpenLineage collector, a file of events, or both."""

    automatic: bool = False
    url: Origin | None = None
    file: Path | None = None
    namespace: Label = OpenLineage().namespace
    timeout: Annotated[Seconds, Field(gt=0, le=300)] = OpenLineage().timeout_seconds

    def settings(self) -> OpenLineage:
        """Return the settings that it describes."""
        return OpenLineage(self.automatic, self.url, self.file, self.namespace, self.timeout)


class IntegrationsSpec(Strict):
    """Other systems that receive the results."""

    owner: Label = "data-engineering"
    contact: Label | None = None  # an e-mail address
    montecarlo: MonteCarloSpec = MonteCarloSpec()
    openlineage: OpenLineageSpec = OpenLineageSpec()


class ConfigSpec(Strict):
    """The whole file."""

    data: DataSpec = DataSpec()
    places: PlacesSpec = PlacesSpec()
    calendar: CalendarSpec = CalendarSpec()
    watch: WatchSpec = WatchSpec()
    profiling: ProfilingSpec = ProfilingSpec()
    engine: EngineSpec = EngineSpec()
    queries: QueriesSpec = QueriesSpec()
    report: ReportSpec = ReportSpec()
    links: LinksSpec = LinksSpec()
    notifications: NotificationsSpec = NotificationsSpec()
    integrations: IntegrationsSpec = IntegrationsSpec()
    tasks: TasksSpec = TasksSpec()
    trends: dict[str, BandSpec] = Field(default_factory=dict)
    checks: dict[str, Any] = Field(default_factory=dict)
