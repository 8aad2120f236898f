"""Advisory locks of a transaction, always taken in the same order: business, customer, resources.

A row lock would need a row to write to; an advisory lock also holds for rows not yet there. Without
the lock on resources the exclusion constraint still has one winner, but losers die on deadlocks.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

_BUSINESS, _RESOURCE, _CUSTOMER, _SENDERS = 1 << 56, 2 << 56, 3 << 56, 4 << 56
_UNANSWERED, _TOKENS = 5 << 56, 6 << 56

# A function of the schema: each of its statements sees what was committed before it, so that the
# revision is read after the lock is had. In one plain statement it would be read before the wait.
_SHARED = text("SELECT share_business(:business_id)").bindparams(
    bindparam("business_id", type_=BigInteger)
)
_EXCLUSIVE = text("SELECT pg_advisory_xact_lock(:key)")
_EXCLUSIVE_AND_BRIEF = text(
    "SELECT pg_advisory_xact_lock(:key), set_config('synchronous_commit', 'off', true)"
)
_TRY = text("SELECT pg_try_advisory_xact_lock(:key)")
# unnest returns its elements in order, and a function in the select list runs row by row.
_EXCLUSIVE_IN_ORDER = text(
    "SELECT count(pg_advisory_xact_lock(key)) FROM unnest(:keys) AS key"
).bindparams(bindparam("keys", type_=ARRAY(BigInteger)))


async def share_business(session: AsyncSession, business_id: int) -> int | None:
    """Keep the business's definition from changing until this transaction ends.

    Returns:
        Its revision; None if there is no such business.
    """
    revision: int | None = await session.scalar(_SHARED, {"business_id": business_id})
    return revision


async def found_business(session: AsyncSession) -> None:
    """Wait for others that found a business: no id is 0, so this key is nobody's."""
    await session.execute(_EXCLUSIVE, {"key": _BUSINESS})


async def change_business(session: AsyncSession, business_id: int) -> None:
    """Wait for running bookings of the business, and keep new ones out."""
    await session.execute(_EXCLUSIVE, {"key": _BUSINESS | business_id})


async def lock_customer_and_resources(
    session: AsyncSession, customer_id: int | Iterable[int], resource_ids: Iterable[int]
) -> None:
    """Lock the customer first, then the resources in id order.

    Args:
        customer_id: one, or several where freed time goes to the next in line: in id order too.
    """
    customers = {customer_id} if isinstance(customer_id, int) else set(customer_id)
    keys = [_CUSTOMER | c for c in sorted(customers)]
    keys += [_RESOURCE | r for r in sorted(set(resource_ids))]
    await session.execute(_EXCLUSIVE_IN_ORDER, {"keys": keys})


async def try_lock_customer(session: AsyncSession, customer_id: int) -> bool:
    """Lock a customer out of order, without waiting: what never waits closes no circle."""
    return bool(await session.scalar(_TRY, {"key": _CUSTOMER | customer_id}))


async def claim_in_turn(session: AsyncSession, channel: str) -> None:
    """Let one sender at a time take messages of a channel, until this transaction ends."""
    key = _SENDERS | zlib.crc32(channel.encode())
    await session.execute(_EXCLUSIVE, {"key": key})


async def try_unanswered(session: AsyncSession, business_id: int) -> bool:
    """Let one transaction at a time look for reminders without an answer; False = another does."""
    return bool(await session.scalar(_TRY, {"key": _UNANSWERED | business_id}))


async def spend_in_turn(session: AsyncSession, business_id: int) -> None:
    """Let one turn of a business at a time take of the day's tokens, until the transaction ends.

    Its commit isn't waited for on the disk, since the others wait for it: what a crash of the
    server loses is only what a turn, which has to begin again anyway, had put aside.
    """
    await session.execute(_EXCLUSIVE_AND_BRIEF, {"key": _TOKENS | business_id})
