"""Long polling: updates are stored raw, and only then is Telegram told that we have them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramConflictError,
    TelegramRetryAfter,
)
from aiogram.methods import TelegramMethod
from aiogram.utils.backoff import Backoff, BackoffConfig

from assistant.health import Check
from assistant.telegram.faults import describe, is_token_refused
from assistant.telegram.intake import BURST_SECONDS, Intake
from assistant.telegram.problems import OTHER_READER, REFUSED_TOKEN, TelegramTokenError
from assistant.telegram.updates import update_id_of
from db.clock import Clock
from db.errors import DatabaseError, DatabaseUnavailableError
from db.store import Store

log = structlog.get_logger()

POLL_SECONDS = 30
# How much longer than the server's wait the whole call may take.
_GRACE_SECONDS = 15
PAUSES = BackoffConfig(min_delay=1.0, max_delay=30.0, factor=2.0, jitter=0.1)


class GetRawUpdates(TelegramMethod[list[Any]]):
    """getUpdates without parsing: one update that can't be read must not hold up the others."""

    __returning__ = list[Any]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = 100
    timeout: int
    allowed_updates: list[str]


class Poller:
    """Fetches updates into the inbox.

    Args:
        bot: whose updates.
        store: where the inbox is.
        business_id: whose customers write to this bot.
        channel_name: "telegram:<bot id>".
        clock: says when an update was received.
        allowed_updates: the kinds to ask for, by their names in the Bot API.
        burst_seconds: how long a chat is left alone after a text, as more may follow.
        poll_seconds: how long the server holds an empty answer back; 50 at most.
        pauses: between attempts when the network, Telegram or the database is away.
        on_stored: called after each commit, to wake this process's worker.
    """

    def __init__(
        self,
        bot: Bot,
        store: Store,
        business_id: int,
        channel_name: str,
        clock: Clock,
        *,
        allowed_updates: list[str],
        burst_seconds: float = BURST_SECONDS,
        poll_seconds: int = POLL_SECONDS,
        pauses: BackoffConfig = PAUSES,
        on_stored: Callable[[], None] | None = None,
    ) -> None:
        self._bot = bot
        self._channel_name = channel_name
        self._intake = Intake(
            bot,
            store,
            business_id,
            channel_name,
            clock,
            burst_seconds=burst_seconds,
            on_stored=on_stored,
        )
        self._allowed_updates = allowed_updates
        self._poll_seconds = poll_seconds
        self._backoff = Backoff(pauses)
        self._offset: int | None = None
        self._is_prepared = False
        self._alive_at: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set; ends within a second, wherever it is.

        What is broken off then is not confirmed to Telegram and comes again at the next start.

        Raises:
            TelegramTokenError: Telegram doesn't accept the token.
        """
        polling = asyncio.create_task(self._poll_forever())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({polling, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if polling.done():
                polling.result()
        finally:
            for task in (polling, stopping):
                task.cancel()
            await asyncio.gather(polling, stopping, return_exceptions=True)
            await self._intake.finish_presses()

    def check(self) -> Check:
        """Say whether Telegram answered lately: it holds an empty answer back for a while."""
        if self._alive_at is None:
            return Check(False, "Telegram has not answered yet")
        silent = time.monotonic() - self._alive_at
        within = silent <= self._poll_seconds + _GRACE_SECONDS + PAUSES.max_delay
        return Check(within, f"Telegram answered {silent:.0f} s ago")

    async def _poll_forever(self) -> None:
        while True:
            try:
                updates = await self._fetch()
            except AiogramError as error:
                await self._recover(error)
                continue
            self._alive_at = time.monotonic()
            if self._backoff.counter:
                log.info("telegram_polling_resumed", channel=self._channel_name)
                self._backoff.reset()
            await self._accept(updates)

    async def _fetch(self) -> list[Any]:
        if not self._is_prepared:
            await self._prepare()
            self._is_prepared = True
        return await self._bot(
            GetRawUpdates(
                offset=self._offset,
                timeout=self._poll_seconds,
                allowed_updates=self._allowed_updates,
            ),
            request_timeout=self._poll_seconds + _GRACE_SECONDS,
        )

    async def _prepare(self) -> None:
        webhook = await self._bot.get_webhook_info()
        if webhook.url:
            log.warning(
                "telegram_webhook_removed",
                channel=self._channel_name,
                hint="a webhook was set for this bot; polling and a webhook exclude each other",
            )
            # What people wrote while nobody listened is kept.
            await self._bot.delete_webhook(drop_pending_updates=False)
        log.info("telegram_polling", channel=self._channel_name)

    async def _recover(self, error: AiogramError) -> None:
        if is_token_refused(error):
            raise TelegramTokenError(REFUSED_TOKEN) from None
        if isinstance(error, TelegramRetryAfter):
            pause = float(error.retry_after)
        else:
            pause = self._next_pause()
        if isinstance(error, TelegramConflictError):
            # Either somebody has set a webhook meanwhile, which is looked for again, or:
            self._is_prepared = False
            if "webhook" not in error.message.lower():
                log.warning("telegram_conflict", channel=self._channel_name, hint=OTHER_READER)
        log.warning(
            "telegram_polling_paused",
            channel=self._channel_name,
            error=describe(error),
            pause_seconds=round(pause, 1),
        )
        await asyncio.sleep(pause)

    async def _accept(self, updates: list[Any]) -> None:
        readable = []
        for update in updates:
            if update_id_of(update) is None:
                log.error("telegram_update_without_number", channel=self._channel_name)
            else:
                readable.append(update)
        if not readable:
            if updates:
                # They will be there again at once: without a number they can't be confirmed.
                await asyncio.sleep(self._next_pause())
            return
        await self._store_all(readable)
        # The newest of the batch, not of all time: after a week of silence Telegram's numbers
        # start anew somewhere (https://core.telegram.org/bots/api#update).
        self._offset = max(update["update_id"] for update in readable) + 1
        for update in readable:
            self._intake.answer_press(update)

    async def _store_all(self, updates: list[dict[str, Any]]) -> None:
        """Store them, however long that takes: losing an update isn't an option."""
        while True:
            try:
                await self._intake.take(updates)
            except DatabaseUnavailableError as error:
                pause = self._next_pause()
                log.warning(
                    "telegram_inbox_unavailable",
                    channel=self._channel_name,
                    error=str(error),
                    waiting=len(updates),
                    pause_seconds=round(pause, 1),
                )
            except DatabaseError as error:
                pause = self._next_pause()
                log.error(
                    "telegram_inbox_refuses",
                    channel=self._channel_name,
                    error=str(error),
                    pause_seconds=round(pause, 1),
                )
            else:
                return
            await asyncio.sleep(pause)

    def _next_pause(self) -> float:
        return max(next(self._backoff), 0.0)
