"""The write path on real PostgreSQL: booking, idempotency, races, and each guard's control."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from booking.appointment import Appointment
from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus
from db.repositories import calendar, desk, locks
from db.repositories.outbox import ReplyTo
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock

TUESDAY_TEN = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)  # 10:00 in Berlin
CHAT = ReplyTo("telegram:1", 5, "en")


async def customer(store: Store, business: Business, telegram_id: int = 1) -> int:
    async def work(uow: UnitOfWork) -> int:
        return (await uow.customers.create_customer(telegram_id)).id

    return await store.run(business, work)


async def book(
    store: Store,
    business: Business,
    customer_id: int,
    starts_at: dt.datetime = TUESDAY_TEN,
    **options: object,
) -> Appointment | Refusal:
    values: dict[str, object] = {"service": "haircut", **options}

    async def work(uow: UnitOfWork) -> Appointment | Refusal:
        return await uow.appointments.create_appointment(
            customer_id,
            starts_at=starts_at,
            **values,  # type: ignore[arg-type]
        )

    return await store.run(business, work)


async def count(store: Store, business: Business, statement: str) -> int:
    async with store.database.transaction(business.id, worker=True) as session:
        return int(await session.scalar(text(statement)) or 0)


def booked(outcomes: list[Appointment | Refusal]) -> list[Appointment]:
    return [o for o in outcomes if isinstance(o, Appointment)]


def codes(outcomes: list[Appointment | Refusal]) -> set[RefusalCode]:
    return {o.code for o in outcomes if isinstance(o, Refusal)}


async def test_a_booking_writes_row_event_receipt_and_reminders(
    store: Store, business: Business
) -> None:
    who = await customer(store, business)
    row = await book(store, business, who, reply_to=CHAT, staff_id=business.resources[0].id)
    assert isinstance(row, Appointment)
    assert row.status is AppointmentStatus.CONFIRMED
    assert (row.service_name["ru"], row.price_minor, row.currency) == ("Стрижка", 3500, "EUR")
    assert row.staff_name == {"en": "Anna", "ru": "Анна"}
    assert await count(store, business, "SELECT count(*) FROM appointment_events") == 1
    kinds = "SELECT count(*) FROM outbox WHERE kind = '{}'"
    assert await count(store, business, kinds.format("receipt")) == 1
    assert await count(store, business, kinds.format("reminder")) == 2
    taken = await count(
        store,
        business,
        "SELECT extract(epoch FROM upper(during) - lower(during)) / 60 FROM occupancies",
    )
    assert taken == 60  # 45 minutes and the buffer of 15


async def test_the_same_key_books_once_and_another_body_is_refused(
    store: Store, business: Business
) -> None:
    who = await customer(store, business)
    first = await book(store, business, who, key="update-1")
    again = await book(store, business, who, key="update-1")
    assert first == again
    assert await count(store, business, "SELECT count(*) FROM appointments") == 1
    other = await book(store, business, who, TUESDAY_TEN + dt.timedelta(hours=1), key="update-1")
    assert isinstance(other, Refusal)
    assert other.code is RefusalCode.IDEMPOTENCY_CONFLICT


async def test_the_same_key_at_the_same_moment_books_once(store: Store, business: Business) -> None:
    who = await customer(store, business)
    outcomes = await asyncio.gather(*(book(store, business, who, key="k") for _ in range(8)))
    assert {o.id for o in booked(list(outcomes))} == {booked(list(outcomes))[0].id}
    assert await count(store, business, "SELECT count(*) FROM appointments") == 1


async def test_a_refused_command_leaves_no_key_behind(store: Store, business: Business) -> None:
    who = await customer(store, business)
    closed = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)  # Sunday
    refused = await book(store, business, who, closed, key="k")
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.OUTSIDE_HOURS
    assert len(refused.alternatives) == 5
    assert isinstance(await book(store, business, who, key="k"), Appointment)


# --- races, each with its control: the guard taken away, the fault appears


async def race_for_one_slot(
    store: Store, business: Business, size: int = 50
) -> list[Appointment | Refusal]:
    """That many customers want one time of one person."""
    anna = business.resources[0].id
    people = [await customer(store, business, n) for n in range(1, size + 1)]
    outcomes = await asyncio.gather(
        *(book(store, business, who, staff_id=anna) for who in people), return_exceptions=True
    )
    return [o for o in outcomes if not isinstance(o, BaseException)]


async def test_fifty_customers_race_for_one_slot(store: Store, business: Business) -> None:
    outcomes = await race_for_one_slot(store, business)
    assert len(outcomes) == 50  # no deadlock, no time-out, no other error
    assert len(booked(outcomes)) == 1
    assert codes(outcomes) == {RefusalCode.SLOT_TAKEN}
    assert await count(store, business, "SELECT count(*) FROM appointments") == 1


async def test_control_without_lock_and_constraint_one_slot_is_sold_twice(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    await without_resource_locks(monkeypatch)
    async with store.database.transaction() as session:
        await session.execute(
            text("ALTER TABLE occupancies DROP CONSTRAINT occupancies_no_overlap")
        )
        await session.execute(
            text(
                "ALTER TABLE occupancies ADD CONSTRAINT occupancies_no_overlap EXCLUDE"
                " USING gist (int8range(id, id, '[]') WITH &&)"
            )
        )
    look_together(monkeypatch, 2)
    assert len(booked(await race_for_one_slot(store, business, 2))) == 2


def look_together(monkeypatch: pytest.MonkeyPatch, parties: int) -> None:
    """Let that many commands look at the calendar before any of them writes into it."""
    barrier, looks = asyncio.Barrier(parties), itertools.count()
    read_busy = calendar.read_busy

    async def together(*args: object, **options: object) -> object:
        busy = await read_busy(*args, **options)  # type: ignore[arg-type]
        if next(looks) < parties:
            await barrier.wait()
        return busy

    monkeypatch.setattr(calendar, "read_busy", together)


async def test_the_constraint_alone_still_has_one_winner(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    await without_resource_locks(monkeypatch)
    assert len(booked(await race_for_one_slot(store, business))) == 1
    assert await count(store, business, "SELECT count(*) FROM appointments") == 1


async def without_resource_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    async def only_customer(session: object, customer_id: int, resource_ids: object) -> None:
        await locks.lock_customer_and_resources(session, customer_id, ())  # type: ignore[arg-type]

    monkeypatch.setattr(desk, "lock_customer_and_resources", only_customer)


async def race_past_the_limit(store: Store, business: Business) -> list[Appointment | Refusal]:
    """8 tasks of one customer book 8 free times; the limit is 3."""
    who = await customer(store, business)
    starts = [TUESDAY_TEN + dt.timedelta(days=day, hours=1) for day in (0, 1, 2, 3, 4, 7, 8, 9)]
    return list(await asyncio.gather(*(book(store, business, who, at) for at in starts)))


async def test_eight_tasks_of_one_customer_stop_at_the_limit(
    store: Store, business: Business
) -> None:
    outcomes = await race_past_the_limit(store, business)
    assert len(booked(outcomes)) == 3
    assert codes(outcomes) == {RefusalCode.LIMIT_REACHED}


async def test_control_without_the_locks_the_limit_is_passed(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_lock(*_: object) -> None:
        return None

    counted = asyncio.Barrier(8)
    read_load = calendar.read_load

    async def read_together(*args: object, **options: object) -> object:
        load = await read_load(*args, **options)  # type: ignore[arg-type]
        await counted.wait()
        return load

    monkeypatch.setattr(desk, "lock_customer_and_resources", no_lock)
    monkeypatch.setattr(calendar, "read_load", read_together)
    assert len(booked(await race_past_the_limit(store, business))) == 8


async def race_of_overlapping_starts(
    store: Store, business: Business, size: int = 20
) -> list[Appointment | Refusal]:
    """Unequal starts that overlap: 12:00 and 12:30 with a person, 60 minutes each with buffer."""
    boris = business.resources[1].id
    noon = dt.datetime(2026, 11, 24, 11, 0, tzinfo=dt.UTC)
    starts = [noon, noon + dt.timedelta(minutes=30)] * (size // 2)
    people = [await customer(store, business, n) for n in range(1, len(starts) + 1)]
    wanted = zip(people, starts, strict=True)
    return list(
        await asyncio.gather(
            *(book(store, business, who, at, staff_id=boris) for who, at in wanted)
        )
    )


async def test_overlapping_unequal_starts_have_one_winner(store: Store, business: Business) -> None:
    outcomes = await race_of_overlapping_starts(store, business)
    assert len(booked(outcomes)) == 1
    assert codes(outcomes) == {RefusalCode.SLOT_TAKEN}


async def test_control_a_unique_start_would_not_see_the_overlap(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one would write first, UNIQUE (resource, start), sells half an hour twice."""
    await without_resource_locks(monkeypatch)
    async with store.database.transaction() as session:
        await session.execute(
            text("ALTER TABLE occupancies DROP CONSTRAINT occupancies_no_overlap")
        )
        await session.execute(
            text(
                "ALTER TABLE occupancies ADD CONSTRAINT occupancies_no_overlap"
                " UNIQUE (resource_id, during)"
            )
        )
    look_together(monkeypatch, 2)
    assert len(booked(await race_of_overlapping_starts(store, business, 2))) == 2


