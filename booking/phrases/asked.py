"""When a text was written, as its relative dates and times are counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from booking.localtime import to_local

Later = Callable[[int], tuple[dt.date, dt.time] | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What relative dates and times are counted from.

    Args:
        today: the date that "tomorrow" follows.
        now_time: the business's wall time on that date; what is earlier than it is over.
        later: the business's wall clock so many elapsed minutes from now; None where there is no
            such date.
    """

    today: dt.date
    now_time: dt.time
    later: Later


def asked_at(instant: dt.datetime, business_zone: str, customer_zone: str | None = None) -> Asked:
    """Return what the words of a customer are counted from.

    "Tomorrow" is the business's unless the customer's zone is known; then it is theirs (booking
    rules, "customer's zone"). Times of day are the business's either way.

    Args:
        instant: now.
        business_zone, customer_zone: IANA names.
    """
    here = to_local(instant, business_zone)
    today = here.date() if customer_zone is None else to_local(instant, customer_zone).date()
    now_time = here.time()
    if today > here.date():
        now_time = dt.time.min  # the business hasn't reached that date: all of it is to come
    elif today < here.date():
        now_time = dt.time.max  # and there it is over

    def later(minutes: int) -> tuple[dt.date, dt.time] | None:
        try:
            wall = to_local(instant + dt.timedelta(minutes=minutes), business_zone)
        except OverflowError:
            return None
        return wall.date(), wall.time().replace(second=0, microsecond=0)

    return Asked(today, now_time, later)
