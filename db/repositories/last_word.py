"""What the assistant said last in a chat: a typed "yes" answers that, and nothing before it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.repositories.outbox import ReplyTo

# Rows of one transaction share `created_at`: what was said beside the card belongs to it. What was
# written before the card may have been sent after it (a reminder), so both orders are looked at.
# Backwards from the newest row, and from the newest attempt: a card is a few minutes old.
_NOTHING_AFTER = text(
    """
    WITH card AS MATERIALIZED (
        SELECT id, created_at, attempted_at FROM outbox
        WHERE channel = :channel AND chat_id = :chat_id AND kind = 'message'
          AND state IN ('queued', 'sending', 'sent')
          AND jsonb_path_exists(payload, '$.buttons[*][*].action ? (@ == $action)',
                                jsonb_build_object('action', CAST(:action AS text)))
        ORDER BY id DESC LIMIT 1
    )
    SELECT EXISTS (SELECT FROM card) AND NOT EXISTS (
        SELECT FROM outbox o, card
        WHERE o.id > card.id AND o.channel = :channel AND o.chat_id = :chat_id
          AND o.created_at <> card.created_at AND o.state IN ('queued', 'sending', 'sent')
          AND o.due_at <= :now
    ) AND NOT EXISTS (
        SELECT FROM outbox o, card
        WHERE o.attempted_at > card.attempted_at AND o.channel = :channel AND o.chat_id = :chat_id
          AND o.id <> card.id AND o.created_at <> card.created_at
          AND o.state IN ('queued', 'sending', 'sent')
    )
    """
)


class LastWordRepository:
    """Reads the outbox of a chat; the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def is_last(self, to: ReplyTo, action: str, now: dt.datetime) -> bool:
        """Return whether the message with that button is the last thing said in its chat.

        What was said beside it, in the same answer, counts as the same thing; what is due and not
        sent yet counts as said, since it may arrive before the answer to it is read.

        Args:
            action: what one of its buttons carries.
            now: instant by which messages are due.
        """
        found = await self._session.scalar(
            _NOTHING_AFTER,
            {"channel": to.channel, "chat_id": to.chat_id, "action": action, "now": now},
        )
        return bool(found)
