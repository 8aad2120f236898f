"""What stands under the write path: the capacity trigger and the exclusion constraint.

Rows are inserted past the repositories, without the locks that the program takes.
"""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from booking.business import Business
from db.calendar_models import BlockRow
from db.errors import EXCLUSION_VIOLATION, DatabaseError, constraint_name, sqlstate
from db.models import OccupancyRow, ResourceRow
from db.session import Database
from db.store import Store
from tests.conftest import NOW

SINGLE, CLASS = "occupancies_no_overlap", "occupancies_within_capacity"


@pytest.fixture
async def room(database: Database, business: Business) -> int:
    """A room for three."""
    async with database.transaction(business.id) as session:
        made = await session.execute(
            insert(ResourceRow)
            .values(business_id=business.id, slug="class", kind="class", name={}, capacity=3)
            .returning(ResourceRow.id)
        )
        return int(made.scalar_one())


def hours(start: float, end: float) -> Range[dt.datetime]:
    return Range(NOW + dt.timedelta(hours=start), NOW + dt.timedelta(hours=end))


async def occupy(
    store: Store, business: Business, resource_id: int, start: float, end: float, units: int = 1
) -> int:
    """Take units of a resource with no appointment, as blocked time does; return the row's id."""
    async with store.database.transaction(business.id) as session:
        made = await session.execute(
            insert(OccupancyRow)
            .values(
                business_id=business.id,
                resource_id=resource_id,
                during=hours(start, end),
                units=units,
                exclusive=False,  # the trigger knows better
            )
            .returning(OccupancyRow.id)
        )
        return int(made.scalar_one())


async def refused_by(
    store: Store, business: Business, resource_id: int, start: float, end: float, units: int = 1
) -> str | None:
    """Try to occupy; return the name of the constraint that refused, None if it went in."""
    try:
        await occupy(store, business, resource_id, start, end, units)
    except DatabaseError as error:
        if sqlstate(error) != EXCLUSION_VIOLATION:
            raise
        return constraint_name(error)
    return None


async def test_the_peak_counts_not_the_rows(store: Store, business: Business, room: int) -> None:
    for start in range(4):  # four in a row, one at any time
        await occupy(store, business, room, start, start + 1)
    await occupy(store, business, room, 0, 4)
    # Five rows overlap this one; two units are taken at any instant, so there is room for one.
    await occupy(store, business, room, 0.5, 3.5)
    assert await refused_by(store, business, room, 0, 4) == CLASS
    assert await refused_by(store, business, room, 3.4, 3.45) == CLASS
    assert await refused_by(store, business, room, 3.5, 4) is None  # half-open: free from there


async def test_units_add_up(store: Store, business: Business, room: int) -> None:
    await occupy(store, business, room, 0, 2, units=2)
    assert await refused_by(store, business, room, 1, 3, units=2) == CLASS
    assert await refused_by(store, business, room, 1, 3) is None
    assert await refused_by(store, business, room, 5, 6, units=4) == CLASS
    assert await refused_by(store, business, room, 5, 6, units=3) is None  # the whole room blocked


async def test_a_peak_inside_the_wanted_time_is_seen(
    store: Store, business: Business, room: int
) -> None:
    await occupy(store, business, room, 2, 3, units=3)
    assert await refused_by(store, business, room, 0, 5) == CLASS


async def test_freed_time_does_not_count_and_can_not_come_back_over_others(
    store: Store, business: Business, room: int
) -> None:
    first = await occupy(store, business, room, 0, 1, units=3)

    async def set_active(active: bool) -> None:
        async with store.database.transaction(business.id) as session:
            await session.execute(
                update(OccupancyRow).where(OccupancyRow.id == first).values(active=active)
            )

    await set_active(True)  # its own units don't count against it
    await set_active(False)
    await occupy(store, business, room, 0, 1)
    with pytest.raises(DatabaseError, match=CLASS):
        await set_active(True)


