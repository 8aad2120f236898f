"""Wall times read off a line: clocks with what leads to them, bounds and ranges."""

from __future__ import annotations

from dataclasses import dataclass

from booking.phrases.clock import Bound, TimePiece
from booking.phrases.clocks import ClockReader, Read
from booking.phrases.tokens import END
from booking.phrases.vocabulary import DASHES, K


@dataclass(frozen=True, slots=True)
class TimeReader(ClockReader):
    """Reads wall times off a line.

    Args:
        line: the tokens.
        expect: what the text is the answer to.
        moving: the text speaks of changing one time to another.
    """

    moving: bool

    def read(self, i: int, *, beside_date: bool) -> TimePiece | None:
        """Return the time that starts at token `i`.

        Args:
            i: index of a token.
            beside_date: a date ends just before it.
        """
        line = self.line
        if line[i].number is None and not line[i].tags and not line.mark(i, "@~"):
            return None
        j, at, about, bound, open_range, weak_range = self._prefixes(i)
        if line.has(j - 1, K.ON) and bound is not Bound.AT and line.mark(j + 1, "."):
            return None  # "nach dem 2. Termin"
        read = self.clock(j, strong=at == 2 or bound is not Bound.AT or beside_date)
        if read is None:
            return None
        at_weak = (
            at == 1
            and read.bare
            and self.expect != "date"
            and not line.has(read.end, K.UNIT, K.PART_SUFFIX)
        )
        if line[read.end - 1].text == "час":
            at_weak = False  # "на 1 час" is how long
        called = at == 2 or at_weak or about or bound is not Bound.AT or open_range
        part_before = line.has(i - 1, K.PART, K.DAYPART)
        known = read.explicit or called or part_before
        ranged = open_range or weak_range
        last = self._range_end(read, ranged, at == 2, known or beside_date)
        known = known or (weak_range and last is not None)
        end = last.end if last else read.end
        if last is None and bound is Bound.AT and (known or beside_date):
            bound, end = self._bound_behind(end)
            known = known or bound is not Bound.AT
        if last is not None and not known:
            known = last.explicit or line.has(line.skip(end, K.ON), K.DAY, K.WEEKDAY)
            if not known and not beside_date and self.expect != "time":
                return None
        first_alone = line[i - 1] is END or line.mark(i - 1, ",.!")
        date_follows = first_alone and line.has(end, K.DAY, K.DAYPART) and self.expect != "date"
        wanted = self.expect == "time" or date_follows
        if not known and not (wanted or beside_date):
            return None
        fault = read.fault or (last.fault if last else None)
        if fault is not None:
            return TimePiece(i, end, fault=fault)
        first = read.clock
        if last is not None:
            return TimePiece(i, end, first, last.clock, Bound.BETWEEN)
        if open_range and bound is Bound.AT:
            bound = Bound.AT if self.moving else Bound.FROM
        approximate = about or line[end - 1].text == "ish"
        loose = not known and not wanted and read.bare
        return TimePiece(i, end, first, None, bound, approximate, loose)

    def _bound_behind(self, end: int) -> tuple[Bound, int]:
        # "at 3 or later", "15 Uhr spätestens"
        line = self.line
        i = end + 1 if line.mark(end, ",") else end
        goes_on = line.number(i + 1) is not None or line.has(i + 1, K.AT, K.NOON)
        if line.has(i, K.OR_LATER) and not goes_on:
            return Bound.FROM, i + 1
        if line.has(i, K.OR_EARLIER) and not goes_on:
            return Bound.TO, i + 1
        return Bound.AT, end

    def part(self, i: int) -> int | None:
        """Return the part of day that token `i` names on its own."""
        line = self.line
        part = line.tag(i, K.PART)
        if part is None:
            part = line.tag(i, K.DAYPART)
        return part

    def _prefixes(self, i: int) -> tuple[int, int, bool, Bound, bool, bool]:
        line = self.line
        j, at, about, bound = i, 0, False, Bound.AT
        open_range = weak_range = False
        while j - i < 4:
            if line.has(j, K.ABOUT):
                about = True
            elif self.moving and line.has(j, K.UNTIL, K.FOR) and not line.has(j, K.HOUR_ONE):
                at = 2
            elif line.has(j, K.AT):
                at = max(at, line.tag(j, K.AT) or 0)
            elif line.has(j, K.BETWEEN) or line.tag(j, K.SINCE) == 0:
                open_range = True
            elif line.has(j, K.SINCE):
                weak_range = True
            elif j == i and (line.has(j, K.AFTER) or self._past(j)):
                bound = Bound.FROM
            elif line.has(j, K.BEFORE) and j == i:
                bound = Bound.TO
            elif line.mark(j, "@~"):
                at = 2
            elif line.has(j, K.OCLOCK) and line.has(j + 1, K.AT):
                about = True  # "часов в пять"
            elif not (line.has(j, K.THE) and line.has(j + 1, K.PART)):
                break
            j += 1
        return j, at, about, bound, open_range, weak_range

    def _past(self, i: int) -> bool:
        # "Thursday past 3 pm"; "ten past 3" has its minutes
        line = self.line
        return line[i].text == "past" and line.number(i - 1) is None and not line.has(i - 1, K.UNIT)

    def _range_end(self, read: Read, open_range: bool, led: bool, known: bool) -> Read | None:
        line = self.line
        j = read.end
        dash = line.mark(j, DASHES)
        if not dash and not line.has(j, K.UNTIL) and not (open_range and line.has(j, K.AND)):
            return None
        if line.has(j, K.AND, K.UNTIL) and line.has(j + 1, K.AT):
            j += 1
        elif line.has(j, K.HOUR_ONE):
            j -= 1  # "a la una"
        elif line.tag(j, K.UNTIL) == 1 and not (open_range or led or read.explicit):
            return None  # "el tres a las 11"
        last = self.clock(j + 1, strong=known)
        if last is None or (read.bare and last.fault) or self.moving:
            return None
        return last
