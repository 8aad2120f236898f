"""Arithmetic on calendar dates: nearest days, months, weeks from Monday."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)
# A leap day is at most eight years away (1896-1904, 2096-2104).
_YEARS_AHEAD = 9


def date_or_none(year: int, month: int, day: int) -> dt.date | None:
    """Return the date, or None where the calendar has none."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def shift(date: dt.date, days: int) -> dt.date | None:
    """Return the date `days` later, or None beyond the calendar."""
    try:
        return date + dt.timedelta(days=days)
    except OverflowError:
        return None


def monday_of(date: dt.date) -> dt.date:
    """Return the Monday of the date's week."""
    return date - dt.timedelta(days=date.weekday())


def monday_of_week(year: int, week: int) -> dt.date | None:
    """Return the Monday of a week of ISO 8601 (1-53), or None where the year has no such week."""
    try:
        return dt.date.fromisocalendar(year, week, 1)
    except ValueError:
        return None


def nearest_weekday(today: dt.date, weekday: int) -> dt.date:
    """Return the first date from today on that falls on `weekday` (0 = Monday)."""
    return today + dt.timedelta(days=(weekday - today.weekday()) % 7)


def closest_weekday(date: dt.date, weekday: int) -> dt.date:
    """Return the date within three days of `date` that falls on `weekday`."""
    return nearest_weekday(date - 3 * DAY, weekday)


def add_months(date: dt.date, months: int) -> dt.date | None:
    """Return the same day `months` later, or the last day of a shorter month."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    for day in range(date.day, 27, -1):
        found = date_or_none(year, month + 1, day)
        if found is not None:
            return found
    return date_or_none(year, month + 1, date.day)


def month_bounds(today: dt.date, year: int, month: int) -> tuple[dt.date, dt.date]:
    """Return the first (not before today) and last date of a month that isn't over."""
    first = dt.date(year, month, 1)
    last = (add_months(first, 1) or dt.date.max) - DAY
    return (max(first, today) if last >= today else first), last


def nearest_day_of_month(today: dt.date, day: int) -> dt.date | None:
    """Return the first date from today on with that day of the month."""
    first = today.replace(day=1)
    for months in range(3):
        start = add_months(first, months)
        found = start and date_or_none(start.year, start.month, day)
        if found and found >= today:
            return found
    return None


def nearest_month_day(today: dt.date, month: int, day: int) -> dt.date | None:
    """Return the first date from today on with that month and day; None if there is none."""
    for year in range(today.year, today.year + _YEARS_AHEAD):
        found = date_or_none(year, month, day)
        if found and found >= today:
            return found
    return None


def easter(year: int) -> dt.date:
    """Return Easter Sunday of a year of the Gregorian calendar (the method of Meeus and Jones)."""
    century, rest = divmod(year, 100)
    leaps, by_four = divmod(century, 4)
    moon = century - (century + 8) // 25
    epact = (19 * (year % 19) + century - leaps - (moon + 1) // 3 + 15) % 30
    weekday = (32 + 2 * by_four + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (year % 19 + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


def eastern_easter(year: int) -> dt.date:
    """Return Easter Sunday of the eastern churches, as a date of the Gregorian calendar."""
    epact = (19 * (year % 19) + 15) % 30
    weekday = (2 * (year % 4) + 4 * (year % 7) - epact + 34) % 7
    month, day = divmod(epact + weekday + 114, 31)
    # By then the Julian calendar is behind by so many days.
    behind = year // 100 - year // 400 - 2
    return dt.date(year, month, day + 1) + behind * DAY


def nearest_feast(
    today: dt.date, after_easter: int, sunday_of: Callable[[int], dt.date] = easter
) -> dt.date | None:
    """Return the first date from today on that is so many days after an Easter Sunday."""
    for year in range(today.year, min(today.year + 2, dt.MAXYEAR)):
        found = shift(sunday_of(year), after_easter)
        if found is not None and found >= today:
            return found
    return None
