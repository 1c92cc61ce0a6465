"""A YAML file as written: its value, the line of each key, and all mistakes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from exporter.errors import UserError, reason_of
from exporter.plain import plain
from exporter.strict import Place, Problem, problems_of

Written = TypeVar("Written", bound=BaseModel)
LONGEST_MISTAKE = 2000  # characters of a line: some list all that there is to choose from
MERGE = "tag:yaml.org,2002:merge"

if TYPE_CHECKING or not yaml.__with_libyaml__:
    FastLoader = yaml.SafeLoader
else:

    class FastLoader(Composer, yaml.cyaml.CParser, SafeConstructor, Resolver):
        """A safe loader, five times as fast as PyYAML's own if libyaml is available.

        Unlike ``CSafeLoader`` it composes in Python: in C a hundred thousand open brackets crash the process.
        """

        def __init__(self, text: str) -> None:
            yaml.cyaml.CParser.__init__(self, text)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)


class InvalidFileError(UserError):
    """An invalid file. Each of its ``lines`` gives file, line, key and reason of one mistake."""

    def __init__(self, file: str, problems: Sequence[tuple[int | None, Problem]]) -> None:
        self.file = file
        self.problems = tuple(problem for _, problem in problems)
        self._lines = tuple(
            plain(": ".join(filter(None, (_place(file, line), problem.key, problem.reason))), LONGEST_MISTAKE)
            for line, problem in problems
        )
        super().__init__("; ".join(self._lines))

    @property
    def lines(self) -> tuple[str, ...]:
        """One line per mistake, in the order of the file."""
        return self._lines


def _place(file: str, line: int | None) -> str:
    return file if line is None else f"{file}:{line}"


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content and its positions: ``lines`` counts from 1, by the path of keys to each value.

    Of two equal keys YAML uses the last one; here ``twice`` lists them as mistakes.
    """

    file: str
    value: Mapping[str, Any]
    lines: Mapping[Place, int] = field(default_factory=dict)
    twice: tuple[tuple[int, Problem], ...] = ()

    def validate(self, model: type[Written]) -> Written:
        """Return the file as this model. Raises InvalidFileError, which lists every mistake."""
        valid, problems = self.examine(model)
        if valid is None or self.twice:
            raise self.refuse(problems)
        return valid

    def examine(self, model: type[Written]) -> tuple[Written | None, list[Problem]]:
        """Return the file as this model, or ``None`` with the mistakes, for callers that add their own."""
        try:
            return model.model_validate(self.value), []
        except ValidationError as error:
            return None, list(problems_of(error, model))

    def refuse(self, problems: Iterable[Problem]) -> InvalidFileError:
        """Return an error with all of these, in the order of the file."""
        located = [*self.twice, *((self._line(problem.place), problem) for problem in problems)]
        return InvalidFileError(self.file, sorted(located, key=lambda found: found[0] or 0))

    def _line(self, place: Place) -> int | None:
        """Return the line of a key, or of the nearest existing one above it."""
        for length in range(len(place), 0, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return None


def read_document(path: Path) -> Document:
    """Read a YAML file with a mapping; an empty file is an empty mapping. Raises InvalidFileError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _unreadable(str(path), reason_of(error)) from None
    except UnicodeDecodeError as error:
        raise _unreadable(str(path), f"not UTF-8 at byte {error.start}") from None
    return parse_document(text, str(path))


def parse_document(text: str, file: str) -> Document:
    """Read one YAML mapping; ``file`` is its name in errors. Raises InvalidFileError."""
    try:
        return _parse(text, file, FastLoader)
    except InvalidFileError:
        return _parse(text, file, yaml.SafeLoader)  # its error messages are better


def _parse(text: str, file: str, kind: type[yaml.SafeLoader]) -> Document:
    loader: yaml.SafeLoader | None = None
    try:
        loader = kind(text)
        node = loader.get_single_node()
        places = [] if node is None else list(_places(node))  # as written: constructing resolves merges
        value = {} if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise _unreadable(file, error.problem or "not YAML", mark.line + 1 if mark else None) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unreadable(file, " ".join(str(error).split()) or "not YAML") from None
    except (AttributeError, LookupError):  # how PyYAML refuses "!!timestamp x", "!!int ''" and "!!bool x"
        raise _unreadable(file, "a value is not what its tag says") from None
    finally:
        if loader is not None:
            loader.dispose()
    if value is None:
        return Document(file, {})
    if not isinstance(value, Mapping):
        raise _unreadable(file, "the file must contain a mapping of keys")
    return Document(
        file,
        value,
        {place: line for place, line, _ in places},
        tuple(
            (line, Problem((), f"key {place[-1]!r} appears twice")) for place, line, again in places if again
        ),
    )


def _unreadable(file: str, reason: str, line: int | None = None) -> InvalidFileError:
    return InvalidFileError(file, [(line, Problem((), reason))])


def _places(root: yaml.Node) -> Iterator[tuple[Place, int, bool]]:
    """Yield path and line of each key and list entry, and whether its mapping had that key before.

    What an alias repeats is at its anchor and is not walked again: aliases can nest without end.
    """
    waiting: list[tuple[Place, yaml.Node]] = [((), root)]
    walked: set[int] = set()
    while waiting:
        place, node = waiting.pop()
        if id(node) in walked:
            continue
        walked.add(id(node))
        values: dict[str | int, yaml.Node] = {}  # the last of each key
        for key, marked, below in _below(node):
            yield (*place, key), marked.start_mark.line + 1, key in values
            values[key] = below
        waiting += [
            ((*place, key), below)
            for key, below in values.items()
            if not isinstance(below, yaml.ScalarNode)  # it has nothing below
        ]


def _below(node: yaml.Node) -> Iterator[tuple[str | int, yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.SequenceNode):
        yield from ((index, entry, entry) for index, entry in enumerate(node.value))
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != MERGE:
                yield key.value, key, value
