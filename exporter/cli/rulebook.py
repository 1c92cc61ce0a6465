"""The rules generated from a configuration."""

from collections.abc import Mapping

from exporter.checks.catalogue import load_catalogue
from exporter.checks.check import Origin
from exporter.config.load import Config
from exporter.contract.load import shipped_feed
from exporter.history.followed import trends_of
from exporter.rules.files import rule_files


def rules_of(config: Config) -> Mapping[str, str]:
    """Return the generated rule files' contents by name."""
    # Rules that this feed does not need, another may.
    bands = {trend.name: trend.band for trend in (*trends_of(shipped_feed()), *config.trends)}
    checks = {check.name: check for check in (*load_catalogue(bands), *config.checks)}
    own = [check for check in checks.values() if check.origin is Origin.CATALOGUE]
    return rule_files(own, config.written.links.links())
