"""Seats, the owner's hand, and how an appointment ends, on real PostgreSQL."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from booking.appointment import Appointment
from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus
from db.store import Store
from tests.conftest import MovableClock
from tests.founding import founded
from tests.integration.life_support import (
    HOUR,
    TEN,
    TUESDAY,
    block,
    book,
    booked,
    change,
    get,
    move,
    person,
    resource,
    scalar,
    shop,
)

S = AppointmentStatus


@pytest.fixture
async def business(store: Store) -> Business:
    return await founded(store, shop(max_active=2))


def refused(outcome: object) -> RefusalCode:
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


# --- seats


async def test_a_party_takes_its_seats_and_the_listing_tells_what_is_left(
    store: Store, business: Business
) -> None:
    who = await person(store, business, 1)
    row = await booked(store, business, who, service="yoga", seats=3)
    assert (row.seats, (await get(store, business, row.id)).seats) == (3, 3)
    assert await scalar(store, business, "SELECT units FROM occupancies") == 3

    async def listed(seats: int) -> dict[dt.datetime, int | None]:
        offers = await store.run(
            business,
            lambda uow: uow.appointments.get_available_slots(TUESDAY, service="yoga", seats=seats),
        )
        return {offer.starts_at: offer.places for offer in offers}

    assert (await listed(2))[TEN] == 2
    assert (await listed(1))[TEN + HOUR] == 5
    assert TEN not in await listed(3)
    other = await person(store, business, 2)
    too_many = await book(store, business, other, service="yoga", seats=3)
    assert refused(too_many) is RefusalCode.CAPACITY_EXCEEDED
    assert isinstance(await book(store, business, other, service="yoga", seats=2), Appointment)
    haircuts = await store.run(
        business, lambda uow: uow.appointments.get_available_slots(TUESDAY, service="haircut")
    )
    assert {offer.places for offer in haircuts} == {None}


async def test_limits_count_appointments_not_seats(store: Store, business: Business) -> None:
    who = await person(store, business, 1)
    for n in range(2):
        await booked(store, business, who, TEN + n * HOUR, service="yoga", seats=5)
    third = await book(store, business, who, TEN + 3 * HOUR, service="yoga")
    assert refused(third) is RefusalCode.LIMIT_REACHED


async def test_a_moved_party_keeps_its_seats(store: Store, business: Business) -> None:
    one, two = await person(store, business, 1), await person(store, business, 2)
    row = await booked(store, business, one, service="yoga", seats=3)
    await booked(store, business, two, TEN + 2 * HOUR, service="yoga", seats=3)
    assert refused(await move(store, business, row, TEN + 2 * HOUR)) == "capacity_exceeded"
    moved = await move(store, business, row, TEN + dt.timedelta(minutes=30))
    assert isinstance(moved, Appointment)
    assert moved.seats == 3
    units = "SELECT sum(units) FROM occupancies WHERE active"
    assert await scalar(store, business, units) == 6


@pytest.mark.parametrize("seats", [0, -1])
async def test_no_seat_is_no_appointment(store: Store, business: Business, seats: int) -> None:
    who = await person(store, business, 1)
    with pytest.raises(ValueError, match="1 seat or more"):
        await book(store, business, who, service="yoga", seats=seats)


async def test_the_trigger_past_the_locks_is_a_refusal(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two parties at one moment that judge alike: the second meets the trigger, not an error."""
    one, two = await person(store, business, 1), await person(store, business, 2)
    row = await booked(store, business, two, TEN + 2 * HOUR, service="yoga", seats=3)
    await booked(store, business, one, service="yoga", seats=3)

    async def nothing_is_taken(*_: object, **__: object) -> list[object]:
        return []

    monkeypatch.setattr("db.repositories.calendar.read_busy", nothing_is_taken)
    late = await book(store, business, two, service="yoga", seats=3)
    assert refused(late) is RefusalCode.CAPACITY_EXCEEDED
    assert refused(await move(store, business, row, TEN)) is RefusalCode.CAPACITY_EXCEEDED
    assert await scalar(store, business, "SELECT count(*) FROM appointments") == 2
    assert await get(store, business, row.id) == row


# --- the owner


