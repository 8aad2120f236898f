"""The waiting list on real PostgreSQL: first come first served, one offer for one time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment, Change
from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus
from booking.waitlist import WaitlistState
from db.repositories import line
from db.repositories.blocks import Block
from db.repositories.desk import Desk
from db.repositories.line import taken_by
from db.repositories.locks import lock_customer_and_resources, try_lock_customer
from db.repositories.waitlist import FreeAlready
from db.store import Store, UnitOfWork
from tests.conftest import NOW, MovableClock, apply_file
from tests.founding import founded
from tests.integration.life_support import (
    HOUR,
    TEN,
    TUESDAY,
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
    service,
    shop,
)

S, W = AppointmentStatus, WaitlistState
# On Tuesday morning only Anna works, so 10:00 is one place.
AT_TEN = {"time_from": dt.time(10), "time_to": dt.time(10, 30)}


@pytest.fixture
async def business(store: Store) -> Business:
    return await founded(store, shop(confirm_within_minutes=60))


@pytest.fixture
async def first(store: Store, business: Business) -> Appointment:
    """Who has the time that others wait for."""
    return await booked(store, business, await person(store, business, 1))


async def two_in_line(store: Store, business: Business, clock: MovableClock) -> tuple[int, int]:
    """Customers 3 and 2, in this order."""
    later, sooner = await person(store, business, 2), await person(store, business, 3)
    await joined(store, business, sooner, **AT_TEN)
    clock.advance(seconds=1)
    await joined(store, business, later, **AT_TEN)
    return sooner, later


async def states(store: Store, business: Business, *people: int) -> list[WaitlistState]:
    return [(await entry(store, business, who)).state for who in people]


async def confirm(store: Store, business: Business, who: int, row_id: int) -> Appointment | Refusal:
    return await store.run(
        business, lambda uow: uow.appointments.confirm_appointment(row_id, customer_id=who)
    )


async def test_a_cancelled_time_is_held_for_the_first_in_line(
    store: Store, business: Business, first: Appointment, clock: MovableClock
) -> None:
    sooner, later = await two_in_line(store, business, clock)
    await cancel(store, business, first)
    offered = await entry(store, business, sooner)
    assert (offered.state, offered.offered_starts_at) == (W.OFFERED, TEN)
    assert offered.offer_expires_at == clock.now() + dt.timedelta(minutes=30)
    assert offered.offered_appointment_id is not None
    held = await get(store, business, offered.offered_appointment_id)
    assert (held.status, held.customer_id, held.starts_at) == (S.HELD, sooner, TEN)
    assert held.expires_at == offered.offer_expires_at
    assert await outbox(store, "waitlist_offer") == [(3, None)]
    assert await states(store, business, later) == [W.WAITING]
    stranger = await person(store, business, 9)
    taken = await book(store, business, stranger)
    assert isinstance(taken, Refusal)
    assert taken.code is RefusalCode.SLOT_TAKEN
    assert isinstance(await confirm(store, business, sooner, held.id), Appointment)
    assert await states(store, business, sooner, later) == [W.TAKEN, W.WAITING]


async def test_an_offer_that_runs_out_goes_to_the_next(
    store: Store, business: Business, first: Appointment, clock: MovableClock
) -> None:
    sooner, later = await two_in_line(store, business, clock)
    await cancel(store, business, first)
    clock.advance(minutes=30)
    assert await expire(store, business) == 1
    assert await states(store, business, sooner, later) == [W.EXPIRED, W.OFFERED]
    assert await outbox(store, "waitlist_offer") == [(3, None), (2, None)]
    clock.advance(minutes=30)
    assert [await expire(store, business), await expire(store, business)] == [1, 0]
    assert await states(store, business, sooner, later) == [W.EXPIRED, W.EXPIRED]
    assert isinstance(await book(store, business, sooner), Appointment)


async def test_who_waits_comes_before_who_asks_for_a_time_that_ran_out(
    store: Store, business: Business, clock: MovableClock
) -> None:
    await booked(store, business, await person(store, business, 1), hold=True)
    sooner, _ = await two_in_line(store, business, clock)
    clock.advance(minutes=10)
    stranger = await person(store, business, 9)
    outcome = await book(store, business, stranger)
    assert isinstance(outcome, Refusal)
    assert outcome.code is RefusalCode.SLOT_TAKEN
    assert await states(store, business, sooner) == [W.OFFERED]


async def pass_on(store: Store, business: Business, row: Appointment) -> None:
    given = await cancel(store, business, row)
    assert isinstance(given, Appointment)


async def move_away(store: Store, business: Business, row: Appointment) -> None:
    moved = await move(store, business, row, TEN + HOUR)
    assert isinstance(moved, Appointment)


async def decline(store: Store, business: Business, row: Appointment) -> None:
    declined = await change(store, business, row, "declined")
    assert isinstance(declined, Appointment)


async def replace_hold(store: Store, business: Business, row: Appointment) -> None:
    await booked(store, business, row.customer_id, TEN + HOUR, hold=True, replacing_hold=row.id)


Free = Callable[[Store, Business, Appointment], Awaitable[None]]


@pytest.mark.parametrize(
    ("how", "options"),
    [
        (pass_on, {"hold": True}),
        (pass_on, {"service": "colouring"}),
        (move_away, {}),
        (decline, {"service": "colouring"}),
        (replace_hold, {"hold": True}),
    ],
)
async def test_whatever_frees_a_time_offers_it(
    store: Store,
    business: Business,
    clock: MovableClock,
    how: Free,
    options: dict[str, object],
) -> None:
    row = await booked(store, business, await person(store, business, 1), **options)
    sooner, later = await two_in_line(store, business, clock)
    await how(store, business, row)
    assert await states(store, business, sooner, later) == [W.OFFERED, W.WAITING]
    assert await overlaps(store, business) == 0


async def test_a_block_that_is_removed_offers_its_time(
    store: Store, business: Business, clock: MovableClock
) -> None:
    anna = resource(business, "anna")
    made = await block(store, business, TEN, TEN + 2 * HOUR, resource_id=anna)
    assert isinstance(made, Block)
    sooner, later = await two_in_line(store, business, clock)
    whole = await person(store, business, 4)
    await joined(store, business, whole, time_from=dt.time(11), time_to=dt.time(12))
    await store.run(business, lambda uow: uow.blocks.delete_block(made.id))
    assert await states(store, business, sooner, later, whole) == [W.OFFERED, W.WAITING, W.OFFERED]


async def test_whom_a_rule_refuses_is_passed_over_and_keeps_the_place(
    store: Store, business: Business, first: Appointment, clock: MovableClock
) -> None:
    sooner, later = await two_in_line(store, business, clock)
    for n in range(3):  # the limit
        start = TEN + dt.timedelta(days=1 + n)
        await booked(store, business, sooner, start, service="yoga")
    await cancel(store, business, first)
    assert await states(store, business, sooner, later) == [W.WAITING, W.OFFERED]


async def test_who_can_not_be_told_is_passed_over(
    store: Store, business: Business, first: Appointment, clock: MovableClock
) -> None:
    silent = await person(store, business, 5, chat=False)
    await joined(store, business, silent, **AT_TEN)
    clock.advance(seconds=1)
    sooner, _ = await two_in_line(store, business, clock)
    await cancel(store, business, first)
    assert await states(store, business, silent, sooner) == [W.WAITING, W.OFFERED]


async def test_nobody_is_offered_what_they_gave_up(
    store: Store, business: Business, first: Appointment
) -> None:
    await joined(store, business, first.customer_id, **AT_TEN)
    await cancel(store, business, first)
    assert await states(store, business, first.customer_id) == [W.WAITING]


@pytest.mark.parametrize(
    "wish",
    [
        {"time_from": dt.time(10, 30), "time_to": dt.time(11)},
        {"date_from": TUESDAY + dt.timedelta(days=1), "date_to": TUESDAY + dt.timedelta(days=9)},
        {"service": "colouring"},
    ],
)
async def test_a_time_that_does_not_fit_the_wish_is_not_offered(
    store: Store, business: Business, first: Appointment, wish: dict[str, object]
) -> None:
    who, days = await person(store, business, 2), dt.timedelta(days=1)
    await block(store, business, TEN + HOUR, TEN + 11 * HOUR)
    await block(store, business, TEN + days, TEN + 10 * days)
    values = dict(wish)
    values["service_id"] = service(business, str(values.pop("service", "haircut")))
    # Until ten o'clock comes back nothing of that day is free; 10:30 would run into the block.
    assert (await joined(store, business, who, **values)).state is W.WAITING
    await cancel(store, business, first)
    assert await states(store, business, who) == [W.WAITING]


async def test_the_person_waited_for_matters(store: Store, business: Business) -> None:
    anna, boris = resource(business, "anna"), resource(business, "boris")
    noon = TEN + 2 * HOUR
    rows = [
        await booked(store, business, await person(store, business, n), noon, staff_id=staff)
        for n, staff in ((1, anna), (2, boris))
    ]
    at_noon = {"time_from": dt.time(12), "time_to": dt.time(12, 30)}
    who = await person(store, business, 3)
    await joined(store, business, who, staff_id=boris, **at_noon)
    await cancel(store, business, rows[0])
    assert await states(store, business, who) == [W.WAITING]
    await cancel(store, business, rows[1])
    assert await states(store, business, who) == [W.OFFERED]


async def test_freed_seats_go_to_those_whom_they_are_enough_for(
    store: Store, business: Business, clock: MovableClock
) -> None:
    party = await booked(store, business, await person(store, business, 1), service="yoga", seats=3)
    await booked(store, business, await person(store, business, 2), service="yoga", seats=2)
    people = []
    for n, seats in ((3, 4), (4, 2), (5, 1), (6, 1)):
        people.append(await person(store, business, n))
        clock.advance(seconds=1)
        await joined(
            store,
            business,
            people[-1],
            service_id=service(business, "yoga"),
            seats=seats,
            **AT_TEN,
        )
    await cancel(store, business, party)
    assert await states(store, business, *people) == [W.WAITING, W.OFFERED, W.OFFERED, W.WAITING]
    assert await scalar(store, business, "SELECT sum(units) FROM occupancies WHERE active") == 5


async def test_an_offer_ends_before_its_time_begins(
    store: Store, business: Business, first: Appointment, clock: MovableClock
) -> None:
    sooner, _ = await two_in_line(store, business, clock)
    clock.instant = TEN - dt.timedelta(hours=1)  # the notice, inclusive
    policy = shop(confirm_within_minutes=60, waitlist_offer_minutes=600)
    business = await apply_file(store, policy)
    owner = await store.run(
        business, lambda uow: uow.appointments.cancel_appointment(first.id, customer_id=None)
    )
    assert isinstance(owner, Appointment)
    assert (await entry(store, business, sooner)).offer_expires_at == TEN


# --- joining and leaving


async def test_joining_twice_is_joining_once(
    store: Store, business: Business, first: Appointment
) -> None:
    who = await person(store, business, 2)
    once = await joined(store, business, who, **AT_TEN)
    assert await joined(store, business, who, **AT_TEN) == once
    assert await scalar(store, business, "SELECT count(*) FROM waitlist_entries") == 1


async def test_what_is_free_needs_no_waiting(
    store: Store, business: Business, first: Appointment
) -> None:
    who = await person(store, business, 2)
    found = await join(store, business, who, time_from=dt.time(11))
    assert isinstance(found, FreeAlready)
    assert len(found.offers) == 5
    assert found.offers[0].starts_at == TEN + HOUR
    assert await scalar(store, business, "SELECT count(*) FROM waitlist_entries") == 0


async def test_five_wishes_at_a_time(store: Store, business: Business, clock: MovableClock) -> None:
    who, other = await person(store, business, 2), await person(store, business, 3)
    anna = resource(business, "anna")
    await block(store, business, TEN, TEN + 4 * HOUR)
    made = [
        await joined(store, business, who, time_from=dt.time(10, n), time_to=dt.time(11))
        for n in range(5)
    ]
    sixth = {"time_from": dt.time(10, 5), "time_to": dt.time(11)}
    refused = await join(store, business, who, **sixth)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.limit, refused.limit_period) == ("limit_reached", 5, "waitlist")
    await joined(store, business, other, staff_id=anna, **sixth)
    left = await store.run(business, lambda uow: uow.waitlist.leave(made[0].id, customer_id=who))
    again = await store.run(business, lambda uow: uow.waitlist.leave(made[0].id, customer_id=who))
    assert not isinstance(left, Refusal)
    assert left == again
    assert left.state is W.CANCELLED
    await joined(store, business, who, **sixth)
    own = await store.run(business, lambda uow: uow.waitlist.list_own(who))
    assert [e.id for e in own] == [*(e.id for e in made[1:]), own[-1].id]
    # A day that is over is waited for no more.
    clock.advance(days=4)
    assert await store.run(business, lambda uow: uow.waitlist.list_own(who)) == []
    await expire(store, business)
    assert (await entry(store, business, who)).state is W.EXPIRED


async def test_nobody_leaves_for_another(
    store: Store, business: Business, first: Appointment
) -> None:
    who = await person(store, business, 2)
    mine = await joined(store, business, who, **AT_TEN)
    refused = await store.run(
        business, lambda uow: uow.waitlist.leave(mine.id, customer_id=first.customer_id)
    )
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.NOT_FOUND
    assert await states(store, business, who) == [W.WAITING]


async def test_leaving_with_an_offer_passes_it_on(
    store: Store, business: Business, first: Appointment, clock: MovableClock
) -> None:
    sooner, later = await two_in_line(store, business, clock)
    await cancel(store, business, first)
    mine = await entry(store, business, sooner)
    left = await store.run(business, lambda uow: uow.waitlist.leave(mine.id, customer_id=sooner))
    assert not isinstance(left, Refusal)
    assert left.state is W.CANCELLED
    assert await states(store, business, later) == [W.OFFERED]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"service_id": 999}, "not_found"),
        ({"staff_id": 999}, "not_found"),
        ({"date_from": dt.date(2026, 11, 1), "date_to": dt.date(2026, 11, 20)}, "past"),
        ({"date_from": dt.date(2027, 6, 1), "date_to": dt.date(2027, 6, 2)}, "too_far"),
    ],
)
async def test_a_wish_that_can_not_come_true_is_refused(
    store: Store, business: Business, wish: dict[str, object], code: str
) -> None:
    refused = await join(store, business, await person(store, business, 2), **wish)
    assert isinstance(refused, Refusal)
    assert refused.code == code


async def free(uow: UnitOfWork, business: Business, row: Appointment, *, locks: bool) -> None:
    """Free a time as a command does that has looked at the line before anybody was in it."""
    locked = frozenset(each.id for each in business.resources if locks)
    desk = Desk(uow.session, business, NOW, "owner", locked_resources=locked)
    freed = await taken_by(uow.session, business.id, [row.id])
    mine = await desk.row(row.id, None, lock=True)
    assert mine is not None
    await desk.set_status(mine, S.CANCELLED, Change.CANCELLED, cancelled_by="owner")
    await desk.serve(freed)


@pytest.mark.parametrize(
    ("busy", "locks", "state"),
    [(True, True, W.WAITING), (False, False, W.WAITING), (False, True, W.OFFERED)],
    ids=["busy", "without the lock of what is freed", "neither"],
)
async def test_who_joined_late_is_offered_it_unless_they_are_busy_right_now(
    store: Store,
    business: Business,
    first: Appointment,
    busy: bool,
    locks: bool,
    state: WaitlistState,
) -> None:
    """Limits are counted under a customer's lock, and out of order no lock can be waited for.

    Late: after the one who frees the time had looked at the line and taken the locks.
    """
    late = await person(store, business, 2)
    await joined(store, business, late, **AT_TEN)

    async with store.database.transaction(business.id) as session:
        if busy:
            await lock_customer_and_resources(session, late, ())
        await store.run(business, lambda uow: free(uow, business, first, locks=locks))
    assert await states(store, business, late) == [state]


async def test_who_leaves_before_their_lock_is_had_is_offered_nothing(
    store: Store, business: Business, first: Appointment, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = await person(store, business, 2)
    waiting = await joined(store, business, late, **AT_TEN)

    async def leaves_first(session: AsyncSession, customer_id: int) -> bool:
        await store.run(business, lambda uow: uow.waitlist.leave(waiting.id, customer_id=late))
        return await try_lock_customer(session, customer_id)

    monkeypatch.setattr(line, "try_lock_customer", leaves_first)
    await store.run(business, lambda uow: free(uow, business, first, locks=True))
    assert await states(store, business, late) == [W.CANCELLED]
    assert await outbox(store, "waitlist_offer") == []
