"""The fake Telegram server delivers to a webhook in lanes and tries again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Update
from aiohttp import web

from tests.fakes.telegram import FakeTelegram


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
async def bot(server: FakeTelegram) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.base_url))
    bot = Bot(server.token, session=session)
    yield bot
    await bot.session.close()


class Hook:
    """A bot's webhook that answers what the test tells it to."""

    def __init__(self) -> None:
        self.got: list[tuple[str | None, Update]] = []
        self.answers: list[web.Response] = []
        self.hold: dict[str, asyncio.Event] = {}
        self.arrived = asyncio.Condition()

    async def take(self, request: web.Request) -> web.Response:
        update = Update.model_validate(await request.json())
        async with self.arrived:
            self.got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), update))
            self.arrived.notify_all()
        if update.message and update.message.text in self.hold:
            await self.hold[update.message.text].wait()
        return self.answers.pop(0) if self.answers else web.Response()

    async def has(self, count: int) -> list[str]:
        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(lambda: len(self.got) >= count), 30)
        return [_words(update) for _, update in self.got]


def _words(update: Update) -> str:
    if update.message:
        return update.message.text or ""
    assert update.callback_query is not None
    return f"press {update.callback_query.data}"


@pytest.fixture
async def hook() -> AsyncIterator[tuple[Hook, str]]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield hook, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


async def test_webhook_delivers_in_lanes(
    server: FakeTelegram, bot: Bot, hook: tuple[Hook, str]
) -> None:
    there, url = hook
    alice, boris = server.person(1001, "Alice"), server.person(1002, "Boris", "ru")
    alice.says("/start")
    await bot.send_message(
        1001,
        "Which?",
        reply_markup=InlineKeyboardMarkup(
            inline_keyboard=[[InlineKeyboardButton(text="A", callback_data="do:A")]]
        ),
    )
    there.hold["/start"] = asyncio.Event()
    await bot.set_webhook(url, secret_token="s3cret_Token")
    with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook"):
        await bot.get_updates()
    alice.says("second")
    boris.says("me too")
    alice.presses(alice.last(), "A")
    # Alice's first message is still being answered: her press and Boris pass, her second waits.
    texts = await there.has(3)
    assert texts[0] == "/start"
    assert sorted(texts[1:]) == ["me too", "press do:A"]
    assert (await bot.get_webhook_info()).pending_update_count >= 2
    there.hold["/start"].set()
    assert (await there.has(4))[3] == "second"
    assert {secret for secret, _ in there.got} == {"s3cret_Token"}
    await bot.delete_webhook()
    assert await bot.get_updates() == []


async def test_webhook_retries_until_it_is_taken(
    server: FakeTelegram, bot: Bot, hook: tuple[Hook, str]
) -> None:
    there, url = hook
    server.limits.webhook_backoff_scale = 0.001
    failures = [web.Response(status=500), web.Response(status=502)]
    there.answers = [*failures, web.Response(status=429, headers={"Retry-After": "3"})]
    await bot.set_webhook(url)
    sent = server.person(1001).says("hello")
    assert await there.has(4) == ["hello"] * 4
    server.redeliver(sent.update_id)
    await there.has(5)
    assert {update.update_id for _, update in there.got} == {sent.update_id}
    assert [delivery.status for delivery in server.deliveries[:4]] == [500, 502, 429, 200]


async def test_webhook_needs_tls_off_loopback(bot: Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="An HTTPS URL must be provided"):
        await bot.set_webhook("http://bot.example.com/hook")
    with pytest.raises(TelegramBadRequest, match="unallowed characters"):
        await bot.set_webhook("https://bot.example.com/hook", secret_token="a b")
