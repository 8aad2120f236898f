"""The Telegram channel over the wire: messages out, menus, signs of life, and one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiogram.types import BotCommandScopeChat
from structlog.testing import capture_logs

from assistant.channel import Channel, OutcomeUnknown, Rejected, RetryLater, Sent, Unreachable
from assistant.messages import Button, Incoming, Outgoing
from assistant.telegram.channel import TelegramChannel, build_channel
from booking.business import Business
from db.clock import Clock
from db.repositories.inbox import InboxRepository
from db.store import Store
from tests.fakes.telegram import FakeTelegram, Fault, Person

ALICE = 42
BUTTONS = (
    (Button(label="Confirm", action="confirm:3"), Button(label="Другое время", action="times:3")),
    (Button(label="Cancel", action="cancel:3"),),
)
MENU = {
    "en": {"my": "My appointments", "help": "What I can do"},
    "ru": {"my": "Мои записи", "help": "Что я умею"},
}


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake doesn't mind how fast the parts of a long message come."""
    monkeypatch.setattr("assistant.telegram.sender.PART_SECONDS", 0.0)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake
        assert fake.oddities == []


@pytest.fixture
async def channel(telegram: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    built = build_channel(telegram.token, base_url=telegram.base_url)
    yield built
    await built.aclose()


@pytest.fixture
def alice(telegram: FakeTelegram) -> Person:
    """A person who has written to the bot, so that it may write to her."""
    person = telegram.person(ALICE)
    person.says("hi")
    return person


async def test_a_plain_text_with_buttons(channel: TelegramChannel, alice: Person) -> None:
    text = "You're booked: **not bold** <b> https://example.org 💇"
    as_channel: Channel = channel
    delivery = await as_channel.send(
        ALICE, Outgoing(text=text, buttons=BUTTONS), first_attempt=True
    )
    shown = await alice.waits_for()
    assert delivery == Sent(shown.message_id)
    assert (shown.text, shown.entities) == (text, ())
    assert [[button.data for button in row] for row in shown.rows] == [
        ["confirm:3", "times:3"],
        ["cancel:3"],
    ]


async def test_markdown_goes_out_as_entities_without_a_preview(
    channel: TelegramChannel, telegram: FakeTelegram, alice: Person
) -> None:
    text = "💇 **Haircut** [map](https://example.org) [bad](javascript:alert(1)) a < b"
    assert isinstance(
        await channel.send(ALICE, Outgoing(text=text, markdown=True), first_attempt=True), Sent
    )
    shown = await alice.waits_for()
    assert shown.text == "💇 Haircut map bad a < b"
    assert [(each["type"], each["offset"], each["length"]) for each in shown.entities] == [
        ("bold", 3, 7),
        ("text_link", 11, 3),
    ]
    params = telegram.calls_of("sendMessage")[0].params
    assert params["link_preview_options"] == {"is_disabled": True}
    assert "parse_mode" not in params


async def test_a_long_text_goes_out_in_parts(channel: TelegramChannel, alice: Person) -> None:
    paragraphs = [f"**{number}** " + "слово 💇 " * 300 for number in range(4)]
    outgoing = Outgoing(text="\n\n".join(paragraphs), buttons=BUTTONS, markdown=True)
    delivery = await channel.send(ALICE, outgoing, first_attempt=True)
    parts = alice.unseen()
    assert len(parts) > 1
    assert delivery == Sent(parts[-1].message_id)
    assert [bool(part.rows) for part in parts] == [False] * (len(parts) - 1) + [True]
    assert " ".join(part.text for part in parts).split() == outgoing.text.replace("*", "").split()
    assert sum(len(part.entities) for part in parts) == 4


async def test_a_retry_goes_on_behind_the_parts_that_are_out(
    channel: TelegramChannel, telegram: FakeTelegram, alice: Person
) -> None:
    outgoing = Outgoing(text="\n\n".join(letter * 3000 for letter in "abc"))
    telegram.limits.per_chat_per_second = 1.0
    held_up = await channel.send(ALICE, outgoing, first_attempt=True)
    assert isinstance(held_up, RetryLater)
    assert held_up.after_seconds == 1.0
    telegram.limits.per_chat_per_second = None
    assert isinstance(await channel.send(ALICE, outgoing, first_attempt=False), Sent)
    assert [part.text[0] for part in alice.unseen()] == ["a", "b", "c"]
    # The same text as a new message begins at the beginning.
    assert isinstance(await channel.send(ALICE, outgoing, first_attempt=True), Sent)
    assert [part.text[0] for part in alice.unseen()] == ["a", "b", "c"] * 2


async def test_refused_entities_go_out_as_plain_text_once(
    channel: TelegramChannel, telegram: FakeTelegram, alice: Person
) -> None:
    refusal = Fault.refusal(400, "Bad Request: can't parse entities: unsupported")
    outgoing = Outgoing(text="**Haircut**", markdown=True, buttons=BUTTONS)
    telegram.fail_next("sendMessage", refusal)
    assert isinstance(await channel.send(ALICE, outgoing, first_attempt=True), Sent)
    shown = await alice.waits_for("Haircut")
    assert (shown.text, shown.entities, len(shown.buttons)) == ("Haircut", (), 3)
    telegram.fail_next("sendMessage", refusal, times=2)
    delivery = await channel.send(ALICE, outgoing, first_attempt=True)
    assert isinstance(delivery, Rejected)
    assert len(telegram.calls_of("sendMessage")) == 4


@pytest.mark.parametrize(
    ("fault", "meaning", "arrives"),
    [
        (Fault.too_many(7), RetryLater(7.0, "TelegramRetryAfter (7 s)", exact=True), False),
        (Fault.server_error(), RetryLater, False),
        (Fault.bad_gateway(), RetryLater, False),
        (Fault.refusal(403, "Forbidden: user is deactivated"), Unreachable, False),
        (Fault.refusal(400, "Bad Request: chat not found"), Unreachable, False),
        (Fault.refusal(400, "Bad Request: BUTTON_DATA_INVALID"), Rejected, False),
        (Fault.refusal(401, "Unauthorized"), RetryLater, False),
        (Fault.drop_before(), OutcomeUnknown, False),
        (Fault.drop_after(), OutcomeUnknown, True),
    ],
)
async def test_faults(
    channel: TelegramChannel,
    telegram: FakeTelegram,
    alice: Person,
    fault: Fault,
    meaning: Any,
    arrives: bool,
) -> None:
    telegram.fail_next("sendMessage", fault)
    delivery = await channel.send(ALICE, Outgoing(text="private words"), first_attempt=True)
    if isinstance(meaning, RetryLater):
        assert delivery == meaning
    else:
        assert type(delivery) is meaning
    assert bool(alice.unseen()) == arrives
    assert "private words" not in str(delivery)
    assert telegram.token not in str(delivery)


async def test_blocked_and_unknown_people_are_unreachable(
    channel: TelegramChannel, alice: Person
) -> None:
    alice.blocks()
    hello = Outgoing(text="hello")
    assert isinstance(await channel.send(ALICE, hello, first_attempt=True), Unreachable)
    assert isinstance(await channel.send(999, hello, first_attempt=True), Unreachable)
    alice.unblocks()
    assert isinstance(await channel.send(ALICE, hello, first_attempt=True), Sent)


async def test_an_answer_that_does_not_come_is_an_unknown_outcome(
    channel: TelegramChannel, telegram: FakeTelegram, alice: Person
) -> None:
    channel.bot.session.timeout = 0.2
    telegram.fail_next("sendMessage", Fault.slow(1.0))
    delivery = await channel.send(ALICE, Outgoing(text="hello"), first_attempt=True)
    assert isinstance(delivery, OutcomeUnknown)


async def test_a_server_that_is_not_there_is_worth_a_retry() -> None:
    channel = build_channel("4242:secret-token", base_url="http://127.0.0.1:1")
    with capture_logs() as logs:
        delivery = await channel.send(ALICE, Outgoing(text="hello"), first_attempt=True)
        await channel.typing(ALICE)
        await channel.draft(ALICE, 1, "hello")
        assert await channel.publish_menu(MENU, default_language="en") == 0
    await channel.aclose()
    assert isinstance(delivery, RetryLater)
    assert "secret-token" not in str(delivery) + str(logs)


async def test_nothing_is_sent_for_a_blank_text(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    delivery = await channel.send(ALICE, Outgoing(text=" \n"), first_attempt=True)
    assert isinstance(delivery, Rejected)
    assert telegram.calls_of("sendMessage") == []


async def test_signs_of_life(
    channel: TelegramChannel, telegram: FakeTelegram, alice: Person
) -> None:
    await channel.typing(ALICE)
    assert await channel.draft(ALICE, 7, "I am looking **for" + "x" * 5000)
    chat = telegram.world.chats[ALICE]
    assert chat.actions == ["typing"]
    assert [(draft["draft_id"], len(draft["text"])) for draft in chat.drafts] == [(7, 4096)]
    alice.blocks()
    telegram.fail_next("sendMessageDraft", Fault.bad_gateway())
    await channel.typing(ALICE)
    assert not await channel.draft(ALICE, 7, "x")
    assert len(chat.drafts) == 1


async def test_menus_are_set_where_they_differ(
    channel: TelegramChannel, telegram: FakeTelegram, alice: Person
) -> None:
    assert await channel.publish_menu(MENU, default_language="en") == 3
    assert await channel.publish_menu(MENU, default_language="en") == 0
    changed = {**MENU, "ru": {**MENU["ru"], "cancel": "Отменить"}}
    assert await channel.publish_menu(changed, default_language="en") == 1
    assert len(telegram.calls_of("setMyCommands")) == 4
    bot = channel.bot
    # An owner who has written to the bot has more in the menu, and nobody else does.
    owners = {"owners": (ALICE, 999), "theirs": {"day": "The day"}}
    assert await channel.publish_menu(changed, default_language="en", **owners) == 1
    assert await channel.publish_menu(changed, default_language="en", **owners) == 0
    own = await bot.get_my_commands(scope=BotCommandScopeChat(chat_id=ALICE))
    assert [each.command for each in own] == ["day"]
    default = await bot.get_my_commands()
    russian = await bot.get_my_commands(language_code="ru")
    assert [each.description for each in default] == ["My appointments", "What I can do"]
    assert [each.command for each in russian] == ["my", "help", "cancel"]


class Echo:
    """A handler that answers through the channel and marks the update done."""

    def __init__(self, channel: TelegramChannel, store: Store) -> None:
        self._channel = channel
        self._store = store

    async def handle(self, incoming: Incoming, *, inbox_ids: Sequence[int]) -> None:
        said = incoming.text or incoming.command or incoming.action
        outgoing = Outgoing(text=f"{incoming.kind}: {said}", buttons=BUTTONS)
        await self._channel.send(incoming.chat_id, outgoing, first_attempt=True)
        async with self._store.worker() as session:
            await InboxRepository(session).done(list(inbox_ids))


async def work(channel: TelegramChannel, store: Store) -> None:
    """A worker in its simplest form, until it's cancelled."""
    echo = Echo(channel, store)
    while True:
        async with store.worker() as session:
            lane = await InboxRepository(session).claim_lane([channel.name])
        if lane is None:
            await asyncio.sleep(0.02)
            continue
        async with store.worker() as session:
            messages = await InboxRepository(session).messages(lane)
        for message in messages:
            await channel.dispatch(message, echo)
        async with store.worker() as session:
            await InboxRepository(session).release(lane)


async def test_a_round_trip(
    telegram: FakeTelegram, channel: TelegramChannel, store: Store, business: Business, clock: Clock
) -> None:
    alice, stop, stored = telegram.person(ALICE), asyncio.Event(), asyncio.Event()
    poller = channel.poller(store, business.id, clock, burst_seconds=0.05, on_stored=stored.set)
    polling = asyncio.create_task(poller.run(stop))
    working = asyncio.create_task(work(channel, store))
    try:
        await telegram.waits_for_call("getUpdates")
        alice.says("haircut tomorrow")
        await asyncio.wait_for(stored.wait(), 30)
        card = await alice.waits_for("text: haircut tomorrow")
        press = alice.presses(card, "Confirm")
        await alice.waits_for("press: confirm:3")
        alice.says("/my@booking_test_bot")
        await alice.waits_for("command: my")
        await telegram.waits_for_call("answerCallbackQuery")
        answer = alice.answer_to(press)
        assert answer is not None
        assert answer["text"] == ""
    finally:
        stop.set()
        working.cancel()
        await asyncio.gather(polling, working, return_exceptions=True)
