"""Moving one of the customer's own appointments."""

from __future__ import annotations

from pydantic import Field

from booking.refusals import Refusal, RefusalCode
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem, Effect, Outcome, ToolArgs, tool
from tools.support.drafts import THEN
from tools.support.proposals import propose_move
from tools.support.words import find_staff, find_start


class Args(ToolArgs):
    """Which appointment goes where."""

    appointment: int = Field(description="number from get_my_appointments")
    when: str = Field(
        description="new day and time, as the customer said it or 'Tue 2026-12-01 14:00'"
    )
    staff: str | None = Field(description="another person's slug or name; null = the same")
    then: str | None = Field(description=THEN)


@tool(effect=Effect.WRITE, confirm=True, max_per_turn=2)
async def reschedule_appointment(ctx: ToolContext, args: Args) -> Outcome:
    """Move an appointment of the customer to another time; shows a card to confirm."""
    ctx.wishes_next(args.then)
    row = await ctx.read(
        lambda uow: uow.appointments.get_appointment_by_id(
            args.appointment, customer_id=ctx.customer.id
        )
    )
    if isinstance(row, Refusal):
        return row
    service = None if row is None else ctx.business.service(row.service_id)
    if row is None or service is None:
        return Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
    staff = find_staff(ctx.business, service, args.staff)
    if isinstance(staff, Refusal):
        return staff
    kept = ctx.business.kept_staff(service, row.staff_id)
    staff_id = kept if staff is None else staff.id
    start = await find_start(ctx, "when", args.when, service, staff_id=staff_id, moving=row)
    if isinstance(start, Refusal | ArgumentProblem):
        return start
    return await propose_move(ctx, row.id, start, staff_id=None if staff is None else staff.id)
