"""Idempotency of commands: same actor, key and body give the first result again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment
from booking.refusals import Refusal, RefusalCode
from db.models import IdempotencyKeyRow


@dataclass(frozen=True, slots=True)
class Command:
    """What identifies a command.

    Args:
        business_id: the business it is for.
        actor: who commands, e.g. "customer:12"; keys of different actors never meet.
        key: chosen by the caller; None = the command is not protected against repetition.
        body: everything that makes it the same command.
    """

    business_id: int
    actor: str
    key: str | None
    body: Mapping[str, Any]

    @property
    def body_hash(self) -> bytes:
        """SHA-256 of the body's canonical JSON."""
        canonical = json.dumps(self.body, sort_keys=True, default=str, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).digest()


def _row(command: Command) -> tuple[Any, ...]:
    return (
        IdempotencyKeyRow.business_id == command.business_id,
        IdempotencyKeyRow.actor == command.actor,
        IdempotencyKeyRow.key == command.key,
    )


async def claim(session: AsyncSession, command: Command) -> Appointment | Refusal | None:
    """Claim the command's key in this transaction.

    A concurrent command with the same key waits here until the first one has ended.

    Returns:
        None: the key is ours, go on. An appointment: the first result. A refusal: the key was used
        for another body (`idempotency_conflict`).
    """
    if command.key is None:
        return None
    claimed = await session.scalar(
        insert(IdempotencyKeyRow)
        .values(
            business_id=command.business_id,
            actor=command.actor,
            key=command.key,
            body_hash=command.body_hash,
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyKeyRow.key)
    )
    if claimed is not None:
        return None
    first = (
        await session.execute(
            select(IdempotencyKeyRow.body_hash, IdempotencyKeyRow.result).where(*_row(command))
        )
    ).one()
    if first.body_hash != command.body_hash or first.result is None:
        return Refusal(code=RefusalCode.IDEMPOTENCY_CONFLICT)
    return Appointment.model_validate(first.result)


async def settle(session: AsyncSession, command: Command, outcome: Appointment | Refusal) -> None:
    """Store the result under the key; a failed command leaves no key behind."""
    if command.key is None:
        return
    if isinstance(outcome, Refusal):
        await session.execute(delete(IdempotencyKeyRow).where(*_row(command)))
    else:
        await session.execute(
            update(IdempotencyKeyRow)
            .where(*_row(command))
            .values(result=outcome.model_dump(mode="json"))
        )
