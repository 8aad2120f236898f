"""`python -m benchmarks.booking [--quick] [--output DIR]`."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text

from benchmarks.booking import data
from benchmarks.booking.listing import Listing, Place, measure_listing
from benchmarks.booking.plot import draw
from benchmarks.booking.report import lines, markdown
from benchmarks.booking.writing import CLIENTS_ON_ONE_SLOT, Writing, measure_writing
from benchmarks.databases import databases
from benchmarks.report import all_met, versions_of
from db.migrate import migrate
from db.session import Database
from db.settings import DatabaseSettings
from db.store import Store

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Args:
        sizes: past appointments, ascending.
        staff, customers: of the generated business.
        repeats: of a listing and of a booking.
        rounds: of the race, and of bookings beside inserts.
    """

    sizes: tuple[int, ...]
    staff: int
    customers: int
    repeats: int
    rounds: int


FULL = Plan((10_000, 100_000, 1_000_000), 100, data.CUSTOMERS, 100, 5)
QUICK = Plan((1_000, 10_000), 20, 2_000, 20, 1)


class FixedClock:
    """Stands still, so that every repetition asks the same."""

    def now(self) -> dt.datetime:
        """Return the instant that the data is made for."""
        return data.NOW


Say = Callable[[str], None]


async def measure(urls: Sequence[str], plan: Plan, say: Say) -> tuple[str, list[Listing], Writing]:
    """Fill empty databases, one for each size, and measure on them.

    Returns:
        The server's version and the results.
    """
    async with AsyncExitStack() as stack:
        places, people = [], []
        for url, size in zip(urls, plan.sizes, strict=True):
            say(f"Writing {size:,} past appointments ...")
            database = Database(settings(url))
            stack.push_async_callback(database.close)
            await migrate(database.engine)
            business = await data.found(database, staff=plan.staff, customers=plan.customers)
            await data.add_past(database, business, size)
            people = await data.new_customers(database, business)
            places.append(Place(size, Store(database, FixedClock()), business, people[0]))
        async with places[-1].store.database.engine.connect() as connection:
            server_version = str(await connection.scalar(text("SHOW server_version")))
        say("Listing ...")
        listings = await measure_listing(places, plan.repeats)
        say("Booking, on the largest ...")
        largest = places[-1]
        writing = await measure_writing(
            largest.store, largest.business, people, repeats=plan.repeats, rounds=plan.rounds
        )
        return server_version, listings, writing


def settings(url: str) -> DatabaseSettings:
    """Return settings with a connection for every client of the race."""
    return DatabaseSettings(
        _env_file=None,
        database_url=SecretStr(url),
        db_pool_size=CLIENTS_ON_ONE_SLOT,
        db_statement_timeout=600,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write RESULTS.md and the plot, print the table; 1 where a goal wasn't met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.booking", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small data, few repetitions")
    parser.add_argument("--output", type=Path, default=HERE, help="folder of RESULTS.md and plot")
    options = parser.parse_args(arguments)

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    plan = QUICK if options.quick else FULL
    with databases(len(plan.sizes), say) as urls:
        server_version, listings, writing = asyncio.run(measure(urls, plan, say))
    measured = lines(listings, writing)
    options.output.mkdir(parents=True, exist_ok=True)
    drawn = draw(listings, options.output / "listing.png")
    if not drawn:
        say("No plot: matplotlib isn't installed (pip install --group bench).")
    versions = versions_of("SQLAlchemy", "asyncpg")
    versions.insert(1, ("PostgreSQL", server_version.split()[0]))
    command = "python -m benchmarks.booking" + (" --quick" if options.quick else "")
    page = markdown(measured, versions, command, "listing.png" if drawn else None)
    (options.output / "RESULTS.md").write_text(page, "utf-8")
    print(page)
    return 0 if all_met(measured) else 1


if __name__ == "__main__":
    sys.exit(main())
