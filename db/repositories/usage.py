"""How turns ended and what they used: looked up in their stamps; and what those at work may use."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.queue_models import TurnRow
from db.repositories.locks import spend_in_turn

# Stamps of texts that the model would not have been asked about, or that weren't read by it: they
# say nothing about an outage.
_NEVER_FOR_THE_MODEL = ("card_answer", "guided", "too_many_messages", "with_a_person", "handed_off")
# Those of texts that the guided flow answered in the model's place ("unclear": not understood).
_WITHOUT_MODEL = frozenset({"model_away", "tokens_spent", "unclear"})
# A turn that begins is reckoned as the dearest of the day, and as no less than this: instructions,
# tools and one answer.
LEAST_TURN_TOKENS = 5_000
# What others hold counts while a worker has leased their chat: what failed, or was left by a dead
# worker, holds nothing. The asker's own tokens aren't reckoned: the last turn may end above.
_RESERVE = text(
    """
    WITH ended AS (
        SELECT coalesce(sum((input_tokens + output_tokens) * attempt), 0) AS tokens,
               greatest(coalesce(max(input_tokens + output_tokens), 0), :least) AS dearest
        FROM turns WHERE business_id = :business AND started_at >= :since
    ), held AS (
        SELECT coalesce(sum(t.reserved_tokens * t.attempt), 0) AS tokens FROM turns t
        JOIN lanes l ON l.channel = t.channel AND l.chat_id = t.chat_id
        WHERE t.business_id = :business AND t.started_at >= :since AND t.state = 'running'
          AND t.reserved_tokens > 0 AND t.id <> :turn AND l.leased_until > clock_timestamp()
    )
    UPDATE turns SET reserved_tokens = ended.dearest FROM ended, held
    WHERE turns.business_id = :business AND turns.id = :turn
      AND ended.tokens + held.tokens < :limit
    RETURNING turns.id
    """
)


class UsageRepository:
    """The turns of one business.

    Args:
        session: bound to the business.
        business_id: whose.
    """

    def __init__(self, session: AsyncSession, business_id: int) -> None:
        self._session = session
        self._business_id = business_id

    async def tokens_since(self, since: dt.datetime, customer_id: int) -> int:
        """Return the tokens, input and output, of a customer's turns that began after an instant.

        A turn that was begun again, because more was written or after a crash, has cost about the
        same each time: what the broken-off calls used is not known.
        """
        tokens = (TurnRow.input_tokens + TurnRow.output_tokens) * TurnRow.attempt
        query = select(func.sum(tokens)).where(
            TurnRow.business_id == self._business_id,
            TurnRow.customer_id == customer_id,
            TurnRow.started_at >= since,
        )
        return int(await self._session.scalar(query) or 0)

    async def reserve_tokens(self, turn_id: int, limit: int, since: dt.datetime) -> bool:
        """Let a turn ask the model, if the business's tokens since an instant leave room for it.

        What it will use is reckoned, and held for it until its end. One turn of a business at a
        time is let through, so that two don't take the same rest.

        Args:
            turn_id: that is being answered; asking again for the same one is safe.
            limit: tokens, input and output.

        Returns:
            False where the tokens that were used, and those that others hold, have reached it.
        """
        await spend_in_turn(self._session, self._business_id)
        reserved = await self._session.scalar(
            _RESERVE,
            {
                "business": self._business_id,
                "turn": turn_id,
                "limit": limit,
                "since": since,
                "least": LEAST_TURN_TOKENS,
            },
        )
        return reserved is not None

    async def ended_so(
        self, customer_id: int, outcome: str, since: dt.datetime, until: dt.datetime
    ) -> bool:
        """Return whether a turn of a customer that began in a time had that outcome.

        Args:
            since: instant, exclusive.
            until: instant, inclusive: after a clock was set back there are later ones.
        """
        found = await self._session.scalar(
            select(TurnRow.id)
            .where(
                TurnRow.business_id == self._business_id,
                TurnRow.customer_id == customer_id,
                TurnRow.outcome == outcome,
                TurnRow.started_at > since,
                TurnRow.started_at <= until,
            )
            .limit(1)
        )
        return found is not None

    async def recent_outcomes(self, customer_id: int, turns: int) -> list[str]:
        """Return the stamps of a customer's last answered turns, newest first."""
        found = await self._session.scalars(
            select(TurnRow.outcome)
            .where(
                TurnRow.business_id == self._business_id,
                TurnRow.customer_id == customer_id,
                TurnRow.state == "done",
            )
            .order_by(TurnRow.id.desc())
            .limit(turns)
        )
        return [outcome or "" for outcome in found]

    async def model_was_away(self, customer_id: int, *, since: dt.datetime) -> bool:
        """Return whether the last text that was for the model had to be answered without it.

        Args:
            since: instant; an outage that is older than this is another one.
        """
        found = await self._session.execute(
            select(TurnRow.outcome, TurnRow.model_calls)
            .where(
                TurnRow.business_id == self._business_id,
                TurnRow.customer_id == customer_id,
                TurnRow.state == "done",
                TurnRow.kind == "text",
                TurnRow.outcome.not_in(_NEVER_FOR_THE_MODEL),
                TurnRow.started_at >= since,
            )
            .order_by(TurnRow.id.desc())
            .limit(1)
        )
        last = found.first()
        return last is not None and last.outcome in _WITHOUT_MODEL and last.model_calls == 0
