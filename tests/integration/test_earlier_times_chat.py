"""Another time of what one has, as a customer meets it: waiting for it, the offer, its buttons."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import AsyncIterator

import pytest
from icalendar import Calendar

from assistant.conversation import Conversation
from assistant.delivery import Sender
from assistant.guided.actions import Press, Verb
from assistant.messages import Outgoing
from assistant.telegram.channel import TelegramChannel
from booking.appointment import Appointment
from booking.status import AppointmentStatus
from booking.waitlist import WaitlistState
from db.store import Store
from tests.conftest import MovableClock, apply_file, load_example
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.world import Message
from tests.integration.guided_support import TEXTS, Chat, book, chat_about, new_customer
from tests.integration.hand_off_support import WORDS
from tests.integration.life_support import entry, get, outbox
from tests.integration.test_tools import read, use
from tests.integration.test_unanswered import Phones
from tests.integration.wire_support import on_the_wire
from tools.support.waitlist import Joined

S, W = AppointmentStatus, WaitlistState
TEN = "haircut with Anna on Tuesday at 10"
NOON = "haircut with Anna on Thursday at 12"


@pytest.fixture
async def chat(store: Store) -> Chat:
    return await chat_about(store)


@pytest.fixture
async def other(chat: Chat) -> Chat:
    """Who has the time that is waited for."""
    other = Chat(chat.store, chat.business, await new_customer(chat.store, chat.business, 6))
    await book(other, TEN)
    return other


async def offer(chat: Chat, other: Chat) -> Outgoing:
    """Let the other one cancel; return what the customer gets."""
    await other.say("cancel")
    await other.say("yes")
    return await sent(chat)


async def sent(chat: Chat) -> Outgoing:
    phones = Phones()
    await Sender(chat.store, {"terminal": phones}, TEXTS).send_due("terminal")  # type: ignore[dict-item]
    return next(out for to, out in reversed(phones.sent) if to == chat.to.chat_id)


def labels(message: Outgoing) -> list[str]:
    return [button.label for row in message.buttons for button in row]


async def wait_by_buttons(chat: Chat) -> Appointment:
    """Book for Thursday, and ask in vain to have it on Tuesday at ten."""
    row = await book(chat, NOON)
    await chat.press(Press(Verb.MOVE, appointment=row.id, version=row.version).encode())
    await chat.say("Tuesday at 10")
    await chat.press(
        next(b.action for b in chat.buttons if b.action.startswith(Verb.WAIT_MOVING.value + ":"))
    )
    return row


async def test_a_taken_time_is_waited_for_while_moving(chat: Chat, other: Chat) -> None:
    row = await wait_by_buttons(chat)
    assert chat.text == (
        "🔔 I'll write to you as soon as a time gets free to which you can move your appointment:"
        " Haircut, Tue 24 Nov, 10:00. Until then it stays as it is."
    )
    mine = await chat.command("my")
    waits = "Haircut, Tue 24 Nov, 10:00 (instead of Thu 26 Nov, 12:00)"
    assert f"Waiting for a free time:\n• {waits}" in mine
    offered = await offer(chat, other)
    assert offered.text == (
        "🔔 A time you were waiting for has become free:\n"
        "Haircut (45 min)\n"
        "Now: Thursday, 26 November, 12:00\n"
        "New: Tuesday, 24 November, 10:00\n"
        "Time zone: Berlin, UTC+01:00\n"
        "With: Anna\n"
        "Price: €35.00\n"
        "Address: Kastanienallee 12, Berlin\n"
        f"Appointment #{row.id}\n"
        "If you say yes, your appointment moves there and its old time becomes free for others.\n"
        "I'm holding this time for you until 10:30. It isn't booked until you confirm."
    )
    yes, no = offered.buttons[0]
    assert (yes.label, no.label) == ("Move it there", "No, thanks")
    # Not even a made-up button books it beside the other.
    held = await entry(chat.store, chat.business, chat.customer.id)
    forged = Press(Verb.TAKE, appointment=held.offered_appointment_id or 0, version=1).encode()
    assert (await chat.press(forged)).startswith("That button is out of date.")
    assert chat.labels == ["Move it there", "No, thanks"]
    assert await chat.press(yes.action) == ""
    moved = await get(chat.store, chat.business, row.id)
    assert (moved.version, moved.status) == (row.version + 1, S.CONFIRMED)
    receipt = await sent(chat)
    assert receipt.text.startswith("✅ Moved\n")
    assert "Before: Thursday, 26 November, 12:00" in receipt.text
    for action in (yes.action, no.action, forged):
        assert (await chat.press(action)).startswith("That button is out of date.")
    assert await get(chat.store, chat.business, row.id) == moved


async def test_any_earlier_time_is_shown_or_waited_for(chat: Chat, other: Chat) -> None:
    row = await book(chat, "haircut with Anna on Tuesday at 11")
    await chat.press(Press(Verb.MOVE, appointment=row.id, version=row.version).encode())
    ask = chat.button("Tell me of an earlier time").action
    # There are some: nobody waits for them, and one tap moves.
    assert await chat.press(ask) == "Here are free times. Which one suits you?"
    assert await chat.press(chat.buttons[0].action) != ""
    assert "Move this appointment?" in chat.text
    await chat.press(chat.button("Keep it").action)
    # From the opening until then nothing is free.
    since, until = (dt.datetime(2026, 11, day, tzinfo=dt.UTC) for day in (21, 24))
    await chat.store.run(chat.business, lambda uow: uow.blocks.create_block(since, until))
    assert "gets free to which you can move" in await chat.press(ask)
    assert labels(await offer(chat, other)) == ["Move it there", "No, thanks"]


async def test_who_waits_for_one_more_is_asked_which(chat: Chat, other: Chat) -> None:
    row = await book(chat, NOON)
    await chat.say(TEN)
    await chat.tap("Tell me if it gets free")
    offered = await offer(chat, other)
    assert offered.text.splitlines()[-4:] == [
        "You already have:",
        f"• Thursday, 26 November, 12:00: Haircut, with Anna (#{row.id})",
        "Shall I move that to the new time, or book the new time as well?",
        "I'm holding this time for you until 10:30. It isn't booked until you confirm.",
    ]
    assert labels(offered) == ["Move Thu 26 Nov, 12:00", "Book it as well", "No, thanks"]
    assert await chat.press(offered.buttons[1][0].action) == ""
    assert len(await chat.rows(S.CONFIRMED)) == 2


async def test_an_offer_is_shown_anew_when_the_appointment_has_changed(
    chat: Chat, other: Chat
) -> None:
    row = await wait_by_buttons(chat)
    yes = (await offer(chat, other)).buttons[0][0]
    await chat.store.run(
        chat.business,
        lambda uow: uow.appointments.reschedule_appointment(
            row.id, row.starts_at + dt.timedelta(hours=4), customer_id=None
        ),
    )
    assert (await chat.press(yes.action)).startswith("The offer has changed in the meantime.")
    assert "Now: Thursday, 26 November, 16:00" in chat.text
    await chat.store.run(
        chat.business,
        lambda uow: uow.appointments.cancel_appointment(row.id, customer_id=None),
    )
    assert (await chat.press(chat.buttons[0].action)).startswith("That's no longer possible")
    assert chat.labels == ["Confirm", "No, thanks"]
    assert await chat.press(chat.buttons[0].action) == ""
    assert [each.status for each in await chat.rows(S.CONFIRMED)] == [S.CONFIRMED]


async def test_too_late_keeps_the_appointment_and_says_so(
    chat: Chat, other: Chat, clock: MovableClock
) -> None:
    row = await wait_by_buttons(chat)
    yes = (await offer(chat, other)).buttons[0][0]
    clock.advance(minutes=30)
    assert (await chat.press(yes.action)).startswith("The time is no longer held for you")
    assert chat.text.endswith("Haircut (45 min)\nNow: Thursday, 26 November, 12:00")
    assert await get(chat.store, chat.business, row.id) == row
    # The nearest times are times to move to.
    assert chat.buttons[0].action.startswith(f"{Verb.MOVE_TIME.value}:{row.id}:")


async def test_a_typed_yes_or_no_answers_the_offer_that_was_said_last(
    chat: Chat, other: Chat
) -> None:
    row = await wait_by_buttons(chat)
    await offer(chat, other)
    assert await chat.say("yes") == ""
    assert (await sent(chat)).text.startswith("✅ Moved")
    assert (await get(chat.store, chat.business, row.id)).version == row.version + 1
    # The other one wants it back, and then not: after a crash the answer is the same.
    await other.say(TEN)
    await other.tap("Tell me if it gets free")
    await offer(other, chat)
    passed = "All right, the time goes to the next in line."
    ctx = other.context()
    [first] = await other.flow.answer_to_card(ctx, "no") or []
    assert first.text.startswith(passed)
    again = dataclasses.replace(other.context(), recorded={1: {"result": {"next": "passed"}}})
    [second] = await other.flow.answer_to_card(again, "no") or []
    assert second == first
    assert await other.rows(S.HELD) == []


async def test_a_yes_that_may_mean_something_else_changes_nothing(chat: Chat, other: Chat) -> None:
    row = await book(chat, NOON)
    await chat.say(TEN)
    await chat.tap("Tell me if it gets free")
    await offer(chat, other)
    # Moved, or one more? And after another word it is a yes to that.
    assert (await chat.say("yes")).startswith("Did you mean this one? Please check once more.")
    assert chat.labels == ["Move Thu 26 Nov, 12:00", "Book it as well", "No, thanks"]
    await sent(chat)
    assert (await chat.say("yes")).startswith("There is nothing to confirm right now.")
    assert await chat.rows(S.CONFIRMED) == [row]
    # What is held for them is shown with what they have, as long as it is.
    await chat.command("my")
    assert chat.last[0].text.startswith("Your appointments:")
    assert labels(chat.last[1]) == ["Move Thu 26 Nov, 12:00", "Book it as well", "No, thanks"]
    await chat.tap("No, thanks")
    await chat.command("my")
    assert len(chat.last) == 1


@pytest.mark.parametrize("language", ["en", "ru", "de", "es"])
async def test_all_of_it_in_the_customers_language(chat: Chat, other: Chat, language: str) -> None:
    who = chat.customer.id
    await chat.store.run(
        chat.business, lambda uow: uow.customers.update_customer(who, language=language)
    )
    chat.language = language
    row = await wait_by_buttons(chat)
    start = TEXTS.say("wait_joined_moving", language, what="|").split("|")[0]
    assert chat.text.startswith(start)
    instead = TEXTS.say("wait_moving", language, what="", when="|").split("|")[0].strip()
    assert instead in await chat.command("my")
    offered = await offer(chat, other)
    assert TEXTS.say("waitlist_moves", language) in offered.text
    assert labels(offered) == [
        TEXTS.say("button_move_there", language),
        TEXTS.say("button_no_thanks", language),
    ]
    await chat.press(offered.buttons[0][0].action)
    assert (await sent(chat)).text.startswith(TEXTS.say("receipt_moved", language))
    assert (await get(chat.store, chat.business, row.id)).version == row.version + 1


async def test_the_model_puts_somebody_in_line_for_a_move(chat: Chat, other: Chat) -> None:
    row = await book(chat, NOON)
    outcome = await use(
        chat.context(),
        "join_waiting_list",
        service="haircut",
        when="Tuesday 2026-11-24 10:00",
        instead_of=row.id,
    )
    assert isinstance(outcome, Joined), outcome
    waiting = await entry(chat.store, chat.business, chat.customer.id)
    assert (waiting.moving_appointment_id, waiting.state) == (row.id, W.WAITING)
    ctx = chat.context()
    earlier = read(await use(ctx, "join_waiting_list", service="haircut", instead_of=row.id))
    assert earlier["state"] == "free_now"
    assert ctx.ledger.listings[-1].moving == row.id
    assert max(o.starts_at for o in ctx.ledger.listings[-1].offers) < row.starts_at
    unknown = await use(other.context(), "join_waiting_list", service="haircut", instead_of=row.id)
    assert read(unknown) == {"refused": "not_found", "what": "appointment"}


# --- over the wire


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake
        assert fake.oddities == []


def sequence(message: Message) -> int:
    assert message.document is not None
    [event] = Calendar.from_ical(message.document).walk("VEVENT")
    return int(event["sequence"])


async def test_two_people_and_one_freed_time_in_telegram(
    telegram: FakeTelegram, store: Store
) -> None:
    business = await apply_file(store, load_example())

    def conversation(channel: TelegramChannel) -> Conversation:
        return Conversation(store, {channel.name: business.id}, WORDS)

    async with on_the_wire(telegram, store, business, conversation):
        ada, bob, cleo = (
            telegram.person(number, name, "en")
            for number, name in ((42, "Ada"), (43, "Bob"), (44, "Cleo"))
        )
        receipts = []
        for person, said in ((ada, TEN), (bob, NOON), (cleo, NOON.replace("12", "13"))):
            person.says(said)
            person.presses(await person.waits_for("Please check and confirm"), "Confirm")
            receipts.append(await person.waits_for("✅ Booked"))
        bob.presses(receipts[1], "📅 To my calendar")
        first = await bob.waits_for(lambda message: "document" in message.raw)
        for person, times in ((bob, "10"), (cleo, "10")):
            person.says("move")
            await person.waits_for("Which day would you like instead?")
            person.says(f"Tuesday at {times}")
            person.presses(await person.waits_for("already taken"), "🔔 Tell me if it gets free")
            await person.waits_for("can move your appointment")
        ada.says("cancel")
        ada.presses(await ada.waits_for("Cancel this"), "Yes, cancel it")
        offered = await bob.waits_for("has become free")
        assert offered.labels == ("Move it there", "No, thanks")
        # Two taps are one move, and its calendar entry follows.
        bob.presses(offered, "Move it there")
        bob.presses(offered, "Move it there")
        await bob.waits_for("✅ Moved")
        changed = await bob.waits_for(lambda message: "document" in message.raw)
        assert sequence(changed) > sequence(first)
        await bob.waits_for("out of date")
        # Whoever was second keeps the appointment and the place in line: it is their turn now.
        assert "become free" not in " ".join(message.text for message in cleo.chat.shown)
        bob.says("cancel")
        bob.presses(await bob.waits_for("Cancel this"), "Yes, cancel it")
        second = await cleo.waits_for("has become free")
        cleo.presses(second, "Move it there")
        assert "Before: Thursday, 26 November, 13:00" in (await cleo.waits_for("✅ Moved")).text
    moves = [chat for chat, change in await outbox(store, "receipt") if change == "moved"]
    assert moves == [43, 44]
