"""Dates: days named, numbered or counted from today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from booking.phrases import datemath
from booking.phrases.model import Expect, Fault
from booking.phrases.tokens import END, Line
from booking.phrases.vocabulary import DASHES, DAYS, FORTNIGHT, HOUR, MINUTE, MONTHS, WEEK, YEAR, K

_STOPS = ".:/"


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


@dataclass(frozen=True, slots=True)
class DateReader:
    """Reads dates off a line.

    Args:
        line: the tokens.
        today: local date of now; now_time: wall time of now.
        expect: what the text is the answer to.
        month_first: 12/10 is the tenth of December.
        dotted_ordinals: "am 8." is a date.
    """

    line: Line
    today: dt.date
    now_time: dt.time
    expect: Expect | None
    month_first: bool
    dotted_ordinals: bool

    def read(self, i: int) -> DatePiece | None:
        """Return the longest date that starts at token `i`."""
        readers: tuple[Callable[[int], DatePiece | None], ...]
        if self.line[i].number is not None:
            readers = (self._iso, self._numeric, self._ordinal, self._from_now)
        elif self.line[i].tags:
            readers = (
                self._in_units,
                self._from_now,
                self._day,
                self._weekday,
                self._week,
                self._ordinal,
                self._month_then_day,
                self._month,
            )
        else:
            return None
        best: DatePiece | None = None
        for reader in readers:
            found = reader(i)
            if found is not None and (best is None or found.end > best.end):
                best = found
        return best

    # Numbers

    def _iso(self, i: int) -> DatePiece | None:
        line = self.line
        year = line.digits(i, 4)
        if year is None or not line.mark(i + 1, "-/.") or line[i + 1].text != line[i + 3].text:
            return None
        month, day = line[i + 2].number, line[i + 4].number
        if month is None or day is None or not all(line[j].glued for j in range(i + 1, i + 5)):
            return None
        end = i + 5
        if line[end].glued and line[end].text == "t" and line[end + 1].number is not None:
            end += 1
        return self._exact(i, end, year, month, day)

    def _numeric(self, i: int) -> DatePiece | None:
        line = self.line
        separator = line[i + 1].text
        first, second = line[i].number, line[i + 2].number
        if first is None or second is None or line[i].counted or line[i + 2].counted:
            return None
        if not (line[i + 1].glued and line[i + 2].glued) or separator not in (".", "/", "-"):
            return None
        if len(line[i].text) > 2 or len(line[i + 2].text) > 2 or line.has(i + 3, K.MERIDIEM):
            return None
        year, end = self._numeric_year(i + 3, separator)
        if year is None and (separator == "-" or not self._plain_end(i, end)):
            return None
        day, month = first, second
        slashed = separator == "/"
        if (self.month_first and slashed and first <= 12) or (month > 12 >= day):
            day, month = month, day
        if month > 12 and separator == "." and second <= 59 and first <= 24:
            return None  # 15.30 is a time
        if (first, second) == (24, 7) or (min(first, second) == 0 and year is None):
            return None
        if (month > 12 or day > 31) and year is None and not self._asked(i, end):
            return None
        return self._month_day(i, end, month, day, year)

    def _numeric_year(self, i: int, separator: str) -> tuple[int | None, int]:
        line = self.line
        if line[i].text == separator and line[i].glued and separator != "-" or (
            separator == "-" and line[i].text == "-"
        ):
            year = line[i + 1].number
            if year is not None and line[i + 1].glued:
                if len(line[i + 1].text) == 4:
                    return year, i + 2
                if len(line[i + 1].text) == 2 and not line.mark(i + 2, ":"):
                    return 2000 + year, i + 2
            elif separator == ".":
                return None, i + 1
        year = self._year_at(i)
        return (None, i) if year is None else (year[0], year[1])

    def _plain_end(self, i: int, end: int) -> bool:
        line = self.line
        if line.mark(end, "./-") and line[end].glued and line[end + 1].number is not None:
            return False
        if line.mark(i - 1, "./,") and line[i].glued and line[i - 2].number is not None:
            return False
        return not (line.has(end, K.COUNTED) or line.has(end, K.OCLOCK))

    def _asked(self, i: int, end: int) -> bool:
        alone = self.line[i - 1] is END and self.line[end] is END
        return alone or self.line.has(i - 1, K.ON)

    def _exact(self, start: int, end: int, year: int, month: int, day: int) -> DatePiece:
        date = datemath.date_or_none(year, month, day)
        fault = None if date else Fault.NO_SUCH_DATE
        return DatePiece(start, end, date, calendar_day=True, fault=fault)

    def _month_day(
        self, start: int, end: int, month: int, day: int, year: int | None
    ) -> DatePiece:
        if year is not None:
            return self._exact(start, end, year, month, day)
        date = datemath.nearest_month_day(self.today, month, day)
        fault = None if date else Fault.NO_SUCH_DATE
        return DatePiece(start, end, date, calendar_day=True, fault=fault)

    # Days of a month

    def _year_at(self, i: int) -> tuple[int, int] | None:
        line = self.line
        if line.mark(i, ","):
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

    def _ordinal(self, i: int) -> DatePiece | None:
        line = self.line
        day = line.tag(i, K.ORD)
        said_ordinal = day is not None
        end = i + 1
        if day is None:
            day = line.number(i)
            if day is None or line[i].counted or day > 99:
                return None
            if self.dotted_ordinals and line.mark(end, ".") and line[end].glued:
                dotted_end = end + 1
                glued_number = line[dotted_end].glued and line[dotted_end].number is not None
                if not glued_number and (
                    line.has(i - 1, K.ON) or line.has(line.skip(dotted_end, K.OF), K.MONTH)
                ):
                    said_ordinal, end = True, dotted_end
        elif line.mark(end, ".") and line.has(end + 1, K.MONTH):
            end += 1
        if line.has(end, K.DOM):
            said_ordinal, end = True, end + 1
        month_at = line.skip(end, K.OF) if not line.has(end, K.MONTH) else end
        month = line.tag(month_at, K.MONTH)
        if month is not None:
            return self._day_and_month(i, month_at, day, month)
        if line.mark(end, DASHES) and not said_ordinal:
            return self._day_range(i, day, end + 1)
        if not said_ordinal:
            return self._bare_day(i, end, day)
        in_month = self._day_of_named_month(i, month_at, day)
        if in_month is not None:
            return in_month
        if line.has(end, K.COUNTED, K.UNIT) or line.has(i - 1, K.HALF_NEXT, K.QUARTER):
            return None
        spelled = line[i].number is None and line[i].is_word
        if spelled and not line.ends_cleanly(end):
            return None
        if spelled and not line.has(end - 1, K.DOM) and not (
            line.has(i - 1, K.THE, K.ON, K.SINCE, K.AFTER, K.BEFORE)
            or line.has(end, K.AT, K.PART)
            or (line[i - 1] is END and self.expect == "date")
        ):
            return None
        if day > 31 and not line.has(i - 1, K.THE, K.ON):
            return None
        date = datemath.nearest_day_of_month(self.today, day)
        fault = None if date else Fault.NO_SUCH_DATE
        return DatePiece(i, end, date, calendar_day=True, fault=fault)

    def _day_and_month(self, i: int, month_at: int, day: int, month: int) -> DatePiece | None:
        line = self.line
        end = month_at + 1
        if line.mark(end, ".") and line[end].glued and line[month_at].text != "may":
            end += 1
        year = self._year_at(end)
        if year is not None:
            end = year[1]
        return self._month_day(i, end, month, day, year[0] if year else None)

    def _day_range(self, i: int, first_day: int, second_at: int) -> DatePiece | None:
        # "5-8 December"
        last = self._ordinal(second_at)
        if last is None or last.date is None or not last.calendar_day or last.date_to:
            return None
        first = datemath.date_or_none(last.date.year, last.date.month, first_day)
        if first is None or first >= last.date:
            return None
        return DatePiece(i, last.end, max(first, self.today), last.date)

    def _bare_day(self, i: int, end: int, day: int) -> DatePiece | None:
        line = self.line
        if line.counts_things(end) or line.has(end, K.UNIT, K.OCLOCK, K.MERIDIEM, K.PART_SUFFIX):
            return None
        if line.mark(end, ":./") and line[end].glued and line[end + 1].number is not None:
            return None
        # "on the 8", "am 8"; "Friday 27" can only be a day of the month
        on_the = line.has(i - 1, K.THE) and line.has(i - 2, K.ON)
        on_the = on_the or (self.dotted_ordinals and line.has(i - 1, K.ON))
        on_the = on_the and line.ends_cleanly(end) and not line.has(end, K.PART)
        after_weekday = line.has(i - 1, K.WEEKDAY) and day > 24 and line[i].number is not None
        if not (on_the or after_weekday or self.expect == "date") or not 1 <= day <= 31:
            return None
        if self.expect == "date" and line.has(i - 1, K.AT) and not line.has(i - 1, K.ON):
            return None
        date = datemath.nearest_day_of_month(self.today, day)
        return date and DatePiece(i, end, date, calendar_day=True)

    def _day_of_named_month(self, i: int, at: int, day: int) -> DatePiece | None:
        # "the 8th of this month", "8-го числа следующего месяца", "am 8. des Monats"
        line = self.line
        at = line.skip(at, K.OF, K.ON, K.THE) if not line.has(at, K.NEXT, K.THIS) else at
        weeks = line.tag(at, K.NEXT)
        has_word = weeks is not None or line.has(at, K.THIS)
        unit_at = at + 1 if has_word else at
        if line.tag(unit_at, K.UNIT) != MONTHS or (not has_word and not line.has(at - 1, K.OF)):
            return None
        month = datemath.add_months(self.today.replace(day=1), weeks or 0)
        return month and self._exact(i, unit_at + 1, month.year, month.month, day)

    def _month_then_day(self, i: int) -> DatePiece | None:
        line = self.line
        month = line.tag(i, K.MONTH)
        if month is None:
            return None
        j = i + 1
        if line.mark(j, ".") and line[j].glued:
            j += 1
        j = line.skip(j, K.THE)
        day = line.tag(j, K.ORD)
        if day is None:
            day = line.number(j)
            if day is None or line[j].counted or day > 99 or line.has(j + 1, K.COUNTED):
                return None
            if line.mark(j + 1, ":") or line.has(j + 1, K.MERIDIEM, K.OCLOCK):
                return None
        end = j + 1
        year = self._year_at(end)
        if year is not None:
            end = year[1]
        return self._month_day(i, end, month, day, year[0] if year else None)

    def _month(self, i: int) -> DatePiece | None:
        line = self.line
        month = line.tag(i, K.MONTH)
        alone = line[i - 1] is END and line[i + 1] is END and self.expect == "date"
        if month is None or not (line.has(i - 1, K.IN, K.ON) or alone):
            return None
        given = self._year_at(i + 1)
        year, end = given or (self.today.year + (month < self.today.month), i + 1)
        return DatePiece(i, end, *datemath.month_bounds(self.today, year, month))

    # Words

    def _day(self, i: int) -> DatePiece | None:
        line = self.line
        days = line.tag(i, K.DAY)
        if days is None and line.has(i, K.DAYPART):
            days = 0
        if days is None:
            return None
        if line.has(i, K.PART) and days and line.has(i - 1, K.DAY, K.WEEKDAY):
            return None
        date = datemath.shift(self.today, days)
        return date and DatePiece(i, i + 1, date, calendar_day=True)

    def _weekday(self, i: int) -> DatePiece | None:
        line = self.line
        j = i
        weeks: int | None = None
        this = last = False
        while line.has(j, K.NEXT, K.THIS, K.LAST) and j - i < 2:
            weeks = line.tag(j, K.NEXT) if line.has(j, K.NEXT) else weeks
            this = this or line.has(j, K.THIS)
            last = last or line.has(j, K.LAST)
            j += 1
        weekday = line.tag(j, K.WEEKDAY)
        end = j + 1
        if weekday is None and self._abbreviation(j, modified=j > i):
            weekday = line.tag(j, K.WEEKDAY_SHORT)
        if weekday is None:
            return None
        if line.mark(end, ".") and line[end].glued and len(line[j].text) <= 4:
            end += 1
        nearest = datemath.nearest_weekday(self.today, weekday)
        monday = datemath.monday_of(self.today)
        if weeks is not None:
            date = datemath.shift(monday, 7 * weeks + weekday)
        elif last:
            date = datemath.shift(nearest, -7)
        elif line.tag(end, K.UNIT) == WEEK and not line.has(end, K.IN):
            # British "Tuesday week"
            return DatePiece(i, end + 1, datemath.shift(nearest, 7), weekday=weekday)
        else:
            date = nearest
        alone = weeks is None and not last and not this
        return DatePiece(i, end, date, weekday=weekday, weekday_alone=alone)

    def _abbreviation(self, i: int, *, modified: bool) -> bool:
        line = self.line
        if not line.has(i, K.WEEKDAY_SHORT):
            return False
        if modified or (line.has(i - 1, K.ON) and line.ends_cleanly(i + 1)):
            return True
        after = i + 1
        if line[i - 1] is END and line[after] is END:
            return True
        if line.mark(after, ".,"):
            after += 1
            if line[after].number is not None or line.has(after, K.ORD):
                return True
        if line[after].number is None:
            return line.has(after, K.ORD, K.PART, K.MONTH)
        behind = line[after + 1]
        return (behind.glued and behind.text in _STOPS and behind.text != "") or line.has(
            after + 1, K.OCLOCK, K.MERIDIEM, K.MONTH
        )

    def _week(self, i: int) -> DatePiece | None:
        # "next week", "this weekend", "nächsten Monat", "week after next"
        line = self.line
        monday = datemath.monday_of(self.today)
        if line.has(i, K.WEEK_AFTER_NEXT):
            return self._weeks_on(i, i + 1, monday, 2)
        j = i
        weeks = line.tag(i, K.NEXT)
        modified = weeks is not None or line.has(i, K.THIS)
        if modified:
            j += 1
        if line.has(j, K.WEEKEND):
            saturday = datemath.shift(monday, 7 * (weeks or 0) + 5)
            sunday = datemath.shift(monday, 7 * (weeks or 0) + 6)
            if saturday is None or sunday is None:
                return None
            return DatePiece(i, j + 1, max(saturday, self.today), sunday)
        unit = line.tag(j, K.UNIT)
        if not modified or unit is None or (line.has(i - 1, K.LAST)):
            return None
        if unit == WEEK:
            return self._weeks_on(i, j + 1, monday, weeks or 0)
        if unit == MONTHS:
            month = datemath.add_months(self.today.replace(day=1), weeks or 0)
            return month and DatePiece(
                i, j + 1, *datemath.month_bounds(self.today, month.year, month.month)
            )
        return None

    def _weeks_on(self, i: int, end: int, monday: dt.date, weeks: int) -> DatePiece | None:
        first = datemath.shift(monday, 7 * weeks)
        last = datemath.shift(monday, 7 * weeks + 6)
        if first is None or last is None:
            return None
        return DatePiece(i, end, max(first, self.today), last, week_shift=None)

    # Counted from now

    def _in_units(self, i: int) -> DatePiece | None:
        line = self.line
        if not line.has(i, K.IN):
            return None
        half = line.tag(i + 1, K.HALF_UNIT)
        if half is None and line.has(i + 1, K.ONE):
            half = line.tag(i + 2, K.HALF_UNIT)
            end = i + 3
        else:
            end = i + 2
        if half is not None:
            return self._later(i, end, half, MINUTE)
        amount, j = self._amount(i + 1)
        unit = line.tag(j, K.UNIT)
        if unit is None or (amount is None and unit == DAYS):
            return None
        if amount is None and line[i].text == "in":
            return None  # "in week" says nothing; Russian leaves the one out
        return self._later(i, j + 1, amount or 1, unit)

    def _from_now(self, i: int) -> DatePiece | None:
        # "a week from now", "two weeks from Friday", "a week on Tuesday"
        line = self.line
        amount, j = self._amount(i)
        unit = line.tag(j, K.UNIT)
        amount = 1 if amount is None and unit == WEEK else amount
        if amount is None or unit is None or line.has(i - 1, K.NEXT, K.THIS, K.LAST):
            return None
        if line.has(j + 1, K.FROM_NOW):
            return self._later(i, j + 2, amount, unit)
        days = {WEEK: 7, FORTNIGHT: 14, DAYS: 1}.get(unit)
        if days is None or amount > 400 or not line.has(j + 1, K.SINCE, K.ON):
            return None
        if line.has(j + 1, K.ON) and unit == DAYS:
            return None
        base = self._day(j + 2) or self._weekday(j + 2)
        if base is None or base.date is None:
            return None
        return DatePiece(i, base.end, datemath.shift(base.date, days * amount))

    def _amount(self, i: int) -> tuple[int | None, int]:
        line = self.line
        amount = line.tag(i, K.ONE)
        if amount is None:
            amount = line.number(i)
        return (None, i) if amount is None else (amount, i + 1)

    def _later(self, i: int, end: int, amount: int, unit: int) -> DatePiece | None:
        if amount > 4000:
            return None
        if unit in (MINUTE, HOUR):
            minutes = amount * (60 if unit == HOUR else 1)
            minutes += self.now_time.hour * 60 + self.now_time.minute
            date = datemath.shift(self.today, minutes // 1440)
            time = dt.time(minutes % 1440 // 60, minutes % 60)
            return date and DatePiece(i, end, date, time=time)
        if unit in (MONTHS, YEAR):
            months = amount * (12 if unit == YEAR else 1)
            date = datemath.add_months(self.today, months)
            return date and DatePiece(i, end, date)
        days = {DAYS: 1, WEEK: 7, FORTNIGHT: 14}[unit]
        date = datemath.shift(self.today, days * amount)
        weeks = days * amount // 7 if unit != DAYS else None
        return date and DatePiece(i, end, date, week_shift=weeks, calendar_day=unit == DAYS)
