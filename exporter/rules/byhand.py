"""The links of hand-written rules, which must match those of the generated rules."""

import re
from collections.abc import Mapping
from pathlib import Path

from exporter.errors import UserError
from exporter.links import Links

PAGES = {"meta.yml": "meta"}  # file -> the page of its alerts' runbooks


def relinked(folder: Path, links: Links) -> Mapping[str, str]:
    """Return by name the texts of hand-written files whose links must change. Raises UserError."""
    texts = {}
    for name, page in PAGES.items():
        path = folder / name
        try:
            text = path.read_bytes().decode()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, UnicodeDecodeError) as error:
            reason = (isinstance(error, OSError) and error.strerror) or str(error)
            raise UserError(f"{path}: {reason.lower()}") from None
        led = lead(text, page, links)
        if led != text:
            texts[name] = led
    return texts


def lead(text: str, page: str, links: Links) -> str:
    """Return a rule file's text with its links set to these addresses, and nothing else changed.

    Other runbooks are left unchanged.
    """
    runbook = re.compile(rf"^(\s+runbook_url: ['\"]?)\S*/runbooks/{page}(?:\.md)?#(\w+)", re.MULTILINE)
    dashboard = re.compile(r"^(\s+dashboard_url: ['\"]?)\S*?(?=/d/puffy-)", re.MULTILINE)
    text = runbook.sub(lambda found: found[1] + links.own_runbook(page, found[2]), text)
    return dashboard.sub(lambda found: found[1] + links.grafana, text)
