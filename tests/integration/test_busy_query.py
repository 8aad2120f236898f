"""How the busy ranges are read under row-level security, and the lock that tells the edition."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlalchemy import text

from booking.business import Business
from db.repositories import calendar
from db.repositories.locks import change_business, share_business
from db.store import Store
from tests.conftest import NOW


async def plan(store: Store, business: Business, query: str, mode: str) -> str:
    """Return the plan of a busy query, prepared, when a scan is the last resort."""
    async with store.database.transaction(business.id) as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        await session.execute(text(f"SET LOCAL plan_cache_mode = {mode}"))
        values = {
            "business_id": business.id,
            "resource_ids": [resource.id for resource in business.resources],
            "since": NOW,
            "until": NOW + dt.timedelta(days=30),
            "now": NOW,
        }
        statement = text(f"EXPLAIN {query}").bindparams(*calendar._BUSY._bindparams.values())
        return "\n".join(await session.scalars(statement, values))


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_the_busy_query_enters_its_index_at_the_window(
    store: Store, business: Business, mode: str
) -> None:
    found = await plan(store, business, calendar._BUSY.text, mode)
    condition = next(line for line in found.splitlines() if "Index Cond" in line)
    assert "ix_occupancies_busy" in found
    assert "occupied_until" in condition
    assert "resource_id" in condition


async def test_control_a_range_operator_is_kept_from_the_index(
    store: Store, business: Business
) -> None:
    """Why the ends of the range are columns: range operators aren't leakproof."""
    query = calendar._BUSY.text.replace(
        "occupied_until > :since AND occupied_from < :until",
        "exclusive AND during && tstzrange(:since, :until, '[)')",
    )
    found = await plan(store, business, query, "force_custom_plan")
    assert "Index Cond: (during &&" not in found
    assert "Filter" in found


async def test_who_waited_for_an_edition_is_told_the_new_revision(
    store: Store, business: Business
) -> None:
    async with store.database.transaction(business.id) as editing:
        await change_business(editing, business.id)
        await editing.execute(
            text("UPDATE businesses SET revision = revision + 1 WHERE id = :id"),
            {"id": business.id},
        )

        async def booking() -> int | None:
            async with store.database.transaction(business.id) as session:
                return await share_business(session, business.id)

        waiting = asyncio.create_task(booking())
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
    assert await waiting == business.revision + 1
