"""The contents of these files, with links as configured."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from exporter.links import Links
from exporter.rules.byhand import lead

RULES = "prometheus/rules"
RUNBOOKS = {f"{RULES}/meta.yml": "meta", "grafana/provisioning/alerting/rules.yml": "grafana"}


def read_assets(files: Mapping[str, Path], rules: Mapping[str, str], links: Links) -> Mapping[str, bytes]:
    """Return the content of each file; ``rules`` holds the generated ones by file name."""
    generated = {f"{RULES}/{name}": text for name, text in rules.items()}
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    return {name: (generated.get(name) or _led(name, text, links)).encode() for name, text in texts.items()}


def _led(name: str, text: str, links: Links) -> str:
    if name in RUNBOOKS:
        return lead(text, RUNBOOKS[name], links)
    if not name.endswith(".json"):
        return text
    usual = Links()  # in one pass, because a replacement may itself look like an address
    addresses = {
        usual.checks: links.checks,
        usual.exporter: links.exporter,
        usual.alertmanager: links.alertmanager,
    }
    known = "|".join(map(re.escape, addresses))
    return re.sub(rf'"({known})"', lambda found: json.dumps(addresses[found[1]]), text)
