"""From a text to what it says about a date and a time."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from booking.phrases import datemath
from booking.phrases.dates import DatePiece, DateReader
from booking.phrases.de import GERMAN
from booking.phrases.en import ENGLISH
from booking.phrases.model import (
    PART_WINDOWS,
    Ambiguous,
    Expect,
    Impossible,
    Mismatch,
    Moment,
    Resolution,
    Resolved,
    Span,
)
from booking.phrases.ru import RUSSIAN
from booking.phrases.times import PARTS, Bound, TimePiece, TimeReader
from booking.phrases.tokens import Line, marks_of, tokens_of
from booking.phrases.vocabulary import DASHES, K, Language

LANGUAGES: Mapping[str, Language] = {
    language.code: language for language in (ENGLISH, RUSSIAN, GERMAN)
}
# Words that lead to a date or time and go with it when the rest of the text is wanted.
_LEADING = (K.AT, K.ON, K.FOR, K.THE, K.ABOUT, K.SINCE, K.BETWEEN, K.IN, K.AFTER, K.BEFORE)
# How many words may stand between a weekday and the date it belongs to.
_NEAR = 3


@dataclass(frozen=True, slots=True)
class _PartPiece:
    start: int
    end: int
    part: int


_Piece = DatePiece | TimePiece | _PartPiece


@dataclass(frozen=True, slots=True)
class _Group:
    """What belongs to one moment."""

    date: DatePiece | None = None
    time: TimePiece | None = None
    part: _PartPiece | None = None
    mismatch: bool = False


def resolve(
    text: str,
    *,
    today: dt.date,
    now_time: dt.time,
    languages: Sequence[str] = ("en", "ru", "de"),
    expect: Expect | None = None,
    en_month_first: bool = False,
) -> Resolution | None:
    """Find what a text says about a date and a time, wherever in it that stands.

    Args:
        text: what the customer (or the model) wrote; any length, any characters.
        today: the business's local date now.
        now_time: the business's wall time now.
        languages: ISO 639-1 codes to read it in (`en`, `ru`, `de`; others are passed over); the
            one that understands the most of it wins, the earlier on a draw.
        expect: what the text answers: after "which day?" a bare "15" is a date, after "what
            time?" it is a time.
        en_month_first: 12/10 in English is the tenth of December; elsewhere the day comes first.

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
        line = Line(tokens_of(marks, language))
        month_first = en_month_first and code == "en"
        reading = _Reading(line, language, today, now_time, expect, month_first, text)
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
    ) -> None:
        self.line = line
        self.code = language.code
        self.today = today
        self.now_time = now_time
        self.text = text
        self.moving = any(K.MOVE in token.tags for token in line.tokens)
        self.dates = DateReader(
            line, today, now_time, expect, month_first, language.dotted_ordinals
        )
        self.times = TimeReader(line, expect, self.moving)

    def resolve(self) -> Resolution | None:
        pieces = self._pieces()
        if not pieces:
            return None
        spans, rest = self._spans(pieces)
        for piece in pieces:
            if not isinstance(piece, _PartPiece) and piece.fault is not None:
                start, end = self.line[piece.start].start, self.line[piece.end - 1].end
                phrase = self.text[start:end]
                return Impossible(piece.fault, phrase, self.code, spans, rest)
        groups = _shared(self._groups(pieces))
        for group in groups:
            if group.mismatch and group.date and group.date.date is not None:
                return self._mismatch(group, group.date.date, spans, rest)
        moments: list[Moment] = []
        for group in groups:
            for moment in self._moments(group):
                if moment not in moments:
                    moments.append(moment)
        if len(moments) == 1:
            return Resolved(moments[0], self.code, spans, rest)
        return Ambiguous(tuple(moments), self.code, spans, rest)

    # Reading pieces

    def _pieces(self) -> list[_Piece]:
        line = self.line
        pieces: list[_Piece] = []
        i = 0
        while i < len(line):
            found = self._piece(i, pieces)
            if not found:
                i += 1
                continue
            end = found[-1].end
            if not self._negated(found[0].start, end):
                pieces.extend(found)
            i = end
        return pieces

    def _piece(self, i: int, before: list[_Piece]) -> list[_Piece]:
        line = self.line
        previous = before[-1] if before else None
        gap = i - 1 if line.mark(i - 1, ",.") else i
        beside_date = isinstance(previous, DatePiece) and previous.end in (i, gap)
        date = self.dates.read(i)
        time = self.times.read(i, beside_date=beside_date)
        if date is None and time is None and isinstance(previous, TimePiece):
            # "at 3 or 4"
            if line.has(i, K.OR) and previous.end == i and previous.bound is Bound.AT:
                time = self.times.read(i + 1, beside_date=True)
                if time is not None:
                    return [] if self.dates.read(i + 1) else [replace(time, loose=False)]
        if date is not None and (time is None or date.end >= time.end):
            return self._with_date(i, date)
        if time is not None:
            return [time]
        part = self.times.part(i)
        if part is None or self._greeting(i):
            return []
        return [_PartPiece(i, i + 1, part)]

    def _with_date(self, i: int, date: DatePiece) -> list[_Piece]:
        line = self.line
        date = self._bounded(self._until(date))
        found: list[_Piece] = [date]
        part = line.tag(i, K.DAYPART)
        if part is not None and date.end == i + 1:
            found.append(_PartPiece(i, i + 1, part))
        # "Freitag morgen", "morgen Abend": the word behind the day
        return found

    def _greeting(self, i: int) -> bool:
        # "Morning! Can I ...": with more to come, it's no wish
        line = self.line
        return i == 0 and len(line) > 2 and line.mark(1, "!,") and line[0].text.isalpha()

    def _until(self, date: DatePiece) -> DatePiece:
        """Join "from the 5th to the 8th" or "Mon-Wed" to one range."""
        line = self.line
        if self.moving or date.date is None or date.date_to is not None:
            return date
        if not (line.mark(date.end, DASHES) or line.has(date.end, K.UNTIL)):
            return date
        j = line.skip(date.end + 1, K.THE, K.ON)
        last = self.dates.read(j)
        if last is None or last.date is None or last.date_to is not None or last.time:
            return date
        if last.date <= date.date:
            return date
        return DatePiece(date.start, last.end, date.date, last.date)

    def _bounded(self, date: DatePiece) -> DatePiece:
        line = self.line
        j = date.start - 1
        while line.has(j, K.THE) and not line.has(j, K.SINCE, K.AFTER, K.BEFORE):
            j -= 1
        if date.date is None or date.date_to is not None or date.time is not None:
            return date
        if line.has(j, K.AFTER):
            return replace(
                date, date=datemath.shift(date.date, 1), open_end=True, weekday_alone=False,
                weekday=None, start=j,
            )
        if line.has(j, K.SINCE) and not self.moving and not line.has(date.end, K.UNTIL):
            return replace(date, open_end=True, weekday_alone=False, start=j)
        if line.has(j, K.BEFORE):
            inclusive = line[j].text not in ("before", "vor", "vor dem", "перед", "earlier than")
            last = date.date if inclusive else datemath.shift(date.date, -1)
            if last is not None and last >= self.today:
                return replace(
                    date, date=self.today, date_to=last, weekday_alone=False, weekday=None, start=j
                )
        return date

    def _negated(self, start: int, end: int) -> bool:
        line = self.line
        j = start
        while line.has(j - 1, *_LEADING) and start - j < 3:
            j -= 1
        return line.has(j - 1, K.NOT) or line.has(end, K.NO_GOOD)

    # Grouping

    def _groups(self, pieces: list[_Piece]) -> list[_Group]:
        groups: list[_Group] = []
        current = _Group()
        last_end = 0
        for piece in pieces:
            fresh = any(self.line.has(j, K.OR) for j in range(last_end, piece.start))
            joined = None if fresh else self._joined(current, piece, last_end)
            if joined is None:
                groups.append(current)
                joined = self._joined(_Group(), piece, last_end) or _Group()
            current = joined
            last_end = max(last_end, piece.end)
        groups.append(current)
        return [group for group in groups if group != _Group()]

    def _joined(self, group: _Group, piece: _Piece, last_end: int) -> _Group | None:
        if isinstance(piece, TimePiece):
            return replace(group, time=piece) if group.time is None else None
        if isinstance(piece, _PartPiece):
            if group.part is None or group.part.part == piece.part:
                return replace(group, part=piece)
            return None
        if group.date is None:
            joined = replace(group, date=piece)
            return _with_own_time(joined, piece)
        return self._same_date(group, group.date, piece, piece.start - last_end)

    def _same_date(
        self, group: _Group, old: DatePiece, new: DatePiece, gap: int
    ) -> _Group | None:
        """Make one date of two that belong together; None where they are two dates."""
        if old.weekday is not None and new.weekday is None:
            day, other, weekday_first = old, new, True
        elif new.weekday is not None and old.weekday is None:
            day, other, weekday_first = new, old, False
        else:
            both = old.date == new.date and old.date_to == new.date_to
            if old.week_shift and new.calendar_day and new.date and old.weekday is None:
                return None if not both else group
            if new.week_shift and old.calendar_day and old.date and gap <= 1:
                # "heute in einer Woche"
                moved = datemath.shift(old.date, 7 * new.week_shift)
                return replace(group, date=replace(old, date=moved))
            return group if both else None
        if day.weekday is None or other.date is None or day.date is None:
            return None
        if other.date_to is not None:
            first = other.date
            if other.date_to - datemath.monday_of(other.date) <= 6 * datemath.DAY:
                first = datemath.monday_of(other.date)
            date = datemath.nearest_weekday(first, day.weekday)
            return replace(group, date=replace(day, date=date, weekday_alone=False))
        if other.week_shift is not None and not other.calendar_day:
            if weekday_first:
                found = datemath.shift(day.date, 7 * other.week_shift)
            else:
                found = datemath.closest_weekday(other.date, day.weekday)
            return replace(group, date=replace(day, date=found, weekday_alone=False))
        if gap > _NEAR:
            return None if other.date.weekday() != day.weekday else replace(group, date=other)
        kept = replace(other, weekday=day.weekday, open_end=day.open_end or other.open_end)
        return replace(group, date=kept, mismatch=other.date.weekday() != day.weekday)

    # What it says

    def _moments(self, group: _Group) -> list[Moment]:
        moment = self._moment(group)
        time, date = group.time, group.date
        if time is None or date is None or not time.loose or not date.weekday_alone:
            return [moment]
        # "Friday 4": at four, or the fourth?
        number = self.line[time.start].number
        day = number and datemath.nearest_day_of_month(self.today, number)
        if not day or day.weekday() != date.weekday or day == moment.date:
            return [moment]
        return [moment, Moment(date=day)]

    def _moment(self, group: _Group) -> Moment:
        piece, part = group.date, group.part
        moment = Moment()
        midnight = False
        if group.time is not None:
            time = group.time.in_part(part.part if part else None)
            moment, midnight = _timed(time)
        elif part is not None:
            moment = Moment(part_of_day=PARTS[part.part])
        if piece is None:
            return moment
        date = piece.date
        if piece.weekday_alone and date == self.today and not self._ahead(moment, midnight):
            date = datemath.shift(self.today, 7)
        if midnight and date is not None and piece.date_to is None:
            date = datemath.shift(date, 1)
        return replace(moment, date=date, date_to=piece.date_to, open_end=piece.open_end)

    def _ahead(self, moment: Moment, midnight: bool) -> bool:
        """Whether the time said is still to come today; False where none is said."""
        if midnight:
            return True
        start, end = moment.window
        if moment.part_of_day is not None and start is not None and end is not None:
            return end < start or end > self.now_time
        latest = moment.time or end or start
        return latest is not None and latest > self.now_time

    def _mismatch(
        self, group: _Group, date: dt.date, spans: tuple[Span, ...], rest: str
    ) -> Mismatch:
        weekday = group.date.weekday if group.date and group.date.weekday is not None else 0
        after = datemath.nearest_weekday(date, weekday)
        before = datemath.shift(after, -7)
        candidates = sorted({date, after, before or date})
        return Mismatch(
            weekday,
            date,
            tuple(day for day in candidates if day >= min(self.today, date)),
            self._moment(group),
            self.code,
            spans,
            rest,
        )

    def _spans(self, pieces: list[_Piece]) -> tuple[tuple[Span, ...], str]:
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


