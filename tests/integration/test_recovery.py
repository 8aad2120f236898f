"""Taking over from the dead, and from those who only seemed to be."""

from __future__ import annotations

import asyncio
import dataclasses
from types import SimpleNamespace
from typing import ClassVar

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from assistant import delivery
from assistant.delivery import Sender
from assistant.health import Check
from assistant.telegram.sole_poller import SolePoller
from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from db import presence, session
from db.errors import is_connection_failure
from db.presence import Baton, Presence
from db.repositories.conversations import Turn, TurnSummary
from db.repositories.inbox import InboxRepository
from db.repositories.leavings import LeavingsRepository
from db.repositories.locks import lock_customer_and_resources
from db.repositories.outbox import OutboxKind, OutboxMessage, OutboxRepository, ReplyTo
from db.session import Database
from db.store import Store, UnitOfWork
from tests.conftest import NOW, settings_for
from tests.integration.db_support import CHANNEL, HERE, TUESDAY_TEN, WAITERS
from tests.integration.guided_support import TEXTS
from tests.integration.test_unanswered import Phones
from tools.support.context import ToolContext
from tools.support.contract import ToolResult
from tools.support.drafts import give_up_open
from tools.support.proposals import propose_booking

SIGNS = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND {HERE}"


async def stored(store: Store, business: Business, update_id: int) -> None:
    async with store.worker() as session:
        await InboxRepository(session).store(
            business.id, CHANNEL, 5, update_id, {}, received_at=NOW
        )


async def claimed(store: Store, holder: int | None) -> bool:
    async with store.worker() as session:
        lane = await InboxRepository(session).claim_lane([CHANNEL], holder=holder)
    return lane is not None


async def freed(store: Store, witness: int | None = None) -> list[int]:
    async with store.worker() as session:
        return await LeavingsRepository(session).free_dead([CHANNEL], witness=witness)


async def cut_off(store: Store) -> None:
    """End the sessions that give signs of life, as the death of their process does."""
    async with store.worker() as session:
        await session.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({SIGNS})"))
        gone = text(f"SELECT count(*) FROM ({SIGNS})")
        while await session.scalar(gone):
            await session.execute(text("SELECT pg_sleep(0.01)"))


async def test_a_dead_processs_chats_are_free_at_once(
    store: Store, business: Business, database_url: str
) -> None:
    await stored(store, business, 1)
    other = Database(settings_for(database_url))
    sign = Presence(other)
    assert sign.holder is None
    async with sign.kept():
        assert sign.holder is not None
        assert await claimed(store, sign.holder)
        assert await freed(store) == []  # it lives
        assert not await claimed(store, None)
        await cut_off(store)
        assert await freed(store) == [5]
        assert await claimed(store, None)
        assert await freed(store) == []  # who gives no sign of life is left to the lease
    await other.close()


async def test_what_a_dead_sender_had_in_hand_is_queued_at_once(
    store: Store, business: Business, database_url: str
) -> None:
    await queue(store, business)
    other = Database(settings_for(database_url))
    sign = Presence(other)
    async with sign.kept():
        first = await claim(store, sign.holder)
        assert await requeued(store) == []
        await cut_off(store)
        assert await requeued(store) == [first.id]
    await other.close()


