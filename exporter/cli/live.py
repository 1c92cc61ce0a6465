"""The verbs that stay: watch, compute, serve until told to stop."""

import asyncio
import logging
import threading
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

from exporter.cli.logs import configure_logs
from exporter.cli.options import Common
from exporter.cli.wiring import (
    Places,
    build_outputs,
    build_reading,
    build_refresher,
    build_rules,
    find_places,
    open_state,
)
from exporter.config.load import Config, load_config
from exporter.pipeline.assemble import Assembler
from exporter.pipeline.refresh import Refresher
from exporter.pipeline.settling import Settling
from exporter.server.app import create_app
from exporter.server.publication import Board
from exporter.server.run import serve as serve_http
from exporter.server.web_config import load_web_config
from exporter.service.publish import Publisher
from exporter.service.service import Reconfigure, Service
from exporter.store.state import State

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Web:
    """How to serve."""

    listen_address: str
    config_file: Path | None
    telemetry_path: str


def serve(common: Common, web: Web) -> int:
    """Run until SIGTERM or SIGINT; 0 then."""
    configure_logs(common.logs)
    config = load_config(common.config_file)
    places = find_places(config, common.data_dir, common.output_dir)
    state = open_state(places)
    with nullcontext() if state is None else closing(state):
        _Live(common, config, places, state, web).run()
    return 0
