"""Finds the tools: every module of the `tools` package, without a list to keep up to date."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType

import tools
from tools.support.contract import Audience, Effect, Tool
from tools.support.schema import ToolContractError


class Registry(Mapping[str, Tool]):
    """Tools by name, in alphabetical order: a stable order keeps the prompt's prefix cacheable.

    Raises:
        ToolContractError: two tools have one name.
    """

    def __init__(self, found: Iterable[Tool]) -> None:
        by_name: dict[str, Tool] = {}
        for entry in found:
            if entry.name in by_name:
                raise ToolContractError(f"{entry.name}: two tools have this name; rename one")
            by_name[entry.name] = entry
        self._tools = dict(sorted(by_name.items()))

    def __getitem__(self, name: str) -> Tool:
        return self._tools[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tools)

    def __len__(self) -> int:
        return len(self._tools)

    def offered_to(self, audience: Audience) -> list[Tool]:
        """Return the tools that a chat of this audience offers the model."""
        return [entry for entry in self._tools.values() if entry.audience is audience]

    def has_write(self) -> bool:
        """Return whether any tool writes."""
        return any(entry.effect is Effect.WRITE for entry in self._tools.values())


def tools_in(module: ModuleType) -> list[Tool]:
    """Return the tools that a module defines itself."""
    return [
        found
        for value in vars(module).values()
        if isinstance(found := getattr(value, "__tool__", None), Tool)
        and value.__module__ == module.__name__
    ]


def discover() -> Registry:
    """Import every module of the `tools` package and return its tools.

    Raises:
        ToolContractError: a tool breaks the contract; the message says where.
    """
    found: list[Tool] = []
    for info in pkgutil.iter_modules(tools.__path__, "tools."):
        if not info.ispkg:
            found += tools_in(importlib.import_module(info.name))
    return Registry(found)
