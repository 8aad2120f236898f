"""Runs the assistant in Telegram, by long polling or a webhook, until a signal."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable
from functools import partial

from aiohttp import web
from prometheus_client import CollectorRegistry, disable_created_metrics

from assistant.app import App, open_app
from assistant.health import Check, Health, database_check, migrations_check, model_check
from assistant.housekeeping import Housekeeper
from assistant.http import build_http, listening
from assistant.metrics import Exposition, Metrics
from assistant.recorder import Recorders
from assistant.settings import Settings
from assistant.start_errors import StartError
from assistant.telegram.channel import TelegramChannel, build_channel
from assistant.telegram.sole_poller import SolePoller
from assistant.telegram.webhook import Webhook, add_routes
from assistant.telemetry import error_reports, last_words, tracing
from db.presence import Baton

COMMANDS = ("start", "my", "cancel", "human", "privacy", "help")
OWNER_COMMANDS = ("day", "off", "unanswered", "done", *COMMANDS)


async def serve(settings: Settings, progress: Callable[[str], None]) -> None:
    """Serve the default business's bot until SIGINT or SIGTERM.

    Raises:
        TelegramTokenError: Telegram doesn't accept the token.
        StartError: it can't start; says why.
    """
    assert settings.telegram_bot_token is not None
    progress("Loading the Telegram client")
    channel = build_channel(
        settings.telegram_bot_token.get_secret_value(),
        base_url=settings.telegram_api_base_url,
        messages_per_second=settings.telegram_messages_per_second,
    )
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
                await _serve(app, channel, stop, registry)
    finally:
        await channel.aclose()


async def _serve(
    app: App, channel: TelegramChannel, stop: asyncio.Event, registry: CollectorRegistry
) -> None:
    settings, store = app.settings, app.store
    business = await app.business()
    worker, sender = app.pipeline({channel.name: (channel, business)})
    source: SolePoller | Webhook
    if settings.telegram_webhook_url is None:
        poller = channel.poller(
            store,
            business.id,
            store.clock,
            burst_seconds=settings.assistant_burst_seconds,
            on_stored=worker.wake.set,
        )
        source = SolePoller(poller, Baton(store.database, channel.name))
    else:
        secret = settings.telegram_webhook_secret
        source = channel.webhook(
            store,
            business.id,
            store.clock,
            settings.telegram_webhook_url,
            secret=None if secret is None else secret.get_secret_value(),
            burst_seconds=settings.assistant_burst_seconds,
            on_stored=worker.wake.set,
        )
    texts = app.script.texts
    menus = {
        language: {name: texts.say(f"command_{name}", language) for name in COMMANDS}
        for language in texts.languages
    }
    own = business.languages[0]
    owners = {name: texts.say(f"command_{name}", own) for name in OWNER_COMMANDS}
    answered = asyncio.Event()

    async def answer() -> None:
        await worker.run(stop)
        answered.set()  # what was answered last goes out before the sender ends

    async with contextlib.AsyncExitStack() as stack:
        if settings.assistant_http_port:
            http = _http(app, source, registry, stop)
            await stack.enter_async_context(
                listening(http, settings.assistant_http_host, settings.assistant_http_port)
            )
        who = "the model" if app.model is not None else "the guided flow (no OPENAI_API_KEY)"
        print(f"Serving {business.slug} in Telegram with {who}. Ctrl-C ends.", file=sys.stderr)
        try:
            async with app.presence.kept(), asyncio.TaskGroup() as tasks:
                tasks.create_task(
                    channel.publish_menu(
                        menus, default_language=own, owners=business.owner_chat_ids, theirs=owners
                    )
                )
                tasks.create_task(app.watch_database(stop))
                tasks.create_task(Housekeeper(app.store, [business.id], sender.wake.set).run(stop))
                tasks.create_task(source.run(stop))
                tasks.create_task(answer())
                tasks.create_task(sender.run(answered))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None


def _http(
    app: App, source: SolePoller | Webhook, registry: CollectorRegistry, stop: asyncio.Event
) -> web.Application:
    circuit = None if app.model is None else app.model.circuit

    async def process() -> Check:
        # While it ends, what comes in is stored still, and answered by another process.
        return Check(False, "is stopping") if stop.is_set() else Check(True, "running")

    async def telegram() -> Check:
        return source.check()

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
    http = build_http(health, Exposition(registry, app.store, circuit))
    if isinstance(source, Webhook):
        add_routes(http, [source])
    return http
