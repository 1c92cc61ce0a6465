"""Plans for one of several feeds: from its configuration to parts that start on demand."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from exporter.cli.awaiting import close_meanwhile
from exporter.cli.options import Common
from exporter.cli.places import Places, find_places
from exporter.cli.reach import Reach
from exporter.cli.whatif import borrowed_places, refuse_before_all_data, scratch_folder
from exporter.cli.wiring import (
    build_outputs,
    build_pusher,
    build_refresher,
    build_watch,
    open_state,
    reconfiguration,
)
from exporter.config.load import Config
from exporter.discover.layout import folders_of
from exporter.gate.audit import AUDIT
from exporter.report.render import ReportRenderer
from exporter.service.feed import Opened, Plan, Surroundings
from exporter.service.publish import Publisher
from exporter.service.service import Reconfigure, Service

ABOVE = "../../"  # from a feed's page to the index


@dataclass(frozen=True, slots=True)
class Serving:
    """How feeds are served."""

    telemetry_path: str
    reach: Reach


def plan_for(config: Config, file: Path, common: Common, serving: Serving) -> Plan:
    """Return the plan for a contract's feed. Raises UserError if its folders cannot be determined."""
    places = places_of_many(config, common, absent_is_fine=True)
    beginning = _Beginning(config, places, common._replace(feed_file=file), serving)
    return Plan(
        feed=config.feed.id,
        name=config.feed.name,
        file=file,
        data=places.data,
        places=(places, folders_of(config.feed), config.written.data.complete_marker),
        settings=config,
        reconfigure=reconfiguration(config, serving.reach),
        open=beginning.open,
        close_meanwhile=lambda: close_meanwhile(common, places),
    )


def places_of_many(config: Config, common: Common, *, absent_is_fine: bool = False) -> Places:
    """Return the folders of one of several feeds, each with its own output folder. Raises UserError."""
    data, output = find_places(config, common.data_dir, common.output_dir, absent_is_fine=absent_is_fine)
    return Places(data, output / config.feed.id)


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What a feed is started with."""

    config: Config
    places: Places
    common: Common
    serving: Serving

    def open(self, around: Surroundings) -> Opened:
        """Assemble the parts. Raises UserError, OSError."""
        with ExitStack() as stack:
            service, push = self._build(around, stack)
            watch = build_watch(self.config, self.places, around.observer, around.wake)
            close = stack.pop_all().close
        return Opened(service, watch, close, push)

    def _build(
        self, around: Surroundings, stack: ExitStack
    ) -> tuple[Service, Callable[[threading.Event], None]]:
        config, places, common = self.config, self.places, self.common
        if common.as_of is not None:
            refuse_before_all_data(config, places, common.as_of)
        if common.is_what_if:
            places = borrowed_places(places, stack.enter_context(scratch_folder()))
        refresher = build_refresher(config, places, open_state(places), common.as_of, around.stop)
        stack.callback(refresher.close)
        pusher = build_pusher(config, places, common)
        if common.is_what_if:
            pusher.commands = {}
        service = Service(
            refresher=refresher,
            publisher=Publisher(
                around.board,
                build_outputs(config, places),
                ReportRenderer(self.serving.reach.links(config.written.links)),
                places.data,
                self.serving.telemetry_path,
                around.sheet,
                ABOVE,
                name=config.feed.name,
                is_what_if=common.is_what_if,
                follow_outside=config.written.data.follow_links_outside,
                contract=common.feed_file,
            ),
            load=_never,
            wake=around.wake,
            audit=places.output / AUDIT,
            passed=pusher.notify,
            pushes=lambda: pusher.health,
        )
        return service, pusher.turn


def _never() -> tuple[Reconfigure, tuple[str, ...]]:
    raise AssertionError("feeds are reloaded together")
