"""The one place where local time becomes instants and back.

Zones come from the `tzdata` package and from nowhere else: the system's database, `PYTHONTZPATH`
and the process's own zone can't change an answer. A zone is given as its IANA name or as what
`zone` returns. Instants are aware UTC datetimes, or whole epoch seconds where the engine sweeps
over them; durations are elapsed time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from booking.business import MINUTES_PER_DAY

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EPOCH_ORDINAL = dt.date(1970, 1, 1).toordinal()
_SECOND = dt.timedelta(seconds=1)
_DAY = dt.timedelta(days=1)
_SECONDS_PER_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Missing:
    """A wall time that the clocks skip.

    Args:
        before: the real instant (UTC) that is earlier by the length of the gap, on the old offset.
        after: the real instant (UTC) that is later by the length of the gap, on the new offset.
    """

    before: dt.datetime
    after: dt.datetime


@dataclass(frozen=True, slots=True)
class Repeated:
    """A wall time that happens twice, at `first` and then at `second` (UTC)."""

    first: dt.datetime
    second: dt.datetime


@cache
def _zone_names() -> frozenset[str]:
    listing = resources.files("tzdata").joinpath("zones").read_text(encoding="ascii")
    return frozenset(listing.split())


@cache
def zone(name: str) -> ZoneInfo:
    """Return the IANA zone called `name`, as the `tzdata` package has it.

    Raises:
        ValueError: there is no such zone; the message names it and the likeliest ones.
    """
    if name not in _zone_names():
        near = get_close_matches(name, _zone_names(), n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ", such as Europe/Berlin"
        raise ValueError(f"no IANA time zone is called {name!r}{hint}")
    # Not ZoneInfo(name): that asks the system's database first, whose edition may be another.
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def _known(where: ZoneInfo | str) -> ZoneInfo:
    return zone(where) if isinstance(where, str) else where


def to_epoch(instant: dt.datetime) -> int:
    """Return an instant as whole seconds since 1970-01-01 UTC, a fraction rounded down.

    Raises:
        ValueError: the datetime is naive, so it is no instant.
    """
    if instant.utcoffset() is None:
        raise ValueError(f"{instant!r} has no zone, so it is no instant")
    return (instant - _EPOCH) // _SECOND


def from_epoch(seconds: int) -> dt.datetime:
    """Return the instant (UTC) that is `seconds` after 1970-01-01 UTC."""
    return _EPOCH + dt.timedelta(seconds=seconds)


def to_local(instant: dt.datetime, where: ZoneInfo | str) -> dt.datetime:
    """Return an instant on the wall clock of the zone `where`, `fold` set in a repeated hour.

    Raises:
        ValueError: the datetime is naive; it would silently be read in the process's zone.
    """
    if instant.utcoffset() is None:
        raise ValueError(f"{instant!r} has no zone, so it is no instant")
    return instant.astimezone(_known(where))


def local_date(instant: dt.datetime, where: ZoneInfo | str) -> dt.date:
    """Return the date that the zone `where` has at an instant."""
    return to_local(instant, where).date()


def _offset(date: dt.date, minutes: int, where: ZoneInfo, fold: int) -> int:
    wall = dt.datetime(
        date.year, date.month, date.day, minutes // 60, minutes % 60, tzinfo=where, fold=fold
    )
    return _whole_seconds(wall)


def _whole_seconds(wall: dt.datetime) -> int:
    offset = wall.utcoffset()
    # ZoneInfo always knows its offset; the type of tzinfo in general allows None.
    return 0 if offset is None else offset // _SECOND


def _transition(low: int, high: int, offset_after: int, where: ZoneInfo) -> int:
    """Return the first instant in (low, high] at which `offset_after` holds."""
    while high - low > 1:
        middle = (low + high) // 2
        if _whole_seconds(from_epoch(middle).astimezone(where)) == offset_after:
            high = middle
        else:
            low = middle
    return high


@lru_cache(maxsize=1 << 16)
def boundary(date: dt.date, minutes: int, where: ZoneInfo) -> int:
    """Return the instant of an opening or closing time, in epoch seconds.

    A time in a missing hour is the transition instant, one in a repeated hour its first occurrence
    (booking rules, "boundary in a missing hour" and "in a repeated hour").

    Args:
        date: local date that the minutes are counted on.
        minutes: wall-clock minutes after local midnight, from 0; 1440 and more lie on later dates.
        where: the zone of the wall clock.
    """
    days, minutes = divmod(minutes, MINUTES_PER_DAY)
    if days:
        date += days * _DAY
    wall = (date.toordinal() - _EPOCH_ORDINAL) * _SECONDS_PER_DAY + minutes * 60
    earlier, later = (_offset(date, minutes, where, fold) for fold in (0, 1))
    if earlier >= later:  # unique, or repeated: fold 0 is the first occurrence
        return wall - earlier
    return _transition(wall - later - 1, wall - earlier, later, where)


def resolve_wall(
    date: dt.date, time: dt.time, where: ZoneInfo | str
) -> dt.datetime | Missing | Repeated:
    """Return the instant (UTC) that a wall time asked for by a person means, if it is one.

    Args:
        date: local date.
        time: naive wall-clock time; its `fold` is ignored, since a person can't say it.
        where: the zone of the wall clock.

    Raises:
        OverflowError: the instant lies outside the years 1-9999.
    """
    first = dt.datetime.combine(date, time, tzinfo=_known(where)).replace(fold=0)
    second = first.replace(fold=1)
    earlier, later = first.astimezone(dt.UTC), second.astimezone(dt.UTC)
    if earlier == later:
        return earlier
    # In a gap fold 0 counts with the offset before it, so it lands after the gap (PEP 495).
    return Repeated(earlier, later) if earlier < later else Missing(before=later, after=earlier)


def is_repeated(instant: dt.datetime, where: ZoneInfo | str) -> bool:
    """Return whether the wall time of an instant happens twice, so that a label needs the offset.

    Args:
        instant: aware datetime.
        where: the zone in which the label is told.
    """
    wall = to_local(instant, where)
    return wall.utcoffset() != wall.replace(fold=1 - wall.fold).utcoffset()


def utc_offset_label(instant: dt.datetime, where: ZoneInfo | str) -> str:
    """Return the offset from UTC in force at an instant, such as "UTC+02:00"."""
    seconds = _whole_seconds(to_local(instant, where))
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"UTC{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}"


def day_bounds(date: dt.date, where: ZoneInfo | str) -> tuple[dt.datetime, dt.datetime]:
    """Return the instants (UTC) between which a local date lasts, half-open.

    Where midnight doesn't exist the date starts at the transition; a date that a zone skipped
    altogether (Pacific/Apia, 2011-12-30) is empty: both instants are the same.
    """
    return _between(date, date + _DAY, _known(where))


def week_bounds(date: dt.date, where: ZoneInfo | str) -> tuple[dt.datetime, dt.datetime]:
    """Return the instants (UTC) between which the week of a local date lasts, Monday to Sunday."""
    monday = date - date.weekday() * _DAY
    return _between(monday, monday + 7 * _DAY, _known(where))


def _between(first: dt.date, after: dt.date, where: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    return from_epoch(boundary(first, 0, where)), from_epoch(boundary(after, 0, where))


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of a zone's offset.

    Args:
        at: the first instant (UTC) of the new offset.
        before, after: offsets from UTC.
        is_daylight: whether the new offset is daylight saving time.
        name: the zone's abbreviation from then on, such as "CEST".
    """

    at: dt.datetime
    before: dt.timedelta
    after: dt.timedelta
    is_daylight: bool
    name: str

    @property
    def onset(self) -> dt.datetime:
        """The naive wall time at which it comes, on the clock in force before it."""
        return (self.at + self.before).replace(tzinfo=None)


