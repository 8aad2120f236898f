"""The policy: one rule = one function that says no with a typed refusal, or nothing.

`POLICY` lists them in the order in which they are told. What no other time can mend comes first (a
start in the past, a limit that is reached), then the hours, then what is taken.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from booking.business import STAFF, Business, Service
from booking.intervals import Span
from booking.lanes import SECONDS_PER_MINUTE, Lane
from booking.localtime import (
    boundary,
    day_bounds,
    from_epoch,
    local_date,
    to_epoch,
    week_bounds,
    zone,
)
from booking.refusals import Refusal, RefusalCode

_DAY = dt.timedelta(days=1)
_MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CustomerLoad:
    """What a customer has already.

    Args:
        starts: epoch seconds of the starts of their other active (held, pending, confirmed)
            appointments; the row that is moved is left out. Those before now don't count.
    """

    starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, without the start.

    Args:
        service: with the duration and buffers that count: a moved appointment keeps its snapshot.
        now: the instant of asking, aware.
        staff_id: the wanted staff member; None = anyone.
        load: the customer's other appointments.
        units: how many places of a resource with a capacity it takes.
    """

    service: Service
    now: dt.datetime
    staff_id: int | None = None
    load: CustomerLoad = CustomerLoad()
    units: int = 1

    def __post_init__(self) -> None:
        if self.units < 1:
            raise ValueError(f"an appointment takes 1 place or more, not {self.units}")


@dataclass(frozen=True)
class Case:
    """A request with everything that the rules compare a start with.

    Args:
        lanes_of: makes the lanes of the service's resources by kind; asked at most once, and only
            when the calendar rules have let the start pass.
        fractional: the start asked for isn't a whole second, so it is on no grid.
    """

    business: Business
    request: Request
    lanes_of: Callable[[], Mapping[str, tuple[Lane, ...]]]
    fractional: bool = False

    @cached_property
    def lanes(self) -> Mapping[str, tuple[Lane, ...]]:
        """The active resources of each kind that the service needs, in the owner's order."""
        return self.lanes_of()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The business's zone."""
        return zone(self.business.zone)

    @cached_property
    def now(self) -> int:
        """Epoch seconds, rounded up: the first whole second that isn't past."""
        now = self.request.now
        return to_epoch(now) + (now.microsecond > 0)

    @cached_property
    def earliest(self) -> int:
        """The first start (epoch seconds) that keeps the notice."""
        return self.now + self.business.policy.min_notice_minutes * SECONDS_PER_MINUTE

    @cached_property
    def latest_date(self) -> dt.date:
        """The last business-local date within the horizon; today is day 0."""
        today = local_date(self.request.now, self.zone)
        return today + self.business.policy.horizon_days * _DAY

    @cached_property
    def horizon(self) -> int:
        """The end of the latest date, in epoch seconds."""
        return boundary(self.latest_date + _DAY, 0, self.zone)

    @cached_property
    def future(self) -> tuple[int, ...]:
        """The starts that count towards the limits."""
        return tuple(start for start in self.request.load.starts if start >= self.now)

    @cached_property
    def full_days(self) -> tuple[Span, ...]:
        """The business-local dates on which the customer can have no more."""
        return self._full(day_bounds, self.business.policy.max_per_day)

    @cached_property
    def full_weeks(self) -> tuple[Span, ...]:
        """The weeks, Monday to Sunday, in which the customer can have no more."""
        return self._full(week_bounds, self.business.policy.max_per_week)

    def _full(
        self,
        bounds: Callable[[dt.date, ZoneInfo], tuple[dt.datetime, dt.datetime]],
        limit: int | None,
    ) -> tuple[Span, ...]:
        if limit is None:
            return ()
        counts = Counter(
            bounds(local_date(from_epoch(start), self.zone), self.zone) for start in self.future
        )
        return tuple(
            (to_epoch(low), to_epoch(high)) for (low, high), n in counts.items() if n >= limit
        )


# A rule takes the case and a start in epoch seconds, and returns why not, or None.
Rule = Callable[[Case, int], Refusal | None]


def not_past(case: Case, start: int) -> Refusal | None:
    """A start before now is gone."""
    if start >= case.now:
        return None
    return Refusal(code=RefusalCode.PAST, earliest=_earliest(case))


def enough_notice(case: Case, start: int) -> Refusal | None:
    """`start >= now + min_notice`, inclusive."""
    if start >= case.earliest:
        return None
    return Refusal(code=RefusalCode.TOO_SOON, earliest=_earliest(case))


