"""Sessions and pools: commit, rollback, health, time-outs, and errors that tell no secrets."""

from __future__ import annotations

import asyncio
import socket
import traceback
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from booking.business import Business
from db import session as sessions
from db.errors import DatabaseError, DatabaseUnavailableError, is_retried, sqlstate
from db.repositories.conversations import ConversationRepository
from db.repositories.customers import CustomerRepository
from db.session import (
    Database,
    check_database_connection,
    close_database_connection,
    get_db_context,
    get_db_session,
    use_database,
)
from db.settings import DatabaseSettings, get_database_settings
from db.store import Store, UnitOfWork
from tests.conftest import settings_for
from tests.integration.db_support import new_customer


@pytest.fixture
async def shared(database: Database) -> AsyncIterator[Database]:
    """The database behind the module's four functions."""
    use_database(database)
    yield database
    use_database(None)


async def customers(database: Database, business: Business) -> int:
    async with database.transaction(business.id) as session:
        return int(await session.scalar(text("SELECT count(*) FROM customers")) or 0)


async def test_the_dependency_commits_at_the_end(shared: Database, business: Business) -> None:
    dependency = get_db_session()
    session = await anext(dependency)
    await CustomerRepository(session).create_customer("77")  # of the default business
    assert await customers(shared, business) == 0
    with pytest.raises(StopAsyncIteration):
        await anext(dependency)
    assert await customers(shared, business) == 1


async def test_the_dependency_rolls_back_on_an_exception(
    shared: Database, business: Business
) -> None:
    dependency = get_db_session()
    session = await anext(dependency)
    await CustomerRepository(session).create_customer(77)
    with pytest.raises(KeyError, match="route"):
        await dependency.athrow(KeyError("route"))
    assert await customers(shared, business) == 0


async def test_the_context_commits_or_rolls_back(shared: Database, business: Business) -> None:
    async with get_db_context() as session:
        await CustomerRepository(session).create_customer(1)

    async def failing_task() -> None:
        async with get_db_context() as session:
            await CustomerRepository(session).create_customer(2)
            raise RuntimeError("the task failed")

    with pytest.raises(RuntimeError, match="task"):
        await failing_task()
    assert await customers(shared, business) == 1


