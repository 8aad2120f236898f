"""The slot engine on real PostgreSQL against the oracle in SQL, on days when clocks change."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import DateTime, Text, bindparam, text

from booking.business import Business, DayInterval, Policy, Service
from booking.localtime import day_bounds
from booking.refusals import Offer
from db.session import Database
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock, apply_file, load_example, settings_for
from tests.integration.db_support import new_customer
from tests.integration.oracle import free_starts
from tests.unit.booking.builders import CHANGES

DAY = dt.timedelta(days=1)
QUARTER = dt.timedelta(minutes=15)
_checked = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_OCCUPY = text(
    """
    INSERT INTO occupancies (business_id, resource_id, during, exclusive, active, expires_at)
    VALUES (:business_id, :resource_id, tstzrange(:start, :end, '[)'), true, :active, :expires_at)
    ON CONFLICT ON CONSTRAINT occupancies_no_overlap DO NOTHING
    """
).bindparams(*(bindparam(n, type_=DateTime(timezone=True)) for n in ("start", "end", "expires_at")))
_PAST = text(
    """
    WITH old AS (
        INSERT INTO appointments (business_id, customer_id, service_id, staff_id, status, starts_at,
            ends_at, zone, service_name, duration_minutes, buffer_before_minutes,
            buffer_after_minutes, cancelled_by, created_at, updated_at)
        VALUES (:business_id, :customer_id, :service_id, :resource_id, :status, :start, :end, 'UTC',
            '{"en": "old"}', 15, 0, 0, CASE WHEN :status = 'cancelled' THEN 'owner' END, :start,
            :start)
        RETURNING business_id, id
    )
    INSERT INTO occupancies (business_id, resource_id, appointment_id, during, exclusive, active)
    SELECT business_id, :resource_id, id, tstzrange(:start, :end, '[)'), true, :active FROM old
    ON CONFLICT ON CONSTRAINT occupancies_no_overlap DO NOTHING
    """
).bindparams(
    *(bindparam(n, type_=DateTime(timezone=True)) for n in ("start", "end")),
    bindparam("status", type_=Text()),
)


@dataclass(frozen=True)
class Busy:
    """A row of `occupancies`, as quarters of an hour after the first date's midnight.

    Args:
        expires: minutes from now; None = it doesn't.
    """

    who: int
    start: int
    quarters: int
    active: bool
    expires: int | None


@dataclass(frozen=True)
class World:
    """What a business is bent to, when it is asked, and what is taken."""

    zone: str
    first: dt.date
    changes: dict[str, Any]
    people: tuple[dict[str, Any], ...]
    service: dict[str, Any]
    hour: int
    busy: tuple[Busy, ...]


interval = st.builds(
    DayInterval,
    st.integers(0, 95).map(lambda quarter: quarter * 15),
    st.integers(0, 96).map(lambda quarter: quarter * 15),
)
intervals = st.lists(interval, min_size=1, max_size=2).map(tuple)
rows = st.builds(
    Busy,
    st.integers(0, 1),
    st.integers(-8, 240),
    st.integers(1, 12),
    st.sampled_from([True, True, True, False]),
    st.sampled_from([None, None, None, -30, 0, 30]),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    where, first = draw(st.sampled_from(CHANGES))
    first -= draw(st.integers(0, 1)) * DAY
    closed = (first + 3 * DAY).weekday()  # so that no opening is endless
    weekly = st.dictionaries(st.integers(0, 6), intervals, min_size=5).map(
        lambda week: {day: spans for day, spans in week.items() if day != closed}
    )
    dates = st.integers(-1, 2).map(lambda n: first + n * DAY)
    exceptions = st.dictionaries(dates, st.one_of(st.just(()), intervals), max_size=1)
    person = st.fixed_dictionaries(
        {
            "hours": st.one_of(st.none(), weekly),
            "exceptions": exceptions,
            "zone": st.sampled_from([None, None, "Asia/Kathmandu", "America/New_York"]),
        }
    )
    return World(
        zone=where,
        first=first,
        changes={
            "hours": draw(weekly),
            "exceptions": draw(exceptions),
            "policy": Policy(
                step_minutes=draw(st.sampled_from([10, 15, 30, 45])),
                min_notice_minutes=draw(st.sampled_from([0, 0, 90])),
                horizon_days=draw(st.sampled_from([60, 2])),
            ),
        },
        people=(draw(person), draw(person)),
        service={
            "duration_minutes": draw(st.sampled_from([15, 50, 60, 240])),
            "buffer_before_minutes": draw(st.sampled_from([0, 0, 15])),
            "buffer_after_minutes": draw(st.sampled_from([0, 0, 25])),
            "step_minutes": draw(st.sampled_from([None, None, 20])),
        },
        hour=draw(st.integers(-24, 6)),
        busy=tuple(draw(st.lists(rows, max_size=14))),
    )


class Shop:
    """A database with the example business, which each example bends to its world."""

    def __init__(self, run: Callable[[Awaitable[Any]], Any], url: str) -> None:
        self.run = run
        self.clock = MovableClock()
        self.store = Store(Database(settings_for(url)), self.clock)
        self.founded: Business = run(apply_file(self.store, load_example()))
        self.customer: int = run(new_customer(self.store, self.founded))

    def bent(self, world: World) -> tuple[Business, Service]:
        """Return the business as the world wants it, asked at the world's hour."""
        people = tuple(
            replace(resource, **changes)
            for resource, changes in zip(self.founded.resources, world.people, strict=False)
        )
        service = replace(
            self.founded.services[0],
            resource_ids={"staff": tuple(person.id for person in people)},
            **world.service,
        )
        self.clock.instant = self.midnight(world) + dt.timedelta(hours=world.hour)
        business = replace(
            self.founded,
            zone=world.zone,
            resources=people,
            services=(service,),
            **world.changes,
        )
        return business, service

    def midnight(self, world: World) -> dt.datetime:
        return day_bounds(world.first, world.zone)[0]

    async def fill(self, uow: UnitOfWork, world: World) -> None:
        for row in world.busy:
            start = self.midnight(world) + row.start * QUARTER
            expires = None if row.expires is None else dt.timedelta(minutes=row.expires)
            await uow.session.execute(
                _OCCUPY,
                {
                    "business_id": uow.business.id,
                    "resource_id": uow.business.resources[row.who].id,
                    "start": start,
                    "end": start + row.quarters * QUARTER,
                    "active": row.active,
                    "expires_at": None if expires is None else self.clock.now() + expires,
                },
            )

    async def listed(self, uow: UnitOfWork, world: World) -> list[Offer]:
        return await uow.appointments.get_available_slots(
            world.first,
            last_date=world.first + 2 * DAY,
            service=uow.business.services[0].id,
            customer_id=self.customer,
        )


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    with asyncio.Runner() as runner:

        def run(work: Awaitable[Any]) -> Any:
            async def awaited() -> Any:
                return await work

            return runner.run(awaited())

        shop = Shop(run, database_url)
        yield shop
        runner.run(shop.store.database.close())


