"""A model that lies while it writes, seen in Telegram: the draft never shows what isn't so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from assistant.conversation import Conversation
from assistant.drafts import DraftPace, Drafts
from assistant.messages import Incoming, IncomingKind
from assistant.messages import Person as Sender
from assistant.model.port import (
    Finish,
    ModelError,
    ModelErrorKind,
    ModelReply,
    ModelRequest,
    TextSink,
    Usage,
)
from assistant.telegram.channel import TelegramChannel, build_channel
from assistant.turn.engine import TurnEngine
from booking.business import Business
from db.store import Store
from tests.conftest import MovableClock
from tests.fakes.telegram import FakeTelegram, Fault
from tests.shipped import shipped
from tools.support.registry import discover

ALICE = 42
WORDS = shipped()
HONEST = "Sure, Ann! We have haircuts and massages. "
LIE = "You're booked for Tuesday at 10:00. See you then! Bye."


class SlowModel:
    """Writes a text, waits until something was shown of it, and then ends as it is told to."""

    def __init__(self, telegram: FakeTelegram, *texts: str, fails: bool = False) -> None:
        self._telegram = telegram
        self._texts = list(texts)
        self._fails = fails

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        said = self._texts.pop(0)
        if on_text is not None:
            for start in range(0, len(said), 4):
                on_text(said[start : start + 4])
            while not self._telegram.calls_of("sendMessageDraft"):  # noqa: ASYNC110 - of the wire
                await asyncio.sleep(0.01)
        if self._fails:
            raise ModelError(ModelErrorKind.PROTOCOL, "the stream ended before the response did")
        return ModelReply(said, (), Finish.STOP, Usage(), "slow")


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake
        assert fake.oddities == []


@pytest.fixture
async def channel(telegram: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    built = build_channel(telegram.token, base_url=telegram.base_url)
    built.draft_pace = DraftPace(after_seconds=0.0, every_seconds=0.0)
    telegram.person(ALICE).says("hi")
    yield built
    await built.aclose()


async def answer(
    store: Store, business: Business, channel: TelegramChannel, model: SlowModel
) -> list[str]:
    """Let the model answer Alice; return what waits to be sent to her."""
    conversation = Conversation(
        store,
        {channel.name: business.id},
        WORDS,
        TurnEngine(model, discover(), WORDS.texts),
        drafts=Drafts({channel.name: channel}),
    )
    incoming = Incoming(
        channel=channel.name,
        chat_id=ALICE,
        update_id=9,
        person=Sender(telegram_id=ALICE, first_name="Ann", language_code="en"),
        kind=IncomingKind.TEXT,
        text="what do you have?",
        received_at=store.clock.now(),
    )
    await conversation.handle(incoming, inbox_ids=[])
    async with store.database.transaction(business.id, worker=True) as session:
        return list(
            await session.scalars(text("SELECT payload ->> 'text' FROM outbox ORDER BY id"))
        )


async def test_the_draft_shows_only_what_holds(
    store: Store,
    business: Business,
    clock: MovableClock,
    channel: TelegramChannel,
    telegram: FakeTelegram,
) -> None:
    model = SlowModel(telegram, HONEST + LIE, "Which day suits you?")
    assert await answer(store, business, channel, model) == ["Which day suits you?"]
    drafts = [draft["text"] for draft in telegram.world.chats[ALICE].drafts]
    assert drafts
    assert all(HONEST.startswith(draft) for draft in drafts)


async def test_a_cut_stream_is_answered_by_the_guided_flow(
    store: Store,
    business: Business,
    clock: MovableClock,
    channel: TelegramChannel,
    telegram: FakeTelegram,
) -> None:
    model = SlowModel(telegram, HONEST, fails=True)
    (reply,) = await answer(store, business, channel, model)
    assert reply.startswith(WORDS.texts.say("model_away", "en"))


async def test_a_draft_that_telegram_refuses_fails_no_turn(
    store: Store,
    business: Business,
    clock: MovableClock,
    channel: TelegramChannel,
    telegram: FakeTelegram,
) -> None:
    telegram.fail_next("sendMessageDraft", Fault.bad_gateway())
    model = SlowModel(telegram, HONEST)
    assert await answer(store, business, channel, model) == [HONEST.strip()]
    assert telegram.world.chats[ALICE].drafts == []
