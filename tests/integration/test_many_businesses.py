"""What one business's work reads doesn't grow with the number of other businesses."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text

from booking.appointment import Appointment
from booking.business import Business
from db.store import Store, UnitOfWork
from tests.conftest import apply_file, load_example
from tests.integration.db_support import TUESDAY_TEN, new_customer

OTHERS = 25
# A year of one person's mornings, past and to come.
_APPOINTMENTS = text(
    """
    WITH rows AS (
        INSERT INTO appointments (business_id, customer_id, service_id, staff_id, status, starts_at,
            ends_at, zone, service_name, duration_minutes, buffer_before_minutes,
            buffer_after_minutes, created_at, updated_at)
        SELECT :business, :customer, :service, :staff, 'confirmed', day,
            day + interval '45 minutes', 'Europe/Berlin', '{"en": "Haircut"}', 45, 0, 0, day, day
        FROM generate_series(timestamptz '2026-06-01 09:00Z', '2027-05-31 09:00Z', '1 day') AS day
        RETURNING id, starts_at, ends_at
    )
    INSERT INTO occupancies (business_id, resource_id, appointment_id, during, exclusive)
    SELECT :business, :staff, id, tstzrange(starts_at, ends_at), true FROM rows
    """
)
_READ = text(
    "SELECT relname, seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables"
    " WHERE coalesce(seq_scan, 0) + coalesce(idx_scan, 0) > 0 ORDER BY relname"
)


async def add_business(store: Store, number: int) -> None:
    file = load_example().model_copy(update={"slug": f"other-{number}"})
    business = await apply_file(store, file)
    customer = await new_customer(store, business, number)
    service = business.services[0]

    async def fill(uow: UnitOfWork) -> None:
        await uow.session.execute(
            _APPOINTMENTS,
            {
                "business": business.id,
                "customer": customer,
                "service": service.id,
                "staff": business.staff_of(service)[0].id,
            },
        )

    await store.run(business, fill)


async def rows_read(store: Store, business: Business, customer: int) -> dict[str, tuple[int, int]]:
    """Return the rows that a customer's business reads: by scanning a table, and by an index."""

    async def work(uow: UnitOfWork) -> dict[str, tuple[int, int]]:
        # Small tables are scanned because that is cheaper; here it shows where no index would do.
        await uow.session.execute(text("SET LOCAL enable_seqscan = off"))
        before = await read(uow)  # the connection's earlier work is counted, too
        day = dt.date(2026, 11, 24)
        await uow.appointments.get_available_slots(
            day, last_date=day + dt.timedelta(days=30), service="haircut", customer_id=customer
        )
        booked = await uow.appointments.create_appointment(
            customer, starts_at=TUESDAY_TEN + dt.timedelta(hours=6), service="haircut"
        )
        assert isinstance(booked, Appointment)
        await uow.appointments.get_customer_appointments(customer, upcoming=True)
        await uow.appointments.cancel_appointment(booked.id, customer_id=customer)
        await uow.customers.get_customer_by_telegram_id(1)
        after = await read(uow)
        none = (0, 0)
        return {
            table: (scanned - before.get(table, none)[0], by_index - before.get(table, none)[1])
            for table, (scanned, by_index) in after.items()
        }

    async def read(uow: UnitOfWork) -> dict[str, tuple[int, int]]:
        rows = await uow.session.execute(_READ)
        return {row.relname: (row.seq_tup_read, row.idx_tup_fetch) for row in rows}

    return await store.run(business, work)


async def test_nothing_that_one_business_reads_grows_with_the_others(store: Store) -> None:
    await add_business(store, 0)
    business = await store.business(1)
    customer = await new_customer(store, business, 1)
    alone = await rows_read(store, business, customer)
    for number in range(1, OTHERS + 1):
        await add_business(store, number)
    async with store.database.engine.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await plain.execute(text("ANALYZE"))
    among_many = await rows_read(store, business, customer)
    assert {table: scanned for table, (scanned, _) in among_many.items() if scanned} == {}
    for table, (_, by_index) in among_many.items():
        # The first booking and its cancellation left a few rows of this business itself.
        assert by_index <= alone.get(table, (0, 0))[1] + 20, table
