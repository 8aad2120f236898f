"""What is neither text nor press: voice, cards, photos; and people who block the bot."""

from __future__ import annotations

from aiogram import Router
from aiogram.enums import ChatType
from aiogram.types import ChatMemberUpdated, Message

from assistant.channel import Handler
from assistant.messages import Person
from assistant.telegram.convert import (
    from_contact,
    from_membership,
    from_other,
    from_voice,
    is_sent_by_a_person,
)
from db.repositories.inbox import InboxMessage


async def sending(message: Message) -> bool:
    """Let through what people send, but no notices of the app."""
    return is_sent_by_a_person(message)


async def answer_other(
    message: Message, person: Person, conversation: Handler, stored: InboxMessage
) -> bool:
    """Hand to the conversation what isn't text, so that nobody meets silence."""
    read = from_other
    if message.voice is not None:
        read = from_voice
    elif message.contact is not None:
        read = from_contact
    await conversation.handle(read(message, person, stored), inbox_ids=[stored.id])
    return True


async def note_membership(
    change: ChatMemberUpdated, conversation: Handler, stored: InboxMessage
) -> bool:
    """Hand on that somebody blocked or unblocked the bot; what happens in groups is nobody's."""
    if change.chat.type != ChatType.PRIVATE:
        return False
    await conversation.handle(from_membership(change, stored), inbox_ids=[stored.id])
    return True


def build_router() -> Router:
    """Build the router of everything else."""
    router = Router(name="others")
    router.message.register(answer_other, sending)
    router.my_chat_member.register(note_membership)
    return router
