"""CPU and memory of processes and of all that they started, as Linux tells them in /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Sample:
    """One moment.

    Args:
        seconds: since the first sample.
        memory_mb: by name: resident, what is shared counted by its share.
        cpu_seconds: by name, user and system, since the process began.
    """

    seconds: float
    memory_mb: Mapping[str, float]
    cpu_seconds: Mapping[str, float]


class Machine:
    """Watches some processes, by name.

    Args:
        pids: name -> the process whose tree is watched.
    """

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._began = time.monotonic()
        self._gone: dict[str, dict[int, float]] = {name: {} for name in pids}
        self.samples: list[Sample] = []

    def look(self) -> Sample:
        """Take a sample."""
        parents = {pid: parent for pid in _all_pids() if (parent := _parent(pid)) is not None}
        memory, cpu = {}, {}
        for name, root in self._pids.items():
            tree = list(_tree(root, parents))
            memory[name] = sum(_memory_mb(pid) for pid in tree)
            # What ended since the last look (a connection's process) keeps what it had spent.
            self._gone[name].update({pid: _cpu_seconds(pid) for pid in tree})
            cpu[name] = sum(self._gone[name].values())
        sample = Sample(time.monotonic() - self._began, memory, cpu)
        self.samples.append(sample)
        return sample


def _all_pids() -> Iterable[int]:
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]


def _tree(root: int, parents: Mapping[int, int]) -> Iterable[int]:
    yield root
    for pid, parent in parents.items():
        if parent == root:
            yield from _tree(pid, parents)


def _fields(pid: int) -> list[str] | None:
    """Return the fields of stat from the third on; None for a process that is gone."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


def parent_of(pid: int) -> int:
    """Return the process that started this one.

    Raises:
        ProcessLookupError: it is gone.
    """
    parent = _parent(pid)
    if parent is None:
        raise ProcessLookupError(f"no process {pid} on this machine")
    return parent


def _parent(pid: int) -> int | None:
    fields = _fields(pid)
    return None if fields is None else int(fields[1])


def _cpu_seconds(pid: int) -> float:
    fields = _fields(pid)
    return 0.0 if fields is None else (int(fields[11]) + int(fields[12])) / _TICKS


def _memory_mb(pid: int) -> float:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0.0
    pss = next((line for line in lines if line.startswith("Pss:")), "Pss: 0 kB")
    return int(pss.split()[1]) / 1024