# --- holds


async def test_a_hold_takes_the_time_until_it_expires(
    store: Store, business: Business, clock: MovableClock
) -> None:
    anna = business.resources[0].id
    first, second = await customer(store, business, 1), await customer(store, business, 2)
    held = await book(store, business, first, staff_id=anna, hold=True)
    assert isinstance(held, Appointment)
    assert held.status is AppointmentStatus.HELD
    refused = await book(store, business, second, staff_id=anna)
    assert isinstance(refused, Refusal)
    clock.advance(minutes=10)
    assert isinstance(await book(store, business, second, staff_id=anna), Appointment)
    assert await confirm(store, business, first, held.id) == RefusalCode.HOLD_EXPIRED
    expired = "SELECT count(*) FROM appointments WHERE status = 'expired'"
    assert await count(store, business, expired) == 1


async def confirm(
    store: Store, business: Business, who: int, appointment_id: int
) -> AppointmentStatus | RefusalCode:
    async def work(uow: UnitOfWork) -> Appointment | Refusal:
        return await uow.appointments.confirm_appointment(
            appointment_id, customer_id=who, reply_to=CHAT
        )

    outcome = await store.run(business, work)
    return outcome.code if isinstance(outcome, Refusal) else outcome.status


async def test_confirming_twice_books_once_and_says_so_once(
    store: Store, business: Business
) -> None:
    who = await customer(store, business)
    held = await book(store, business, who, hold=True)
    assert isinstance(held, Appointment)
    outcomes = await asyncio.gather(*(confirm(store, business, who, held.id) for _ in range(5)))
    assert set(outcomes) == {AppointmentStatus.CONFIRMED}
    receipts = "SELECT count(*) FROM outbox WHERE kind = 'receipt'"
    assert await count(store, business, receipts) == 1


