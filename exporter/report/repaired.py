"""The report's entry of a partition whose files were replaced."""

from typing import Any

from exporter.model import Stage
from exporter.pipeline.repair import Content, Repair
from exporter.pipeline.snapshot import worst
from exporter.profiling.order_tally import orders_of

Json = dict[str, Any]


def repaired_document(repair: Repair) -> Json:
    """Return the content before and after, without the instant of the change."""
    return {"before": _content(repair.before), "after": _content(repair.after)}


def _content(content: Content) -> Json:
    return {
        "status": worst(content.alerts) or "ok",
        "rows": {stage.value: content.stages[stage].rows for stage in Stage if stage in content.stages},
        "revenue": {
            stage.value: orders.revenue
            for stage in Stage
            if (orders := orders_of(content.stages.get(stage))) is not None
        },
        "checks": [alert.check.name for alert in content.alerts],
    }
