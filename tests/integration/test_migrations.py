"""Migrations: they make what the models say, both ways, and concurrent starts are safe."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

import db.queue_models  # noqa: F401 - registers its tables
from booking.appointment import Appointment
from booking.business_file import LocationFile
from booking.refusals import Refusal
from db import migrate as migrations
from db.errors import DatabaseError, DatabaseUnavailableError
from db.migrate import downgrade, head_revision, migrate
from db.models import Base
from db.session import Database
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock, Server, apply_file, load_example, settings_for
from tests.integration.db_support import TUESDAY_TEN, WAITERS, new_customer


@pytest.fixture
def empty_url(server: Server) -> Iterator[str]:
    """A database without any table: its URL."""
    name = f"t_{uuid.uuid4().hex[:16]}"
    server._create(name, None)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    """A pool on the empty database."""
    database = Database(settings_for(empty_url))
    yield database
    await database.close()


async def tables(database: Database) -> set[str]:
    async with database.transaction() as session:
        rows = await session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        return set(rows)


async def test_the_migrated_schema_equals_the_models(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        checks = set(
            await connection.scalars(
                text("SELECT conname FROM pg_constraint WHERE contype IN ('c', 'x', 'f')")
            )
        )
        triggers = set(
            await connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
        )
    # Autogenerate compares neither checks nor exclusion constraints.
    for table in Base.metadata.tables.values():
        named = {str(c.name) for c in table.constraints if c.name and str(c.name)[:3] != "pk_"}
        missing = {name for name in named - checks if not name.startswith("uq_")}
        assert missing == set(), table.name
    assert "occupancies_no_overlap" in checks
    assert triggers == {"occupancies_within_capacity"}


async def test_down_to_nothing_and_up_again(empty: Database) -> None:
    for _ in range(2):
        await migrate(empty.engine)
        assert await tables(empty) == {*Base.metadata.tables, "alembic_version"}
        async with empty.transaction() as session:
            version = await session.scalar(text("SELECT version_num FROM alembic_version"))
            assert version == head_revision()
        await one_booking_and_one_refusal(Store(empty, MovableClock()))
        await downgrade(empty.engine, "base")
        assert await tables(empty) == {"alembic_version"}
        async with empty.transaction() as session:
            left = await session.scalar(
                text("SELECT count(*) FROM pg_proc WHERE proname LIKE 'occupancies%'")
            )
            assert left == 0


async def test_down_to_the_first_schema_and_up_again_keeps_what_was_booked(
    empty: Database,
) -> None:
    await migrate(empty.engine)
    await one_booking_and_one_refusal(Store(empty, MovableClock()))

    async def kept() -> list[tuple[object, ...]]:
        async with empty.transaction(1, worker=True) as session:
            booked = "SELECT id, status, starts_at, version FROM appointments ORDER BY id"
            queued = "SELECT id, kind, state, due_at, payload FROM outbox ORDER BY id"
            found = [*await session.execute(text(booked)), *await session.execute(text(queued))]
            return [tuple(row) for row in found]

    before = await kept()
    assert before
    await downgrade(empty.engine, "0001")
    assert await kept() == before
    await migrate(empty.engine)
    assert await kept() == before


async def one_booking_and_one_refusal(store: Store) -> None:
    business = await apply_file(store, load_example())
    anna = business.resources[0].id
    outcomes = []
    for number in (1, 2):
        who = await new_customer(store, business, number)

        async def book(uow: UnitOfWork, who: int = who) -> Appointment | Refusal:
            return await uow.appointments.create_appointment(
                who, starts_at=TUESDAY_TEN, service="haircut", staff_id=anna
            )

        outcomes.append(await store.run(business, book))
    assert isinstance(outcomes[0], Appointment)
    assert isinstance(outcomes[1], Refusal)


async def test_migrating_again_changes_nothing(database: Database, store: Store) -> None:
    business = await apply_file(store, load_example())
    await migrate(database.engine)
    assert await store.find_business(business.slug) == business


async def test_six_programs_that_start_at_once_migrate_once(empty: Database) -> None:
    pools = [Database(empty.settings) for _ in range(6)]
    await asyncio.gather(*(migrate(pool.engine) for pool in pools))
    await asyncio.gather(*(pool.close() for pool in pools))
    assert await tables(empty) == {*Base.metadata.tables, "alembic_version"}
    async with empty.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM alembic_version")) == 1


async def test_a_migration_waits_for_the_one_that_runs(empty: Database) -> None:
    """Fails when the lock is taken away: then nobody is seen waiting."""
    waiting = text(WAITERS)
    async with empty.engine.connect() as running:
        await running.execute(
            text("SELECT pg_advisory_lock(:lock)"), {"lock": migrations._MIGRATION_LOCK}
        )
        second = asyncio.create_task(migrate(empty.engine))
        while not await running.scalar(waiting):
            assert not second.done()
            await asyncio.sleep(0.01)
        assert await tables(empty) == set()
        await running.execute(text("SELECT pg_advisory_unlock_all()"))
        await second
    assert "appointments" in await tables(empty)


async def test_an_old_server_is_refused_in_words(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "MINIMUM_SERVER_VERSION", 990000)
    with pytest.raises(DatabaseError, match=r"PostgreSQL 15 or later is needed; the server is \d+"):
        await migrate(empty.engine)
    assert await tables(empty) == set()


async def test_an_absent_server_is_unavailable() -> None:
    database = Database(settings_for("postgresql://u:secret-word@127.0.0.1:1/x"))
    with pytest.raises(DatabaseUnavailableError) as caught:
        await migrate(database.engine)
    assert "secret-word" not in str(caught.value)
    await database.close()


async def test_a_name_that_a_customer_gave_goes_down_with_the_schema(empty: Database) -> None:
    """Fails when row-level security stays forced: then the migration finds no customer."""
    await migrate(empty.engine)
    store = Store(empty, MovableClock())
    business = await apply_file(store, load_example())
    who = await new_customer(store, business, 1)
    await store.run(business, lambda uow: uow.customers.update_customer(who, preferred_name="Zoë"))
    await downgrade(empty.engine, "0001")
    async with empty.transaction(business.id) as session:
        assert await session.scalar(text("SELECT first_name FROM customers")) == "Zoë"
        forced = await session.scalar(
            text("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'customers'")
        )
        assert forced is True


async def test_what_customers_asked_for_outlasts_a_way_back(empty: Database) -> None:
    """Fails when a downgrade drops the columns: then nobody has asked to be forgotten any more."""
    await migrate(empty.engine)
    store = Store(empty, MovableClock())
    file = load_example()
    place = LocationFile(latitude=52.5, longitude=13.4)
    business = await apply_file(store, file.model_copy(update={"location": place}))
    who = await new_customer(store, business, 1)
    asked = "erase_asked_at = '2026-11-20Z', broadcasts_stopped_at = '2026-11-19Z'"
    told = "SELECT erase_asked_at, broadcasts_stopped_at FROM customers"
    async with empty.transaction(business.id) as session:
        await session.execute(text(f"UPDATE customers SET {asked} WHERE id = {who}"))
        before = (await session.execute(text(told))).one()
    await downgrade(empty.engine, "0001")
    await migrate(empty.engine)
    async with empty.transaction(business.id) as session:
        assert (await session.execute(text(told))).one() == before
    found = await store.find_business(business.slug)
    assert found is not None
    assert found.location == business.location
