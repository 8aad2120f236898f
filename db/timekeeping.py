"""One clock for all processes: the database server's, carried on by a count that nobody sets.

Processes on several hosts write instants that others compare with now: when a message is due, when
a hold is over. Hosts' clocks differ, and are set (NTP, a suspended machine, a person); if each
process went by its own, a hold could be over early and a message wait for minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import text

from db.clock import Clock, SystemClock
from db.errors import DatabaseError
from db.session import Database

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 5.0
# An answer that took longer says too little.
_SLOWEST_SECONDS = 2.0
# Less than this is the way to the server, or quartz.
_SAME_SECONDS = 0.1
# What is worth a line in the log: nobody's work needs it closer.
_STEP_SECONDS = 1.0
_HOST_SECONDS = 30.0
# A clock that was set forward by more than a minute may be set right again at once. What comes due
# by itself can't be taken back (a reminder of what seems over is dropped), so it waits for so long.
_FORWARD_SECONDS, SETTLE_SECONDS = 60.0, 60.0
_NOW = text("SELECT clock_timestamp()")


def _counted() -> Callable[[], float]:
    """Return the count of seconds that also goes on while the machine is suspended."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic


class DatabaseClock:
    """The database server's clock; the machine's own until the server has been asked once.

    Between two looks at the server it moves on by a monotonic count: whoever sets this machine's
    clock changes nothing. If the server's own is set, all processes follow within seconds.

    Args:
        database: whose server's.
        host: this machine's clock.
        elapsed: a count of seconds.
    """

    def __init__(
        self,
        database: Database,
        *,
        host: Clock | None = None,
        elapsed: Callable[[], float] | None = None,
    ) -> None:
        self._database = database
        self._host = host or SystemClock()
        self._elapsed = elapsed or _counted()
        self._shown, self._at = self._host.now(), self._elapsed()
        self._is_set = False
        self._forward_at = -math.inf

    @property
    def is_settled(self) -> bool:
        """Whether it wasn't set forward just now."""
        return self._elapsed() - self._forward_at >= SETTLE_SECONDS

    def now(self) -> dt.datetime:
        """Return the present instant, aware, in UTC."""
        return self._then(self._elapsed())

    def _then(self, count: float) -> dt.datetime:
        return self._shown + dt.timedelta(seconds=count - self._at)

    async def look(self) -> None:
        """Set it by the server's.

        Raises:
            DatabaseUnavailableError: the server is away; it goes on as it was.
        """
        async with self._database.transaction() as session:
            asked = self._elapsed()
            shown: dt.datetime = await session.scalar(_NOW)
            took = self._elapsed() - asked
        if took <= _SLOWEST_SECONDS or not self._is_set:
            self._set(shown.astimezone(dt.UTC), asked + took / 2, took)

    def _set(self, shown: dt.datetime, at: float, took: float) -> None:
        step = (shown - self._then(at)).total_seconds()
        if self._is_set and abs(step) <= _SAME_SECONDS + took / 2:
            return  # it isn't known better than that, and shouldn't tremble
        self._shown, self._at = shown, at
        if self._is_set and step >= _FORWARD_SECONDS:
            self._forward_at = at
        if self._is_set and abs(step) >= _STEP_SECONDS:
            logger.warning("clock_was_set", seconds=round(step, 1))
        host = (self._host.now() - shown).total_seconds()
        if not self._is_set and abs(host) >= _HOST_SECONDS:
            logger.warning(
                "host_clock_differs",
                seconds=round(host, 1),
                advice="the database server's clock counts; let NTP set both",
            )
        self._is_set = True

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Look at the server's clock now, and every few seconds while the body runs."""
        with contextlib.suppress(DatabaseError, TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self.look()
        task = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with contextlib.suppress(DatabaseError):
                await self.look()


def is_settled(clock: Clock) -> bool:
    """Return whether what comes due by itself may be done: see `SETTLE_SECONDS`."""
    return not isinstance(clock, DatabaseClock) or clock.is_settled
