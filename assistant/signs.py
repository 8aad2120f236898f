"""Signs that an answer is being written, in the chats that will get one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from assistant.messages import Incoming
from tools.support.context import ToolContext


class ShowsTyping(Protocol):
    """A channel that can show that an answer is being written."""

    async def typing(self, chat_id: int) -> None:
        """Show it for some seconds; never raises."""
        ...


class Signs:
    """The channels that are shown that an answer is being written.

    Args:
        channels: by name; those that aren't here are shown nothing.
    """

    def __init__(self, channels: Mapping[str, ShowsTyping]) -> None:
        self._channels = channels
        self._under_way: set[asyncio.Task[None]] = set()

    def show(self, ctx: ToolContext, incoming: Incoming) -> None:
        """Let the sender of a message see it; nobody waits for it.

        Where a person has the chat nothing is shown: the assistant isn't the one who will answer.
        """
        channel = self._channels.get(incoming.channel)
        if channel is None or (ctx.hand_off is not None and not ctx.recorded):
            return
        sign = asyncio.create_task(channel.typing(incoming.chat_id))
        self._under_way.add(sign)  # a task that nobody holds may vanish
        sign.add_done_callback(self._under_way.discard)
