"""The slot engine: which starts can be booked, and whether one can. Pure; `now` is an argument.

Listing and judging go through the same policy and the same lanes, so a start is listed if and only
if it is approved. Work grows with resources x days + busy ranges + slots; history plays no part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest

from booking.business import STAFF, Business, Resource, Service
from booking.lanes import SECONDS_PER_MINUTE, Busy, Lane, Shape, lane, units_by_kind
from booking.localtime import boundary, from_epoch, local_date, to_epoch, zone
from booking.opening import Calendar, Opening, openings, primary_calendar, secondary_calendar
from booking.refusals import Offer, Refusal, RefusalCode
from booking.rules import (
    CALENDAR_RULES,
    POLICY,
    Case,
    CustomerLoad,
    Request,
    first_refusal,
    for_owner,
    primary_kind,
)

__all__ = [
    "Assignment",
    "Busy",
    "CustomerLoad",
    "Request",
    "busy_window",
    "judge",
    "judge_for_owner",
    "list_offers",
    "nearest_offers",
    "resources_needed",
]

_DAY = dt.timedelta(days=1)
# Dates that can be asked for without leaving the calendar while neighbouring days are looked at.
_FIRST_DATE, _LAST_DATE = dt.date(1, 2, 1), dt.date(9999, 11, 30)


@dataclass(frozen=True, slots=True)
class Assignment:
    """What an approved start takes.

    Args:
        starts_at, ends_at: instants (UTC), without buffers.
        occupied_start, occupied_end: instants (UTC), with buffers, half-open.
        resource_ids: one resource of each kind, sorted.
        units: how much it takes of each of them, in the same order.
        staff_id: the staff member among them; None where the service needs no staff.
    """

    starts_at: dt.datetime
    ends_at: dt.datetime
    occupied_start: dt.datetime
    occupied_end: dt.datetime
    resource_ids: tuple[int, ...]
    staff_id: int | None
    units: tuple[int, ...]


def resources_needed(
    business: Business, service: Service, staff_id: int | None = None
) -> tuple[int, ...]:
    """Return the sorted ids of all resources that may serve: what to lock and to fetch.

    Args:
        staff_id: the wanted staff member; None = anyone.
    """
    kinds = _resources(business, service, staff_id).values()
    return tuple(sorted({resource.id for kind in kinds for resource in kind}))


def busy_window(
    business: Business, service: Service, first_date: dt.date, last_date: dt.date
) -> tuple[dt.datetime, dt.datetime]:
    """Return the instants (UTC) between which busy ranges matter for starts on some dates.

    It covers the whole of the dates, which the least loaded staff member is found on, and what a
    service with its buffers occupies around their first and last instant.

    Args:
        first_date, last_date: local dates of the business, inclusive.
    """
    shape = Shape.of(service)
    first, last = (min(max(d, _FIRST_DATE), _LAST_DATE) for d in (first_date, last_date))
    where = zone(business.zone)
    return (
        from_epoch(boundary(first, 0, where) - shape.before),
        from_epoch(boundary(last + _DAY, 0, where) + shape.duration + shape.after),
    )


def list_offers(
    business: Business,
    request: Request,
    *,
    first_date: dt.date,
    last_date: dt.date,
    busy: Iterable[Busy],
) -> list[Offer]:
    """Return every start that `judge` would approve, sorted.

    Args:
        first_date, last_date: business-local dates of the starts, inclusive.
        busy: at least what `resources_needed` and `busy_window` name; more does no harm.
    """
    if _unknown(business, request) is not None:
        return []
    case = Case(business, request, dict)
    # Nothing before today or past the horizon can be listed, so it needn't be looked at.
    first_date = max(first_date, local_date(request.now, case.zone))
    last_date = min(last_date, case.latest_date)
    if first_date > last_date:
        return []
    start, end = boundary(first_date, 0, case.zone), boundary(last_date + _DAY, 0, case.zone)
    kinds = _lanes(business, request, start, end, _by_resource(busy))
    primary = primary_kind(request.service)
    if primary is None:
        return []
    found: dict[int, list[int]] = {}
    for member in kinds[primary]:
        for at in member.starts(start, end):
            found.setdefault(at, []).append(member.resource.id)
    others = [lanes for kind, lanes in kinds.items() if kind != primary]
    counted = [x for x in kinds.values() if any(y.resource.capacity > 1 for y in x)]
    shape = Shape.of(request.service)
    return [
        Offer(
            starts_at=from_epoch(at),
            ends_at=from_epoch(at + shape.duration),
            staff_ids=tuple(found[at]) if primary == STAFF else (),
            places=_places(counted, at, shape) if counted else None,
        )
        for at in sorted(found)
        if first_refusal(CALENDAR_RULES, case, at) is None
        and all(any(x.is_open(at) and x.is_free(at) for x in lanes) for lanes in others)
    ]


def _places(counted: Sequence[tuple[Lane, ...]], start: int, shape: Shape) -> int:
    """Return how many places one booking could take at a free start.

    Args:
        counted: the lanes of each kind that has something with more than one place.
    """
    occupied = shape.occupied(start)
    return min(
        max(x.places(occupied) or 1 for x in lanes if x.admits(start) and x.is_free(start))
        for lanes in counted
    )


def judge(
    business: Business, request: Request, starts_at: dt.datetime, *, busy: Iterable[Busy]
) -> Assignment | Refusal:
    """Return what a start would take, or the first rule's refusal.

    The nearest free times are the caller's to add: `nearest_offers` of a listing.

    Args:
        starts_at: the wanted instant, aware.
        busy: at least what `resources_needed` and `busy_window` of the start's date name.

    Returns:
        `not_found` for a service or a staff member that isn't offered, else a refusal of `POLICY`.
    """
    unknown = _unknown(business, request)
    if unknown is not None:
        return unknown
    rows = _by_resource(busy)
    case = _case(business, request, starts_at, rows)
    start = to_epoch(starts_at)
    refusal = first_refusal(POLICY, case, start)
    return refusal or _assign(case, case.lanes, start, rows)


def judge_for_owner(
    business: Business, request: Request, starts_at: dt.datetime, *, busy: Iterable[Busy]
) -> Assignment | Refusal:
    """Return what a start would take when the owner books it: `judge` without the customers' rules.

    Notice, horizon, limits, grid and hours don't bind the owner; what is taken stays taken. Where
    somebody works at that time they are preferred to those who don't.

    Args:
        starts_at: the wanted instant, aware; a fraction of a second is dropped.
        busy: as for `judge`.
    """
    unknown = _unknown(business, request)
    if unknown is not None:
        return unknown
    rows = _by_resource(busy)
    case = _case(business, request, starts_at, rows)
    start = to_epoch(starts_at)
    rules = for_owner(POLICY)
    if first_refusal(rules, case, start) is None:
        return _assign(case, case.lanes, start, rows)
    lifted = {kind: tuple(x.lifted() for x in lanes) for kind, lanes in case.lanes.items()}
    case = replace(case, lanes_of=lambda: lifted)
    refusal = first_refusal(rules, case, start)
    return refusal or _assign(case, lifted, start, rows)


def nearest_offers(
    offers: Sequence[Offer], wanted: dt.datetime, limit: int = 5
) -> tuple[Offer, ...]:
    """Return the offers nearest to a wanted instant, in order of time.

    Args:
        offers: sorted; of two that are equally near, the earlier one wins.
        wanted: aware.
        limit: how many at most.
    """
    near = nsmallest(limit, offers, key=lambda offer: abs(offer.starts_at - wanted))
    return tuple(sorted(near, key=lambda offer: offer.starts_at))


def _resources(
    business: Business, service: Service, staff_id: int | None
) -> dict[str, tuple[Resource, ...]]:
    """Return the active resources by kind, kinds sorted, each in the owner's order."""
    kinds: dict[str, tuple[Resource, ...]] = {}
    for kind in sorted(service.resource_ids):
        ids = set(service.resource_ids[kind])
        if kind == STAFF and staff_id is not None:
            ids &= {staff_id}
        kinds[kind] = tuple(r for r in business.resources if r.id in ids and r.active)
    return kinds


