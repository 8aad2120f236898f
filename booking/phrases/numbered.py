"""Dates said by numbers: 12.12., 2026-12-08, the 8th, 8 December."""

from __future__ import annotations

from dataclasses import dataclass

from booking.phrases import datemath
from booking.phrases.model import Fault
from booking.phrases.pieces import DateContext, DatePiece
from booking.phrases.tokens import END
from booking.phrases.vocabulary import DASHES, MONTHS, K


@dataclass(frozen=True, slots=True)
class NumberedDates(DateContext):
    """Reads dates said by numbers."""

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
        if (self.month_first and slashed and first <= 12) or (
            month > 12 >= day and (separator != "." or line.has(i - 1, K.ON))
        ):
            day, month = month, day
        if self.expect == "time" and year is None and first <= 24 and second <= 59:
            return None
        if month > 12 and separator == "." and second <= 59 and first <= 24:
            return None  # 15.30 is a time
        if (first, second) == (24, 7) or (min(first, second) == 0 and year is None):
            return None
        wrong = month > 12 or day > 31
        if wrong and year is None and (min(day, month) > 31 or not self._asked(i, end)):
            return None
        return self._month_day(i, end, month, day, year)

    def _numeric_year(self, i: int, separator: str) -> tuple[int | None, int]:
        line = self.line
        if (line[i].text == separator and line[i].glued and separator != "-") or (
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
        given = self.year_at(i)
        return (None, i) if given is None else given

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

    def _month_day(self, start: int, end: int, month: int, day: int, year: int | None) -> DatePiece:
        if year is not None:
            return self._exact(start, end, year, month, day)
        date = datemath.nearest_month_day(self.today, month, day)
        fault = None if date else Fault.NO_SUCH_DATE
        return DatePiece(start, end, date, calendar_day=True, fault=fault)

    # Days of a month

    def _ordinal(self, i: int, *, ends_range: bool = False) -> DatePiece | None:
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
                    line.has(i - 1, K.ON)
                    or line.has(line.skip(dotted_end, K.OF), K.MONTH)
                    or self._day_before(i)
                ):
                    said_ordinal, end = True, dotted_end
        elif line.mark(end, ".") and line.has(end + 1, K.MONTH):
            end += 1
        days = None if ends_range else self._day_range(i, day, end)
        days = days or (None if ends_range else self._day_of_next(i, day, end))
        if days is not None:
            return days
        if line.has(end, K.DOM):
            said_ordinal, end = True, end + 1
        month_at = line.skip(end, K.OF) if not line.has(end, K.MONTH) else end
        month = line.tag(month_at, K.MONTH)
        if month is not None:
            return self._day_and_month(i, month_at, day, month)
        if not said_ordinal:
            return self._day_led_by_article(i, end, day) or self._bare_day(i, end, day)
        in_month = self._day_of_named_month(i, month_at, day)
        if in_month is not None:
            return in_month
        if line.has(end, K.COUNTED, K.UNIT, K.NTH) or line.has(i - 1, K.HALF_NEXT, K.QUARTER):
            return None
        spelled = line[i].number is None and line[i].is_word
        if spelled and (not line.ends_cleanly(end) or line.has(i - 1, K.NO_DAY)):
            return None
        if (
            spelled
            and not line.has(end - 1, K.DOM)
            and not (
                line.has(i - 1, K.THE, K.ON, K.SINCE, K.AFTER, K.BEFORE, K.WEEKDAY)
                or line.has(end, K.AT, K.PART)
                or (line.has(end, K.AFTER, K.BEFORE, K.SINCE) and line.number(end + 1) is not None)
                or (line[i - 1] is END and self.expect == "date")
            )
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
        year = self.year_at(end)
        if year is not None:
            end = year[1]
        return self._month_day(i, end, month, day, year[0] if year else None)

    def _day_range(self, i: int, first_day: int, end: int) -> DatePiece | None:
        # "5-8 December", "с 5 по 8 декабря", "5.-8. Dezember", "5.-8.12."
        line = self.line
        if self.dotted_ordinals and line.mark(end, ".") and line[end].glued:
            end += 1
        if self.moving or not (line.mark(end, DASHES) or line.tag(end, K.UNTIL) == 0):
            return None
        second_at = line.skip(end + 1, K.THE)
        if line[second_at].number is None and not line.has(second_at, K.ORD):
            return None
        last = self._numeric(second_at) or self._ordinal(second_at, ends_range=True)
        if last is None or last.date is None or not last.calendar_day or last.date_to:
            return None
        first = datemath.date_or_none(last.date.year, last.date.month, first_day)
        if first is None or first >= last.date:
            return None
        return DatePiece(i, last.end, max(first, self.today), last.date)

    def _day_of_next(self, i: int, day: int, end: int) -> DatePiece | None:
        # "28 or 29 November": the month is said once
        line = self.line
        last = end
        if self.dotted_ordinals and line.mark(end, ".") and line[end].glued:
            last += 1
        listed = line.mark(last, "/") or (line.mark(last, ",") and not line[i - 1].is_word)
        if not line.has(last, K.OR, K.AND) and not listed:
            return None
        second_at = line.skip(last + 1, K.THE, K.ON)
        if line[second_at].number is None and not line.has(second_at, K.ORD):
            return None
        second = self._ordinal(second_at, ends_range=True)
        if second is None or second.date is None:
            return None
        if not any(line.has(j, K.MONTH) for j in range(second_at, second.end)):
            return None
        date = datemath.date_or_none(second.date.year, second.date.month, day)
        if date is None or (listed and date >= second.date):
            return None
        return DatePiece(i, last, date, calendar_day=True)

    def _day_before(self, i: int) -> bool:
        # behind "am 25. oder", "el 25 o", "the 25th or"
        line = self.line
        listed = self.dotted_ordinals and line.mark(i - 1, ",")
        if not line.has(i - 1, K.OR, K.AND, K.UNTIL) and not listed:
            return False
        if self.dotted_ordinals:
            return line.mark(i - 2, ".") and line[i - 3].number is not None
        return line.has(i - 2, K.ORD) or (line.tag(i - 3, K.ON) == 2 and bool(line[i - 2].number))

    def _day_led_by_article(self, i: int, end: int, day: int) -> DatePiece | None:
        # Spanish counts days in plain numbers: "el 8", "el ocho por la tarde", "el 8 de este mes"
        line = self.line
        if line.tag(i - 1, K.ON) != 2 or line[i].counted:
            return None
        in_month = self._day_of_named_month(i, end, day)
        if in_month is not None:
            return in_month
        if not line.ends_cleanly(end) or line.has(end, K.UNIT, K.NTH, K.OCLOCK, K.MERIDIEM):
            return None
        if line.mark(end, ":./-") and line[end].glued and line[end + 1].number is not None:
            return None
        date = datemath.nearest_day_of_month(self.today, day) if day else None
        fault = None if date else Fault.NO_SUCH_DATE
        return DatePiece(i, end, date, calendar_day=True, fault=fault) if day else None

    def _bare_day(self, i: int, end: int, day: int) -> DatePiece | None:
        line = self.line
        if line.counts_things(end) or line.has(end, K.UNIT, K.OCLOCK, K.MERIDIEM, K.PART_SUFFIX):
            return None
        if line.mark(end, ":./") and line[end].glued and line[end + 1].number is not None:
            return None
        # "on the 8", "am 8"
        on_the = line.has(i - 1, K.THE) and line.has(i - 2, K.ON)
        on_the = on_the or (self.dotted_ordinals and line.has(i - 1, K.ON))
        on_the = on_the or (
            line.has(i - 1, K.OR) and not self.dotted_ordinals and self._day_before(i)
        )
        on_the = on_the and line.ends_cleanly(end) and not line.has(end, K.PART)
        asked = self.expect == "date"
        if line.has(i - 1, K.WEEKDAY, K.WEEKDAY_SHORT):
            # "Friday 27" and "Friday 4 at 5" are days of the month; "Friday 4" may be four o'clock
            on_the = on_the or line.has(i - 1, K.DATED) or self.time_behind(end)
            on_the = on_the or (day > 24 and line[i].number is not None)
            asked = False
        if not (on_the or asked) or not 1 <= day <= 31 or line.chooses(i):
            return None
        if self.expect == "date" and line.has(i - 1, K.AT) and not line.has(i - 1, K.ON):
            return None
        date = datemath.nearest_day_of_month(self.today, day)
        return DatePiece(i, end, date, calendar_day=True) if date else None

    def _day_of_named_month(self, i: int, at: int, day: int) -> DatePiece | None:
        # "the 8th of this month", "8-го числа следующего месяца", "am 8. des Monats"
        line = self.line
        at = line.skip(at, K.OF, K.ON, K.THE) if not line.has(at, K.NEXT, K.THIS) else at
        ahead = line.tag(at, K.MONTH_AHEAD)
        if ahead is not None:
            month = datemath.add_months(self.today.replace(day=1), ahead)
            return self._exact(i, at + 1, month.year, month.month, day) if month else None
        weeks = line.tag(at, K.NEXT)
        has_word = weeks is not None or line.has(at, K.THIS)
        unit_at = at + 1 if has_word else at
        if line.tag(unit_at, K.UNIT) != MONTHS or (not has_word and not line.has(at - 1, K.OF)):
            return None
        month = datemath.add_months(self.today.replace(day=1), weeks or 0)
        return self._exact(i, unit_at + 1, month.year, month.month, day) if month else None

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
        year = self.year_at(end)
        if year is not None:
            end = year[1]
        return self._month_day(i, end, month, day, year[0] if year else None)
