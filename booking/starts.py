"""From the wall-clock start that a person asks for to an instant, or to why there is none."""

from __future__ import annotations

import datetime as dt
import re

from booking.business import Business
from booking.localtime import Missing, Repeated, resolve_wall
from booking.refusals import Refusal, RefusalCode

# Beyond these years instants near the calendar's ends overflow in some zone.
_FIRST_YEAR, _LAST_YEAR = 1900, 9000
# "02:30 (UTC+01:00)" as times are told where they repeat, and an ISO time with its offset.
_TOLD = re.compile(
    r"(?<=\d:\d\d)(?:\s?\(?(?:UTC|GMT)\s?(?P<offset>[+−-]\d{1,2}(?::?\d{2})?)\)?"
    r"|(?P<plus>\+\d{2}:\d{2}))(?!\w)",
    re.ASCII | re.IGNORECASE,
)
_ISO = re.compile(
    r"(?<=T)(?P<time>\d{2}:\d{2}(?::\d{2})?)(?P<offset>[+-]\d{2}:\d{2}|Z)(?!\w)", re.ASCII
)


def split_offset(phrase: str) -> tuple[str, dt.timedelta | None]:
    """Return a phrase without the offset from UTC that stands beside its time, and the offset.

    Returns:
        The phrase as it is and None where there is no offset in it.
    """
    for pattern, kept in ((_TOLD, ""), (_ISO, r"\g<time>")):
        match = pattern.search(phrase)
        if match is not None:
            rest = phrase[: match.start()] + match.expand(kept) + phrase[match.end() :]
            return rest, _offset(match["offset"] or match["plus"])
    return phrase, None


def _offset(text: str) -> dt.timedelta:
    if text == "Z":
        return dt.timedelta(0)
    digits = text[1:].replace(":", "")
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    size = dt.timedelta(hours=int(hours), minutes=int(minutes))
    return size if text[0] == "+" else -size


def resolve_start(
    business: Business, date: dt.date, time: dt.time, offset: dt.timedelta | None = None
) -> dt.datetime | Refusal:
    """Return the instant of a wall-clock start in the business's zone.

    Args:
        offset: from UTC, where it was said with the time: it tells which of two equal wall times is
            meant, and that another clock than the business's is.

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
    if offset is not None:
        return dt.datetime.combine(date, time, dt.UTC) - offset
    if isinstance(resolved, Repeated):
        return Refusal(
            code=RefusalCode.AMBIGUOUS_LOCAL_TIME, candidates=(resolved.first, resolved.second)
        )
    return resolved