def _unknown(business: Business, request: Request) -> Refusal | None:
    service = request.service
    if not service.active:
        names = tuple(s.name.get(business.languages[0]) for s in business.services if s.active)
        return Refusal(code=RefusalCode.NOT_FOUND, what="service", choices=names)
    staff = business.staff_of(service)
    if request.staff_id is not None and all(member.id != request.staff_id for member in staff):
        names = tuple(member.name.get(business.languages[0]) for member in staff)
        return Refusal(code=RefusalCode.NOT_FOUND, what="staff", choices=names)
    return None


def _by_resource(busy: Iterable[Busy]) -> dict[int, list[Busy]]:
    rows: dict[int, list[Busy]] = {}
    for row in busy:
        rows.setdefault(row.resource_id, []).append(row)
    return rows


def _case(
    business: Business, request: Request, starts_at: dt.datetime, rows: Mapping[int, list[Busy]]
) -> Case:
    start = to_epoch(starts_at)
    return Case(
        business,
        request,
        lambda: _lanes(business, request, start, start + 1, rows),
        fractional=starts_at.microsecond > 0,
    )


def _lanes(
    business: Business, request: Request, start: int, end: int, rows: Mapping[int, list[Busy]]
) -> dict[str, tuple[Lane, ...]]:
    """Return the lanes by kind for starts within `[start, end)`."""
    service = request.service
    shape = Shape.of(service)
    step = _step(business, service)
    primary = primary_kind(service)
    # Staff who share hours share their openings: the same (zone, hours, exceptions) objects.
    known: dict[tuple[str, int, int], list[Opening]] = {}

    def opened(calendar: Calendar) -> list[Opening]:
        key = (calendar.where.key, id(calendar.weekly), id(calendar.exceptions))
        if key not in known:
            known[key] = openings(calendar, start, end + shape.duration)
        return known[key]

    kinds: dict[str, tuple[Lane, ...]] = {}
    calendars: list[Calendar] = []  # kept alive while `known` goes by the ids of their parts
    members = _resources(business, service, request.staff_id)
    units = units_by_kind(members, request.units)
    for kind, resources in members.items():
        lanes = []
        for resource in resources:
            make = primary_calendar if kind == primary else secondary_calendar
            calendar = make(business, resource)
            stretches = None
            if calendar is not None:
                calendars.append(calendar)
                stretches = opened(calendar)
            own_step = step if kind == primary else None
            own_rows = rows.get(resource.id, ())
            lanes.append(lane(resource, stretches, own_step, shape, units[kind], own_rows))
        kinds[kind] = tuple(lanes)
    return kinds


