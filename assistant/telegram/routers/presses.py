"""Presses on buttons. The poller has answered them already, so that the button stops turning."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from assistant.channel import Handler
from assistant.messages import Person
from assistant.telegram.convert import from_press
from db.repositories.inbox import InboxMessage


async def carrying_data(query: CallbackQuery) -> bool:
    """Let presses through whose button carries something."""
    return bool(query.data)


async def answer_press(
    query: CallbackQuery, person: Person, conversation: Handler, stored: InboxMessage
) -> bool:
    """Hand a press to the conversation."""
    await conversation.handle(from_press(query, person, stored), inbox_ids=[stored.id])
    return True


def build_router() -> Router:
    """Build the router of presses."""
    router = Router(name="presses")
    router.callback_query.register(answer_press, carrying_data)
    return router