def transitions(
    where: ZoneInfo | str, since: dt.datetime, until: dt.datetime
) -> tuple[Transition, ...]:
    """Return what a zone's offset is at `since`, and its changes until `until`, in order.

    The first one tells the offset in force at `since`: its `before` and `after` are the same.

    Args:
        since, until: instants, half-open.
    """
    tz = _known(where)
    start, end = to_epoch(since), to_epoch(until)
    found = [_transition_at(start, start, tz)]
    while start < end:
        # No zone has changed its offset twice within a day.
        after = min(start + _SECONDS_PER_DAY, end)
        offset = _whole_seconds(from_epoch(after).astimezone(tz))
        if offset != _whole_seconds(from_epoch(start).astimezone(tz)):
            at = _transition(start, after, offset, tz)
            if at < end:
                found.append(_transition_at(at, at - 1, tz))
        start = after
    return tuple(found)


def _transition_at(at: int, before: int, where: ZoneInfo) -> Transition:
    local = from_epoch(at).astimezone(where)
    return Transition(
        at=from_epoch(at),
        before=dt.timedelta(seconds=_whole_seconds(from_epoch(before).astimezone(where))),
        after=dt.timedelta(seconds=_whole_seconds(local)),
        is_daylight=bool(local.dst()),
        name=local.tzname() or where.key or "",
    )
