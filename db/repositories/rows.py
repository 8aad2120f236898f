"""Rows of `appointments` with what they occupy, as the domain's value; and their audit trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.dialects.postgresql import Range
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
    seats: int = 1,
) -> Appointment | RefusalCode:
    """Insert an appointment, its snapshots and what it occupies.

    Returns:
        The row, or `slot_taken` or `capacity_exceeded` where a constraint says so (nothing is left
        behind then).
    """
    staff = business.resource(assignment.staff_id) if assignment.staff_id is not None else None
    row = (
        await session.execute(
            insert(AppointmentRow)
            .values(
                business_id=business.id,
                customer_id=customer_id,
                service_id=service.id,
                staff_id=assignment.staff_id,
                status=status.value,
                starts_at=assignment.starts_at,
                ends_at=assignment.ends_at,
                zone=business.zone,
                service_name=dict(service.name.by_language),
                staff_name=None if staff is None else dict(staff.name.by_language),
                duration_minutes=service.duration_minutes,
                buffer_before_minutes=service.buffer_before_minutes,
                buffer_after_minutes=service.buffer_after_minutes,
                price_minor=service.price_minor,
                currency=service.currency,
                seats=seats,
                notes=notes,
                expires_at=expires_at,
                created_at=now,
                updated_at=now,
            )
            .returning(AppointmentRow)
        )
    ).scalar_one()
    refused = await occupy(session, business, row.id, assignment, expires_at)
    if refused is not None:
        await session.execute(
            delete(AppointmentRow).where(
                AppointmentRow.business_id == business.id, AppointmentRow.id == row.id
            )
        )
        return refused
    return to_appointment(row, assignment.resource_ids)


async def occupy(
    session: AsyncSession,
    business: Business,
    appointment_id: int,
    assignment: Assignment,
    expires_at: dt.datetime | None,
) -> RefusalCode | None:
    """Insert what an appointment occupies, or say which constraint is against it."""
    capacities = {resource.id: resource.capacity for resource in business.resources}
    if all(capacities.get(resource_id) == 1 for resource_id in assignment.resource_ids):
        free = await _occupy(session, business.id, appointment_id, assignment, expires_at)
        return None if free else RefusalCode.SLOT_TAKEN
    # What has several units is guarded by a trigger, which can only raise.
    savepoint = await session.begin_nested()
    try:
        free = await _occupy(session, business.id, appointment_id, assignment, expires_at)
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
    written = await session.scalar(
        update(AppointmentRow)
        .where(
            AppointmentRow.business_id == row.business_id,
            AppointmentRow.id == row.id,
            AppointmentRow.version == row.version,
        )
        .values(
            status=status.value,
            version=row.version + 1,
            expires_at=expires_at,
            cancelled_by=cancelled_by,
            cancel_reason=cancel_reason,
            updated_at=now,
        )
        .returning(AppointmentRow.id)
    )
    if written is None:
        raise StaleRowError(f"appointment {row.id} is no longer at version {row.version}")
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
    written = await session.scalar(
        update(AppointmentRow)
        .where(
            AppointmentRow.business_id == row.business_id,
            AppointmentRow.id == row.id,
            AppointmentRow.version == row.version,
        )
        .values(
            starts_at=assignment.starts_at,
            ends_at=assignment.ends_at,
            staff_id=assignment.staff_id,
            staff_name=None if staff is None else dict(staff.name.by_language),
            version=row.version + 1,
            updated_at=now,
        )
        .returning(AppointmentRow.id)
    )
    if written is None:
        raise StaleRowError(f"appointment {row.id} is no longer at version {row.version}")
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
