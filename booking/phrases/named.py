"""Dates said by words: tomorrow, next Friday, in December, the last Friday of May."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from booking.phrases import datemath
from booking.phrases.pieces import DateContext, DatePiece
from booking.phrases.tokens import END
from booking.phrases.vocabulary import DASHES, DAYS, MONTHS, WEEK, K

_STOPS = ".:/"
_SIX_DAYS = 6 * datemath.DAY


@dataclass(frozen=True, slots=True)
class NamedDays(DateContext):
    """Reads dates said by words."""

    def _month(self, i: int) -> DatePiece | None:
        line = self.line
        alone = line[i - 1] is END and line[i + 1] is END and self.expect == "date"
        return self._named_month(i) if line.has(i - 1, K.IN, K.ON) or alone else None

    def _named_month(self, i: int) -> DatePiece | None:
        month = self.line.tag(i, K.MONTH)
        if month is None:
            return None
        given = self.year_at(i + 1)
        year, end = given or (self.today.year + (month < self.today.month), i + 1)
        return DatePiece(i, end, *datemath.month_bounds(self.today, year, month))

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
        return DatePiece(i, i + 1, date, calendar_day=True) if date else None

    def _weekday(self, i: int) -> DatePiece | None:
        line = self.line
        j = i
        weeks: int | None = None
        this = last = coming = False
        while line.has(j, K.NEXT, K.THIS, K.LAST, K.COMING) and j - i < 2:
            weeks = line.tag(j, K.NEXT) if line.has(j, K.NEXT) else weeks
            this = this or line.has(j, K.THIS)
            last = last or line.has(j, K.LAST)
            coming = coming or line.has(j, K.COMING)
            j += 1
        weekday = line.tag(j, K.WEEKDAY)
        end = j + 1
        if weekday is None and self._abbreviation(j, modified=j > i):
            weekday = line.tag(j, K.WEEKDAY_SHORT)
        if weekday is None:
            return None
        if line.mark(end, ".") and line[end].glued and len(line[j].text) <= 4:
            end += 1
        if line.has(end, K.COMING):
            coming, end = True, end + 1
        elif line.tag(end, K.LAST) == 1:
            last, end = True, end + 1
        nearest = datemath.nearest_weekday(self.today, weekday)
        monday = datemath.monday_of(self.today)
        if weeks is not None:
            date = datemath.shift(monday, 7 * weeks + weekday)
        elif last:
            date = datemath.shift(nearest, -7)
        elif coming:
            tomorrow = datemath.shift(self.today, 1)
            date = tomorrow and datemath.nearest_weekday(tomorrow, weekday)
        elif self._after_next(end):
            weeks, end = 2, end + 2
            date = datemath.shift(monday, 7 * weeks + weekday)
        elif line.tag(end, K.UNIT) == WEEK and not line.has(end, K.IN):
            # British "Tuesday week"
            return DatePiece(i, end + 1, datemath.shift(nearest, 7), weekday=weekday)
        else:
            date = nearest
        alone = weeks is None and not last and not this and not coming
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
        for joint, other in ((i + 1, i + 2), (i - 1, i - 2)):
            joined = line.mark(joint, DASHES | {"/"}) or line.has(joint, K.OR, K.AND, K.UNTIL)
            if joined and line.has(other, K.WEEKDAY, K.WEEKDAY_SHORT):
                return True
            if line.mark(joint, ",") and line.has(other, K.WEEKDAY_SHORT):
                return True
        if line.mark(after, ".,"):
            after += 1
            if line[after].number is not None or line.has(after, K.ORD):
                return True
        led = line[i - 1] is END or (line[i - 1].tags and not line.has(i - 1, K.FILLER))
        bound = line.has(after, K.AT, K.SINCE, K.AFTER, K.BEFORE, K.BETWEEN)
        if led and bound and line.number(after + 1) is not None:
            return True
        number = line[after].number
        if number is None:
            return line.has(after, K.ORD, K.PART, K.MONTH)
        if self.time_behind(after + 1) and number <= 31:
            return True
        behind = line[after + 1]
        if number <= 31 and (behind is END or behind.text in ",.;" or line.has(after + 1, K.AND)):
            return True  # "haircut wed 10 and ..."; "we sat 3 hours" goes on otherwise
        # "Mon 2026-11-23", the form that tools ask for; "we sat 3-4 hours" is none.
        if len(line[after].text) == 4 and behind.glued and behind.text == "-":
            return True
        return (behind.glued and behind.text in _STOPS and behind.text != "") or line.has(
            after + 1, K.OCLOCK, K.MERIDIEM, K.MONTH
        )

    def _week(self, i: int) -> DatePiece | None:
        # "next week", "this weekend", "nächsten Monat", "week after next"
        line = self.line
        monday = datemath.monday_of(self.today)
        ahead = line.tag(i, K.WEEK_AHEAD)
        if ahead is not None:
            return self._weeks_on(i, i + 1, monday, ahead)
        months = line.tag(i, K.MONTH_AHEAD)
        if months is not None:
            return self._months_on(i, i + 1, months)
        j = i
        weeks = line.tag(i, K.NEXT)
        modified = weeks is not None or line.has(i, K.THIS)
        if modified or line.has(i, K.COMING):
            j += 1
            if line.mark(j, ".") and line[j].glued:
                j += 1  # "на след. неделе"
        if line.has(j, K.WEEKEND):
            coming = line.has(i, K.COMING) or line.has(j + 1, K.COMING)
            end = j + 2 if line.has(j + 1, K.COMING) else j + 1
            if coming:
                weeks = int(self.today.weekday() >= 5)
            elif self._after_next(end):
                weeks, end = 2, end + 2
            saturday = datemath.shift(monday, 7 * (weeks or 0) + 5)
            sunday = datemath.shift(monday, 7 * (weeks or 0) + 6)
            if saturday is None or sunday is None:
                return None
            return DatePiece(i, end, max(saturday, self.today), sunday)
        unit = line.tag(j, K.UNIT)
        if unit == MONTHS and not modified and self._after_next(j + 1):
            return self._months_on(i, j + 3, 2)
        if not modified or unit is None or (line.has(i - 1, K.LAST)):
            return None
        if unit == WEEK:
            return self._weeks_on(i, j + 1, monday, weeks or 0)
        if unit == MONTHS:
            return self._months_on(i, j + 1, weeks or 0)
        return None

    def _after_next(self, i: int) -> bool:
        # "Friday after next"; "after next week" goes on
        line = self.line
        if not (line.has(i, K.AFTER) and line.tag(i + 1, K.NEXT) == 1):
            return False
        return not line.has(i + 2, K.UNIT, K.WEEKDAY, K.WEEKDAY_SHORT, K.WEEKEND, K.MONTH)

    def _calendar_week(self, i: int) -> DatePiece | None:
        # "KW 49": weeks of ISO 8601, the next one of that number
        line = self.line
        number = line.number(i + 1)
        if not line.has(i, K.CALENDAR_WEEK) or number is None or not 1 <= number <= 53:
            return None
        for year in (self.today.year, self.today.year + 1):
            monday = datemath.monday_of_week(year, number)
            if monday is not None and monday + _SIX_DAYS >= self.today:
                return self._weeks_on(i, i + 2, monday, 0)
        return None

    def _months_on(self, i: int, end: int, months: int) -> DatePiece | None:
        month = datemath.add_months(self.today.replace(day=1), months)
        if month is None:
            return None
        return DatePiece(i, end, *datemath.month_bounds(self.today, month.year, month.month))

    def _weeks_on(self, i: int, end: int, monday: dt.date, weeks: int) -> DatePiece | None:
        first = datemath.shift(monday, 7 * weeks)
        last = datemath.shift(monday, 7 * weeks + 6)
        if first is None or last is None:
            return None
        return DatePiece(i, end, max(first, self.today), last)

    def _stretch(self, i: int) -> DatePiece | None:
        # "early next month", "Ende Dezember", "в начале следующей недели"
        line = self.line
        third = line.tag(i, K.STRETCH)
        if third is None:
            return None
        j = line.skip(i + 1, K.OF, K.THE, K.IN, K.ON)
        if line.mark(j, DASHES):
            j += 1
        whole = self._week(j) or self._whole(j)
        if whole is None or whole.date is None or whole.date_to is None:
            return None
        last = whole.date_to
        if not self._monthly(j, whole.end):
            bounds = ((0, 2), (1, 3), (3, 6))[third]
            monday = datemath.monday_of(last)
            first, last = (monday + n * datemath.DAY for n in bounds)
        else:
            first = last.replace(day=(1, 11, 21)[third])
            last = (last.replace(day=10), last.replace(day=20), last)[third]
        if last < self.today:
            return None
        return DatePiece(i, whole.end, max(first, self.today), last)

    def _ranked(self, i: int) -> DatePiece | None:
        # "the last Friday of December", "am ersten Montag im Mai", "last day of the month"
        line = self.line
        rank = line.tag(i, K.RANK) or line.tag(i, K.ORD)
        weekday = line.tag(i + 1, K.WEEKDAY)
        unit = line.tag(i + 1, K.UNIT)
        if rank is None or (weekday is None and unit not in (WEEK, DAYS)) or rank > 4:
            return None
        j = line.skip(i + 2, K.OF, K.THE, K.IN, K.ON)
        month = self._week(j) or self._whole(j)
        if month is None or month.date_to is None or not self._monthly(j, month.end):
            return None
        # Of the month's last date, since its first may be cut off by today.
        first = month.date_to.replace(day=1)
        if unit == DAYS and weekday is None:
            date = first + (rank - 1) * datemath.DAY if rank > 0 else month.date_to
            return DatePiece(i, month.end, date, calendar_day=True)
        if weekday is None:
            start = first + (rank - 1) * datemath.WEEK if rank > 0 else month.date_to - _SIX_DAYS
            end = start + _SIX_DAYS
            return (
                DatePiece(i, month.end, max(start, self.today), end) if end >= self.today else None
            )
        if rank > 0:
            date = datemath.nearest_weekday(first, weekday) + (rank - 1) * datemath.WEEK
        else:
            date = datemath.nearest_weekday(month.date_to - _SIX_DAYS, weekday)
        return DatePiece(i, month.end, date, weekday=weekday)

    def _whole(self, i: int) -> DatePiece | None:
        # "December", "the month", "der Woche"
        unit = self.line.tag(i, K.UNIT)
        if unit == WEEK:
            return self._weeks_on(i, i + 1, datemath.monday_of(self.today), 0)
        return self._months_on(i, i + 1, 0) if unit == MONTHS else self._named_month(i)

    def _monthly(self, start: int, end: int) -> bool:
        line = self.line
        return any(
            line.has(j, K.MONTH, K.MONTH_AHEAD) or line.tag(j, K.UNIT) == MONTHS
            for j in range(start, end)
        )

    def _feast(self, i: int) -> DatePiece | None:
        feast = self.line.tag(i, K.FEAST)
        if feast is None:
            return None
        date = datemath.nearest_month_day(self.today, *divmod(feast, 100))
        return DatePiece(i, i + 1, date, calendar_day=True) if date else None

    def _feast_day(self, i: int) -> DatePiece | None:
        # "2. Weihnachtstag"
        line = self.line
        rank = line.tag(i, K.ORD) or line.number(i)
        j = i + 2 if line.mark(i + 1, ".") else i + 1
        first = line.tag(j, K.FEAST_DAYS)
        if rank is None or first is None or not 1 <= rank <= 2:
            return None
        month, day = divmod(first, 100)
        date = datemath.nearest_month_day(self.today, month, day + rank - 1)
        return DatePiece(i, j + 1, date, calendar_day=True) if date else None

    def _movable_feast(self, i: int) -> DatePiece | None:
        # "Easter Monday", "Pfingsten", "на Пасху"
        line = self.line
        either = line.tag(i, K.EITHER_EASTER)
        days = line.tag(i, K.MOVABLE) if either is None else either
        if days is None:
            return None
        year, end = self.year_at(i + 1) or (None, i + 1)
        since = self.today if year is None else dt.date(year, 1, 1)
        date = datemath.nearest_feast(since, days)
        if date is None:
            return None
        if either is not None:
            eastern = datemath.nearest_feast(since, days, datemath.eastern_easter)
            if eastern != date:
                return DatePiece(i, end, date, other=eastern)
        if not line.has(i, K.EASTERTIDE):
            return DatePiece(i, end, date, calendar_day=True)
        monday = datemath.shift(date, 1)
        before = line.skip_back(i - 1, K.THE)
        if line.has(before, K.AFTER):
            return DatePiece(i, end, monday)
        return DatePiece(i, end, date, None if line.has(before, K.BEFORE) else monday)

    def _beside_feast(self, i: int) -> DatePiece | None:
        # "the Friday before Easter", "Dienstag nach Pfingsten"
        line = self.line
        weekday = line.tag(i, K.WEEKDAY)
        j = line.skip(i + 2, K.THE)
        if weekday is None or not line.has(i + 1, K.AFTER, K.BEFORE):
            return None
        feast = self._movable_feast(j)
        if feast is None or feast.date is None:
            return None
        step = 1 if line.has(i + 1, K.AFTER) else -7
        date, other = (
            None if day is None else datemath.nearest_weekday(day + step * datemath.DAY, weekday)
            for day in (feast.date, feast.other)
        )
        return DatePiece(i, feast.end, date, other=other)
