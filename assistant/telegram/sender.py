"""One message out: formatted, cut into parts, sent, and every failure told apart."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
)

from assistant.channel import Delivery, Rejected, Sent
from assistant.messages import Button, Document, Elsewhere, Outgoing
from assistant.telegram.faults import is_gone, outcome
from assistant.telegram.formatting import Formatted, from_markdown, plain, split

# Telegram takes one message a second in a chat, and each part is one.
PART_SECONDS = 1.0
_REMEMBERED = 1000


class Sender:
    """Sends messages of the outbox.

    Args:
        bot: whose messages.
        allowed_hosts: where links may lead; None: anywhere on the web.
    """

    def __init__(self, bot: Bot, *, allowed_hosts: frozenset[str] | None = None) -> None:
        self._bot = bot
        self._allowed_hosts = allowed_hosts
        # How many parts of a long message are out already. It's lost with the process, and then
        # the first parts come twice: better than never.
        self._sent_parts: OrderedDict[tuple[int, Outgoing], int] = OrderedDict()

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        """Send one message, in several parts where it's long; the last one has the buttons.

        Args:
            first_attempt: false goes on behind the parts that an earlier attempt got out.
        """
        if outgoing.copy_of is not None:
            return await self._copy(chat_id, outgoing, outgoing.copy_of)
        if outgoing.document is not None:
            return await self._document(chat_id, outgoing, outgoing.document)
        parts = split(self._formatted(outgoing))
        if not parts:
            return Rejected("there is nothing to send in an empty text")
        key = (chat_id, outgoing)
        begin = 0 if first_attempt else min(self._sent_parts.get(key, 0), len(parts) - 1)
        for number in range(begin, len(parts)):
            if number > begin:
                await asyncio.sleep(PART_SECONDS)
            buttons = keyboard(outgoing.buttons) if number == len(parts) - 1 else None
            delivery = await self._send_part(chat_id, parts[number], buttons)
            if not isinstance(delivery, Sent):
                self._remember(key, number)
                return delivery
        self._sent_parts.pop(key, None)
        return delivery

    async def _copy(self, chat_id: int, outgoing: Outgoing, original: Elsewhere) -> Delivery:
        """Show a message of another chat again; where it is gone, say that there was one."""
        buttons = keyboard(outgoing.buttons)
        try:
            copied = await self._bot.copy_message(
                chat_id, original.chat_id, original.message_id, reply_markup=buttons
            )
        except TelegramBadRequest:
            # Whichever of the two chats is the problem: the words say there was a message.
            return await self._send_part(chat_id, plain(outgoing.text), buttons)
        except AiogramError as error:
            return outcome(error)
        return Sent(copied.message_id)

    async def _document(self, chat_id: int, outgoing: Outgoing, document: Document) -> Delivery:
        file = BufferedInputFile(document.content.encode(), filename=document.name)
        try:
            message = await self._bot.send_document(
                chat_id,
                file,
                caption=outgoing.text or None,
                reply_markup=keyboard(outgoing.buttons),
                parse_mode=None,
                # By its content an .ics file is plain text; by its name a calendar opens it.
                disable_content_type_detection=True,
            )
        except AiogramError as error:
            return outcome(error)
        return Sent(message.message_id)

    def _formatted(self, outgoing: Outgoing) -> Formatted:
        if not outgoing.markdown:
            return plain(outgoing.text)
        return from_markdown(outgoing.text, allowed_hosts=self._allowed_hosts)

    def _remember(self, key: tuple[int, Outgoing], parts: int) -> None:
        self._sent_parts[key] = parts
        self._sent_parts.move_to_end(key)
        if len(self._sent_parts) > _REMEMBERED:
            self._sent_parts.popitem(last=False)

    async def _send_part(
        self, chat_id: int, part: Formatted, buttons: InlineKeyboardMarkup | None
    ) -> Delivery:
        try:
            return await self._call(chat_id, part, buttons)
        except TelegramBadRequest as error:
            # Formatting is worth less than the message: once without, whatever it was.
            if not part.entities or is_gone(error):
                return outcome(error)
        except AiogramError as error:
            return outcome(error)
        try:
            return await self._call(chat_id, Formatted(part.text), buttons)
        except AiogramError as error:
            return outcome(error)

    async def _call(
        self, chat_id: int, part: Formatted, buttons: InlineKeyboardMarkup | None
    ) -> Sent:
        entities = [
            MessageEntity(
                type=each.type,
                offset=each.offset,
                length=each.length,
                url=each.url,
                language=each.language,
            )
            for each in part.entities
        ]
        message = await self._bot.send_message(
            chat_id, part.text, entities=entities or None, reply_markup=buttons, parse_mode=None
        )
        return Sent(message.message_id)


def keyboard(rows: tuple[tuple[Button, ...], ...]) -> InlineKeyboardMarkup | None:
    """Return the inline keyboard of a message; None without buttons."""
    filled = [row for row in rows if row]
    if not filled:
        return None
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=each.label, callback_data=each.action) for each in row]
            for row in filled
        ]
    )
