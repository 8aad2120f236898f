"""What the fake Telegram server refuses: one case for every rule of the real one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.wire import Wire

Json = dict[str, Any]


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with FakeTelegram() as server, aiohttp.ClientSession() as session:
        yield Wire(server, session)


def button(**action: Any) -> Json:
    return {"inline_keyboard": [[{"text": "Go", **action}]]}


@pytest.mark.parametrize(
    ("markup", "refusal"),
    [
        (None, "object expected as reply markup"),
        ([], "object expected as reply markup"),
        ({"buttons": []}, "object expected as reply markup"),
        ("{oops", "can't parse reply keyboard markup JSON object"),
        (
            {"inline_keyboard": [{"text": "x"}]},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        (button(callback_data=""), "BUTTON_DATA_INVALID"),
        (button(callback_data="x" * 65), "BUTTON_DATA_INVALID"),
        (button(callback_data="Ж" * 33), "BUTTON_DATA_INVALID"),
        (
            button(),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            button(callback_data="a", url="https://a.example"),
            "can't parse inline keyboard button: "
            "exactly one action is allowed, got url, callback_data",
        ),
        (
            button(url="ftp://a.example"),
            "inline keyboard button URL 'ftp://a.example' is invalid: Unsupported URL protocol",
        ),
        (button(callback_data="a", style="pink"), "BUTTON_STYLE_INVALID"),
        (
            {"inline_keyboard": [[{"text": " ", "callback_data": "a"}]]},
            "BUTTON_TEXT_INVALID",
        ),
        (
            {"inline_keyboard": [[{"callback_data": "a"}]]},
            "can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (
            {"inline_keyboard": [[{"text": "x", "callback_data": "a"}] * 5] * 21},
            "reply markup is too long",
        ),
        ({"keyboard": []}, "reply keyboard must have a button"),
        (
            {"keyboard": [[{"text": "x", "request_contact": True, "request_location": True}]]},
            "can't parse keyboard button: at most one request is allowed",
        ),
    ],
)
async def test_markup_refused(wire: Wire, markup: Any, refusal: str) -> None:
    answer = await wire.send("x", reply_markup=markup)
    assert answer.startswith(f"Bad Request: {refusal}")
    assert wire.alice.unseen() == []


async def test_markup_at_the_limit(wire: Wire) -> None:
    row = [{"text": "x", "callback_data": "Ж" * 32}] * 5
    await wire.send("x", reply_markup={"inline_keyboard": [row] * 20})
    assert len(wire.alice.last().buttons) == 100
    await wire.send("x", reply_markup={"keyboard": [["Yes", {"text": "No"}]]})
    assert wire.alice.last().reply_keyboard == ("Yes", "No")
    assert wire.server.oddities == []
    await wire.send("x", reply_markup=button(callback_data="a", color="red"))
    assert wire.server.oddities == ["InlineKeyboardButton: unknown field 'color'"]


async def test_edits_refused(wire: Wire) -> None:
    yes = button(callback_data="yes")
    number = (await wire.send("x", reply_markup=yes))["message_id"]

    async def edit(**params: Any) -> Any:
        given = {"chat_id": 1001, "message_id": number, "text": "x", **params}
        return await wire("editMessageText", **given)

    assert "message is not modified" in await edit(reply_markup=yes)
    assert await edit(message_id=999) == "Bad Request: message to edit not found"
    assert await edit(message_id=0) == "Bad Request: message identifier is not specified"
    assert await edit(message_id=1) == "Bad Request: message can't be edited"
    assert await edit(chat_id=999) == "Bad Request: chat not found"
    assert await edit(text=" ") == "Bad Request: message text is empty"
    keyboard = {"keyboard": [["x"]]}
    assert await edit(reply_markup=keyboard) == "Bad Request: inline keyboard expected"
    assert (await edit())["text"] == "x"
    again = await wire("editMessageReplyMarkup", chat_id=1001, message_id=number)
    assert "message is not modified" in again
    assert await wire("deleteMessage", chat_id=1001, message_id=number) is True
    gone = await wire("deleteMessage", chat_id=1001, message_id=number)
    assert gone == "Bad Request: message to delete not found"
    assert await edit(text="y") == "Bad Request: message to edit not found"


async def test_callback_answers_refused(wire: Wire) -> None:
    stale = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    await wire.send("x", reply_markup=button(callback_data="yes"))

    async def press_and_answer(**params: Any) -> Any:
        press = wire.alice.presses(wire.alice.last(), "Go")
        return press.callback_query_id, await wire(
            "answerCallbackQuery", callback_query_id=press.callback_query_id, **params
        )

    assert await wire("answerCallbackQuery", callback_query_id="1") == stale
    query, answer = await press_and_answer(text="x" * 200)
    assert answer is True
    assert await wire("answerCallbackQuery", callback_query_id=query) == stale
    assert (await press_and_answer(text="x" * 201))[1] == "Bad Request: MESSAGE_TOO_LONG"
    now = [0.0]
    wire.server.limits.clock = lambda: now[0]
    press = wire.alice.presses(wire.alice.last(), "Go")
    now[0] = wire.server.limits.callback_ttl_seconds + 1
    late = await wire("answerCallbackQuery", callback_query_id=press.callback_query_id)
    assert late == stale
    press = wire.alice.presses(wire.alice.last(), "Go")
    wire.server.expire_callbacks()
    late = await wire("answerCallbackQuery", callback_query_id=press.callback_query_id)
    assert late == stale


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        ({"command": "My", "description": "d"}, "BOT_COMMAND_INVALID"),
        ({"command": "my-x", "description": "d"}, "BOT_COMMAND_INVALID"),
        ({"command": "", "description": "d"}, "command must be non-empty"),
        ({"command": "x" * 33, "description": "d"}, "command length must not exceed 32"),
        ({"command": "x", "description": ""}, "command description must be non-empty"),
        (
            {"command": "x", "description": "d" * 257},
            "command description length must not exceed 256",
        ),
        ({"command": "x"}, "can't parse BotCommand: needs command and description"),
    ],
)
async def test_commands_refused(wire: Wire, command: Json, refusal: str) -> None:
    good = {"command": "ok", "description": "d"}
    answer = await wire("setMyCommands", commands=[good, command])
    assert answer == f"Bad Request: {refusal}"
    assert await wire("getMyCommands") == []


async def test_command_menus_refused(wire: Wire) -> None:
    good = {"command": "ok", "description": "d"}
    many = await wire("setMyCommands", commands=[good] * 101)
    assert many == "Bad Request: BOT_COMMANDS_TOO_MUCH"
    for params, refusal in (
        ({"language_code": "de-DE"}, "invalid language code specified"),
        ({"scope": {"type": "everybody"}}, "can't parse BotCommandScope"),
        ({"scope": {"type": "chat"}}, "can't parse BotCommandScope"),
        ({"scope": {"type": "chat", "chat_id": 5}}, "chat not found"),
    ):
        answer = await wire("setMyCommands", commands=[good], **params)
        assert answer.startswith(f"Bad Request: {refusal}")


@pytest.mark.parametrize(
    ("method", "params", "refusal"),
    [
        ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
        ("sendMessageDraft", {"draft_id": 0, "text": "x"}, "draft identifier must be non-zero"),
        ("sendMessageDraft", {"draft_id": 1, "text": "x" * 4097}, "message is too long"),
        ("sendVenue", {"latitude": 1, "title": "a", "address": "b"}, "longitude is empty"),
        (
            "sendVenue",
            {"latitude": 91, "longitude": 1, "title": "a", "address": "b"},
            "wrong location specified",
        ),
        (
            "sendVenue",
            {"latitude": 1, "longitude": 1, "title": " ", "address": "b"},
            "venue title must be non-empty",
        ),
        ("sendDocument", {}, "there is no document in the request"),
        (
            "sendDocument",
            {"document": "nothing"},
            "wrong remote file identifier specified: can't unserialize it",
        ),
        ("sendMessage", {"text": "x", "message_thread_id": 3}, "message thread not found"),
        (
            "sendMessage",
            {"text": "x", "reply_parameters": {"message_id": 77}},
            "message to be replied not found",
        ),
        (
            "editMessageText",
            {"text": "x", "message_id": "two"},
            "parameter \"message_id\" must be an integer, not 'two'",
        ),
    ],
)
async def test_other_refusals(wire: Wire, method: str, params: Json, refusal: str) -> None:
    answer = await wire(method, chat_id=1001, **params)
    assert answer == f"Bad Request: {refusal}"
    assert wire.alice.unseen() == []
    assert wire.alice.chat.drafts == []


async def test_captions_files_and_chats_refused(wire: Wire) -> None:
    form = aiohttp.FormData({"chat_id": "1001", "caption": "x" * 1025})
    form.add_field("document", b"abc", filename="a.txt")
    url = f"{wire.server.base_url}/bot{wire.server.token}/sendDocument"
    async with wire.session.post(url, data=form) as response:
        assert "message caption is too long" in await response.text()
    empty = aiohttp.FormData({"chat_id": "1001"})
    empty.add_field("document", b"", filename="a.txt")
    async with wire.session.post(url, data=empty) as response:
        assert "file must be non-empty" in await response.text()
    assert await wire("getFile", file_id="nothing") == "Bad Request: invalid file_id"
    async with wire.session.get(f"{wire.server.base_url}/file/bot{wire.server.token}/x") as gone:
        assert gone.status == 404
    assert await wire("sendMessage", text="x") == "Bad Request: chat_id is empty"
    assert await wire("getChat", chat_id=5) == "Bad Request: chat not found"
    broken = f"{wire.server.base_url}/bot{wire.server.token}/getMe"
    headers = {"Content-Type": "application/json"}
    async with wire.session.post(broken, data="{oops", headers=headers) as response:
        assert json.loads(await response.text())["error_code"] == 400


async def test_copies_and_what_is_refused_of_them(wire: Wire) -> None:
    alice, bob = wire.alice, wire.server.person(1002, "Bob", "en")
    bob.says("hi")
    photo = alice.sends_photo("look")
    to_bob = {"chat_id": 1002, "from_chat_id": 1001}
    missing = await wire("copyMessage", **to_bob, message_id=999)
    assert missing == "Bad Request: message to copy not found"
    strange = await wire("copyMessage", chat_id=1002, from_chat_id=77, message_id=1)
    assert strange == "Bad Request: chat not found"
    sent = await wire("sendMessage", chat_id=1001, text="secret", protect_content=True)
    kept = await wire("copyMessage", **to_bob, message_id=sent["message_id"])
    assert kept == "Bad Request: message can't be copied"
    copied = await wire("copyMessage", **to_bob, message_id=photo.message_id)
    shown = bob.last()
    # A copy has a number of its own and doesn't say whose it is.
    assert copied == {"message_id": shown.message_id}
    assert (shown.text, shown.raw["photo"][0]["file_size"] > 0) == ("look", True)
    assert "forward_origin" not in shown.raw
    reply = bob.says("nice", reply_to=shown)
    raw = bob.chat.messages[reply.message_id].raw
    assert raw["reply_to_message"]["message_id"] == shown.message_id
