"""Lines are not UTF-8 but valid text in another encoding."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.checks.units import percentage
from exporter.metric import profile_of
from exporter.model import Stage
from exporter.profiling.utf8 import LATIN, NULS, WINDOWS


def _detect(case: Case) -> Iterator[Finding]:
    alert = case.alert("invalid_utf8")
    stage = Stage(alert.labels.get("stage", Stage.RAW)) if alert is not None else Stage.RAW
    profile = profile_of(case.facts, stage)
    if alert is None or profile is None:
        return
    windows, latin = (profile.odd_bytes.get(kind, 0) for kind in (WINDOWS, LATIN))
    if windows + latin <= profile.odd_bytes.get(NULS, 0):
        return  # the bytes are damaged, not in another encoding
    name = "Windows-1252" if windows else "Latin-1 (ISO 8859-1)"
    lines, rows = profile.invalid_utf8_lines, profile.rows
    yield Finding(
        title=f"{percentage(lines / rows)} of {stage} lines are not UTF-8 but look like {name}",
        seen=f"{lines:,} of {rows:,} lines are not valid UTF-8, but are valid {name}.",
        evidence={"lines": lines, "rows": rows, "encoding": name},
        likely_fix=f"Have the file exported as UTF-8; it seems to have been written as {name}.",
        confidence=Confidence.LIKELY,
    )


CAUSE = Cause(
    name="encoding_other",
    layer=Layer.FORM,
    severity=None,
    owner="data-engineering",
    impact="Names and addresses with accents are garbled for every reader of the file.",
    resolution=("Have the day exported again as UTF-8, then rerun the DQ step.",),
    explains=("invalid_utf8",),
    detect=_detect,
    rank=1,
)
