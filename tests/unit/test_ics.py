"""Calendar files, read back: times over change days, zones, versions, escapes."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

import pytest
from icalendar import Calendar, Event, Timezone

from assistant.ics import Entry, appointment_ics, calendar_ics
from booking.appointment import Appointment
from booking.business import Business, Contact, LocalText
from booking.localtime import from_epoch, to_epoch, to_local, zone
from booking.status import AppointmentStatus

UTC = dt.UTC


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def shop(where: str, **changes: Any) -> Business:
    fields: dict[str, Any] = {
        "id": 1,
        "slug": "north",
        "name": LocalText({"en": "North; Barbers, Ltd", "de": "Nord"}),
        "zone": where,
        "languages": ("en", "de"),
        "hours": {},
        "services": (),
        "resources": (),
        "address": LocalText({"en": "Allee 12, Berlin"}),
        "contact": Contact(phone="+49 30 1"),
    }
    return Business(**{**fields, **changes})


def visit(start: dt.datetime, where: str, *, minutes: int = 45, **changes: Any) -> Appointment:
    fields: dict[str, Any] = {
        "id": 12,
        "business_id": 1,
        "customer_id": 3,
        "service_id": 1,
        "service_name": {"en": "Haircut", "de": "Haarschnitt"},
        "staff_id": 1,
        "staff_name": {"en": "Anna"},
        "status": AppointmentStatus.CONFIRMED,
        "starts_at": start.astimezone(UTC),
        "ends_at": (start + dt.timedelta(minutes=minutes)).astimezone(UTC),
        "zone": where,
        "duration_minutes": minutes,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 15,
        "price_minor": 3500,
        "currency": "EUR",
        "resource_ids": (1,),
        "notes": "private words",
        "version": 2,
        "expires_at": None,
        "created_at": instant("2026-01-02T03:04:05Z"),
        "updated_at": instant("2026-01-03T03:04:05Z"),
    }
    return Appointment(**{**fields, **changes})


def read(data: bytes) -> tuple[Calendar, Event]:
    calendar = Calendar.from_ical(data)
    [event] = calendar.walk("VEVENT")
    return calendar, event


# The change days of 2026 in zones with odd ones: 02:00, midnight, half an hour, the south.
CHANGES = [
    ("Europe/Berlin", "2026-03-29T01:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00Z"),
    ("America/New_York", "2026-03-08T07:00Z"),
    ("America/New_York", "2026-11-01T06:00Z"),
    ("Africa/Cairo", "2026-04-23T22:00Z"),
    ("Africa/Cairo", "2026-10-29T21:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30Z"),
    ("America/Santiago", "2026-04-05T03:00Z"),
    ("America/Santiago", "2026-09-06T04:00Z"),
    ("Asia/Kathmandu", "2026-06-01T00:00Z"),
]


@pytest.mark.parametrize(("where", "change"), CHANGES)
@pytest.mark.parametrize("hours", [-26, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 26])
def test_the_instants_come_back_around_a_change(where: str, change: str, hours: float) -> None:
    """Read with the file's own VTIMEZONE: what a calendar without our zones would understand."""
    row = visit(instant(change) + dt.timedelta(hours=hours), where)
    calendar, event = read(appointment_ics(row, shop(where), "en"))
    for name, expected in (("dtstart", row.starts_at), ("dtend", row.ends_at)):
        prop = event[name]
        if "TZID" not in prop.params:
            assert prop.dt == expected
            assert prop.dt.utcoffset() == dt.timedelta(0)
            continue
        assert prop.params["TZID"] == where
        [component] = calendar.walk("VTIMEZONE")
        wall = prop.dt.replace(tzinfo=None)
        assert wall - offset_of(component, wall) == expected.replace(tzinfo=None)


def offset_of(component: Timezone, wall: dt.datetime) -> dt.timedelta:
    """The offset of a wall time by RFC 5545, 3.6.5: that of the last onset before it.

    A wall time in a repeated hour is its first occurrence (3.3.5), so an onset that sets the
    clock back counts only from the end of the hour that comes twice.
    """
    onsets = sorted((part["dtstart"].dt, part["tzoffsetto"].td) for part in component.subcomponents)
    return [offset for at, offset in onsets if at <= wall][-1]


@pytest.mark.parametrize(("where", "change"), CHANGES)
def test_the_zone_says_when_the_clocks_change(where: str, change: str) -> None:
    at = to_epoch(instant(change))
    row = visit(instant("2026-06-01T10:00Z"), where)
    calendar, _ = read(appointment_ics(row, shop(where), "en"))
    [component] = calendar.walk("VTIMEZONE")
    onsets = {
        to_epoch((part["dtstart"].dt - part["tzoffsetfrom"].td).replace(tzinfo=UTC)): (
            part["tzoffsetfrom"].td,
            part["tzoffsetto"].td,
        )
        for part in component.subcomponents
    }
    before, after = (to_local(from_epoch(at + n), zone(where)).utcoffset() for n in (-1, 0))
    if before == after:  # a zone without changes has one observance
        assert len(onsets) == 1
    else:
        assert onsets[at] == (before, after)


