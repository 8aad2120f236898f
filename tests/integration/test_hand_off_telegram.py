"""A chat handed to a person, as the two of them see it in Telegram."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from assistant.conversation import Conversation
from assistant.telegram.channel import TelegramChannel
from booking.business import Business
from db.store import Store
from tests.conftest import load_example
from tests.fakes.telegram import FakeTelegram, Person
from tests.founding import founded
from tests.integration.hand_off_support import WORDS
from tests.integration.wire_support import on_the_wire

OLGA = 900


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake
        assert fake.oddities == []


@pytest.fixture
def olga(telegram: FakeTelegram) -> Person:
    """The owner, who has written to the bot once."""
    person = telegram.person(OLGA, "Olga", "en")
    person.says("/start")
    return person


@pytest.fixture
async def business(store: Store) -> Business:
    return await founded(store, load_example().model_copy(update={"owner_chat_ids": (OLGA,)}))


async def test_from_asking_to_giving_back(
    telegram: FakeTelegram, store: Store, business: Business, olga: Person
) -> None:
    ada = telegram.person(42, "Ada", "en")

    def conversation(channel: TelegramChannel) -> Conversation:
        return Conversation(store, {channel.name: business.id}, WORDS)

    async with on_the_wire(telegram, store, business, conversation):
        await olga.waits_for("Hello!")
        ada.says("hello there")
        await ada.waits_for("Hello!")
        ada.says("/human")
        await ada.waits_for("A person will answer|a person will answer")
        notice = await olga.waits_for("Ada would like to talk to a person")
        await olga.waits_for("The conversation so far:\nAda: hello there")
        photo = ada.sends_photo("can you do this?")
        shown = await olga.waits_for(lambda message: "photo" in message.raw)
        assert shown.text == "can you do this?"
        assert shown.labels == ("Give back",)
        olga.says("Yes, that's possible.", reply_to=shown)
        answer = await ada.waits_for("👤 Olga, Northside Barbers:\nYes, that's possible.")
        assert answer.message_id > photo.message_id
        await olga.waits_for("You have the chat with Ada")
        # Two replies in a row to different messages aren't joined; the order stays.
        mine = olga.says("On Friday?", reply_to=notice)
        olga.says("Or on Saturday?", reply_to=mine)
        await ada.waits_for("On Friday\\?$")
        await ada.waits_for("Or on Saturday\\?$")
        ada.says("/done")
        await ada.waits_for("Here is what I can do")
        olga.presses(notice, "Give back")
        await olga.waits_for("The assistant answers Ada again")
        await ada.waits_for("The assistant answers here again")
        ada.says("hello again")
        await ada.waits_for("I'm not sure|Hello!")
