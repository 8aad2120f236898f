"""Who waits for another time of what they have: the offer moves it, and never doubles it."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text

from booking.appointment import Appointment
from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus
from booking.waitlist import WaitlistEntry, WaitlistState
from db.repositories import offers
from db.repositories.offers import MoveToOffer, Terms
from db.repositories.outbox import ReplyTo
from db.repositories.waitlist import FreeAlready
from db.store import Store
from tests.conftest import MovableClock, apply_file
from tests.founding import founded
from tests.integration.life_support import (
    HOUR,
    TEN,
    TUESDAY,
    at_once,
    book,
    booked,
    cancel,
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
    without_locks,
    without_row_locks,
)

S, W = AppointmentStatus, WaitlistState
DAY = dt.timedelta(days=1)
# On Tuesday morning only Anna works, so 10:00 is one place.
AT_TEN: dict[str, Any] = {"time_from": dt.time(10), "time_to": dt.time(10, 30)}
NOON_ON_THURSDAY = TEN + 2 * DAY + 2 * HOUR


@pytest.fixture
async def business(store: Store) -> Business:
    return await founded(store, shop(confirm_within_minutes=60))


@pytest.fixture
async def first(store: Store, business: Business) -> Appointment:
    """Who has the time that others wait for."""
    return await booked(store, business, await person(store, business, 1))


@pytest.fixture
async def own(store: Store, business: Business, first: Appointment) -> Appointment:
    """What customer 2 has on Thursday, with its reminders."""
    who = await person(store, business, 2)
    to = ReplyTo("telegram:1", 2, "en")
    return await booked(
        store, business, who, NOON_ON_THURSDAY, staff_id=resource(business, "anna"), reply_to=to
    )


async def offered(store: Store, business: Business, who: int) -> Terms:
    """What may be done with the time that is offered to somebody."""
    number = (await entry(store, business, who)).offered_appointment_id
    assert number is not None
    found = await store.run(business, lambda uow: uow.waitlist.terms_of_offer(number))
    assert found is not None
    return found


async def take_for(
    store: Store, business: Business, terms: Terms, row: Appointment, key: str = "press:1"
) -> Appointment | Refusal:
    """Move an appointment to the time that is offered."""
    held = terms.held
    command = MoveToOffer(held.customer_id, held.id, held.version, row.id, row.version)
    return await store.run(
        business,
        lambda uow: uow.waitlist.move_to_offer(
            command, key=key, reply_to=ReplyTo("telegram:1", 2, "en")
        ),
    )


async def waits(
    store: Store, business: Business, own: Appointment, first: Appointment, **wish: Any
) -> Terms:
    """Let the owner of an appointment wait for ten o'clock in its place, and be offered it."""
    values = {"moving_appointment_id": own.id, **AT_TEN, **wish}
    await joined(store, business, own.customer_id, **values)
    await cancel(store, business, first)
    return await offered(store, business, own.customer_id)


async def test_the_offer_moves_what_was_waited_for_and_frees_its_time(
    store: Store, business: Business, own: Appointment, first: Appointment
) -> None:
    behind = await person(store, business, 3)
    thursday = TUESDAY + 2 * DAY
    anna = resource(business, "anna")
    noon = {"time_from": dt.time(12), "time_to": dt.time(12, 30), "staff_id": anna}
    await joined(store, business, behind, date_from=thursday, date_to=thursday, **noon)
    terms = await waits(store, business, own, first)
    assert (terms.held.starts_at, terms.held.status) == (TEN, S.HELD)
    assert (terms.movable, terms.may_add) == ((own,), False)
    moved = await take_for(store, business, terms, own)
    assert isinstance(moved, Appointment)
    assert (moved.id, moved.version, moved.status) == (own.id, own.version + 1, S.CONFIRMED)
    assert (moved.starts_at, moved.staff_id) == (TEN, anna)
    assert (await entry(store, business, own.customer_id)).state is W.TAKEN
    assert (await get(store, business, terms.held.id)).status is S.CANCELLED
    # The receipt says "moved", the old time goes to the next, and the reminders follow.
    assert await outbox(store, "receipt") == [(2, "booked"), (2, "moved")]
    assert (await entry(store, business, behind)).offered_starts_at == NOON_ON_THURSDAY
    due = (
        "SELECT array_agg(due_at ORDER BY due_at) FROM outbox WHERE kind = 'reminder'"
        f" AND appointment_id = {own.id} AND {{}}"
    )
    queued = await scalar(store, business, due.format("state = 'queued'"))
    assert queued == [TEN - DAY, TEN - 2 * HOUR]
    dropped = await scalar(store, business, due.format("state = 'cancelled'"))
    assert dropped == [NOON_ON_THURSDAY - DAY, NOON_ON_THURSDAY - 2 * HOUR]
    assert await overlaps(store, business) == 0
    # A repeat of the press is the same press; another one has nothing to move to any more.
    assert await take_for(store, business, terms, own) == moved
    again = await take_for(store, business, terms, moved, "press:2")
    assert isinstance(again, Refusal)
    assert again.code is RefusalCode.INVALID_TRANSITION


