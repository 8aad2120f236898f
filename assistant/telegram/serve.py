"""Runs the assistant in Telegram, by long polling or a webhook, until a signal."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from aiohttp import web
from prometheus_client import CollectorRegistry, disable_created_metrics

from assistant.app import App, open_app
from assistant.command_line import tell
from assistant.health import Check, Health, database_check, migrations_check, model_check
from assistant.housekeeping import Housekeeper
from assistant.http import build_http, listening
from assistant.metrics import Exposition, Metrics
from assistant.recorder import Recorders
from assistant.settings import Settings
from assistant.start_errors import StartError
from assistant.telegram.bots import (
    ServedBot,
    bots_check,
    build_channels,
    served_bots,
    with_sources,
)
from assistant.telegram.channel import TelegramChannel
from assistant.telegram.webhook import Webhook, add_routes
from assistant.telemetry import error_reports, last_words, tracing
from assistant.texts import Texts
from db.notices import INBOX, OUTBOX, Listener

COMMANDS = ("start", "my", "cancel", "human", "privacy", "help")
OWNER_COMMANDS = ("day", "off", "unanswered", "done", *COMMANDS)


async def serve(settings: Settings, progress: Callable[[str], None]) -> None:
    """Serve the bots of the settings until SIGINT or SIGTERM.

    Raises:
        TelegramTokenError: Telegram doesn't accept the token of the only bot.
        StartError: it can't start; says why.
    """
    progress("Loading the Telegram client")
    channels = build_channels(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    if settings.telegram_webhook_url is not None and not settings.assistant_http_port:
        raise StartError(
            "TELEGRAM_WEBHOOK_URL is set, but nothing would listen for it: set"
            " ASSISTANT_HTTP_PORT to the port that the address leads to."
        )
    # Drops a second series for each counter, which no rate() needs. Untyped in the library.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    metrics = Metrics(registry, settings.token_prices()) if settings.assistant_http_port else None
    try:
        with error_reports(settings), last_words(), tracing(settings) as traces:
            wanted = [each for each in (metrics, traces) if each is not None]
            recorder = wanted[0] if len(wanted) == 1 else Recorders(*wanted)
            async with open_app(settings, progress, recorder) as app:
                if traces is not None:
                    traces.watch(app.store.database.engine.sync_engine)
                await _serve(app, channels, stop, registry)
    finally:
        for _, channel in channels:
            await channel.aclose()


async def _serve(
    app: App,
    channels: Sequence[tuple[str | None, TelegramChannel]],
    stop: asyncio.Event,
    registry: CollectorRegistry,
) -> None:
    settings = app.settings
    served = await served_bots(app, channels)
    worker, sender = app.pipeline({channel.name: (channel, b) for channel, b in served})
    bots = with_sources(app, served, worker)
    listener = Listener(app.store.database, {INBOX: worker.heard, OUTBOX: sender.heard})
    slugs = list(dict.fromkeys(business.slug for _, business in served))
    numbers = dict.fromkeys(business.id for _, business in served)
    texts = app.script.texts
    menus = {
        language: {name: texts.say(f"command_{name}", language) for name in COMMANDS}
        for language in texts.languages
    }
    answered = asyncio.Event()

    async def answer() -> None:
        await worker.run(stop)
        answered.set()  # what was answered last goes out before the sender ends

    async with contextlib.AsyncExitStack() as stack:
        if settings.assistant_http_port:
            http = _http(app, bots, registry, stop)
            await stack.enter_async_context(
                listening(http, settings.assistant_http_host, settings.assistant_http_port)
            )
        who = "the model" if app.model is not None else "the guided flow (no OPENAI_API_KEY)"
        tell(f"Serving {', '.join(slugs)} in Telegram with {who}. Ctrl-C ends.")
        try:
            async with app.presence.kept(), asyncio.TaskGroup() as tasks:
                tasks.create_task(app.watch_database(stop))
                tasks.create_task(Housekeeper(app.store, numbers, sender.wake.set).run(stop))
                tasks.create_task(listener.run(stop))
                for bot in bots:
                    tasks.create_task(_publish_menus(bot, texts, menus))
                    tasks.create_task(bot.run(stop))
                tasks.create_task(answer())
                tasks.create_task(sender.run(answered))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None


async def _publish_menus(
    bot: ServedBot, texts: Texts, menus: Mapping[str, Mapping[str, str]]
) -> None:
    own = bot.business.languages[0]
    owners = {name: texts.say(f"command_{name}", own) for name in OWNER_COMMANDS}
    await bot.channel.publish_menu(
        menus, default_language=own, owners=bot.business.owner_chat_ids, theirs=owners
    )


def _http(
    app: App, bots: Sequence[ServedBot], registry: CollectorRegistry, stop: asyncio.Event
) -> web.Application:
    circuit = None if app.model is None else app.model.circuit

    async def process() -> Check:
        # While it ends, what comes in is stored still, and answered by another process.
        return Check(False, "is stopping") if stop.is_set() else Check(True, "running")

    async def telegram() -> Check:
        return bots_check(bots)

    async def model() -> Check:
        return model_check(circuit)

    health = Health(
        {
            "process": process,
            "database": partial(database_check, app.store.database),
            "migrations": partial(migrations_check, app.store.database),
            "telegram": telegram,
            "model": model,
        }
    )
    http = build_http(health, Exposition(registry, app.store, circuit, partial(bots_check, bots)))
    webhooks = [bot.source for bot in bots if isinstance(bot.source, Webhook)]
    if webhooks:
        add_routes(http, webhooks)
    return http
