"""How much was used: tokens of the model, and turns that ended in a certain way."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.queue_models import TurnRow


class UsageRepository:
    """What the customers of one business have used.

    Args:
        session: bound to the business.
        business_id: whose.
    """

    def __init__(self, session: AsyncSession, business_id: int) -> None:
        self._session = session
        self._business_id = business_id

    async def tokens_since(self, since: dt.datetime, customer_id: int | None = None) -> int:
        """Return the tokens, input and output, of the turns that began after an instant.

        Args:
            customer_id: whose; None = of all customers of the business.
        """
        query = select(
            func.coalesce(func.sum(TurnRow.input_tokens + TurnRow.output_tokens), 0)
        ).where(TurnRow.business_id == self._business_id, TurnRow.started_at >= since)
        if customer_id is not None:
            query = query.where(TurnRow.customer_id == customer_id)
        return int(await self._session.scalar(query) or 0)

    async def ended_so(self, customer_id: int, outcome: str, since: dt.datetime) -> bool:
        """Return whether a turn of a customer that began after an instant had that outcome."""
        found = await self._session.scalar(
            select(TurnRow.id)
            .where(
                TurnRow.business_id == self._business_id,
                TurnRow.customer_id == customer_id,
                TurnRow.outcome == outcome,
                TurnRow.started_at > since,
            )
            .limit(1)
        )
        return found is not None