async def race(store: Store, business: Business, room: int) -> int:
    """12 sessions take one unit each of unequal, overlapping times; return how many got it."""
    outcomes = await asyncio.gather(
        *(refused_by(store, business, room, n / 100, 1 + n / 100) for n in range(12))
    )
    return outcomes.count(None)


async def test_a_race_past_the_programs_locks_stops_at_the_capacity(
    store: Store, business: Business, room: int
) -> None:
    assert await race(store, business, room) == 3


async def test_control_without_the_trigger_it_does_not(
    store: Store, business: Business, room: int
) -> None:
    async with store.database.transaction() as session:
        await session.execute(
            text("ALTER TABLE occupancies DISABLE TRIGGER occupancies_within_capacity")
        )
    assert await race(store, business, room) == 12


async def test_control_without_its_lock_the_trigger_counts_too_early(
    store: Store, business: Business, room: int
) -> None:
    """Two transactions, each of which doesn't see the other one's row yet."""
    async with store.database.transaction() as session:
        body = await session.scalar(
            text("SELECT pg_get_functiondef('occupancies_within_capacity'::regproc)")
        )
        assert body is not None
        lock = "PERFORM pg_advisory_xact_lock"
        assert lock in body
        await session.execute(text(body.replace(lock, "PERFORM abs").replace(":", "\\:")))
    outcomes = []
    async with store.database.transaction(business.id) as first:
        await first.execute(
            insert(OccupancyRow).values(
                business_id=business.id,
                resource_id=room,
                during=hours(0, 1),
                units=2,
                exclusive=False,
            )
        )
        outcomes.append(await refused_by(store, business, room, 0, 1, units=2))
    assert outcomes == [None]  # four of three units are taken


# --- one person, one chair: the exclusion constraint


async def test_blocked_time_and_bookings_exclude_each_other(
    store: Store, business: Business
) -> None:
    anna = business.resources[0].id
    await occupy(store, business, anna, 0, 2)
    assert await refused_by(store, business, anna, 1, 3) == SINGLE
    assert await refused_by(store, business, anna, 1, 1.5) == SINGLE
    assert await refused_by(store, business, anna, 2, 3) is None  # half-open
    assert await refused_by(store, business, business.resources[1].id, 1, 3) is None


async def test_the_programs_word_on_exclusive_does_not_count(
    store: Store, business: Business, room: int
) -> None:
    anna = business.resources[0].id
    await occupy(store, business, anna, 0, 1)
    await occupy(store, business, room, 0, 1)
    async with store.database.transaction(business.id) as session:
        rows = await session.execute(text("SELECT resource_id, exclusive FROM occupancies"))
        assert dict(tuple(row) for row in rows) == {anna: True, room: False}


async def test_two_units_of_one_person_are_refused(store: Store, business: Business) -> None:
    anna = business.resources[0].id
    assert await refused_by(store, business, anna, 0, 1, units=2) == CLASS


@pytest.mark.parametrize(
    "during",
    [
        Range(NOW, NOW),
        Range(NOW, None),
        Range(None, NOW),
        Range(NOW, NOW + dt.timedelta(hours=1), bounds="[]"),
        Range(NOW, NOW + dt.timedelta(hours=1), bounds="(]"),
    ],
)
async def test_an_interval_is_half_open_finite_and_never_empty(
    store: Store, business: Business, during: Range[dt.datetime]
) -> None:
    with pytest.raises(IntegrityError, match="ck_occupancies_during"):
        async with store.database.session(business.id) as session:
            await session.execute(
                insert(OccupancyRow).values(
                    business_id=business.id,
                    resource_id=business.resources[0].id,
                    during=during,
                    exclusive=True,
                )
            )


