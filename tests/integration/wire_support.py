"""The whole path of a message in one process: the fake Telegram server, poller, worker, sender."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from assistant.channel import Handler
from assistant.delivery import Sender
from assistant.telegram.channel import TelegramChannel, build_channel
from assistant.worker import Worker
from booking.business import Business
from db.repositories.pace import UNPACED
from db.store import Store
from tests.fakes.telegram import FakeTelegram
from tests.integration.hand_off_support import WORDS


@asynccontextmanager
async def on_the_wire(
    telegram: FakeTelegram,
    store: Store,
    business: Business,
    conversation: Callable[[TelegramChannel], Handler],
    *,
    burst_seconds: float = 0.05,
) -> AsyncIterator[TelegramChannel]:
    """Serve a business's bot until the end of the block.

    Args:
        conversation: makes what answers the messages of the channel.
        burst_seconds: how long a chat is left alone after a text.
    """
    channel = build_channel(telegram.token, base_url=telegram.base_url)
    channel.pace = UNPACED
    by_name = {channel.name: channel}
    sender = Sender(store, by_name, WORDS.texts)
    worker = Worker(store, by_name, conversation(channel), WORDS.texts, on_answered=sender.wake.set)
    stop = asyncio.Event()
    poller = channel.poller(
        store,
        business.id,
        store.clock,
        burst_seconds=burst_seconds,
        on_stored=worker.wake.set,
    )
    tasks = [asyncio.create_task(each.run(stop)) for each in (poller, worker, sender)]
    try:
        await telegram.waits_for_call("getUpdates")
        yield channel
    finally:
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        await channel.aclose()
