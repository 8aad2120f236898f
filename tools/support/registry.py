"""Finds the tools: every module of the `tools` package, and those that other packages bring."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from traceback import extract_tb
from types import ModuleType

import tools
from tools.support.contract import Audience, Effect, Tool
from tools.support.lint import ToolContractError, offence

# The group of entry points by which other packages bring tools: `name = package.module`.
ENTRY_POINTS = "booking_assistant.tools"


class Registry(Mapping[str, Tool]):
    """Tools by name, in alphabetical order: a stable order keeps the prompt's prefix cacheable.

    Raises:
        ToolContractError: two tools have one name.
    """

    def __init__(self, found: Iterable[Tool]) -> None:
        by_name: dict[str, Tool] = {}
        for entry in found:
            if (before := by_name.get(entry.name)) is not None:
                first, second = (each.run.__module__ for each in (before, entry))
                raise offence("twice", f"tool {entry.name}", first=first, second=second)
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
    """Return the tools of the `tools` package and of the packages that are installed beside it.

    Raises:
        ToolContractError: a tool breaks the contract; the message says where.
    """
    found: list[Tool] = []
    for info in pkgutil.iter_modules(tools.__path__, "tools."):
        if not info.ispkg:
            found += tools_in(_imported(info.name))
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
        found += _brought_by(entry)
    return Registry(found)


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ToolContractError:
        raise
    except (Exception, SystemExit) as error:  # whatever its author wrote: the file must be named
        file = f"{name.replace('.', '/')}.py"
        # Where the file itself stood when it happened, however deep that was.
        lines = [
            frame.lineno for frame in extract_tb(error.__traceback__) if file in frame.filename
        ]
        where = f"{file}, line {lines[-1]}" if lines else file
        raise offence("module", where, error=f"{type(error).__name__}: {error}") from error


def _brought_by(entry: EntryPoint) -> list[Tool]:
    """Return the tools of another package's module.

    A package that doesn't load stops the start: an assistant that silently lacks a tool would tell
    customers that it can't do what its owner installed.
    """
    package = entry.dist.name if entry.dist is not None else "unknown"
    version = entry.dist.version if entry.dist is not None else "?"
    where = f"package {package} {version}, entry point {entry.name} = {entry.value}"
    try:
        module = entry.load()
    except ToolContractError as error:
        raise ToolContractError(f"{where}: {error}") from error
    # Whatever a foreign module raises, its package must be named; none may end the start mutely.
    except (Exception, SystemExit) as error:
        said = f"{type(error).__name__}: {error}"
        raise offence("entry_import", where, error=said, package=package) from error
    if not isinstance(module, ModuleType):
        raise offence("entry_no_module", where, entry=entry.name)
    found = tools_in(module)
    if not found:
        raise offence("entry_empty", where)
    return found
