"""When a customer is reminded of an appointment."""

from __future__ import annotations

import datetime as dt

from booking.business import Policy
from booking.localtime import boundary, from_epoch, local_date
from booking.localtime import zone as zone_called


def reminder_times(policy: Policy, zone: str, starts_at: dt.datetime) -> tuple[dt.datetime, ...]:
    """Return the instants at which reminders of an appointment are due, earliest first.

    Lead times are elapsed minutes. "The day before at 10:00" is a wall time: in an hour that the
    clocks skip it is the instant of the change, in a repeated hour the first of the two.

    Args:
        zone: IANA zone of the wall time.
        starts_at: instant.
    """
    times = {starts_at - dt.timedelta(minutes=lead) for lead in policy.reminder_minutes}
    at = policy.reminder_day_before_at
    if at is not None:
        where = zone_called(zone)
        eve = local_date(starts_at, where) - dt.timedelta(days=1)
        times.add(from_epoch(boundary(eve, at.hour * 60 + at.minute, where)))
    return tuple(sorted(times))
