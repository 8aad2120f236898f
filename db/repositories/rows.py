"""Rows of `appointments` with what they occupy, as the domain's value; and their audit trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, bindparam, delete, insert, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, Range
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment, Change
from booking.business import Business, Service
from booking.engine import Assignment
from booking.refusals import RefusalCode
from booking.status import OCCUPYING, AppointmentStatus
from db.errors import constraint_name
from db.models import OCCUPANCY_EXCLUSION, AppointmentEventRow, AppointmentRow, OccupancyRow
from db.storable import StorableText, storable

CAPACITY_TRIGGER = "occupancies_within_capacity"


class StaleRowError(RuntimeError):
    """A row changed between its reading and its writing: it was written without its lock."""


def to_appointment(row: AppointmentRow, resource_ids: Sequence[int]) -> Appointment:
    """Return a row as the domain's value."""
    return Appointment(
        id=row.id,
        business_id=row.business_id,
        customer_id=row.customer_id,
        service_id=row.service_id,
        service_name=row.service_name,
        staff_id=row.staff_id,
        staff_name=row.staff_name,
        status=AppointmentStatus(row.status),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.zone,
        duration_minutes=row.duration_minutes,
        buffer_before_minutes=row.buffer_before_minutes,
        buffer_after_minutes=row.buffer_after_minutes,
        price_minor=row.price_minor,
        currency=row.currency,
        resource_ids=tuple(sorted(resource_ids)),
        seats=row.seats,
        notes=row.notes,
        version=row.version,
        expires_at=row.expires_at,
        cancelled_by=row.cancelled_by,
        cancel_reason=row.cancel_reason,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


# The appointment, what it occupies and its line of the audit trail in one round trip. Every part
# sees the database as it was before the statement; none needs to see another's rows, since what the
# constraints check (the foreign keys, the overlap) they check on what is there.
_INSERT = text(
    """
    WITH appointment AS (
        INSERT INTO appointments (business_id, customer_id, service_id, staff_id, status, starts_at,
            ends_at, zone, service_name, staff_name, duration_minutes, buffer_before_minutes,
            buffer_after_minutes, price_minor, currency, seats, notes, expires_at, created_at,
            updated_at)
        VALUES (:business_id, :customer_id, :service_id, :staff_id, :status, :starts_at,
            :ends_at, :zone, :service_name, :staff_name, :duration_minutes, :buffer_before_minutes,
            :buffer_after_minutes, :price_minor, :currency, :seats, :notes, :expires_at, :now, :now)
        RETURNING id
    ), occupied AS (
        INSERT INTO occupancies (business_id, resource_id, appointment_id, during, units, exclusive,
            expires_at)
        SELECT :business_id, taken.resource_id, appointment.id,
            tstzrange(:occupied_from, :occupied_until, '[)'), taken.units,
            true,  -- the trigger sets it from the resource's capacity
            :expires_at
        FROM appointment, unnest(:resource_ids, :units) AS taken (resource_id, units)
        ON CONFLICT ON CONSTRAINT occupancies_no_overlap DO NOTHING
        RETURNING id
    ), event AS (
        INSERT INTO appointment_events (business_id, appointment_id, at, change, actor, old, new)
        SELECT :business_id, id, :now, :change, :actor, '{}'::jsonb, :audited FROM appointment
    )
    SELECT appointment.id, (SELECT count(*) FROM occupied) AS occupied FROM appointment
    """
).bindparams(
    *(
        bindparam(name, type_=kind)
        for kind, names in (
            (BigInteger(), "business_id customer_id service_id staff_id price_minor"),
            (Integer(), "duration_minutes buffer_before_minutes buffer_after_minutes seats"),
            (
                DateTime(timezone=True),
                "starts_at ends_at expires_at now occupied_from occupied_until",
            ),
            (StorableText(), "status zone currency notes change actor"),
            (JSONB(none_as_null=True), "service_name staff_name audited"),
            (ARRAY(BigInteger), "resource_ids"),
            (ARRAY(Integer), "units"),
        )
        for name in names.split()
    )
)


async def insert_appointment(
    session: AsyncSession,
    business: Business,
    service: Service,
    assignment: Assignment,
    *,
    customer_id: int,
    status: AppointmentStatus,
    expires_at: dt.datetime | None,
    notes: str | None,
    now: dt.datetime,
    change: Change,
    actor: str,
    seats: int = 1,
) -> Appointment | RefusalCode:
    """Insert an appointment with its snapshots, what it occupies, and the audit event.

    Args:
        change, actor: of the audit event.

    Returns:
        The row, or `slot_taken` or `capacity_exceeded` where a constraint says so (nothing is left
        behind then).
    """
    staff = business.resource(assignment.staff_id) if assignment.staff_id is not None else None
    fields: dict[str, Any] = {
        "business_id": business.id,
        "customer_id": customer_id,
        "service_id": service.id,
        "staff_id": assignment.staff_id,
        "status": status.value,
        "starts_at": assignment.starts_at,
        "ends_at": assignment.ends_at,
        "zone": business.zone,
        "service_name": dict(service.name.by_language),
        "staff_name": None if staff is None else dict(staff.name.by_language),
        "duration_minutes": service.duration_minutes,
        "buffer_before_minutes": service.buffer_before_minutes,
        "buffer_after_minutes": service.buffer_after_minutes,
        "price_minor": service.price_minor,
        "currency": service.currency,
        "seats": seats,
        "notes": None if notes is None else storable(notes),
        "expires_at": expires_at,
    }
    unnumbered = Appointment(
        id=0,
        resource_ids=tuple(sorted(assignment.resource_ids)),
        version=1,
        created_at=now,
        updated_at=now,
        **fields,
    )
    values = {
        **fields,
        "now": now,
        "occupied_from": assignment.occupied_start,
        "occupied_until": assignment.occupied_end,
        "resource_ids": list(assignment.resource_ids),
        "units": list(assignment.units),
        "change": change.value,
        "actor": actor,
        "audited": audit_values(unnumbered),
    }

    async def write() -> bool:
        written = (await session.execute(_INSERT, values)).one()
        if written.occupied == len(assignment.resource_ids):
            values["id"] = written.id
            return True
        await session.execute(
            delete(AppointmentRow).where(
                AppointmentRow.business_id == business.id, AppointmentRow.id == written.id
            )
        )
        return False

    refused = await _within_constraints(session, business, assignment, write)
    return refused or unnumbered.model_copy(update={"id": values["id"]})


async def occupy(
    session: AsyncSession,
    business: Business,
    appointment_id: int,
    assignment: Assignment,
    expires_at: dt.datetime | None,
) -> RefusalCode | None:
    """Insert what an appointment occupies, or say which constraint is against it."""
    return await _within_constraints(
        session,
        business,
        assignment,
        lambda: _occupy(session, business.id, appointment_id, assignment, expires_at),
    )


async def _within_constraints(
    session: AsyncSession,
    business: Business,
    assignment: Assignment,
    write: Callable[[], Awaitable[bool]],
) -> RefusalCode | None:
    """Return which constraint is against what `write` inserts; it says False for the exclusion."""
    capacities = {resource.id: resource.capacity for resource in business.resources}
    if all(capacities.get(resource_id) == 1 for resource_id in assignment.resource_ids):
        return None if await write() else RefusalCode.SLOT_TAKEN
    # What has several units is guarded by a trigger, which can only raise.
    savepoint = await session.begin_nested()
    try:
        free = await write()
    except DBAPIError as error:
        if constraint_name(error) != CAPACITY_TRIGGER:
            raise
        await savepoint.rollback()
        return RefusalCode.CAPACITY_EXCEEDED
    await savepoint.commit()
    return None if free else RefusalCode.SLOT_TAKEN


async def _occupy(
    session: AsyncSession,
    business_id: int,
    appointment_id: int,
    assignment: Assignment,
    expires_at: dt.datetime | None,
) -> bool:
    during = Range(assignment.occupied_start, assignment.occupied_end, bounds="[)")
    inserted = await session.execute(
        pg_insert(OccupancyRow)
        .values(
            [
                {
                    "business_id": business_id,
                    "resource_id": resource_id,
                    "appointment_id": appointment_id,
                    "during": during,
                    "units": units,
                    "exclusive": True,  # the trigger sets it from the resource's capacity
                    "expires_at": expires_at,
                }
                for resource_id, units in zip(
                    assignment.resource_ids, assignment.units, strict=True
                )
            ]
        )
        .on_conflict_do_nothing(constraint=OCCUPANCY_EXCLUSION)
        .returning(OccupancyRow.id)
    )
    return len(inserted.all()) == len(assignment.resource_ids)


async def change_status(
    session: AsyncSession,
    row: AppointmentRow,
    status: AppointmentStatus,
    *,
    expires_at: dt.datetime | None,
    now: dt.datetime,
    cancelled_by: str | None = None,
    cancel_reason: str | None = None,
) -> None:
    """Write a row's new status (compare-and-set on its version) and free or keep its time.

    Raises:
        StaleRowError: the row isn't as it was read; it wasn't locked.
    """
    version = row.version  # the update sets the copy in memory too, also where no row matches
    written = await session.scalar(
        update(AppointmentRow)
        .where(
            AppointmentRow.business_id == row.business_id,
            AppointmentRow.id == row.id,
            AppointmentRow.version == version,
        )
        .values(
            status=status.value,
            version=version + 1,
            expires_at=expires_at,
            cancelled_by=cancelled_by,
            cancel_reason=cancel_reason,
            updated_at=now,
        )
        .returning(AppointmentRow.id)
    )
    if written is None:
        raise StaleRowError(f"appointment {row.id} is no longer at version {version}")
    await session.execute(
        update(OccupancyRow)
        .where(
            OccupancyRow.business_id == row.business_id,
            OccupancyRow.appointment_id == row.id,
            OccupancyRow.active,
        )
        .values(active=status in OCCUPYING, expires_at=expires_at)
    )
    await session.refresh(row)


async def move_row(
    session: AsyncSession,
    business: Business,
    row: AppointmentRow,
    assignment: Assignment,
    now: dt.datetime,
) -> RefusalCode | None:
    """Give a row its new time in place: same id, next version.

    Returns:
        The code where a constraint refuses; nothing is changed then.

    Raises:
        StaleRowError: the row isn't as it was read; it wasn't locked.
    """
    staff = business.resource(assignment.staff_id) if assignment.staff_id is not None else None
    savepoint = await session.begin_nested()
    await session.execute(
        delete(OccupancyRow).where(
            OccupancyRow.business_id == row.business_id, OccupancyRow.appointment_id == row.id
        )
    )
    refused = await occupy(session, business, row.id, assignment, row.expires_at)
    if refused is not None:
        await savepoint.rollback()
        return refused
    version = row.version  # see change_status
    written = await session.scalar(
        update(AppointmentRow)
        .where(
            AppointmentRow.business_id == row.business_id,
            AppointmentRow.id == row.id,
            AppointmentRow.version == version,
        )
        .values(
            starts_at=assignment.starts_at,
            ends_at=assignment.ends_at,
            staff_id=assignment.staff_id,
            staff_name=None if staff is None else dict(staff.name.by_language),
            version=version + 1,
            updated_at=now,
        )
        .returning(AppointmentRow.id)
    )
    if written is None:
        raise StaleRowError(f"appointment {row.id} is no longer at version {version}")
    await savepoint.commit()
    await session.refresh(row)
    return None


async def record_event(
    session: AsyncSession,
    change: Change,
    actor: str,
    appointment: Appointment,
    *,
    old: dict[str, Any] | None = None,
) -> None:
    """Add a line to the audit trail with the new values and, for a change, the old ones."""
    await session.execute(
        insert(AppointmentEventRow).values(
            business_id=appointment.business_id,
            appointment_id=appointment.id,
            at=appointment.updated_at,
            change=change.value,
            actor=actor,
            old=old or {},
            new=audit_values(appointment),
        )
    )


def audit_values(appointment: Appointment) -> dict[str, Any]:
    """Return what the audit trail keeps of a row."""
    kept = {"status", "starts_at", "ends_at", "staff_id", "resource_ids", "seats", "version"}
    kept |= {"expires_at", "cancelled_by", "cancel_reason"}
    return appointment.model_dump(mode="json", include=kept)
