"""Timing of repeated work, and counting of its statements."""

from __future__ import annotations

import gc
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from db.session import Database


@dataclass(frozen=True, slots=True)
class Times:
    """Durations of one piece of work, repeated.

    Args:
        seconds: one each, in the order measured.
    """

    seconds: tuple[float, ...]

    def percentile(self, percent: float) -> float:
        """Return the duration in milliseconds that so many per cent stay within (nearest rank)."""
        ordered = sorted(self.seconds)
        rank = -(-len(ordered) * percent // 100)
        return ordered[max(0, int(rank) - 1)] * 1000

    @property
    def p50(self) -> float:
        """The median in milliseconds."""
        return self.percentile(50)

    @property
    def p95(self) -> float:
        """Milliseconds that 95 of 100 stay within."""
        return self.percentile(95)

    @property
    def slowest(self) -> float:
        """The longest in milliseconds."""
        return max(self.seconds) * 1000


Work = Callable[[int], Awaitable[object]]


async def timed(works: Sequence[Work], repeats: int, *, warm_up: int = 5) -> list[Times]:
    """Repeat pieces of work in turn, each given 0, 1, 2 ...; the warm-up rounds don't count.

    In turn, so that what else the machine does falls on all of them alike. The collector runs in
    between: what it costs belongs to whoever made the garbage.
    """
    seconds: list[list[float]] = [[] for _ in works]
    gc.disable()
    try:
        for number in range(warm_up + repeats):
            for times, work in zip(seconds, works, strict=True):
                started = time.perf_counter()
                await work(number)
                times.append(time.perf_counter() - started)
            if number % 20 == 0:
                gc.collect()
    finally:
        gc.enable()
    return [Times(tuple(times[warm_up:])) for times in seconds]


@dataclass(slots=True)
class Statements:
    """What was sent to the server, BEGIN and COMMIT left out."""

    sent: list[str] = field(default_factory=list)

    @property
    def queries(self) -> int:
        """How many of them read or write rows: not the one that opens the transaction."""
        return sum("set_config" not in statement for statement in self.sent)


@contextmanager
def statements(database: Database) -> Iterator[Statements]:
    """Note the statements that go through a pool."""
    noted = Statements()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        noted.sent.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield noted
    finally:
        event.remove(engine, "before_cursor_execute", note)
