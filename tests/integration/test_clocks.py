"""Clocks that differ and clocks that are set, under workers, senders, limits and reminders."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import asyncpg
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from assistant.channel import Delivery, Handler, RetryLater, Sent
from assistant.delivery import Sender
from assistant.messages import Incoming, IncomingKind, Outgoing, Person
from assistant.worker import Worker
from booking.business import Business
from db.clock import SystemClock
from db.repositories.inbox import InboxMessage, InboxRepository
from db.repositories.outbox import OutboxKind, OutboxRepository, Priority, ReplyTo
from db.repositories.pace import Pace
from db.session import Database
from db.store import Store
from db.timekeeping import DatabaseClock
from tests.conftest import NOW, settings_for
from tests.integration.db_support import CHANNEL
from tests.integration.lively import WORDS

HOURS = dt.timedelta(hours=2)
Jump = Callable[[dt.timedelta], Awaitable[None]]

# What the program calls, found before PostgreSQL's own: a clock that a test can set.
_CLOCK = """
CREATE SCHEMA settable;
CREATE TABLE settable.clock (off interval NOT NULL);
INSERT INTO settable.clock VALUES ('0');
CREATE FUNCTION settable.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT pg_catalog.clock_timestamp() + (SELECT off FROM settable.clock)';
CREATE FUNCTION settable.now() RETURNS timestamptz LANGUAGE sql STABLE AS
    'SELECT pg_catalog.now() + (SELECT off FROM settable.clock)';
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = settable, pg_catalog, public',
    current_database()); END $$;
"""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool on a database whose clock can be set."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(_CLOCK)
    await connection.close()
    database = Database(settings_for(database_url))
    yield database
    await database.close()


@pytest.fixture
def its_clock(database: Database) -> DatabaseClock:
    return DatabaseClock(database)


@pytest.fixture
def store(database: Database, its_clock: DatabaseClock) -> Store:
    return Store(database, its_clock)


@pytest.fixture
def jump(store: Store, its_clock: DatabaseClock) -> Jump:
    """Set the server's clock by so much; the process has noticed."""

    async def jump(by: dt.timedelta) -> None:
        async with store.database.transaction() as session:
            await session.execute(text("UPDATE settable.clock SET off = :by"), {"by": by})
        await its_clock.look()

    return jump


class Wire:
    """Hands on what the test stored, and takes what is sent."""

    name = CHANNEL

    def __init__(self, *outcomes: Delivery, pace: Pace | None = None) -> None:
        self.outcomes = list(outcomes)
        self.pace = pace
        self.sent: list[str] = []

    async def dispatch(self, message: InboxMessage, handler: Handler) -> bool:
        person = Person(telegram_id=message.chat_id)
        await handler.handle(
            Incoming(
                channel=CHANNEL,
                chat_id=message.chat_id,
                update_id=message.update_id,
                person=person,
                kind=IncomingKind.TEXT,
                text="hello",
                received_at=message.received_at,
            ),
            inbox_ids=[message.id],
        )
        return True

    async def typing(self, chat_id: int) -> None:
        """Nothing is shown."""

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        self.sent.append(outgoing.text)
        return self.outcomes.pop(0) if self.outcomes else Sent(1)


