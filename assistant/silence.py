"""Who has been silent for too long, by one's own count: clocks that are set don't count."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

Seen = TypeVar("Seen", bound=Hashable)


class Silence(Generic[Seen]):
    """Looks again and again at what others hold, and finds what nobody moves any more.

    Args:
        seconds: for how long it must have been seen unchanged.
        most_between: seconds between two looks after which the count starts anew: who was stopped
            itself (a suspended machine, a debugger) has not seen that the others were silent.
        monotonic: the clock that counts.
    """

    def __init__(
        self,
        seconds: float,
        *,
        most_between: float = 5.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._most_between = most_between
        self._monotonic = monotonic
        self._since: dict[Seen, float] = {}
        self._looked_at = 0.0

    def look(self, present: Iterable[Seen]) -> list[Seen]:
        """Return those of `present` that were there at each look for so long, just as they are."""
        now = self._monotonic()
        before = self._since if now - self._looked_at <= self._most_between else {}
        self._looked_at = now
        self._since = {each: before.get(each, now) for each in present}
        return [each for each, since in self._since.items() if now - since >= self._seconds]
