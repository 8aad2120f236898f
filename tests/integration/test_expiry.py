"""What runs out by itself: closed once, told once, whoever closes it."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlalchemy import text

from booking.appointment import Appointment
from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus
from db.clock import PinnedClock
from db.repositories.appointments import AppointmentRepository
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock
from tests.founding import founded
from tests.integration.db_support import WAITERS, second_business
from tests.integration.life_support import (
    HOUR,
    OWNER_CHAT,
    TEN,
    booked,
    expire,
    get,
    outbox,
    person,
    resource,
    scalar,
    shop,
)

S = AppointmentStatus


@pytest.fixture
async def business(store: Store) -> Business:
    return await founded(store, shop(confirm_within_minutes=60))


async def test_a_request_without_an_answer_is_told_of_and_a_hold_is_not(
    store: Store, business: Business, clock: MovableClock
) -> None:
    one, two = await person(store, business, 1), await person(store, business, 2)
    held = await booked(store, business, one, hold=True)
    asked = await booked(store, business, two, TEN + HOUR, service="colouring")
    assert asked.status is S.PENDING
    clock.advance(minutes=60, seconds=-1)
    assert await expire(store, business) == 1
    assert (await get(store, business, held.id)).status is S.EXPIRED
    assert await outbox(store, "receipt") == []
    clock.advance(seconds=1)
    assert await expire(store, business) == 1
    assert await expire(store, business) == 0
    assert await outbox(store, "receipt") == [(2, "expired")]
    assert await outbox(store, "owner_notice") == [(OWNER_CHAT, "expired")]
    async with store.database.transaction(business.id) as session:
        events = await session.execute(
            text(
                "SELECT actor, old->>'status', new->>'status', (new->>'version')::int"
                " FROM appointment_events WHERE change = 'expired' ORDER BY id"
            )
        )
        assert [tuple(event) for event in events] == [
            ("system", "held", "expired", 2),
            ("system", "pending", "expired", 2),
        ]
    assert await scalar(store, business, "SELECT count(*) FROM occupancies WHERE active") == 0


async def test_who_books_a_time_that_ran_out_closes_it_with_the_same_receipts(
    store: Store, business: Business, clock: MovableClock
) -> None:
    anna = resource(business, "anna")
    one, two = await person(store, business, 1), await person(store, business, 2)
    asked = await booked(store, business, one, service="colouring", staff_id=anna)
    clock.advance(minutes=60)
    row = await booked(store, business, two, staff_id=anna)
    assert row.status is S.CONFIRMED
    assert (await get(store, business, asked.id)).status is S.EXPIRED
    assert await outbox(store, "receipt") == [(1, "expired")]
    assert await outbox(store, "owner_notice") == [(OWNER_CHAT, "expired")]
    assert await expire(store, business) == 0


async def test_who_confirms_what_is_being_closed_waits_and_hears_that_it_is_over(
    store: Store, business: Business
) -> None:
    """Without the row's lock the hold would be read as it was, and the yes end in an error."""
    held = await booked(store, business, await person(store, business, 1), hold=True)

    async def close(uow: UnitOfWork) -> asyncio.Task[Appointment | Refusal]:
        later = PinnedClock(store.clock.now() + HOUR)
        assert await AppointmentRepository(uow.session, business, clock=later).expire_due() == 1
        yes = store.run(
            business,
            lambda uow: uow.appointments.confirm_appointment(held.id, customer_id=held.customer_id),
        )
        confirming = asyncio.create_task(yes)
        while not await uow.session.scalar(text(WAITERS)):
            assert not confirming.done()
            await asyncio.sleep(0.01)
        return confirming

    refused = await (await store.run(business, close))
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.HOLD_EXPIRED


async def test_batches_are_bounded_and_stay_in_one_business(
    store: Store, business: Business, clock: MovableClock
) -> None:
    other = await second_business(store)
    theirs = await booked(store, other, await person(store, other, 1), hold=True)
    for n in range(5):
        start = TEN + dt.timedelta(days=n // 2) + (n % 2) * HOUR
        await booked(store, business, await person(store, business, n + 1), start, hold=True)
    clock.advance(minutes=10)
    assert [await expire(store, business, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    stored = f"SELECT status FROM appointments WHERE id = {theirs.id}"
    assert await scalar(store, other, stored) == "held"
