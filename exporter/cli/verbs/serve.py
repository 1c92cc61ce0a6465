"""Watch the data directory and serve its metrics until stopped."""

from pathlib import Path
from typing import Annotated

import typer

from exporter.cli import live, many
from exporter.cli.contracts import Sources
from exporter.cli.options import (
    DEFAULT_LOGS,
    AsOf,
    Common,
    ConfigFile,
    DataDir,
    FeedFiles,
    FeedsDir,
    LogFormat,
    LogLevel,
    Logs,
    OutputDir,
    Scheduler,
    Write,
    names_output,
    new_verb,
    setting,
)
from exporter.cli.reach import external_url

app = new_verb()


@app.command()
def serve(
    *,
    context: typer.Context,
    config_file: ConfigFile = None,
    feed_files: FeedFiles = None,
    feeds_dir: FeedsDir = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    write: Write = False,
    listen: Annotated[
        str, setting("--web.listen-address", "HOST:PORT", "PUFFY_WEB_LISTEN_ADDRESS", "Where to serve.")
    ] = "127.0.0.1:10110",
    external: Annotated[
        str | None,
        setting(
            "--web.external-url",
            "URL",
            "PUFFY_WEB_EXTERNAL_URL",
            "The exporter's URL for people, the start of every link. "
            "Default: links.exporter of the configuration, otherwise the listen address.",
        ),
    ] = None,
    web_config: Annotated[
        Path | None,
        setting(
            "--web.config.file",
            "FILE",
            "PUFFY_WEB_CONFIG_FILE",
            "TLS and basic auth, in exporter-toolkit's format.",
        ),
    ] = None,
    telemetry_path: Annotated[
        str,
        setting(
            "--web.telemetry-path",
            "PATH",
            "PUFFY_WEB_TELEMETRY_PATH",
            "Where Prometheus scrapes the metrics.",
        ),
    ] = "/metrics",
    scheduler: Scheduler = None,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Watch the data directory and serve its metrics until stopped."""
    keep = write or names_output(context)
    sources = Sources(tuple(feed_files or ()), feeds_dir)
    logs = Logs(log_level, log_format)
    common = Common(config_file, sources.only, data_dir, output_dir, as_of, logs, keep, scheduler)
    web = live.Web(listen, web_config, telemetry_path, external_url(external))
    return many.serve(common, web, sources) if sources.are_many else live.serve(common, web)