class Answering:
    """Marks what it answers as done."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.answered: list[int] = []

    async def handle(self, incoming: Incoming, *, inbox_ids: Sequence[int]) -> None:
        self.answered.append(incoming.update_id)
        async with self.store.worker() as session:
            await InboxRepository(session).done(list(inbox_ids))


async def stored(store: Store, business: Business, update_id: int, quiet: float = 0.0) -> None:
    async with store.worker() as session:
        await InboxRepository(session).store(
            business.id,
            CHANNEL,
            5,
            update_id,
            {},
            received_at=store.clock.now(),
            quiet_seconds=quiet,
        )


async def queued(
    store: Store,
    business: Business,
    words: str,
    *,
    later: dt.timedelta = dt.timedelta(0),
    priority: Priority = Priority.REPLY,
) -> None:
    async with store.worker() as session:
        await OutboxRepository(session).enqueue(
            business.id,
            ReplyTo(CHANNEL, 5, "en"),
            OutboxKind.MESSAGE,
            Outgoing(text=words).model_dump(mode="json"),
            due_at=store.clock.now() + later,
            priority=priority,
        )


def worker(store: Store) -> tuple[Worker, list[int]]:
    handler = Answering(store)
    return Worker(store, {CHANNEL: Wire()}, handler, WORDS.texts), handler.answered


def sender(store: Store, wire: Wire) -> Sender:
    return Sender(store, {CHANNEL: wire}, WORDS.texts)


# --- hosts whose clocks differ


class HostClock:
    """A host's clock that is wrong."""

    def __init__(self, minutes: float) -> None:
        self._off = dt.timedelta(minutes=minutes)

    def now(self) -> dt.datetime:
        return SystemClock().now() + self._off


async def test_hosts_ten_minutes_apart_tell_one_time(database: Database) -> None:
    fast, slow = (DatabaseClock(database, host=HostClock(minutes)) for minutes in (5, -5))
    with capture_logs() as logs:
        await fast.look()
        await slow.look()
    assert abs(fast.now() - slow.now()) < dt.timedelta(minutes=1)
    differ = [line["seconds"] for line in logs if line["event"] == "host_clock_differs"]
    assert [round(seconds / 60) for seconds in differ] == [5, -5]


async def test_a_hosts_clock_that_is_set_changes_nothing(database: Database) -> None:
    host = HostClock(0)
    clock = DatabaseClock(database, host=host)
    await clock.look()
    before = clock.now()
    host._off = dt.timedelta(days=-1)
    await clock.look()
    assert abs(clock.now() - before) < dt.timedelta(minutes=5)


async def test_while_the_database_is_away_the_clock_goes_on(server_url_nobody: str) -> None:
    database = Database(settings_for(server_url_nobody))
    count = [100.0]
    clock = DatabaseClock(database, host=HostClock(0), elapsed=lambda: count[0])
    async with clock.kept():
        before = clock.now()
        count[0] += 90
        assert clock.now() - before == dt.timedelta(seconds=90)
    await database.close()


@pytest.fixture
def server_url_nobody() -> str:
    """An address where nobody listens."""
    return "postgresql://assistant:secret@127.0.0.1:1/assistant"


async def test_the_servers_clock_is_followed(jump: Jump, its_clock: DatabaseClock) -> None:
    await its_clock.look()
    with capture_logs() as logs:
        await jump(HOURS)
    assert "clock_was_set" in [line["event"] for line in logs]
    ahead = its_clock.now() - SystemClock().now()
    assert abs(ahead - HOURS) < dt.timedelta(minutes=5)


def test_what_the_way_to_the_server_may_explain_is_no_difference(server_url_nobody: str) -> None:
    clock = DatabaseClock(Database(settings_for(server_url_nobody)), elapsed=lambda: 0.0)
    clock._set(NOW, 0.0, 0.01)
    for off, took, follows in ((0.05, 0.01, False), (0.4, 0.8, False), (0.4, 0.01, True)):
        clock._set(NOW + dt.timedelta(seconds=off), 0.0, took)
        assert (clock.now() != NOW) == follows


# --- a clock that is set forward: nothing that is held looks abandoned


async def test_no_lease_is_stolen_from_a_living_worker(
    store: Store, business: Business, jump: Jump
) -> None:
    await stored(store, business, 1)
    async with store.worker() as session:
        lane = await InboxRepository(session).claim_lane([CHANNEL])
    assert lane is not None
    await jump(HOURS)
    other, answered = worker(store)
    await other.drain(CHANNEL, 5)
    assert answered == []
    async with store.worker() as session:
        assert await InboxRepository(session).renew(lane)


