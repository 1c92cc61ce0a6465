"""Make one pass and print the metrics as Prometheus' text format."""

import sys

from exporter.cli.look import look
from exporter.cli.options import (
    DEFAULT_LOGS,
    AsOf,
    Common,
    ConfigFile,
    DataDir,
    FeedFile,
    LogFormat,
    LogLevel,
    Logs,
    OutputDir,
    new_verb,
)
from exporter.metrics.exposition import PartitionRenderer, render_vitals

app = new_verb()


@app.command()
def metrics(
    *,
    config_file: ConfigFile = None,
    feed_file: FeedFile = None,
    data_dir: DataDir = None,
    output_dir: OutputDir = None,
    as_of: AsOf = None,
    log_level: LogLevel = DEFAULT_LOGS.level,
    log_format: LogFormat = DEFAULT_LOGS.form,
) -> int:
    """Make one pass and print the metrics as Prometheus' text format."""
    _, _, snapshot, vitals = look(
        Common(config_file, feed_file, data_dir, output_dir, as_of, Logs(log_level, log_format))
    )
    page = PartitionRenderer().render(snapshot) + render_vitals(snapshot, vitals)
    sys.stdout.buffer.write(page.text)
    sys.stdout.buffer.flush()
    return 0
