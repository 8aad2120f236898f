"""What a customer takes along, as Telegram gets it: the calendar file, and the pin on the map."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from icalendar import Calendar

from assistant.conversation import Conversation
from assistant.guided.actions import Press, Verb
from assistant.telegram.channel import TelegramChannel
from booking.business_file import LocationFile
from db.store import Store
from tests.conftest import apply_file, load_example
from tests.fakes.telegram import FakeTelegram, Person
from tests.fakes.telegram.world import Message
from tests.integration.guided_support import book, chat_about, outbox
from tests.integration.hand_off_support import WORDS
from tests.integration.wire_support import on_the_wire

OLGA = 900


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake
        assert fake.oddities == []


def entry(message: Message) -> tuple[str, str, int, str]:
    """Method, UID, SEQUENCE and STATUS of the one event of a calendar file."""
    assert message.document is not None
    calendar = Calendar.from_ical(message.document)
    [event] = calendar.walk("VEVENT")
    return str(calendar["method"]), str(event["uid"]), int(event["sequence"]), str(event["status"])


async def test_the_calendar_file_follows_the_appointment(
    telegram: FakeTelegram, store: Store
) -> None:
    place = LocationFile(latitude=52.5312, longitude=13.4021)
    business = await apply_file(
        store,
        load_example().model_copy(update={"location": place, "owner_chat_ids": (OLGA,)}),
    )

    def conversation(channel: TelegramChannel) -> Conversation:
        return Conversation(store, {channel.name: business.id}, WORDS)

    def is_file(message: Message) -> bool:
        return "document" in message.raw

    async with on_the_wire(telegram, store, business, conversation):
        ada = telegram.person(42, "Ada", "en")
        ada.says("haircut with Anna on Tuesday at 10")
        card = await ada.waits_for("Please check and confirm")
        ada.presses(card, "Confirm")
        receipt = await ada.waits_for("✅ Booked")
        assert receipt.labels == ("📅 To my calendar", "📍 Map")
        ada.presses(receipt, "📍 Map")
        pin = await ada.waits_for(lambda message: "venue" in message.raw)
        assert pin.raw["venue"]["location"] == {"latitude": 52.5312, "longitude": 13.4021}
        assert pin.raw["venue"]["title"] == "Northside Barbers"
        ada.presses(receipt, "📅 To my calendar")
        first = await ada.waits_for(is_file)
        assert first.raw["document"]["file_name"] == "appointment-1.ics"
        method, uid, sequence, status = entry(first)
        assert (method, status) == ("REQUEST", "CONFIRMED")

        moved = await move(ada, "move it to Thursday at 16:00")
        assert moved.labels == ("📅 To my calendar", "📍 Map")
        second = await ada.waits_for(is_file)
        assert entry(second) == ("REQUEST", uid, sequence + 1, "CONFIRMED")
        assert "has changed" in second.raw["caption"]

        # The owner lets her down: told, taken out of the calendar, and offered another time.
        olga = telegram.person(OLGA, "Olga", "en")
        olga.says("/off Thursday")
        off = await olga.waits_for("1 appointment is in the way")
        olga.presses(off, "Cancel them and take off")
        let_down = await ada.waits_for("has cancelled your appointment")
        assert let_down.labels == ("Other times",)
        gone = await ada.waits_for(is_file)
        assert entry(gone) == ("CANCEL", uid, sequence + 2, "CANCELLED")
        ada.presses(let_down, "Other times")
        await ada.waits_for("Which day suits you")


async def move(ada: Person, said: str) -> Message:
    ada.says(said)
    card = await ada.waits_for("Move this appointment")
    ada.presses(card, "Confirm")
    return await ada.waits_for("✅ Moved")


async def test_no_file_follows_whoever_took_none_and_none_is_had_of_others(store: Store) -> None:
    chat = await chat_about(store, location=None)
    row = await book(chat)
    await chat.say("cancel")
    await chat.say("yes")
    assert await outbox(store, "calendar") == []
    assert "couldn't find" in await chat.press(Press(Verb.CALENDAR, appointment=row.id).encode())
    assert "Kastanienallee" in await chat.press(Press(Verb.MAP).encode())  # without a place: words
    assert all(message.place is None for message in chat.last)


async def test_who_asks_where_it_is_gets_the_pin(store: Store) -> None:
    chat = await chat_about(store, location=LocationFile(latitude=52.5312, longitude=13.4021))
    await chat.say("where are you?")
    assert [message.place is not None for message in chat.last] == [True, False]
