"""Work that one process writes wakes another one at once; polls are hours apart here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, literal, select, text

from assistant.delivery import Sender
from assistant.worker import Worker
from booking.business import Business
from db.notices import INBOX, OUTBOX, Listener, Wake
from db.session import Database
from db.store import Store
from tests.conftest import MovableClock, settings_for
from tests.integration.db_support import CHANNEL
from tests.integration.lively import WORDS
from tests.integration.test_clocks import Answering, Wire, queued, stored

HOURS = 7200.0


class Sleepy(Worker):
    """Tells when it has looked and found nothing to do."""

    slept = 0

    async def _sleep(self, stop: asyncio.Event, seconds: float) -> None:
        if not self.wake.is_set():
            self.slept += 1
        await super()._sleep(stop, seconds)


class SleepySender(Sender):
    """Tells when it has looked and found nothing to do."""

    sleeps = False

    async def _begin_all(self) -> float:
        pause = await super()._begin_all()
        self.sleeps = pause == HOURS and not self.wake.is_set()
        return pause


@pytest.fixture
async def elsewhere(database_url: str, clock: MovableClock) -> AsyncIterator[Store]:
    """Another process's store."""
    database = Database(settings_for(database_url))
    yield Store(database, clock)
    await database.close()


async def until(condition: object, *, of: asyncio.Task[None] | None = None) -> None:
    async with asyncio.timeout(30):
        while not condition():  # type: ignore[operator]
            assert of is None or not of.done()
            await asyncio.sleep(0.002)


@asynccontextmanager
async def listening(database: Database, wakes: dict[str, Wake]) -> AsyncIterator[Listener]:
    listener, stop = Listener(database, wakes), asyncio.Event()
    running = asyncio.create_task(listener.run(stop))
    async with asyncio.timeout(30):
        await listener.listens.wait()
    yield listener
    stop.set()
    await running


async def test_a_message_that_another_process_stored_is_answered_at_once(
    store: Store, business: Business, elsewhere: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, stop = Answering(store), asyncio.Event()
    worker = Sleepy(store, {CHANNEL: Wire()}, handler, WORDS.texts, poll_seconds=HOURS)
    heard: list[str | None] = []

    def hear(channel: str | None) -> None:
        heard.append(channel)
        worker.heard(channel)

    async with listening(store.database, {INBOX: hear}):
        running = asyncio.create_task(worker.run(stop))
        await until(lambda: worker.slept, of=running)
        await stored(elsewhere, business, 1)
        await until(lambda: handler.answered == [1], of=running)
        slept = worker.slept
        await until(lambda: worker.slept > slept, of=running)

        # Control: without the notice nobody wakes. A later one has come, so this one never will;
        # and that one is about a channel of others.
        with monkeypatch.context() as patch:
            patch.setattr("db.repositories.inbox.notice", lambda *_: literal(None))
            await stored(elsewhere, business, 2)
        async with elsewhere.worker() as session:
            await session.execute(select(func.pg_notify(INBOX, "telegram:9")))
        await until(lambda: "telegram:9" in heard, of=running)
        assert handler.answered == [1]
        stop.set()
        await running


async def test_a_message_that_another_process_wrote_is_sent_at_once(
    store: Store, business: Business, elsewhere: Store
) -> None:
    wire, stop = Wire(), asyncio.Event()
    sender = SleepySender(store, {CHANNEL: wire}, WORDS.texts, poll_seconds=HOURS)
    async with listening(store.database, {OUTBOX: sender.heard}):
        running = asyncio.create_task(sender.run(stop))
        await until(lambda: sender.sleeps, of=running)
        await queued(elsewhere, business, "hello")
        await until(lambda: wire.sent == ["hello"], of=running)
        stop.set()
        await running


async def test_what_is_rolled_back_wakes_nobody(store: Store, business: Business) -> None:
    heard: list[str | None] = []
    async with listening(store.database, {OUTBOX: heard.append}):
        async with store.worker() as session:
            await session.execute(select(func.pg_notify(OUTBOX, "never")))
            await session.rollback()
        async with store.worker() as session:
            await session.execute(select(func.pg_notify(OUTBOX, "always")))
        await until(lambda: "always" in heard)
    assert heard == [None, "always"]


async def test_a_lost_connection_is_replaced_and_what_was_missed_is_looked_for(
    store: Store, business: Business
) -> None:
    heard: list[str | None] = []
    async with listening(store.database, {INBOX: heard.append}) as listener:
        async with store.worker() as session:
            await session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND usename = current_user"
                    " AND pid <> pg_backend_pid()"
                )
            )
        await until(lambda: heard == [None, None])
        assert listener.listens.is_set()


async def test_behind_a_pooler_in_transaction_mode_nobody_listens(database_url: str) -> None:
    settings = settings_for(database_url).model_copy(update={"db_statement_cache": False})
    database = Database(settings)
    listener = Listener(database, {INBOX: lambda _: None})
    async with asyncio.timeout(30):
        await listener.run(asyncio.Event())
    assert not listener.listens.is_set()
    assert database.pool_state().in_use == 0
    await database.close()
