"""What owners and customers are told of a hand-off: outbox rows, put into words when they are sent.

Their payload has `what`, `hand_off` (id) and `customer` (id), and:

    to an owner     asked       reason, appointments
                    transcript  lines: [who, text], who = "customer" | "assistant"
                    said        lines: the customer's newest words; edited: they replace others
                    attached    chat, message: a message that isn't text, shown as it is
                    taken       name: the owner who has the chat now
                    passed      taken: whether the chat became this owner's by their answer
                    ended       ended_by, name, by: who gave it back (by: their chat)
                    which       this one, or another that they have?
    to a customer   person      name, text: what a person of the business wrote
                    back        ended_by

A row to an owner holds what fits one message, so that the number under which it was sent stands for
the hand-off whichever of its messages is replied to. Customers are named when it is sent: a name
that is stored nowhere else needn't be erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import Business
from booking.hand_off import HandOff
from db.clock import Clock
from db.queue_models import TurnRow
from db.repositories.conversations import ConversationRepository
from db.repositories.outbox import OutboxKind, OutboxRepository, ReplyTo

# How much of the conversation an owner is shown.
TRANSCRIPT_MESSAGES = 24
# Code points of one row's lines: with names and a heading they fit Telegram's 4,096.
ROW_CHARACTERS = 3000
_NAME_CHARACTERS = 40

Line = tuple[str, str]


class HandOffNews:
    """Queues the rows of one business, in the transaction of what they tell.

    Args:
        session: the caller commits.
        business: whose.
        clock: tells now.
    """

    def __init__(self, session: AsyncSession, business: Business, clock: Clock) -> None:
        self._session = session
        self._business = business
        self._clock = clock
        self._outbox = OutboxRepository(session)
        self._conversations = ConversationRepository(session, business.id, clock=clock)

    async def tell_owners(
        self,
        hand_off: HandOff,
        what: str,
        body: dict[str, Any],
        *,
        chats: Iterable[int] | None = None,
    ) -> None:
        """Queue a row for the owner who has the chat, or for all of them where nobody has it.

        Args:
            chats: whose chats instead.
        """
        if chats is None:
            taken = hand_off.taken_by
            chats = self._business.owner_chat_ids if taken is None else (taken,)
        for chat_id in chats:
            to = ReplyTo(hand_off.channel, chat_id, self._business.languages[0])
            await self._queue(hand_off, to, OutboxKind.OWNER_HAND_OFF, what, body)

    async def tell_customer(self, hand_off: HandOff, what: str, body: dict[str, Any]) -> None:
        """Queue a row for the customer."""
        to = ReplyTo(hand_off.channel, hand_off.chat_id, hand_off.language)
        body = {**body, "language": hand_off.language}
        await self._queue(hand_off, to, OutboxKind.HAND_OFF, what, body)

    async def conversation(self, customer_id: int) -> list[Line]:
        """Return who said what lately, oldest first."""
        recent = await self._conversations.get_recent_conversation(customer_id, TRANSCRIPT_MESSAGES)
        who = {"user": "customer", "assistant": "assistant"}
        return [
            (who[message.message_type], message.message_text)
            for message in recent
            if message.message_type in who
        ]

    async def remember(self, hand_off: HandOff, name: str, written: str) -> None:
        """Add a person's words to the conversation, as the model reads it later.

        They go with the customer's last turn: only whole turns are read back.
        """
        turn_id = await self._session.scalar(
            select(func.max(TurnRow.id)).where(
                TurnRow.business_id == self._business.id,
                TurnRow.customer_id == hand_off.customer_id,
                TurnRow.state == "done",
            )
        )
        said = f"[{name}, a person of the business:] {written}"
        await self._conversations.save_message(
            hand_off.customer_id, said, "assistant", turn_id=turn_id
        )

    async def _queue(
        self, hand_off: HandOff, to: ReplyTo, kind: OutboxKind, what: str, body: dict[str, Any]
    ) -> None:
        named = {"what": what, "hand_off": hand_off.id, "customer": hand_off.customer_id}
        await self._outbox.enqueue(
            self._business.id,
            to,
            kind,
            {**named, **body},
            due_at=self._clock.now(),
            hand_off_id=hand_off.id,
        )


def parts_of(lines: Sequence[Line]) -> list[list[Line]]:
    """Cut lines into parts that fit a row each; a line that is too long goes on in the next part.

    Args:
        lines: who and what they said, oldest first.
    """
    parts: list[list[Line]] = []
    room = 0
    for who, said in lines:
        for start in range(0, len(said), ROW_CHARACTERS):
            piece = said[start : start + ROW_CHARACTERS]
            if len(piece) > room:
                parts.append([])
                room = ROW_CHARACTERS
            parts[-1].append((who, piece))
            room -= len(piece) + _NAME_CHARACTERS
    return parts
