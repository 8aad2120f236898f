"""Free texts. An edited text is a turn of its own: the first may have been answered long ago."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import Message

from assistant.channel import Handler
from assistant.messages import Person
from assistant.telegram.convert import from_text
from db.repositories.inbox import InboxMessage


async def writing_text(message: Message) -> bool:
    """Let texts through."""
    return bool(message.text)


async def answer_text(
    message: Message, person: Person, conversation: Handler, stored: InboxMessage
) -> bool:
    """Hand a text to the conversation."""
    await conversation.handle(from_text(message, person, stored), inbox_ids=[stored.id])
    return True


def build_router() -> Router:
    """Build the router of texts."""
    router = Router(name="texts")
    router.message.register(answer_text, writing_text)
    router.edited_message.register(answer_text, writing_text)
    return router
