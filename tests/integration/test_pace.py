"""Telegram's limits, kept over all processes; priorities; what is tried again, and what is not."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from assistant.channel import Delivery, OutcomeUnknown, Rejected, RetryLater, Sent
from assistant.delivery import CONCURRENCY, MAX_ATTEMPTS, Sender
from assistant.messages import Outgoing
from booking.business import Business
from db.repositories.leavings import LeavingsRepository
from db.repositories.outbox import OutboxKind, OutboxMessage, OutboxRepository, Priority, ReplyTo
from db.repositories.pace import CLAIM, Pace
from db.store import Store
from tests.conftest import NOW, MovableClock
from tests.integration.db_support import CHANNEL
from tests.integration.guided_support import TEXTS

PACE = Pace(per_second=30, chat_seconds=1.0, group_per_minute=20)


async def queue(
    store: Store,
    business: Business,
    *chat_ids: int,
    kind: OutboxKind = OutboxKind.MESSAGE,
    priority: Priority = Priority.REPLY,
) -> None:
    async with store.worker() as session:
        for chat_id in chat_ids:
            await OutboxRepository(session).enqueue(
                business.id,
                ReplyTo(CHANNEL, chat_id, "en"),
                kind,
                Outgoing(text=f"to {chat_id}").model_dump(mode="json"),
                due_at=NOW,
                priority=priority,
            )


async def claim(store: Store, pace: Pace = PACE, *, limit: int = 1000) -> list[OutboxMessage]:
    async with store.worker() as session:
        return await OutboxRepository(session).claim(CHANNEL, NOW, limit=limit, pace=pace)


async def send(store: Store, pace: Pace = PACE) -> list[int]:
    """Claim and settle what the pace allows; return the chats."""
    claimed = await claim(store, pace)
    async with store.worker() as session:
        for message in claimed:
            await OutboxRepository(session).settle(message.id, state="sent")
    return sorted(message.chat_id for message in claimed)


async def later(store: Store, seconds: float) -> None:
    """Let time pass for the server: what was attempted was attempted so much earlier."""
    async with store.worker() as session:
        await session.execute(
            text("UPDATE outbox SET attempted_at = attempted_at - make_interval(secs => :by)"),
            {"by": seconds},
        )


async def seconds_to_next(store: Store) -> float | None:
    async with store.worker() as session:
        return await OutboxRepository(session).seconds_to_next(CHANNEL, NOW, PACE)


async def test_a_chat_rests_for_a_second(store: Store, business: Business) -> None:
    await queue(store, business, 1, 1, 2)
    assert await send(store) == [1, 2]
    assert await send(store) == []
    seconds = await seconds_to_next(store)
    assert seconds is not None
    assert 0 < seconds <= 1
    await later(store, 1.01)
    assert await send(store) == [1]
    assert await seconds_to_next(store) is None


async def test_the_rest_begins_when_the_message_is_out(store: Store, business: Business) -> None:
    """A slow call may reach Telegram at its end; a second after its beginning would be too soon."""
    await queue(store, business, 1, 1)
    [slow] = await claim(store)
    await later(store, 5)
    async with store.worker() as session:
        await OutboxRepository(session).settle(slow.id, state="sent")
    assert await send(store) == []


async def test_thirty_a_second_in_all(store: Store, business: Business) -> None:
    await queue(store, business, *range(1, 41))
    assert len(await send(store)) == 30
    assert await send(store) == []
    await later(store, 1.01)
    assert len(await send(store)) == 10


async def test_a_group_gets_twenty_a_minute(store: Store, business: Business) -> None:
    await queue(store, business, *[-7] * 21, *[7] * 21)
    for _ in range(20):
        assert await send(store) == [-7, 7]
        await later(store, 1.01)
    assert await send(store) == [7]
    await later(store, 60)
    assert await send(store) == [-7]


async def test_parallel_senders_keep_to_it_together(store: Store, business: Business) -> None:
    """Fails when `claim_in_turn` is taken away: then each counts what was there before the rest."""
    await queue(store, business, *range(1, 41))
    slow = Pace(per_second=5)
    taken = await asyncio.gather(*(claim(store, slow, limit=3) for _ in range(12)))
    assert sum(len(each) for each in taken) == 5


async def test_a_long_broadcast_costs_each_claim_nothing(store: Store, business: Business) -> None:
    """What is taken first is read first: the index has the order, nothing is sorted."""
    given = {"channel": CHANNEL, "now": NOW, "limit": 5, "chat_id": None, "holder": None}
    given |= {"per_second": 30, "chat_seconds": 1.0, "group_per_minute": 20, "window": 1.0}
    given |= {"timers": True}
    async with store.worker() as session:
        # Only where there is no other way.
        for way in ("sort", "incremental_sort", "seqscan", "bitmapscan"):
            await session.execute(text(f"SET LOCAL enable_{way} = off"))
        plan = await session.scalars(text(f"EXPLAIN {CLAIM.text}"), given)
        lines = "\n".join(plan)
    assert "ix_outbox_queue" in lines
    assert "Sort" not in lines


# --- the sender


@dataclass
class Wire:
    """A channel whose deliveries end as they are told to."""

    name: str = CHANNEL
    pace: Pace | None = None
    outcomes: list[Delivery] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    stuck: asyncio.Event = field(default_factory=asyncio.Event)
    hangs: bool = False

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        if chat_id == 99 or self.hangs:
            await self.stuck.wait()
        self.sent.append(chat_id)
        return self.outcomes.pop(0) if self.outcomes else Sent(1)


def sender(store: Store, wire: Wire) -> Sender:
    return Sender(store, {CHANNEL: wire}, TEXTS)  # type: ignore[dict-item]


async def rows(store: Store) -> list[tuple[str, int, dt.datetime]]:
    async with store.worker() as session:
        found = await session.execute(text("SELECT state, attempts, due_at FROM outbox"))
        return [(row[0], row[1], row[2].astimezone(dt.UTC)) for row in found]


async def test_replies_before_reminders_before_broadcasts(store: Store, business: Business) -> None:
    await queue(store, business, *range(1, 30), priority=Priority.BROADCAST)
    await queue(store, business, 30, priority=Priority.REMINDER)
    await queue(store, business, 31)
    taken = await claim(store, Pace(per_second=2))
    assert [message.chat_id for message in taken] == [30, 31]


async def test_retry_after_is_kept_to_the_second(
    store: Store, business: Business, clock: MovableClock
) -> None:
    await queue(store, business, 1)
    wire = Wire(outcomes=[RetryLater(37.0, "429", exact=True)] * 2)
    for attempt in (1, 2):
        await sender(store, wire).send_due(CHANNEL)
        due = clock.now() + dt.timedelta(seconds=37)
        assert await rows(store) == [("queued", attempt, due)]
        clock.advance(seconds=36)
        assert await sender(store, wire).send_due(CHANNEL) == 0
        clock.instant = due
    await sender(store, wire).send_due(CHANNEL)
    assert (await rows(store))[0][:2] == ("sent", 3)


async def test_an_outage_is_waited_out(
    store: Store, business: Business, clock: MovableClock
) -> None:
    """The pauses double, and hours later the message still goes out."""
    await queue(store, business, 1)
    wire = Wire(outcomes=[RetryLater(5.0, "502")] * 40)
    pauses = []
    for _ in range(40):
        await sender(store, wire).send_due(CHANNEL)
        [(_, _, due)] = await rows(store)
        pauses.append((due - clock.now()).total_seconds())
        clock.instant = due
    assert pauses[:4] == [5, 10, 20, 40]
    assert pauses[-1] == 300
    assert clock.now() - NOW > dt.timedelta(hours=2)
    await sender(store, wire).send_due(CHANNEL)
    assert (await rows(store))[0][0] == "sent"


async def test_one_without_end_is_not(store: Store, business: Business) -> None:
    await queue(store, business, 1)
    async with store.worker() as session:
        await session.execute(text(f"UPDATE outbox SET attempts = {MAX_ATTEMPTS - 1}"))
    await sender(store, Wire(outcomes=[RetryLater(5.0, "502")])).send_due(CHANNEL)
    assert (await rows(store))[0][:2] == ("failed", MAX_ATTEMPTS)


@pytest.mark.parametrize(("kind", "times"), [(OutboxKind.MESSAGE, 2), (OutboxKind.BROADCAST, 1)])
async def test_what_may_have_arrived_is_repeated_once_and_a_broadcast_never(
    store: Store, business: Business, clock: MovableClock, kind: OutboxKind, times: int
) -> None:
    await store.run(business, lambda uow: uow.customers.create_customer(1))
    await queue(store, business, 1, kind=kind)
    wire = Wire(outcomes=[OutcomeUnknown("connection reset")] * 5)
    for _ in range(4):
        await sender(store, wire).send_due(CHANNEL)
        clock.advance(seconds=10)
    assert wire.sent == [1] * times
    assert (await rows(store))[0][:2] == ("failed", times)


async def test_a_broadcast_in_a_dead_senders_hand_is_not_sent_again(
    store: Store, business: Business
) -> None:
    await queue(store, business, 1, kind=OutboxKind.BROADCAST)
    await claim(store)
    async with store.worker() as session:
        leavings = LeavingsRepository(session)
        await leavings.requeue_silent(await leavings.in_hand([CHANNEL]))
    assert (await rows(store))[0][0] == "failed"


async def test_one_that_cant_be_worded_holds_up_nobody(store: Store, business: Business) -> None:
    await queue(store, business, 1, kind=OutboxKind.RECEIPT)  # with another kind's payload
    await queue(store, business, 1)
    wire = Wire(outcomes=[Rejected("message is too long")])
    assert await sender(store, wire).send_due(CHANNEL) == 2
    assert [state for state, *_ in await rows(store)] == ["failed", "failed"]


async def test_a_slow_message_holds_up_only_its_own_chat(store: Store, business: Business) -> None:
    await queue(store, business, 99, 99, 1)
    wire, stop = Wire(), asyncio.Event()
    running = asyncio.create_task(sender(store, wire).run(stop))
    while wire.sent != [1]:
        assert not running.done()
        await asyncio.sleep(0.01)
    await queue(store, business, 2)
    while wire.sent != [1, 2]:
        assert not running.done()
        await asyncio.sleep(0.01)
    stop.set()
    wire.stuck.set()
    await running
    assert wire.sent == [1, 2, 99, 99]


async def test_a_bot_whose_messages_all_hang_holds_up_no_other(
    store: Store, business: Business
) -> None:
    hanging, other = Wire(), Wire(name="telegram:2")
    await queue(store, business, *range(100, 101 + CONCURRENCY))
    async with store.worker() as session:
        payload = Outgoing(text="hello").model_dump(mode="json")
        to = ReplyTo(other.name, 1, "en")
        await OutboxRepository(session).enqueue(
            business.id, to, OutboxKind.MESSAGE, payload, due_at=NOW
        )
    hanging.hangs = True
    both, stop = {hanging.name: hanging, other.name: other}, asyncio.Event()
    running = asyncio.create_task(Sender(store, both, TEXTS).run(stop))  # type: ignore[arg-type]
    async with asyncio.timeout(30):
        while other.sent != [1]:
            assert not running.done()
            await asyncio.sleep(0.01)
    assert hanging.sent == []
    hanging.stuck.set()
    stop.set()
    await running
