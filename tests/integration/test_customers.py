"""The repository of customers."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from booking.business import Business
from db.repositories.customers import UPDATABLE, Customer, CustomerRepository
from db.store import Store, UnitOfWork
from tests.integration.db_support import new_customer, second_business


async def test_a_customer_is_found_by_number_or_digits(store: Store, business: Business) -> None:
    who = await new_customer(store, business, 987654321)

    async def find(uow: UnitOfWork) -> list[Customer | None]:
        found = uow.customers.get_customer_by_telegram_id
        return [await found(987654321), await found("987654321"), await found(1)]

    number, digits, nobody = await store.run(business, find)
    assert number is not None
    assert number == digits
    assert (number.id, number.telegram_id, number.business_id) == (who, 987654321, business.id)
    assert nobody is None


@pytest.mark.parametrize("wrong", ["", "@alice", "12a"])
async def test_a_telegram_id_is_a_number(store: Store, business: Business, wrong: str) -> None:
    with pytest.raises(ValueError, match="a Telegram id is a number"):
        await store.run(business, lambda uow: uow.customers.get_customer_by_telegram_id(wrong))
    with pytest.raises(ValueError, match="a Telegram id is a number"):
        await store.run(business, lambda uow: uow.customers.create_customer(wrong))


async def test_creating_again_returns_the_customer_as_they_are(
    store: Store, business: Business
) -> None:
    first = await store.run(
        business, lambda uow: uow.customers.create_customer("5", "alice", "Alice", phone="+49")
    )
    again = await store.run(business, lambda uow: uow.customers.create_customer(5, "other"))
    assert again == first
    assert (first.username, first.first_name, first.phone) == ("alice", "Alice", "+49")


async def test_twenty_first_messages_at_once_make_one_customer(
    store: Store, business: Business
) -> None:
    ids = await asyncio.gather(*(new_customer(store, business, 5) for _ in range(20)))
    assert len(set(ids)) == 1
    async with store.database.transaction(business.id) as session:
        assert await session.scalar(text("SELECT count(*) FROM customers")) == 1


async def test_what_may_be_changed_is_changed(store: Store, business: Business) -> None:
    who = await new_customer(store, business)
    fields = dict.fromkeys(UPDATABLE - {"chat_id"}, "x") | {"chat_id": 7}
    changed = await store.run(business, lambda uow: uow.customers.update_customer(who, **fields))
    assert changed is not None
    assert changed.model_dump(include=set(UPDATABLE)) == fields
    assert changed.updated_at > changed.created_at
    same = await store.run(business, lambda uow: uow.customers.update_customer(who))
    assert same == changed
    cleared = await store.run(business, lambda uow: uow.customers.update_customer(who, phone=None))
    assert cleared is not None
    assert (cleared.phone, cleared.email) == (None, "x")


@pytest.mark.parametrize("field", ["telegram_id", "business_id", "id", "created_at", "is_admin"])
async def test_nothing_else_may_be_changed(store: Store, business: Business, field: str) -> None:
    who = await new_customer(store, business)
    before = await store.run(business, lambda uow: uow.customers.get_customer_by_id(who))
    with pytest.raises(ValueError, match=f"can't change {field}; can: .*phone"):
        await store.run(
            business, lambda uow: uow.customers.update_customer(who, phone="1", **{field: 9})
        )
    assert await store.run(business, lambda uow: uow.customers.get_customer_by_id(who)) == before


async def test_another_businesss_customer_does_not_exist_here(
    store: Store, business: Business
) -> None:
    who = await new_customer(store, business)
    other = await second_business(store)

    async def look(uow: UnitOfWork) -> list[Customer | None]:
        return [
            await uow.customers.get_customer_by_id(who),
            await uow.customers.get_customer_by_telegram_id(1),
            await uow.customers.update_customer(who, phone="1"),
            await uow.customers.get_customer_by_id(999_999),
        ]

    assert await store.run(other, look) == [None] * 4
    assert await new_customer(store, other) != who  # the same person is another customer there
    mine = await store.run(business, lambda uow: uow.customers.get_customer_by_id(who))
    assert mine is not None
    assert mine.phone is None


async def test_without_a_name_the_default_business_is_meant(
    store: Store, business: Business
) -> None:
    await second_business(store)
    async with store.database.transaction() as session:
        created = await CustomerRepository(session).create_customer(1)
    assert created.business_id == business.id


async def test_without_any_business_one_is_told_so(store: Store) -> None:
    with pytest.raises(ValueError, match="apply a business file first"):
        async with store.database.transaction() as session:
            await CustomerRepository(session).get_customer_by_id(1)


async def test_a_name_with_what_postgresql_can_not_store_is_stored(
    store: Store, business: Business
) -> None:
    made = await store.run(
        business, lambda uow: uow.customers.create_customer(1, first_name="A\x00\ud83dё💈")
    )
    assert made.first_name == "A\ufffd\ufffdё💈"
