"""A small business that the tests of the engine bend to their needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from booking.business import (
    STAFF,
    Business,
    DayInterval,
    LocalText,
    Policy,
    Resource,
    Service,
)
from booking.engine import Assignment, Busy, Request, judge, list_offers
from booking.localtime import resolve_wall, to_epoch, to_local
from booking.refusals import Offer, Refusal, RefusalCode

# Friday, 20 November 2026, 09:00 in Berlin. The Monday after is the day most tests book on.
NOW = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)
MONDAY = dt.date(2026, 11, 23)
ANNA, BORIS, CLARA, ROOM, HALL = 1, 2, 3, 11, 12


# Days on which the clocks of a zone change; Kathmandu's never do, Apia lost a whole date.
CHANGES = [
    ("America/New_York", dt.date(2026, 3, 8)),
    ("America/New_York", dt.date(2026, 11, 1)),
    ("Europe/Berlin", dt.date(2026, 3, 29)),
    ("Europe/Berlin", dt.date(2026, 10, 25)),
    ("Africa/Cairo", dt.date(2026, 4, 24)),
    ("Africa/Cairo", dt.date(2026, 10, 29)),
    ("Australia/Lord_Howe", dt.date(2026, 4, 5)),
    ("Australia/Lord_Howe", dt.date(2026, 10, 4)),
    ("Asia/Kathmandu", dt.date(2026, 3, 29)),
    ("America/Santiago", dt.date(2026, 4, 4)),
    ("America/Santiago", dt.date(2026, 9, 6)),
    ("Pacific/Apia", dt.date(2011, 12, 30)),
]


def hours(text: str) -> tuple[DayInterval, ...]:
    """Read "09:00-12:00 13:00-18:00" as the intervals of a day."""
    intervals = []
    for part in text.split():
        (opens, opens_minute), (closes, closes_minute) = (
            map(int, edge.split(":")) for edge in part.split("-")
        )
        intervals.append(DayInterval(opens * 60 + opens_minute, closes * 60 + closes_minute))
    return tuple(intervals)


def every_day(text: str) -> dict[int, tuple[DayInterval, ...]]:
    return {weekday: hours(text) for weekday in range(7)}


def name(text: str) -> LocalText:
    return LocalText({"en": text})


def staff(id: int = ANNA, **changes: Any) -> Resource:
    return replace(Resource(id=id, slug=f"staff-{id}", kind=STAFF, name=name(f"S{id}")), **changes)


def thing(id: int = ROOM, kind: str = "room", **changes: Any) -> Resource:
    return replace(Resource(id=id, slug=f"{kind}-{id}", kind=kind, name=name(kind)), **changes)


def business(
    open_hours: str | Mapping[int, tuple[DayInterval, ...]] = "09:00-17:00",
    *resources: Resource,
    zone: str = "Europe/Berlin",
    minutes: int = 60,
    policy: Policy | None = None,
    service: Mapping[str, Any] | None = None,
    exceptions: Mapping[dt.date, tuple[DayInterval, ...]] | None = None,
) -> Business:
    """Return a business with one service, which all its resources (else Anna alone) can serve."""
    resources = resources or (staff(),)
    kinds: dict[str, tuple[int, ...]] = {}
    for resource in resources:
        kinds[resource.kind] = (*kinds.get(resource.kind, ()), resource.id)
    offered = Service(
        id=7, slug="cut", name=name("Cut"), duration_minutes=minutes, resource_ids=kinds
    )
    return Business(
        id=1,
        slug="salon",
        name=name("Salon"),
        zone=zone,
        languages=("en",),
        hours=every_day(open_hours) if isinstance(open_hours, str) else open_hours,
        services=(replace(offered, **(service or {})),),
        resources=resources,
        policy=policy or Policy(),
        exceptions=exceptions or {},
    )


def request(of: Business, **changes: Any) -> Request:
    return replace(Request(service=of.services[0], now=NOW), **changes)


def at(text: str, date: dt.date = MONDAY, zone: str = "Europe/Berlin") -> dt.datetime:
    """Return the instant of a wall time "HH:MM" that happens once."""
    instant = resolve_wall(date, dt.time.fromisoformat(text), zone)
    assert isinstance(instant, dt.datetime), f"{text} on {date} in {zone} isn't one instant"
    return instant


def busy(resource_id: int, start: str, end: str, date: dt.date = MONDAY, **changes: Any) -> Busy:
    """Return an occupied range between two wall times of one date in Berlin."""
    row = Busy(resource_id, to_epoch(at(start, date)), to_epoch(at(end, date)), appointment_id=1)
    return replace(row, **changes)


def taken(assignment: Assignment) -> list[Busy]:
    """Return what an approved appointment occupies from then on."""
    start, end = to_epoch(assignment.occupied_start), to_epoch(assignment.occupied_end)
    each = zip(assignment.resource_ids, assignment.units, strict=True)
    return [Busy(r, start, end, units, appointment_id=1) for r, units in each]


def offers(
    of: Business,
    date: dt.date = MONDAY,
    last: dt.date | None = None,
    taken: Iterable[Busy] = (),
    **changes: Any,
) -> list[Offer]:
    return list_offers(
        of, request(of, **changes), first_date=date, last_date=last or date, busy=taken
    )


def times(
    of: Business,
    date: dt.date = MONDAY,
    last: dt.date | None = None,
    taken: Iterable[Busy] = (),
    **changes: Any,
) -> list[str]:
    """Return the offered starts as wall times of the business."""
    found = offers(of, date, last, taken, **changes)
    return [to_local(offer.starts_at, of.zone).strftime("%H:%M") for offer in found]


def verdict(
    of: Business, starts_at: dt.datetime, taken: Iterable[Busy] = (), **changes: Any
) -> Assignment | Refusal:
    return judge(of, request(of, **changes), starts_at, busy=taken)


def refusal(
    of: Business, starts_at: dt.datetime, taken: Iterable[Busy] = (), **changes: Any
) -> Refusal:
    found = verdict(of, starts_at, taken, **changes)
    assert isinstance(found, Refusal), f"approved: {found}"
    return found


def code(
    of: Business, starts_at: dt.datetime, taken: Iterable[Busy] = (), **changes: Any
) -> RefusalCode | None:
    """Return why a start is refused; None = it is approved."""
    found = verdict(of, starts_at, taken, **changes)
    return found.code if isinstance(found, Refusal) else None


def assigned(
    of: Business, starts_at: dt.datetime, taken: Iterable[Busy] = (), **changes: Any
) -> Assignment:
    found = verdict(of, starts_at, taken, **changes)
    assert isinstance(found, Assignment), f"refused: {found}"
    return found