async def test_any_earlier_time_is_one_before_the_present_one(
    store: Store, business: Business, own: Appointment, first: Appointment
) -> None:
    who = own.customer_id
    wish = {"moving_appointment_id": own.id, "date_to": TUESDAY + 2 * DAY}
    # What is free already needs no waiting, and the appointment's own time is no better than it is.
    free = await join(store, business, who, **wish)
    assert isinstance(free, FreeAlready)
    assert free.offers[0].starts_at > TEN
    await store.run(
        business, lambda uow: uow.blocks.create_block(TEN + HOUR, NOON_ON_THURSDAY - HOUR)
    )
    anna = resource(business, "anna")
    await store.run(
        business,
        lambda uow: uow.blocks.create_block(
            NOON_ON_THURSDAY - HOUR, NOON_ON_THURSDAY, resource_id=anna
        ),
    )
    after = await person(store, business, 3)
    later = await booked(store, business, after, NOON_ON_THURSDAY + HOUR, staff_id=anna)
    free = await join(store, business, who, **wish, staff_id=anna)
    assert isinstance(free, WaitlistEntry)
    await cancel(store, business, later)
    assert (await entry(store, business, who)).state is W.WAITING
    await cancel(store, business, first)
    assert (await entry(store, business, who)).offered_starts_at == TEN


async def test_who_waits_for_one_more_may_do_either(
    store: Store, business: Business, own: Appointment, first: Appointment
) -> None:
    terms = await waits(store, business, own, first, moving_appointment_id=None)
    assert (terms.movable, terms.may_add) == ((own,), True)
    moved = await take_for(store, business, terms, own)
    assert isinstance(moved, Appointment)
    assert await statuses(store, business, own) == {S.CONFIRMED: 1, S.CANCELLED: 1}


async def test_other_services_and_parties_are_nothing_to_move(
    store: Store, business: Business, first: Appointment
) -> None:
    who = await person(store, business, 2)
    await booked(store, business, who, NOON_ON_THURSDAY, service="yoga")
    await joined(store, business, who, **AT_TEN)
    await cancel(store, business, first)
    terms = await offered(store, business, who)
    assert (terms.movable, terms.may_add) == ((), True)


async def test_at_the_limit_there_is_only_the_move(
    store: Store, business: Business, own: Appointment, first: Appointment
) -> None:
    """Whoever has all that they may have was passed over before, although a move is allowed."""
    for n in (3, 4):
        await booked(store, business, own.customer_id, TEN + n * DAY, service="yoga")
    terms = await waits(store, business, own, first, moving_appointment_id=None)
    assert (terms.movable, terms.may_add) == ((own,), False)
    assert isinstance(await take_for(store, business, terms, own), Appointment)
    assert (await statuses(store, business, own))[S.CONFIRMED] == 3


