"""What the tests of an appointment's life share: people with chats, and a class with seats."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from booking.appointment import Appointment
from booking.business import Business
from booking.business_file import BusinessFile, ResourceFile, ServiceFile
from booking.refusals import Refusal
from booking.waitlist import WaitlistEntry, Wish
from db.repositories import blocks, commands, desk, locks
from db.repositories.blocks import Block, BlockConflict
from db.repositories.waitlist import FreeAlready
from db.store import Store, UnitOfWork
from tests.conftest import load_example

TUESDAY = dt.date(2026, 11, 24)
TEN = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)  # 10:00 in Berlin
HOUR = dt.timedelta(hours=1)
OWNER_CHAT = 900


def shop(**policy: Any) -> BusinessFile:
    """The barber shop with an owner's chat, a class of five, and services that need a room."""
    file = load_example()
    hall = ResourceFile(slug="hall", name={"en": "Hall"}, kind="class", capacity=5)
    room = ResourceFile(slug="room", name={"en": "Room"}, kind="room")
    yoga = ServiceFile(slug="yoga", name={"en": "Yoga"}, duration_minutes=60, resources=("hall",))
    massage, sauna = (
        ServiceFile(
            slug=slug,
            name={"en": slug},
            duration_minutes=60,
            staff=("anna",),
            resources=("room",),
        )
        for slug in ("massage", "sauna")
    )
    return file.model_copy(
        update={
            "owner_chat_ids": (OWNER_CHAT,),
            "policy": file.policy.model_copy(update=policy),
            "resources": (*file.resources, hall, room),
            "services": (*file.services, yoga, massage, sauna),
        }
    )


def resource(business: Business, slug: str) -> int:
    return next(r.id for r in business.resources if r.slug == slug)


def service(business: Business, slug: str) -> int:
    return next(s.id for s in business.services if s.slug == slug)


async def person(store: Store, business: Business, number: int, *, chat: bool = True) -> int:
    """Create a customer whose chat has the customer's number."""

    async def work(uow: UnitOfWork) -> int:
        where: dict[str, Any] = {"channel": "telegram:1", "chat_id": number} if chat else {}
        return (await uow.customers.create_customer(number, language="en", **where)).id

    return await store.run(business, work)


async def book(
    store: Store, business: Business, who: int, starts_at: dt.datetime = TEN, **options: Any
) -> Appointment | Refusal:
    values: dict[str, Any] = {"service": "haircut", **options}
    return await store.run(
        business,
        lambda uow: uow.appointments.create_appointment(who, starts_at=starts_at, **values),
    )


async def booked(
    store: Store, business: Business, who: int, starts_at: dt.datetime = TEN, **options: Any
) -> Appointment:
    outcome = await book(store, business, who, starts_at, **options)
    assert isinstance(outcome, Appointment), outcome
    return outcome


async def cancel(
    store: Store, business: Business, row: Appointment, **options: Any
) -> Appointment | Refusal:
    values: dict[str, Any] = {"customer_id": row.customer_id, **options}
    return await store.run(
        business, lambda uow: uow.appointments.cancel_appointment(row.id, **values)
    )


async def move(
    store: Store, business: Business, row: Appointment, to: dt.datetime, **options: Any
) -> Appointment | Refusal:
    values: dict[str, Any] = {"customer_id": row.customer_id, **options}
    return await store.run(
        business, lambda uow: uow.appointments.reschedule_appointment(row.id, to, **values)
    )


async def change(
    store: Store, business: Business, row: Appointment, status: str, version: int | None = None
) -> Appointment | Refusal:
    return await store.run(
        business,
        lambda uow: uow.appointments.update_appointment_status(row.id, status, version=version),
    )


async def get(store: Store, business: Business, appointment_id: int) -> Appointment:
    found = await store.run(
        business, lambda uow: uow.appointments.get_appointment_by_id(appointment_id)
    )
    assert found is not None
    return found


