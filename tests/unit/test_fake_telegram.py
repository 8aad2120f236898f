"""The fake Telegram server against the real aiogram, and its people, updates and faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    MessageEntity,
)

from tests.fakes.telegram import FakeTelegram, Fault, Person


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
async def bot(server: FakeTelegram) -> AsyncIterator[Bot]:
    bot = bot_at(server)
    yield bot
    await bot.session.close()


@pytest.fixture
def alice(server: FakeTelegram) -> Person:
    person = server.person(1001, "Alice", "en")
    person.says("/start")
    return person


def bot_at(server: FakeTelegram, token: str | None = None) -> Bot:
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.base_url))
    return Bot(token or server.token, session=session)


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    row = [InlineKeyboardButton(text=label, callback_data=f"do:{label}") for label in labels]
    return InlineKeyboardMarkup(inline_keyboard=[row])


async def test_aiogram_parses_every_answer(server: FakeTelegram, bot: Bot, alice: Person) -> None:
    me = await bot.get_me()
    assert (me.id, me.is_bot, me.username) == (4242, True, "booking_test_bot")

    (update,) = await bot.get_updates(timeout=1)
    assert update.message is not None
    assert update.message.text == "/start"
    assert update.message.from_user is not None
    assert update.message.from_user.language_code == "en"
    assert update.message.entities is not None
    assert update.message.entities[0].type == "bot_command"

    sent = await bot.send_message(
        1001,
        "Haircut 💇 on Tuesday",
        entities=[MessageEntity(type="bold", offset=0, length=10)],
        reply_markup=keyboard("Confirm", "Other times"),
    )
    seen = await alice.waits_for("Tuesday")
    assert seen.labels == ("Confirm", "Other times")
    assert seen.buttons[0].data == "do:Confirm"
    assert seen.entities == ({"type": "bold", "offset": 0, "length": 10},)
    assert sent.reply_markup is not None

    edited = await bot.edit_message_text("Booked", chat_id=1001, message_id=sent.message_id)
    assert isinstance(edited, Message)
    assert edited.reply_markup is None
    assert (await alice.waits_for("Booked")).edited
    await bot.edit_message_reply_markup(
        chat_id=1001, message_id=sent.message_id, reply_markup=keyboard("Again")
    )
    press = alice.presses(alice.last(), 0)
    updates = await bot.get_updates(offset=update.update_id + 1)
    assert updates[0].callback_query is not None
    assert updates[0].callback_query.id == press.callback_query_id
    assert updates[0].callback_query.data == "do:Again"
    assert await bot.answer_callback_query(press.callback_query_id, text="Yes", show_alert=True)
    answer = alice.answer_to(press)
    assert answer is not None
    assert answer["text"] == "Yes"

    scope = BotCommandScopeAllPrivateChats()
    commands = [BotCommand(command="my", description="My bookings")]
    assert await bot.set_my_commands(commands, scope=scope, language_code="ru")
    (command,) = await bot.get_my_commands(scope=scope, language_code="ru")
    assert (command.command, command.description) == ("my", "My bookings")
    assert await bot.get_my_commands() == []
    assert await bot.delete_my_commands(scope=scope, language_code="ru")
    assert await bot.get_my_commands(scope=scope, language_code="ru") == []

    assert await bot.send_chat_action(1001, "typing")
    assert await bot.send_message_draft(1001, draft_id=7, text="Looking")
    assert alice.chat.actions == ["typing"]
    assert alice.chat.drafts[0]["text"] == "Looking"

    document = BufferedInputFile(b"BEGIN:VCALENDAR", filename="visit.ics")
    with_file = await bot.send_document(1001, document, caption="<b>Visit</b>", parse_mode="HTML")
    assert with_file.document is not None
    assert with_file.document.file_name == "visit.ics"
    assert with_file.caption == "Visit"
    assert alice.last().document == b"BEGIN:VCALENDAR"
    again = await bot.send_document(1001, with_file.document.file_id)
    assert again.document is not None
    assert alice.last().document == b"BEGIN:VCALENDAR"

    venue = await bot.send_venue(1001, 52.5, 13.4, title="Salon", address="Main street 1")
    assert venue.venue is not None
    assert (await bot.get_chat(1001)).first_name == "Alice"
    assert (await bot.get_webhook_info()).url == ""
    assert await bot.delete_message(1001, venue.message_id)
    assert server.oddities == []


async def test_everything_a_person_sends_parses(bot: Bot, alice: Person) -> None:
    sent = alice.says("Tomorrow")
    alice.edits(sent, "Today")
    alice.sends_voice(b"OggS", 3)
    alice.sends_photo("my hair")
    alice.sends_contact("+4912345")
    alice.sends_sticker()
    alice.blocks()
    alice.unblocks()
    alice.says("x" * 5000)
    updates = await bot.get_updates()
    assert [update.event_type for update in updates[1:]] == [
        "message",
        "edited_message",
        *["message"] * 4,
        "my_chat_member",
        "my_chat_member",
        "message",
        "message",
    ]
    voice = updates[3].message
    assert voice is not None
    assert voice.voice is not None
    assert voice.voice.duration == 3
    file = await bot.get_file(voice.voice.file_id)
    assert file.file_path is not None
    content = await bot.download_file(file.file_path)
    assert content is not None
    assert content.read() == b"OggS"
    contact = updates[5].message
    assert contact is not None
    assert contact.contact is not None
    assert contact.contact.user_id == 1001


async def test_offsets_confirm_as_in_the_real_server(server: FakeTelegram, bot: Bot) -> None:
    alice = server.person(1001)
    first, second, third = (alice.says(text).update_id for text in ("one", "two", "three"))

    async def ids(**params: Any) -> list[int]:
        return [update.update_id for update in await bot.get_updates(**params)]

    assert await ids(limit=2) == [first, second]
    assert await ids() == [first, second, third]
    assert await ids(offset=second) == [second, third]
    assert await ids(offset=first) == [second, third]
    assert await ids(offset=-1) == [third]
    assert await ids() == [third]
    assert await ids(offset=third + 1) == []
    server.redeliver(second)
    assert await ids(offset=third + 1) == [second]
    assert await ids(offset=third + 1) == []


async def test_a_long_poll_ends_with_the_message(server: FakeTelegram, bot: Bot) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=30))
    await server.waits_for_call("getUpdates")
    server.person(1001).says("hello")
    assert len(await waiting) == 1


async def test_allowed_updates_are_remembered(server: FakeTelegram, bot: Bot) -> None:
    alice = server.person(1001)
    await bot.get_updates(allowed_updates=["callback_query"])
    assert alice.says("unheard").update_ids == ()
    assert await bot.get_updates() == []
    await bot.get_updates(allowed_updates=["message"])
    assert len(alice.says("heard").update_ids) == 1
    await bot.get_updates(allowed_updates=["mesage"])
    assert server.oddities == ["allowed_updates: unknown type 'mesage'"]


async def test_the_newer_of_two_readers_wins(server: FakeTelegram, bot: Bot) -> None:
    older = asyncio.create_task(bot.get_updates(timeout=30))
    await server.waits_for_call("getUpdates")
    newer = asyncio.create_task(bot.get_updates(timeout=30))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await older
    server.person(1001).says("hello")
    assert len(await newer) == 1


async def test_a_closing_server_answers_waiting_polls() -> None:
    async with FakeTelegram() as server:
        bot = bot_at(server)
        waiting = asyncio.create_task(bot.get_updates(timeout=30))
        await server.waits_for_call("getUpdates")
    assert await waiting == []
    await bot.session.close()


async def test_faults_become_what_aiogram_raises(
    server: FakeTelegram, bot: Bot, alice: Person
) -> None:
    server.fail_next("sendMessage", Fault.too_many(7))
    with pytest.raises(TelegramRetryAfter) as too_many:
        await bot.send_message(1001, "one")
    assert too_many.value.retry_after == 7
    server.fail_next("sendMessage", Fault.server_error())
    with pytest.raises(TelegramServerError):
        await bot.send_message(1001, "two")
    server.fail_next("*", Fault.bad_gateway())
    with pytest.raises(ClientDecodeError):
        await bot.send_message(1001, "three")
    server.fail_next("sendMessage", Fault.drop_before())
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(1001, "four")
    server.fail_next("sendMessage", Fault.refusal(403, "Forbidden: user is deactivated"))
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(1001, "five")
    assert alice.unseen() == []
    server.fail_next("sendMessage", Fault.drop_after())
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(1001, "six")
    server.fail_next("sendMessage", Fault.slow(0.05))
    await bot.send_message(1001, "seven")
    assert [message.text for message in alice.unseen()] == ["six", "seven"]
    calls = server.calls_of("sendMessage")
    assert [call.status for call in calls] == [429, 500, 502, 0, 403, 200, 200]
    assert calls[-1].params["text"] == "seven"


async def test_tokens_methods_and_blocks(server: FakeTelegram, bot: Bot, alice: Person) -> None:
    stranger = bot_at(server, "4242:another")
    with pytest.raises(TelegramUnauthorizedError):
        await stranger.get_me()
    await stranger.session.close()

    class SendTelepathy(TelegramMethod[bool]):
        __returning__ = bool
        __api_method__ = "sendTelepathy"

    with pytest.raises(TelegramNotFound):
        await bot(SendTelepathy())
    server.person(1002, "Boris")
    for nobody in (1002, 9999, "@nobody"):
        with pytest.raises(TelegramBadRequest, match="chat not found"):
            await bot.send_message(nobody, "hello")
    alice.blocks()
    for call in (bot.send_message(1001, "x"), bot.send_chat_action(1001, "typing")):
        with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
            await call
    with pytest.raises(ValueError, match="must unblock"):
        alice.says("hello?")
    alice.unblocks()
    await bot.send_message(1001, "welcome back")


async def test_unknown_parameters_are_reported(server: FakeTelegram, alice: Person) -> None:
    url = f"{server.base_url}/bot{server.token}/sendmessage"
    async with aiohttp.ClientSession() as session:
        await session.post(url, json={"chat_id": 1001, "text": "a", "colour": "red"})
        await session.get(url, params={"chat_id": "1001", "text": "b"})
        await session.post(url, data={"chat_id": "1001", "text": "c"})
        broken = await session.post(url, json={"chat_id": 1001, "text": "\ud83d"})
        assert (await broken.json())["description"].endswith("must be encoded in UTF-8")
    assert [message.text for message in alice.unseen()] == ["a", "b", "c"]
    assert server.oddities == ["sendMessage: unknown parameter 'colour'"]


async def test_the_rate_of_one_chat(server: FakeTelegram, bot: Bot, alice: Person) -> None:
    now = [100.0]
    server.limits.clock = lambda: now[0]
    server.limits.per_chat_per_second = 1
    sent = await bot.send_message(1001, "one")
    with pytest.raises(TelegramRetryAfter) as refused:
        await bot.edit_message_text("two", chat_id=1001, message_id=sent.message_id)
    now[0] += refused.value.retry_after
    await bot.edit_message_text("two", chat_id=1001, message_id=sent.message_id)


async def test_the_rate_of_all_chats_and_of_a_group(
    server: FakeTelegram, bot: Bot, alice: Person
) -> None:
    now = [100.0]
    server.limits.clock = lambda: now[0]
    server.limits.per_second = 3
    bob = server.person(1002, "Bob")
    bob.says("hi")
    for chat_id in (1001, 1002, 1001):
        await bot.send_message(chat_id, "one of three")
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(1002, "the fourth")
    now[0] += 1
    await bot.send_message(1002, "the fourth")
    server.limits.keep()
    group = server.group(-5)
    alice.says("hello all", in_group=group)
    for _ in range(20):
        now[0] += 1
        await bot.send_message(-5, "to the group")
    now[0] += 1
    with pytest.raises(TelegramRetryAfter) as refused:
        await bot.send_message(-5, "the twenty-first")
    assert refused.value.retry_after == 40  # a minute after the first
    assert server.limits.refused == 2


async def test_waiting_in_vain_shows_the_chat(bot: Bot, alice: Person) -> None:
    await bot.send_message(1001, "Good day", reply_markup=keyboard("Book"))
    with pytest.raises(AssertionError, match=r"(?s)Alice: /start.*Good day.*\[Book\]"):
        await alice.waits_for("Good night", timeout=0.05)
    seen = await alice.waits_for(lambda message: "Book" in message.labels)
    with pytest.raises(AssertionError):
        await alice.waits_for("Good day", timeout=0)
    with pytest.raises(ValueError, match="0 buttons 'Move'"):
        alice.presses(seen, "Move")


async def test_a_press_on_an_old_screen(bot: Bot, alice: Person) -> None:
    sent = await bot.send_message(1001, "Draft 1", reply_markup=keyboard("v1"))
    old = await alice.waits_for("Draft 1")
    await bot.edit_message_text(
        "Draft 2", chat_id=1001, message_id=sent.message_id, reply_markup=keyboard("v2")
    )
    assert alice.presses(old, 0).data == "do:v1"
    await bot.delete_message(1001, sent.message_id)
    alice.presses(old, 0)
    updates = await bot.get_updates(offset=-1)
    assert updates[0].callback_query is not None
    assert not isinstance(updates[0].callback_query.message, Message)


async def test_groups(server: FakeTelegram, bot: Bot) -> None:
    group = server.group(-1009, "Team")
    alice = server.person(1001)
    alice.says("hello all", in_group=group)
    updates = await bot.get_updates()
    assert updates[0].message is not None
    assert updates[0].message.chat.type == "supergroup"
    await bot.send_message(-1009, "Write to me alone")
    await alice.waits_for("alone", in_group=group)
    with pytest.raises(TelegramBadRequest, match="only to private chats"):
        await bot.send_message_draft(-1009, draft_id=1, text="x")


def test_synchronous_tests_use_a_thread() -> None:
    async def answer(server: FakeTelegram) -> None:
        bot = bot_at(server)
        (update,) = await bot.get_updates(timeout=10)
        assert update.message is not None
        await bot(SendMessage(chat_id=update.message.chat.id, text="pong"))
        await bot.session.close()

    with FakeTelegram.in_thread() as server:
        alice = server.person(1001)
        alice.says("ping")
        asyncio.run(answer(server))
        assert alice.waits_for_sync("pong").text == "pong"
        assert alice.transcript() == "Alice: ping\nBot #2: pong"
        with pytest.raises(AssertionError, match="Bot #2: pong"):
            alice.waits_for_sync("more", timeout=0)
