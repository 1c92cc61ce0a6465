"""Which parts of the exporter a target is about: the packages it imports. Only these need instrumentation."""

import ast
from collections.abc import Iterator
from pathlib import Path

from target import FOLDER

PACKAGE = "exporter"
SOURCE = FOLDER.parents[2] / PACKAGE


def left_out(name: str) -> list[str]:
    """Return the exporter's modules in packages that neither the target nor its helpers import from."""
    wanted = set(_packages(FOLDER / f"{name}.py"))
    return [module for module in _modules() if module != PACKAGE and _package(module) not in wanted]


def _packages(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        if node.module.startswith(f"{PACKAGE}."):
            yield _package(node.module)
        elif (ours := FOLDER.parent / f"{node.module}.py").is_file():
            yield from _packages(ours)


def _package(module: str) -> str:
    return ".".join(module.split(".")[:2])


def _modules() -> Iterator[str]:
    for path in SOURCE.rglob("*.py"):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
