"""The independent oracle: free starts by PostgreSQL's multiranges, for services of one resource.

It shares with the engine only the instants of opening and closing times: those are local time,
which SQL resolves otherwise in a repeated hour (booking rules, "local time").
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import DateTime, Interval, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import Business, Resource, Service
from booking.localtime import boundary, day_bounds, from_epoch, local_date, zone

_DAY = dt.timedelta(days=1)
# No opening of the tests lasts longer: each week has a day on which nothing starts.
_LOOK_BACK = 16 * _DAY

_FREE = text(
    """
    WITH open AS (
        SELECT unnest(range_agg(tstzrange(a, b))) AS span FROM unnest(:opens, :closes) AS t (a, b)
    ), taken AS (
        SELECT coalesce(range_agg(during), '{}') AS spans FROM occupancies
        WHERE resource_id = :resource AND active AND coalesce(expires_at > :now, true)
    ), grid AS (
        SELECT span, generate_series(lower(span), upper(span), :step) AS start FROM open
    )
    SELECT start FROM grid, taken
    WHERE span @> tstzrange(start, start + :duration)
      AND NOT spans && tstzrange(start - :before, start + :duration + :after)
      AND start >= :earliest AND start >= :since AND start < :until
    """
).bindparams(
    *(bindparam(n, type_=ARRAY(DateTime(timezone=True))) for n in ("opens", "closes")),
    *(bindparam(n, type_=DateTime(timezone=True)) for n in ("now", "earliest", "since", "until")),
    *(bindparam(n, type_=Interval()) for n in ("step", "duration", "before", "after")),
)


async def free_starts(
    session: AsyncSession,
    business: Business,
    service: Service,
    resource: Resource,
    dates: tuple[dt.date, dt.date],
    now: dt.datetime,
) -> set[dt.datetime]:
    """Return the instants at which a service can start with one resource of one unit.

    Args:
        dates: first and last business-local date of the starts.
        now: instant.
    """
    policy = business.policy
    last = min(dates[1], local_date(now, business.zone) + policy.horizon_days * _DAY)
    spans = _open_spans(business, resource, dates[0] - _LOOK_BACK, last + 2 * _DAY)
    step = policy.step_minutes if service.step_minutes is None else service.step_minutes
    found = await session.scalars(
        _FREE,
        {
            "opens": [start for start, _ in spans],
            "closes": [end for _, end in spans],
            "resource": resource.id,
            "now": now,
            "step": dt.timedelta(minutes=step),
            "duration": dt.timedelta(minutes=service.duration_minutes),
            "before": dt.timedelta(minutes=service.buffer_before_minutes),
            "after": dt.timedelta(minutes=service.buffer_after_minutes),
            "earliest": now + dt.timedelta(minutes=policy.min_notice_minutes),
            "since": day_bounds(dates[0], business.zone)[0],
            "until": day_bounds(last, business.zone)[1],
        },
    )
    return set(found)


def _open_spans(
    business: Business, resource: Resource, first: dt.date, last: dt.date
) -> list[tuple[dt.datetime, dt.datetime]]:
    where = zone(resource.zone or business.zone)
    weekly = business.hours if resource.hours is None else resource.hours
    spans = []
    for n in range((last - first).days + 1):
        date = first + n * _DAY
        intervals = weekly.get(date.weekday(), ())
        for exceptions in (business.exceptions, resource.exceptions):
            intervals = exceptions.get(date, intervals)
        for interval in intervals:
            end = interval.closes + (1440 if interval.closes <= interval.opens else 0)
            bounds = boundary(date, interval.opens, where), boundary(date, end, where)
            if bounds[0] < bounds[1]:
                spans.append((from_epoch(bounds[0]), from_epoch(bounds[1])))
    return spans
