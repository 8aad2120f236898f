"""Runs the assistant in Telegram by long polling, until a signal."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable
from functools import partial

from assistant.app import App, open_app
from assistant.settings import Settings
from assistant.telegram.channel import TelegramChannel, build_channel
from assistant.telegram.polling import Poller
from db.presence import Baton

COMMANDS = ("start", "my", "cancel", "help")
# How long a process that waits for its turn to poll may find it late.
_TURN_SECONDS = 0.5


async def serve(settings: Settings, progress: Callable[[str], None]) -> None:
    """Serve the default business's bot until SIGINT or SIGTERM.

    Raises:
        TelegramTokenError: Telegram doesn't accept the token.
    """
    assert settings.telegram_bot_token is not None
    progress("Loading the Telegram client")
    channel = build_channel(
        settings.telegram_bot_token.get_secret_value(), base_url=settings.telegram_api_base_url
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    try:
        async with open_app(settings, progress) as app:
            await _serve(app, channel, stop)
    finally:
        await channel.aclose()


async def _serve(app: App, channel: TelegramChannel, stop: asyncio.Event) -> None:
    business = await app.business()
    worker, sender = app.pipeline({channel.name: (channel, business)})
    poller = channel.poller(
        app.store,
        business.id,
        app.store.clock,
        burst_seconds=app.settings.assistant_burst_seconds,
        on_stored=worker.wake.set,
    )
    texts = app.script.texts
    menus = {
        language: {name: texts.say(f"command_{name}", language) for name in COMMANDS}
        for language in texts.languages
    }
    who = "the model" if app.model is not None else "the guided flow (no OPENAI_API_KEY)"
    print(f"Serving {business.slug} in Telegram with {who}. Ctrl-C ends.", file=sys.stderr)
    answered = asyncio.Event()

    async def answer() -> None:
        await worker.run(stop)
        answered.set()  # what was answered last goes out before the sender ends

    try:
        async with app.presence.kept(), asyncio.TaskGroup() as tasks:
            tasks.create_task(channel.publish_menu(menus, default_language=business.languages[0]))
            tasks.create_task(app.watch_database(stop))
            tasks.create_task(_poll(poller, Baton(app.store.database, channel.name), stop))
            tasks.create_task(answer())
            tasks.create_task(sender.run(answered))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


def _set(event: asyncio.Event, _: asyncio.Task[object]) -> None:
    event.set()


async def _poll(poller: Poller, baton: Baton, stop: asyncio.Event) -> None:
    """Poll when no other process of this bot does.

    Telegram breaks the older of two polls off, so that two processes would take turns at failing.
    """
    while not stop.is_set():
        if not await baton.take():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _TURN_SECONDS)
            continue
        over = asyncio.Event()
        watching: list[asyncio.Task[object]] = [
            asyncio.create_task(each) for each in (baton.lost(), stop.wait())
        ]
        for task in watching:
            task.add_done_callback(partial(_set, over))
        try:
            await poller.run(over)
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
            await baton.drop()
