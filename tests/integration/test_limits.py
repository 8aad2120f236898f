"""What one customer may write, and what the model may cost in a day."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import text

from assistant.conversation import Conversation
from assistant.limits import UsageLimits
from assistant.messages import Incoming, IncomingKind, Outgoing, Person
from assistant.turn.engine import TurnEngine
from booking.business import Business
from db.repositories.conversations import TurnSummary
from db.repositories.inbox import InboxRepository
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock
from tests.fakes.model import ScriptedModel, calls, says
from tests.integration.db_support import new_customer
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
            self.store, {CHANNEL: self.business.id}, WORDS, engine, limits=self.limits
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
    desk.model.steps = [says("Hello you!")]
    assert await desk.sends("hi", who=2)  # somebody else isn't held back
    clock.advance(seconds=61)
    desk.model.steps = [says("Hello again!")]
    assert [out.text for out in await desk.sends("hi")] == ["Hello again!"]


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
    for customer_id in (who, None):
        used = await store.run(
            business, lambda uow, c=customer_id: uow.usage.tokens_since(since, c)
        )
        assert used == 400
