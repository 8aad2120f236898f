"""What a refusal brings with it: the nearest free times, the limit, the contact."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from db.store import Store
from tests.conftest import MovableClock, apply_file
from tests.integration.life_support import HOUR, TEN, block, book, booked, move, person, shop

DAY = dt.timedelta(days=1)


async def refused(store: Store, business: Business, who: int, at: dt.datetime, **more: Any) -> Any:
    outcome = await book(store, business, who, at, **more)
    assert isinstance(outcome, Refusal), outcome
    return outcome


def starts(refusal: Refusal) -> list[dt.datetime]:
    return [offer.starts_at for offer in refusal.alternatives]


async def test_the_nearest_times_lie_on_both_sides_and_can_be_booked(
    store: Store, business: Business
) -> None:
    who = await person(store, business, 1)
    anna = business.resources[0].id
    await booked(store, business, await person(store, business, 2), TEN + 2 * HOUR, staff_id=anna)
    no = await refused(store, business, who, TEN + 2 * HOUR, staff_id=anna)
    assert no.code is RefusalCode.SLOT_TAKEN
    near = starts(no)
    assert len(near) == 5
    assert min(near) < TEN + 2 * HOUR < max(near)
    for at in near[:3]:
        row = await booked(store, business, who, at, staff_id=anna, hold=True)
        await store.run(
            business,
            lambda uow, row=row: uow.appointments.cancel_appointment(row.id, customer_id=who),
        )


async def test_where_the_week_is_full_the_horizon_is_searched(
    store: Store, business: Business
) -> None:
    who = await person(store, business, 1)
    anna = business.resources[0].id
    away = TEN.replace(hour=0) + 30 * DAY
    await block(store, business, TEN - 5 * DAY, away, resource_id=anna)
    no = await refused(store, business, who, TEN, staff_id=anna)
    assert len(no.alternatives) == 5
    assert starts(no)[0] > away


@pytest.mark.parametrize("years", [1, 3, 900])
async def test_too_far_brings_the_last_times_that_can_be_booked(
    store: Store, business: Business, clock: MovableClock, years: int
) -> None:
    no = await refused(store, business, await person(store, business, 1), TEN + 365 * years * DAY)
    assert no.code is RefusalCode.TOO_FAR
    last = clock.now().date() + business.policy.horizon_days * DAY
    assert no.latest_date == last
    assert len(no.alternatives) == 5
    assert starts(no)[-1].date() > last - 3 * DAY  # Sunday is closed


@pytest.mark.parametrize("period", ["day", "week"])
async def test_a_limit_of_some_days_brings_times_of_others(store: Store, period: str) -> None:
    business = await apply_file(store, shop(**{f"max_per_{period}": 1}))
    who = await person(store, business, 1)
    row = await booked(store, business, who, TEN)
    no = await refused(store, business, who, TEN + 2 * HOUR)
    assert (no.code, no.limit, no.limit_period) == (RefusalCode.LIMIT_REACHED, 1, period)
    assert len(no.alternatives) == 5
    assert all(at.date() != TEN.date() for at in starts(no))
    # The moved row isn't counted, so on its own day it may move.
    assert not isinstance(await move(store, business, row, TEN + 2 * HOUR), Refusal)


async def test_who_has_all_they_may_have_needs_no_times(store: Store, business: Business) -> None:
    who = await person(store, business, 1)
    for n in range(3):
        await booked(store, business, who, TEN + n * DAY)
    no = await refused(store, business, who, TEN + 7 * DAY)
    assert (no.limit, no.limit_period, no.alternatives) == (3, "active", ())