async def block(
    store: Store, business: Business, start: dt.datetime, end: dt.datetime, **options: Any
) -> Block | BlockConflict | Refusal:
    return await store.run(business, lambda uow: uow.blocks.create_block(start, end, **options))


async def expire(store: Store, business: Business, limit: int = 20) -> int:
    return await store.run(business, lambda uow: uow.appointments.expire_due(limit=limit))


async def join(
    store: Store, business: Business, who: int, **wish: Any
) -> WaitlistEntry | FreeAlready | Refusal:
    values: dict[str, Any] = {
        "service_id": service(business, "haircut"),
        "date_from": TUESDAY,
        "date_to": TUESDAY,
        **wish,
    }
    return await store.run(business, lambda uow: uow.waitlist.join(who, Wish(**values)))


async def joined(store: Store, business: Business, who: int, **wish: Any) -> WaitlistEntry:
    found = await join(store, business, who, **wish)
    assert isinstance(found, WaitlistEntry), found
    return found


async def entry(store: Store, business: Business, who: int) -> WaitlistEntry:
    """Return a customer's newest entry."""
    found = await store.run(business, lambda uow: uow.waitlist.list_own(who, closed=True))
    return found[-1]


async def outbox(store: Store, kind: str) -> list[tuple[int, str | None]]:
    """Return (chat, change) of the outbox rows of a kind, in order."""
    async with store.worker() as session:
        rows = await session.execute(
            text("SELECT chat_id, payload->>'change' FROM outbox WHERE kind = :kind ORDER BY id"),
            {"kind": kind},
        )
        return [(row[0], row[1]) for row in rows]


async def scalar(store: Store, business: Business, statement: str) -> Any:
    async with store.database.transaction(business.id, worker=True) as session:
        return await session.scalar(text(statement))


async def overlaps(store: Store, business: Business) -> int:
    """Count pairs of active ranges of one person or room that overlap."""
    return int(
        await scalar(
            store,
            business,
            "SELECT count(*) FROM occupancies a JOIN occupancies b ON a.id < b.id"
            " AND a.resource_id = b.resource_id AND a.during && b.during"
            " JOIN resources r ON r.id = a.resource_id AND r.capacity = 1"
            " WHERE a.active AND b.active",
        )
    )


async def without_constraints(store: Store) -> None:
    """Take away what stands under the program: the exclusion constraint and the trigger."""
    async with store.database.transaction() as session:
        for statement in (
            "ALTER TABLE occupancies DROP CONSTRAINT occupancies_no_overlap",
            # `ON CONFLICT ON CONSTRAINT` needs the name to exist; this one never says no.
            "ALTER TABLE occupancies ADD CONSTRAINT occupancies_no_overlap EXCLUDE"
            " USING gist (int8range(id, id, '[]') WITH &&)",
            "ALTER TABLE occupancies DISABLE TRIGGER occupancies_within_capacity",
            "ALTER TABLE occupancies ALTER COLUMN exclusive SET DEFAULT true",
        ):
            await session.execute(text(statement))


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the program's advisory locks."""

    async def nothing(*_: object) -> None:
        await asyncio.sleep(0)

    for module in (desk, commands, locks):
        monkeypatch.setattr(module, "lock_customer_and_resources", nothing)
    assert not hasattr(blocks, "lock_customer_and_resources")  # it locks through the desk


def without_row_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands read their row without locking it."""
    read = desk.Desk.row

    async def unlocked(self: desk.Desk, *args: Any, lock: bool = False) -> Any:
        return await read(self, *args)

    monkeypatch.setattr(desk.Desk, "row", unlocked)


async def at_once(*works: Awaitable[Any]) -> list[Any]:
    """Run works in parallel, each on its own connection; errors come back as values."""
    return list(await asyncio.gather(*works, return_exceptions=True))


Work = Callable[[UnitOfWork], Awaitable[Any]]
