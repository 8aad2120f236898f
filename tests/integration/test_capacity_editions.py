"""A capacity that an edition changes while people book: the number in force is never passed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from booking.appointment import Appointment
from booking.business import Business
from booking.business_file import BusinessFile
from booking.refusals import Refusal
from db.repositories import desk, rows
from db.repositories.blocks import Block
from db.repositories.editions import Edition
from db.store import Store
from tests.conftest import apply_file
from tests.integration.life_support import (
    HOUR,
    TEN,
    at_once,
    block,
    book,
    booked,
    cancel,
    person,
    resource,
    shop,
    without_constraints,
)

PEOPLE = 8


def with_seats(seats: int) -> BusinessFile:
    """The shop whose yoga class has that many seats."""
    file = shop()
    resources = [
        r.model_copy(update={"capacity": seats}) if r.slug == "hall" else r for r in file.resources
    ]
    return file.model_copy(update={"resources": tuple(resources)})


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when the first booking is between its look and its write, where each one waits."""
    insert, writing = rows.insert_appointment, asyncio.Event()

    async def slow(*args: Any, **options: Any) -> Any:
        writing.set()
        await asyncio.sleep(0.05)
        return await insert(*args, **options)

    monkeypatch.setattr(rows, "insert_appointment", slow)
    return writing


@dataclass(frozen=True)
class Race:
    """Who was booked while the seats changed and afterwards, and whom the edition lists."""

    meanwhile: list[int]
    later: list[int]
    listed: list[int]
    business: Business


async def race(store: Store, writing: asyncio.Event, before: int, after: int) -> Race:
    """Eight people want the class while its seats change, and eight more when they have."""
    business = await apply_file(store, with_seats(before))
    people = [await person(store, business, n) for n in range(1, 2 * PEOPLE + 1)]

    async def apply() -> Edition:
        await writing.wait()
        return await store.apply_business(with_seats(after))

    edition, *meanwhile = await at_once(
        apply(), *(book(store, business, who, service="yoga") for who in people[:PEOPLE])
    )
    assert isinstance(edition, Edition), edition
    assert edition.after is not None
    later = await at_once(
        *(book(store, edition.after, who, service="yoga") for who in people[PEOPLE:])
    )
    assert all(isinstance(o, Appointment | Refusal) for o in [*meanwhile, *later])
    listed = [conflict.appointment.id for conflict in edition.conflicts]
    return Race(_ids(meanwhile), _ids(later), sorted(listed), edition.after)


def _ids(outcomes: list[Any]) -> list[int]:
    return sorted(o.id for o in outcomes if isinstance(o, Appointment))


@pytest.mark.parametrize("trigger", [True, False])
async def test_fewer_seats_let_nobody_in_by_the_old_number(
    store: Store, writing: asyncio.Event, trigger: bool
) -> None:
    """With the trigger, and with the program's locks alone."""
    if not trigger:
        await without_constraints(store)
    found = await race(store, writing, 5, 1)
    assert 1 <= len(found.meanwhile) <= 5
    assert found.later == []
    # The edition tells of all who are there too many: nobody came in behind its back.
    assert found.listed == (found.meanwhile if len(found.meanwhile) > 1 else [])


async def test_control_without_the_share_the_old_number_goes_on(
    store: Store, writing: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stale(_: object, business_id: int) -> int:
        return 1

    monkeypatch.setattr(desk, "share_business", stale)
    await without_constraints(store)
    found = await race(store, writing, 5, 1)
    assert found.listed != found.meanwhile


async def test_more_seats_are_sold_up_to_their_number_and_no_further(
    store: Store, writing: asyncio.Event
) -> None:
    found = await race(store, writing, 1, 5)
    assert len(found.meanwhile) + len(found.later) == 5


async def test_there_and_back_again(store: Store) -> None:
    """Rows keep their place whatever is in force; new ones come in where there is room."""
    business = await apply_file(store, with_seats(3))
    people = [await person(store, business, n) for n in range(1, 10)]
    seats = [await booked(store, business, who, service="yoga") for who in people[:3]]
    one = await apply_file(store, with_seats(1))
    assert isinstance(await book(store, one, people[3], service="yoga"), Refusal)
    for row in seats[:2]:
        await cancel(store, one, row)
        assert isinstance(await book(store, one, people[3], service="yoga"), Refusal)
    two = await apply_file(store, with_seats(2))
    await booked(store, two, people[3], service="yoga")
    assert isinstance(await book(store, two, people[4], service="yoga"), Refusal)


async def test_blocked_time_stays_blocked_when_there_are_more_seats(store: Store) -> None:
    business = await apply_file(store, with_seats(1))
    hall = resource(business, "hall")
    blocked = await block(store, business, TEN, TEN + HOUR, resource_id=hall)
    assert isinstance(blocked, Block)
    more = await apply_file(store, with_seats(5))
    who = await person(store, more, 1)
    for start in (TEN - HOUR / 2, TEN, TEN + HOUR / 2):
        assert isinstance(await book(store, more, who, start, service="yoga"), Refusal)
