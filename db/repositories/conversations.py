"""The conversation of each customer: messages, the open draft, turns and their journal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from booking.draft import Draft
from db.clock import Clock, SystemClock
from db.models import BusinessRow
from db.queue_models import (
    ConversationFactsRow,
    ConversationMessageRow,
    DraftRow,
    TurnRow,
    TurnStepRow,
)
from db.session import bind_business


class ConversationMessage(BaseModel):
    """One message of a conversation.

    Args:
        message_type: "user", "assistant", "tool_call", "tool_result" or "system".
        context_data: what a tool call or result carries; None for plain texts.
        created_at: instant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    id: int
    customer_id: int
    turn_id: int | None
    message_type: str
    message_text: str
    context_data: dict[str, Any] | None
    created_at: dt.datetime


class TurnStep(BaseModel):
    """One entry of a turn's journal: kind "model" or "tool"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    position: int
    kind: str
    payload: dict[str, Any]


class Turn(BaseModel):
    """One message (or burst) of a customer being answered.

    Args:
        update_ids: the updates it answers; where something was written before a crash, those that
            came later aren't among them.
        attempt: how often it was opened; whoever opened it last may write.
        steps: the journal so far.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    customer_id: int
    update_ids: tuple[int, ...]
    state: str
    attempt: int = 1
    steps: tuple[TurnStep, ...] = ()


