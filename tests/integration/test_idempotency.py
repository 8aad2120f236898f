"""Every command carries a key: a repeat has the first result and no second effect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from booking.appointment import Appointment
from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from db.repositories.blocks import Block, BlockConflict
from db.store import Store, UnitOfWork
from tests.integration.life_support import HOUR, TEN, book, booked, person, resource, scalar

Ask = Callable[[UnitOfWork], Awaitable[Any]]


async def test_each_command_is_done_once_and_another_body_is_a_conflict(
    store: Store, business: Business
) -> None:
    who = await person(store, business, 1)
    row = await booked(store, business, who)
    held = await booked(store, business, who, TEN + 24 * HOUR, hold=True)
    other = await person(store, business, 2)
    asked = await booked(store, business, other, TEN + 48 * HOUR, service="colouring")
    noon, one = TEN + 2 * HOUR, TEN + 3 * HOUR
    anna = resource(business, "anna")

    def book(uow: UnitOfWork, at: dt.datetime, **more: Any) -> Awaitable[Any]:
        return uow.appointments.create_appointment(
            who, starts_at=at, service="haircut", by_owner=True, key="k", **more
        )

    def move(uow: UnitOfWork, at: dt.datetime) -> Awaitable[Any]:
        return uow.appointments.reschedule_appointment(row.id, at, customer_id=who, key="move")

    def cancel(uow: UnitOfWork, reason: str | None) -> Awaitable[Any]:
        return uow.appointments.cancel_appointment(
            row.id, customer_id=who, reason=reason, key="cancel"
        )

    def confirm(uow: UnitOfWork, version: int | None) -> Awaitable[Any]:
        return uow.appointments.confirm_appointment(
            held.id, customer_id=who, version=version, key="confirm"
        )

    def approve(uow: UnitOfWork, version: int | None) -> Awaitable[Any]:
        return uow.appointments.update_appointment_status(
            asked.id, "confirmed", version=version, key="approve"
        )

    def block(uow: UnitOfWork, end: dt.datetime) -> Awaitable[Any]:
        return uow.blocks.create_block(noon + 72 * HOUR, end, resource_id=anna, key="block")

    commands: list[tuple[Ask, Ask]] = [
        (lambda u: book(u, noon), lambda u: book(u, noon, notes="a wish")),
        (lambda u: move(u, one), lambda u: move(u, noon)),
        (lambda u: cancel(u, None), lambda u: cancel(u, "ill")),
        (lambda u: confirm(u, 1), lambda u: confirm(u, 2)),
        (lambda u: approve(u, None), lambda u: approve(u, 2)),
        (lambda u: block(u, one + 72 * HOUR), lambda u: block(u, one + 73 * HOUR)),
    ]
    for command, changed in commands:
        first = await store.run(business, command)
        assert isinstance(first, Appointment | Block), first
        events = await effects(store, business)
        assert await store.run(business, command) == first
        conflict = await store.run(business, changed)
        assert isinstance(conflict, Refusal), first
        assert conflict.code is RefusalCode.IDEMPOTENCY_CONFLICT
        assert await effects(store, business) == events


async def effects(store: Store, business: Business) -> list[int]:
    tables = ("appointments", "occupancies", "appointment_events", "blocks", "outbox")
    return [await scalar(store, business, f"SELECT count(*) FROM {name}") for name in tables]


async def test_the_same_instant_in_another_offset_is_the_same_command(
    store: Store, business: Business
) -> None:
    who = await person(store, business, 1)
    first = await booked(store, business, who, TEN, key="k")
    there = TEN.astimezone(ZoneInfo("Asia/Kathmandu"))
    assert await booked(store, business, who, there, key="k") == first


async def test_keys_of_different_people_never_meet(store: Store, business: Business) -> None:
    people = [(await person(store, business, n), TEN + n * HOUR) for n in (1, 2)]
    rows = [await booked(store, business, who, at, key="k") for who, at in people]
    assert len({row.id for row in rows}) == 2
    assert [await booked(store, business, who, at, key="k") for who, at in people] == rows


async def test_a_key_without_a_result_is_nobodys_first_time(
    store: Store, business: Business
) -> None:
    """No command leaves one behind; whatever did, the command isn't done once more."""
    who = await person(store, business, 1)
    await booked(store, business, who, key="k")
    async with store.database.transaction(business.id) as session:
        await session.execute(text("UPDATE idempotency_keys SET result = NULL"))
    refused = await book(store, business, who, key="k")
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.IDEMPOTENCY_CONFLICT


async def test_a_block_that_was_refused_leaves_no_key(store: Store, business: Business) -> None:
    row = await booked(store, business, await person(store, business, 1))
    anna = row.resource_ids[0]

    async def block(uow: UnitOfWork) -> Block | BlockConflict | Refusal:
        return await uow.blocks.create_block(TEN, TEN + HOUR, resource_id=anna, key="k")

    assert isinstance(await store.run(business, block), BlockConflict)
    await store.run(
        business, lambda uow: uow.appointments.cancel_appointment(row.id, customer_id=None)
    )
    made = await store.run(business, block)
    assert isinstance(made, Block)
    deleted = [
        await store.run(business, lambda uow: uow.blocks.delete_block(made.id, key="gone"))
        for _ in range(2)
    ]
    assert deleted == [made, made]
