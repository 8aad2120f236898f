"""The outbox: each chat's messages in order, each claimed by one sender."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from sqlalchemy import text

from booking.appointment import Appointment
from booking.business import Business
from booking.refusals import Refusal
from db.repositories.leavings import InHand, LeavingsRepository
from db.repositories.outbox import (
    OutboxKind,
    OutboxMessage,
    OutboxRepository,
    Priority,
    ReplyTo,
)
from db.store import Store, UnitOfWork
from tests.conftest import NOW
from tests.integration.db_support import CHANNEL, TUESDAY_TEN, new_customer
from tests.integration.test_inbox import nested_loops


async def queue(
    store: Store,
    business: Business,
    chat_id: int,
    *names: str,
    due_at: dt.datetime = NOW,
    priority: Priority = Priority.REPLY,
) -> None:
    async with store.worker() as session:
        for name in names:
            await OutboxRepository(session).enqueue(
                business.id,
                ReplyTo(CHANNEL, chat_id, "en"),
                OutboxKind.MESSAGE,
                {"name": name},
                due_at=due_at,
                priority=priority,
            )


async def claim(store: Store, now: dt.datetime = NOW, **options: Any) -> list[OutboxMessage]:
    async with store.worker() as session:
        return await OutboxRepository(session).claim(CHANNEL, now, **options)


async def settle(store: Store, message: OutboxMessage, state: str = "sent", **more: Any) -> None:
    async with store.worker() as session:
        await OutboxRepository(session).settle(message.id, state=state, **more)


def names(messages: list[OutboxMessage]) -> list[str]:
    return [message.payload["name"] for message in messages]


async def drained(store: Store, now: dt.datetime = NOW) -> list[str]:
    """Send everything that is due and return it in the order of sending."""
    order = []
    while found := await claim(store, now):
        order += names(found)
        for message in found:
            await settle(store, message)
    return order


async def test_one_head_a_chat_in_order(store: Store, business: Business) -> None:
    await queue(store, business, 1, "a1", "a2", "a3")
    await queue(store, business, 2, "b1", "b2")
    first = await claim(store)
    assert names(first) == ["a1", "b1"]
    assert [message.attempts for message in first] == [1, 1]
    assert await claim(store) == []  # nothing of a chat whose head is on its way
    await settle(store, first[0], sent_message_id=77)
    assert names(await claim(store)) == ["a2"]
    await settle(store, first[1], "failed", error="blocked")
    assert names(await claim(store, chat_id=2)) == ["b2"]


async def test_parallel_senders_never_take_the_same_message(
    store: Store, business: Business
) -> None:
    for chat_id in range(6):
        await queue(store, business, chat_id, f"{chat_id}-1", f"{chat_id}-2", f"{chat_id}-3")
    sent: list[str] = []

    async def sender() -> None:
        idle = 0
        while idle < 3:
            found = await claim(store, limit=2)
            idle = 0 if found else idle + 1
            for message in found:
                sent.append(message.payload["name"])
                await asyncio.sleep(0)
                await settle(store, message)

    await asyncio.gather(*(sender() for _ in range(6)))
    sent += await drained(store)
    assert sorted(sent) == sorted(f"{chat}-{n}" for chat in range(6) for n in (1, 2, 3))
    for chat in range(6):
        own = [name for name in sent if name.startswith(f"{chat}-")]
        assert own == sorted(own)


async def test_a_claim_keeps_its_limit_whatever_the_plan(store: Store, business: Business) -> None:
    for chat_id in range(5):
        await queue(store, business, chat_id, "x")
    async with store.worker() as session:
        await nested_loops(session)
        assert len(await OutboxRepository(session).claim(CHANNEL, NOW, limit=2)) == 2


async def test_what_is_due_later_waits_and_holds_nobody_up(
    store: Store, business: Business
) -> None:
    later = NOW + dt.timedelta(hours=1)
    await queue(store, business, 1, "later", due_at=later)
    await queue(store, business, 1, "now")
    assert await drained(store) == ["now"]
    async with store.worker() as session:
        assert await OutboxRepository(session).seconds_to_next(CHANNEL, NOW) == 3600
    assert await drained(store, later) == ["later"]
    async with store.worker() as session:
        assert await OutboxRepository(session).seconds_to_next(CHANNEL, later) is None


async def test_replies_before_reminders_before_broadcasts(store: Store, business: Business) -> None:
    await queue(store, business, 1, "broadcast", priority=Priority.BROADCAST)
    await queue(store, business, 1, "reminder", priority=Priority.REMINDER)
    await queue(store, business, 1, "reply 1", "reply 2")
    assert await drained(store) == ["reply 1", "reply 2", "reminder", "broadcast"]


async def test_a_message_to_be_tried_again_is_not_overtaken(
    store: Store, business: Business
) -> None:
    await queue(store, business, 1, "first", "second")
    await queue(store, business, 2, "elsewhere")
    [head] = await claim(store, chat_id=1)
    soon = NOW + dt.timedelta(seconds=5)
    await settle(store, head, "queued", due_at=soon, error="429")
    assert names(await claim(store)) == ["elsewhere"]
    [again] = await claim(store, soon)
    assert (again.payload["name"], again.attempts) == ("first", 2)
    await settle(store, again)
    assert await drained(store, soon) == ["second"]


async def test_what_a_dead_sender_left_is_queued_again(store: Store, business: Business) -> None:
    await queue(store, business, 1, "left", "after")
    [left] = await claim(store)

    async with store.worker() as session:
        leavings = LeavingsRepository(session)
        seen = await leavings.in_hand([CHANNEL])
        assert seen == [InHand(left.id, 1)]
        assert await leavings.requeue_silent(seen) == [left.id]
    [again] = await claim(store)
    assert (again.id, again.attempts) == (left.id, 2)
    async with store.worker() as session:  # another attempt is not what was seen
        assert await LeavingsRepository(session).requeue_silent(seen) == []


async def test_reminders_of_one_appointment_are_taken_back(
    store: Store, business: Business
) -> None:
    booked = []
    for number in (1, 2):
        who = await new_customer(store, business, number)

        async def book(uow: UnitOfWork, who: int = who) -> Appointment | Refusal:
            return await uow.appointments.create_appointment(
                who,
                starts_at=TUESDAY_TEN + dt.timedelta(hours=who),
                service="haircut",
                reply_to=ReplyTo(CHANNEL, who, "en"),
            )

        row = await store.run(business, book)
        assert isinstance(row, Appointment)
        booked.append(row)
    first, second = booked
    due = second.starts_at - dt.timedelta(minutes=max(business.policy.reminder_minutes))
    before = await claim(store, due)  # the receipts, which come before the reminders
    assert {message.kind for message in before} == {OutboxKind.RECEIPT}
    async with store.database.transaction(business.id) as session:
        await OutboxRepository(session).drop_timers(business.id, first.id)
        states = await session.execute(
            text(
                "SELECT appointment_id, state, count(*) FROM outbox WHERE kind = 'reminder'"
                " GROUP BY 1, 2 ORDER BY 1"
            )
        )
    leads = len(business.policy.reminder_minutes)
    assert [tuple(row) for row in states] == [
        (first.id, "cancelled", leads),
        (second.id, "queued", leads),
    ]
    for message in before:
        await settle(store, message)
    reminders = await claim(store, due)
    assert [message.appointment_id for message in reminders] == [second.id]