def _with_own_time(group: _Group, piece: DatePiece) -> _Group:
    if piece.time is None:
        return group
    from booking.phrases.times import Clock

    clock = Clock(piece.time.hour, piece.time.minute, True)
    return replace(group, time=TimePiece(piece.start, piece.end, clock))


def _timed(time: TimePiece) -> tuple[Moment, bool]:
    first, last = time.first, time.last
    if first is None:
        return Moment(), False
    assumed = first.assumed or (last is not None and last.assumed)
    if time.bound is Bound.BETWEEN and last is not None:
        moment = Moment(time_from=first.time, time_to=last.time, half_assumed=assumed)
        return moment, False
    if time.bound is Bound.FROM:
        return Moment(time_from=first.time, half_assumed=assumed), False
    if time.bound is Bound.TO:
        return Moment(time_to=first.time, half_assumed=assumed), False
    moment = Moment(time=first.time, half_assumed=assumed, approximate=time.approximate)
    return moment, first.midnight


def _shared(groups: list[_Group]) -> list[_Group]:
    """Give each group what it left out: "Monday or Tuesday at 5", "Friday at 3 or at 5"."""
    filled = list(groups)
    for i, group in enumerate(filled):
        if group.date is None:
            near = [g for g in filled[:i][::-1] + filled[i + 1 :] if g.date is not None]
            if near:
                group = replace(group, date=near[0].date, mismatch=near[0].mismatch)
        if group.time is None and group.part is None:
            near = [g for g in groups[i + 1 :] + groups[:i][::-1] if g.time or g.part]
            if near:
                group = replace(group, time=near[0].time, part=near[0].part)
        filled[i] = group
    return filled


__all__ = ["LANGUAGES", "PART_WINDOWS", "resolve"]
