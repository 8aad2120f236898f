"""What one customer may write, and what the model may cost in a day."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import text

from assistant.channel import Handler
from assistant.conversation import Conversation
from assistant.limits import UsageLimits
from assistant.messages import Incoming, IncomingKind, Outgoing, Person
from assistant.model.port import Finish, ModelReply, ModelRequest, TextSink, Usage
from assistant.signs import Signs
from assistant.turn.engine import TurnEngine
from assistant.worker import Worker
from booking.business import Business
from db.repositories.conversations import TurnSummary
from db.repositories.inbox import InboxMessage, InboxRepository
from db.repositories.usage import LEAST_TURN_TOKENS
from db.session import Database
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock, settings_for
from tests.fakes.model import ScriptedModel, calls, says
from tests.integration.db_support import new_customer
from tests.integration.hand_off_support import Phones
from tests.shipped import shipped
from tools.support.registry import discover

CHANNEL = "telegram:1"
WORDS = shipped()
BOOK = {"service": "haircut", "when": "Tue 2026-11-24 10:00", "staff": None, "notes": None}


@dataclasses.dataclass
class Desk:
    """A customer's chat under limits; each message is stored before it is answered."""

    store: Store
    business: Business
    limits: UsageLimits
    model: ScriptedModel = dataclasses.field(default_factory=lambda: ScriptedModel([]))
    count: int = 0
    phones: Phones = dataclasses.field(default_factory=lambda: Phones(CHANNEL))

    async def sends(
        self, said: str = "", *, press: str | None = None, who: int = 1
    ) -> list[Outgoing]:
        self.count += 1
        now = self.store.clock.now()
        async with self.store.worker() as session:
            await InboxRepository(session).store(
                self.business.id,
                CHANNEL,
                who,
                self.count,
                {} if press is None else {"callback_query": {}},
                received_at=now,
            )
            number = await session.scalar(text("SELECT max(id) FROM inbox"))
        # Each from a process of its own: nothing is counted in memory.
        engine = TurnEngine(self.model, discover(), WORDS.texts)
        talk = Conversation(
            self.store,
            {CHANNEL: self.business.id},
            WORDS,
            engine,
            limits=self.limits,
            signs=Signs({CHANNEL: self.phones}),
        )
        incoming = Incoming(
            channel=CHANNEL,
            chat_id=who,
            update_id=self.count,
            person=Person(telegram_id=who, language_code="en"),
            kind=IncomingKind.TEXT if press is None else IncomingKind.PRESS,
            text=said,
            action=press,
            received_at=now,
        )
        await talk.handle(incoming, inbox_ids=[int(number or 0)])
        async with self.store.worker() as session:
            rows = await session.scalars(
                text(
                    "UPDATE outbox SET state = 'sent' WHERE state = 'queued'"
                    " AND kind <> 'reminder' RETURNING payload"
                )
            )
            return [
                Outgoing.model_validate(row) if "text" in row else Outgoing(text=row["change"])
                for row in rows
            ]


async def test_one_word_then_silence_then_again(
    store: Store, business: Business, clock: MovableClock
) -> None:
    desk = Desk(store, business, UsageLimits(messages_per_minute=3))
    desk.model.steps = [says("Hello!")] * 3
    for _ in range(3):
        assert [out.text for out in await desk.sends("hi")] == ["Hello!"]
    [word] = await desk.sends("hi")
    assert "a lot of messages" in word.text
    assert [await desk.sends("hi") for _ in range(5)] == [[]] * 5
    assert len(desk.model.requests) == 3  # flooding costs no model calls
    await asyncio.sleep(0)
    assert len(desk.phones.typing_in) == 3  # and nobody is seen typing
    desk.model.steps = [says("Hello you!")]
    assert await desk.sends("hi", who=2)  # somebody else isn't held back
    clock.advance(seconds=61)
    desk.model.steps = [says("Hello again!")]
    assert [out.text for out in await desk.sends("hi")] == ["Hello again!"]


async def test_what_was_begun_is_ended_however_much_came_meanwhile(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies after the booking's commit; the customer writes on, and on."""
    desk = Desk(store, business, UsageLimits(messages_per_minute=1))
    desk.model.steps = [calls("create_appointment", BOOK)]

    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Conversation, "_finish", dies)
        with pytest.raises(KeyboardInterrupt):
            await desk.sends("haircut on Tuesday at 10")
    async with store.worker() as session:
        for update_id in (8, 9):
            await InboxRepository(session).store(
                business.id, CHANNEL, 1, update_id, {}, received_at=store.clock.now()
            )
    desk.count = 0  # the same message again
    [card] = await desk.sends("haircut on Tuesday at 10")
    assert card.text.startswith("Please check and confirm:")


async def test_what_a_process_ahead_has_stored_counts(
    store: Store, business: Business, clock: MovableClock
) -> None:
    desk = Desk(store, business, UsageLimits(messages_per_minute=3))
    desk.model.steps = [says("Hello!")] * 3
    for _ in range(3):
        await desk.sends("hi")
    clock.advance(seconds=-1)  # the one that answers is a little behind
    [word] = await desk.sends("hi")
    assert "a lot of messages" in word.text


@pytest.mark.parametrize("how", ["press", "typed"])
async def test_a_confirmation_is_never_dropped(store: Store, business: Business, how: str) -> None:
    desk = Desk(store, business, UsageLimits(messages_per_minute=1))
    desk.model.steps = [calls("create_appointment", BOOK)]
    [card] = await desk.sends("haircut on tuesday at 10")
    assert "a lot of messages" in (await desk.sends("hello?"))[0].text
    assert await desk.sends("hello??") == []
    if how == "press":
        [receipt] = await desk.sends(press=card.buttons[0][0].action)
    else:
        [receipt] = await desk.sends("yes")
    assert receipt.text == "booked"


