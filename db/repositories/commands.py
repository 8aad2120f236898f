"""The commands of the write path: book, confirm, move, cancel, change the status.

Each follows the same steps (booking rules, "the write path"): claim the idempotency key; lock the
customer, then the resources in id order; close what has expired; ask the same pure function that
lists slots; write the row, what it occupies, the audit event and the outbox rows. The caller
commits, and nothing is sent before that.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

from booking.appointment import Appointment, Change
from booking.business import Service
from booking.engine import CustomerLoad, Request
from booking.localtime import local_date, zone
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus, effective_status, may_become
from db.models import AppointmentRow
from db.repositories import calendar, moves, rows
from db.repositories.desk import Desk, initial_status
from db.repositories.line import Freed, close_over, taken_by
from db.repositories.locks import lock_customer_and_resources
from db.repositories.outbox import OutboxRepository

_S = AppointmentStatus
_NOT_FOUND = Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
_CHANGES = {
    _S.CONFIRMED: Change.APPROVED,
    _S.DECLINED: Change.DECLINED,
    _S.CANCELLED: Change.CANCELLED,
    _S.COMPLETED: Change.COMPLETED,
    _S.NO_SHOW: Change.NO_SHOW,
    _S.EXPIRED: Change.EXPIRED,
    _S.PENDING: Change.REQUESTED,
}
# What ends an appointment before its time, so that others can have it.
_FREEING = frozenset({_S.DECLINED, _S.EXPIRED})


@dataclass(frozen=True, slots=True)
class Book:
    """Book a time, or hold it until it's confirmed.

    Args:
        starts_at: instant.
        staff_id: None = anyone.
        replacing_hold: an earlier hold of the customer, given up for this one.
        seats: how many places of what has places.
        by_owner: notice, horizon, limits, grid and hours don't bind; what is taken stays taken.
        duration_minutes: elapsed minutes in place of the service's; None = the service's, in the
            edition that is in force when the locks are had.
    """

    customer_id: int
    service: Service
    starts_at: dt.datetime
    staff_id: int | None = None
    notes: str | None = None
    hold: bool = False
    replacing_hold: int | None = None
    seats: int = 1
    by_owner: bool = False
    duration_minutes: int | None = None

    def body(self) -> dict[str, Any]:
        """What makes it the same command for its idempotency key."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        del values["replacing_hold"]  # depends on what is held, not on what is asked
        return {"do": "book", **values, "service": self.service.id}


async def book(desk: Desk, command: Book) -> Appointment | Refusal:
    """Carry out `command`."""
    frees: list[Freed] = []
    if command.replacing_hold is not None:
        frees = await taken_by(desk.session, desk.business.id, [command.replacing_hold])
    outcome = await _book(desk, command, frees)
    # Only now: the hold that is replaced may have been on the very time that is asked for.
    await desk.serve(frees)
    return outcome


async def _book(desk: Desk, command: Book, frees: list[Freed]) -> Appointment | Refusal:
    session, customer_id = desk.session, command.customer_id
    service, _ = await desk.lock(command.service, customer_id, command.staff_id, frees=frees)
    if service is None:
        return Refusal(code=RefusalCode.NOT_FOUND, what="service")
    if command.duration_minutes is not None:
        service = dataclasses.replace(service, duration_minutes=command.duration_minutes)
    if command.replacing_hold is not None:
        held = await desk.row(command.replacing_hold, customer_id, lock=True)
        if held is not None and held.status == _S.HELD.value:
            await desk.set_status(held, _S.CANCELLED, Change.RELEASED, cancelled_by="customer")
    load = CustomerLoad()
    if not command.by_owner:
        load = await calendar.read_load(session, desk.business.id, customer_id, desk.now)
    request = Request(
        service=service,
        now=desk.now,
        staff_id=command.staff_id,
        load=load,
        units=command.seats,
    )
    verdict = await desk.verdict(request, command.starts_at, by_owner=command.by_owner)
    if isinstance(verdict, Refusal):
        return verdict
    status, expires_at = initial_status(
        desk.business, service, desk.now, hold=command.hold, by_owner=command.by_owner
    )
    changes = {_S.HELD: Change.HELD, _S.PENDING: Change.REQUESTED}
    change = changes.get(status, Change.BOOKED)
    appointment = await rows.insert_appointment(
        session,
        desk.business,
        service,
        verdict,
        customer_id=customer_id,
        status=status,
        expires_at=expires_at,
        notes=command.notes,
        seats=command.seats,
        now=desk.now,
        change=change,
        actor=desk.actor,
    )
    if isinstance(appointment, RefusalCode):
        taken = Refusal(code=appointment)
        return await desk.with_alternatives(taken, request, command.starts_at)
    await desk.tell(change, appointment)
    return appointment


