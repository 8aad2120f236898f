"""Races over parallel connections, each with its control: the guard taken away, the fault appears.

Every writer is slowed down between its look and its write, with the guard and without, so that the
races are run and not merely possible. No transaction is tried twice here: an error that a second
attempt would hide reaches the test.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment
from booking.business import Business
from booking.refusals import Refusal
from booking.status import AppointmentStatus
from booking.waitlist import WaitlistEntry, WaitlistState
from db import store as store_module
from db.models import AppointmentRow
from db.repositories import calendar, desk, line, rows
from db.repositories.blocks import Block, BlockConflict, BlockRepository
from db.repositories.waitlist import FreeAlready
from db.store import Store
from tests.conftest import MovableClock
from tests.founding import founded
from tests.integration.life_support import (
    HOUR,
    TEN,
    at_once,
    block,
    book,
    booked,
    cancel,
    change,
    entry,
    expire,
    get,
    join,
    joined,
    move,
    outbox,
    overlaps,
    person,
    resource,
    scalar,
    shop,
    without_constraints,
    without_locks,
    without_row_locks,
)

S, W = AppointmentStatus, WaitlistState
NOON = TEN + 2 * HOUR
AT_NOON = {"time_from": dt.time(12), "time_to": dt.time(12, 30)}
ROUNDS = 4


@pytest.fixture
async def business(store: Store) -> Business:
    return await founded(store, shop(confirm_within_minutes=60))


@pytest.fixture(autouse=True)
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_ATTEMPTS", 1)


@pytest.fixture(autouse=True)
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every writer wait between its look and its write."""

    def slow(work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def waiting(*args: Any, **options: Any) -> Any:
            await asyncio.sleep(0.05)
            return await work(*args, **options)

        return waiting

    for owner, name in (
        (rows, "insert_appointment"),
        (rows, "move_row"),
        (rows, "change_status"),
        (BlockRepository, "_insert"),
    ):
        monkeypatch.setattr(owner, name, slow(getattr(owner, name)))


def errors(outcomes: list[Any]) -> list[BaseException]:
    return [o for o in outcomes if isinstance(o, BaseException)]


def done(outcomes: list[Any]) -> list[Appointment]:
    return [o for o in outcomes if isinstance(o, Appointment)]


# --- block against book


async def block_against_book(store: Store, business: Business) -> list[list[Any]]:
    anna = resource(business, "anna")
    rounds = []
    for n in range(ROUNDS):
        start = TEN + dt.timedelta(days=n)
        people = [await person(store, business, 10 * n + k) for k in range(3)]
        rounds.append(
            await at_once(
                book(store, business, people[0], start, staff_id=anna),
                block(store, business, start, start + HOUR, resource_id=anna),
                *(book(store, business, who, start, staff_id=anna) for who in people[1:]),
            )
        )
    return rounds


async def test_a_block_and_bookings_of_one_time_have_one_winner(
    store: Store, business: Business
) -> None:
    for outcomes in await block_against_book(store, business):
        assert errors(outcomes) == []
        blocked = isinstance(outcomes[1], Block)
        assert len(done(outcomes)) == (0 if blocked else 1)
        if not blocked:
            assert isinstance(outcomes[1], BlockConflict)
            assert [a.id for a in outcomes[1].appointments] == [done(outcomes)[0].id]
    assert await overlaps(store, business) == 0


async def test_control_without_locks_and_constraint_people_are_booked_into_time_off(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_locks(monkeypatch)
    await without_constraints(store)
    await block_against_book(store, business)
    assert await overlaps(store, business) > 0


async def test_the_constraint_alone_refuses_a_block_with_what_is_in_its_way(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_locks(monkeypatch)
    await block_against_book(store, business)
    assert await overlaps(store, business) == 0


# --- seats


async def race_for_seats(store: Store, business: Business) -> list[Any]:
    people = [await person(store, business, n) for n in range(1, 9)]
    return await at_once(*(book(store, business, who, service="yoga", seats=2) for who in people))


async def test_a_class_of_five_takes_two_parties_of_two(store: Store, business: Business) -> None:
    outcomes = await race_for_seats(store, business)
    assert errors(outcomes) == []
    assert len(done(outcomes)) == 2
    assert {o.code for o in outcomes if isinstance(o, Refusal)} == {"capacity_exceeded"}


async def test_the_trigger_alone_keeps_the_capacity(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_locks(monkeypatch)
    outcomes = await race_for_seats(store, business)
    assert errors(outcomes) == []
    assert len(done(outcomes)) == 2


async def test_control_without_locks_and_trigger_the_class_is_oversold(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_locks(monkeypatch)
    await without_constraints(store)
    assert len(done(await race_for_seats(store, business))) > 2


# --- cancel against move


async def cancel_against_move(store: Store, business: Business) -> tuple[list[Any], int]:
    """Return all outcomes, and how many rows are gone and yet take time, or stay and take none."""
    outcomes, torn = [], 0
    for n in range(ROUNDS):
        start = TEN + dt.timedelta(days=n)
        row = await booked(store, business, await person(store, business, n + 1), start)
        outcomes += await at_once(
            cancel(store, business, row), move(store, business, row, start + HOUR)
        )
        after = await get(store, business, row.id)
        active = await scalar(
            store,
            business,
            f"SELECT count(*) FROM occupancies WHERE active AND appointment_id = {row.id}",
        )
        torn += (after.status is S.CONFIRMED) != (active == 1)
    return outcomes, torn


async def test_cancelling_and_moving_at_once_leaves_one_truth(
    store: Store, business: Business
) -> None:
    outcomes, torn = await cancel_against_move(store, business)
    assert errors(outcomes) == []
    assert torn == 0
    assert all(o.code == "invalid_transition" for o in outcomes if isinstance(o, Refusal))


async def test_control_without_locks_a_stale_row_is_written(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_locks(monkeypatch)
    without_row_locks(monkeypatch)
    outcomes, torn = await cancel_against_move(store, business)
    assert errors(outcomes) or torn  # the compare-and-set notices what the locks prevent


# --- two approvals of one request


async def approve_six_times(store: Store, business: Business) -> tuple[list[Any], int, int]:
    row = await booked(store, business, await person(store, business, 1), service="colouring")
    outcomes = await at_once(*(change(store, business, row, "confirmed") for _ in range(6)))
    approved = "SELECT count(*) FROM appointment_events WHERE change = 'approved'"
    version = (await get(store, business, row.id)).version
    return outcomes, await scalar(store, business, approved), version


async def test_a_request_is_approved_once(store: Store, business: Business) -> None:
    outcomes, events, version = await approve_six_times(store, business)
    assert [o.status for o in done(outcomes)] == [S.CONFIRMED] * 6
    assert (events, version) == (1, 2)


async def test_control_without_locks_the_approvals_collide(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_locks(monkeypatch)
    without_row_locks(monkeypatch)
    outcomes, _, _ = await approve_six_times(store, business)
    assert len(errors(outcomes)) == 5
    assert all(isinstance(error, rows.StaleRowError) for error in errors(outcomes))


async def test_control_without_compare_and_set_the_approvals_are_told_six_times(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_locks(monkeypatch)
    without_row_locks(monkeypatch)

    async def whatever_it_was(
        session: AsyncSession, row: AppointmentRow, status: AppointmentStatus, **_: Any
    ) -> None:
        row.status = status.value

    monkeypatch.setattr(rows, "change_status", whatever_it_was)
    _, events, _ = await approve_six_times(store, business)
    assert events == 6


# --- person and room, asked for in opposite order


async def race_for_person_and_room(store: Store, business: Business) -> list[Any]:
    people = [await person(store, business, n) for n in range(1, 9)]
    services = ["massage", "sauna"] * 4
    return await at_once(
        *(
            book(store, business, who, service=wanted)
            for who, wanted in zip(people, services, strict=True)
        )
    )


async def test_two_services_of_one_person_and_room_never_deadlock(
    store: Store, business: Business
) -> None:
    outcomes = await race_for_person_and_room(store, business)
    assert errors(outcomes) == []
    assert len(done(outcomes)) == 1
    assert {o.code for o in outcomes if isinstance(o, Refusal)} == {"slot_taken"}


async def test_control_locks_out_of_order_deadlock(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = count()

    async def in_turns(session: AsyncSession, _: object, resource_ids: frozenset[int]) -> None:
        for resource_id in sorted(resource_ids, reverse=bool(next(turn) % 2)):
            await session.execute(
                text("SELECT pg_advisory_xact_lock(:key)"), {"key": (2 << 56) | resource_id}
            )
            await asyncio.sleep(0.05)

    monkeypatch.setattr(desk, "lock_customer_and_resources", in_turns)
    assert errors(await race_for_person_and_room(store, business))


# --- swaps


def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both believe that the other one's time is free, so that both go on to write."""

    async def nothing_is_taken(*_: object, **__: object) -> list[object]:
        return []

    monkeypatch.setattr(calendar, "read_busy", nothing_is_taken)
    occupy = rows._occupy

    async def slow(*args: Any) -> bool:
        await asyncio.sleep(0.05)  # between giving the old time up and taking the new one
        return await occupy(*args)

    monkeypatch.setattr(rows, "_occupy", slow)


async def swap(store: Store, business: Business) -> list[Any]:
    outcomes = []
    for n in range(ROUNDS):
        ten, noon = (TEN + dt.timedelta(days=n), NOON + dt.timedelta(days=n))
        anna = resource(business, "anna")
        one, two = [
            await booked(
                store, business, await person(store, business, 10 * n + k), at, staff_id=anna
            )
            for k, at in ((1, ten), (2, noon))
        ]
        outcomes += await at_once(move(store, business, one, noon), move(store, business, two, ten))
    return outcomes


@pytest.mark.parametrize("both_believe", [False, True])
async def test_a_swap_ends_without_deadlock_and_without_double_booking(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch, both_believe: bool
) -> None:
    if both_believe:
        blind(monkeypatch)
    outcomes = await swap(store, business)
    assert errors(outcomes) == []
    # Neither may have the other's time before it is given up, so nobody has moved.
    assert [o.code for o in outcomes] == ["slot_taken"] * (2 * ROUNDS)
    assert await overlaps(store, business) == 0
    taken = "SELECT count(*) FROM occupancies WHERE active"
    assert await scalar(store, business, taken) == 2 * ROUNDS


async def test_control_without_locks_a_swap_deadlocks(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_locks(monkeypatch)
    without_row_locks(monkeypatch)
    blind(monkeypatch)
    assert errors(await swap(store, business))


# --- the waiting list


async def free_two_times_at_once(store: Store, business: Business) -> tuple[list[Any], list[int]]:
    """Anna's and Boris's noon become free at once; two people wait for either.

    Returns:
        The outcomes, and how many holds each of those who wait has.
    """
    given = [
        await booked(store, business, await person(store, business, n), NOON, staff_id=staff)
        for n, staff in ((1, resource(business, "anna")), (2, resource(business, "boris")))
    ]
    waiting = [await person(store, business, n) for n in (3, 4)]
    for who in waiting:
        await joined(store, business, who, **AT_NOON)
    outcomes = await at_once(*(cancel(store, business, row) for row in given))
    holds = "SELECT count(*) FROM appointments WHERE status = 'held' AND customer_id = {}"
    return outcomes, [await scalar(store, business, holds.format(who)) for who in waiting]


async def test_two_times_freed_at_once_are_two_offers_to_two_people(
    store: Store, business: Business
) -> None:
    outcomes, holds = await free_two_times_at_once(store, business)
    assert errors(outcomes) == []
    assert holds == [1, 1]
    assert [chat for chat, _ in await outbox(store, "waitlist_offer")] == [3, 4]
    assert await overlaps(store, business) == 0


async def test_control_without_locks_the_first_in_line_is_offered_both(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_locks(monkeypatch)

    async def yes(*_: object) -> bool:
        return True

    monkeypatch.setattr(line, "_still_waits", yes)
    _, holds = await free_two_times_at_once(store, business)
    assert holds == [2, 0]


async def join_while_it_is_freed(store: Store, business: Business) -> list[tuple[Any, W]]:
    """Return, for each round, the answer to who joins and where the entry stands then."""
    rounds = []
    for n in range(ROUNDS):
        start = TEN + dt.timedelta(days=n)
        row = await booked(store, business, await person(store, business, 2 * n + 1), start)
        who = await person(store, business, 2 * n + 2)
        date = start.date()
        wish = {"date_from": date, "date_to": date, "time_from": dt.time(10)}
        outcomes = await at_once(
            cancel(store, business, row),
            join(store, business, who, **wish, time_to=dt.time(10, 30)),
        )
        assert errors(outcomes) == []
        waits = isinstance(outcomes[1], WaitlistEntry)
        rounds.append(
            (outcomes[1], (await entry(store, business, who)).state if waits else W.CANCELLED)
        )
    return rounds


def slow_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let who joins wait after the look at what is free."""
    look = desk.Desk.offers

    async def slow(*args: Any, **options: Any) -> Any:
        found = await look(*args, **options)
        await asyncio.sleep(0.15)
        return found

    monkeypatch.setattr(desk.Desk, "offers", slow)


async def test_nobody_joins_in_vain_while_the_time_becomes_free(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_look(monkeypatch)
    for answer, state in await join_while_it_is_freed(store, business):
        assert isinstance(answer, FreeAlready) or state is W.OFFERED


async def test_control_without_locks_who_joins_is_missed(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_look(monkeypatch)
    without_locks(monkeypatch)
    rounds = await join_while_it_is_freed(store, business)
    assert any(state is W.WAITING for _, state in rounds)


# --- expiry by several workers


async def expire_by_six(store: Store, business: Business, clock: MovableClock) -> list[Any]:
    """Six requests and an offer run out; six workers close them, and somebody books besides."""
    for n in range(6):
        start = TEN + dt.timedelta(days=n // 2) + (n % 2) * 4 * HOUR
        start = start.replace(hour=9 if n % 2 == 0 else 14)
        who = await person(store, business, n + 1)
        await booked(store, business, who, start, service="colouring")
    waits = await person(store, business, 7)
    await joined(store, business, waits, time_from=dt.time(10), time_to=dt.time(10, 30))
    clock.advance(minutes=60)
    return await at_once(*(expire(store, business) for _ in range(6)))


async def test_several_workers_close_each_row_once(
    store: Store, business: Business, clock: MovableClock
) -> None:
    outcomes = await expire_by_six(store, business, clock)
    assert errors(outcomes) == []
    assert sum(outcomes) == 6
    assert sorted(await outbox(store, "receipt")) == [(n, "expired") for n in range(1, 7)]
    assert len(await outbox(store, "owner_notice")) == 6
    assert await outbox(store, "waitlist_offer") == [(7, None)]


async def test_control_without_the_row_lock_they_close_the_same_rows(
    store: Store, business: Business, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unlocked(
        session: AsyncSession, business_id: int, ids: list[int], *_: object, **__: object
    ) -> list[AppointmentRow]:
        found = [await session.get(AppointmentRow, (business_id, id_)) for id_ in sorted(ids)]
        return [row for row in found if row is not None]

    without_locks(monkeypatch)
    monkeypatch.setattr(calendar, "lock_due", unlocked)
    assert errors(await expire_by_six(store, business, clock))
