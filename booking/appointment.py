"""An appointment as everything above the database sees it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from booking.status import AppointmentStatus


class Appointment(BaseModel):
    """One committed row with its snapshots; later edits of the service don't change it.

    Args:
        service_name, staff_name: text by language, as they were at booking; staff_name is None
            where the service needs no staff.
        starts_at, ends_at: instants (UTC), without buffers.
        zone: IANA zone in which its labels are told.
        duration_minutes: elapsed minutes.
        price_minor, currency: minor units and ISO 4217 code, or None.
        resource_ids: what it occupies, sorted.
        seats: how many places it takes of what has places; limits count appointments, not seats.
        version: grows with every change; compare-and-set refers to it.
        expires_at: instant at which a held or pending row ends by itself; else None.
        cancelled_by: "customer", "owner" or "system" on a cancelled row.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    business_id: int
    customer_id: int
    service_id: int
    service_name: dict[str, str]
    staff_id: int | None
    staff_name: dict[str, str] | None
    status: AppointmentStatus
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    price_minor: int | None
    currency: str | None
    resource_ids: tuple[int, ...]
    seats: int = 1
    notes: str | None
    version: int
    expires_at: dt.datetime | None
    cancelled_by: str | None = None
    cancel_reason: str | None = None
    created_at: dt.datetime
    updated_at: dt.datetime


class Change(StrEnum):
    """What a command did to an appointment; names the receipt and the audit event."""

    HELD = "held"
    BOOKED = "booked"
    REQUESTED = "requested"
    MOVED = "moved"
    CANCELLED = "cancelled"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    RELEASED = "released"  # a hold given back by the customer or replaced by another