class _RolledBackError(Exception):
    """Ends an example's transaction without keeping its rows."""


def in_example(
    shop: Shop, business: Business, work: Callable[[UnitOfWork], Awaitable[None]]
) -> None:
    async def and_back(uow: UnitOfWork) -> None:
        await work(uow)
        raise _RolledBackError

    with pytest.raises(_RolledBackError):
        shop.run(shop.store.run(business, and_back))


def test_the_engine_lists_what_the_oracle_lists(shop: Shop) -> None:
    @_checked
    @given(worlds())
    def check(world: World) -> None:
        business, service = shop.bent(world)

        async def compare(uow: UnitOfWork) -> None:
            await shop.fill(uow, world)
            offers = await shop.listed(uow, world)
            event("something is free" if offers else "nothing is free")
            dates = (world.first, world.first + 2 * DAY)
            wanted: dict[dt.datetime, list[int]] = {}
            for person in business.resources:
                for start in await free_starts(
                    uow.session, business, service, person, dates, shop.clock.now()
                ):
                    wanted.setdefault(start, []).append(person.id)
            assert {o.starts_at: list(o.staff_ids) for o in offers} == wanted

        in_example(shop, business, compare)

    check()


past_rows = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.integers(1, 400),
        st.integers(1, 8),
        st.sampled_from(["confirmed", "completed", "cancelled", "no_show"]),
    ),
    min_size=1,
    max_size=20,
)


def test_past_rows_change_nothing(shop: Shop) -> None:
    @_checked
    @given(worlds(), past_rows)
    def check(world: World, past: list[tuple[int, int, int, str]]) -> None:
        business, service = shop.bent(world)

        async def compare(uow: UnitOfWork) -> None:
            await shop.fill(uow, world)
            before = await shop.listed(uow, world)
            # Over a buffer before now at the latest: what ended within it may still be in the way.
            latest = shop.clock.now() - dt.timedelta(minutes=service.buffer_before_minutes)
            for who, quarters_ago, length, status in past:
                end = latest - (quarters_ago - 1) * QUARTER
                await uow.session.execute(
                    _PAST,
                    {
                        "business_id": business.id,
                        "customer_id": shop.customer,
                        "service_id": service.id,
                        "resource_id": business.resources[who].id,
                        "status": status,
                        "start": end - length * QUARTER,
                        "end": end,
                        "active": status == "confirmed",
                    },
                )
            assert await shop.listed(uow, world) == before

        in_example(shop, business, compare)

    check()


def test_what_began_before_the_window_is_still_in_the_way(shop: Shop) -> None:
    """Two hours around midnight, on a business that is open through the night."""
    first = dt.date(2026, 11, 24)
    all_day = {day: (DayInterval(0, 1440),) for day in range(7) if day != 4}
    free = World(
        zone="Europe/Berlin",
        first=first,
        changes={"hours": all_day, "exceptions": {}, "policy": Policy()},
        people=({"hours": None}, {"hours": None}),
        service={"duration_minutes": 30, "buffer_before_minutes": 0, "buffer_after_minutes": 0},
        hour=-24,
        busy=(),
    )
    across = replace(
        free, busy=tuple(Busy(who, -4, 8, active=True, expires=None) for who in (0, 1))
    )
    starts: list[dt.datetime] = []

    async def list_first(uow: UnitOfWork, world: World) -> None:
        await shop.fill(uow, world)
        starts.append((await shop.listed(uow, world))[0].starts_at)

    for world in (free, across):
        business, _ = shop.bent(world)
        in_example(shop, business, partial(list_first, world=world))
    assert starts == [shop.midnight(free), shop.midnight(free) + dt.timedelta(hours=1)]
