"""Dates counted from another: in two weeks, a week from Friday, two days before Christmas."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from dataclasses import dataclass, replace

from booking.phrases import datemath
from booking.phrases.named import NamedDays
from booking.phrases.pieces import DatePiece
from booking.phrases.vocabulary import DAYS, FORTNIGHT, HOUR, MINUTE, MONTHS, WEEK, YEAR, K


@dataclass(frozen=True, slots=True)
class CountedDays(NamedDays):
    """Reads dates counted from now or from another date."""

    @abstractmethod
    def _plain(self, i: int) -> DatePiece | None:
        """Return the longest date at token `i` that isn't counted from another by `_offset`."""

    def _in_units(self, i: int) -> DatePiece | None:
        line = self.line
        weeks = line.tag(i, K.WEEKS_ON)
        if weeks is not None:
            return self._later(i, i + 1, weeks, WEEK)
        if not line.has(i, K.IN):
            return self._units_in(i)
        weekday = line.tag(i + 1, K.WEEKDAY)
        if weekday is not None and line.tag(i, K.IN) == 1:
            # "через субботу": the coming one is left out
            coming = datemath.nearest_weekday(self.today + datemath.DAY, weekday)
            return DatePiece(i, i + 2, datemath.shift(coming, 7), weekday=weekday)
        half = line.tag(i + 1, K.HALF_UNIT)
        if half is None and line.has(i + 1, K.ONE):
            half = line.tag(i + 2, K.HALF_UNIT)
            end = i + 3
        else:
            end = i + 2
        if half is not None:
            return self._later(i, end, half, MINUTE)
        hours = self._fraction(i + 1)
        if hours is not None and line.tag(i + 4, K.UNIT) == HOUR:
            return self._later(i, i + 5, hours, MINUTE)
        amount, j = self._amount(line.skip(i + 1, K.ABOUT))
        unit = line.tag(j, K.UNIT)
        if amount is None and unit is not None and line.tag(i, K.IN) == 1:
            amount, after = self._amount(j + 1)
            if amount is not None:
                return self._later(i, after, amount, unit)  # "через дня три"
        if unit is None or (amount is None and unit == DAYS):
            return None
        if amount is None and line.tag(i, K.IN) != 1:
            return None  # "in week" says nothing; Russian leaves the one out
        return self._later(i, j + 1, amount or 1, unit)

    def _units_in(self, i: int) -> DatePiece | None:
        # "минут через 20", "недели через две"
        line = self.line
        unit = line.tag(i, K.UNIT)
        if unit is None or line.tag(i + 1, K.IN) != 1 or line.has(i + 3, K.UNIT):
            return None
        amount, end = self._amount(i + 2)
        return None if amount is None else self._later(i, end, amount, unit)

    def _fraction(self, i: int) -> int | None:
        # "1.5" hours, in minutes
        line = self.line
        whole, part = line[i].number, line[i + 2].number
        if whole is None or part is None or not line.mark(i + 1, ".,") or not line[i + 2].glued:
            return None
        return int(60 * (whole + part / 10 ** len(line[i + 2].text)))

    def _within(self, i: int) -> DatePiece | None:
        # "within two weeks", "in the next 3 days", "в ближайшие 2 недели"
        line = self.line
        led = line.has(i, K.WITHIN)
        j = line.skip(i, K.WITHIN, K.NEXT, K.THIS, K.COMING)
        if j == i:
            return None
        amount, end = self._amount(j)
        unit = line.tag(end, K.UNIT)
        if unit not in (DAYS, WEEK, FORTNIGHT, MONTHS) or (amount is None and not led):
            return None
        if (amount is None and unit == DAYS) or (amount or 1) > 400:
            return None
        last = self._later(i, end + 1, amount or 1, unit)
        if last is None or (amount == 1 and not led):
            return None
        return replace(
            last, date=self.today, date_to=last.date, calendar_day=False, week_shift=None
        )

    def _from_now(self, i: int) -> DatePiece | None:
        # "a week from now", "two weeks from Friday", "a week on Tuesday"
        line = self.line
        amount, j = self._amount(i)
        unit = line.tag(j, K.UNIT)
        half = line.tag(i, K.HALF_UNIT)
        if half is not None and line.has(i + 1, K.FROM_NOW):
            return self._later(i, i + 2, half, MINUTE)
        if amount is None and unit in (WEEK, FORTNIGHT) and not line[i - 1].is_word:
            amount = 1
        if amount is None or unit is None or line.has(i - 1, K.NEXT, K.THIS, K.LAST):
            return None
        if line.has(j + 1, K.FROM_NOW):
            return self._later(i, j + 2, amount, unit)
        days = {WEEK: 7, FORTNIGHT: 14, DAYS: 1}.get(unit)
        if days is None or amount > 400:
            return None
        if line.has(j + 1, K.DAY, K.WEEKDAY) and unit != DAYS:
            j -= 1  # British "a week tomorrow"
        elif not line.has(j + 1, K.SINCE, K.ON) or (line.has(j + 1, K.ON) and unit == DAYS):
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
            if self.later is not None:
                then = self.later(minutes)
                return DatePiece(i, end, then[0], time=then[1]) if then else None
            minutes += self.now_time.hour * 60 + self.now_time.minute
            date = datemath.shift(self.today, minutes // 1440)
            time = dt.time(minutes % 1440 // 60, minutes % 60)
            return DatePiece(i, end, date, time=time) if date else None
        if unit in (MONTHS, YEAR):
            months = amount * (12 if unit == YEAR else 1)
            date = datemath.add_months(self.today, months)
            return DatePiece(i, end, date) if date else None
        days = {DAYS: 1, WEEK: 7, FORTNIGHT: 14}[unit]
        date = datemath.shift(self.today, days * amount)
        weeks = None if days * amount % 7 else days * amount // 7
        return (
            DatePiece(i, end, date, week_shift=weeks, calendar_day=weeks is None) if date else None
        )

    def _offset(self, i: int) -> DatePiece | None:
        # "two days before Christmas", "die Woche nach Ostern", "за день до 8 марта"
        line = self.line
        later = line.tag(i, K.IN) == 1  # "через неделю после"
        amount, j = self._amount(i + 1 if later else line.skip(i, K.NEXT))
        unit = DAYS if line.has(j, K.DAY_BESIDE) else line.tag(j, K.UNIT)
        sign = -1 if line.has(j + 1, K.BEFORE) else 1
        days = {DAYS: 1, WEEK: 7, FORTNIGHT: 14}.get(unit or 0)
        if days is None or not line.has(j + 1, K.BEFORE, K.AFTER) or (amount or 1) > 400:
            return None
        # "any day after Friday" is no day
        led = line.has(i - 1, K.THE, K.ON, K.FOR) or not line[i - 1].is_word or j > i
        led = led or line.has(j, K.DAY_BESIDE, K.ON)
        if (amount is None and not led) or line.has(i - 1, K.IN):
            return None
        if later and amount is None and unit == DAYS:
            return None  # "через день" means two things
        # Not `read`: "the day before the day before ..." would go as deep as the text is long.
        base = self._plain(line.skip(j + 2, K.THE, K.ON))
        if base is None or base.date is None or base.open_end or base.time is not None:
            return None
        from_date = base.date if sign < 0 else base.date_to or base.date
        date = datemath.shift(from_date, sign * days * (amount or 1))
        if date is None:
            return None
        if amount is None and unit == WEEK and not later:
            near = from_date + sign * datemath.DAY
            return DatePiece(i, base.end, min(date, near), max(date, near))
        return DatePiece(i, base.end, date, calendar_day=True)
