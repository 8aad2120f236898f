"""What the tests of the database layer share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

from booking.business import Business
from db.store import Store
from tests.conftest import apply_file, load_example

TUESDAY_TEN = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)  # 10:00 in Berlin
CHANNEL = "telegram:1"

# `pg_locks` holds the locks of all databases of the server, and each test process has some there.
# Not all locks name theirs, but whoever waits has one that does. (`pg_stat_activity` names it too;
# inside a transaction it is frozen at the first look.)
HERE = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
WAITERS = (
    "SELECT count(*) FROM pg_locks"
    f" WHERE NOT granted AND pid IN (SELECT pid FROM pg_locks WHERE {HERE})"
)


async def second_business(store: Store) -> Business:
    """Found another business beside the default one."""
    return await apply_file(store, load_example().model_copy(update={"slug": "southside"}))


async def new_customer(store: Store, business: Business, telegram_id: int = 1) -> int:
    """Create a customer and return the id."""

    async def work(uow: Any) -> int:
        return int((await uow.customers.create_customer(telegram_id)).id)

    return await store.run(business, work)


async def as_worker(store: Store, work: Callable[[Any], Awaitable[Any]]) -> Any:
    """Run `work` on a worker's session and commit it."""
    async with store.worker() as session:
        return await work(session)
