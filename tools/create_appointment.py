"""Booking: checks and holds a time, and has the card shown that books it."""

from __future__ import annotations

from pydantic import Field

from booking.refusals import Refusal
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem, Effect, Outcome, ToolArgs, tool
from tools.support.drafts import THEN
from tools.support.proposals import propose_booking
from tools.support.words import find_service, find_staff, find_start, read_seats


class Args(ToolArgs):
    """What is to be booked."""

    service: str = Field(description="slug or name")
    when: str = Field(description="day and time, as the customer said it or 'Tue 2026-12-01 14:00'")
    staff: str | None = Field(description="slug or name; null = anyone")
    seats: int | None = Field(description="how many people; null = 1")
    notes: str | None = Field(description="wish for the visit, or null")
    then: str | None = Field(description=THEN)


@tool(effect=Effect.WRITE, confirm=True, max_per_turn=2)
async def create_appointment(ctx: ToolContext, args: Args) -> Outcome:
    """Book a time. Call it at once when service, day and time are known; it checks availability
    and shows the customer a card to confirm."""
    ctx.wishes_next(args.then)
    service = find_service(ctx.business, args.service)
    if isinstance(service, Refusal):
        return service
    staff = find_staff(ctx.business, service, args.staff)
    if isinstance(staff, Refusal):
        return staff
    staff_id = None if staff is None else staff.id
    seats = read_seats(args.seats)
    if isinstance(seats, ArgumentProblem):
        return seats
    start = await find_start(ctx, "when", args.when, service, staff_id=staff_id, seats=seats)
    if isinstance(start, Refusal | ArgumentProblem):
        return start
    notes = (args.notes or "").strip()[:500] or None
    return await propose_booking(ctx, service, start, staff_id=staff_id, seats=seats, notes=notes)