async def test_when_the_appointment_is_over_nothing_is_waited_for(
    store: Store, business: Business, own: Appointment, first: Appointment
) -> None:
    wish = {"moving_appointment_id": own.id, **AT_TEN}
    assert isinstance(await join(store, business, own.customer_id, **wish), WaitlistEntry)
    await cancel(store, business, own)
    assert (await entry(store, business, own.customer_id)).state is W.CANCELLED
    # Cancelled after the offer: the time is held still, as one to be booked.
    other = await booked(store, business, own.customer_id, NOON_ON_THURSDAY)
    terms = await waits(store, business, other, first)
    await cancel(store, business, other)
    terms = await offered(store, business, own.customer_id)
    assert (terms.movable, terms.may_add) == ((), True)
    refused = await take_for(store, business, terms, other)
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.INVALID_TRANSITION
    assert (await get(store, business, terms.held.id)).status is S.HELD


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"moving_appointment_id": 999}, RefusalCode.NOT_FOUND),
        ({"service": "colouring"}, RefusalCode.NOT_FOUND),
        ({"late": True}, RefusalCode.CANCEL_WINDOW_PASSED),
    ],
)
async def test_only_what_can_be_moved_is_waited_for(
    store: Store,
    business: Business,
    own: Appointment,
    clock: MovableClock,
    wish: dict[str, Any],
    code: RefusalCode,
) -> None:
    values = {"moving_appointment_id": own.id, **AT_TEN, "date_to": TUESDAY + 2 * DAY, **wish}
    values["service_id"] = service(business, values.pop("service", "haircut"))
    if values.pop("late", False):
        clock.instant = own.starts_at - DAY + HOUR
    refused = await join(store, business, own.customer_id, **values)
    assert isinstance(refused, Refusal)
    assert refused.code is code
    stranger = await join(
        store,
        business,
        await person(store, business, 9),
        **{**values, "moving_appointment_id": own.id},
    )
    assert isinstance(stranger, Refusal)
    assert stranger.code is RefusalCode.NOT_FOUND


async def test_an_offer_holds_what_it_promised(
    store: Store, business: Business, first: Appointment, clock: MovableClock
) -> None:
    """Notice and the window count as of the offer: it is answered within its half hour."""
    business = await apply_file(store, shop(reschedule_window_minutes=25 * 60))
    own = await booked(store, business, await person(store, business, 2), TEN + DAY)
    await joined(store, business, own.customer_id, moving_appointment_id=own.id, **AT_TEN)
    clock.instant = TEN - HOUR  # the notice and the window, both inclusive
    await store.run(
        business, lambda uow: uow.appointments.cancel_appointment(first.id, customer_id=None)
    )
    clock.advance(minutes=29)
    terms = await offered(store, business, own.customer_id)
    assert (terms.movable, terms.may_add) == ((own,), False)
    assert isinstance(await take_for(store, business, terms, own), Appointment)


async def everything(store: Store, business: Business, row: Appointment) -> list[Any]:
    """What is stored of an appointment, and what is to be sent of it."""
    async with store.database.transaction(business.id, worker=True) as session:
        found = [
            (await session.execute(text(f"SELECT * FROM {table} WHERE {which}"))).all()
            for table, which in (
                ("appointments", f"id = {row.id}"),
                ("occupancies", f"appointment_id = {row.id} ORDER BY id"),
                ("appointment_events", f"appointment_id = {row.id} ORDER BY id"),
                ("outbox", f"appointment_id = {row.id} ORDER BY id"),
            )
        ]
    return [tuple(each) for rows in found for each in rows]


async def test_a_refused_move_leaves_the_appointment_and_the_offer_as_they_were(
    store: Store, business: Business, own: Appointment, first: Appointment
) -> None:
    """Fails without the savepoint: then the held time is gone as well."""
    terms = await waits(store, business, own, first)
    before = await everything(store, business, own)
    hold = await everything(store, business, terms.held)
    closed = shop(confirm_within_minutes=60)
    exceptions = {**closed.exceptions, TUESDAY: ()}
    business = await apply_file(store, closed.model_copy(update={"exceptions": exceptions}))
    refused = await take_for(store, business, terms, own)
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.OUTSIDE_HOURS
    assert refused.alternatives
    # Neither is one that isn't as it was when the customer saw it.
    other_row = own.model_copy(update={"version": own.version + 1})
    other_hold = dataclasses.replace(
        terms, held=terms.held.model_copy(update={"version": terms.held.version + 1})
    )
    for seen, row in ((terms, other_row), (other_hold, own)):
        changed = await take_for(store, business, seen, row, "press:2")
        assert isinstance(changed, Refusal)
        assert changed.code is RefusalCode.OFFER_CHANGED
    assert await everything(store, business, own) == before
    assert await everything(store, business, terms.held) == hold


