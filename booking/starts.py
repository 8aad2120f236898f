"""From the wall-clock start that a person asks for to an instant, or to why there is none."""

from __future__ import annotations

import datetime as dt

from booking.business import Business
from booking.localtime import Missing, Repeated, resolve_wall
from booking.refusals import Refusal, RefusalCode

# Beyond these years instants near the calendar's ends overflow in some zone.
_FIRST_YEAR, _LAST_YEAR = 1900, 9000


def resolve_start(business: Business, date: dt.date, time: dt.time) -> dt.datetime | Refusal:
    """Return the instant of a wall-clock start in the business's zone.

    Returns:
        The instant, or a refusal where that wall time doesn't exist (with the real times around
        it) or exists twice (with both instants).
    """
    if not _FIRST_YEAR <= date.year <= _LAST_YEAR:
        past = date.year < _FIRST_YEAR
        return Refusal(code=RefusalCode.PAST if past else RefusalCode.TOO_FAR)
    resolved = resolve_wall(date, time, business.zone)
    if isinstance(resolved, Missing):
        return Refusal(
            code=RefusalCode.NONEXISTENT_LOCAL_TIME, candidates=(resolved.before, resolved.after)
        )
    if isinstance(resolved, Repeated):
        return Refusal(
            code=RefusalCode.AMBIGUOUS_LOCAL_TIME, candidates=(resolved.first, resolved.second)
        )
    return resolved
