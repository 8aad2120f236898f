"""Blocked time and time off on real PostgreSQL."""

from __future__ import annotations

import datetime as dt

import pytest

from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from db.repositories.blocks import Block, BlockConflict
from db.store import Store
from tests.conftest import MovableClock
from tests.founding import founded
from tests.integration.db_support import second_business
from tests.integration.life_support import (
    HOUR,
    TEN,
    block,
    book,
    booked,
    cancel,
    person,
    resource,
    scalar,
    shop,
)


@pytest.fixture
async def business(store: Store) -> Business:
    return await founded(store, shop())


async def code(
    store: Store, business: Business, who: int, start: dt.datetime, **options: object
) -> RefusalCode | None:
    outcome = await book(store, business, who, start, hold=True, **options)
    if isinstance(outcome, Refusal):
        return outcome.code
    await cancel(store, business, outcome)
    return None


async def test_a_block_of_one_person_leaves_the_others_free(
    store: Store, business: Business
) -> None:
    anna, boris, who = resource(business, "anna"), resource(business, "boris"), 1
    who = await person(store, business, 1)
    noon = TEN + 2 * HOUR
    made = await block(
        store, business, noon, noon + HOUR, resource_id=anna, reason="dentist", created_by="owner:9"
    )
    assert isinstance(made, Block)
    assert (made.reason, made.created_by, made.resource_ids) == ("dentist", "owner:9", (anna,))
    assert await code(store, business, who, noon, staff_id=anna) == RefusalCode.SLOT_TAKEN
    # The buffer after the one before it may not run into blocked time either.
    early = noon - HOUR + dt.timedelta(minutes=30)
    assert await code(store, business, who, early, staff_id=anna) == RefusalCode.SLOT_TAKEN
    assert await code(store, business, who, noon, staff_id=boris) is None


async def test_a_block_of_all_staff_takes_everybody_but_no_room(
    store: Store, business: Business
) -> None:
    who = await person(store, business, 1)
    made = await block(store, business, TEN, TEN + HOUR)
    assert isinstance(made, Block)
    staff = [r.id for r in business.resources if r.kind == "staff"]
    assert made.resource_ids == tuple(sorted(staff))
    assert await code(store, business, who, TEN) == RefusalCode.SLOT_TAKEN
    assert await code(store, business, who, TEN, service="yoga") is None


async def test_a_class_is_blocked_wholly(store: Store, business: Business) -> None:
    who, hall = await person(store, business, 1), resource(business, "hall")
    await block(store, business, TEN, TEN + HOUR, resource_id=hall)
    assert await code(store, business, who, TEN, service="yoga") == RefusalCode.SLOT_TAKEN
    assert await scalar(store, business, "SELECT units FROM occupancies WHERE active") == 5


async def test_appointments_in_the_way_are_named_and_nothing_is_blocked(
    store: Store, business: Business
) -> None:
    anna, boris = resource(business, "anna"), resource(business, "boris")
    rows = [
        await booked(store, business, await person(store, business, n), start, staff_id=staff, **o)
        for n, start, staff, o in (
            (2, TEN + 3 * HOUR, boris, {}),
            (1, TEN, anna, {"hold": True}),
            (3, TEN + 5 * HOUR, anna, {}),
        )
    ]
    conflict = await block(store, business, TEN, TEN + 4 * HOUR)
    assert isinstance(conflict, BlockConflict)
    assert [a.id for a in conflict.appointments] == [rows[1].id, rows[0].id]
    assert await scalar(store, business, "SELECT count(*) FROM blocks") == 0
    # 45 minutes and 15 of buffer: the next hour is free, to the second.
    after = await block(store, business, TEN + HOUR, TEN + 2 * HOUR, resource_id=anna)
    assert isinstance(after, Block)


async def test_a_hold_that_ran_out_is_not_in_the_way(
    store: Store, business: Business, clock: MovableClock
) -> None:
    anna, who = resource(business, "anna"), await person(store, business, 1)
    await booked(store, business, who, staff_id=anna, hold=True)
    clock.advance(minutes=10)
    assert isinstance(await block(store, business, TEN, TEN + HOUR), Block)


async def test_blocks_may_overlap_and_time_is_free_when_all_are_gone(
    store: Store, business: Business
) -> None:
    anna, who = resource(business, "anna"), await person(store, business, 1)
    first = await block(store, business, TEN, TEN + 2 * HOUR, resource_id=anna)
    second = await block(store, business, TEN + HOUR, TEN + 3 * HOUR)
    assert isinstance(first, Block)
    assert isinstance(second, Block)

    async def taken() -> list[bool]:
        return [
            await code(store, business, who, TEN + n * HOUR, staff_id=anna) is not None
            for n in range(3)
        ]

    assert await taken() == [True, True, True]
    await store.run(business, lambda uow: uow.blocks.delete_block(first.id))
    assert await taken() == [False, True, True]
    await store.run(business, lambda uow: uow.blocks.delete_block(second.id))
    assert await taken() == [False, False, False]
    again = await store.run(business, lambda uow: uow.blocks.delete_block(second.id))
    assert isinstance(again, Refusal)
    assert again.code is RefusalCode.NOT_FOUND


async def test_blocks_are_listed_by_time_and_resource(
    store: Store, business: Business, clock: MovableClock
) -> None:
    anna, boris = resource(business, "anna"), resource(business, "boris")
    later = await block(store, business, TEN + HOUR, TEN + 2 * HOUR, resource_id=boris)
    early = await block(store, business, TEN, TEN + HOUR, resource_id=anna)
    assert isinstance(early, Block)
    assert isinstance(later, Block)
    assert await store.run(business, lambda uow: uow.blocks.list_blocks()) == [early, later]
    only = await store.run(business, lambda uow: uow.blocks.list_blocks(resource_id=boris))
    assert only == [later]
    until = await store.run(business, lambda uow: uow.blocks.list_blocks(until=TEN + HOUR))
    assert until == [early]
    clock.instant = TEN + HOUR
    assert await store.run(business, lambda uow: uow.blocks.list_blocks()) == [later]


async def test_whom_it_can_not_block_it_says(store: Store, business: Business) -> None:
    other = await second_business(store)
    for foreign in (other.resources[0].id, 999_999):
        refused = await block(store, business, TEN, TEN + HOUR, resource_id=foreign)
        assert isinstance(refused, Refusal)
        assert refused.code is RefusalCode.NOT_FOUND
    for start, end in ((TEN, TEN), (TEN + HOUR, TEN), (TEN.replace(tzinfo=None), TEN + HOUR)):
        with pytest.raises(ValueError, match="instant"):
            await block(store, business, start, end)
