"""Arithmetic on calendar dates: nearest days, months, weeks from Monday."""

from __future__ import annotations

import datetime as dt

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
