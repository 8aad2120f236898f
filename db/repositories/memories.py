"""What is kept of a customer's old turns when they no longer go to the model."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from booking.draft import Draft
from db.clock import Clock
from db.models import CustomerRow
from db.queue_models import ConversationFactsRow, ConversationMessageRow, DraftRow, TurnRow
from db.repositories.conversations import ConversationMessage
from db.session import bind_business

# Digests that are folded at once; who has more old turns than that is reminded of the later ones.
_MOST_DIGESTS = 500


class Memory(BaseModel):
    """What is known of a conversation besides its latest turns.

    Args:
        facts: of the turns up to `through_turn_id`, as `assistant.turn.memory` wrote them.
        version: of the facts; 0 = none were stored yet.
        draft: what the customer has open.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    facts: dict[str, Any] = {}
    through_turn_id: int = 0
    version: int = 0
    draft: Draft = Draft()


class MemoryRepository:
    """Memories of one business.

    Args:
        session: the caller commits.
        business_id: whose customers.
        clock: tells now.
    """

    def __init__(self, session: AsyncSession, business_id: int, clock: Clock) -> None:
        self._session = session
        self._business_id = business_id
        self._clock = clock

    async def get_memory(self, customer_id: int) -> Memory:
        """Return the facts and the open draft of a customer, in one query."""
        await bind_business(self._session, self._business_id)
        facts, draft = ConversationFactsRow, DraftRow
        row = (
            await self._session.execute(
                select(
                    facts.facts,
                    facts.through_turn_id,
                    facts.version,
                    draft.data,
                    draft.version.label("draft_version"),
                )
                .select_from(CustomerRow)
                .outerjoin(
                    facts,
                    (facts.business_id == CustomerRow.business_id)
                    & (facts.customer_id == CustomerRow.id),
                )
                .outerjoin(
                    draft,
                    (draft.business_id == CustomerRow.business_id)
                    & (draft.customer_id == CustomerRow.id),
                )
                .where(CustomerRow.business_id == self._business_id, CustomerRow.id == customer_id)
            )
        ).one_or_none()
        if row is None:
            return Memory()
        opened = Draft()
        if row.data is not None:
            opened = Draft.model_validate({**row.data, "version": row.draft_version})
        if row.version is None:
            return Memory(draft=opened)
        return Memory(
            facts=row.facts,
            through_turn_id=row.through_turn_id,
            version=row.version,
            draft=opened,
        )

    async def get_turns_after(
        self, customer_id: int, turn_id: int, most: int
    ) -> list[ConversationMessage]:
        """Return the messages of a customer's done turns behind one, whole, oldest first.

        Args:
            most: the latest so many turns.
        """
        await bind_business(self._session, self._business_id)
        latest = (
            select(TurnRow.id)
            .where(
                TurnRow.business_id == self._business_id,
                TurnRow.customer_id == customer_id,
                TurnRow.state == "done",
                TurnRow.id > turn_id,
            )
            .order_by(TurnRow.id.desc())
            .limit(most)
        )
        rows = await self._session.scalars(
            select(ConversationMessageRow)
            .where(
                ConversationMessageRow.business_id == self._business_id,
                ConversationMessageRow.customer_id == customer_id,
                ConversationMessageRow.turn_id.in_(latest),
            )
            .order_by(ConversationMessageRow.id)
        )
        return [ConversationMessage.model_validate(row) for row in rows]

    async def get_digests(
        self, customer_id: int, *, after: int, through: int
    ) -> list[dict[str, Any]]:
        """Return what was noted of a customer's turns in the range (after, through], in order."""
        await bind_business(self._session, self._business_id)
        found = await self._session.scalars(
            select(TurnRow.digest)
            .where(
                TurnRow.business_id == self._business_id,
                TurnRow.customer_id == customer_id,
                TurnRow.state == "done",
                TurnRow.id > after,
                TurnRow.id <= through,
                TurnRow.digest.is_not(None),
            )
            .order_by(TurnRow.id.desc())
            .limit(_MOST_DIGESTS)
        )
        return [digest for digest in found if digest is not None][::-1]

    async def save_facts(
        self, customer_id: int, facts: dict[str, Any], *, through_turn_id: int, version: int
    ) -> bool:
        """Store facts in place of those of `version`; False where somebody else was faster."""
        await bind_business(self._session, self._business_id)
        row = ConversationFactsRow
        statement = pg_insert(row).values(
            business_id=self._business_id,
            customer_id=customer_id,
            version=version + 1,
            through_turn_id=through_turn_id,
            facts=facts,
            updated_at=self._clock.now(),
        )
        saved = await self._session.scalar(
            statement.on_conflict_do_update(
                index_elements=["business_id", "customer_id"],
                set_={
                    name: statement.excluded[name]
                    for name in ("version", "through_turn_id", "facts", "updated_at")
                },
                where=(row.version == version) & (row.through_turn_id < through_turn_id),
            ).returning(row.version)
        )
        return saved is not None
