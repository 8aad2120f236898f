"""Wall times as said: which half of the day, which bound."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import Enum, auto

from booking.phrases.model import Fault, PartOfDay
from booking.phrases.vocabulary import AFTERNOON, EVENING, NIGHT, TARDE

PARTS = (
    *(PartOfDay.MORNING, PartOfDay.AFTERNOON, PartOfDay.EVENING, PartOfDay.NIGHT),
    PartOfDay.TARDE,
)
_HALF_DAY = 12


class Bound(Enum):
    """What a time says about the start wanted."""

    AT = auto()
    FROM = auto()
    TO = auto()
    BETWEEN = auto()


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour and minute; `settled` once it's known which half of the day it is in.

    Args:
        hour, minute: wall time.
        settled: nothing is left to guess.
        assumed: settled by the business's day, not by a word.
        midnight: the end of the day named, that is 00:00 of the next date.
    """

    hour: int
    minute: int
    settled: bool = False
    assumed: bool = False
    midnight: bool = False

    @property
    def time(self) -> dt.time:
        """The wall time."""
        return dt.time(self.hour % 24, self.minute)

    def in_part(self, part: int | None) -> Clock:
        """Return the clock settled by a part of the day (index of `PARTS`), or by custom.

        Without a part, 1-7 o'clock are after noon and 8-12 o'clock as they are: a business's day.
        """
        if self.settled:
            return self
        hour, midnight = self.hour, False
        if part is None:
            hour += _HALF_DAY if 1 <= hour <= 7 else 0
        elif part in (AFTERNOON, TARDE):
            hour += _HALF_DAY if 1 <= hour <= 9 else 0
        elif part == EVENING or (part == NIGHT and 6 <= hour < _HALF_DAY):
            midnight = hour == _HALF_DAY
            hour = 0 if midnight else hour + _HALF_DAY
        elif part == NIGHT and hour == _HALF_DAY:
            hour, midnight = 0, True
        return Clock(hour, self.minute, True, part is None and hour != _HALF_DAY, midnight)

    def in_half(self, meridiem: int) -> Clock:
        """Return the clock settled by am (0) or pm (12)."""
        if self.settled and self.hour > _HALF_DAY:
            return self
        return Clock(self.hour % _HALF_DAY + meridiem, self.minute, True)


@dataclass(frozen=True, slots=True)
class TimePiece:
    """A wall time as one run of words says it.

    Args:
        start, end: half-open range of tokens.
        bound: how `first` (and `last`, where between) bound the start wanted.
        approximate: "around".
        loose: a bare number that only its neighbour makes a time ("Friday 4").
        fault: what can't exist about it.
    """

    start: int
    end: int
    first: Clock | None = None
    last: Clock | None = None
    bound: Bound = Bound.AT
    approximate: bool = False
    loose: bool = False
    fault: Fault | None = None

    def in_part(self, part: int | None) -> TimePiece:
        """Return the piece with its clocks settled; a range never runs backwards over noon."""
        first, last = self.first, self.last
        if first is None or last is None:
            return replace(self, first=first and first.in_part(part))
        if part is None and last.settled and not first.settled:
            late = Clock(first.hour % _HALF_DAY + _HALF_DAY, first.minute, True, True)
            early = Clock(first.hour, first.minute, True, True)
            fits = (late.hour, late.minute) < (last.hour, last.minute)
            return replace(self, first=late if fits else early)
        started, ended = first.in_part(part), last.in_part(part)
        if started.time > ended.time and not last.settled and ended.hour < _HALF_DAY:
            ended = replace(ended, hour=ended.hour + _HALF_DAY)
        return replace(self, first=started, last=ended)

    def in_half_of(self, other: TimePiece) -> TimePiece:
        """Return the piece settled as "10 or 11 pm" settles 10, where `other` says the half."""
        mine, theirs = self.first, other.first
        said = theirs is not None and theirs.settled and not theirs.assumed
        if mine is None or theirs is None or mine.settled or not said or self.last is not None:
            return self
        if theirs.hour == _HALF_DAY:
            return self  # "11 or 12": noon is in neither half
        half = _HALF_DAY if theirs.hour >= _HALF_DAY else 0
        return replace(self, first=mine.in_half(half)) if mine.hour < _HALF_DAY else self
