"""The run: all parties side by side, each in a process of its own, a few bookings at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median
from typing import Any, Protocol

from benchmarks.conversation.children import Child, model_server
from benchmarks.conversation.whole_turn import DATABASE

# Earlier turns of four messages each: none, and 80 messages.
TURNS = (0, 20)
MESSAGES = {0: 0, 20: 80}

FLOOR, OURS, WHOLE = "floor", "ours", "whole-turn"
AGENTS, PYDANTIC = "openai-agents", "pydantic-ai"
_FEWEST = " (books first)"
# The module whose absence means that the library isn't installed.
LIBRARIES = {AGENTS: "agents", PYDANTIC: "pydantic_ai"}

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Args:
        rounds: of blocks; in each, every party has its turn with each history.
        bookings: in a block.
        talkers, talks: customers whose talk is followed for the prompt cache, and turns of each.
    """

    rounds: int
    bookings: int
    talkers: int
    talks: int


FULL = Plan(rounds=30, bookings=10, talkers=50, talks=20)
QUICK = Plan(rounds=3, bookings=3, talkers=5, talks=4)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a booking costs one party after so many earlier turns.

    Args:
        cpu_ms: process CPU of a booking, user and system: the median of each round's mean.
        rounds_ms: each round's.
        stall_ms: longest stalls of the event loop, one a booking.
        sent: calls of the model, bytes and tokens of one booking.
    """

    cpu_ms: float
    rounds_ms: tuple[float, ...]
    stall_ms: tuple[float, ...]
    sent: dict[str, int]

    def times(self, other: Cost) -> float:
        """Return how many times `other` this one costs: the median over rounds."""
        pairs = zip(self.rounds_ms, other.rounds_ms, strict=True)
        return median(own / others for own, others in pairs)


@dataclass(frozen=True, slots=True)
class Result:
    """One party.

    Args:
        calls_script: the script of its model.
        made_ms: CPU until it was ready for the first booking.
        memory_mb: the most it ever took.
        costs: by earlier turns.
    """

    party: str
    made_ms: float
    memory_mb: float
    costs: dict[int, Cost]


def installed() -> list[str]:
    """Return the other libraries that can be measured here."""
    return [party for party, module in LIBRARIES.items() if find_spec(module) is not None]


def measure_parties(plan: Plan, database_url: str, say: Say) -> dict[str, Result]:
    """Measure the floor, ourselves and each library that is installed.

    Each library is measured twice: with the natural loop (list, book, answer), and with a model
    that books first, which is the fewest calls it can do with.

    Raises:
        BenchmarkError: a process failed, or asked the model's server something it refuses.
    """
    others = installed()
    with ExitStack() as stack:
        one = stack.enter_context(model_server("book"))
        loop = stack.enter_context(model_server("list_and_book"))
        os.environ[DATABASE] = database_url
        wanted = [(FLOOR, FLOOR, one), (OURS, OURS, one), (WHOLE, WHOLE, one)]
        for party in others:
            wanted += [(party, party, loop), (party + _FEWEST, party, one)]
        children: dict[str, Asked] = {}
        for name, party, url in wanted:
            say(f"Starting {name} ...")
            children[name] = child = Child(party, url)
            stack.callback(child.end)
        return measured(plan, children, say)


class Asked(Protocol):
    """Who carries out the commands of `child`: in a process of its own, or in this one."""

    made: dict[str, float]

    def ask(self, command: str, *numbers: int) -> Any:
        """Have a command carried out and return its answer."""
        ...


def measured(plan: Plan, children: dict[str, Asked], say: Say) -> dict[str, Result]:
    """Measure parties that are ready, by name."""
    counts = {
        name: {turns: child.ask("count", turns) for turns in TURNS}
        for name, child in children.items()
    }
    cpu: dict[tuple[str, int], list[float]] = {}
    for number in range(plan.rounds + 1):  # the first one warms up
        say(f"Round {number} of {plan.rounds} ...")
        for turns in TURNS:
            for name, child in _rotated(children, number):
                spent = child.ask("block", turns, plan.bookings)["cpu_ms"]
                if number:
                    cpu.setdefault((name, turns), []).append(spent)
    say("Stalls of the event loop ...")
    results = {}
    for name, child in children.items():
        stalls = {turns: child.ask("stalls", turns, plan.bookings)["stall_ms"] for turns in TURNS}
        costs = {
            turns: Cost(
                cpu_ms=median(cpu[name, turns]),
                rounds_ms=tuple(cpu[name, turns]),
                stall_ms=tuple(stalls[turns]),
                sent=counts[name][turns],
            )
            for turns in TURNS
        }
        memory = child.ask("memory")["peak_mb"]
        results[name] = Result(name, child.made["made_ms"], memory, costs)
    return results


def _rotated(children: dict[str, Asked], number: int) -> Iterable[tuple[str, Asked]]:
    """Return the parties, each round another one first."""
    pairs = list(children.items())
    start = number % len(pairs)
    return pairs[start:] + pairs[:start]


def fewest(party: str) -> str:
    """Return the name of a library's result with a model that books first."""
    return party + _FEWEST
