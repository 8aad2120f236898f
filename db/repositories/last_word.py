"""What was said in a chat since a card: a typed "yes" answers the last question, none before it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.repositories.outbox import OutboxKind, ReplyTo

# Rows of one transaction share `created_at`: what was said beside the card belongs to it. What was
# written before the card may have been sent after it (a reminder), so both orders are looked at.
# Backwards from the newest row, and from the newest attempt: a card is a few minutes old.
_SINCE = text(
    """
    WITH card AS MATERIALIZED (
        SELECT id, created_at, attempted_at FROM outbox
        WHERE channel = :channel AND chat_id = :chat_id AND kind = 'message'
          AND state IN ('queued', 'sending', 'sent')
          AND jsonb_path_exists(payload, '$.buttons[*][*].action ? (@ == $action)',
                                jsonb_build_object('action', CAST(:action AS text)))
        ORDER BY id DESC LIMIT 1
    ), later AS (
        SELECT o.id FROM outbox o, card
        WHERE o.id > card.id AND o.channel = :channel AND o.chat_id = :chat_id
          AND o.created_at <> card.created_at AND o.state IN ('queued', 'sending', 'sent')
          AND o.due_at <= :now
        UNION
        SELECT o.id FROM outbox o, card
        WHERE o.attempted_at > card.attempted_at AND o.channel = :channel AND o.chat_id = :chat_id
          AND o.id <> card.id AND o.created_at <> card.created_at
          AND o.state IN ('queued', 'sending', 'sent')
    )
    SELECT o.kind, o.payload ->> 'text' AS text FROM card LEFT JOIN later ON true
        LEFT JOIN outbox o ON o.id = later.id
    """
)


class LastWordRepository:
    """Reads the outbox of a chat; the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def since(
        self, to: ReplyTo, action: str, now: dt.datetime
    ) -> list[tuple[OutboxKind, str]] | None:
        """Return what was said in a chat after the newest message with a button.

        What was said beside it, in the same answer, is left out; what is due and not sent yet
        counts as said, since it may arrive before the answer to it is read.

        Args:
            action: what one of the message's buttons carries.
            now: instant by which messages are due.

        Returns:
            Kind and text of each message (empty where code words it when it's sent); None where no
            such message was said.
        """
        rows = (
            await self._session.execute(
                _SINCE,
                {"channel": to.channel, "chat_id": to.chat_id, "action": action, "now": now},
            )
        ).all()
        if not rows:
            return None
        return [(OutboxKind(row.kind), row.text or "") for row in rows if row.kind is not None]
