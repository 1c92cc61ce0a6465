"""The mutants of a source file: mutmut's operators, applied to functions, properties and tables alike.

mutmut itself skips everything that is decorated or outside a function. Here metrics, causes and detectors are
declared in tables, and much of the gate and of incidents is properties: none of that would be mutated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import (
    mutation_operators,
    operator_arg_removal,
    operator_assignment,
    operator_string,
)

NEVER_CALLED = frozenset({"len", "isinstance", "cast", "TypeVar", "NewType"})  # their mutants only break
NOT_IN_TABLES = (operator_assignment, operator_arg_removal)  # they only break the import there
SIMPLE_DEFAULTS = (cst.Name, cst.BaseNumber, cst.BaseString)


class Place(NamedTuple):
    """One possible change of a file: a node and its replacement."""

    node: cst.CSTNode
    becomes: cst.CSTNode
    lines: range  # of the statement in a function, otherwise of the node
    statement: range  # its lines: those of a constant in a table may never run by themselves


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed file: ``was`` and ``becomes`` are the lines that differ, without indentation."""

    file: str
    line: int
    lines: range  # of the change; any test that runs one of them may catch it
    statement: range  # of the statement around it, which counts if the change's own lines never run
    was: str
    becomes: str
    text: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it, however the lines above it move."""
        return self.file, self.was, self.becomes


class _Places(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Place] = []
        self._depth = 0  # of functions and lambdas
        self._statement: cst.CSTNode | None = None
        self._inside = False  # the statement is in a function

    def on_visit(self, node: cst.CSTNode) -> bool:
        if _is_left_out(node, in_function=self._depth > 0):
            return False
        self._depth += isinstance(node, cst.FunctionDef | cst.Lambda)
        if isinstance(node, cst.SimpleStatementLine):
            self._statement, self._inside = node, self._depth > 0
        for kind, operator in mutation_operators:
            if isinstance(node, kind) and (self._depth or operator not in NOT_IN_TABLES):
                made = [one for one in operator(node) if not _drops_guard(node, one)]
                # One mutant per string is enough: those that change its case are killed by the same tests.
                self._add(node, made[:1] if operator is operator_string else made)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        self._depth -= isinstance(original_node, cst.FunctionDef | cst.Lambda)
        if original_node is self._statement:
            self._statement, self._inside = None, False

    def _add(self, node: cst.CSTNode, made: list[cst.CSTNode]) -> None:
        own, statement = self._lines(node), self._lines(self._statement or node)
        lines = statement if self._inside else own
        self.found.extend(Place(node, becomes, lines, statement) for becomes in made)

    def _lines(self, node: cst.CSTNode) -> range:
        at = self.get_metadata(PositionProvider, node)
        return range(at.start.line, at.end.line + 1)


def _is_left_out(node: cst.CSTNode, *, in_function: bool) -> bool:
    """Return whether a node does not affect behaviour, or could only break the import."""
    match node:
        case (
            cst.Annotation()
            | cst.Decorator()
            | cst.Import()
            | cst.ImportFrom()
            | cst.SimpleStatementLine(body=[cst.Expr(value=cst.BaseString())])  # a docstring
            | cst.Arg(keyword=cst.Name(value="strict"))
        ):
            return True
        case cst.Call(func=cst.Name(value=name)):
            return name in NEVER_CALLED
        case cst.Param(default=default):
            return default is not None and not isinstance(default, SIMPLE_DEFAULTS)
    return not in_function and _is_name_or_prose(node)


def _is_name_or_prose(node: cst.CSTNode) -> bool:
    """Return whether it names a type, or is prose in a table, which the tests of derived pages compare."""
    match node:
        case cst.Assign(value=cst.Subscript() | cst.BinaryOperation(operator=cst.BitOr())):
            return True
        case cst.SimpleString():
            return " " in node.raw_value
    return isinstance(node, cst.ConcatenatedString)


def _drops_guard(node: cst.CSTNode, becomes: cst.CSTNode) -> bool:
    """Return whether zip's ``strict``, which guards against the impossible, is gone or changed."""
    return _guard(node) is not None and _guard(node) is not _guard(becomes)


def _guard(node: cst.CSTNode) -> cst.CSTNode | None:
    arguments = node.args if isinstance(node, cst.Call) else ()
    named = (one.value for one in arguments if one.keyword is not None and one.keyword.value == "strict")
    return next(named, None)


class Source:
    """A source file and the places where it can be mutated."""

    def __init__(self, root: Path, path: Path) -> None:
        self.file = path.relative_to(root).as_posix()
        self.text = path.read_text()
        wrapper = MetadataWrapper(cst.parse_module(self.text))
        visitor = _Places()
        wrapper.visit(visitor)
        self._module = wrapper.module
        self._lines = [line.strip() for line in self.text.splitlines()]
        self.places = tuple(visitor.found)

    def can_change(self, number: int, was: str) -> bool:
        """Return whether a mutant may change the first of these lines; making each mutant would take long."""
        lines = self.places[number].lines
        return was.partition("\n")[0] in self._lines[lines.start - 1 : lines.stop - 1]

    def mutant(self, number: int) -> Mutant:
        """Return one of its mutants."""
        place = self.places[number]
        changed = self._module.visit(_Swap(place))
        assert isinstance(changed, cst.Module)
        line, was, becomes = differing(self.text, changed.code)
        return Mutant(self.file, line, place.lines, place.statement, was, becomes, changed.code)


class _Swap(cst.CSTTransformer):
    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node is not self._place.node

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        return self._place.becomes if original_node is self._place.node else updated_node


def differing(before: str, after: str) -> tuple[int, str, str]:
    """Return the number of the first line that differs, and the lines that do, without indentation."""
    old, new = before.splitlines(), after.splitlines()
    least = min(len(old), len(new))
    head = next((at for at in range(least) if old[at] != new[at]), least)
    tail = next((at for at in range(least - head) if old[-1 - at] != new[-1 - at]), least - head)
    was, becomes = old[head : len(old) - tail], new[head : len(new) - tail]
    return head + 1, "\n".join(map(str.strip, was)), "\n".join(map(str.strip, becomes))


def sources(root: Path, folder: str) -> Iterator[Source]:
    """Yield the files of a folder in order of their names."""
    for path in sorted((root / folder).rglob("*.py")):
        yield Source(root, path)
