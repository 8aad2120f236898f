"""How results read to the model: local labels beside machine values, compact and capped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby

from pydantic import BaseModel, ConfigDict

from booking.appointment import Appointment
from booking.business import Business, DayInterval
from booking.localtime import is_repeated, to_local, utc_offset_label, zone
from booking.money import from_minor
from booking.refusals import Offer

MAX_TIMES = 40
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day_name(date: dt.date) -> str:
    """Return a date with its weekday as tools write it: "Tue 2026-12-01"."""
    return f"{WEEKDAYS[date.weekday()]} {date.isoformat()}"


def hours(intervals: Sequence[DayInterval]) -> str:
    """Return "10:00-12:00, 22:00-04:00 (next day)", or "closed"."""
    told = [
        f"{_wall(interval.opens)}-{_wall(interval.closes)}"
        + (" (next day)" if interval.closes <= interval.opens else "")
        for interval in sorted(intervals)
    ]
    return ", ".join(told) or "closed"


def _wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


class Day(BaseModel):
    """The free times of one local date, by part of the day."""

    model_config = ConfigDict(frozen=True)

    day: str
    morning: str | None = None
    afternoon: str | None = None
    evening: str | None = None


class AppointmentFacts(BaseModel):
    """An appointment as the model reads it."""

    model_config = ConfigDict(frozen=True)

    appointment: int
    service: str
    when: str
    staff: str | None
    price: str | None
    status: str
    seats: int | None = None


def when(instant: dt.datetime, business: Business) -> str:
    """Return "Tue 2026-12-01 14:00" in the business's zone, with the offset where it repeats."""
    local = to_local(instant, zone(business.zone))
    label = f"{day_name(local.date())} {local:%H:%M}"
    if is_repeated(instant, zone(business.zone)):
        label += f" ({utc_offset_label(instant, zone(business.zone))})"
    return label


def days(offers: Sequence[Offer], business: Business) -> tuple[list[Day], bool]:
    """Group offers by local date and part of day.

    Returns:
        The days, and whether times were left out to keep the result short.
    """
    tz = zone(business.zone)
    shown = offers[:MAX_TIMES]
    grouped = []
    for date, of_day in groupby(shown, key=lambda offer: to_local(offer.starts_at, tz).date()):
        parts: dict[str, list[str]] = {"morning": [], "afternoon": [], "evening": []}
        for offer in of_day:
            local = to_local(offer.starts_at, tz)
            part = "morning" if local.hour < 12 else "afternoon" if local.hour < 17 else "evening"
            offset = (
                f"({utc_offset_label(offer.starts_at, tz)})"
                if is_repeated(offer.starts_at, tz)
                else ""
            )
            left = "" if offer.places is None else f"({offer.places} left)"
            parts[part].append(f"{local:%H:%M}{offset}{left}")
        texts = {part: " ".join(times) or None for part, times in parts.items()}
        grouped.append(Day(day=day_name(date), **texts))
    return grouped, len(offers) > len(shown)


def price(minor: int | None, currency: str | None) -> str | None:
    """Return "35.00 EUR", or None where no price is told."""
    if minor is None or currency is None:
        return None
    return f"{from_minor(minor, currency)} {currency}"


def facts(appointment: Appointment, business: Business) -> AppointmentFacts:
    """Return an appointment as the model reads it."""
    staff = appointment.staff_name
    names = appointment.service_name
    return AppointmentFacts(
        appointment=appointment.id,
        service=names.get("en") or next(iter(names.values())),
        when=when(appointment.starts_at, business),
        staff=None if staff is None else staff.get("en") or next(iter(staff.values())),
        price=price(appointment.price_minor, appointment.currency),
        status=appointment.status.value,
        seats=appointment.seats if appointment.seats > 1 else None,
    )
