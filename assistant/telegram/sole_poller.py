"""Of several processes of one bot, one polls: Telegram breaks the older of two polls off."""

from __future__ import annotations

import asyncio
import contextlib

from assistant.health import Check
from assistant.telegram.polling import Poller
from db.presence import Baton

# How long a process that waits for its turn may find it late.
_TURN_SECONDS = 0.5


class SolePoller:
    """Polls while no other process of the bot does.

    Args:
        poller: fetches updates into the inbox.
        baton: who holds it polls; a killed holder's is free at once.
    """

    def __init__(self, poller: Poller, baton: Baton) -> None:
        self._poller = poller
        self._baton = baton
        self._polls = False

    async def run(self, stop: asyncio.Event) -> None:
        """Poll, or wait for the turn to, until `stop` is set.

        Raises:
            TelegramTokenError: Telegram doesn't accept the token.
        """
        while not stop.is_set():
            if await self._baton.take():
                try:
                    await self._poll(stop)
                finally:
                    await self._baton.drop()
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _TURN_SECONDS)

    async def _poll(self, stop: asyncio.Event) -> None:
        over = asyncio.Event()
        watching = [asyncio.create_task(each) for each in (self._lost(over), _set(stop, over))]
        self._polls = True
        try:
            await self._poller.run(over)
        finally:
            self._polls = False
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    async def _lost(self, over: asyncio.Event) -> None:
        await self._baton.lost()
        over.set()

    def check(self) -> Check:
        """Say whether Telegram answered lately; a process that waits for its turn is well."""
        if not self._polls:
            return Check(True, "waits for its turn to poll")
        return self._poller.check()


async def _set(stop: asyncio.Event, over: asyncio.Event) -> None:
    await stop.wait()
    over.set()