async def confirm(
    desk: Desk, appointment_id: int, customer_id: int, *, version: int | None = None
) -> Appointment | Refusal:
    """Turn a live hold into a booking, or a request where the owner has to approve it.

    Confirming what is confirmed already returns the row and writes nothing.

    Args:
        version: the version that the customer saw; None = whichever it is.
    """
    await desk.newest_edition()  # who approves, is told, is reminded: it may differ from the hold's
    await lock_customer_and_resources(desk.session, customer_id, ())
    row = await desk.row(appointment_id, customer_id, lock=True)
    if row is None:
        return _NOT_FOUND
    status = effective_status(_S(row.status), row.expires_at, desk.now)
    if status in (_S.CONFIRMED, _S.PENDING):
        return await desk.appointment(row)
    service = desk.business.service(row.service_id)
    if service is None:
        return Refusal(code=RefusalCode.NOT_FOUND, what="service")
    if status is _S.EXPIRED:
        load = await calendar.read_load(desk.session, desk.business.id, customer_id, desk.now)
        request = Request(
            service=service, now=desk.now, staff_id=row.staff_id, load=load, units=row.seats
        )
        expired = Refusal(code=RefusalCode.HOLD_EXPIRED)
        return await desk.with_alternatives(expired, request, row.starts_at)
    if status is not _S.HELD:
        return Refusal(code=RefusalCode.INVALID_TRANSITION)
    if version is not None and version != row.version:
        return Refusal(code=RefusalCode.OFFER_CHANGED, what="appointment")
    if row.starts_at <= desk.now:
        return Refusal(code=RefusalCode.PAST)
    new, expires_at = initial_status(desk.business, service, desk.now)
    change = Change.REQUESTED if new is _S.PENDING else Change.BOOKED
    return await desk.set_status(row, new, change, expires_at=expires_at)


@dataclass(frozen=True, slots=True)
class Move:
    """Move an appointment.

    Args:
        customer_id: whose; None = the owner moves it, and the customers' rules don't bind.
        starts_at: the new start, an instant.
        staff_id: another staff member; None = the same one, unless `anyone`.
        version: the version that the mover saw; None = whichever it is.
    """

    appointment_id: int
    customer_id: int | None
    starts_at: dt.datetime
    staff_id: int | None = None
    anyone: bool = False
    version: int | None = None

    def body(self) -> dict[str, Any]:
        """What makes it the same command for its idempotency key."""
        return {"do": "move", **dataclasses.asdict(self)}


async def move(desk: Desk, command: Move, *, dry_run: bool = False) -> Appointment | Refusal:
    """Give an appointment a new time: same row, next version, in one commit.

    A refused move leaves the row untouched in every field.

    Args:
        dry_run: only say whether it could be done; takes no lock and returns the unmoved row.
    """
    row = await desk.row(command.appointment_id, command.customer_id)
    service = None if row is None else desk.business.service(row.service_id)
    if row is None or service is None:
        return _NOT_FOUND
    kept = None if command.anyone else desk.business.kept_staff(service, row.staff_id)
    staff_id = command.staff_id or kept
    frees: list[Freed] = []
    if not dry_run:
        frees = await taken_by(desk.session, desk.business.id, [row.id])
        locked, _ = await desk.lock(service, row.customer_id, staff_id, frees=frees)
        row = await desk.row(command.appointment_id, command.customer_id, lock=True)
        if row is None or locked is None:
            return _NOT_FOUND
        service = locked
    by_owner = command.customer_id is None
    refusal = moves.not_movable(desk, row, by_owner=by_owner, version=command.version)
    if refusal is not None:
        return refusal
    same_staff = row.staff_id == staff_id or staff_id is None
    if row.starts_at == command.starts_at and same_staff:
        return await desk.appointment(row)
    request = await moves.request_to_move(desk, service, row, staff_id=staff_id, by_owner=by_owner)
    verdict = await desk.verdict(request, command.starts_at, moving=row.id, by_owner=by_owner)
    if isinstance(verdict, Refusal):
        return verdict
    if dry_run:
        return await desk.appointment(row)
    after = await moves.carry_out(desk, row, verdict)
    if isinstance(after, RefusalCode):
        taken_now = Refusal(code=after)
        return await desk.with_alternatives(taken_now, request, command.starts_at, moving=row.id)
    await desk.serve(frees)
    return after


