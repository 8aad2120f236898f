"""A message that comes while the model thinks: one answer to both, unless a write has begun."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from assistant.channel import BurstGoesOnError
from assistant.conversation import Conversation
from assistant.messages import Incoming, IncomingKind, Person, joined
from assistant.model.port import ModelReply, ModelRequest, UserText
from assistant.turn.engine import TurnEngine
from booking.business import Business
from db.repositories.inbox import BURST_LIMIT_SECONDS, InboxRepository
from db.store import Store
from tests.conftest import NOW
from tests.fakes.model import calls, says
from tests.shipped import shipped
from tools.support.registry import discover

CHANNEL = "telegram:1"
WORDS = shipped()
BOOK = {"service": "haircut", "when": "Tue 2026-11-24 10:00", "staff": None, "notes": None}


class SlowModel:
    """Thinks until it is told to speak."""

    def __init__(self, reply: ModelReply) -> None:
        self.reply = reply
        self.asked: list[str] = []
        self.begun, self.speak = asyncio.Event(), asyncio.Event()

    async def complete(self, request: ModelRequest, **_: object) -> ModelReply:
        newest = request.items[-1]
        self.asked.append(newest.text if isinstance(newest, UserText) else "")
        self.begun.set()
        await self.speak.wait()
        return self.reply


def burst(*parts: tuple[int, str], correction: bool = False) -> Incoming:
    return Incoming(
        channel=CHANNEL,
        chat_id=5,
        update_id=parts[0][0],
        person=Person(telegram_id=5, language_code="en"),
        kind=IncomingKind.TEXT,
        text=joined(parts),
        is_correction=correction,
        received_at=NOW,
        parts=parts,
    )


async def stored(store: Store, business: Business, update_id: int, quiet: float = 1.0) -> int:
    async with store.worker() as session:
        await InboxRepository(session).store(
            business.id, CHANNEL, 5, update_id, {}, received_at=NOW, quiet_seconds=quiet
        )
        return int(await session.scalar(text("SELECT max(id) FROM inbox")) or 0)


async def states(store: Store) -> Sequence[str]:
    async with store.worker() as session:
        return (await session.scalars(text("SELECT state FROM inbox ORDER BY id"))).all()


def conversation(store: Store, business: Business, model: SlowModel) -> Conversation:
    engine = TurnEngine(model, discover(), WORDS.texts)  # type: ignore[arg-type] # a fake
    return Conversation(store, {CHANNEL: business.id}, WORDS, engine)


async def test_both_get_one_answer(store: Store, business: Business) -> None:
    model = SlowModel(says("Hello!"))
    talk = conversation(store, business, model)
    first = await stored(store, business, 1)
    answering = asyncio.create_task(talk.handle(burst((1, "hi")), inbox_ids=[first]))
    await model.begun.wait()
    second = await stored(store, business, 2)
    with pytest.raises(BurstGoesOnError):
        await answering
    assert await states(store) == ["new", "new"]
    model.speak.set()
    await talk.handle(burst((1, "hi"), (2, "there")), inbox_ids=[first, second])
    assert "hi\nthere" in model.asked[-1]
    assert await states(store) == ["done", "done"]
    async with store.worker() as session:
        assert await session.scalar(text("SELECT count(*) FROM outbox")) == 1


@pytest.mark.parametrize("quiet", [0.0, 1.0])
async def test_a_press_or_a_begun_write_is_the_next_turns(
    store: Store, business: Business, quiet: float
) -> None:
    model = SlowModel(calls("create_appointment", BOOK))
    talk = conversation(store, business, model)
    first = await stored(store, business, 1)
    answering = asyncio.create_task(talk.handle(burst((1, "haircut")), inbox_ids=[first]))
    await model.begun.wait()
    if quiet:
        model.speak.set()
        await answering
        await stored(store, business, 2, quiet)
    else:
        await stored(store, business, 2, quiet)  # a press
        await asyncio.sleep(0.7)  # longer than it takes to look
        model.speak.set()
        await answering
    assert await states(store) == ["done", "new"]


async def test_who_writes_on_and_on_is_answered_in_the_end(
    store: Store, business: Business
) -> None:
    model = SlowModel(says("Hello!"))
    talk = conversation(store, business, model)
    ids = [await stored(store, business, 1)]
    for number in range(2, 5):
        model.begun.clear()
        parts = [(n, "hi") for n in range(1, number)]
        answering = asyncio.create_task(talk.handle(burst(*parts), inbox_ids=list(ids)))
        await model.begun.wait()
        ids.append(await stored(store, business, number))
        with pytest.raises(BurstGoesOnError):
            await answering
    model.begun.clear()
    parts = [(n, "hi") for n in range(1, 5)]
    answering = asyncio.create_task(talk.handle(burst(*parts), inbox_ids=list(ids)))
    await model.begun.wait()
    await stored(store, business, 5)
    await asyncio.sleep(0.7)  # longer than it takes to look
    model.speak.set()
    await answering
    assert await states(store) == ["done"] * 4 + ["new"]


async def test_a_correction_is_told_to_the_model(store: Store, business: Business) -> None:
    model = SlowModel(says("Noted."))
    model.speak.set()
    await conversation(store, business, model).handle(
        burst((9, "at 6"), correction=True), inbox_ids=[]
    )
    assert "this replaces an earlier message" in model.asked[0]


async def test_a_burst_ends_some_seconds_after_its_first_message(
    store: Store, business: Business
) -> None:
    await stored(store, business, 1, 60.0)
    async with store.worker() as session:
        seconds = await InboxRepository(session).seconds_to_next([CHANNEL])
    assert seconds is not None
    assert seconds > 50  # the first one's own wish counts
    await stored(store, business, 2, 60.0)
    async with store.worker() as session:
        seconds = await InboxRepository(session).seconds_to_next([CHANNEL])
    assert seconds is not None
    assert seconds <= BURST_LIMIT_SECONDS


async def test_a_text_does_not_put_off_the_press_before_it(
    store: Store, business: Business
) -> None:
    await stored(store, business, 1, 0.0)
    await stored(store, business, 2, 60.0)
    async with store.worker() as session:
        assert await InboxRepository(session).claim_lane([CHANNEL]) is not None
