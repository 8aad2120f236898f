"""Where the poller and the webhook meet: raw updates into the inbox, presses answered at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError

from assistant.telegram.faults import describe
from assistant.telegram.updates import lane_of, press_of, quiet_seconds_of, refused
from db.clock import Clock
from db.errors import DatabaseError, DatabaseUnavailableError
from db.repositories.inbox import InboxRepository
from db.store import Store

log = structlog.get_logger()

BURST_SECONDS = 1.2
_PRESS_SECONDS = 5
# How long answers to presses may still take when the process is told to stop.
_FAREWELL_SECONDS = 0.3


class Intake:
    """Takes the updates of one bot.

    Args:
        bot: whose updates.
        store: where the inbox is.
        business_id: whose customers write to this bot.
        channel_name: "telegram:<bot id>".
        clock: says when an update was received.
        burst_seconds: how long a chat is left alone after a text, as more may follow.
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
        burst_seconds: float = BURST_SECONDS,
        on_stored: Callable[[], None] | None = None,
    ) -> None:
        self.bot = bot
        self.channel_name = channel_name
        self._store = store
        self._business_id = business_id
        self._clock = clock
        self._burst_seconds = burst_seconds
        self._on_stored = on_stored
        self._presses: set[asyncio.Task[None]] = set()

    async def take(self, updates: list[dict[str, Any]]) -> None:
        """Store updates with a number; what is there already is stored once.

        An update that the database refuses goes in as a string: it must not hold up the others.

        Raises:
            DatabaseUnavailableError: not all of them are stored; take them again.
            DatabaseError: the inbox itself is at fault; take them again.
        """
        await self._store_all(updates)
        if self._on_stored is not None:
            self._on_stored()

    async def _store_all(self, updates: list[dict[str, Any]]) -> None:
        try:
            await self._store_together(updates)
        except DatabaseUnavailableError:
            raise
        except DatabaseError:
            if len(updates) > 1:
                for update in updates:
                    await self._store_all([update])
                return
            [update] = updates
            log.error(
                "telegram_update_refused",
                channel=self.channel_name,
                update_id=update["update_id"],
            )
            await self._store_together([refused(update)], chat_id=lane_of(update))

    async def _store_together(
        self, updates: list[dict[str, Any]], *, chat_id: int | None = None
    ) -> None:
        received_at = self._clock.now()
        async with self._store.worker() as session:
            inbox = InboxRepository(session)
            for update in updates:
                await inbox.store(
                    self._business_id,
                    self.channel_name,
                    lane_of(update) if chat_id is None else chat_id,
                    update["update_id"],
                    update,
                    received_at=received_at,
                    quiet_seconds=quiet_seconds_of(update, self._burst_seconds),
                )

    def answer_press(self, update: dict[str, Any]) -> None:
        """Let the pressed button stop turning, if the update is a press; at once, best effort."""
        press = press_of(update)
        if press is not None:
            task = asyncio.create_task(self._answer(press, update["update_id"]))
            self._presses.add(task)
            task.add_done_callback(self._presses.discard)

    async def _answer(self, press: str, update_id: int) -> None:
        try:
            await self.bot.answer_callback_query(press, request_timeout=_PRESS_SECONDS)
        except AiogramError as error:
            # The button goes on turning for a while; the press itself is stored.
            log.info("telegram_press_unanswered", update_id=update_id, error=describe(error))

    async def finish_presses(self) -> None:
        """Let answers to presses that are under way end, for a moment."""
        if self._presses:
            _, late = await asyncio.wait(self._presses, timeout=_FAREWELL_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
