"""What waits in the queues: counted within bounds, per business and for all."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from booking.business import Business
from db.repositories import backlog as module
from db.repositories.backlog import Backlog, BacklogRepository, Queue
from db.repositories.conversations import TurnSummary
from db.repositories.inbox import InboxRepository
from db.repositories.outbox import OutboxKind, OutboxRepository, Priority, ReplyTo
from db.store import Store, UnitOfWork
from tests.conftest import NOW, MovableClock
from tests.integration.db_support import CHANNEL, new_customer, second_business


async def store_update(
    store: Store, business: Business, update_id: int, *, ago: float = 0.0, chat_id: int = 1
) -> None:
    async with store.worker() as session:
        await InboxRepository(session).store(
            business.id,
            f"{CHANNEL}:{business.id}",
            chat_id,
            update_id,
            {"n": update_id},
            received_at=NOW - dt.timedelta(seconds=ago),
        )


async def queue_message(
    store: Store, business: Business, *, due_in: float, kind: OutboxKind = OutboxKind.MESSAGE
) -> None:
    async with store.worker() as session:
        await OutboxRepository(session).enqueue(
            business.id,
            ReplyTo(CHANNEL, 1, "en"),
            kind,
            {"text": "x"},
            due_at=NOW + dt.timedelta(seconds=due_in),
            priority=Priority.REPLY,
        )


async def read(store: Store, business: Business | None = None) -> Backlog:
    async with store.worker() as session:
        return await BacklogRepository(session, business and business.id).backlog(NOW)


async def test_empty_queues(store: Store, business: Business) -> None:
    nothing = Queue(0, 0.0)
    assert await read(store) == Backlog(nothing, nothing, nothing)


async def test_what_waits_is_counted_with_its_age(store: Store, business: Business) -> None:
    await store_update(store, business, 1, ago=30)
    await store_update(store, business, 2, ago=90, chat_id=2)
    await store_update(store, business, 3, ago=500, chat_id=3)
    async with store.worker() as session:
        await session.execute(text("UPDATE inbox SET state = 'done' WHERE update_id = 3"))
    await queue_message(store, business, due_in=-10)
    await queue_message(store, business, due_in=-40, kind=OutboxKind.REMINDER)
    await queue_message(store, business, due_in=3600, kind=OutboxKind.REMINDER)
    found = await read(store)
    assert found.inbox == Queue(2, 90.0)
    assert found.outbox == Queue(2, 40.0)
    assert found.reminders == Queue(1, 40.0)


async def test_what_an_attempt_has_put_off_still_waits(store: Store, business: Business) -> None:
    """An outage of the channel must not look like an empty queue."""
    await queue_message(store, business, due_in=-100)
    await queue_message(store, business, due_in=-90, kind=OutboxKind.BROADCAST)
    for attempt, put_off in enumerate((10, 300, 600), start=1):
        async with store.worker() as session:
            outbox = OutboxRepository(session)
            [message] = await outbox.claim(CHANNEL, NOW + dt.timedelta(seconds=put_off), chat_id=1)
            assert message.due_at == NOW - dt.timedelta(seconds=100)
            on_its_way = await BacklogRepository(session).backlog(NOW)
            assert on_its_way.outbox.depth == (0 if attempt == 1 else 1)
            due_at = NOW + dt.timedelta(seconds=put_off)
            await outbox.settle(message.id, state="queued", attempt=attempt, due_at=due_at)
        assert (await read(store)).outbox == Queue(1, 100.0)
    async with store.worker() as session:
        await session.execute(text("UPDATE outbox SET state = 'sent' WHERE kind = 'message'"))
    assert (await read(store)).outbox == Queue(0, 0.0)


async def test_a_clock_that_was_set_back_makes_no_negative_age(
    store: Store, business: Business
) -> None:
    await store_update(store, business, 1, ago=-3600)
    assert (await read(store)).inbox == Queue(1, 0.0)


async def test_one_business_sees_its_own_queues(store: Store, business: Business) -> None:
    other = await second_business(store)
    await store_update(store, business, 1, ago=5)
    await store_update(store, other, 2, ago=50)
    await queue_message(store, other, due_in=-1)
    assert (await read(store)).inbox == Queue(2, 50.0)
    assert (await read(store, business)).inbox == Queue(1, 5.0)
    assert (await read(store, business)).outbox.depth == 0
    async with store.database.transaction(business.id) as session:
        seen = await BacklogRepository(session, business.id).backlog(NOW)
    assert (seen.inbox.depth, seen.outbox.depth) == (1, 0)


async def test_no_more_is_counted_than_the_bound(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COUNTED", 3)
    for number in range(5):
        await store_update(store, business, number + 1)
        await queue_message(store, business, due_in=-number)
    found = await read(store)
    assert (found.inbox.depth, found.outbox.depth) == (3, 3)
    assert found.outbox.oldest_seconds == 4.0  # the oldest is among the counted ones


async def test_mishaps_of_the_newest_rows(store: Store, business: Business) -> None:
    await store_update(store, business, 1)
    await store_update(store, business, 2, ago=90_000)
    await queue_message(store, business, due_in=-1)
    async with store.worker() as session:
        await session.execute(text("UPDATE inbox SET state = 'set_aside'"))
        await session.execute(text("UPDATE outbox SET state = 'failed'"))
        found = await BacklogRepository(session).mishaps(NOW - dt.timedelta(hours=24))
        assert (found.set_aside, found.unsent) == (1, 1)
        later = await BacklogRepository(session).mishaps(NOW + dt.timedelta(seconds=1))
    assert (later.set_aside, later.unsent) == (0, 0)


async def test_todays_turns_are_added_up(
    store: Store, business: Business, clock: MovableClock
) -> None:
    who = await new_customer(store, business)

    async def turn(number: int) -> None:
        async def work(uow: UnitOfWork) -> None:
            opened = await uow.conversations.open_turn(
                who, channel=CHANNEL, chat_id=1, update_ids=[number], kind="text"
            )
            summary = TurnSummary(
                outcome="answered",
                model_calls=2,
                input_tokens=100,
                cached_tokens=40,
                output_tokens=7,
            )
            await uow.conversations.finish_turn(opened.id, summary)

        await store.run(business, work)

    await turn(1)
    clock.advance(days=1)
    await turn(2)
    await turn(3)
    since = NOW + dt.timedelta(hours=12)
    async with store.database.transaction(business.id) as session:
        totals = await BacklogRepository(session, business.id).turns(since)
        with pytest.raises(ValueError, match="one business"):
            await BacklogRepository(session).turns(since)
    assert (totals.turns, totals.model_calls) == (2, 4)
    assert (totals.input_tokens, totals.cached_tokens, totals.output_tokens) == (200, 80, 14)


async def test_the_reads_use_the_indexes_of_waiting_rows(store: Store, business: Business) -> None:
    """Bounded means: a million answered rows cost nothing."""
    async with store.worker() as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(
            await session.scalars(
                text(f"EXPLAIN {module._BACKLOG.text}"),
                {"business": None, "now": NOW, "counted": 10},
            )
        )
    assert "ix_inbox_new" in plan
    # Which of the two depends on the statistics; both hold nothing but what waits.
    assert "ix_outbox_due" in plan or "ix_outbox_queue" in plan
    assert "Seq Scan" not in plan