async def test_another_customers_hold_can_not_be_confirmed(
    store: Store, business: Business
) -> None:
    owner, stranger = await customer(store, business, 1), await customer(store, business, 2)
    held = await book(store, business, owner, hold=True)
    assert isinstance(held, Appointment)
    assert await confirm(store, business, stranger, held.id) == RefusalCode.NOT_FOUND
    assert await confirm(store, business, stranger, 999_999) == RefusalCode.NOT_FOUND


async def test_a_new_hold_gives_the_earlier_one_up(store: Store, business: Business) -> None:
    who = await customer(store, business)
    first = await book(store, business, who, hold=True)
    assert isinstance(first, Appointment)
    later = TUESDAY_TEN + dt.timedelta(hours=1)
    await book(store, business, who, later, hold=True, replacing_hold=first.id)
    active = "SELECT count(*) FROM occupancies WHERE active"
    assert await count(store, business, active) == 1


# --- moving and cancelling


Command = Callable[[UnitOfWork], Awaitable[Appointment | Refusal]]


async def test_a_move_changes_one_row_in_place(store: Store, business: Business) -> None:
    who = await customer(store, business)
    row = await book(store, business, who, reply_to=CHAT)
    assert isinstance(row, Appointment)
    later = TUESDAY_TEN + dt.timedelta(minutes=30)  # overlaps its own old time
    moved = await store.run(
        business,
        lambda uow: uow.appointments.reschedule_appointment(
            row.id, later, customer_id=who, reply_to=CHAT
        ),
    )
    assert isinstance(moved, Appointment)
    assert (moved.id, moved.version, moved.starts_at) == (row.id, row.version + 1, later)
    assert await count(store, business, "SELECT count(*) FROM appointments") == 1
    queued = "SELECT count(*) FROM outbox WHERE kind = 'reminder' AND state = 'queued'"
    assert await count(store, business, queued) == 2
    back = await store.run(
        business,
        lambda uow: uow.appointments.reschedule_appointment(row.id, TUESDAY_TEN, customer_id=who),
    )
    assert isinstance(back, Appointment)
    assert back.model_dump(exclude={"version", "updated_at"}) == row.model_dump(
        exclude={"version", "updated_at"}
    )


