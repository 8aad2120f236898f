"""Who writes: the filters of the dispatcher, which hand `person` to the handlers.

Groups, channels and other bots get no answer: nothing personal is said where others read.
Filters are coroutines: aiogram runs a plain function in a thread of its own.
"""

from __future__ import annotations

from typing import Any

from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message

from assistant.telegram.convert import person_of


async def writing(message: Message) -> dict[str, Any] | bool:
    """Let messages of people in private chats through."""
    user = message.from_user
    if user is None or user.is_bot or message.chat.type != ChatType.PRIVATE:
        return False
    return {"person": person_of(user)}


async def correcting(message: Message) -> dict[str, Any] | bool:
    """Let edits by people through.

    An edit without a date isn't the person's: Telegram also reports changes of fields that bots
    don't see (https://core.telegram.org/bots/api#update, `edited_message`).
    """
    return await writing(message) if message.edit_date else False


async def pressing(query: CallbackQuery) -> dict[str, Any] | bool:
    """Let presses of people in private chats through."""
    user = query.from_user
    if user.is_bot or (query.message and query.message.chat.type != ChatType.PRIVATE):
        return False
    return {"person": person_of(user)}
