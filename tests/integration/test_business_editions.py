"""Applying business files on real PostgreSQL: what changes, whom it leaves, and races with it."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import text, update

from booking.appointment import Appointment
from booking.business import Business
from booking.business_conflicts import Reason
from booking.business_edition import to_file
from booking.business_file import BusinessFile
from booking.refusals import Refusal, RefusalCode
from db.models import CustomerRow
from db.repositories import businesses as business_repository
from db.repositories import desk
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock, apply_file, load_example
from tests.integration.db_support import TUESDAY_TEN, WAITERS, new_customer
from tests.unit.business.files import business_files

SATURDAY_17 = dt.datetime(2026, 11, 28, 16, 0, tzinfo=dt.UTC)  # 17:00 in Berlin


def changed(file: BusinessFile, **values: Any) -> BusinessFile:
    """A file with some keys replaced, validated again."""
    return BusinessFile.model_validate({**file.model_dump(mode="json"), **values})


BARBER = load_example()
# Saturday ends at 16:00 for everybody.
SHORTER = changed(
    BARBER,
    hours={**BARBER.model_dump(mode="json")["hours"], "sat": "10:00-16:00"},
    staff=[{"slug": "anna", "name": "Anna"}, {"slug": "boris", "name": "Boris"}],
)


async def book(
    store: Store, business: Business, starts_at: dt.datetime, customer: int = 1, **options: Any
) -> Appointment | Refusal:
    who = await new_customer(store, business, customer)

    async def work(uow: UnitOfWork) -> Appointment | Refusal:
        return await uow.appointments.create_appointment(
            who, starts_at=starts_at, **{"service": "haircut", **options}
        )

    return await store.run(business, work)


async def booked(
    store: Store, business: Business, starts_at: dt.datetime, customer: int = 1, **options: Any
) -> Appointment:
    found = await book(store, business, starts_at, customer, **options)
    assert isinstance(found, Appointment), found
    return found


# --- applying


async def test_the_first_business_is_founded_and_the_default(store: Store) -> None:
    edition = await store.apply_business(BARBER)
    assert (edition.before, edition.applied, edition.after.revision) == (None, True, 1)
    assert to_file(edition.after) == BARBER
    second = await store.apply_business(changed(BARBER, slug="second"))
    assert second.before is None
    assert [(e.slug, e.is_default) for e in await store.businesses()] == [
        ("northside-barbers", True),
        ("second", False),
    ]


async def test_applying_again_changes_nothing(store: Store) -> None:
    await store.apply_business(BARBER)
    again = await store.apply_business(BARBER)
    assert (again.changes, again.conflicts, again.after.revision) == ((), (), 1)
    assert again.before == again.after


async def test_each_edition_is_one_revision_more_and_keeps_its_rows(store: Store) -> None:
    first = (await store.apply_business(BARBER)).after
    second = await store.apply_business(SHORTER)
    assert second.changes[0].path == ("hours", "sat")
    assert second.after.revision == 2
    assert [s.id for s in second.after.services] == [s.id for s in first.services]
    third = await store.apply_business(BARBER)
    assert (third.after.revision, to_file(third.after)) == (3, BARBER)


async def test_a_rehearsal_tells_the_same_and_changes_nothing(store: Store) -> None:
    business = (await store.apply_business(BARBER)).after
    await booked(store, business, SATURDAY_17)
    rehearsed = await store.apply_business(SHORTER, rehearse=True)
    assert not rehearsed.applied
    assert await store.find_business() == business
    applied = await store.apply_business(SHORTER)
    assert applied.applied
    assert (applied.changes, applied.conflicts) == (rehearsed.changes, rehearsed.conflicts)


async def test_a_rehearsed_founding_leaves_no_business(store: Store) -> None:
    rehearsed = await store.apply_business(BARBER, rehearse=True)
    assert (rehearsed.before, rehearsed.after, rehearsed.applied) == (None, None, False)
    assert await store.businesses() == []
    founded = await store.apply_business(BARBER, shown=rehearsed)
    assert founded.after is not None
    assert founded.after.id == 1  # the rehearsal used up none


async def test_what_is_taken_out_comes_back_as_the_same(store: Store) -> None:
    first = (await store.apply_business(BARBER)).after
    plain = BARBER.model_dump(mode="json")
    without = changed(BARBER, services=plain["services"][:2])
    second = (await store.apply_business(without)).after
    assert [s.active for s in second.services] == [True, True, False, False]
    assert to_file(second) == without
    back = (await store.apply_business(BARBER)).after
    assert [s.id for s in back.services] == [s.id for s in first.services]


async def test_programs_that_found_one_business_at_once_found_it_once(store: Store) -> None:
    editions = await asyncio.gather(*(store.apply_business(BARBER) for _ in range(6)))
    assert sum(edition.before is None for edition in editions) == 1
    assert {edition.after.revision for edition in editions} == {1}


async def test_control_without_its_lock_founding_fails(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object) -> None:
        await asyncio.sleep(0.05)

    monkeypatch.setattr(business_repository, "found_business", nothing)
    outcomes = await asyncio.gather(
        *(store.apply_business(BARBER) for _ in range(6)), return_exceptions=True
    )
    assert any(isinstance(outcome, Exception) for outcome in outcomes)


# --- export(apply(file)) is the file


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(business_files(), business_files())
async def test_what_was_applied_reads_back_equal(
    store: Store, one: BusinessFile, other: BusinessFile
) -> None:
    """Also over an edition that was there before, with whatever slugs they share."""
    for file in (one, other.model_copy(update={"slug": one.slug})):
        edition = await store.apply_business(file)
        assert to_file(edition.after) == file
        assert (await store.apply_business(file)).changes == ()


# --- whom an edition leaves


async def test_appointments_outside_the_new_hours_are_listed(
    store: Store, business: Business, clock: MovableClock
) -> None:
    late = await booked(store, business, SATURDAY_17, 2)
    await booked(store, business, SATURDAY_17 - dt.timedelta(hours=3), 3)
    held = await booked(store, business, SATURDAY_17, 4, hold=True)
    gone = await booked(store, business, SATURDAY_17 - dt.timedelta(hours=1), 5)

    async def cancel(uow: UnitOfWork) -> object:
        return await uow.appointments.cancel_appointment(gone.id, customer_id=None)

    await store.run(business, cancel)
    async with store.database.transaction(business.id) as session:
        named = update(CustomerRow).where(CustomerRow.id == late.customer_id)
        await session.execute(named.values(first_name="Ada", last_name="Lovelace"))
    edition = await store.apply_business(SHORTER, rehearse=True)
    told = {c.appointment.id: [reason for reason, _ in c.reasons] for c in edition.conflicts}
    assert told == {late.id: [Reason.OUTSIDE_HOURS], held.id: [Reason.OUTSIDE_HOURS]}
    clock.advance(minutes=11)  # the hold runs out
    edition = await store.apply_business(SHORTER, rehearse=True)
    assert [c.appointment.id for c in edition.conflicts] == [late.id]
    assert edition.customers == {late.customer_id: "Ada Lovelace"}
    clock.instant = SATURDAY_17 + dt.timedelta(minutes=45)  # it is over
    assert (await store.apply_business(SHORTER, rehearse=True)).conflicts == ()


async def test_an_appointment_in_conflict_stays_as_it_is(store: Store, business: Business) -> None:
    late = await booked(store, business, SATURDAY_17)
    edition = await store.apply_business(SHORTER)
    assert [c.appointment for c in edition.conflicts] == [late]

    async def read(uow: UnitOfWork) -> Appointment | None:
        return await uow.appointments.get_appointment_by_id(late.id)

    assert await store.run(edition.after, read) == late
    # It was told once; an edition that doesn't touch it is silent.
    again = await store.apply_business(changed(SHORTER, zone="Europe/Vienna"))
    assert again.conflicts == ()


async def test_a_person_and_a_service_that_go_are_told(store: Store, business: Business) -> None:
    cut = await booked(store, business, TUESDAY_TEN, 1, staff_id=business.resources[0].id)
    beard = await booked(store, business, SATURDAY_17, 2, service="beard-trim")
    plain = BARBER.model_dump(mode="json")
    services = [{**s, "staff": ["boris"]} for s in plain["services"] if s["slug"] != "beard-trim"]
    edition = await store.apply_business(
        changed(BARBER, staff=plain["staff"][1:], services=services)
    )
    told = {c.appointment.id: [reason for reason, _ in c.reasons] for c in edition.conflicts}
    assert told == {cut.id: [Reason.RESOURCE_GONE], beard.id: [Reason.SERVICE_GONE]}


# --- what was shown is what is applied


async def test_what_has_not_been_shown_is_not_applied(store: Store, business: Business) -> None:
    shown = await store.apply_business(SHORTER, rehearse=True)
    late = await booked(store, business, SATURDAY_17)
    refused = await store.apply_business(SHORTER, shown=shown)
    assert not refused.applied
    assert [c.appointment.id for c in refused.conflicts] == [late.id]
    assert await store.find_business() == business
    assert (await store.apply_business(SHORTER, shown=refused)).applied


async def test_another_edition_in_between_is_shown_first(store: Store, business: Business) -> None:
    shown = await store.apply_business(SHORTER, rehearse=True)
    await store.apply_business(changed(BARBER, zone="Europe/Vienna"))
    refused = await store.apply_business(SHORTER, shown=shown)
    assert not refused.applied
    assert ("zone",) in [change.path for change in refused.changes]


# --- races: a booking is in the list, or it sees the new edition


async def waits_or_is_done(store: Store, task: asyncio.Task[Any]) -> bool:
    """Wait until a task waits for a lock (True) or has ended."""
    waiting = text(WAITERS)
    async with store.database.engine.connect() as connection:
        while not task.done():
            if await connection.scalar(waiting):
                return True
            await connection.rollback()
            await asyncio.sleep(0.005)
    return False


async def apply_during_a_booking(store: Store, business: Business) -> tuple[Appointment, list[int]]:
    """Apply while a booking is written and not committed; return it, and who is in the list."""
    who = await new_customer(store, business)
    async with store.database.session(business.id) as session, session.begin():
        uow = UnitOfWork(session, business, store.clock)
        row = await uow.appointments.create_appointment(
            who, starts_at=SATURDAY_17, service="haircut"
        )
        assert isinstance(row, Appointment)
        applying = asyncio.create_task(store.apply_business(SHORTER))
        await waits_or_is_done(store, applying)
    edition = await applying
    return row, [conflict.appointment.id for conflict in edition.conflicts]


async def test_a_booking_that_is_being_written_is_in_the_list(
    store: Store, business: Business
) -> None:
    row, listed = await apply_during_a_booking(store, business)
    assert listed == [row.id]


async def test_control_without_the_share_it_is_missed(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, desk, "share_business")
    _, listed = await apply_during_a_booking(store, business)
    assert listed == []


async def book_during_an_apply(store: Store, business: Business) -> Appointment | Refusal:
    """Book while an edition is written and not committed."""
    who = await new_customer(store, business)

    async def work(uow: UnitOfWork) -> Appointment | Refusal:
        return await uow.appointments.create_appointment(
            who, starts_at=SATURDAY_17, service="haircut"
        )

    async with store.database.session() as session, session.begin():
        await business_repository.BusinessRepository(session).apply(SHORTER)
        booking = asyncio.create_task(store.run(business, work))
        await waits_or_is_done(store, booking)
    return await booking


async def test_a_booking_during_an_apply_sees_the_new_edition(
    store: Store, business: Business
) -> None:
    refused = await book_during_an_apply(store, business)
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.OUTSIDE_HOURS


async def test_control_without_the_lock_it_books_by_the_old_one(
    store: Store, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, business_repository, "change_business")
    assert isinstance(await book_during_an_apply(store, business), Appointment)


def without(monkeypatch: pytest.MonkeyPatch, module: Any, guard: str) -> None:
    """Take a lock away."""

    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(module, guard, nothing)


async def test_many_bookings_and_an_edition_at_once(store: Store, business: Business) -> None:
    """Whatever the order: what is booked outside the new hours is in the list."""
    starts = [SATURDAY_17 - dt.timedelta(hours=n) for n in range(3)]
    ends = SATURDAY_17 - dt.timedelta(hours=1)
    edition, *outcomes = await asyncio.gather(
        store.apply_business(SHORTER),
        *(book(store, business, at, n * 7 + i) for n in range(1, 4) for i, at in enumerate(starts)),
    )
    listed = {conflict.appointment.id for conflict in edition.conflicts}
    late = {
        outcome.id
        for outcome in outcomes
        if isinstance(outcome, Appointment) and outcome.ends_at > ends
    }
    assert late == listed


# --- the examples can be booked


@pytest.mark.parametrize(
    ("example", "service", "starts_at", "taken"),
    [
        ("barber", "haircut", "2026-11-24T10:00:00+01:00", {"anna"}),
        ("clinic", "consultation", "2026-11-23T08:00:00+01:00", {"dr-keller", "room-1"}),
        ("clinic", "ultrasound", "2026-11-26T13:30:00+01:00", {"dr-keller", "room-2"}),
        ("yoga", "morning-flow", "2026-11-23T07:30:00-05:00", {"morning-flow"}),
        ("yoga", "slow-evening", "2026-12-01T19:30:00-05:00", {"slow-evening"}),
        ("yoga", "private-lesson", "2026-11-24T12:00:00-05:00", {"maya", "small-room"}),
        ("tutor", "conversation", "2026-11-24T20:00:00+05:45", {"sita"}),
        # Friday's night, on Saturday
        ("tutor", "exam-practice", "2026-11-28T00:30:00+05:45", {"sita"}),
    ],
)
async def test_an_example_can_be_booked(
    store: Store, example: str, service: str, starts_at: str, taken: set[str]
) -> None:
    business = await apply_file(store, load_example(example))
    instant = dt.datetime.fromisoformat(starts_at)
    row = await booked(store, business, instant, service=service)
    slugs = {resource.id: resource.slug for resource in business.resources}
    assert {slugs[resource_id] for resource_id in row.resource_ids} == taken
    assert row.starts_at == instant


@pytest.mark.parametrize(
    ("example", "service", "starts_at", "code"),
    [
        # a class begins at its own time only
        ("yoga", "morning-flow", "2026-11-23T08:00:00-05:00", RefusalCode.OUTSIDE_HOURS),
        ("yoga", "morning-flow", "2026-11-27T07:30:00-05:00", RefusalCode.OUTSIDE_HOURS),
        ("clinic", "ultrasound", "2026-12-07T09:00:00+01:00", RefusalCode.OUTSIDE_HOURS),
        ("tutor", "exam-practice", "2026-11-28T01:00:00+05:45", RefusalCode.OUTSIDE_HOURS),
    ],
)
async def test_an_example_refuses(
    store: Store, example: str, service: str, starts_at: str, code: RefusalCode
) -> None:
    business = await apply_file(store, load_example(example))
    refused = await book(store, business, dt.datetime.fromisoformat(starts_at), service=service)
    assert isinstance(refused, Refusal)
    assert refused.code is code


async def test_a_class_has_as_many_seats_as_the_file_says(store: Store) -> None:
    business = await apply_file(store, load_example("yoga"))
    at = dt.datetime.fromisoformat("2026-11-24T19:30:00-05:00")
    seats = [await book(store, business, at, n, service="slow-evening") for n in range(1, 10)]
    assert [isinstance(seat, Appointment) for seat in seats] == [True] * 8 + [False]


async def test_rooms_are_shared_between_doctors(store: Store) -> None:
    """The ultrasound has room 2; the other doctor's patient gets room 1, and nobody else a room."""
    business = await apply_file(store, load_example("clinic"))
    at = dt.datetime.fromisoformat("2026-11-23T10:00:00+01:00")
    await booked(store, business, at, 1, service="ultrasound")
    await booked(store, business, at, 2, service="consultation")
    refused = await book(store, business, at, 3, service="consultation")
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.SLOT_TAKEN


