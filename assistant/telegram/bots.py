"""The bots of a process: each with its business, its source of updates, and troubles of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from assistant.app import App
from assistant.health import Check
from assistant.settings import Settings
from assistant.start_errors import StartError
from assistant.telegram.channel import TelegramChannel, build_channel
from assistant.telegram.problems import TelegramTokenError
from assistant.telegram.sole_poller import SolePoller
from assistant.telegram.webhook import Webhook, own_secret
from assistant.worker import Worker
from booking.business import Business
from db.presence import Baton

log = structlog.get_logger()

# How often a refused token is tried again: @BotFather's word may change.
AGAIN_SECONDS = 60.0


def build_channels(settings: Settings) -> list[tuple[str | None, TelegramChannel]]:
    """Build the channel of each bot, with the slug of its business; nothing is sent yet.

    Raises:
        StartError: two of them are one bot.
        TelegramTokenError: a token can't be one.
    """
    built: dict[str, tuple[str | None, TelegramChannel]] = {}
    for slug, token in settings.bots():
        channel = build_channel(
            token,
            base_url=settings.telegram_api_base_url,
            messages_per_second=settings.telegram_messages_per_second,
        )
        if channel.name in built:
            raise StartError(
                f"TELEGRAM_BOTS: the bot {channel.bot.id} is TELEGRAM_BOT_TOKEN already."
            )
        built[channel.name] = slug, channel
    return list(built.values())


@dataclass
class ServedBot:
    """One bot.

    Args:
        channel: its way in and out.
        business: whose customers write to it.
        source: where its updates come from.
        is_alone: whether it's the process's only one: then a refused token ends the process.
    """

    channel: TelegramChannel
    business: Business
    source: SolePoller | Webhook
    is_alone: bool
    _is_refused: bool = False
    _rests: bool = False

    async def run(self, stop: asyncio.Event) -> None:
        """Take its updates in until `stop` is set. A refused token stops no other bot.

        Raises:
            TelegramTokenError: Telegram doesn't accept the token of the process's only bot.
        """
        while not stop.is_set():
            try:
                await self.source.run(stop)
            except TelegramTokenError as error:
                if self.is_alone:
                    raise
                self._is_refused = True
                log.error(
                    "telegram_bot_refused",
                    channel=self.channel.name,
                    business=self.business.slug,
                    advice=str(error),
                )
                self._rests = True
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), AGAIN_SECONDS)
                self._rests = False

    def check(self) -> Check:
        """Say how its source is."""
        check = self.source.check()
        if check.ok and not self._rests:
            self._is_refused = False
        return Check(False, "its token is refused") if self._is_refused else check


async def served_bots(
    app: App, channels: Sequence[tuple[str | None, TelegramChannel]]
) -> list[tuple[TelegramChannel, Business]]:
    """Return each channel with its business.

    Raises:
        UnknownBusinessError: there is no such business.
    """
    return [(channel, await app.business(slug)) for slug, channel in channels]


def with_sources(
    app: App, served: Sequence[tuple[TelegramChannel, Business]], worker: Worker
) -> list[ServedBot]:
    """Give each bot its source: a webhook where an address for it is set, else long polling.

    Args:
        worker: woken by what comes in.
    """
    is_alone = len(served) == 1
    return [
        ServedBot(channel, business, _source(app, channel, business, worker, is_alone), is_alone)
        for channel, business in served
    ]


def _source(
    app: App, channel: TelegramChannel, business: Business, worker: Worker, is_alone: bool
) -> SolePoller | Webhook:
    settings, store = app.settings, app.store
    if settings.telegram_webhook_url is None:
        poller = channel.poller(
            store,
            business.id,
            store.clock,
            burst_seconds=settings.assistant_burst_seconds,
            on_stored=worker.wake.set,
        )
        return SolePoller(poller, Baton(store.database, channel.name))
    chosen = settings.telegram_webhook_secret
    secret = None if chosen is None else chosen.get_secret_value()
    if secret is not None and not is_alone:
        secret = own_secret(channel.bot.token, secret)
    return channel.webhook(
        store,
        business.id,
        store.clock,
        settings.telegram_webhook_url,
        secret=secret,
        burst_seconds=settings.assistant_burst_seconds,
        on_stored=worker.wake.set,
    )


def bots_check(bots: Sequence[ServedBot]) -> Check:
    """Return how Telegram is; serious only where no bot can work."""
    checks = [(bot.business.slug, bot.check()) for bot in bots]
    if len(checks) == 1:
        return checks[0][1]
    wrong = [f"{slug}: {check.detail}" for slug, check in checks if not check.ok]
    if not wrong:
        return Check(True, f"{len(checks)} bots work")
    serious = all(check.serious and not check.ok for _, check in checks)
    return Check(False, f"{len(wrong)} of {len(checks)} bots: {'; '.join(wrong)}", serious=serious)