class TurnSummary(BaseModel):
    """What is stamped on a finished turn.

    Args:
        digest: what is kept of it once it no longer goes to the model; None = nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: str
    prompt_version: str | None = None
    model: str | None = None
    model_calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    digest: dict[str, Any] | None = None


class ConversationRepository:
    """Conversations of one business.

    Args:
        session: the caller commits.
        business_id: whose conversations; None = the default business.
        clock: tells now.
    """

    def __init__(
        self, session: AsyncSession, business_id: int | None = None, *, clock: Clock | None = None
    ) -> None:
        self._session = session
        self._business_id = business_id
        self._clock = clock or SystemClock()

    async def save_message(
        self,
        customer_id: int,
        message_text: str,
        message_type: str = "user",
        context_data: dict[str, Any] | None = None,
        *,
        turn_id: int | None = None,
    ) -> int:
        """Add a message to a customer's conversation and return its id."""
        business_id = await self._bind()
        saved: int = (
            await self._session.execute(
                insert(ConversationMessageRow)
                .values(
                    business_id=business_id,
                    customer_id=customer_id,
                    turn_id=turn_id,
                    message_type=message_type,
                    message_text=message_text,
                    context_data=context_data,
                    created_at=self._clock.now(),
                )
                .returning(ConversationMessageRow.id)
            )
        ).scalar_one()
        return saved

    async def get_recent_conversation(
        self, customer_id: int, limit: int = 10
    ) -> list[ConversationMessage]:
        """Return a customer's last messages, oldest first."""
        business_id = await self._bind()
        rows = await self._session.scalars(
            select(ConversationMessageRow)
            .where(
                ConversationMessageRow.business_id == business_id,
                ConversationMessageRow.customer_id == customer_id,
            )
            .order_by(ConversationMessageRow.id.desc())
            .limit(limit)
        )
        return [ConversationMessage.model_validate(row) for row in rows][::-1]

    async def forget_conversation(self, customer_id: int) -> None:
        """Delete a customer's messages and what was kept of them."""
        business_id = await self._bind()
        for table in (ConversationMessageRow, ConversationFactsRow):
            await self._session.execute(
                delete(table).where(
                    table.business_id == business_id, table.customer_id == customer_id
                )
            )
        await self._session.execute(
            update(TurnRow)
            .where(TurnRow.business_id == business_id, TurnRow.customer_id == customer_id)
            .values(digest=None)
        )

    async def get_draft(self, customer_id: int) -> Draft:
        """Return what a customer has open; an idle draft where there is nothing."""
        business_id = await self._bind()
        row = (
            await self._session.execute(
                select(DraftRow.version, DraftRow.data).where(
                    DraftRow.business_id == business_id, DraftRow.customer_id == customer_id
                )
            )
        ).one_or_none()
        if row is None:
            return Draft()
        return Draft.model_validate({**row.data, "version": row.version})

    async def save_draft(self, customer_id: int, draft: Draft) -> Draft:
        """Store what a customer has open and return it with its new version."""
        business_id = await self._bind()
        data = draft.model_dump(mode="json", exclude={"version"}, exclude_defaults=True)
        statement = pg_insert(DraftRow).values(
            business_id=business_id,
            customer_id=customer_id,
            version=draft.version + 1,
            data=data,
            updated_at=self._clock.now(),
        )
        version = (
            await self._session.execute(
                statement.on_conflict_do_update(
                    index_elements=["business_id", "customer_id"],
                    set_={
                        # a version is never given out twice, whatever the caller's copy says
                        "version": DraftRow.version + 1,
                        "data": statement.excluded.data,
                        "updated_at": statement.excluded.updated_at,
                    },
                ).returning(DraftRow.version)
            )
        ).scalar_one()
        return draft.model_copy(update={"version": version})

    async def open_turn(
        self, customer_id: int, *, channel: str, chat_id: int, update_ids: Sequence[int], kind: str
    ) -> Turn:
        """Open the turn of a burst of updates, or find it again with its journal after a crash.

        Whoever opened it before may write no more. While nothing was written, updates that came
        later join it.

        Args:
            update_ids: at least one; the first one names the turn.
        """
        business_id = await self._bind()
        opened = await self._session.scalar(
            pg_insert(TurnRow)
            .values(
                business_id=business_id,
                customer_id=customer_id,
                channel=channel,
                chat_id=chat_id,
                update_id=update_ids[0],
                update_ids=list(update_ids),
                kind=kind,
                started_at=self._clock.now(),
            )
            .on_conflict_do_nothing(index_elements=["business_id", "channel", "update_id"])
            .returning(TurnRow.id)
        )
        if opened is not None:
            return Turn(
                id=opened, customer_id=customer_id, update_ids=tuple(update_ids), state="running"
            )
        named = (
            TurnRow.business_id == business_id,
            TurnRow.channel == channel,
            TurnRow.update_id == update_ids[0],
        )
        # Waits for a write of the last attempt that is still under way; later ones are refused.
        await self._session.execute(
            update(TurnRow)
            .where(*named, TurnRow.state == "running")
            .values(attempt=TurnRow.attempt + 1)
        )
        row = (
            await self._session.execute(
                select(
                    TurnRow.id,
                    TurnRow.customer_id,
                    TurnRow.state,
                    TurnRow.attempt,
                    TurnRow.update_ids,
                ).where(*named)
            )
        ).one()
        found = await self._session.execute(
            select(TurnStepRow.position, TurnStepRow.kind, TurnStepRow.payload)
            .where(TurnStepRow.business_id == business_id, TurnStepRow.turn_id == row.id)
            .order_by(TurnStepRow.position)
        )
        steps = tuple(TurnStep(position=p, kind=k, payload=d) for p, k, d in found)
        answers = tuple(row.update_ids)
        if row.state == "running" and not steps and set(answers) < set(update_ids):
            answers = tuple(update_ids)
            await self._session.execute(
                update(TurnRow).where(*named).values(update_ids=list(answers))
            )
        return Turn(
            id=row.id,
            customer_id=row.customer_id,
            update_ids=answers,
            state=row.state,
            attempt=row.attempt,
            steps=steps,
        )

    async def holds_turn(self, turn_id: int, attempt: int) -> bool:
        """Return whether an attempt may still write, and keep others out until the commit."""
        business_id = await self._bind()
        held = await self._session.scalar(
            select(TurnRow.id)
            .where(
                TurnRow.business_id == business_id,
                TurnRow.id == turn_id,
                TurnRow.attempt == attempt,
                TurnRow.state == "running",
            )
            .with_for_update()
        )
        return held is not None

    async def add_step(
        self, turn_id: int, position: int, kind: str, payload: dict[str, Any]
    ) -> None:
        """Add a journal entry, in the transaction of what the step did.

        An entry that is there already stays: the step is being replayed.
        """
        business_id = await self._bind()
        await self._session.execute(
            pg_insert(TurnStepRow)
            .values(
                business_id=business_id,
                turn_id=turn_id,
                position=position,
                kind=kind,
                payload=payload,
            )
            .on_conflict_do_nothing()
        )

    async def get_step(self, turn_id: int, position: int) -> dict[str, Any] | None:
        """Return what the journal has at a position; None = nothing."""
        business_id = await self._bind()
        found: dict[str, Any] | None = await self._session.scalar(
            select(TurnStepRow.payload).where(
                TurnStepRow.business_id == business_id,
                TurnStepRow.turn_id == turn_id,
                TurnStepRow.position == position,
            )
        )
        return found

    async def finish_turn(
        self, turn_id: int, summary: TurnSummary, *, attempt: int | None = None
    ) -> bool:
        """Stamp a turn as done; False where it was done already, or another attempt has begun.

        Args:
            attempt: whose answer this is; None = whichever is the last.
        """
        business_id = await self._bind()
        finished = await self._session.scalar(
            update(TurnRow)
            .where(
                TurnRow.business_id == business_id,
                TurnRow.id == turn_id,
                TurnRow.state == "running",
                TurnRow.attempt == (TurnRow.attempt if attempt is None else attempt),
            )
            .values(state="done", finished_at=self._clock.now(), **summary.model_dump())
            .returning(TurnRow.id)
        )
        return finished is not None

    async def _bind(self) -> int:
        if self._business_id is None:
            self._business_id = await self._session.scalar(
                select(BusinessRow.id).where(BusinessRow.is_default)
            )
            if self._business_id is None:
                raise ValueError("there is no business yet; apply a business file first")
        await bind_business(self._session, self._business_id)
        return self._business_id
