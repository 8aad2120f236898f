"""Limits per customer: what counts towards them, and that they hold across staff at once."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest

from booking.appointment import Appointment
from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from db.repositories import calendar, desk, locks
from db.store import Store
from tests.conftest import MovableClock
from tests.founding import founded
from tests.integration.life_support import (
    HOUR,
    TEN,
    at_once,
    book,
    booked,
    cancel,
    change,
    person,
    resource,
    shop,
)

DAY = dt.timedelta(days=1)
# Anna's morning and Boris's afternoon: no resource in common, so only the customer's lock is.
NOON = TEN + 3 * HOUR


@pytest.fixture
async def business(store: Store) -> Business:
    return await founded(
        store, shop(max_active=1, hold_minutes=10, confirm_within_minutes=60, min_notice_minutes=0)
    )


async def is_full(store: Store, business: Business, who: int) -> bool:
    """Return whether the customer can have no other appointment: listing and booking agree."""
    day = (TEN + 2 * DAY).date()
    listed = await store.run(
        business,
        lambda uow: uow.appointments.get_available_slots(day, service="haircut", customer_id=who),
    )
    refused = await book(store, business, who, TEN + 2 * DAY, hold=True)
    assert isinstance(refused, Appointment) is bool(listed)
    if isinstance(refused, Appointment):
        await cancel(store, business, refused)
        return False
    assert (refused.code, refused.limit) == (RefusalCode.LIMIT_REACHED, 1)
    return True


async def test_held_pending_and_confirmed_count_until_they_are_over(
    store: Store, business: Business, clock: MovableClock
) -> None:
    now = clock.now()
    held = await booked(store, business, await person(store, business, 1), hold=True)
    asked = await booked(
        store, business, await person(store, business, 2), TEN + DAY, service="colouring"
    )
    sure = await booked(store, business, await person(store, business, 3), NOON)
    for row, minutes in ((held, 10), (asked, 60), (sure, None)):
        who = row.customer_id
        clock.instant = now
        assert await is_full(store, business, who)
        if minutes is None:
            continue
        clock.instant = now + dt.timedelta(minutes=minutes, microseconds=-1)
        assert await is_full(store, business, who)
        clock.instant = now + dt.timedelta(minutes=minutes)  # no job has run
        assert not await is_full(store, business, who)
    clock.instant = sure.starts_at
    assert not await is_full(store, business, sure.customer_id)


@pytest.mark.parametrize(("minutes", "how"), [(10, {"hold": True}), (60, {"service": "colouring"})])
async def test_a_time_is_listed_the_instant_it_is_over(
    store: Store, business: Business, clock: MovableClock, minutes: int, how: dict[str, Any]
) -> None:
    anna, now = resource(business, "anna"), clock.now()
    await booked(store, business, await person(store, business, 1), staff_id=anna, **how)

    async def is_listed() -> bool:
        offers = await store.run(
            business,
            lambda uow: uow.appointments.get_available_slots(
                TEN.date(), service="haircut", staff_id=anna
            ),
        )
        return TEN in [offer.starts_at for offer in offers]

    clock.instant = now + dt.timedelta(minutes=minutes, microseconds=-1)
    assert not await is_listed()
    clock.instant = now + dt.timedelta(minutes=minutes)  # no job has run
    assert await is_listed()


@pytest.mark.parametrize("status", ["cancelled", "declined"])
async def test_what_is_over_does_not_count(store: Store, business: Business, status: str) -> None:
    who = await person(store, business, 1)
    row = await booked(store, business, who, service="colouring")
    assert await is_full(store, business, who)
    await change(store, business, row, status)
    assert not await is_full(store, business, who)


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every booking wait after it has counted."""
    read_load = calendar.read_load

    async def slow(*args: Any, **options: Any) -> Any:
        load = await read_load(*args, **options)
        await asyncio.sleep(0.1)
        return load

    monkeypatch.setattr(calendar, "read_load", slow)


async def race(store: Store, business: Business) -> list[Any]:
    """One customer books with two people at once; one appointment is allowed."""
    who = await person(store, business, 1)
    return await at_once(
        book(store, business, who, TEN, staff_id=resource(business, "anna")),
        book(store, business, who, NOON, staff_id=resource(business, "boris")),
    )


@pytest.mark.usefixtures("slowly")
async def test_the_limit_holds_across_people(store: Store, business: Business) -> None:
    outcomes = await race(store, business)
    assert [type(o) for o in outcomes].count(Appointment) == 1
    assert {o.code for o in outcomes if isinstance(o, Refusal)} == {RefusalCode.LIMIT_REACHED}


@pytest.mark.usefixtures("slowly")
async def test_control_without_the_customers_lock_it_does_not(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = locks.lock_customer_and_resources

    async def only_resources(session: Any, _: object, resource_ids: Iterable[int]) -> None:
        await lock(session, (), resource_ids)

    monkeypatch.setattr(desk, "lock_customer_and_resources", only_resources)
    assert all(isinstance(o, Appointment) for o in await race(store, business))
