"""Commands: /start, /help, /my, /cancel, and those that nobody knows."""

from __future__ import annotations

from typing import Any

from aiogram import Router
from aiogram.types import Message

from assistant.channel import Handler
from assistant.messages import Person
from assistant.telegram.convert import Command, from_command, parse_command
from db.repositories.inbox import InboxMessage


async def commanding(message: Message) -> dict[str, Any] | bool:
    """Let commands through and hand them on as `command`."""
    command = parse_command(message.text or "")
    return False if command is None else {"command": command}


async def answer_command(
    message: Message,
    person: Person,
    command: Command,
    conversation: Handler,
    stored: InboxMessage,
) -> bool:
    """Hand a command to the conversation."""
    incoming = from_command(message, person, stored, command)
    await conversation.handle(incoming, inbox_ids=[stored.id])
    return True


def build_router() -> Router:
    """Build the router of commands."""
    router = Router(name="commands")
    router.message.register(answer_command, commanding)
    router.edited_message.register(answer_command, commanding)
    return router
