"""How turns ended and what they used: looked up in their stamps."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.queue_models import TurnRow

# Stamps of texts that the model would not have been asked about, or that weren't read by it: they
# say nothing about an outage.
_NEVER_FOR_THE_MODEL = ("card_answer", "guided", "too_many_messages", "with_a_person", "handed_off")
# Those of texts that the guided flow answered in the model's place ("unclear": not understood).
_WITHOUT_MODEL = frozenset({"model_away", "tokens_spent", "unclear"})


class UsageRepository:
    """The ended turns of one business.

    Args:
        session: bound to the business.
        business_id: whose.
    """

    def __init__(self, session: AsyncSession, business_id: int) -> None:
        self._session = session
        self._business_id = business_id

    async def tokens_since(self, since: dt.datetime, customer_id: int | None = None) -> int:
        """Return the tokens, input and output, of the turns that began after an instant.

        A turn that was begun again, because more was written or after a crash, has cost about the
        same each time: what the broken-off calls used is not known.

        Args:
            customer_id: whose; None = of all customers of the business.
        """
        tokens = (TurnRow.input_tokens + TurnRow.output_tokens) * TurnRow.attempt
        query = select(func.coalesce(func.sum(tokens), 0)).where(
            TurnRow.business_id == self._business_id, TurnRow.started_at >= since
        )
        if customer_id is not None:
            query = query.where(TurnRow.customer_id == customer_id)
        return int(await self._session.scalar(query) or 0)

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