async def test_a_refused_move_leaves_the_row_untouched(store: Store, business: Business) -> None:
    anna = business.resources[0].id
    mine, theirs = await customer(store, business, 1), await customer(store, business, 2)
    row = await book(store, business, mine, staff_id=anna)
    taken = TUESDAY_TEN + dt.timedelta(hours=1)
    await book(store, business, theirs, taken, staff_id=anna)
    assert isinstance(row, Appointment)
    refused = await store.run(
        business,
        lambda uow: uow.appointments.reschedule_appointment(row.id, taken, customer_id=mine),
    )
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.SLOT_TAKEN
    after = await store.run(business, lambda uow: uow.appointments.get_appointment_by_id(row.id))
    assert after == row


async def test_cancelling_frees_the_time_and_keeps_the_row(
    store: Store, business: Business
) -> None:
    anna = business.resources[0].id
    who = await customer(store, business)
    row = await book(store, business, who, staff_id=anna, reply_to=CHAT)
    assert isinstance(row, Appointment)

    async def cancel(uow: UnitOfWork) -> Appointment | Refusal:
        return await uow.appointments.cancel_appointment(row.id, customer_id=who, reply_to=CHAT)

    first, second = await store.run(business, cancel), await store.run(business, cancel)
    assert isinstance(first, Appointment)
    assert first == second
    assert (first.status, first.cancelled_by) == (AppointmentStatus.CANCELLED, "customer")
    receipts = "SELECT count(*) FROM outbox WHERE kind = 'receipt'"
    assert await count(store, business, receipts) == 2  # booked, cancelled once
    queued = "SELECT count(*) FROM outbox WHERE kind = 'reminder' AND state = 'queued'"
    assert await count(store, business, queued) == 0
    assert isinstance(await book(store, business, who, staff_id=anna), Appointment)


async def test_too_late_to_cancel_hands_over_the_contact(
    store: Store, business: Business, clock: MovableClock
) -> None:
    who = await customer(store, business)
    row = await book(store, business, who)
    assert isinstance(row, Appointment)

    async def cancel(by: int | None) -> Appointment | Refusal:
        return await store.run(
            business, lambda uow: uow.appointments.cancel_appointment(row.id, customer_id=by)
        )

    clock.instant = TUESDAY_TEN - dt.timedelta(hours=24) + dt.timedelta(seconds=1)
    late = await cancel(who)
    assert isinstance(late, Refusal)
    assert (late.code, late.contact) == (RefusalCode.CANCEL_WINDOW_PASSED, "+49 30 1234567")
    clock.instant = TUESDAY_TEN - dt.timedelta(hours=24)  # inclusive
    assert isinstance(await cancel(who), Appointment)


async def test_the_owner_cancels_whenever_they_like(
    store: Store, business: Business, clock: MovableClock
) -> None:
    who = await customer(store, business)
    row = await book(store, business, who)
    assert isinstance(row, Appointment)
    clock.instant = TUESDAY_TEN - dt.timedelta(minutes=5)
    done = await store.run(
        business, lambda uow: uow.appointments.cancel_appointment(row.id, customer_id=None)
    )
    assert isinstance(done, Appointment)
    assert done.cancelled_by == "owner"


async def test_approval_and_the_closed_table(store: Store, business: Business) -> None:
    who = await customer(store, business)
    row = await book(store, business, who, TUESDAY_TEN, service="colouring")
    assert isinstance(row, Appointment)
    assert row.status is AppointmentStatus.PENDING

    async def to(status: str, version: int | None = None) -> Appointment | Refusal:
        return await store.run(
            business,
            lambda uow: uow.appointments.update_appointment_status(row.id, status, version=version),
        )

    stale = await to("confirmed", version=99)
    assert isinstance(stale, Refusal)
    assert stale.code is RefusalCode.OFFER_CHANGED
    approved = await to("confirmed", version=row.version)
    assert isinstance(approved, Appointment)
    assert approved.expires_at is None
    again = await to("declined")
    assert isinstance(again, Refusal)
    assert again.code is RefusalCode.INVALID_TRANSITION
    with pytest.raises(ValueError, match="nonsense"):
        await to("nonsense")
