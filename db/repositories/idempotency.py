"""Idempotency of commands: same actor, key and body give the first result again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from pydantic import BaseModel
from sqlalchemy import Table, and_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from booking.refusals import Refusal, RefusalCode
from db.models import IdempotencyKeyRow

T = TypeVar("T")
R = TypeVar("R", bound=BaseModel)


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
        """SHA-256 of the body's canonical JSON: an instant is the same in whichever offset."""
        canonical = json.dumps(self.body, sort_keys=True, default=_canonical, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).digest()


def _canonical(value: object) -> str:
    if isinstance(value, dt.datetime) and value.utcoffset() is not None:
        return value.astimezone(dt.UTC).isoformat()
    raise TypeError(f"a command's body holds no {value!r}")


# Built once: each command runs two of them.
_KEYS = cast(Table, IdempotencyKeyRow.__table__)
_OWN = and_(
    _KEYS.c.business_id == bindparam("of_business"),
    _KEYS.c.actor == bindparam("of_actor"),
    _KEYS.c.key == bindparam("of_key"),
)
_CLAIM = insert(_KEYS).on_conflict_do_nothing().returning(_KEYS.c.key)
_FIRST = select(_KEYS.c.body_hash, _KEYS.c.result).where(_OWN)
_FORGET = delete(_KEYS).where(_OWN)
_KEEP = update(_KEYS).where(_OWN).values(result=bindparam("outcome"))


def _own(command: Command) -> dict[str, Any]:
    return {
        "of_business": command.business_id,
        "of_actor": command.actor,
        "of_key": command.key,
    }


async def once(
    session: AsyncSession, command: Command, work: Callable[[], Awaitable[T]], result: type[R]
) -> T | R | Refusal:
    """Do `work` unless the same command was done before, and keep its result under the key.

    Args:
        result: what `work` returns where it was carried out; anything else is a failure.
    """
    first = await claim(session, command)
    if isinstance(first, Refusal):
        return first
    if first is not None:
        return result.model_validate(first)
    outcome = await work()
    await settle(session, command, outcome if isinstance(outcome, result) else None)
    return outcome


async def claim(session: AsyncSession, command: Command) -> Mapping[str, Any] | Refusal | None:
    """Claim the command's key in this transaction.

    A concurrent command with the same key waits here until the first one has ended.

    Returns:
        None: the key is ours, go on. A mapping: the first result. A refusal: the key was used for
        another body (`idempotency_conflict`).
    """
    if command.key is None:
        return None
    claimed = await session.scalar(
        _CLAIM,
        {
            "business_id": command.business_id,
            "actor": command.actor,
            "key": command.key,
            "body_hash": command.body_hash,
        },
    )
    if claimed is not None:
        return None
    first = (await session.execute(_FIRST, _own(command))).one()
    if first.body_hash != command.body_hash or first.result is None:
        return Refusal(code=RefusalCode.IDEMPOTENCY_CONFLICT)
    kept: Mapping[str, Any] = first.result
    return kept


async def settle(session: AsyncSession, command: Command, result: BaseModel | None) -> None:
    """Store the result under the key; a failed command (None) leaves no key behind."""
    if command.key is None:
        return
    if result is None:
        await session.execute(_FORGET, _own(command))
    else:
        await session.execute(_KEEP, {**_own(command), "outcome": result.model_dump(mode="json")})
