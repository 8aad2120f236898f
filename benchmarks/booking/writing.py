"""Booking: alone, on many distinct times, and everybody on one time."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from benchmarks.booking import data
from benchmarks.booking.measure import Times, statements, timed
from booking.appointment import Appointment
from booking.business import Business
from booking.localtime import day_bounds
from booking.refusals import Refusal, RefusalCode
from db.errors import DatabaseError
from db.models import AppointmentRow
from db.repositories.outbox import ReplyTo
from db.store import Store, UnitOfWork

CLIENTS_AT_ONCE = 8
CLIENTS_ON_ONE_SLOT = 32


@dataclass(frozen=True, slots=True)
class Writing:
    """What was measured.

    Args:
        alone: one booking after another, nobody else there.
        statements: of one booking, the one that opens its transaction included.
        bookings, inserts: a second, `CLIENTS_AT_ONCE` at once; best of the interleaved rounds.
        race: each client's wait for its answer when all want one slot.
        winners: bookings that each round of the race ended with.
        errors: exceptions that reached a client of the race.
    """

    alone: Times
    statements: int
    bookings: float
    inserts: float
    race: Times
    winners: tuple[int, ...]
    errors: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A free time of one person, for one customer."""

    starts_at: dt.datetime
    staff_id: int
    customer_id: int


def free_slots(business: Business, customers: list[int]) -> Iterator[Slot]:
    """Yield distinct free times, the people in turn, every customer once."""
    staff = business.services[0].resource_ids["staff"]
    names = iter(customers)
    for day in range(data.FILLED_DAYS + 1, data.HORIZON_DAYS):
        midnight, _ = day_bounds(data.NOW.date() + dt.timedelta(days=day), business.zone)
        for hour in (9, 10, 11, 12, 14, 15, 16, 17):
            for staff_id in staff:
                yield Slot(midnight + dt.timedelta(hours=hour), staff_id, next(names))


async def book(store: Store, business: Business, slot: Slot) -> Appointment | Refusal:
    """Book as the assistant does: with a key, receipt and reminders."""
    return await store.run(
        business,
        lambda uow: uow.appointments.create_appointment(
            slot.customer_id,
            starts_at=slot.starts_at,
            service=business.services[0].id,
            staff_id=slot.staff_id,
            key=f"{slot.customer_id}:{slot.starts_at.isoformat()}",
            reply_to=ReplyTo("telegram:1", slot.customer_id, "en"),
        ),
    )


async def insert_bare(store: Store, business: Business, slot: Slot) -> None:
    """Insert the row of `appointments` that a booking would write, and nothing else."""
    service = business.services[0]
    row: dict[str, Any] = {
        "business_id": business.id,
        "customer_id": slot.customer_id,
        "service_id": service.id,
        "staff_id": slot.staff_id,
        "status": "confirmed",
        "starts_at": slot.starts_at,
        "ends_at": slot.starts_at + dt.timedelta(minutes=service.duration_minutes),
        "zone": business.zone,
        "service_name": dict(service.name.by_language),
        "staff_name": {"en": "Somebody"},
        "duration_minutes": service.duration_minutes,
        "buffer_before_minutes": service.buffer_before_minutes,
        "buffer_after_minutes": service.buffer_after_minutes,
        "price_minor": service.price_minor,
        "currency": service.currency,
        "created_at": data.NOW,
        "updated_at": data.NOW,
    }

    async def work(uow: UnitOfWork) -> None:
        await uow.session.execute(insert(AppointmentRow).values(**row).returning(AppointmentRow.id))

    await store.run(business, work)


async def measure_writing(
    store: Store, business: Business, customers: list[int], *, repeats: int, rounds: int
) -> Writing:
    """Measure bookings on free days.

    Args:
        repeats: bookings of each measurement.
        rounds: of the race, and of bookings beside inserts.
    """
    slots = free_slots(business, customers)

    async def book_one(slot: Slot) -> None:
        outcome = await book(store, business, slot)
        if not isinstance(outcome, Appointment):
            raise RuntimeError(f"a free time was refused: {outcome.code}")  # noqa: TRY004

    async def one(_number: int) -> None:
        await book_one(next(slots))

    (alone,) = await timed([one], repeats)
    with statements(store.database) as noted:
        await one(0)
    bookings, inserts = 0.0, 0.0
    for _ in range(rounds):
        batch = [next(slots) for _ in range(repeats)]
        inserts = max(inserts, await _rate(batch, lambda s: insert_bare(store, business, s)))
        bookings = max(bookings, await _rate(batch, book_one))
    waits: list[float] = []
    winners: list[int] = []
    errors = 0
    for _ in range(rounds):
        wanted = next(slots)
        rivals = [
            Slot(wanted.starts_at, wanted.staff_id, next(slots).customer_id)
            for _ in range(CLIENTS_ON_ONE_SLOT)
        ]
        outcomes = await asyncio.gather(*(_waited(store, business, rival) for rival in rivals))
        waits += [seconds for seconds, _ in outcomes]
        winners.append(sum(isinstance(o, Appointment) for _, o in outcomes))
        errors += sum(isinstance(o, DatabaseError) for _, o in outcomes)
    return Writing(
        alone=alone,
        statements=len(noted.sent),
        bookings=bookings,
        inserts=inserts,
        race=Times(tuple(waits)),
        winners=tuple(winners),
        errors=errors,
    )


async def _rate(batch: list[Slot], work: Callable[[Slot], Awaitable[None]]) -> float:
    """Return how many a second are done, so many clients at once taking from one pile."""
    pile = iter(batch)

    async def client() -> None:
        for slot in pile:
            await work(slot)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as clients:
        for _ in range(CLIENTS_AT_ONCE):
            clients.create_task(client())
    return len(batch) / (time.perf_counter() - started)


async def _waited(
    store: Store, business: Business, slot: Slot
) -> tuple[float, Appointment | RefusalCode | DatabaseError]:
    started = time.perf_counter()
    outcome: Appointment | RefusalCode | DatabaseError
    try:
        answer = await book(store, business, slot)
        outcome = answer.code if isinstance(answer, Refusal) else answer
    except DatabaseError as error:
        outcome = error
    return time.perf_counter() - started, outcome