async def cancel(
    desk: Desk,
    appointment_id: int,
    customer_id: int | None,
    *,
    reason: str | None = None,
    version: int | None = None,
    dry_run: bool = False,
) -> Appointment | Refusal:
    """Cancel an appointment and free its time; the row stays.

    Cancelling what is cancelled already returns the row and writes nothing.

    Args:
        customer_id: whose; None = the owner cancels, and the window doesn't bind.
        version: the version that the caller saw; None = whichever it is.
        dry_run: only say whether it could be done; returns the row as it is.
    """
    row = await desk.row(appointment_id, customer_id)
    if row is None:
        return _NOT_FOUND
    frees: list[Freed] = []
    if not dry_run:
        frees = await _lock_to_free(desk, row)
        row = await desk.row(appointment_id, customer_id, lock=True)
        if row is None:
            return _NOT_FOUND
    status = effective_status(_S(row.status), row.expires_at, desk.now)
    if status is _S.CANCELLED:
        return await desk.appointment(row)
    if not may_become(status, _S.CANCELLED):
        return Refusal(code=RefusalCode.INVALID_TRANSITION)
    if version is not None and version != row.version:
        return Refusal(code=RefusalCode.OFFER_CHANGED, what="appointment")
    if customer_id is not None and status is not _S.HELD:
        late = moves.too_late(desk, row, desk.business.policy.cancel_window_minutes)
        if late is not None:
            return late
    if dry_run:
        return await desk.appointment(row)
    await OutboxRepository(desk.session).drop_timers(desk.business.id, row.id)
    cancelled = await desk.set_status(
        row,
        _S.CANCELLED,
        Change.RELEASED if status is _S.HELD else Change.CANCELLED,
        cancelled_by="owner" if customer_id is None else "customer",
        reason=reason,
    )
    await desk.serve(frees)
    return cancelled


async def _lock_to_free(desk: Desk, row: AppointmentRow) -> list[Freed]:
    """Take the locks for a row whose time will be free, and return that time."""
    await desk.newest_edition()
    frees = await taken_by(desk.session, desk.business.id, [row.id])
    await desk.lock_all([row.customer_id], (), frees=frees)
    return frees


async def change_status(
    desk: Desk, appointment_id: int, status: AppointmentStatus, *, version: int | None = None
) -> Appointment | Refusal:
    """Let the owner (or a job) take an appointment along the closed table of transitions.

    Whether somebody came is known from the start on, not before.
    """
    if status is _S.CANCELLED:
        return await cancel(desk, appointment_id, None, version=version)
    row = await desk.row(appointment_id, None)
    if row is None:
        return _NOT_FOUND
    frees: list[Freed] = []
    if status in _FREEING:
        frees = await _lock_to_free(desk, row)
    else:
        await desk.newest_edition()
        await lock_customer_and_resources(desk.session, row.customer_id, ())
    row = await desk.row(appointment_id, None, lock=True)
    if row is None:
        return _NOT_FOUND
    now_status = effective_status(_S(row.status), row.expires_at, desk.now)
    if version is not None and version != row.version:
        return Refusal(code=RefusalCode.OFFER_CHANGED, what="appointment")
    if now_status is status:
        return await desk.appointment(row)
    too_early = status in (_S.COMPLETED, _S.NO_SHOW) and desk.now < row.starts_at
    if too_early or not may_become(now_status, status):
        return Refusal(code=RefusalCode.INVALID_TRANSITION)
    # Who has come is still asked for a review; of somebody who hasn't, nothing more is wanted.
    if status not in (_S.CONFIRMED, _S.PENDING, _S.HELD, _S.COMPLETED):
        await OutboxRepository(desk.session).drop_timers(desk.business.id, row.id)
    expires_at = None
    if status is _S.PENDING:
        expires_at = desk.now + dt.timedelta(minutes=desk.business.policy.confirm_within_minutes)
    changed = await desk.set_status(row, status, _CHANGES[status], expires_at=expires_at)
    await desk.serve(frees)
    return changed


async def expire_due(desk: Desk, limit: int) -> int:
    """Close a batch of holds and requests whose time is over, and offer their time.

    Safe in several processes at once: what another one works on is left to it.

    Returns:
        How many were closed; less than `limit` when there is nothing more to do here.
    """
    today = local_date(desk.now, zone(desk.business.zone))
    await close_over(desk.session, desk.business.id, today)
    due = await calendar.due_in(desk.session, desk.business.id, desk.now, limit)
    if not due:
        return 0
    await desk.newest_edition()
    frees = await taken_by(desk.session, desk.business.id, due)
    await desk.lock_line(frees)
    return await desk.close(due, skip_locked=True)