async def test_tapping_through_the_calendar_is_no_flood(store: Store, business: Business) -> None:
    desk = Desk(store, business, UsageLimits(messages_per_minute=2))
    for _ in range(9):
        assert await desk.sends(press="menu")
    desk.model.steps = [says("Hello!")]
    assert [out.text for out in await desk.sends("hi")] == ["Hello!"]


@pytest.mark.parametrize(
    "limits",
    [
        UsageLimits(customer_tokens_per_day=100),
        UsageLimits(customer_tokens_per_day=0, business_tokens_per_day=100),
    ],
)
async def test_spent_tokens_leave_the_guided_flow(
    store: Store, business: Business, clock: MovableClock, limits: UsageLimits
) -> None:
    desk = Desk(store, business, limits)
    desk.model.steps = [says("Hello!")]  # 110 tokens
    assert [out.text for out in await desk.sends("hi")] == ["Hello!"]
    [card] = await desk.sends("haircut on Tuesday 24 November at 10:00")
    assert "Please check and confirm" in card.text
    assert len(desk.model.requests) == 1
    whole_business = bool(not limits.customer_tokens_per_day)
    desk.model.steps = [says("Hello you!")]
    [other] = await desk.sends("hi", who=2)
    assert (other.text == "Hello you!") is not whole_business
    # A new business-local day.
    clock.instant = dt.datetime(2026, 11, 21, 23, 0, tzinfo=dt.UTC)
    desk.model.steps = [says("Good morning!")]
    assert [out.text for out in await desk.sends("hi")] == ["Good morning!"]


async def test_calls_that_were_broken_off_count_too(store: Store, business: Business) -> None:
    who = await new_customer(store, business)

    async def turn(uow: UnitOfWork, update_id: int, attempts: int) -> None:
        for _ in range(attempts):
            opened = await uow.conversations.open_turn(
                who, channel=CHANNEL, chat_id=1, update_ids=[update_id], kind="text"
            )
        used = TurnSummary(outcome="answered", input_tokens=90, output_tokens=10)
        assert await uow.conversations.finish_turn(opened.id, used)

    await store.run(business, lambda uow: turn(uow, 1, 1))
    await store.run(business, lambda uow: turn(uow, 2, 3))
    since = store.clock.now()
    used = await store.run(business, lambda uow: uow.usage.tokens_since(since, who))
    assert used == 400


# --- many turns at once


class Crowd:
    """A model that answers nobody until it is told to."""

    def __init__(self, was_asked: asyncio.Event) -> None:
        self.asked = 0
        self.was_asked = was_asked
        self.may_answer = asyncio.Event()

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        self.asked += 1
        self.was_asked.set()
        await self.may_answer.wait()
        return ModelReply("Hello!", (), Finish.STOP, Usage(LEAST_TURN_TOKENS, 0, 0), "slow")


async def test_turns_of_two_processes_do_not_spend_the_same_rest(
    store: Store, business: Business, database_url: str
) -> None:
    """Twenty texts come in at once, and the budget is good for six."""
    people, good_for, answered = 20, 6, asyncio.Event()
    model = Crowd(answered)
    for number in range(1, people + 1):
        await write(store, business, number)
    other = Database(settings_for(database_url))
    stop = asyncio.Event()
    workers = []
    for process in (store, Store(other, store.clock)):
        talk = Conversation(
            process,
            {CHANNEL: business.id},
            WORDS,
            TurnEngine(model, discover(), WORDS.texts),
            limits=UsageLimits(business_tokens_per_day=good_for * LEAST_TURN_TOKENS),
        )
        channel = Reader(CHANNEL)
        # As many each as are there for both: neither takes all.
        worker = Worker(
            process,
            {CHANNEL: channel},
            talk,
            WORDS.texts,
            concurrency=people // 2,
            on_answered=answered.set,
        )
        workers.append(asyncio.create_task(worker.run(stop)))

    async def ended() -> dict[str, int]:
        async with store.database.transaction(business.id) as session:
            found = await session.execute(
                text("SELECT outcome, count(*) FROM turns WHERE state = 'done' GROUP BY 1")
            )
            return {str(outcome): int(count) for outcome, count in found}

    async def until(so_far: Callable[[int], bool]) -> None:
        while True:
            answered.clear()  # first: what happens while it's looked at isn't missed
            if so_far(sum((await ended()).values())):
                return
            await answered.wait()

    try:
        async with asyncio.timeout(60):
            await until(lambda done: model.asked + done == people)
            assert model.asked == good_for
            model.may_answer.set()
            await until(lambda done: done == people)
    finally:
        stop.set()
        await asyncio.gather(*workers)
        await other.close()
    assert await ended() == {"answered": good_for, "tokens_spent": people - good_for}


class Reader(Phones):
    """A channel that reads what `write` stored."""

    async def dispatch(self, message: InboxMessage, handler: Handler) -> bool:  # type: ignore[override]
        await handler.handle(Incoming.model_validate(message.payload), inbox_ids=[message.id])
        return True


async def write(store: Store, business: Business, who: int) -> None:
    incoming = Incoming(
        channel=CHANNEL,
        chat_id=who,
        update_id=who,
        person=Person(telegram_id=who, language_code="en"),
        kind=IncomingKind.TEXT,
        text="haircut",
        received_at=store.clock.now(),
    )
    payload = incoming.model_dump(mode="json")
    async with store.worker() as session:
        await InboxRepository(session).store(
            business.id, CHANNEL, who, who, payload, received_at=incoming.received_at
        )
