"""Shows the beginning of an answer while the model still writes it.

What is shown is nobody's answer yet: it comes late or not at all where the channel is slow, and the
message that is sent at the end replaces it. What may be shown is decided in
`assistant.turn.open_text`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from assistant.messages import Incoming
from assistant.turn.events import TextSoFar, TurnEvent, TurnSink


@dataclass(frozen=True, slots=True)
class DraftPace:
    """How often a channel may be shown drafts.

    Args:
        after_seconds: an answer that takes no longer than this needs none.
        every_seconds: between two of them.
    """

    after_seconds: float
    every_seconds: float


@runtime_checkable
class ShowsDrafts(Protocol):
    """A channel that can show an answer before it is sent."""

    draft_pace: DraftPace

    def takes_drafts(self, chat_id: int) -> bool:
        """Return whether this chat can be shown any."""
        ...

    async def draft(self, chat_id: int, draft_id: int, text: str) -> bool:
        """Show the beginning of an answer; never raises.

        Args:
            draft_id: not 0; the same one replaces what was shown before.
            text: the model's Markdown.

        Returns:
            False where no more should be shown for this answer.
        """
        ...


class Drafts:
    """The channels that can show answers while they are written.

    Args:
        channels: by name; those that aren't here are shown nothing.
    """

    def __init__(self, channels: Mapping[str, ShowsDrafts]) -> None:
        self._channels = channels

    @asynccontextmanager
    async def of(self, incoming: Incoming) -> AsyncIterator[TurnSink | None]:
        """Yield what a turn tells its text so far; None where nobody would see it.

        At the end nothing is on its way any more: a draft that comes behind its answer would
        stand below it.
        """
        channel = self._channels.get(incoming.channel)
        if channel is None or not channel.takes_drafts(incoming.chat_id):
            yield None
            return
        newest = _Newest()
        sending = asyncio.Lock()
        draft_id = incoming.update_id or 1
        show = asyncio.create_task(_show(channel, incoming.chat_id, draft_id, newest, sending))
        try:
            yield newest.take
        finally:
            async with sending:
                show.cancel()
            await asyncio.gather(show, return_exceptions=True)


class _Newest:
    """The newest text; what came before it and wasn't shown in time is never shown."""

    def __init__(self) -> None:
        self.text = ""
        self.changed = asyncio.Event()

    def take(self, event: TurnEvent) -> None:
        if isinstance(event, TextSoFar) and event.text != self.text:
            self.text = event.text
            self.changed.set()


async def _show(
    channel: ShowsDrafts, chat_id: int, draft_id: int, newest: _Newest, sending: asyncio.Lock
) -> None:
    await asyncio.sleep(channel.draft_pace.after_seconds)
    while True:
        await newest.changed.wait()
        newest.changed.clear()
        async with sending:
            if not await channel.draft(chat_id, draft_id, newest.text):
                return
        await asyncio.sleep(channel.draft_pace.every_seconds)
