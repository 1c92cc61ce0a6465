"""Registries: the kinds of something, one module each in a folder. A new one needs no list."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any


def constants_of(package: ModuleType, name: str) -> Iterator[Any]:
    """Yield the constant ``name`` of every module in a package, by the modules' names.

    They are imported one by one. Raises AttributeError for a module without it.
    """
    for module in iter_modules(package.__path__, f"{package.__name__}."):
        yield getattr(import_module(module.name), name)
