"""What one would write first, for comparison: correct on this data, and slow.

Both give the starts that the engine gives; the benchmark checks it before it measures them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from zoneinfo import ZoneInfo

from sqlalchemy import text

from booking.business import Business, Service
from booking.localtime import day_bounds, zone
from db.store import UnitOfWork

Taken = list[tuple[dt.datetime, dt.datetime]]

_DAY_OF_ONE = text(
    """
    SELECT starts_at, ends_at, buffer_before_minutes, buffer_after_minutes FROM appointments
    WHERE business_id = :business_id AND staff_id = :staff_id
      AND status IN ('held', 'pending', 'confirmed')
      AND starts_at < :until AND ends_at > :since
    """
)
_EVERYTHING = text(
    """
    SELECT staff_id, starts_at, ends_at, buffer_before_minutes, buffer_after_minutes, status
    FROM appointments WHERE business_id = :business_id
    """
)


async def query_per_day_and_person(
    uow: UnitOfWork, service: Service, first: dt.date, last: dt.date, now: dt.datetime
) -> list[dt.datetime]:
    """Ask for the appointments of each day of each staff member, one query each."""
    business, where = uow.business, zone(uow.business.zone)
    starts: set[dt.datetime] = set()
    for staff in business.staff_of(service):
        day = first
        while day <= last:
            since, until = day_bounds(day, where)
            rows = await uow.session.execute(
                _DAY_OF_ONE,
                {
                    "business_id": business.id,
                    "staff_id": staff.id,
                    "since": since,
                    "until": until,
                },
            )
            taken = [_with_buffers(*row) for row in rows]
            starts |= _free_starts(business, service, day, where, taken, now)
            day += dt.timedelta(days=1)
    return sorted(starts)


async def fetch_everything(
    uow: UnitOfWork, service: Service, first: dt.date, last: dt.date, now: dt.datetime
) -> list[dt.datetime]:
    """Fetch the business's appointments and filter them here."""
    business, where = uow.business, zone(uow.business.zone)
    rows = await uow.session.execute(_EVERYTHING, {"business_id": business.id})
    by_staff: dict[int, Taken] = defaultdict(list)
    for staff_id, start, end, before, after, status in rows:
        if status in ("held", "pending", "confirmed") and end > now:
            by_staff[staff_id].append(_with_buffers(start, end, before, after))
    starts: set[dt.datetime] = set()
    for staff in business.staff_of(service):
        day = first
        while day <= last:
            taken = by_staff[staff.id]
            starts |= _free_starts(business, service, day, where, taken, now)
            day += dt.timedelta(days=1)
    return sorted(starts)


def _with_buffers(
    start: dt.datetime, end: dt.datetime, before: int, after: int
) -> tuple[dt.datetime, dt.datetime]:
    return start - dt.timedelta(minutes=before), end + dt.timedelta(minutes=after)


def _free_starts(
    business: Business,
    service: Service,
    day: dt.date,
    where: ZoneInfo,
    taken: Taken,
    now: dt.datetime,
) -> set[dt.datetime]:
    """Walk the day in steps and compare each start with everything that is taken."""
    step = dt.timedelta(minutes=service.step_minutes or business.policy.step_minutes)
    length = dt.timedelta(minutes=service.duration_minutes)
    after = dt.timedelta(minutes=service.buffer_after_minutes)
    midnight = day_bounds(day, where)[0]
    found = set()
    for interval in business.hours.get(day.weekday(), ()):
        start = midnight + dt.timedelta(minutes=interval.opens)
        closes = midnight + dt.timedelta(minutes=interval.closes)
        while start + length <= closes:
            if start >= now and not any(
                low < start + length + after and high > start for low, high in taken
            ):
                found.add(start)
            start += step
    return found
