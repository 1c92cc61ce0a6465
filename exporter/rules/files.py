"""Rules as files for Prometheus."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from exporter.checks.check import Check
from exporter.durable import replace_file
from exporter.errors import UserError, reason_of
from exporter.links import Links
from exporter.rules.alerts import alertable, alerts, blindness, values
from exporter.rules.contract import contract_alerts, crossings
from exporter.rules.incidents import incident_alerts
from exporter.rules.rule import Alerting, Recording
from exporter.rules.trends import recordings

HEADING = "# Made by `puffy-exporter rules` from the catalogue and the configuration. Do not edit.\n"


def rule_files(checks: Sequence[Check], links: Links) -> Mapping[str, str]:
    """Return the rule files' texts by name."""
    return {
        "trends.yml": _file("puffy_trends", [_recording(rule) for rule in recordings()]),
        "checks.yml": _file(
            "puffy_checks",
            [
                *(_recording(rule) for rule in (blindness(), alertable(), *crossings(), *values(checks))),
                *(_alerting(rule) for rule in (*alerts(checks, links), *contract_alerts(links))),
            ],
        ),
        "incidents.yml": _file("puffy_incidents", [_alerting(rule) for rule in incident_alerts(links)]),
    }


def write_rules(files: Mapping[str, str], folder: Path) -> None:
    """Write the rule files; raises UserError if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            replace_file(folder / name, text.encode())
    except OSError as error:
        raise UserError(f"{folder}: {reason_of(error)}") from None


def compare_rules(files: Mapping[str, str], folder: Path) -> list[str]:
    """Return a line for each file that differs; empty if none does."""
    return [line for name, text in files.items() if (line := _difference(folder / name, text))]


def _difference(path: Path, wanted: str) -> str | None:
    try:
        found = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return f"{path}: {error.strerror.lower() if isinstance(error, OSError) and error.strerror else error}"
    if found == wanted:
        return None
    lines = found.split("\n"), wanted.split("\n")
    first = next((n for n, pair in enumerate(zip(*lines, strict=False), 1) if pair[0] != pair[1]), None)
    return f"{path}: differs from line {first or min(map(len, lines)) + 1} on"


class _Dumper(yaml.SafeDumper):
    """Writes multi-line text as a block, and never uses aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the library's signature
        """Write equal values out each time."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _file(group: str, rules: list[dict[str, Any]]) -> str:
    document = {"groups": [{"name": group, "rules": rules}]}
    return HEADING + yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1_000_000, allow_unicode=True)


def _recording(rule: Recording) -> dict[str, Any]:
    labels = {"labels": dict(rule.labels)} if rule.labels else {}
    return {"record": rule.record, "expr": rule.expr, **labels}


def _alerting(rule: Alerting) -> dict[str, Any]:
    return {
        "alert": rule.alert,
        "expr": rule.expr,
        "for": rule.hold,
        "keep_firing_for": rule.keep_firing,
        "labels": dict(rule.labels),
        "annotations": dict(rule.annotations),
    }
