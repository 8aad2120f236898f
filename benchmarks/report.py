"""What the benchmarks' RESULTS.md share: each number beside its goal, and whether it was met."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version


@dataclass(frozen=True, slots=True)
class Line:
    """One measured number.

    Args:
        goal: as the rules state it; empty = no goal, told for comparison.
        met: None where there is no goal.
    """

    what: str
    measured: str
    goal: str = ""
    met: bool | None = None


def table(measured: Sequence[Line]) -> list[str]:
    """Return the lines of a Markdown table."""
    rows = ["| what | measured | goal | met |", "| --- | ---: | --- | --- |"]
    for line in measured:
        met = {None: "", True: "yes", False: "**no**"}[line.met]
        rows.append(f"| {line.what} | {line.measured} | {line.goal} | {met} |")
    return rows


def all_met(measured: Iterable[Line]) -> bool:
    """Return whether no goal was missed."""
    return all(line.met is not False for line in measured)


def versions_of(*packages: str) -> list[tuple[str, str]]:
    """Return what a result depends on: Python, these packages, and how many CPUs there are."""
    return [
        ("Python", platform.python_version()),
        *((name, version(name)) for name in packages),
        ("CPUs:", str(os.cpu_count())),
    ]


def in_one_line(versions: Iterable[tuple[str, str]]) -> str:
    """Return names with their versions as one line of a page."""
    return " · ".join(f"{name} {number}" for name, number in versions)
