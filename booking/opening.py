"""When a resource is open: weekly hours, date exceptions, nights past midnight, clock changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from booking.business import (
    MINUTES_PER_DAY,
    Business,
    DateExceptions,
    DayInterval,
    Resource,
    WeeklyHours,
)
from booking.intervals import Span, merge
from booking.localtime import boundary, from_epoch, local_date, zone

_DAY = dt.timedelta(days=1)
_WEEK_MINUTES = 7 * MINUTES_PER_DAY
_ALWAYS: WeeklyHours = {day: (DayInterval(0, MINUTES_PER_DAY),) for day in range(7)}


@dataclass(frozen=True, slots=True)
class Calendar:
    """The opening rules of one resource.

    Args:
        where: the zone of its wall-clock hours.
        weekly: weekday -> the intervals that start on it.
        exceptions: local date -> the intervals that start on it instead; empty = closed.
    """

    where: ZoneInfo
    weekly: WeeklyHours
    exceptions: DateExceptions

    def spans_starting(self, date: dt.date) -> list[Span]:
        """Return the open spans that start on a local date, not merged.

        A span that the clock change leaves without any time is left out.
        """
        intervals = self.exceptions.get(date)
        if intervals is None:
            intervals = self.weekly.get(date.weekday(), ())
        spans = []
        for interval in intervals:
            runs_over = MINUTES_PER_DAY if interval.closes <= interval.opens else 0
            start = boundary(date, interval.opens, self.where)
            end = boundary(date, interval.closes + runs_over, self.where)
            if start < end:
                spans.append((start, end))
        return spans

    def spans_between(self, first: dt.date, last: dt.date) -> list[Span]:
        """Return the merged open spans that start on a local date from `first` to `last`."""
        days = (last - first).days + 1
        return merge(span for n in range(days) for span in self.spans_starting(first + n * _DAY))


@dataclass(frozen=True, slots=True)
class Opening:
    """A stretch of open time with one grid, in epoch seconds.

    Args:
        start: where the stretch starts; its grid is counted from here in elapsed time.
        until: a start that belongs to this stretch is before this instant.
        closes: when the merged open interval ends; what starts here must be over by then.
    """

    start: int
    until: int
    closes: int


def primary_calendar(business: Business, resource: Resource) -> Calendar:
    """Return the calendar of a resource whose hours make the grid of a service.

    Its own hours replace the business's; without its own it works the business's hours, on the
    clock of its own zone where it has one (booking rules, "opening hours").
    """
    return Calendar(
        where=zone(resource.zone or business.zone),
        weekly=business.hours if resource.hours is None else resource.hours,
        exceptions=_exceptions(business, resource),
    )


def secondary_calendar(business: Business, resource: Resource) -> Calendar | None:
    """Return the calendar of a resource that a service needs besides its primary one.

    A room without hours or exceptions of its own has no calendar (None): it is there whenever the
    staff are. With exceptions alone it is there at all times but those.
    """
    where = zone(resource.zone or business.zone)
    if resource.hours is not None:
        return Calendar(where, resource.hours, _exceptions(business, resource))
    if resource.exceptions:
        return Calendar(where, _ALWAYS, resource.exceptions)
    return None


def working_day(business: Business, resources: Sequence[Resource], date: dt.date) -> Span:
    """Return what "the whole of that day" means for some people, in epoch seconds.

    A night belongs to the date it starts on: the day begins when the night before is over, and ends
    with its own; else at the midnights of the business's zone.

    Args:
        resources: whose hours count.
        date: local date.
    """
    where = zone(business.zone)
    calendars = [primary_calendar(business, resource) for resource in resources]
    midnights = boundary(date, 0, where), boundary(date + _DAY, 0, where)
    tails = [end for c in calendars for _, end in c.spans_starting(date - _DAY)]
    ends = [end for c in calendars for _, end in c.spans_starting(date)]
    return max([midnights[0], *tails]), max([midnights[1], *ends])


def _exceptions(business: Business, resource: Resource) -> DateExceptions:
    if not resource.exceptions:
        return business.exceptions
    return {**business.exceptions, **resource.exceptions}


def openings(calendar: Calendar, start: int, end: int) -> list[Opening]:
    """Return the stretches in which something can start within `[start, end)`, sorted.

    The first one may start long before `start`, since the grid is counted from where the merged
    interval really starts. `closes` is where the interval really ends, or later than `end`. A
    calendar that has never been closed has no start; there the grid is counted from each local
    midnight.

    Args:
        calendar: whose hours.
        start, end: epoch seconds.
    """
    if start >= end:
        return []
    first = local_date(from_epoch(start), calendar.where)
    last = local_date(from_epoch(end), calendar.where) + _DAY
    spans = calendar.spans_between(first - 2 * _DAY, last)
    at = next((i for i, span in enumerate(spans) if span[1] > start), None)
    if at is None:
        return []
    # A span runs at most to the end of the date after the one it starts on, so what starts on the
    # dates before the walked ones can't reach a later start than this.
    began: int | None = spans[at][0]
    if spans[at][0] <= boundary(first - _DAY, 0, calendar.where):
        began = _began(calendar, first - 2 * _DAY, spans[at])
    closes = spans[at][1]
    head = (
        _days_of_endless(calendar, first, last, closes)
        if began is None
        else [Opening(began, closes, closes)]
    )
    tail = [Opening(low, high, high) for low, high in spans[at + 1 :]]
    return [o for o in head + tail if o.until > start and o.start < end]


def _began(calendar: Calendar, date: dt.date, head: Span) -> int | None:
    """Return where the open interval really starts of which `head` is the part from `date` on.

    None = it never does: the weekly hours have no gap and no exception before makes one.
    """
    if _never_closes(calendar.weekly):
        # Only an exception can make a gap, so the dates without one needn't be walked.
        for exception in sorted((d for d in calendar.exceptions if d <= date), reverse=True):
            spans = calendar.spans_between(exception - 2 * _DAY, exception + 2 * _DAY)
            # What begins behind the head belongs to a later exception.
            begins = [low for low, _ in spans if low <= head[0]]
            if begins and begins[-1] > boundary(exception - _DAY, 0, calendar.where):
                return begins[-1]
        return None
    start, end = head
    while start <= boundary(date + _DAY, 0, calendar.where):
        date -= _DAY
        start = merge([*calendar.spans_starting(date), (start, end)])[-1][0]
    return start


def _days_of_endless(
    calendar: Calendar, first: dt.date, last: dt.date, closes: int
) -> list[Opening]:
    days = [first + n * _DAY for n in range(-1, (last - first).days + 2)]
    bounds = [(boundary(d, 0, calendar.where), boundary(d + _DAY, 0, calendar.where)) for d in days]
    return [
        Opening(low, min(high, closes), closes) for low, high in bounds if low < min(high, closes)
    ]


def _never_closes(weekly: WeeklyHours) -> bool:
    spans: list[Span] = []
    for day, intervals in weekly.items():
        for interval in intervals:
            start = day * MINUTES_PER_DAY + interval.opens
            length = (interval.closes - interval.opens) % MINUTES_PER_DAY or MINUTES_PER_DAY
            spans += (
                (start, start + length),
                (start - _WEEK_MINUTES, start + length - _WEEK_MINUTES),
            )
    return any(low <= 0 and high >= _WEEK_MINUTES for low, high in merge(spans))
