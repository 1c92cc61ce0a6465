"""Logging as logfmt or JSON on stderr."""

import logging

from exporter.cli.options import Logs
from exporter.errors import UserError

LEVELS = ("debug", "info", "warning", "error")
FORMS = ("logfmt", "json")


def configure_logs(wanted: Logs) -> None:
    """Send the standard library's log records to stderr in the chosen format. Raises UserError."""
    for option, value, choices in (("level", wanted.level, LEVELS), ("format", wanted.form, FORMS)):
        if value not in choices:
            raise UserError(f"--log.{option}: {value!r} is not one of {', '.join(choices)}")
    import structlog  # noqa: PLC0415  takes 0.1 s, which --help can do without

    renderer = (
        structlog.processors.JSONRenderer(sort_keys=True)
        if wanted.form == "json"
        else structlog.processors.LogfmtRenderer(
            key_order=["timestamp", "level", "event"], bool_as_flag=False
        )
    )
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=wanted.level.upper(), handlers=[handler], force=True)