async def test_the_owner_books_past_the_customers_rules_but_not_past_what_is_taken(
    store: Store, business: Business
) -> None:
    anna, who = resource(business, "anna"), await person(store, business, 1)
    odd = dt.datetime(2026, 11, 22, 2, 7, tzinfo=dt.UTC)  # Sunday night, on no grid
    for n in range(3):  # past the limit of two
        row = await booked(
            store, business, who, odd + n * HOUR, by_owner=True, staff_id=anna, seats=1
        )
        assert row.status is S.CONFIRMED
    actor = "SELECT DISTINCT actor FROM appointment_events"
    assert await scalar(store, business, actor) == "owner"
    far = await book(store, business, who, TEN + dt.timedelta(days=400), by_owner=True)
    assert isinstance(far, Appointment)
    other = await person(store, business, 2)
    twice = await book(store, business, other, odd, by_owner=True, staff_id=anna)
    assert refused(twice) is RefusalCode.SLOT_TAKEN
    await block(store, business, TEN, TEN + HOUR)
    assert refused(await book(store, business, other, TEN, by_owner=True)) == "slot_taken"
    past = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
    assert refused(await book(store, business, other, past, by_owner=True)) == "past"


async def test_the_owner_needs_nobodys_approval(store: Store, business: Business) -> None:
    who = await person(store, business, 1)
    row = await booked(store, business, who, service="colouring", by_owner=True)
    assert (row.status, row.expires_at) == (S.CONFIRMED, None)


async def test_the_owner_moves_past_the_customers_rules(
    store: Store, business: Business, clock: MovableClock
) -> None:
    anna = resource(business, "anna")
    who, other = await person(store, business, 1), await person(store, business, 2)
    row = await booked(store, business, who, staff_id=anna)
    taken = await booked(store, business, other, TEN + 2 * HOUR, staff_id=anna)
    clock.instant = TEN - dt.timedelta(minutes=5)
    assert refused(await move(store, business, row, TEN + HOUR)) == "cancel_window_passed"
    night = TEN + dt.timedelta(hours=14, minutes=3)
    assert refused(await move(store, business, row, taken.starts_at, customer_id=None)) == (
        RefusalCode.SLOT_TAKEN
    )
    moved = await move(store, business, row, night, customer_id=None)
    assert isinstance(moved, Appointment)
    assert (moved.starts_at, moved.id) == (night, row.id)


# --- how it ends


async def test_whether_somebody_came_is_known_from_the_start_on(
    store: Store, business: Business, clock: MovableClock
) -> None:
    who = await person(store, business, 1)
    row = await booked(store, business, who)
    clock.instant = TEN - dt.timedelta(seconds=1)
    for status in ("completed", "no_show"):
        early = await change(store, business, row, status)
        assert refused(early) is RefusalCode.INVALID_TRANSITION
    assert (await get(store, business, row.id)).version == row.version
    clock.instant = TEN
    missed = await change(store, business, row, "no_show", row.version)
    assert isinstance(missed, Appointment)
    stale = await change(store, business, row, "completed", row.version)
    assert refused(stale) is RefusalCode.OFFER_CHANGED
    came = await change(store, business, row, "completed", missed.version)
    assert isinstance(came, Appointment)
    assert (came.status, came.version) == (S.COMPLETED, row.version + 2)
    async with store.database.transaction(business.id) as session:
        events = await session.execute(
            text("SELECT actor, change, old, new FROM appointment_events ORDER BY id OFFSET 1")
        )
        told = [
            (e.actor, e.change, e.old["status"], e.new["status"], e.old["version"]) for e in events
        ]
    assert told == [
        ("owner", "no_show", "confirmed", "no_show", 1),
        ("owner", "completed", "no_show", "completed", 2),
    ]


async def test_a_hold_confirmed_from_an_old_offer_is_refused(
    store: Store, business: Business
) -> None:
    who = await person(store, business, 1)
    row = await booked(store, business, who, hold=True)
    outcome = await store.run(
        business,
        lambda uow: uow.appointments.confirm_appointment(
            row.id, customer_id=who, version=row.version + 1
        ),
    )
    assert refused(outcome) is RefusalCode.OFFER_CHANGED
    assert (await get(store, business, row.id)).status is S.HELD
