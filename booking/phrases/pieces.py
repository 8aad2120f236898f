"""What a run of words says of a date, and what is needed to read it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from booking.phrases.asked import Later
from booking.phrases.model import Expect, Fault
from booking.phrases.tokens import Line
from booking.phrases.vocabulary import YEAR, K


@dataclass(frozen=True, slots=True)
class DatePiece:
    """A date as far as one run of words says it.

    Args:
        start, end: half-open range of tokens.
        date, date_to: the date, or the range; both None for a weekday alone.
        weekday: the weekday said, 0 = Monday.
        weekday_alone: the weekday decides the date (so that the time may move it by a week).
        week_shift: "in two weeks": how many; a weekday beside it moves the date.
        calendar_day: a day of the month was said, against which a weekday is checked.
        open_end: from `date` on.
        time: wall time too ("in two hours").
        fault: what can't exist about it.
        other: another date that the same words may mean.
    """

    start: int
    end: int
    date: dt.date | None = None
    date_to: dt.date | None = None
    weekday: int | None = None
    weekday_alone: bool = False
    week_shift: int | None = None
    calendar_day: bool = False
    open_end: bool = False
    time: dt.time | None = None
    fault: Fault | None = None
    other: dt.date | None = None


@dataclass(frozen=True, slots=True)
class DateContext:
    """What dates are read from.

    Args:
        line: the tokens.
        today: local date of now; now_time: wall time of now.
        expect: what the text is the answer to.
        moving: the text speaks of changing one date to another.
        month_first: 12/10 is the tenth of December.
        dotted_ordinals: "am 8." is a date.
        later: the wall clock so many elapsed minutes from now; None = counted on the wall clock.
    """

    line: Line
    today: dt.date
    now_time: dt.time
    expect: Expect | None
    moving: bool
    month_first: bool
    dotted_ordinals: bool
    later: Later | None = None

    def time_behind(self, i: int) -> bool:
        """Return whether "at 5" stands at token `i`."""
        line = self.line
        j = i + 1 if line.mark(i, ",") else i
        return line.has(j, K.AT) and line.number(line.skip(j, K.AT, K.ABOUT)) is not None

    def year_at(self, i: int) -> tuple[int, int] | None:
        """Return the year that token `i` says, and the token behind it."""
        line = self.line
        if line.mark(i, ",") or (line.has(i, K.OF) and line.digits(i + 1, 4) is not None):
            i += 1
        year = line.digits(i, 4)
        if year is not None and 1900 <= year <= 2199 and not line.mark(i + 1, ":"):
            end = i + 1
            if line.tag(end, K.UNIT) == YEAR or line[end].text == "г":
                end += 1
                if line.mark(end, ".") and line[end].glued:
                    end += 1
            return year, end
        j = line.skip(i, K.OF, K.ON)
        weeks = line.tag(j, K.NEXT)
        if weeks is not None and line.tag(j + 1, K.UNIT) == YEAR:
            return self.today.year + weeks, j + 2
        return None
