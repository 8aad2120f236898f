"""A time that is held for somebody in line: what they may do with it, and moving there."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from booking.appointment import Appointment, Change
from booking.business import Service
from booking.engine import Assignment, Request
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus, effective_status
from db.calendar_models import WaitlistEntryRow
from db.models import AppointmentRow
from db.repositories import calendar, moves
from db.repositories.desk import Desk
from db.repositories.line import settle_offer, taken_by

_S = AppointmentStatus
_NOT_FOUND = Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
# More than these are no choice for a keyboard.
_MOST_MOVABLE = 3


@dataclass(frozen=True, slots=True)
class Terms:
    """What a customer may do with a time that is held for them.

    Args:
        held: the hold.
        movable: those of their appointments that can be moved to it: the one that they wait for
            another time of, else those of the same service, nearest first.
        may_add: whether it can be booked beside what they have.
    """

    held: Appointment
    movable: tuple[Appointment, ...]
    may_add: bool


async def terms(desk: Desk, held_id: int) -> Terms | None:
    """Return the terms of an offer; None where it is over, answered, or never was one.

    Args:
        held_id: number of the hold.
    """
    held = await desk.row(held_id, None)
    entry = await desk.session.scalar(
        select(WaitlistEntryRow).where(
            WaitlistEntryRow.business_id == desk.business.id,
            WaitlistEntryRow.offered_appointment_id == held_id,
        )
    )
    service = None if held is None else desk.business.service(held.service_id)
    if held is None or entry is None or service is None:
        return None
    if effective_status(_S(held.status), held.expires_at, desk.now) is not _S.HELD:
        return None
    candidates = await moves.movable_to(
        desk,
        held.customer_id,
        held.service_id,
        held.starts_at,
        seats=held.seats,
        at=held.created_at,
    )
    wanted = entry.moving_appointment_id
    if any(row.id == wanted for row in candidates):
        candidates = [row for row in candidates if row.id == wanted]
    movable = []
    for row in candidates[:_MOST_MOVABLE]:
        if isinstance(await _move_verdict(desk, service, row, held), Assignment):
            movable.append(row)
    chosen = wanted is not None and any(row.id == wanted for row in movable)
    return Terms(
        held=await desk.appointment(held),
        movable=tuple(await desk.appointments(movable)),
        may_add=not chosen and await _may_add(desk, service, held),
    )


async def _move_verdict(
    desk: Desk, service: Service, row: AppointmentRow, held: AppointmentRow
) -> Assignment | Refusal:
    request = await moves.request_to_move(
        desk, service, row, staff_id=held.staff_id, without=[held.id], at=held.created_at
    )
    return await desk.assignment(request, held.starts_at, moving=held.id)


async def _may_add(desk: Desk, service: Service, held: AppointmentRow) -> bool:
    load = await calendar.read_load(
        desk.session,
        desk.business.id,
        held.customer_id,
        desk.now,
        without_appointments=[held.id],
    )
    request = Request(
        service=moves.with_snapshot(service, held),
        now=held.created_at,
        staff_id=held.staff_id,
        load=load,
        units=held.seats,
    )
    return isinstance(await desk.assignment(request, held.starts_at, moving=held.id), Assignment)


@dataclass(frozen=True, slots=True)
class MoveToOffer:
    """Move one's own appointment to a time that is held for oneself.

    Args:
        held_id, held_version: the hold as the customer saw it.
        moving_id, moving_version: the appointment as the customer saw it.
    """

    customer_id: int
    held_id: int
    held_version: int
    moving_id: int
    moving_version: int

    def body(self) -> dict[str, Any]:
        """What makes it the same command for its idempotency key."""
        return {"do": "move_to_offer", **dataclasses.asdict(self)}


async def move_to_offer(desk: Desk, command: MoveToOffer) -> Appointment | Refusal:
    """Carry out `command`: the hold gives its time to the appointment, whose old time is freed.

    Notice, horizon and the window count as of the offer, which holds what it promised. Refused,
    it leaves the appointment and the hold as they were.
    """
    held = await desk.row(command.held_id, command.customer_id)
    row = await desk.row(command.moving_id, command.customer_id)
    service = None if held is None else desk.business.service(held.service_id)
    if held is None or row is None or service is None or row.service_id != held.service_id:
        return _NOT_FOUND
    frees = await taken_by(desk.session, desk.business.id, [row.id, held.id])
    locked, _ = await desk.lock(service, command.customer_id, held.staff_id, frees=frees)
    held = await desk.row(command.held_id, command.customer_id, lock=True)
    row = await desk.row(command.moving_id, command.customer_id, lock=True)
    if held is None or row is None or locked is None:
        return _NOT_FOUND
    refusal = await _refusal(desk, locked, command, held, row)
    if refusal is not None:
        return refusal
    start, seen_at, staff_id = held.starts_at, held.created_at, held.staff_id
    savepoint = await desk.session.begin_nested()
    await settle_offer(desk.session, desk.business.id, held.id, _S.CONFIRMED, desk.now)
    await desk.set_status(held, _S.CANCELLED, Change.RELEASED, cancelled_by="customer")
    request = await moves.request_to_move(desk, locked, row, staff_id=staff_id, at=seen_at)
    verdict = await desk.assignment(request, start, moving=row.id)
    if isinstance(verdict, Assignment):
        moved = await moves.carry_out(desk, row, verdict)
        if isinstance(moved, Appointment):
            await savepoint.commit()
            await desk.serve(frees)
            return moved
        verdict = Refusal(code=moved)
    await savepoint.rollback()
    request = dataclasses.replace(request, now=desk.now)
    return await desk.with_alternatives(verdict, request, start, moving=command.moving_id)


async def _refusal(
    desk: Desk, service: Service, command: MoveToOffer, held: AppointmentRow, row: AppointmentRow
) -> Refusal | None:
    status = effective_status(_S(held.status), held.expires_at, desk.now)
    if status is _S.EXPIRED:
        request = await moves.request_to_move(desk, service, row, staff_id=held.staff_id)
        expired = Refusal(code=RefusalCode.HOLD_EXPIRED)
        return await desk.with_alternatives(expired, request, held.starts_at, moving=row.id)
    if status is not _S.HELD:
        return Refusal(code=RefusalCode.INVALID_TRANSITION)
    if held.version != command.held_version:
        return Refusal(code=RefusalCode.OFFER_CHANGED, what="appointment")
    return moves.not_movable(desk, row, version=command.moving_version, at=held.created_at)
