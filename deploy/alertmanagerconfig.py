"""Write Alertmanager's configuration as the spec of an AlertmanagerConfig, which the chart completes.

Usage: python deploy/alertmanagerconfig.py [--check]. With --check nothing is written; exit 2 if it differs.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "alertmanager" / "alertmanager.yml"
TARGET = ROOT / "deploy" / "helm" / "puffy-exporter" / "files" / "alertmanagerconfig.yml"
HEAD = "# Made by deploy/alertmanagerconfig.py from alertmanager/alertmanager.yml. Do not edit.\n"

SECRET = "puffy-alertmanager"  # noqa: S105 - the name of a Secret, replaced by the chart
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"(.*)"')
INITIALS = {"Url": "URL", "Tls": "TLS"}  # as spelled in the operator's API
LISTED = {"headers", "details"}  # a mapping there, a list of pairs here
NAMED = {"source_matchers": "sourceMatch", "target_matchers": "targetMatch"}
# Alertmanager's global settings are repeated in each receiver here.
GLOBAL = {
    "email_configs": {
        "smtp_smarthost": "smarthost",
        "smtp_from": "from",
        "smtp_require_tls": "require_tls",
        "smtp_auth_username": "auth_username",
        "smtp_auth_password_file": "auth_password_file",
    },
    "pagerduty_configs": {"pagerduty_url": "url"},
}


def spec_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the spec equivalent to an Alertmanager configuration, without its templates."""
    return {
        "route": camelled(config["route"]),
        "receivers": [camelled(with_global(receiver, config["global"])) for receiver in config["receivers"]],
        "inhibitRules": [camelled(rule) for rule in config["inhibit_rules"]],
    }


def with_global(receiver: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    """Return a receiver that needs no global section."""
    return {
        key: [{**{GLOBAL[key][name]: common[name] for name in GLOBAL[key]}, **each} for each in value]
        if key in GLOBAL
        else value
        for key, value in receiver.items()
    }


def camelled(value: Any) -> Any:
    """Return a part of the configuration in the operator's spelling."""
    if isinstance(value, list):
        return [camelled(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return dict(_entry(key, each) for key, each in value.items())


def _entry(key: str, value: Any) -> tuple[str, Any]:
    if key.endswith("matchers"):
        return NAMED.get(key, key), [_matcher(text) for text in value]
    if key in LISTED:
        return key, [{"key": name, "value": text} for name, text in value.items()]
    if key.endswith("_file"):
        return _camel(key.removesuffix("_file")), {"name": SECRET, "key": Path(value).name}
    return _camel(key), camelled(value)


def _matcher(text: str) -> dict[str, str]:
    found = MATCHER.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a supported matcher")
    return {"name": found[1], "matchType": found[2], "value": found[3]}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(INITIALS.get(word.title(), word.title()) for word in others)


class _Plain(yaml.SafeDumper):
    """Writes duplicates out: the API server does not support anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the library's signature
        return True


def main(arguments: list[str]) -> int:
    """Write the file, or compare it."""
    config = yaml.safe_load(SOURCE.read_text())
    wanted = HEAD + yaml.dump(spec_of(config), Dumper=_Plain, sort_keys=False, width=110)
    if arguments == ["--check"]:
        if TARGET.exists() and TARGET.read_text() == wanted:
            return 0
        print(f"{TARGET.relative_to(ROOT)} differs from its source; run make manifests", file=sys.stderr)
        return 2
    TARGET.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
