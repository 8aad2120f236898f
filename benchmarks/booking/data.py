"""The generated business: its staff, its customers, its history, and the days to come.

Everything follows from the row's number, so two runs measure the same data.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import Business
from booking.business_file import BusinessFile
from db.models import OCCUPANCY_EXCLUSION
from db.repositories.businesses import BusinessRepository
from db.session import Database

# A Saturday morning in Berlin; the clock of the run is pinned to it.
NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
HORIZON_DAYS = 60
# The days to come that are filled; the ones after them are free to book in.
FILLED_DAYS = 32
# The first half of them has the history and the load; the others are new here.
CUSTOMERS = 6000
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CUSTOMERS = text(
    """
    INSERT INTO customers (business_id, telegram_id, first_name, language)
    SELECT :business_id, n, 'Customer ' || n, 'en' FROM generate_series(1, :count) AS n
    """
)

# Appointment n is with the n-th person in turn, in the n-th half hour before now: 16 of them a day,
# from 08:00 UTC on. Nobody closes them: they stay `confirmed`, so that all of the history is in the
# index of what is taken. Every twentieth was cancelled.
_PAST = text(
    """
    WITH numbered AS (
        SELECT n, n / cardinality(CAST(:staff_ids AS bigint[])) AS half_hour,
               (CAST(:staff_ids AS bigint[]))[1 + n % cardinality(CAST(:staff_ids AS bigint[]))]
                   AS staff_id
        FROM generate_series(0, CAST(:count AS bigint) - 1) AS n
    ), placed AS (
        SELECT n, staff_id, CAST(:midnight AS timestamptz)
               + (half_hour / 16 + 1) * interval '-24 hours' + interval '8 hours'
               + half_hour % 16 * interval '30 minutes' AS starts_at
        FROM numbered
    )
    """
    + (
        _INSERT := """
    , written AS (
        INSERT INTO appointments (business_id, customer_id, service_id, staff_id, status, starts_at,
            ends_at, zone, service_name, staff_name, duration_minutes, buffer_before_minutes,
            buffer_after_minutes, cancelled_by, created_at, updated_at)
        SELECT :business_id, :first_customer + n % CAST(:customers AS bigint), :service_id,
               staff_id, CASE WHEN n % 20 = 7 THEN 'cancelled' ELSE 'confirmed' END, starts_at,
               starts_at + interval '30 minutes', 'Europe/Berlin',
               '{"en": "Haircut"}'::jsonb, '{"en": "Somebody"}'::jsonb, 30, 0, 0,
               CASE WHEN n % 20 = 7 THEN 'customer' END, starts_at - interval '72 hours',
               starts_at - interval '72 hours'
        FROM placed
        RETURNING business_id, id, staff_id, starts_at, ends_at, status, created_at
    ), told AS (
        INSERT INTO appointment_events (business_id, appointment_id, at, change, actor, old, new)
        SELECT business_id, id, created_at, 'booked', 'system', '{}'::jsonb,
               jsonb_build_object('status', status) FROM written
    )
    INSERT INTO occupancies (business_id, resource_id, appointment_id, during, exclusive, active)
    SELECT business_id, staff_id, id, tstzrange(starts_at, ends_at, '[)'), true,
           status = 'confirmed'
    FROM written
    """
    )
)

# Three of five half hours of everybody are taken, not the same ones.
_FUTURE = text(
    """
    WITH placed AS (
        SELECT row_number() OVER () AS n, staff.id AS staff_id,
               CAST(:midnight AS timestamptz) + day * interval '24 hours' + interval '8 hours'
               + slot * interval '30 minutes' AS starts_at
        FROM unnest(CAST(:staff_ids AS bigint[])) WITH ORDINALITY AS staff (id, place),
             generate_series(1, CAST(:days AS int)) AS day, generate_series(0, 17) AS slot
        WHERE (staff.place * 7 + day * 11 + slot * 3 + slot * day) % 5 < 3
    )
    """
    + _INSERT
)


def business_file(staff: int) -> BusinessFile:
    """Return a business with so many people, open every day.

    Its services: `ten` and `all`, 45 minutes and a buffer of 15 on a step of 15, with ten people
    and with everybody.
    """
    slugs = [f"person-{n}" for n in range(1, staff + 1)]
    shared: dict[str, Any] = {"duration_minutes": 45, "buffer_after_minutes": 15}
    shared |= {"step_minutes": 15, "price": 35, "currency": "EUR"}
    return BusinessFile.model_validate(
        {
            "slug": "measured",
            "name": "Measured",
            "zone": "Europe/Berlin",
            "contact": {"phone": "+49 30 1234567"},
            "policy": {"horizon_days": HORIZON_DAYS},
            "hours": {day: ["09:00-13:00", "14:00-18:00"] for day in _WEEKDAYS},
            "staff": [{"slug": slug, "name": slug.title()} for slug in slugs],
            "services": [
                {"slug": "ten", "name": "Haircut", "staff": slugs[:10], **shared},
                {"slug": "all", "name": "Beard trim", "staff": slugs, **shared},
            ],
        }
    )


async def found(database: Database, *, staff: int = 100, customers: int = CUSTOMERS) -> Business:
    """Make the business with its customers and the load of the days to come."""
    async with database.transaction() as session:
        business = await BusinessRepository(session).apply(business_file(staff))
        await session.execute(_CUSTOMERS, {"business_id": business.id, "count": customers})
        await _fill(
            session,
            business,
            _FUTURE,
            staff_ids=[resource.id for resource in business.resources],
            days=FILLED_DAYS,
        )
    return business


async def add_past(database: Database, business: Business, count: int) -> None:
    """Write so many past appointments, all with the ten people of the listing."""
    async with database.transaction(business.id) as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        # The guards are off while the rows go in, which don't overlap, and put back after.
        await session.execute(text("ALTER TABLE occupancies DISABLE TRIGGER USER"))
        await session.execute(
            text(f"ALTER TABLE occupancies DROP CONSTRAINT {OCCUPANCY_EXCLUSION}")
        )
        ten = business.services[0].resource_ids["staff"]
        await _fill(session, business, _PAST, staff_ids=list(ten), count=count)
        await session.execute(
            text(
                f"ALTER TABLE occupancies ADD CONSTRAINT {OCCUPANCY_EXCLUSION} EXCLUDE USING gist"
                " (int8range(resource_id, resource_id, '[]') WITH &&, during WITH &&)"
                " WHERE (active AND exclusive)"
            )
        )
        await session.execute(text("ALTER TABLE occupancies ENABLE TRIGGER USER"))
    async with database.engine.connect() as connection:
        settled = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in ("appointments", "occupancies", "appointment_events", "customers"):
            await settled.execute(text(f"VACUUM ANALYZE {table}"))


async def new_customers(database: Database, business: Business) -> list[int]:
    """Return the ids of the customers who have nothing booked yet."""
    async with database.transaction(business.id) as session:
        ids = await _customer_ids(session)
    return ids[len(ids) // 2 :]


async def _customer_ids(session: AsyncSession) -> list[int]:
    return list(await session.scalars(text("SELECT id FROM customers ORDER BY id")))


async def _fill(
    session: AsyncSession, business: Business, statement: TextClause, **more: object
) -> None:
    ids = await _customer_ids(session)
    await session.execute(
        statement,
        {
            "business_id": business.id,
            "service_id": business.services[0].id,
            "first_customer": ids[0],
            "customers": len(ids) // 2,
            "midnight": NOW.replace(hour=0),
            **more,
        },
    )
