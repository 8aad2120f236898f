"""Stored updates through the routers: what becomes an `Incoming`, what is left alone."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Sequence
from typing import Any

import pytest

from assistant.channel import UnparsableError
from assistant.messages import Incoming, IncomingKind, Person, Replied, Voice
from assistant.telegram.channel import TelegramChannel, build_channel
from assistant.telegram.convert import Command, parse_command
from db.errors import DatabaseUnavailableError
from db.repositories.inbox import InboxMessage

RECEIVED = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
ALICE = {"id": 42, "is_bot": False, "first_name": "Alice", "language_code": "ru", "username": "al"}
PRIVATE = {"id": 42, "type": "private", "first_name": "Alice"}
GROUP = {"id": -100, "type": "supergroup", "title": "G"}


class Collector:
    """A handler that keeps what it's given."""

    def __init__(self) -> None:
        self.got: list[tuple[Incoming, list[int]]] = []

    async def handle(self, incoming: Incoming, *, inbox_ids: Sequence[int]) -> None:
        self.got.append((incoming, list(inbox_ids)))


@pytest.fixture
def channel() -> TelegramChannel:
    return build_channel("4242:secret")


@pytest.fixture
def collector() -> Collector:
    return Collector()


def stored(**body: Any) -> InboxMessage:
    payload = {"update_id": 900, **body}
    return InboxMessage(
        id=5,
        business_id=1,
        channel="telegram:4242",
        chat_id=42,
        update_id=900,
        payload=payload,
        received_at=RECEIVED,
    )


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 3, "date": 1, "chat": PRIVATE, "from": ALICE, **content}


def replied(*, from_bot: bool) -> dict[str, Any]:
    """A message with a button, as a reply carries it along."""
    button = {"text": "Give back", "callback_data": "gb:1"}
    return {
        **message(text="notice"),
        "message_id": 2,
        "from": {**ALICE, "is_bot": from_bot},
        "reply_markup": {"inline_keyboard": [[button]]},
    }


