"""One clock read off a line: digits, spoken hours, with what stands behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from booking.phrases.clock import Clock
from booking.phrases.model import Expect, Fault
from booking.phrases.tokens import END, Line
from booking.phrases.vocabulary import AFTERNOON, DASHES, MINUTE, MORNING, K


@dataclass(frozen=True, slots=True)
class Read:
    """A clock read up to token `end`; `explicit` if it can't be anything but a time."""

    clock: Clock
    end: int
    explicit: bool
    fault: Fault | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True)
class ClockReader:
    """Reads single clocks.

    Args:
        line: the tokens.
        expect: what the text is the answer to.
    """

    line: Line
    expect: Expect | None

    def clock(self, i: int, *, strong: bool) -> Read | None:
        """Return the clock that starts at token `i`.

        Args:
            i: index of a token.
            strong: something before it says that a time follows.
        """
        line = self.line
        if line.has(i, K.NOON):
            return Read(Clock(12, 0, True), i + 1, True)
        if line.has(i, K.MIDNIGHT):
            return Read(Clock(0, 0, True, False, True), i + 1, True)
        read = self._spoken(i) or self._written(i, strong) or self._hour(i, strong)
        return read and self._suffixes(read)

    def _spoken(self, i: int) -> Read | None:
        line = self.line
        named = line.tag(i, K.HALF_WORD)
        if named is not None:
            return self._before_hour(named, 30, i + 1)
        if line.has(i, K.HALF_PAST, K.QUARTER_PAST) or (
            line.has(i, K.HALF_OR_DURATION) and line.number(i + 1) is not None
        ):
            minute = 15 if line.has(i, K.QUARTER_PAST) else 30
            return self._after_hour(line.number(i + 1), minute, i + 2)
        if line.has(i, K.QUARTER_TO):
            return self._before_hour(self._hour_said(i + 1), 15, i + 2)
        if line.has(i, K.HALF_NEXT):
            return self._before_hour(self._hour_name(i + 1), 30, i + 2)
        if line.has(i, K.THREE_QUARTERS):
            return self._before_hour(line.number(i + 1), 15, i + 2)
        if line.has(i, K.QUARTER):
            if line.has(i + 1, K.PAST):
                return self._after_hour(line.number(i + 2), 15, i + 3)
            if line.has(i + 1, K.TO):
                return self._before_hour(line.number(i + 2), 15, i + 3)
            return self._before_hour(self._hour_name(i + 1), 45, i + 2)
        if line.has(i, K.WITHOUT):
            minutes = 15 if line.has(i + 1, K.QUARTER) else line.number(i + 1)
            j = self._minutes_word(i + 2)
            hour = 1 if line.has(j, K.HOUR_ONE) else line.number(j)
            if minutes is not None and 0 < minutes < 60:
                return self._before_hour(hour, minutes, j + 1)
            return None
        return self._minutes_behind(i) or self._minutes_around(i)

    def _minutes_behind(self, i: int) -> Read | None:
        # "las tres y media", "la una menos diez"
        line = self.line
        hour = self._hour_said(i)
        if hour is None or line[i].counted:
            return None
        minutes, end = line.tag(i + 1, K.MINUTES_PAST), i + 2
        if minutes is None:
            said = line.number(i + 2)
            signed = line.has(i + 1, K.PLUS, K.MINUS)
            if not signed or said is None or not 0 < said < 60 or line.counts_things(i + 3):
                return None
            end = self._minutes_word(i + 3)
            # "entre las 2 y 4" are two hours, "el 3 y 10 de diciembre" two days
            led = line.has(i - 1, K.AT) or line.has(i, K.HOUR_ONE) or line[i].number is None
            between = any(line.has(j, K.BETWEEN) for j in (i - 1, i - 2))
            if not led or between or (said % 5 and end == i + 3):
                return None
            minutes = -said if line.has(i + 1, K.MINUS) else said
        if line.has(end, K.UNIT, K.MONTH) or line.has(line.skip(end, K.OF), K.MONTH):
            return None
        if minutes < 0:
            return self._before_hour(hour, -minutes, end)
        return self._after_hour(hour, minutes, end)

    def _hour_said(self, i: int) -> int | None:
        return 1 if self.line.tag(i, K.HOUR_ONE) == 2 else self.line.number(i)

    def _minutes_around(self, i: int) -> Read | None:
        # "ten past 3", "20 minutes to 5", "fünf vor halb drei", "десять минут пятого"
        line = self.line
        minutes = line.number(i)
        if minutes is None or not 0 < minutes < 60:
            return None
        j = self._minutes_word(i + 1)
        said_minutes = j > i + 1
        if said_minutes and line.has(j, K.ORD) and line[j].is_word:
            return self._before_hour(line.tag(j, K.ORD), 60 - minutes, j + 1)
        past, to = line.has(j, K.PAST), line.has(j, K.TO)
        if not past and not to:
            return None
        if line.has(j + 1, K.HALF_NEXT):
            shift = 30 - minutes if past else 30 + minutes
            return self._before_hour(self._hour_name(j + 2), shift, j + 3)
        if past:
            return self._after_hour(line.number(j + 1), minutes, j + 2)
        # "10 to 4" is a range unless "at" or the word minutes says otherwise
        ranged = line.has(j, K.UNTIL) and not said_minutes and not line.has(i - 1, K.AT)
        if minutes % 5 or (ranged and (line[i].number is not None or minutes != 20)):
            return None
        return self._before_hour(self._hour_said(j + 1), minutes, j + 2)

    def _minutes_word(self, i: int) -> int:
        return i + 1 if self.line.tag(i, K.UNIT) == MINUTE else i

    def _hour_name(self, i: int) -> int | None:
        ordinal = self.line.tag(i, K.ORD)
        return ordinal if ordinal is not None else self.line.number(i)

    def _after_hour(self, hour: int | None, minute: int, end: int) -> Read | None:
        if hour is None or not 0 <= hour <= 23:
            return None
        return Read(Clock(hour, minute, hour > 12 or hour == 0), end, True)

    def _before_hour(self, hour: int | None, minutes: int, end: int) -> Read | None:
        if hour is None or not 1 <= hour <= 24 or not 0 < minutes < 60:
            return None
        before = hour - 1 if hour > 12 else (hour - 2) % 12 + 1
        return Read(Clock(before, 60 - minutes, hour > 13), end, True)

    def _written(self, i: int, strong: bool) -> Read | None:
        # 15:30, 15.30, в 15-30, 10 uhr 30, 15h30
        line = self.line
        hour = line[i].number
        if hour is None or len(line[i].text) > 2 or line[i].counted:
            return self._compact(i, strong)
        if self._says_oclock(i):
            return self._oclock(i, hour)
        minute = line[i + 2].number
        if minute is None or len(line[i + 2].text) != 2 or not line[i + 1].glued:
            return self._spaced(i, hour, strong)
        if not line[i + 2].glued or not line.mark(i + 1, ":.-‑–"):
            return None
        separator = line[i + 1].text
        end = i + 3
        if separator != ":":
            if line.mark(end, "./-") and line[end].glued and line[end + 1].glued:
                return None
            if line[i + 2].counted or (line.mark(i - 1, ".,/") and line[i].glued):
                return None
            sure = line.has(end, K.OCLOCK, K.MERIDIEM, K.PART_SUFFIX)
            alone = line[i - 1] is END and line[end] is END
            if separator != "." and not (
                (minute > 23 or minute == 0) and (strong or alone or self.expect == "time")
            ):
                return None
            if minute > 59 or hour > 24 or (separator == "." and line.has(end, K.COUNTED)):
                return None
            explicit = sure or strong or alone
            no_date = minute == 0 or minute > 12  # "на 14.00"
            return Read(self._exact(line[i].text, hour, minute), end, explicit, None, no_date)
        if line.mark(end, ":") and line.digits(end + 1, 2) is not None:
            end += 2
        if line.mark(i - 1, ":") and line[i].glued:
            return None
        fault = self._fault(hour, minute)
        clock = self._exact(line[i].text, hour, minute) if fault is None else Clock(0, 0)
        return Read(clock, end, True, fault)

    def _compact(self, i: int, strong: bool) -> Read | None:
        # "at 1030", "930 am"; on its own only as the answer to "what time?"
        line = self.line
        number = line[i].number
        if number is None or len(line[i].text) not in (3, 4) or line[i].counted:
            return None
        sure = line.has(i + 1, K.MERIDIEM, K.OCLOCK)
        hour, minute = divmod(number, 100)
        led = strong and len(line[i].text) == 4 and line.has(i - 1, K.AT) and not minute % 5
        # "в 2030" may be a year
        led = led and not (line.has(i - 1, K.ON) and 1900 <= number <= 2199)
        led = led and not line.counts_things(i + 1) and not line.has(i + 1, K.UNIT)
        if not (sure or led or self.expect == "time") or self._fault(hour, minute):
            return None
        return Read(self._exact(line[i].text[:-2], hour, minute), i + 1, sure or led)

    def _says_oclock(self, i: int) -> bool:
        value = self.line.tag(i + 1, K.OCLOCK)
        return value is not None and (value > 0 or self.line.has(i - 1, K.AT))

    def _oclock(self, i: int, hour: int) -> Read | None:
        line = self.line
        end = i + 2
        minute = line.number(end)
        timed = self._minutes_word(end + 1) > end + 1 or not line.counts_things(end + 1)
        used = minute is not None and 0 <= minute < 60 and timed
        if minute is not None and used and (minute >= 5 or line[end].text == "00"):
            end = self._minutes_word(end + 1)
        else:
            minute = 0
        fault = self._fault(hour, minute)
        explicit = line.tag(i + 1, K.OCLOCK) == 2 or (line[i + 1].glued and hour > 7)
        if fault is not None:
            return Read(Clock(0, 0), end, True, fault) if explicit else None
        bare = not explicit and end == i + 2
        return Read(self._exact(line[i].text, hour, minute), end, explicit, None, bare)

    def _spaced(self, i: int, hour: int, strong: bool) -> Read | None:
        # "at 10 30", "Thursday 17 00"
        line = self.line
        minute = line.digits(i + 1, 2)
        if minute is None or line[i + 1].counted or line.counts_things(i + 2):
            return None
        beside_weekday = strong and line.has(i - 1, K.WEEKDAY) and not minute % 15
        led = line.has(i - 1, K.AT) or self.expect == "time" or beside_weekday
        if hour > 23 or minute > 59 or not led:
            return None
        if line.has(i + 2, K.MONTH, K.UNIT) or (line.mark(i + 2, ":./") and line[i + 2].glued):
            return None
        return Read(self._exact(line[i].text, hour, minute), i + 2, False)

    def _exact(self, text: str, hour: int, minute: int) -> Clock:
        if hour == 24:
            return Clock(0, 0, True, False, True)
        return Clock(hour, minute, hour > 12 or text.startswith("0"))

    def _fault(self, hour: int, minute: int) -> Fault | None:
        if hour > 24 or (hour == 24 and minute > 0):
            return Fault.HOUR_OUT_OF_RANGE
        return Fault.MINUTE_OUT_OF_RANGE if minute > 59 else None

    def _hour(self, i: int, strong: bool) -> Read | None:
        line = self.line
        if line.tag(i, K.HOUR_ONE) == 2:
            return Read(Clock(1, 0), i + 1, True)
        if line.has(i, K.HOUR_ONE) and (strong or line.has(i + 1, K.PART_SUFFIX)):
            paid = line.has(i - 2, K.COUNTED) or line[i - 2].number is not None
            if not line.has(i - 1, K.AFTER, K.BEFORE) or not paid:
                return None if paid else Read(Clock(1, 0), i + 1, False, None, True)
        hour = line.number(i)
        if (
            hour is None
            or hour > 24
            or line.counts_things(i + 1)
            or (len(line[i].text) == 3 and (line[i].number is not None))
        ):
            return None
        if line.chooses(i):
            return None  # "the second one"
        spelled = line[i].number is None
        if spelled and hour == 1 and (line.has(i + 1, K.NTH) or not line.ends_cleanly(i + 1)):
            return None  # "morgen ein Haarschnitt", "tomorrow one haircut"
        minute = line.tag(i + 1, K.NUM)
        if spelled and minute is not None and hour > 0:
            full = minute % 5 == 0 and 10 <= minute < 60
            if (full or minute == 0) and line[i + 1].number is None:
                return Read(Clock(hour, minute, hour > 12), i + 2, full and hour <= 12)
        if spelled and self._says_oclock(i):
            explicit = line.tag(i + 1, K.OCLOCK) == 2
            minute = line.number(i + 2)
            if minute is not None and 5 <= minute < 60 and not line.counts_things(i + 3):
                end = self._minutes_word(i + 3)
                return Read(Clock(hour, minute, hour > 12), end, explicit)
            return Read(self._exact("", hour, 0), i + 2, explicit, None, not explicit)
        token = line[i + 1]
        if line.has(i + 1, K.MONTH, K.DOM, K.PAST) or (
            line.has(i + 1, K.UNIT) and not line.has(i + 1, K.PART_SUFFIX)
        ):
            return None
        if token.text in ":./" and token.text and token.glued and line[i + 2].number is not None:
            return (
                None
                if line[i + 2].glued
                else Read(self._exact("", hour, 0), i + 1, False, bare=True)
            )
        if line.mark(i - 1, "./:") and line[i].glued and line[i - 2].number is not None:
            return None
        return Read(self._exact(line[i].text, hour, 0), i + 1, False, None, True)

    def _suffixes(self, read: Read) -> Read:
        line = self.line
        clock, end, explicit = read.clock, read.end, read.explicit
        if line.has(end, K.OCLOCK) and not line.has(end + 1, K.AT):
            explicit = explicit or line.tag(end, K.OCLOCK) == 2
            end += 1
        ish = end + 1 if line.mark(end, DASHES) else end
        if line[ish].text == "ish":
            end, explicit = ish + 1, True
        meridiem = line.tag(end, K.MERIDIEM)
        if meridiem is not None:
            end += 1
            if line.mark(end, ".") and line[end].glued and len(line[end - 1].text) > 2:
                end += 1
            ish = end + 1 if line.mark(end, DASHES) else end
            end = ish + 1 if line[ish].text == "ish" else end
            clock, explicit = clock.in_half(meridiem), True
        part = line.tag(end, K.PART_SUFFIX)
        if part is not None:
            # "на 2 дня" is how long; "в 2 дня" and "2 часа дня" are when
            days = part == AFTERNOON and read.bare and not line.has(end - 1, K.OCLOCK)
            clock, end = clock.in_part(part), end + 1
            explicit = explicit or not days
        elif not line.has(end, K.DAY, K.WEEKDAY) and not self._dated(read):
            part = line.tag(end, K.PART)
            if part is None and line.has(end, K.NOON):
                part = AFTERNOON
            if part is not None:
                clock, end, explicit = clock.in_part(part), end + 1, True
        if part == MORNING and clock.hour > 12:
            clock = replace(clock, settled=True)
        return Read(clock, end, explicit, read.fault, read.bare and end == read.end)

    def _dated(self, read: Read) -> bool:
        # "el 3 por la mañana", "jueves 3 por la mañana": a day of the month, not three o'clock
        before = read.end - 2
        return read.bare and (self.line.tag(before, K.ON) == 2 or self.line.has(before, K.DATED))
