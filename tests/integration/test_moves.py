"""Moving one appointment: what is kept, whose window binds, and what a refusal leaves behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.appointment import Appointment
from booking.business import Business
from booking.business_file import BusinessFile
from booking.engine import Assignment
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus
from db.models import AppointmentRow
from db.repositories import rows
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock, apply_file
from tests.integration.life_support import (
    HOUR,
    TEN,
    booked,
    cancel,
    change,
    get,
    move,
    person,
    resource,
    scalar,
    shop,
)

DAY = dt.timedelta(days=1)


def edited(**haircut: Any) -> BusinessFile:
    """The shop with another haircut."""
    file = shop()
    services = [s.model_copy(update=haircut) if s.slug == "haircut" else s for s in file.services]
    return file.model_copy(update={"services": tuple(services)})


async def test_a_move_keeps_what_was_agreed_when_the_service_has_changed(store: Store) -> None:
    business = await apply_file(store, shop())
    row = await booked(store, business, await person(store, business, 1))
    after = await apply_file(
        store,
        edited(
            name={"en": "Trim"},
            duration_minutes=120,
            price=None,
            currency=None,
            buffer_before_minutes=30,
            buffer_after_minutes=0,
        ),
    )
    moved = await move(store, after, row, TEN + 2 * HOUR)
    assert isinstance(moved, Appointment)
    changed = {"starts_at", "ends_at", "version", "updated_at"}
    assert moved.model_dump(exclude=changed) == row.model_dump(exclude=changed)
    assert moved.ends_at - moved.starts_at == row.ends_at - row.starts_at
    taken = "SELECT extract(epoch FROM upper(during) - lower(during)) / 60 FROM occupancies"
    minutes = row.duration_minutes + row.buffer_before_minutes + row.buffer_after_minutes
    assert await scalar(store, after, taken) == minutes


async def test_times_for_a_move_are_those_that_it_can_move_to(store: Store) -> None:
    """With the duration that was agreed, and for the whole party."""
    business = await apply_file(store, shop())
    anna = resource(business, "anna")
    cut = await booked(store, business, await person(store, business, 1), staff_id=anna)
    party = await booked(store, business, await person(store, business, 2), service="yoga", seats=3)
    other = await person(store, business, 3)
    await booked(store, business, other, TEN + 2 * HOUR, service="yoga", seats=3)
    after = await apply_file(store, edited(duration_minutes=120))
    for row, slug in ((cut, "haircut"), (party, "yoga")):
        listed = await store.run(
            after,
            lambda uow, row=row, slug=slug: uow.appointments.get_available_slots(
                TEN.date(),
                service=slug,
                staff_id=row.staff_id,
                customer_id=row.customer_id,
                moving=row.id,
            ),
        )
        starts = {offer.starts_at for offer in listed} - {row.starts_at}
        for n in range(-4, 40):
            to = TEN + n * HOUR / 4
            outcome = await store.run(
                after,
                lambda uow, row=row, to=to: uow.appointments.reschedule_appointment(
                    row.id, to, customer_id=row.customer_id, dry_run=True
                ),
            )
            if to != row.starts_at:
                assert isinstance(outcome, Appointment) is (to in starts), (slug, to)


async def test_a_new_booking_has_the_edition_that_is_in_force(store: Store) -> None:
    """Also where the caller still knows the one before."""
    stale = await apply_file(store, shop())
    await apply_file(store, edited(duration_minutes=120))
    row = await booked(store, stale, await person(store, stale, 1))
    assert row.duration_minutes == 120
    assert row.ends_at - row.starts_at == 2 * HOUR


async def test_what_is_held_is_confirmed_by_the_edition_that_is_in_force(store: Store) -> None:
    """Fails without the reading of the edition inside the transaction that confirms."""
    stale = await apply_file(store, shop())
    one, two = await person(store, stale, 1), await person(store, stale, 2)
    held = await booked(store, stale, one, hold=True)
    asked = await booked(store, stale, two, TEN + DAY, service="colouring")
    policy = shop().policy.model_copy(update={"reminder_minutes": (60,)})
    now = edited(approval_required=True).model_copy(update={"policy": policy})
    await apply_file(store, now)
    request = await store.run(
        stale, lambda uow: uow.appointments.confirm_appointment(held.id, customer_id=one)
    )
    assert isinstance(request, Appointment)
    assert request.status is AppointmentStatus.PENDING
    await change(store, stale, asked, "confirmed")
    planned = "SELECT array_agg(due_at) FROM outbox WHERE kind = 'reminder'"
    assert await scalar(store, stale, planned) == [TEN + DAY - HOUR]


async def test_each_command_has_its_own_window_and_both_are_inclusive(
    store: Store, clock: MovableClock
) -> None:
    business = await apply_file(
        store, shop(cancel_window_minutes=60, reschedule_window_minutes=180)
    )
    who = await person(store, business, 1)
    row = await booked(store, business, who)

    def late(outcome: object, minutes: int) -> bool:
        if not isinstance(outcome, Refusal):
            return False
        assert outcome.code is RefusalCode.CANCEL_WINDOW_PASSED
        assert (outcome.window_minutes, outcome.contact) == (minutes, business.contact.first())
        return True

    clock.instant = TEN - 3 * HOUR
    row = await moved(store, business, row, TEN + HOUR / 2)
    clock.instant = row.starts_at - 3 * HOUR + dt.timedelta(microseconds=1)
    assert late(await move(store, business, row, TEN + HOUR), 180)
    clock.instant = row.starts_at - HOUR + dt.timedelta(microseconds=1)
    assert late(await cancel(store, business, row), 60)
    clock.instant = row.starts_at - HOUR
    assert not late(await cancel(store, business, row), 60)


async def moved(store: Store, business: Business, row: Appointment, to: dt.datetime) -> Appointment:
    outcome = await move(store, business, row, to)
    assert isinstance(outcome, Appointment), outcome
    return outcome


async def everything(store: Store, business: Business) -> list[Any]:
    """Return all rows of the tables that a move writes, in every field."""
    found = []
    for table in ("appointments", "occupancies", "appointment_events", "outbox"):
        rows = f"SELECT jsonb_agg(to_jsonb(t) ORDER BY t.id) FROM {table} t"
        found.append(await scalar(store, business, rows))
    return found


async def test_a_refused_move_leaves_every_row_as_it_was(store: Store, clock: MovableClock) -> None:
    business = await apply_file(store, shop(min_notice_minutes=60, max_per_day=1))
    anna, boris = resource(business, "anna"), resource(business, "boris")
    who, other = await person(store, business, 1), await person(store, business, 2)
    row = await booked(store, business, who, staff_id=anna)
    await booked(store, business, other, TEN + 2 * HOUR, staff_id=anna)
    await booked(store, business, who, TEN + DAY + 2 * HOUR, staff_id=boris)
    before = await everything(store, business)
    now = clock.now()
    for to, options, code in (
        (TEN + 2 * HOUR, {}, RefusalCode.SLOT_TAKEN),
        (TEN + 12 * HOUR, {}, RefusalCode.OUTSIDE_HOURS),
        (TEN + HOUR / 4, {}, RefusalCode.NOT_ON_GRID),
        (now + HOUR / 2, {}, RefusalCode.TOO_SOON),
        (now - HOUR, {}, RefusalCode.PAST),
        (TEN + 365 * DAY, {}, RefusalCode.TOO_FAR),
        (TEN + DAY + HOUR, {}, RefusalCode.LIMIT_REACHED),
        (TEN + HOUR, {"customer_id": other}, RefusalCode.NOT_FOUND),
        (TEN + HOUR, {"version": row.version + 1}, RefusalCode.OFFER_CHANGED),
        (TEN + HOUR, {"staff_id": resource(business, "room")}, RefusalCode.NOT_FOUND),
        (TEN + 2 * HOUR, {"customer_id": None}, RefusalCode.SLOT_TAKEN),
    ):
        refused = await move(store, business, row, to, **options)
        assert isinstance(refused, Refusal), code
        assert refused.code is code
        assert await everything(store, business) == before, code


async def test_confirming_what_has_begun_is_refused(store: Store, clock: MovableClock) -> None:
    business = await apply_file(store, shop(hold_minutes=60, min_notice_minutes=0))
    who = await person(store, business, 1)
    clock.instant = TEN - HOUR / 2
    held = await booked(store, business, who, hold=True)
    clock.instant = TEN

    async def confirm(uow: UnitOfWork) -> Appointment | Refusal:
        return await uow.appointments.confirm_appointment(held.id, customer_id=who)

    refused = await store.run(business, confirm)
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.PAST


async def test_whose_person_has_left_moves_to_somebody_else(store: Store) -> None:
    business = await apply_file(store, shop())
    anna, boris = resource(business, "anna"), resource(business, "boris")
    row = await booked(store, business, await person(store, business, 1), staff_id=anna)
    file = shop()
    left = file.model_copy(
        update={
            "staff": tuple(s for s in file.staff if s.slug != "anna"),
            "services": tuple(
                s.model_copy(update={"staff": tuple(m for m in s.staff if m != "anna")})
                for s in file.services
                if s.staff != ("anna",)
            ),
        }
    )
    after = await apply_file(store, left)
    assert (await get(store, after, row.id)).staff_id == anna  # nothing happens by itself
    elsewhere = await moved(store, after, row, TEN + 3 * HOUR)
    assert elsewhere.staff_id == boris
    assert elsewhere.resource_ids == (boris,)


async def test_a_row_that_has_changed_meanwhile_is_not_moved(store: Store) -> None:
    """Past the locks: the compare-and-set on the version notices."""
    business = await apply_file(store, shop())
    row = await booked(store, business, await person(store, business, 1))
    there = Assignment(
        starts_at=TEN + HOUR,
        ends_at=TEN + 2 * HOUR,
        occupied_start=TEN + HOUR,
        occupied_end=TEN + 2 * HOUR,
        resource_ids=row.resource_ids,
        staff_id=row.staff_id,
        units=(1,),
    )

    async def stale(uow: UnitOfWork) -> None:
        read = await uow.session.get_one(AppointmentRow, (business.id, row.id))
        await cancel(store, business, row)
        await rows.move_row(uow.session, business, read, there, store.clock.now())

    with pytest.raises(rows.StaleRowError, match=r"is no longer at version 1$"):
        await store.run(business, stale)
    assert (await get(store, business, row.id)).starts_at == TEN
