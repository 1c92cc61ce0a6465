"""Kinds are found by the folder that their module is in."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from exporter.registry import constants_of


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Provide a package of two kinds, the later one written first."""
    folder = tmp_path / "kinds_of_a_test"
    folder.mkdir()
    for name, text in (("__init__", ""), ("late", "KIND = 'late'"), ("early", "KIND = 'early'")):
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield import_module(folder.name)
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


def test_every_module_of_a_folder_is_a_kind(package: ModuleType) -> None:
    """By name, and no list has to mention it."""
    assert list(constants_of(package, "KIND")) == ["early", "late"]


def test_a_module_without_the_constant_is_a_mistake(package: ModuleType) -> None:
    """It is named, and not left out in silence."""
    with pytest.raises(AttributeError, match=r"kinds_of_a_test\.early.*OTHER"):
        list(constants_of(package, "OTHER"))