# --- fewer seats than are booked


async def test_fewer_seats_than_are_booked(store: Store) -> None:
    yoga = load_example("yoga")
    business = await apply_file(store, yoga)
    at = dt.datetime.fromisoformat("2026-11-24T19:30:00-05:00")
    seats = [await booked(store, business, at, n, service="slow-evening") for n in range(1, 4)]
    plain = yoga.model_dump(mode="json")

    def with_capacity(n: int) -> BusinessFile:
        return changed(
            yoga,
            resources=[
                {**r, "capacity": n} if r["slug"] == "slow-evening" else r
                for r in plain["resources"]
            ],
        )

    assert (await store.apply_business(with_capacity(3))).conflicts == ()
    for capacity in (2, 1):
        edition = await store.apply_business(with_capacity(capacity))
        assert {c.appointment.id for c in edition.conflicts} == (
            {seat.id for seat in seats} if capacity == 2 else set()
        )  # told when it happens, not again
    full = await book(store, edition.after, at, 9, service="slow-evening")
    assert isinstance(full, Refusal)

    async def cancel_all(uow: UnitOfWork) -> None:
        for seat in seats:
            done = await uow.appointments.cancel_appointment(seat.id, customer_id=None)
            assert isinstance(done, Appointment)

    await store.run(edition.after, cancel_all)
    await booked(store, edition.after, at, 9, service="slow-evening")
    assert isinstance(await book(store, edition.after, at, 10, service="slow-evening"), Refusal)
    more = await store.apply_business(with_capacity(2))
    await booked(store, more.after, at, 10, service="slow-evening")
