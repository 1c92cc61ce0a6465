"""The slow and exact reader of bytes whose lines are not records: extracts good ones, counts the rest."""

from dataclasses import dataclass, field

from exporter.profiling.grammar import NEWLINE, Grammar
from exporter.profiling.malformed import Malformed, count_fields
from exporter.profiling.tally import FIRST, OPEN, WHOLE


@dataclass(slots=True)
class Sifted:
    """The result for a stretch of complete lines."""

    runs: list[bytes] = field(default_factory=list)  # good records with their line ends
    good: int = 0
    malformed: Malformed = field(default_factory=Malformed)
    cut: int = WHOLE  # how the data ends, if nothing follows; see ``Part.cut``
    consumed: int = 0  # processed bytes; what follows is one unfinished record
    skipping: bool = False  # inside an overlong record: it lasts to the next proven line


def sift(data: bytes, grammar: Grammar, *, longest: int, final: bool, skipping: bool) -> Sifted:
    """Split complete lines into records one by one.

    ``longest`` is the maximum length of a record: a longer one is malformed and lasts to the next line that
    proves to start a record, which bounds memory. ``final`` means that nothing follows.
    """
    found = Sifted(malformed=Malformed(grammar.needles), skipping=skipping)
    position, end = _resume(data, grammar, 0) if skipping else 0, len(data)
    run = position
    while position < end:
        found.skipping = False
        plain = _skip_plain(data, position, grammar, longest, found)
        if plain > position:
            position = plain
            continue
        stop, is_good, has_ended = _end_record(data, position, grammar)
        proof = grammar.first_proof(data, position, stop)
        if proof is None and stop - position <= longest:
            if not (has_ended or final):
                break
            if is_good:
                found.good += 1
                position = stop
                continue
        record = data[position : stop if proof is None else proof]
        whole = len(record) <= longest  # for a longer one only its position is reported
        counted = whole and has_ended and proof is None
        width = count_fields(record, grammar.delimiter, grammar.quote) if counted else None
        line = _line_of(data, position, found.malformed)
        kind = found.malformed.add(record if whole else b"", line, width, grammar)
        found.cut = WHOLE
        if whole and proof is None and stop == end and kind is None:
            short = width is not None and width < grammar.width
            found.cut = OPEN if not has_ended else width if short and width is not None else WHOLE
        found.runs.append(data[run:position])
        if proof is None and stop - position > longest:
            found.skipping = True
            proof = _resume(data, grammar, stop)
        run = position = stop if proof is None else proof
    found.runs.append(data[run:position])
    found.consumed = position
    return found


def _skip_plain(data: bytes, start: int, grammar: Grammar, longest: int, found: Sifted) -> int:
    """Return the end of a run of blank lines and good records; count the latter."""
    if blank := NEWLINE.match(data, start):
        return blank.end()
    match = grammar.good_lines.match(data, start, start + longest)
    if match is None or match.end() == start:
        return start
    has_returns = data.find(b"\r", start, match.end()) >= 0
    found.good += len(NEWLINE.findall(match[0])) if has_returns else data.count(b"\n", start, match.end())
    return match.end()


def _end_record(data: bytes, start: int, grammar: Grammar) -> tuple[int, bool, bool]:
    """Return a record's end, whether it has the right number of fields, and whether its quotes are closed."""
    good = grammar.good.match(data, start)
    match = good or grammar.record.match(data, start)
    return (match.end() if match else len(data)), good is not None, match is not None


def _line_of(data: bytes, position: int, known: Malformed) -> int:
    """Return the line that begins at ``position``; 0 once enough are listed: counting takes time."""
    return 1 + len(NEWLINE.findall(data, 0, position)) if len(known.lines) < FIRST else 0


def _resume(data: bytes, grammar: Grammar, start: int) -> int:
    """Return the start of the next proven line, or the end of the data."""
    if start == 0 and grammar.proves(data, 0):
        return 0
    proof = grammar.first_proof(data, start, len(data))
    return len(data) if proof is None else proof
