"""What a date or time phrase says, as values without a clock, a zone or a language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class PartOfDay(StrEnum):
    """A part of a day as customers name it."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"
    TARDE = "tarde"


# Wall-clock bounds [from, to) of a part. Afternoon and evening share 16:00-17:00 because people
# call 4 o'clock both; the night runs into the next date (`to < from`). The Spanish tarde has no
# English word: it begins after noon and lasts till the shops close.
PART_WINDOWS: Mapping[PartOfDay, tuple[dt.time, dt.time]] = {
    PartOfDay.MORNING: (dt.time(5), dt.time(12)),
    PartOfDay.AFTERNOON: (dt.time(12), dt.time(17)),
    PartOfDay.EVENING: (dt.time(16), dt.time(22)),
    PartOfDay.NIGHT: (dt.time(20), dt.time(5)),
    PartOfDay.TARDE: (dt.time(12), dt.time(21)),
}

Expect = Literal["date", "time"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Moment:
    """What one phrase says; what it doesn't say is None.

    Args:
        date: local date, or the first date of a range.
        date_to: last local date of a range (inclusive), e.g. Sunday for "next week".
        open_end: the range starts at `date` and has no end ("after the 8th", "from Tuesday").
        time: wall time in the business's zone.
        time_from: wall time, the earliest start wanted ("after 5"); inclusive.
        time_to: wall time, the bound at the other end ("before noon", "between 2 and 4").
        part_of_day: where a part was named and no wall time or bound.
        half_assumed: "at 3" was read as 15:00 (or "at 9" as 09:00) because nothing said am or pm.
        approximate: "around 5".
    """

    date: dt.date | None = None
    date_to: dt.date | None = None
    open_end: bool = False
    time: dt.time | None = None
    time_from: dt.time | None = None
    time_to: dt.time | None = None
    part_of_day: PartOfDay | None = None
    half_assumed: bool = False
    approximate: bool = False

    @property
    def window(self) -> tuple[dt.time | None, dt.time | None]:
        """Wall-clock bounds asked for: the explicit ones, else those of the part of day.

        Returns:
            (from, to), None where unbounded; `to < from` runs into the next date.
        """
        if self.part_of_day is not None and self.time is None:
            return PART_WINDOWS[self.part_of_day]
        return self.time_from, self.time_to


@dataclass(frozen=True, slots=True)
class Resolved:
    """One moment was found.

    Args:
        moment: what it says.
        language: ISO 639-1 code whose vocabulary read it.
        spans: half-open character ranges of the text's NFC form that were read.
        rest: the text without them, tidied ("haircut tomorrow at 10" -> "haircut").
    """

    moment: Moment
    language: str
    spans: tuple[Span, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The text names several moments ("Monday or Tuesday at 5", "Friday 4"); ask which.

    Args:
        moments: at least two different ones, in the order of the text.
        language, spans, rest: as in `Resolved`.
    """

    moments: tuple[Moment, ...]
    language: str
    spans: tuple[Span, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The weekday said isn't the weekday of the date said ("Tuesday 2 December" in 2026).

    Args:
        weekday: the weekday said, 0 = Monday.
        date: the date said; its true weekday is `date.weekday()`.
        candidates: right dates to offer, ascending: the date said and the nearest dates around it
            (not in the past) that fall on the weekday said.
        moment: what was said, with `date` as the date, so that a time isn't lost.
        language, spans, rest: as in `Resolved`.
    """

    weekday: int
    date: dt.date
    candidates: tuple[dt.date, ...]
    moment: Moment
    language: str
    spans: tuple[Span, ...]
    rest: str


class Fault(StrEnum):
    """Why a date or time can't exist."""

    NO_SUCH_DATE = "no_such_date"
    HOUR_OUT_OF_RANGE = "hour_out_of_range"
    MINUTE_OUT_OF_RANGE = "minute_out_of_range"


@dataclass(frozen=True, slots=True)
class Impossible:
    """A date or time was meant that can't exist ("25:99", "31 February").

    Args:
        fault: what was wrong.
        phrase: the piece of the text that says it.
        language, spans, rest: as in `Resolved`.
    """

    fault: Fault
    phrase: str
    language: str
    spans: tuple[Span, ...]
    rest: str


Resolution = Resolved | Ambiguous | Mismatch | Impossible
