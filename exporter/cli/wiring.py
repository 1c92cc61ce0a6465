"""From configuration to working parts: the only module that knows both."""

import logging
import sys
import threading
from collections.abc import Callable

from exporter.cli.options import Common
from exporter.cli.places import Places
from exporter.cli.reach import Reach
from exporter.config.load import Config
from exporter.discover.calendar import parse_as_of
from exporter.discover.layout import folders_of, is_upstream_file
from exporter.engine.choose import choose
from exporter.errors import reason_of
from exporter.gate.audit import AUDIT
from exporter.gate.keeper import Keeper
from exporter.incidents.ledger import Ledger
from exporter.integrations.automatic import Pusher
from exporter.pipeline.assemble import Assembler, Rules
from exporter.pipeline.daybook import Daybook
from exporter.pipeline.intake import Intake
from exporter.pipeline.judge import Judge
from exporter.pipeline.reader import Reading
from exporter.pipeline.refresh import Refresher
from exporter.pipeline.settling import Settling
from exporter.pipeline.vitals import Vitals
from exporter.places.url import is_remote
from exporter.report.outputs import Outputs
from exporter.report.render import ReportRenderer
from exporter.service.publish import Publisher
from exporter.service.service import Reconfigure
from exporter.store.state import State
from exporter.watch.observer import Observer, Watch, choose_mode
from exporter.watch.schedule import Schedule

log = logging.getLogger(__name__)


def open_state(places: Places, *, again: bool = False) -> State | None:
    """Open the state; if its folder is not writable, continue without it and log the consequences once."""
    try:
        places.output.mkdir(parents=True, exist_ok=True)
        state = State.open(places.output / "state.db")
    except OSError as error:
        log.log(
            logging.DEBUG if again else logging.WARNING,
            "no state: every file is read at each start, and first arrivals and incidents are not remembered",
            extra={"folder": str(places.output), "reason": reason_of(error)},
        )
        return None
    if again:
        log.info("state opened", extra={"folder": str(places.output)})
    if state.rebuilt:
        log.warning(
            "state rebuilt, first arrivals and whatever else files do not say are lost",
            extra={"reason": state.rebuilt},
        )
    return state


def build_rules(config: Config) -> Rules:
    """Extract from the configuration what affects figures and verdicts."""
    return Rules(config.figures, config.checks, config.trends, config.events)


def build_reading(config: Config) -> Reading:
    """Extract from the configuration how files are read. Raises UserError for an unknown engine."""
    written = config.written
    return Reading(
        config.calendar,
        config.feed,
        written.profiling.threads,
        tuple(written.data.missing_values),
        written.queries.bounds(),
        written.profiling.expansion(),
        choose(written.engine.settings()),
    )


def build_refresher(
    config: Config, places: Places, state: State | None, as_of: str | None, stop: threading.Event
) -> Refresher:
    """Build the refresher, which makes passes."""
    settling = Settling(config.written.watch.settle_seconds)
    refresher = Refresher(
        directory=places.data,
        calendar=config.calendar,
        intake=Intake.begin(
            build_reading(config), settling, state, stop, grace_seconds=config.written.watch.shrink_grace
        ),
        marker=config.written.data.complete_marker,
        follow_outside=config.written.data.follow_links_outside,
        judge=Judge(
            Assembler(build_rules(config)),
            Keeper(places.output),
            Ledger(state, past=as_of is not None),
            Daybook(state),
        ),
        digest_hour=config.written.notifications.digest_hour,
        as_of_ns=None if as_of is None else parse_as_of(as_of, config.calendar.zone),
        vitals=Vitals(state_rebuilds=int(state is not None and state.rebuilt is not None)),
        open_state=lambda: open_state(places, again=True),
    )
    refresher.intake.mirror.errors = int(state is None)
    return refresher


def build_outputs(config: Config, places: Places) -> Outputs:
    """Build the outputs, which write files."""
    outputs = Outputs(places.output, config.written.report.history)
    outputs.tidy()
    return outputs


def build_pusher(config: Config, places: Places, common: Common) -> Pusher:
    """Build the automatic pusher; each push is a process, so that no SDK is loaded here."""
    written = config.written.integrations
    automatic = {"montecarlo": written.montecarlo.automatic, "openlineage": written.openlineage.automatic}
    options = ["--output.dir", str(places.output)]
    options += [] if common.config_file is None else ["--config.file", str(common.config_file)]
    options += [] if common.feed_file is None else ["--feed.file", str(common.feed_file)]
    return Pusher(
        places.output,
        {
            peer: (sys.executable, "-m", "exporter", "push", peer, *options)
            for peer, on in automatic.items()
            if on
        },
    )


def build_schedule(config: Config) -> Schedule:
    """Build the schedule, which waits."""
    return Schedule(config.written.watch.debounce_seconds, config.written.watch.rescan_seconds)


def build_watch(config: Config, places: Places, observer: Observer, notify: Callable[[], None]) -> Watch:
    """Build the watch for file events."""
    written = config.written.watch
    audit = places.output / AUDIT
    # If the directory is a link, it is switched in the folder that contains the link.
    above = [places.data.parent] if places.data.is_symlink() else []
    # Object storage sends no events: it is listed at each rescan.
    there = [
        *above,
        places.data,
        *(places.data / folder for folder in folders_of(config.feed) if folder),
    ]
    return Watch(
        observer,
        [*([] if is_remote(places.data) else there), places.output],
        notify,
        # The data directory may vanish and come back; the log grows with each acknowledgement.
        # The same applies to the folder of markers, whatever their names.
        concerns=lambda path: (
            path in (places.data, audit)
            or is_upstream_file(path, config.feed)
            or config.written.data.complete_marker is not None
        ),
        mode=choose_mode(places.output if is_remote(places.data) else places.data, written.mode),
        poll_seconds=written.poll_seconds,
    )


def reconfiguration(config: Config, reach: Reach) -> Reconfigure:
    """Return a function that applies a new configuration between two passes.

    Folders, addresses and the watch of the directory change only at a restart.
    """

    def apply(refresher: Refresher, publisher: Publisher) -> None:
        refresher.calendar = config.calendar
        refresher.intake.reading = build_reading(config)
        refresher.intake.settling.settle_seconds = config.written.watch.settle_seconds
        refresher.intake.shrinking.grace_seconds = config.written.watch.shrink_grace
        refresher.digest_hour = config.written.notifications.digest_hour
        refresher.marker = config.written.data.complete_marker
        refresher.follow_outside = config.written.data.follow_links_outside
        refresher.judge.assembler = Assembler(build_rules(config))
        publisher.report = ReportRenderer(reach.links(config.written.links))
        publisher.follow_outside = config.written.data.follow_links_outside
        publisher.outputs.keep = config.written.report.history

    return apply