def _step(business: Business, service: Service) -> int:
    minutes = business.policy.step_minutes if service.step_minutes is None else service.step_minutes
    if minutes <= 0:
        raise ValueError(f"the grid's step is 1 minute or more, not {minutes}")
    return minutes * SECONDS_PER_MINUTE


def _assign(
    case: Case, kinds: Mapping[str, tuple[Lane, ...]], start: int, rows: Mapping[int, list[Busy]]
) -> Assignment:
    """Return the assignment of a start that the rules have approved.

    Staff: the free one with the fewest appointments and holds on the business-local date of the
    start, among equals the first in the owner's order. Other kinds: the first free one.
    """
    date = local_date(from_epoch(start), case.zone)
    day = boundary(date, 0, case.zone), boundary(date + _DAY, 0, case.zone)
    chosen: dict[str, Resource] = {}
    for kind, lanes in kinds.items():
        free = [x.resource for x in lanes if x.admits(start) and x.is_free(start)]
        if kind == STAFF:
            chosen[kind] = min(free, key=lambda member: _load(rows.get(member.id, ()), day))
        else:
            chosen[kind] = free[0]
    request, shape = case.request, Shape.of(case.request.service)
    members = _resources(case.business, request.service, request.staff_id)
    units = units_by_kind(members, request.units)
    taken = sorted((resource.id, units[kind]) for kind, resource in chosen.items())
    occupied_start, occupied_end = shape.occupied(start)
    return Assignment(
        starts_at=from_epoch(start),
        ends_at=from_epoch(start + shape.duration),
        occupied_start=from_epoch(occupied_start),
        occupied_end=from_epoch(occupied_end),
        resource_ids=tuple(resource_id for resource_id, _ in taken),
        units=tuple(n for _, n in taken),
        staff_id=chosen[STAFF].id if STAFF in chosen else None,
    )


def _load(rows: Iterable[Busy], day: tuple[int, int]) -> int:
    """Return how many appointments and holds reach into a day; blocked time is no work."""
    return sum(not row.blocked and row.start < day[1] and row.end > day[0] for row in rows)