async def test_nothing_is_sent_twice(store: Store, business: Business, jump: Jump) -> None:
    await queued(store, business, "hello")
    async with store.worker() as session:
        [_] = await OutboxRepository(session).claim(CHANNEL, store.clock.now())
    await jump(HOURS)
    wire = Wire()
    assert await sender(store, wire).send_due(CHANNEL) == 0


async def test_a_clock_that_is_set_right_again_loses_no_reminder(
    store: Store, business: Business, jump: Jump, its_clock: DatabaseClock
) -> None:
    """What a wrong clock calls due or over can't be taken back: it waits for a minute."""
    await its_clock.look()
    await queued(store, business, "reminder", later=HOURS / 2, priority=Priority.REMINDER)
    await jump(HOURS)
    await queued(store, business, "reply")
    wire = Wire()
    await sender(store, wire).send_due(CHANNEL)
    assert wire.sent == ["reply"]
    await jump(dt.timedelta(0))
    its_clock._forward_at = -math.inf  # a minute later
    await sender(store, wire).send_due(CHANNEL)
    assert wire.sent == ["reply"]
    await jump(HOURS)
    its_clock._forward_at = -math.inf
    await sender(store, wire).send_due(CHANNEL)
    assert wire.sent == ["reply", "reminder"]


# --- a clock that is set back: nobody waits until it is that late again


async def test_a_message_from_before_is_answered(
    store: Store, business: Business, jump: Jump
) -> None:
    await stored(store, business, 1, quiet=6.0)
    await jump(-HOURS)
    again, answered = worker(store)
    await again.drain(CHANNEL, 5)
    assert answered == [1]


async def test_replies_go_out_and_reminders_wait_for_their_time(
    store: Store, business: Business, jump: Jump, its_clock: DatabaseClock
) -> None:
    await its_clock.look()
    failing = Wire(RetryLater(120.0, "502"))
    await queued(store, business, "tried")
    await sender(store, failing).send_due(CHANNEL)
    await queued(store, business, "reply")
    await queued(store, business, "reminder", later=HOURS / 2, priority=Priority.REMINDER)
    await jump(-HOURS)
    wire = Wire()
    assert await sender(store, wire).send_due(CHANNEL) == 2
    assert wire.sent == ["tried", "reply"]
    await jump(HOURS / 2 + dt.timedelta(minutes=1))
    its_clock._forward_at = -math.inf  # a minute later
    await sender(store, wire).send_due(CHANNEL)
    assert wire.sent == ["tried", "reply", "reminder"]


async def test_what_was_sent_before_does_not_use_the_pace_up(
    store: Store, business: Business, jump: Jump
) -> None:
    wire = Wire(pace=Pace(per_second=1, chat_seconds=60.0))
    await queued(store, business, "before")
    await sender(store, wire).send_due(CHANNEL)
    await jump(-HOURS)
    await queued(store, business, "after")
    await sender(store, wire).send_due(CHANNEL)
    assert wire.sent == ["before", "after"]


async def test_messages_from_before_do_not_use_the_limit_up(
    store: Store, business: Business, jump: Jump
) -> None:
    for update_id in range(3):
        await stored(store, business, update_id)
    await jump(-HOURS)
    await stored(store, business, 4)
    now = store.clock.now()
    async with store.worker() as session:
        written = await InboxRepository(session).written_between(
            CHANNEL, 5, now - dt.timedelta(minutes=1), now
        )
    assert written == 1


async def test_a_dead_workers_chat_is_not_held_for_longer(
    store: Store, business: Business, jump: Jump
) -> None:
    """Its lease is two hours ahead by now; who counts its own seconds doesn't care."""
    await stored(store, business, 1)
    async with store.worker() as session:
        assert await InboxRepository(session).claim_lane([CHANNEL]) is not None
    await jump(-HOURS)
    other, answered = worker(store)
    other._leases._seconds = 0.0  # as if it had looked for 15 s
    await other.drain(CHANNEL, 5)
    assert answered == [1]