async def test_a_cancelled_task_rolls_back_and_returns_its_connection(
    shared: Database, business: Business
) -> None:
    inside = asyncio.Event()

    async def task() -> None:
        async with get_db_context() as session:
            await CustomerRepository(session).create_customer(1)
            inside.set()
            await asyncio.sleep(60)

    running = asyncio.create_task(task())
    await inside.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await customers(shared, business) == 0
    assert shared.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_the_health_check_says_yes_and_the_connections_reopen(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    get_database_settings.cache_clear()
    try:
        assert await check_database_connection()
        await close_database_connection()
        await close_database_connection()  # nothing is open any more
        assert await check_database_connection()
    finally:
        await close_database_connection()
        get_database_settings.cache_clear()


async def test_the_health_check_says_no_where_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # taken, but not listening: refused
        use_database(
            Database(settings_for(f"postgresql://u:p@127.0.0.1:{unused.getsockname()[1]}/x"))
        )
        assert not await check_database_connection()
    await close_database_connection()


async def test_a_server_that_never_answers_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        database = Database(settings_for(f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/x"))
        with pytest.raises(DatabaseUnavailableError):
            await database.ping(timeout_seconds=0.2)
        await database.close()


async def test_the_pool_is_as_configured(database_url: str) -> None:
    settings = DatabaseSettings(
        _env_file=None,
        database_url=SecretStr(database_url),
        db_pool_size=1,
        db_max_overflow=1,
        db_pool_timeout=0.2,
        db_pool_recycle=1234,
    )
    database = Database(settings)
    pool = database.engine.pool
    assert (pool.size(), pool._max_overflow, pool._timeout) == (1, 1, 0.2)  # type: ignore[attr-defined]
    assert (pool._recycle, pool._pre_ping) == (1234, True)
    async with database.engine.connect(), database.engine.connect():
        with pytest.raises(DatabaseUnavailableError):  # both are in use
            await database.ping()
    await database.ping()
    await database.close()


async def test_a_killed_connection_is_replaced_before_it_is_used(database: Database) -> None:
    async with database.transaction() as session:
        killed = await session.scalar(text("SELECT pg_backend_pid()"))
    other = Database(database.settings)
    async with other.transaction() as session:
        await session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": killed})
    await other.close()
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) != killed


async def test_control_without_pre_ping_the_killed_connection_is_noticed_by_its_user(
    database: Database,
) -> None:
    fragile = Database(database.settings.model_copy(update={"db_pool_pre_ping": False}))
    async with fragile.transaction() as session:
        killed = await session.scalar(text("SELECT pg_backend_pid()"))
    async with database.transaction() as session:
        await session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": killed})
    with pytest.raises(DatabaseUnavailableError):
        async with fragile.transaction() as session:
            await session.execute(text("SELECT 1"))
    await fragile.close()


async def test_a_transaction_sets_its_limits_and_leaves_none_behind(database_url: str) -> None:
    given = DatabaseSettings(_env_file=None, database_url=SecretStr(database_url))
    database = Database(given)

    async def shown(name: str, business_id: int | None = 5) -> str | None:
        async with database.transaction(business_id) as session:
            found: str | None = await session.scalar(
                text(f"SELECT current_setting('{name}', true)")
            )
            return found

    assert await shown("lock_timeout") == "2s"
    assert await shown("statement_timeout") == "10s"
    assert await shown("app.business") == "5"
    assert await shown("app.business", None) == ""
    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SHOW lock_timeout")) == "0"
        assert not await connection.scalar(text("SELECT current_setting('app.business', true)"))
    await database.close()


async def test_a_lock_held_by_another_ends_as_unavailable(
    database: Database, business: Business
) -> None:
    hasty = Database(database.settings.model_copy(update={"db_lock_timeout": 0.05}))
    lock = text("SELECT pg_advisory_xact_lock(7)")
    async with database.transaction() as holder:
        await holder.execute(lock)
        with pytest.raises(DatabaseUnavailableError) as caught:
            async with hasty.transaction() as waiter:
                await waiter.execute(lock)
    assert sqlstate(caught.value) == "55P03"
    assert is_retried(caught.value)
    await hasty.close()


async def test_a_statement_that_takes_too_long_ends_as_unavailable(database: Database) -> None:
    hasty = Database(database.settings.model_copy(update={"db_statement_timeout": 0.05}))
    with pytest.raises(DatabaseUnavailableError) as caught:
        async with hasty.transaction() as session:
            await session.execute(text("SELECT pg_sleep(60)"))
    assert sqlstate(caught.value) == "57014"
    await hasty.close()


@pytest.mark.parametrize(
    ("code", "times", "tried"),
    [
        ("40001", 2, 3),  # serialization failure
        ("40P01", 2, 3),  # deadlock
        ("55P03", 2, 3),  # lock time-out
        ("40001", 9, 3),  # bounded
        ("53200", 9, 3),  # out of memory
        ("23514", 9, 1),  # another try wouldn't help
    ],
)
async def test_what_another_try_can_mend_is_tried_three_times(
    store: Store, business: Business, code: str, times: int, tried: int
) -> None:
    attempts = 0

    async def work(uow: UnitOfWork) -> str:
        nonlocal attempts
        attempts += 1
        if attempts <= times:
            fail = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$"
            await uow.session.execute(text(fail))
        return "done"

    if times < tried:
        assert await store.run(business, work) == "done"
    else:
        with pytest.raises(DatabaseError) as caught:
            await store.run(business, work)
        assert isinstance(caught.value, DatabaseUnavailableError) is (tried > 1)
    assert attempts == tried


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELECT 1 / 0", "22012"),
        ("SELECT * FROM nowhere", "42P01"),
        ("INSERT INTO businesses (slug) VALUES ('x')", "23502"),
    ],
)
async def test_other_errors_are_named_by_their_state(
    database: Database, statement: str, code: str
) -> None:
    with pytest.raises(DatabaseError, match=code) as caught:
        async with database.transaction() as session:
            await session.execute(text(statement))
    assert not isinstance(caught.value, DatabaseUnavailableError)
    assert sqlstate(caught.value) == code


async def test_an_error_holds_nothing_of_what_a_customer_wrote(
    store: Store, business: Business
) -> None:
    wrote = "my phone is 555-1234"
    misplaced = text("SELECT CAST(:value AS integer)")
    with pytest.raises(DBAPIError) as raw:
        async with store.database.session() as session:
            await session.execute(misplaced, {"value": wrote})
    assert "[SQL parameters hidden" in str(raw.value)
    assert wrote in traceback_of(raw.value)  # the driver quotes the value it refused ...
    with pytest.raises(DatabaseError, match="22000") as caught:
        async with store.database.transaction() as session:
            await session.execute(misplaced, {"value": wrote})
    assert wrote not in traceback_of(caught.value)  # ... and ours doesn't pass that on

    who = await new_customer(store, business)
    with pytest.raises(DatabaseError, match="ck_conversation_messages_message_type") as caught:
        async with store.database.transaction(business.id) as session:
            await ConversationRepository(session, business.id).save_message(who, wrote, "nonsense")
    assert wrote not in traceback_of(caught.value)


def traceback_of(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


async def test_without_an_address_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL is not set"):
        sessions.Database(DatabaseSettings(_env_file=None, database_url=None))
