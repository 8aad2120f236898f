"""The one place that reads the clock. Everything else gets a `Clock` handed down."""

from __future__ import annotations

import datetime as dt
import time
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> dt.datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        """Return the present instant, aware, in UTC."""
        return dt.datetime.now(dt.UTC)


class PinnedClock:
    """A clock set to an instant that moves on from there at the machine's pace.

    Args:
        start: the instant it shows now; aware.

    Raises:
        ValueError: `start` has no UTC offset.
    """

    def __init__(self, start: dt.datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a pinned clock needs an instant with a UTC offset")
        self._start = start.astimezone(dt.UTC)
        self._since = time.monotonic()

    def now(self) -> dt.datetime:
        """Return the pinned instant plus the time that has passed since, aware, in UTC."""
        return self._start + dt.timedelta(seconds=time.monotonic() - self._since)