async def test_who_comes_too_late_keeps_what_they_have(
    store: Store, business: Business, own: Appointment, first: Appointment, clock: MovableClock
) -> None:
    """Two want the same freed time: the one who lets the offer run out, and the next in line."""
    terms = await waits(store, business, own, first)
    before = await everything(store, business, own)
    stranger, third = await person(store, business, 8), await person(store, business, 9)
    theirs = await booked(store, business, third, NOON_ON_THURSDAY + HOUR)
    await joined(store, business, third, moving_appointment_id=theirs.id, **AT_TEN)
    clock.advance(minutes=30)
    outcomes = await at_once(
        take_for(store, business, terms, own),
        book(store, business, stranger),
        expire(store, business),
        take_for(store, business, terms, own, "press:2"),
    )
    late, other, _, late_too = outcomes
    for refused in (late, late_too):
        assert isinstance(refused, Refusal)
        assert refused.code is RefusalCode.HOLD_EXPIRED
        assert refused.alternatives
    assert isinstance(other, Refusal)
    assert await everything(store, business, own) == before
    won = await offered(store, business, third)
    assert isinstance(await take_for(store, business, won, theirs), Appointment)
    assert (await get(store, business, theirs.id)).starts_at == TEN
    assert await overlaps(store, business) == 0


async def statuses(store: Store, business: Business, own: Appointment) -> Counter[S]:
    found = await store.run(
        business, lambda uow: uow.appointments.get_customer_appointments(own.customer_id)
    )
    return Counter(row.status for row in found)


async def press_all_at_once(
    store: Store, business: Business, own: Appointment, terms: Terms
) -> list[Any]:
    """Every button of an offer, twice, by an impatient customer with two telephones."""
    held, who = terms.held, own.customer_id

    async def confirm() -> Appointment | Refusal:
        return await store.run(
            business,
            lambda uow: uow.appointments.confirm_appointment(
                held.id, customer_id=who, version=held.version
            ),
        )

    return await at_once(
        take_for(store, business, terms, own, "press:1"),
        confirm(),
        cancel(store, business, held),
        take_for(store, business, terms, own, "press:2"),
        confirm(),
        move(store, business, own, NOON_ON_THURSDAY + DAY, version=own.version),
    )


def errors(outcomes: list[Any]) -> list[Any]:
    return [each for each in outcomes if isinstance(each, BaseException)]


async def test_all_buttons_at_once_leave_one_truth(
    store: Store, business: Business, own: Appointment, first: Appointment
) -> None:
    for _ in range(3):
        terms = await waits(store, business, own, first, moving_appointment_id=None)
        outcomes = await press_all_at_once(store, business, own, terms)
        assert errors(outcomes) == []
        held = await get(store, business, terms.held.id)
        now = await get(store, business, own.id)
        assert held.status in (S.CONFIRMED, S.CANCELLED)
        if now.starts_at == TEN:
            assert held.status is S.CANCELLED
        assert now.version == own.version + (now.starts_at != own.starts_at)
        assert await overlaps(store, business) == 0
        if held.status is S.CONFIRMED:
            await cancel(store, business, held)
        if now.starts_at != own.starts_at:
            back = await move(store, business, now, own.starts_at)
            assert isinstance(back, Appointment)
            own = back
        first = await booked(store, business, first.customer_id)


async def test_control_without_locks_two_taps_meet(
    store: Store,
    business: Business,
    own: Appointment,
    first: Appointment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terms = await waits(store, business, own, first)
    without_locks(monkeypatch)
    without_row_locks(monkeypatch)
    both_have_read, settle = asyncio.Barrier(2), offers.settle_offer

    async def together(*args: Any) -> None:
        await both_have_read.wait()
        await settle(*args)

    monkeypatch.setattr(offers, "settle_offer", together)
    outcomes = await at_once(
        take_for(store, business, terms, own, "press:1"),
        take_for(store, business, terms, own, "press:2"),
    )
    assert len(errors(outcomes)) == 1