async def test_a_restarted_server_makes_nobody_dead(
    store: Store, business: Business, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All signs of life are gone at once, in the middle of a send: it isn't sent twice."""
    await queue(store, business)
    other = Database(settings_for(database_url))
    sending, mine = Presence(other), Presence(store.database)
    phones = Phones(name=CHANNEL)
    sender = Sender(store, {CHANNEL: phones}, TEXTS, mine)  # type: ignore[dict-item] # a stand-in

    async def looks() -> int:
        sender._looked_at = 0.0
        return await sender.send_due(CHANNEL)

    for each in (sending, mine):
        await each._give()
    await claim(store, sending.holder)
    await stored(store, business, 1)
    assert await claimed(store, sending.holder)
    await cut_off(store)
    assert await looks() == 0  # nobody has a sign, not even who looks
    assert await freed(store, mine.holder) == []
    await mine._look()
    assert await looks() == 0  # the others may be just about to give theirs
    await sending._look()
    monkeypatch.setattr(presence, "GRACE_SECONDS", 0.0)
    assert await looks() == 0  # it is known by its number
    await sending._lock.drop()
    assert await looks() == 1  # and dead is dead
    assert await freed(store, mine.holder) == [5]
    await mine._lock.drop()
    await other.close()


async def test_an_attempt_that_was_given_up_has_no_say(store: Store, business: Business) -> None:
    await queue(store, business)
    slow = await claim(store, None)
    async with store.worker() as session:
        leavings = LeavingsRepository(session)
        assert await leavings.requeue_silent(await leavings.in_hand([CHANNEL])) == [slow.id]
    second = await claim(store, None)
    await settle(store, second, "sent")
    await settle(store, slow, "queued")  # without its number it would be sent a third time
    async with store.worker() as session:
        assert await session.scalar(text("SELECT state FROM outbox")) == "sent"


async def test_one_process_has_the_baton(store: Store, database_url: str) -> None:
    other = Database(settings_for(database_url))
    mine, theirs = Baton(store.database, "bot"), Baton(other, "bot")
    assert await mine.take()
    assert not await theirs.take()
    another = Baton(other, "another bot")
    assert await another.take()
    await cut_off(store)
    assert await theirs.take()
    await mine.lost()
    await theirs.drop()
    await another.drop()
    assert await mine.take()
    await mine.drop()
    await other.close()


async def test_a_process_that_stands_still_loses_the_baton(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stopped, or is cut off: its connection stays open, and nothing comes."""
    monkeypatch.setattr(presence, "LAPSE_SECONDS", 0.2)
    other = Database(settings_for(database_url))
    mine, theirs = Baton(store.database, "bot"), Baton(other, "bot")
    assert await mine.take()
    async with asyncio.timeout(30):
        while True:
            if await theirs.take():
                break
            await asyncio.sleep(0.02)
        await mine.lost()  # it notices when it goes on
    await theirs.drop()
    await other.close()


async def test_a_process_that_stands_still_in_a_transaction_gives_its_locks_back(
    store: Store, business: Business, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = {"db_lock_timeout": 20, "db_statement_timeout": 20}
    others = Database(settings_for(database_url).model_copy(update=patient))
    had = []

    async def stand_still() -> None:
        async with store.database.session(business.id) as stopped:
            with monkeypatch.context() as patched:
                patched.setattr(session, "STANDSTILL_SECONDS", 0.2)
                await lock_customer_and_resources(stopped, 1, [1])
            async with others.transaction(business.id) as waiting:
                await lock_customer_and_resources(waiting, 1, [1])
                had.append("the locks")
            await stopped.scalar(text("SELECT 1"))

    with pytest.raises(DBAPIError) as caught:
        await stand_still()
    assert is_connection_failure(caught.value)
    assert had
    await others.close()


async def test_what_was_taken_long_ago_is_given_back(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that stood still before it sent: the message may be another's by now."""
    await queue(store, business)
    phones = Phones(name=CHANNEL)
    sender = Sender(store, {CHANNEL: phones}, TEXTS)  # type: ignore[dict-item] # a stand-in
    moments = iter([0.0, delivery.STALE_SECONDS + 0.1])
    clock = SimpleNamespace(monotonic=lambda: next(moments, 99.0))
    monkeypatch.setattr(delivery, "time", clock)
    await sender.send_due(CHANNEL)
    # Given back, where it was this one's still, and taken anew.
    assert len(phones.sent) == 1
    async with store.worker() as session:
        assert await session.scalar(text("SELECT attempts FROM outbox")) == 2


class Polling:
    """A poller that counts how many of its kind poll at once."""

    active: ClassVar[int] = 0
    most: ClassVar[int] = 0

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        Polling.active += 1
        Polling.most = max(Polling.most, Polling.active)
        self.begun.set()
        await stop.wait()
        Polling.active -= 1

    def check(self) -> Check:
        return Check(True, "polls")


class Tried(Baton):
    """A baton that tells when it was asked for."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "bot")
        self.asked = asyncio.Event()

    async def take(self) -> bool:
        taken = await super().take()
        self.asked.set()
        return taken


async def test_processes_of_one_bot_poll_in_turn(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the baton: then both poll, and Telegram breaks the older poll off."""
    monkeypatch.setattr(presence, "KEEP_SECONDS", 0.01)
    other = Database(settings_for(database_url))
    pollers = [Polling(), Polling()]
    batons = [Tried(store.database), Tried(other)]
    soles = [
        SolePoller(poller, baton)  # type: ignore[arg-type] # a stand-in
        for poller, baton in zip(pollers, batons, strict=True)
    ]
    stops = [asyncio.Event(), asyncio.Event()]
    running = [asyncio.create_task(soles[0].run(stops[0]))]
    await pollers[0].begun.wait()
    running.append(asyncio.create_task(soles[1].run(stops[1])))
    either = [asyncio.create_task(e.wait()) for e in (batons[1].asked, pollers[1].begun)]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    assert (soles[0].check().detail, soles[1].check().detail) == (
        "polls",
        "waits for its turn to poll",
    )
    stops[0].set()
    await pollers[1].begun.wait()
    pollers[1].begun.clear()
    async with store.worker() as session:  # another one might have the turn by now
        await session.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({SIGNS})"))
    async with asyncio.timeout(30):
        await pollers[1].begun.wait()
    stops[1].set()
    await asyncio.gather(*running)
    assert Polling.most == 1
    await other.close()


# --- a turn that two workers believe to be theirs


async def opened(context: ToolContext, *update_ids: int) -> tuple[Turn, ToolContext]:
    turn = await context.store.run(
        context.business,
        lambda uow: uow.conversations.open_turn(
            context.customer.id, channel=CHANNEL, chat_id=5, update_ids=update_ids, kind="text"
        ),
    )
    fresh = dataclasses.replace(context, turn_id=turn.id, attempt=turn.attempt, position=1)
    return turn, fresh


async def test_who_lost_the_turn_may_write_no_more(context: ToolContext) -> None:
    _, stale = await opened(context, 7)
    _, current = await opened(context, 7)
    [service, *_] = context.business.services
    refused = await propose_booking(stale, service, TUESDAY_TEN, staff_id=None)
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.TEMPORARILY_UNAVAILABLE
    assert await count(context, "appointments") == 0
    assert not isinstance(
        await propose_booking(current, service, TUESDAY_TEN, staff_id=None), Refusal
    )
    await give_up_open(stale)  # would give the other one's hold back
    assert await count(context, "appointments WHERE status = 'held'") == 1


async def test_who_lost_the_turn_cannot_end_it(context: ToolContext) -> None:
    stale, _ = await opened(context, 7)
    current, _ = await opened(context, 7)

    async def finish(turn: Turn) -> bool:
        return await context.store.run(
            context.business,
            lambda uow: uow.conversations.finish_turn(
                turn.id, TurnSummary(outcome="answered"), attempt=turn.attempt
            ),
        )

    assert not await finish(stale)
    assert await finish(current)
    assert (await opened(context, 7))[0].attempt == current.attempt  # it is over


async def test_what_has_ended_is_written_no_more(context: ToolContext) -> None:
    turn, same = await opened(context, 7)
    await context.store.run(
        context.business,
        lambda uow: uow.conversations.finish_turn(turn.id, TurnSummary(outcome="answered")),
    )
    [service, *_] = context.business.services
    refused = await propose_booking(same, service, TUESDAY_TEN, staff_id=None)
    assert isinstance(refused, Refusal)
    assert await count(context, "appointments") == 0


async def test_who_takes_a_turn_over_waits_for_the_write_that_is_under_way(
    context: ToolContext,
) -> None:
    """Else it would find an empty journal, and write the same beside it."""
    _, first = await opened(context, 7)
    taking: list[asyncio.Task[tuple[Turn, ToolContext]]] = []

    async def work(uow: UnitOfWork) -> ToolResult:
        taking.append(asyncio.create_task(opened(context, 7)))
        while not await uow.session.scalar(text(WAITERS)):
            assert not taking[0].done()
            await asyncio.sleep(0.01)
        return ToolResult(next="done")

    await first.write(work)
    turn, _ = await taking[0]
    assert [step.position for step in turn.steps] == [first.position]


async def test_what_came_later_joins_a_turn_that_wrote_nothing(context: ToolContext) -> None:
    assert (await opened(context, 7))[0].update_ids == (7,)
    turn, _ = await opened(context, 7, 8)
    assert turn.update_ids == (7, 8)

    async def step(uow: UnitOfWork) -> None:
        await uow.conversations.add_step(turn.id, 1, "tool", {})

    await context.store.run(context.business, step)
    assert (await opened(context, 7, 8, 9))[0].update_ids == (7, 8)


async def count(context: ToolContext, what: str) -> int:
    async with context.store.database.transaction(context.business.id) as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM {what}")) or 0)


async def queue(store: Store, business: Business) -> None:
    async with store.worker() as session:
        to = ReplyTo(CHANNEL, 5, "en")
        said = {"text": "Hello"}
        await OutboxRepository(session).enqueue(
            business.id, to, OutboxKind.MESSAGE, said, due_at=NOW
        )


async def claim(store: Store, holder: int | None) -> OutboxMessage:
    async with store.worker() as session:
        [message] = await OutboxRepository(session).claim(CHANNEL, NOW, holder=holder)
    return message


async def settle(store: Store, message: OutboxMessage, state: str) -> None:
    async with store.worker() as session:
        await OutboxRepository(session).settle(message.id, state=state, attempt=message.attempts)


async def requeued(store: Store) -> list[int]:
    async with store.worker() as session:
        return await LeavingsRepository(session).requeue_dead([CHANNEL])