@pytest.mark.parametrize("guarded", [True, False])
async def test_parallel_blocks_of_one_person_have_one_winner(
    store: Store, business: Business, guarded: bool
) -> None:
    """With the constraint gone, the control, all of them win."""
    anna = business.resources[0].id
    if not guarded:
        async with store.database.transaction() as session:
            await session.execute(text(f"ALTER TABLE occupancies DROP CONSTRAINT {SINGLE}"))

    async def one(n: int) -> bool:
        try:
            await occupy(store, business, anna, n / 100, 1 + n / 100)
        except DatabaseError as error:
            # A loser may also be the victim of a deadlock: the program's lock spares it that.
            if sqlstate(error) not in (EXCLUSION_VIOLATION, "40P01"):
                raise
            return False
        return True

    won = await asyncio.gather(*(one(n) for n in range(6)))
    assert won.count(True) == (1 if guarded else 6)


# --- a capacity that changes under rows that are there


async def set_capacity(store: Store, business: Business, room: int, capacity: int) -> None:
    async with store.database.transaction(business.id) as session:
        await session.execute(
            update(ResourceRow).where(ResourceRow.id == room).values(capacity=capacity)
        )


async def test_a_single_place_is_not_sold_over_what_shared_it(
    store: Store, business: Business, room: int
) -> None:
    await occupy(store, business, room, 0, 2)
    await occupy(store, business, room, 0, 1)
    await set_capacity(store, business, room, 1)
    assert await refused_by(store, business, room, 1, 3) == CLASS
    assert await refused_by(store, business, room, 2, 3) is None
    assert await refused_by(store, business, room, 2, 3) == SINGLE


async def test_control_without_looking_at_shared_rows_it_is(
    store: Store, business: Business, room: int
) -> None:
    async with store.database.transaction() as session:
        body = await session.scalar(
            text("SELECT pg_get_functiondef('occupancies_within_capacity'::regproc)")
        )
        assert body is not None
        assert "NOT o.exclusive" in body
        without = body.replace("NOT o.exclusive", "false").replace(":", "\\:")
        await session.execute(text(without))
    await occupy(store, business, room, 0, 2)
    await set_capacity(store, business, room, 1)
    assert await refused_by(store, business, room, 1, 3) is None


async def test_what_no_longer_fits_can_still_be_confirmed_and_freed(
    store: Store, business: Business, room: int
) -> None:
    rows = [await occupy(store, business, room, 0, 1) for _ in range(3)]
    await set_capacity(store, business, room, 2)

    async def change(row: int, **values: object) -> None:
        async with store.database.transaction(business.id) as session:
            await session.execute(
                update(OccupancyRow).where(OccupancyRow.id == row).values(**values)
            )

    await change(rows[0], expires_at=NOW, active=True)
    with pytest.raises(DatabaseError, match=CLASS):
        await change(rows[0], during=hours(0, 1.5))  # it takes more
    await change(rows[0], active=False)
    with pytest.raises(DatabaseError, match=CLASS):
        await change(rows[0], active=True)  # two of two are taken


async def test_rows_of_a_single_place_count_when_it_has_more(
    store: Store, business: Business, room: int
) -> None:
    await set_capacity(store, business, room, 1)
    await occupy(store, business, room, 0, 1)
    await set_capacity(store, business, room, 2)
    assert await refused_by(store, business, room, 0, 1) is None
    assert await refused_by(store, business, room, 0, 1) == CLASS


async def test_a_block_takes_the_units_too_that_came_after_it(
    store: Store, business: Business, room: int
) -> None:
    await set_capacity(store, business, room, 1)
    row = await occupy(store, business, room, 0, 1)
    async with store.database.transaction(business.id) as session:
        made = await session.execute(
            insert(BlockRow)
            .values(
                business_id=business.id,
                resource_ids=[room],
                starts_at=NOW,
                ends_at=NOW + dt.timedelta(hours=1),
                created_by="owner",
                created_at=NOW,
            )
            .returning(BlockRow.id)
        )
        await session.execute(
            update(OccupancyRow).where(OccupancyRow.id == row).values(block_id=made.scalar_one())
        )
    await set_capacity(store, business, room, 3)
    assert await refused_by(store, business, room, 0, 1) == CLASS
    assert await refused_by(store, business, room, 1, 2) is None
