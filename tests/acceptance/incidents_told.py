"""What people read of incidents: message, page, report and ``run`` place these very words."""

from collections.abc import Iterable
from typing import Any


def text_of(incidents: Iterable[dict[str, Any]]) -> str:
    """Return all words of incidents, as the report has them."""
    return "\n".join(
        f"{one['severity']}: {one['headline']}\n{one['text']}\nNext: {one['next_step']}\n"
        f"Owner: {one['owner']}. Checks: {', '.join(one['checks']) or 'none'}.\n"
        for one in incidents
    )
