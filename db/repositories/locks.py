"""Advisory locks of a transaction, always taken in the same order: business, customer, resources.

A row lock would need a row to write to; an advisory lock also holds for rows not yet there. Without
the lock on resources the exclusion constraint still has one winner, but losers die on deadlocks.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

_BUSINESS, _RESOURCE, _CUSTOMER = 1 << 56, 2 << 56, 3 << 56

_SHARED = text("SELECT pg_advisory_xact_lock_shared(:key)")
_EXCLUSIVE = text("SELECT pg_advisory_xact_lock(:key)")
# unnest returns its elements in order, and a function in the select list runs row by row.
_EXCLUSIVE_IN_ORDER = text(
    "SELECT count(pg_advisory_xact_lock(key)) FROM unnest(:keys) AS key"
).bindparams(bindparam("keys", type_=ARRAY(BigInteger)))


async def share_business(session: AsyncSession, business_id: int) -> None:
    """Keep the business's definition from changing until this transaction ends."""
    await session.execute(_SHARED, {"key": _BUSINESS | business_id})


async def found_business(session: AsyncSession) -> None:
    """Let one transaction at a time look for a business and found one where there is none."""
    await session.execute(_EXCLUSIVE, {"key": _BUSINESS})


async def change_business(session: AsyncSession, business_id: int) -> None:
    """Wait for running bookings of the business, and keep new ones out."""
    await session.execute(_EXCLUSIVE, {"key": _BUSINESS | business_id})


async def lock_customer_and_resources(
    session: AsyncSession, customer_id: int, resource_ids: Iterable[int]
) -> None:
    """Lock the customer first, then the resources in id order."""
    keys = [_CUSTOMER | customer_id, *(_RESOURCE | r for r in sorted(set(resource_ids)))]
    await session.execute(_EXCLUSIVE_IN_ORDER, {"keys": keys})