def test_the_second_of_two_equal_wall_times_is_told_in_utc() -> None:
    where = "Europe/Berlin"
    first, second = instant("2026-10-25T00:30Z"), instant("2026-10-25T01:30Z")
    starts = [
        read(appointment_ics(visit(at, where, minutes=15), shop(where), "en"))[1]
        for at in (first, second)
    ]
    assert starts[0]["dtstart"].to_ical() == b"20261025T023000"
    assert starts[0]["dtstart"].params["TZID"] == "Europe/Berlin"
    assert starts[1]["dtstart"].to_ical() == b"20261025T013000Z"


def test_one_appointment_keeps_its_uid_and_counts_its_versions() -> None:
    where = "Europe/Berlin"
    row = visit(instant("2026-11-24T09:00Z"), where)
    moved = visit(instant("2026-11-25T09:00Z"), where, version=3)
    gone = visit(
        instant("2026-11-25T09:00Z"),
        where,
        version=4,
        status=AppointmentStatus.CANCELLED,
        cancelled_by="owner",
    )
    files = [read(appointment_ics(each, shop(where), "en")) for each in (row, moved, gone)]
    assert {str(event["uid"]) for _, event in files} == {
        "appointment-12.north@booking-assistant.invalid"
    }
    assert [event["sequence"] for _, event in files] == [1, 2, 3]
    assert [str(calendar["method"]) for calendar, _ in files] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [str(event["status"]) for _, event in files] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    for _, event in files:
        for name in ("dtstamp", "last-modified"):
            assert event[name].to_ical() == b"20260103T030405Z"
        assert {"organizer", "attendee"} <= {name.lower() for name in event}


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (AppointmentStatus.PENDING, ("REQUEST", "TENTATIVE")),
        (AppointmentStatus.COMPLETED, ("REQUEST", "CONFIRMED")),
        (AppointmentStatus.DECLINED, ("CANCEL", "CANCELLED")),
        (AppointmentStatus.EXPIRED, ("CANCEL", "CANCELLED")),
    ],
)
def test_each_status_is_one_of_the_calendars(
    status: AppointmentStatus, told: tuple[str, str]
) -> None:
    row = visit(instant("2026-11-24T09:00Z"), "Europe/Berlin", status=status)
    calendar, event = read(appointment_ics(row, shop("Europe/Berlin"), "en"))
    assert (str(calendar["method"]), str(event["status"])) == told


def test_texts_are_escaped_and_long_lines_folded() -> None:
    name = "Long; with, signs \\ and\nlines — очень длинное название услуги" * 2
    row = visit(instant("2026-11-24T09:00Z"), "Europe/Berlin", service_name={"en": name})
    data = appointment_ics(row, shop("Europe/Berlin"), "en")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    _, event = read(data)
    assert str(event["summary"]) == f"{' '.join(name.split())} · North; Barbers, Ltd"
    assert str(event["location"]) == "Allee 12, Berlin"
    assert str(event["description"]).endswith("Anna\n€35.00\n#12\n+49 30 1")
    assert "private words" not in data.decode()


def test_no_control_character_of_a_name_gets_into_the_file() -> None:
    name = "Ада\r\nATTENDEE:mailto:a@b\x0b\x07\x1b[31m\u2028x"
    row = visit(instant("2026-11-24T09:00Z"), "Europe/Berlin")
    entries = [Entry(row, name, "\x00+49\x7f 1")]
    data = calendar_ics(entries, shop("Europe/Berlin"), "en").decode()
    assert all(unicodedata.category(char) != "Cc" for char in data.replace("\r\n", ""))
    [event] = Calendar.from_ical(data).walk("VEVENT")
    assert str(event["summary"]).endswith("Ада ATTENDEE:mailto:a@b [31m x")
    assert "attendee" not in event
    assert str(event["description"]).endswith("+49 1")


def test_the_words_are_in_the_language_asked_for() -> None:
    row = visit(instant("2026-11-24T09:00Z"), "Europe/Berlin")
    _, event = read(appointment_ics(row, shop("Europe/Berlin"), "de"))
    assert str(event["summary"]) == "Haarschnitt · Nord"


def test_the_owners_calendar_names_the_customers() -> None:
    where = "Europe/Berlin"
    rows = [
        visit(instant("2026-11-24T09:00Z"), where, id=1),
        visit(instant("2028-11-24T09:00Z"), where, id=2, status=AppointmentStatus.NO_SHOW),
    ]
    data = calendar_ics([Entry(row, "Ada", "+49 1") for row in rows], shop(where), "en")
    calendar = Calendar.from_ical(data)
    assert str(calendar["method"]) == "PUBLISH"
    assert [str(e["summary"]) for e in calendar.walk("VEVENT")] == ["Haircut · Ada"] * 2
    assert len(calendar.walk("VTIMEZONE")) == 1
    assert Calendar.from_ical(calendar_ics([], shop(where), "en")).walk("VEVENT") == []