def within_horizon(case: Case, start: int) -> Refusal | None:
    """The local date of the start is at most the local date of now + N days, inclusive."""
    if start < case.horizon:
        return None
    return Refusal(code=RefusalCode.TOO_FAR, latest_date=case.latest_date)


def under_active_limit(case: Case, start: int) -> Refusal | None:
    """A customer has at most `max_active` active appointments in the future."""
    limit = case.business.policy.max_active
    if len(case.future) < limit:
        return None
    return Refusal(code=RefusalCode.LIMIT_REACHED, limit=limit, limit_period="active")


def under_day_limit(case: Case, start: int) -> Refusal | None:
    """At most `max_per_day` of them start on one business-local date."""
    if not _within(case.full_days, start):
        return None
    limit = case.business.policy.max_per_day
    return Refusal(code=RefusalCode.LIMIT_REACHED, limit=limit, limit_period="day")


def under_week_limit(case: Case, start: int) -> Refusal | None:
    """At most `max_per_week` of them start in one week, Monday to Sunday."""
    if not _within(case.full_weeks, start):
        return None
    limit = case.business.policy.max_per_week
    return Refusal(code=RefusalCode.LIMIT_REACHED, limit=limit, limit_period="week")


def inside_hours(case: Case, start: int) -> Refusal | None:
    """`[start, start + duration)` lies inside one merged open interval, for one of each kind."""
    if _one_of_each(case, lambda lane: lane.is_open(start)):
        return None
    return Refusal(code=RefusalCode.OUTSIDE_HOURS)


def on_grid(case: Case, start: int) -> Refusal | None:
    """The start is `merged_interval.start + k * step` of somebody who is open then."""
    if not case.fractional and _one_of_each(case, lambda lane: lane.admits(start)):
        return None
    return Refusal(code=RefusalCode.NOT_ON_GRID)


def not_taken(case: Case, start: int) -> Refusal | None:
    """The occupied range meets no blocked time, and no other where there is room for one only."""
    if _one_of_each(case, lambda lane: lane.admits(start) and lane.is_untaken(start)):
        return None
    return Refusal(code=RefusalCode.SLOT_TAKEN)


def has_capacity(case: Case, start: int) -> Refusal | None:
    """At no instant of the occupied range are more units in use than the capacity."""
    if _one_of_each(case, lambda lane: lane.admits(start) and lane.is_free(start)):
        return None
    return Refusal(code=RefusalCode.CAPACITY_EXCEEDED)


POLICY: tuple[Rule, ...] = (
    not_past,
    enough_notice,
    within_horizon,
    under_active_limit,
    under_day_limit,
    under_week_limit,
    inside_hours,
    on_grid,
    not_taken,
    has_capacity,
)

# What looks at the start and the customer only; the rest looks at the resources.
CALENDAR_RULES = POLICY[: POLICY.index(inside_hours)]

# Two customers' appointments can't share a chair, whoever books, and nobody comes yesterday.
_BIND_OWNERS_TOO = frozenset({not_past, not_taken, has_capacity})


def for_owner(policy: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Return the rules of a policy that bind the owner too: no notice, horizon, limits, hours."""
    return tuple(rule for rule in policy if rule in _BIND_OWNERS_TOO)


def first_refusal(rules: tuple[Rule, ...], case: Case, start: int) -> Refusal | None:
    """Return the first rule's no, or None when all of them agree.

    Args:
        start: epoch seconds.
    """
    for rule in rules:
        refusal = rule(case, start)
        if refusal is not None:
            return refusal
    return None


def primary_kind(service: Service) -> str | None:
    """Return the kind whose hours make the grid: staff, else the first by name; None = no kind."""
    return STAFF if STAFF in service.resource_ids else min(service.resource_ids, default=None)


def _one_of_each(case: Case, suits: Callable[[Lane], bool]) -> bool:
    lanes = case.lanes
    return bool(lanes) and all(any(suits(lane) for lane in kind) for kind in lanes.values())


def _within(spans: tuple[Span, ...], start: int) -> bool:
    return any(low <= start < high for low, high in spans)


def _earliest(case: Case) -> dt.datetime:
    # Told as hours and minutes: rounded up, so that what is told isn't too soon itself.
    return from_epoch(-(-case.earliest // SECONDS_PER_MINUTE) * SECONDS_PER_MINUTE)
