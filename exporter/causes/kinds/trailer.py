"""The file ends with a line that is not a row: a row count, an end-of-file mark, or NUL bytes."""

from collections.abc import Iterator

from exporter.causes.about import off_by, usual
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.model import Profile
from exporter.profiling.odd_records import OddRecord

NAMES = {
    OddRecord.TRAILER: ("a trailer", "a trailer, such as a row count"),
    OddRecord.END_MARK: ("an end-of-file mark", "the end-of-file mark of DOS (byte 0x1A)"),
    OddRecord.NULS: ("NUL bytes", "nothing but NUL bytes, as padding is"),
}


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    kind = None if raw is None else next((form for form in NAMES if raw.odd_records.get(form)), None)
    if raw is None or kind is None:
        return
    count = _trailers(raw)
    alone = count == raw.malformed_rows
    if not (alone and case.alert("malformed_rows")) and usual(case, _trailers):
        return
    lines = raw.malformed_lines if alone else ()
    where = f"line {lines[0]:,}" if lines and count == 1 else "a line" if count == 1 else f"{count:,} lines"
    short, words = NAMES[kind]
    yield Finding(
        title=f"{where} of the raw file is {short}, not a row"
        if count == 1
        else f"{where} of the raw file are not rows but, for instance, {short}",
        seen=f"{where[0].upper()}{where[1:]} of the raw file, besides its {raw.rows - count:,} rows, "
        + (f"is {words}." if count == 1 else f"are not rows but, for instance, {words}."),
        evidence={"lines": count, "rows": raw.rows - count, "is": kind.value},
        explains=(
            *off_by(case, count),
            *(["malformed_rows"] if alone else []),
            *(["invalid_utf8"] if kind is OddRecord.NULS else []),
        ),
    )


def _trailers(profile: Profile) -> int:
    return sum(profile.odd_records.get(form, 0) for form in NAMES)


CAUSE = Cause(
    name="trailer",
    layer=Layer.FORM,
    severity=None,
    owner="data-engineering",
    impact="Readers that do not skip it read it as a row, or refuse the file.",
    resolution=("Have the export omit the line, or the load skip it.",),
    explains=("malformed_rows", "unaccounted_rows", "dq_discrepancy", "invalid_utf8"),
    detect=_detect,
)
