"""Which appointments a new edition leaves without their time, person, room or service."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from booking.appointment import Appointment
from booking.business import Business, DayInterval, LocalText, Policy, Resource, Service
from booking.business_conflicts import Reason, conflicts
from booking.lanes import Busy
from booking.localtime import to_epoch
from booking.status import AppointmentStatus

ANNA, ROOM, CLASS = 1, 2, 3
CUT, YOGA, EXAM = 10, 11, 12
WEEK = {day: (DayInterval(10 * 60, 18 * 60),) for day in range(5)}


def text(word: str) -> LocalText:
    return LocalText({"en": word})


def service(service_id: int, **resource_ids: tuple[int, ...]) -> Service:
    return Service(
        id=service_id,
        slug=f"s{service_id}",
        name=text("S"),
        duration_minutes=60,
        resource_ids=resource_ids,
    )


BUSINESS = Business(
    id=1,
    slug="b",
    name=text("B"),
    zone="Europe/Berlin",
    languages=("en",),
    hours=WEEK,
    services=(
        service(CUT, staff=(ANNA,)),
        service(YOGA, **{"class": (CLASS,)}),
        service(EXAM, staff=(ANNA,), room=(ROOM,)),
    ),
    resources=(
        Resource(id=ANNA, slug="anna", kind="staff", name=text("Anna")),
        Resource(id=ROOM, slug="room", kind="room", name=text("Room")),
        Resource(id=CLASS, slug="class", kind="class", name=text("Class"), capacity=3),
    ),
)


def berlin(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """November 2026, where Berlin is at UTC+01:00; the 23rd is a Monday."""
    return dt.datetime(2026, 11, day, hour - 1, minute, tzinfo=dt.UTC)


def appointment(
    number: int, service_id: int, starts_at: dt.datetime, *resource_ids: int
) -> Appointment:
    return Appointment(
        id=number,
        business_id=1,
        customer_id=1,
        service_id=service_id,
        service_name={"en": "S"},
        staff_id=None,
        staff_name=None,
        status=AppointmentStatus.CONFIRMED,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(hours=1),
        zone="Europe/Berlin",
        duration_minutes=60,
        buffer_before_minutes=0,
        buffer_after_minutes=0,
        price_minor=None,
        currency=None,
        resource_ids=resource_ids,
        notes=None,
        version=1,
        expires_at=None,
        created_at=starts_at,
        updated_at=starts_at,
    )


def busy(*appointments: Appointment, units: int = 1) -> list[Busy]:
    return [
        Busy(
            resource_id=resource_id,
            start=to_epoch(a.starts_at),
            end=to_epoch(a.ends_at),
            units=units,
            blocked=False,
            appointment_id=a.id,
        )
        for a in appointments
        for resource_id in a.resource_ids
    ]


def resource(resource_id: int, **changed: Any) -> Business:
    return dataclasses.replace(
        BUSINESS,
        resources=tuple(
            dataclasses.replace(r, **changed) if r.id == resource_id else r
            for r in BUSINESS.resources
        ),
    )


def found(after: Business, *appointments: Appointment, before: Business = BUSINESS) -> Any:
    return {
        conflict.appointment.id: [*conflict.reasons]
        for conflict in conflicts(before, after, appointments, busy(*appointments))
    }


MONDAY = appointment(1, CUT, berlin(23, 17), ANNA)
EXAM_MONDAY = appointment(2, EXAM, berlin(23, 10), ANNA, ROOM)
SEATS = [appointment(n, YOGA, berlin(24, 12), CLASS) for n in (5, 6, 7)]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (BUSINESS, {}),
        # 17:00-18:00 fits to the minute, and not when the day ends a minute earlier
        (
            resource(ANNA, hours={0: (DayInterval(17 * 60, 18 * 60),)}),
            {2: [(Reason.OUTSIDE_HOURS, ANNA)]},
        ),
        (
            dataclasses.replace(BUSINESS, hours={**WEEK, 0: (DayInterval(600, 1079),)}),
            {1: [(Reason.OUTSIDE_HOURS, ANNA)]},
        ),
        (
            dataclasses.replace(BUSINESS, exceptions={dt.date(2026, 11, 23): ()}),
            {1: [(Reason.OUTSIDE_HOURS, ANNA)], 2: [(Reason.OUTSIDE_HOURS, ANNA)]},
        ),
        # an hour further east the shop closes an hour earlier
        (dataclasses.replace(BUSINESS, zone="Europe/Athens"), {1: [(Reason.OUTSIDE_HOURS, ANNA)]}),
        (resource(ROOM, hours={1: (DayInterval(0, 1440),)}), {2: [(Reason.OUTSIDE_HOURS, ROOM)]}),
        (resource(ROOM, active=False), {2: [(Reason.RESOURCE_GONE, ROOM)]}),
        (
            dataclasses.replace(
                BUSINESS, services=(dataclasses.replace(BUSINESS.services[0], active=False),)
            ),
            {
                1: [(Reason.SERVICE_GONE, None)],
                2: [(Reason.SERVICE_GONE, None)],
                5: [(Reason.SERVICE_GONE, None)],
                6: [(Reason.SERVICE_GONE, None)],
                7: [(Reason.SERVICE_GONE, None)],
            },
        ),
        (
            dataclasses.replace(
                BUSINESS,
                services=(service(CUT, room=(ROOM,)), *BUSINESS.services[1:]),
            ),
            {1: [(Reason.NOT_ITS_SERVICE, ANNA)]},
        ),
        (
            dataclasses.replace(
                BUSINESS,
                services=(service(CUT, staff=(ANNA,), room=(ROOM,)), *BUSINESS.services[1:]),
            ),
            {1: [(Reason.LACKS_RESOURCE, None)]},
        ),
        (resource(CLASS, capacity=12), {}),
        (
            resource(CLASS, capacity=2),
            {n: [(Reason.OVER_CAPACITY, CLASS)] for n in (5, 6, 7)},
        ),
        # what an edition doesn't touch
        (dataclasses.replace(BUSINESS, policy=Policy(step_minutes=45)), {}),
    ],
)
def test_what_no_longer_fits(after: Business, expected: dict[int, Any]) -> None:
    assert found(after, MONDAY, EXAM_MONDAY, *SEATS) == expected


def test_a_night_that_is_cut_at_midnight() -> None:
    before = dataclasses.replace(BUSINESS, hours={4: (DayInterval(20 * 60, 2 * 60),)})
    night = appointment(
        1, CUT, dt.datetime(2026, 11, 27, 23, 30, tzinfo=dt.UTC), ANNA
    )  # Saturday 00:30
    assert found(before, night, before=before) == {}
    after = dataclasses.replace(BUSINESS, hours={4: (DayInterval(20 * 60, 1440),)})
    assert found(after, night, before=before) == {1: [(Reason.OUTSIDE_HOURS, ANNA)]}
    touching = {4: (DayInterval(20 * 60, 1440),), 5: (DayInterval(0, 120),)}
    assert found(dataclasses.replace(BUSINESS, hours=touching), night, before=before) == {}


def test_what_did_not_fit_before_is_not_told_again() -> None:
    sunday = appointment(1, CUT, berlin(22, 12), ANNA)  # the owner's own choice
    shorter = dataclasses.replace(BUSINESS, hours={**WEEK, 0: ()})
    assert found(shorter, sunday) == {}


def test_the_peak_counts_not_the_rows() -> None:
    """Three one after the other never take more than one seat."""
    row = [appointment(n, YOGA, berlin(24, 10 + n), CLASS) for n in range(3)]
    assert found(resource(CLASS, capacity=1), *row) == {}


def test_units_of_one_appointment_count() -> None:
    party = appointment(1, YOGA, berlin(24, 12), CLASS)
    rows = busy(party, units=3)
    for capacity, expected in ((3, []), (2, [1])):
        told = conflicts(BUSINESS, resource(CLASS, capacity=capacity), [party], rows)
        assert [conflict.appointment.id for conflict in told] == expected


def test_in_the_order_of_time() -> None:
    closed = dataclasses.replace(BUSINESS, hours={})
    later = appointment(1, CUT, berlin(24, 10), ANNA)
    earlier = appointment(2, CUT, berlin(23, 10), ANNA)
    assert [*found(closed, later, earlier)] == [2, 1]
