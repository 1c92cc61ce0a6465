"""The slow and exact way through bytes in which lines are not records: good records out, the rest counted."""

from dataclasses import dataclass, field

from exporter.profile.grammar import NEWLINE, RECORD, Grammar


@dataclass(slots=True)
class Sifted:
    """What was found in a stretch of whole lines."""

    runs: list[bytes] = field(default_factory=list)  # good records with their line ends
    good: int = 0
    malformed: int = 0
    consumed: int = 0  # bytes that are done with; what follows is one record that has not ended yet
    skipping: bool = False  # inside a record beyond the longest: it lasts to the next proven line


def sift(data: bytes, grammar: Grammar, *, longest: int, final: bool, skipping: bool) -> Sifted:
    """Split whole lines into records one by one.

    ``longest`` is how long a record may be: a longer one is malformed and lasts to the next line that proves
    to start a record, which bounds what must be kept in memory. ``final`` says that nothing follows.
    """
    found = Sifted(skipping=skipping)
    position, end = _resume(data, grammar, 0) if skipping else 0, len(data)
    run = position
    while position < end:
        found.skipping = False
        if blank := NEWLINE.match(data, position):
            position = blank.end()
            continue
        good = grammar.good.match(data, position)
        match = good or RECORD.match(data, position)
        stop = match.end() if match else end
        proof = grammar.first_proof(data, position, stop)
        if proof is None and match is None and not final and stop - position <= longest:
            break
        if good and proof is None and stop - position <= longest:
            found.good += 1
            position = stop
            continue
        found.malformed += 1
        found.runs.append(data[run:position])
        if proof is None and stop - position > longest:
            found.skipping = True
            proof = _resume(data, grammar, stop)
        run = position = stop if proof is None else proof
    found.runs.append(data[run:position])
    found.consumed = position
    return found


def _resume(data: bytes, grammar: Grammar, start: int) -> int:
    """Return where the next proven line begins, or the end of the data."""
    if start == 0 and grammar.proves(data, 0):
        return 0
    proof = grammar.first_proof(data, start, len(data))
    return len(data) if proof is None else proof