def press(**changes: Any) -> dict[str, Any]:
    body = {
        "id": "77",
        "from": ALICE,
        "chat_instance": "1",
        "data": "confirm:3",
        "message": message(text="card"),
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


async def test_a_text_becomes_an_incoming(channel: TelegramChannel, collector: Collector) -> None:
    assert channel.name == "telegram:4242"
    assert await channel.dispatch(stored(message=message(text="hi\nthere")), collector)
    assert collector.got == [
        (
            Incoming(
                channel="telegram:4242",
                chat_id=42,
                update_id=900,
                person=Person(
                    telegram_id=42, username="al", first_name="Alice", language_code="ru"
                ),
                kind=IncomingKind.TEXT,
                text="hi\nthere",
                message_id=3,
                received_at=RECEIVED,
            ),
            [5],
        )
    ]


@pytest.mark.parametrize(
    ("body", "kind", "fields"),
    [
        ({"message": message(text="/start")}, "command", {"command": "start", "text": ""}),
        ({"message": message(text="/start ref_1")}, "command", {"text": "ref_1"}),
        ({"message": message(text="/MY@some_bot")}, "command", {"command": "my"}),
        ({"message": message(text="/nonsense x")}, "command", {"command": "nonsense"}),
        ({"message": message(text="/ tomorrow")}, "text", {"text": "/ tomorrow"}),
        ({"edited_message": message(text="at 5", edit_date=2)}, "text", {"text": "at 5"}),
        ({"edited_message": message(text="/my", edit_date=2)}, "command", {"command": "my"}),
        ({"callback_query": press()}, "press", {"action": "confirm:3", "text": ""}),
        ({"callback_query": press(message=None)}, "press", {"action": "confirm:3"}),
        (
            {"callback_query": press(message={"chat": PRIVATE, "message_id": 3, "date": 0})},
            "press",
            {"action": "confirm:3"},
        ),
        (
            {"message": message(voice={"file_id": "a", "file_unique_id": "b", "duration": 3})},
            "text",
            {"text": "", "voices": ((900, Voice(file_id="a", seconds=3)),)},
        ),
        (
            {"message": message(contact={"phone_number": "49", "first_name": "A", "user_id": 42})},
            "contact",
            {"text": "49"},
        ),
        (
            {"message": message(contact={"phone_number": "49", "first_name": "A", "user_id": 43})},
            "other",
            {},
        ),
        (
            {"message": message(contact={"phone_number": "49", "first_name": "A"})},
            "other",
            {},
        ),
        (
            {"message": message(text="ok", reply_to_message=replied(from_bot=True))},
            "text",
            {"replied": Replied(message_id=2, actions=("gb:1",))},
        ),
        (
            {"message": message(text="ok", reply_to_message=replied(from_bot=False))},
            "text",
            {"replied": Replied(message_id=2)},
        ),
        (
            {
                "message": message(
                    caption="like this",
                    photo=[{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}],
                )
            },
            "other",
            {"text": "like this"},
        ),
        ({"message": message(brand_new_thing={"x": 1})}, "other", {}),
    ],
)
async def test_kinds(
    channel: TelegramChannel,
    collector: Collector,
    body: dict[str, Any],
    kind: str,
    fields: dict[str, Any],
) -> None:
    assert await channel.dispatch(stored(**body), collector)
    ((incoming, _),) = collector.got
    assert incoming.kind == kind
    assert (incoming.chat_id, incoming.person.telegram_id) == (42, 42)
    assert {name: getattr(incoming, name) for name in fields} == fields


def membership(chat: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """An update that tells what the bot is in a chat by now."""
    change = {"chat": chat, "from": ALICE, "date": 1}
    before = {"user": ALICE, "status": "member"}
    after = {"user": ALICE, **after}
    return {"my_chat_member": {**change, "old_chat_member": before, "new_chat_member": after}}


@pytest.mark.parametrize(
    ("after", "told"),
    [({"status": "kicked", "until_date": 0}, "blocked"), ({"status": "member"}, "unblocked")],
)
async def test_blocking_and_unblocking_are_handed_on(
    channel: TelegramChannel, collector: Collector, after: dict[str, Any], told: str
) -> None:
    assert await channel.dispatch(stored(**membership(PRIVATE, after)), collector)
    [(incoming, _)] = collector.got
    assert (incoming.kind, incoming.action) == (IncomingKind.MEMBERSHIP, told)


@pytest.mark.parametrize(
    "body",
    [
        {"message": message(text="hi", chat=GROUP)},
        {"message": message(text="/my@booking_bot", chat=GROUP)},
        {"message": {"message_id": 3, "date": 1, "chat": PRIVATE, "text": "no sender"}},
        {"message": message(text="hi", **{"from": {**ALICE, "is_bot": True}})},
        {"message": message(pinned_message=message(text="x"))},
        {"message": message(message_auto_delete_timer_changed={"message_auto_delete_time": 5})},
        {"edited_message": message(text="not by the person")},
        {"edited_message": message(caption="x", edit_date=2)},
        {"channel_post": {"message_id": 3, "date": 1, "chat": GROUP, "text": "x"}},
        {"callback_query": press(data=None, game_short_name="g")},
        {"callback_query": press(message=message(text="card", chat=GROUP))},
        membership(GROUP, {"status": "kicked", "until_date": 0}),
        {"a_kind_of_next_year": {"text": "private words"}},
        {},
    ],
)
async def test_what_gets_no_answer(
    channel: TelegramChannel, collector: Collector, body: dict[str, Any]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not await channel.dispatch(stored(**body), collector)
    assert collector.got == []


@pytest.mark.parametrize(
    "body",
    [
        {"message": "my private words"},
        {"message": {"text": "my private words"}},
        {"message": message(text={"my private words": 1})},
        {"refused_payload": '{"message":"my private words"}'},
    ],
)
async def test_an_unparsable_update(
    channel: TelegramChannel, collector: Collector, body: dict[str, Any]
) -> None:
    with pytest.raises(UnparsableError) as caught:
        await channel.dispatch(stored(**body), collector)
    assert "private words" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert collector.got == []


@pytest.mark.parametrize("error", [DatabaseUnavailableError("away"), KeyError("a bug"), OSError()])
async def test_the_handlers_errors_reach_the_worker(
    channel: TelegramChannel, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    class Failing:
        async def handle(self, incoming: Incoming, *, inbox_ids: Sequence[int]) -> None:
            raise error

    with pytest.raises(type(error)) as caught:
        await channel.dispatch(stored(message=message(text="my private words")), Failing())
    assert caught.value is error
    logged = capsys.readouterr()
    assert "private words" not in logged.out + logged.err


async def test_two_channels_live_side_by_side(collector: Collector) -> None:
    channels = [build_channel(f"{number}:secret") for number in (1, 2)]
    for channel in channels:
        assert await channel.dispatch(stored(message=message(text="hi")), collector)


def test_only_what_has_a_router_is_asked_for(channel: TelegramChannel) -> None:
    assert channel.allowed_updates == [
        "callback_query",
        "edited_message",
        "message",
        "my_chat_member",
    ]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/start", Command("start")),
        ("/start  a b\nc ", Command("start", "a b\nc")),
        ("/my@bot", Command("my")),
        ("/my@bot now", Command("my", "now")),
        ("/", None),
        ("/é", None),
        ("/a-b", None),
        ("say /start", None),
        ("/" + "x" * 33, None),
    ],
)
def test_commands(text: str, command: Command | None) -> None:
    assert parse_command(text) == command
