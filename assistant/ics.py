"""Appointments as iCalendar objects (RFC 5545, RFC 5546).

The library's own way from a zone to a VTIMEZONE puts the start of summer time an hour late, since
it looks for it on the wall clock; here the changes come from `booking.localtime`, as instants.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vText,
)

from assistant.labels import named, one_line, price_label
from booking.appointment import Appointment
from booking.business import Business
from booking.localtime import is_repeated, to_local, transitions, zone
from booking.status import AppointmentStatus

# Never resolves (RFC 2606): a UID names an appointment, it is no address.
UID_DOMAIN = "booking-assistant.invalid"
_PRODUCT = "-//Booking assistant//Appointments//EN"
_S = AppointmentStatus
_STATUS = {
    _S.HELD: "TENTATIVE",
    _S.PENDING: "TENTATIVE",
    _S.CONFIRMED: "CONFIRMED",
    _S.COMPLETED: "CONFIRMED",
    _S.NO_SHOW: "CONFIRMED",
    _S.CANCELLED: "CANCELLED",
    _S.DECLINED: "CANCELLED",
    _S.EXPIRED: "CANCELLED",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An appointment of an owner's calendar, with what it is called there.

    Args:
        customer: the customer's name; it stands in the summary.
        contact: how to reach them; it stands in the description.
    """

    appointment: Appointment
    customer: str | None = None
    contact: str | None = None


def appointment_ics(appointment: Appointment, business: Business, language: str) -> bytes:
    """Return one appointment as a file for the customer's calendar.

    Its UID stays the same for the appointment's whole life and its SEQUENCE grows with each
    version, so that a later file replaces the earlier entry (RFC 5546, 3.2).

    Args:
        language: ISO 639-1 code of the words; an unknown one gets English.

    Returns:
        UTF-8 text with METHOD REQUEST, or CANCEL where the appointment will not take place.
    """
    cancelled = _STATUS[appointment.status] == "CANCELLED"
    event = _event(Entry(appointment), business, language)
    event.add("organizer", _organizer(business, language))
    attendee = vCalAddress(_pseudonym(f"customer-{appointment.customer_id}", business))
    event.add("attendee", attendee)
    return _calendar([event], [appointment], "CANCEL" if cancelled else "REQUEST")


def calendar_ics(entries: Iterable[Entry], business: Business, language: str) -> bytes:
    """Return many appointments as the owner's calendar (METHOD PUBLISH), cancelled ones marked.

    Args:
        language: ISO 639-1 code of the words; an unknown one gets English.
    """
    listed = list(entries)
    events = [_event(entry, business, language) for entry in listed]
    for event in events:
        event.add("organizer", _organizer(business, language))
    return _calendar(events, [entry.appointment for entry in listed], "PUBLISH")


def uid_of(appointment: Appointment, business: Business) -> str:
    """Return the UID of an appointment: the same for its whole life."""
    return f"appointment-{appointment.id}.{business.slug}@{UID_DOMAIN}"


def _calendar(events: Sequence[Event], rows: Sequence[Appointment], method: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for name in sorted({row.zone for row in rows if _is_local(row)}):
        years = [row.starts_at.year for row in rows if row.zone == name]
        calendar.add_component(_timezone(name, min(years) - 1, max(years) + 1))
    for event in events:
        calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data


def _event(entry: Entry, business: Business, language: str) -> Event:
    row = entry.appointment
    event = Event()
    event.add("uid", uid_of(row, business))
    event.add("sequence", row.version - 1)
    # With its own clock a file would differ each time that it's made.
    event.add("dtstamp", row.updated_at.astimezone(dt.UTC))
    event.add("created", row.created_at.astimezone(dt.UTC))
    event.add("last-modified", row.updated_at.astimezone(dt.UTC))
    event.add("dtstart", _moment(row, row.starts_at))
    event.add("dtend", _moment(row, row.ends_at))
    event.add("status", _STATUS[row.status])
    service, where = named(row.service_name, language), one_line(business.name.get(language))
    event.add("summary", _plain(f"{service} · {entry.customer or where}"))
    if business.address is not None:
        event.add("location", _plain(business.address.get(language)))
    event.add("description", "\n".join(map(_plain, _description(entry, business, language))))
    return event


def _plain(text: str) -> str:
    """Return a text in one line without what a TEXT can't hold (RFC 5545, 3.3.11: no controls)."""
    return "".join(char for char in one_line(text) if unicodedata.category(char) != "Cc")


def _description(entry: Entry, business: Business, language: str) -> list[str]:
    row = entry.appointment
    lines = [named(row.service_name, language)]
    if row.staff_name:
        lines.append(named(row.staff_name, language))
    if row.price_minor is not None and row.currency is not None:
        lines.append(price_label(row.price_minor, row.currency, language))
    lines.append(f"#{row.id}")
    contact = entry.contact or (None if entry.customer else business.contact.first())
    return [*lines, one_line(contact)] if contact else lines


def _is_local(row: Appointment) -> bool:
    """Return whether its times can be told on the wall clock.

    A wall time that comes twice means its first occurrence (RFC 5545, 3.3.5), so an appointment
    that touches the second one is told in UTC.
    """
    where = zone(row.zone)
    return not any(
        is_repeated(instant, where) and to_local(instant, where).fold
        for instant in (row.starts_at, row.ends_at)
    )


def _moment(row: Appointment, instant: dt.datetime) -> dt.datetime:
    return to_local(instant, zone(row.zone)) if _is_local(row) else instant.astimezone(dt.UTC)


def _organizer(business: Business, language: str) -> vCalAddress:
    email = business.contact.email
    organizer = vCalAddress(f"mailto:{email}" if email else _pseudonym("organizer", business))
    organizer.params["CN"] = vText(one_line(business.name.get(language)))
    return organizer


def _pseudonym(who: str, business: Business) -> str:
    """Return a calendar address that says nothing: these people are reached in the chat."""
    return uuid.uuid5(uuid.NAMESPACE_DNS, f"{who}.{business.slug}.{UID_DOMAIN}").urn


@lru_cache(maxsize=64)
def _timezone(name: str, first_year: int, last_year: int) -> Timezone:
    """Return a zone's offsets from the first day of one year to the last day of another."""
    component = Timezone()
    component.add("tzid", name)
    since = dt.datetime(first_year, 1, 1, tzinfo=dt.UTC)
    until = dt.datetime(last_year + 1, 1, 1, tzinfo=dt.UTC)
    for change in transitions(name, since, until):
        part = TimezoneDaylight() if change.is_daylight else TimezoneStandard()
        # The onset is told on the clock that was in force before it (RFC 5545, 3.6.5).
        part.add("dtstart", change.onset)
        part.add("tzoffsetfrom", change.before)
        part.add("tzoffsetto", change.after)
        part.add("tzname", change.name)
        component.add_component(part)
    return component
