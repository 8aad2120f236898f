"""Which dates and times of a text belong together, and what each group says."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, replace

from booking.phrases import datemath
from booking.phrases.clock import PARTS, Bound, Clock, TimePiece
from booking.phrases.model import PART_WINDOWS, Moment
from booking.phrases.pieces import DatePiece
from booking.phrases.tokens import Line
from booking.phrases.vocabulary import K

# How many words may stand between a weekday and the date it belongs to.
_NEAR = 3


@dataclass(frozen=True, slots=True)
class PartPiece:
    """A part of the day said on its own."""

    start: int
    end: int
    part: int


Piece = DatePiece | TimePiece | PartPiece


@dataclass(frozen=True, slots=True)
class Group:
    """What belongs to one moment."""

    date: DatePiece | None = None
    time: TimePiece | None = None
    part: PartPiece | None = None
    mismatch: bool = False


@dataclass(frozen=True, slots=True)
class Grouping:
    """Puts pieces together.

    Args:
        line: the tokens.
        today: local date of now; now_time: wall time of now.
        moving: the text speaks of changing one time to another, so they don't share a time.
    """

    line: Line
    today: dt.date
    now_time: dt.time
    moving: bool

    def groups(self, pieces: list[Piece]) -> list[Group]:
        groups: list[Group] = []
        current = Group()
        last_end = 0
        for piece in pieces:
            between = range(last_end, piece.start)
            fresh = any(self.line.has(j, K.OR) or self.line.mark(j, "/") for j in between)
            joined = None if fresh else self._joined(current, piece, last_end)
            if joined is None:
                groups.append(current)
                joined = self._joined(Group(), piece, last_end) or Group()
            current = joined
            last_end = max(last_end, piece.end)
        groups.append(current)
        return _shared([group for group in groups if group != Group()], moving=self.moving)

    def _joined(self, group: Group, piece: Piece, last_end: int) -> Group | None:
        if isinstance(piece, TimePiece):
            return replace(group, time=piece) if group.time is None else None
        if isinstance(piece, PartPiece):
            if group.part is None or group.part.part == piece.part:
                return replace(group, part=piece)
            return replace(group, part=piece) if _narrows(group.part.part, piece.part) else None
        if group.date is None:
            joined = replace(group, date=piece)
            return _with_own_time(joined, piece)
        return self._same_date(group, group.date, piece, piece.start - last_end)

    def _same_date(self, group: Group, old: DatePiece, new: DatePiece, gap: int) -> Group | None:
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
            inside = _day_inside(old, new)
            if inside is not None:
                return replace(group, date=replace(new, date=inside))
            if new.time is not None and old.date == new.date and group.time is None:
                return _with_own_time(replace(group, date=new), new)  # "today in two hours"
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

    def moments(self, group: Group) -> list[Moment]:
        moment = self.moment(group)
        time, date = group.time, group.date
        if (
            time is None
            or date is None
            or not time.loose
            or time.end > time.start + 1
            or not date.weekday_alone
        ):
            return [moment]
        # "Friday 4": four o'clock, unless a Friday is the fourth. The coming one: that day, and the
        # time is asked; a later one: either.
        number = self.line[time.start].number
        day = number and datemath.nearest_day_of_month(self.today, number)
        if not day or day.weekday() != date.weekday:
            return [moment]
        return [Moment(date=day)] if day == moment.date else [moment, Moment(date=day)]

    def moment(self, group: Group) -> Moment:
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


def _narrows(part: int, later: int) -> bool:
    """Return whether a part said second makes the first more exact: "afternoon, after work"."""
    (start, end), (later_start, _) = (PART_WINDOWS[PARTS[p]] for p in (part, later))
    return start < later_start < end


def _with_own_time(group: Group, piece: DatePiece) -> Group:
    if piece.time is None:
        return group
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


def _day_inside(span: DatePiece, day: DatePiece) -> dt.date | None:
    """Return the date of a range that "the 5th" means: "next month, the 5th"."""
    if span.date is None or span.date_to is None or day.date is None or not day.calendar_day:
        return None
    for first in (span.date, span.date_to):
        found = datemath.date_or_none(first.year, first.month, day.date.day)
        if found is not None and span.date <= found <= span.date_to:
            return found
    return None


def _shared(groups: list[Group], *, moving: bool) -> list[Group]:
    """Give each group what it left out: "Monday or Tuesday at 5", "Friday at 3 or at 5"."""
    for i, (group, after) in enumerate(itertools.pairwise(groups)):
        # "at 10 or 11 in the evening"
        if group.time and after.time and group.part is None and after.date is None:
            time = group.time.in_half_of(
                after.time.in_part(after.part.part if after.part else None)
            )
            groups[i] = replace(group, time=time)
    filled = list(groups)
    for i, group in enumerate(filled):
        if group.date is None:
            near = [g for g in filled[:i][::-1] + filled[i + 1 :] if g.date is not None]
            if near:
                group = replace(group, date=near[0].date, mismatch=near[0].mismatch)
        if group.time is None and group.part is None and not moving:
            near = [g for g in groups[i + 1 :] + groups[:i][::-1] if g.time or g.part]
            if near:
                group = replace(group, time=near[0].time, part=near[0].part)
        filled[i] = group
    return filled
