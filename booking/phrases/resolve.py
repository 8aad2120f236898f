"""From a text to what it says about a date and a time."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from booking.phrases import datemath
from booking.phrases.asked import Later
from booking.phrases.clock import Bound, TimePiece
from booking.phrases.dates import DateReader
from booking.phrases.de import GERMAN
from booking.phrases.en import ENGLISH
from booking.phrases.es import SPANISH
from booking.phrases.grouping import Group, Grouping, PartPiece, Piece
from booking.phrases.model import (
    Ambiguous,
    Expect,
    Impossible,
    Mismatch,
    Moment,
    Resolution,
    Resolved,
    Span,
)
from booking.phrases.pieces import DatePiece
from booking.phrases.ru import RUSSIAN
from booking.phrases.times import TimeReader
from booking.phrases.tokens import Line, marks_of, tokens_of
from booking.phrases.vocabulary import DASHES, WEEK, K, Language

LANGUAGES: Mapping[str, Language] = {
    language.code: language for language in (ENGLISH, RUSSIAN, GERMAN, SPANISH)
}
_COUNTED = frozenset(
    phrase
    for language in LANGUAGES.values()
    for phrase, tags in language.phrases.items()
    if K.COUNTED in tags and len(phrase) > 2
)
# Words that lead to a date or time and go with it when the rest of the text is wanted.
_LEADING = (K.AT, K.ON, K.FOR, K.THE, K.SINCE, K.BETWEEN, K.IN, K.AFTER, K.BEFORE)
# "not before Thursday" includes it; "before Thursday" doesn't.
_FROM_ON = frozenset(
    {
        *("not before", "no earlier than", "not earlier than"),
        *("не раньше", "не ранее", "nicht vor", "fruehestens", "fruhestens"),
        *("no antes de", "no antes del", "nunca antes de"),
    }
)
_SHORT_OF = frozenset(
    (
        *("before", "earlier than", "prior to", "vor", "vor dem", "frueher als", "перед", "раньше"),
        *("antes de", "antes del"),
    )
)
# Who names a day by one of these doesn't name another by a bare number.
_DATED = frozenset((K.WEEKDAY, K.DAY, K.DAYPART, K.MONTH, K.WEEKEND))
# Nobody asks for more; a longer text is no reason to compare everything with everything.
_MOST = 40


def resolve(
    text: str,
    *,
    today: dt.date,
    now_time: dt.time,
    languages: Sequence[str] = ("en", "ru", "de", "es"),
    expect: Expect | None = None,
    en_month_first: bool = False,
    later: Later | None = None,
) -> Resolution | None:
    """Find what a text says about a date and a time, wherever in it that stands.

    Args:
        text: what the customer (or the model) wrote; any length, any characters.
        today: the business's local date now, or the customer's where their zone is known.
        now_time: the business's wall time now.
        languages: ISO 639-1 codes to read it in (`en`, `ru`, `de`, `es`; others are passed over);
            the one that understands the most of it wins, the earlier on a draw.
        expect: what the text answers: after "which day?" a bare "15" is a date, after "what
            time?" it is a time.
        en_month_first: 12/10 in English is the tenth of December; elsewhere the day comes first.
        later: the business's wall clock so many elapsed minutes from now (see `asked_at`), for
            "in two hours"; without it they are counted on the wall clock.

    Returns:
        `Resolved` for one moment, `Ambiguous` for several, `Mismatch` for a weekday that isn't
        the date's, `Impossible` for what can't exist, None where nothing is said. Dates may be
        past and wall times may not exist on that date: that's for the caller's rules.
    """
    text = unicodedata.normalize("NFC", text)
    marks = marks_of(text)
    best: Resolution | None = None
    best_cover = 0
    for code in languages:
        language = LANGUAGES.get(code)
        if language is None:
            continue
        line = Line(tokens_of(marks, language, _COUNTED))
        month_first = en_month_first and code == "en"
        reading = _Reading(line, language, today, now_time, expect, month_first, text, later)
        found = reading.resolve()
        cover = 0 if found is None else sum(end - start for start, end in found.spans)
        if cover > best_cover:
            best, best_cover = found, cover
    return best


class _Reading:
    """One text in one language."""

    def __init__(
        self,
        line: Line,
        language: Language,
        today: dt.date,
        now_time: dt.time,
        expect: Expect | None,
        month_first: bool,
        text: str,
        later: Later | None,
    ) -> None:
        self.line = line
        self.code = language.code
        self.today = today
        self.now_time = now_time
        self.text = text
        self.dated = any(token.tags.keys() & _DATED for token in line.tokens)
        self.moving = any(K.MOVE in token.tags for token in line.tokens)
        self.dates = DateReader(
            line,
            today,
            now_time,
            expect,
            self.moving,
            month_first,
            language.dotted_ordinals,
            later,
        )
        self.times = TimeReader(line, expect, self.moving)
        self.grouping = Grouping(line, today, now_time, self.moving)

    def resolve(self) -> Resolution | None:
        pieces = self._pieces()
        if not pieces:
            return None
        spans, rest = self._spans(pieces)
        for piece in pieces:
            if not isinstance(piece, PartPiece) and piece.fault is not None:
                start, end = self.line[piece.start].start, self.line[piece.end - 1].end
                phrase = self.text[start:end]
                return Impossible(piece.fault, phrase, self.code, spans, rest)
        groups = self.grouping.groups(pieces[:_MOST])
        for group in groups:
            if group.mismatch and group.date and group.date.date is not None:
                return self._mismatch(group, group.date.date, spans, rest)
        moments: list[Moment] = []
        for group in groups:
            for moment in self.grouping.moments(group):
                if moment not in moments:
                    moments.append(moment)
        if len(moments) == 1:
            return Resolved(moments[0], self.code, spans, rest)
        return Ambiguous(tuple(moments), self.code, spans, rest)

    # Reading pieces

    def _pieces(self) -> list[Piece]:
        line = self.line
        pieces: list[Piece] = []
        denied_end: int | None = None
        i = 0
        while i < len(line):
            found = self._piece(i, pieces)
            if not found:
                i += 1
                continue
            start, end = found[0].start, found[-1].end
            denied = denied_end is not None and self._goes_along(denied_end, start)
            if denied or self._negated(start, end):
                if line.has(end, K.NO_GOOD):
                    self._drop_along(pieces, start)
                denied_end = end
            else:
                pieces.extend(found)
                denied_end = None
            i = end
        return pieces

    def _goes_along(self, end: int, start: int) -> bool:
        """Return whether only "and", "or" or "nor" stands between two pieces."""
        line = self.line
        j = line.skip(end, K.AND, K.OR, K.NOR)
        return j > end and not line.mark(end, ",") and line.skip(j, *_LEADING) >= start

    def _drop_along(self, pieces: list[Piece], start: int) -> None:
        """Take back the pieces joined to what turned out to be ruled out: "Monday and Tuesday"."""
        while pieces and self._goes_along(pieces[-1].end, start):
            start = pieces.pop().start

    def _piece(self, i: int, before: list[Piece]) -> list[Piece]:
        line = self.line
        previous = before[-1] if before else None
        gap = i - 1 if line.mark(i - 1, ",.") else i
        beside_date = isinstance(previous, DatePiece) and previous.end in (i, gap)
        date = self._date_behind(i)
        time = self.times.read(i, beside_date=beside_date)
        if date is None and time is None and self._goes_on(previous, i):
            # "at 3 or 4", "um 3 bzw. 4"
            time = self.times.read(i + 2 if line.mark(i + 1, ".") else i + 1, beside_date=True)
            if time is not None:
                return [] if self.dates.read(i + 1) else [replace(time, loose=False)]
        if date is not None and time is not None and beside_date and date.end == time.end:
            # "4.12. 10.30": the second is a time
            dotted = line.mark(i + 1, ".") and line.mark(i - 1, ".")
            if dotted and isinstance(previous, DatePiece) and previous.calendar_day:
                return [time]
        if date is not None and (time is None or date.end >= time.end):
            return self._with_date(date)
        if time is not None:
            return [time]
        part = self.times.part(i)
        if part is None or self._greeting(i):
            return []
        return [PartPiece(i, i + 1, part)]

    def _goes_on(self, previous: Piece | None, i: int) -> bool:
        if not isinstance(previous, TimePiece) or previous.bound is not Bound.AT:
            return False
        return self.line.has(i, K.OR) and previous.end == i

    def _date_behind(self, i: int) -> DatePiece | None:
        """Read the date at `i`, or behind "from the", "after"."""
        line = self.line
        found = self.dates.read(i)
        if found is None and line.has(i, K.SINCE, K.AFTER, K.BEFORE, K.BETWEEN):
            j = line.skip(i + 1, K.THE, K.ON)
            bare = j == i + 1 and line.number(j) is not None and self.dated
            found = self.dates.read(j) if j - i <= 3 else None
            if found is not None and bare and found.end == j + 1:
                return None  # "which day?" - "Tuesday after 4"
        return found

    def _with_date(self, date: DatePiece) -> list[Piece]:
        joined = self._until(date)
        date = self._bounded(date) if joined is date else joined
        found: list[Piece] = [date]
        if date.other is not None:
            found.append(replace(date, date=date.other, other=None))
        # "tonight", "Freitagabend": the day and the part in one word
        word = self.line[date.end - 1].tags
        part = word.get(K.DAYPART)
        if part is None and K.WEEKDAY in word:
            part = word.get(K.PART)
        if part is not None:
            found.append(PartPiece(date.end - 1, date.end, part))
        return found

    def _greeting(self, i: int) -> bool:
        # "Morning!", "Morning, can I ...": no wish
        line = self.line
        if self.dates.expect is not None or i > 0 or not line[0].text.isalpha():
            return False
        return line.mark(1, "!") or (line.mark(1, ",") and len(line) > 2)

    def _until(self, date: DatePiece) -> DatePiece:
        """Join "from the 5th to the 8th" or "Mon-Wed" to one range."""
        line = self.line
        if self.moving or date.date is None or date.date_to is not None:
            return date
        to = line.mark(date.end, DASHES) or line.tag(date.end, K.UNTIL) == 0
        between = line.has(line.skip_back(date.start - 1, K.THE, K.ON), K.BETWEEN)
        if not to and not (between and line.has(date.end, K.AND)):
            return date
        j = line.skip(date.end + 1, K.THE, K.ON)
        last = self.dates.read(j)
        day = line[j].number
        if last is None and day and line[date.end - 1].number and not line[j + 1].glued:
            # "December 5 to 8"
            same_month = datemath.date_or_none(date.date.year, date.date.month, day)
            last = DatePiece(j, j + 1, same_month) if same_month else None
        if last is None or last.date is None or last.date_to is not None or last.time:
            return date
        if last.date <= date.date:
            return date
        return DatePiece(date.start, last.end, date.date, last.date)

    def _bounded(self, date: DatePiece) -> DatePiece:
        line = self.line
        j = date.start - 1
        if line.has(j, K.THE) and not line.has(j, K.SINCE, K.AFTER, K.BEFORE):
            j -= 1
        if date.date is None or date.time is not None:
            return date
        after = date.end + 1  # "Friday, at the earliest 10" is said of the time
        goes_on = line.number(after) is not None or line.has(after, K.AT, K.NOON)
        alone = date.date_to is None and not goes_on
        if line.has(date.end, K.OR_LATER) and alone:
            return replace(date, open_end=True, weekday_alone=False, end=date.end + 1)
        if line.has(date.end, K.OR_EARLIER) and alone and date.date >= self.today:
            until = replace(date, date_to=date.date, weekday=None, end=date.end + 1)
            return replace(until, date=self.today, weekday_alone=False)
        if date.date_to is not None:
            return self._bounded_range(date, date.date, date.date_to, j)
        if line.has(j, K.OF) and line.tag(j - 1, K.UNIT) == WEEK:
            monday = datemath.monday_of(date.date)
            sunday = datemath.shift(monday, 6)
            return replace(date, date=max(monday, self.today), date_to=sunday, start=j - 1)
        if line.has(j, K.AFTER):
            inclusive = line[j].text in _FROM_ON
            return replace(
                date,
                date=datemath.shift(date.date, 0 if inclusive else 1),
                open_end=True,
                weekday_alone=False,
                weekday=None,
                start=j,
            )
        if line.tag(j, K.SINCE) == 0 and not self.moving and not line.has(date.end, K.UNTIL):
            return replace(date, open_end=True, weekday_alone=False, start=j)
        if line.has(j, K.BEFORE):
            inclusive = line[j].text not in _SHORT_OF
            last = date.date if inclusive else datemath.shift(date.date, -1)
            if last is not None and last >= self.today:
                return replace(
                    date, date=self.today, date_to=last, weekday_alone=False, weekday=None, start=j
                )
        return date

    def _bounded_range(self, date: DatePiece, first: dt.date, last: dt.date, j: int) -> DatePiece:
        """Apply "after", "from", "until", "before" at token `j` to "next week", "the weekend"."""
        line = self.line
        day_beside = line.has(date.end, K.WEEKDAY, K.DAY) or line.has(j - 1, K.WEEKDAY)
        inside = range(date.start, date.end)
        both_ends = any(line.has(i, K.UNTIL) or line.mark(i, DASHES) for i in inside)
        if day_beside or both_ends or self.moving:
            return date
        if line.has(j, K.AFTER):
            begin = first if line[j].text in _FROM_ON else datemath.shift(last, 1)
            return replace(date, date=begin, date_to=None, open_end=True, start=j)
        if line.tag(j, K.SINCE) == 0:
            return replace(date, date_to=None, open_end=True, start=j)
        if line.has(j, K.BEFORE):
            end = datemath.shift(first, -1) if line[j].text in _SHORT_OF else last
            if end is not None and end >= self.today:
                return replace(date, date=self.today, date_to=end, start=j)
        return date

    def _negated(self, start: int, end: int) -> bool:
        line = self.line
        j = start
        while line.has(j - 1, *_LEADING) and start - j < 3:
            j -= 1
        return line.has(j - 1, K.NOT) or line.has(end, K.NO_GOOD)

    def _mismatch(
        self, group: Group, date: dt.date, spans: tuple[Span, ...], rest: str
    ) -> Mismatch:
        weekday = group.date.weekday if group.date and group.date.weekday is not None else 0
        ahead = (weekday - date.weekday()) % 7
        near = (datemath.shift(date, ahead - 7), datemath.shift(date, ahead))
        candidates = sorted({date, *(day for day in near if day is not None)})
        return Mismatch(
            weekday,
            date,
            tuple(day for day in candidates if day >= min(self.today, date)),
            self.grouping.moment(group),
            self.code,
            spans,
            rest,
        )

    def _spans(self, pieces: list[Piece]) -> tuple[tuple[Span, ...], str]:
        line = self.line
        spans: list[Span] = []
        for piece in sorted(pieces, key=lambda p: p.start):
            i = piece.start
            while line.has(i - 1, *_LEADING) and piece.start - i < 3:
                i -= 1
            start, end = line[i].start, line[piece.end - 1].end
            if spans and start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((start, end))
        kept: list[str] = []
        at = 0
        for start, end in spans:
            kept.append(self.text[at:start])
            at = end
        kept.append(self.text[at:])
        words = " ".join(" ".join(kept).split())
        return tuple(spans), words.strip(" ,.;:-–—")
