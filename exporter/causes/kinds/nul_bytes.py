"""Lines contain NUL bytes, as if a disk or a copy had lost a block."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity
from exporter.metric import profile_of
from exporter.model import Stage
from exporter.profiling.odd_records import OddRecord
from exporter.profiling.utf8 import NULS


def _detect(case: Case) -> Iterator[Finding]:
    alert = case.alert("invalid_utf8")
    stage = Stage(alert.labels.get("stage", Stage.RAW)) if alert is not None else Stage.RAW
    profile = profile_of(case.facts, stage)
    if profile is None:
        return
    zeros = profile.odd_bytes.get(NULS, 0)
    if zeros == 0 or zeros < sum(profile.odd_bytes.values()) - zeros:
        return
    lines = profile.invalid_utf8_lines
    if lines == profile.odd_records.get(OddRecord.NULS):
        return  # it is padding
    yield Finding(
        title=f"{zeros:,} NUL byte{'s' * (zeros != 1)} in the {stage} file",
        seen=f"{zeros:,} NUL bytes in {lines:,} of {profile.rows:,} lines of the {stage} file.",
        evidence={"nul_bytes": zeros, "lines": lines, "rows": profile.rows},
    )


CAUSE = Cause(
    name="nul_bytes",
    layer=Layer.FORM,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="The data in those places is lost, and some readers stop there.",
    resolution=("Have the file copied again; if its source has them too, have the day exported again.",),
    explains=(
        "invalid_utf8",
        "malformed_rows",
        "unparseable_timestamps",
        "unaccounted_rows",
        "dq_discrepancy",
    ),
    detect=_detect,
    rank=1,
)
