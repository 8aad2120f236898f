"""The waiting list: the customer is offered a time that is taken now when it becomes free."""

from __future__ import annotations

from pydantic import Field

from booking.refusals import Refusal
from booking.waitlist import Wish
from tools.support.context import ToolContext
from tools.support.contract import Effect, Outcome, ToolArgs, tool
from tools.support.waitlist import join, read_wish
from tools.support.words import find_service, find_staff


class Args(ToolArgs):
    """What the customer waits for."""

    service: str = Field(description="slug or name")
    when: str | None = Field(
        description="day, range or part of day, as the customer said it; null = earlier than"
        " `instead_of`"
    )
    staff: str | None = Field(description="slug or name; null = anyone")
    seats: int | None = Field(description="places wanted; null = 1")
    instead_of: int | None = Field(
        description="number of the customer's appointment that would move there; null = one more"
    )


@tool(effect=Effect.WRITE, max_per_turn=2)
async def join_waiting_list(ctx: ToolContext, args: Args) -> Outcome:
    """Put the customer on the waiting list for a time that is taken, or for an earlier time of an
    appointment, if they want that. When such a time becomes free, the system sends them an offer to
    confirm."""
    service = find_service(ctx.business, args.service)
    if isinstance(service, Refusal):
        return service
    staff = find_staff(ctx.business, service, args.staff)
    if isinstance(staff, Refusal):
        return staff
    staff_id = None if staff is None else staff.id
    wish = await read_wish(ctx, args.when, service.id, staff_id, args.seats, args.instead_of)
    return await join(ctx, wish) if isinstance(wish, Wish) else wish
