"""What was said in a chat since a card: a typed "yes" answers the last question, none before it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, bindparam, text
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

# The newest message with buttons, whatever was said without any behind it.
_SHOWN = text(
    """
    SELECT jsonb_path_query_array(payload, '$.buttons[*][*].action') AS actions FROM outbox
    WHERE channel = :channel AND chat_id = :chat_id AND kind = 'message'
      AND state IN ('queued', 'sending', 'sent') AND due_at <= :now
      AND jsonb_path_exists(payload, '$.buttons[*][*].action')
    ORDER BY id DESC LIMIT 1
    """
)


# The hold of the newest offer that this customer hasn't answered, if nothing was sent to the chat
# after it. Offers are alive for a day at most.
_OFFERED = text(
    """
    SELECT offer.appointment_id FROM outbox offer
    JOIN waitlist_entries w ON w.business_id = offer.business_id
        AND w.offered_appointment_id = offer.appointment_id
    WHERE w.business_id = :business AND w.customer_id = :customer AND w.state = 'offered'
      AND offer.kind = 'waitlist_offer' AND offer.state = 'sent'
      AND offer.channel = :channel AND offer.chat_id = :chat_id
      AND offer.attempted_at > now() - interval '25 hours'
      AND NOT EXISTS (SELECT FROM outbox o
        WHERE o.channel = :channel AND o.chat_id = :chat_id AND o.id <> offer.id
          AND o.attempted_at > offer.attempted_at AND o.state IN ('sending', 'sent'))
    ORDER BY offer.id DESC LIMIT 1
    """
).bindparams(bindparam("business", type_=BigInteger), bindparam("customer", type_=BigInteger))


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

    async def offer(self, business_id: int, customer_id: int, to: ReplyTo) -> int | None:
        """Return the hold (its number) that was offered last; None where more was said since.

        Args:
            to: the chat.
        """
        found: int | None = await self._session.scalar(
            _OFFERED,
            {
                "business": business_id,
                "customer": customer_id,
                "channel": to.channel,
                "chat_id": to.chat_id,
            },
        )
        return found

    async def shown(self, to: ReplyTo, now: dt.datetime) -> list[str]:
        """Return what the buttons of the newest message with any carry, in the order shown.

        Args:
            now: instant by which messages are due.
        """
        found = await self._session.scalar(
            _SHOWN, {"channel": to.channel, "chat_id": to.chat_id, "now": now}
        )
        return [str(action) for action in found or ()]
