"""Free times of a service."""

from __future__ import annotations

from pydantic import Field

from booking.localtime import to_local, zone
from booking.refusals import Offer, Refusal
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem, Effect, Outcome, ToolArgs, ToolResult, tool
from tools.support.ledger import Listing
from tools.support.say import Day, days
from tools.support.words import find_moment, find_service, find_staff, read_seats, span_of

DEFAULT_DAYS = 7


class Args(ToolArgs):
    """What is asked for."""

    service: str = Field(description="slug or name")
    when: str | None = Field(
        description="day, range or part of day, as the customer said it or 'Tue 2026-12-01';"
        " null = the next days"
    )
    staff: str | None = Field(description="slug or name; null = anyone")
    seats: int | None = Field(description="how many people; null = 1")


class Slots(ToolResult):
    """Free times by day; `listing` is for code."""

    service: str
    staff: str | None
    days: list[Day]
    more: bool | None = None
    listing: Listing | None = Field(default=None, exclude=True)


@tool(effect=Effect.READ)
async def get_available_slots(ctx: ToolContext, args: Args) -> Outcome:
    """List free times of a service. Offer only times from its last result."""
    service = find_service(ctx.business, args.service)
    if isinstance(service, Refusal):
        return service
    staff = find_staff(ctx.business, service, args.staff)
    if isinstance(staff, Refusal):
        return staff
    seats = read_seats(args.seats)
    if isinstance(seats, ArgumentProblem):
        return seats
    moment = None if args.when is None else find_moment(ctx, "when", args.when)
    if isinstance(moment, ArgumentProblem):
        return moment
    span = span_of(moment, ctx.today, count=DEFAULT_DAYS)
    offers = await ctx.read(
        lambda uow: uow.appointments.get_available_slots(
            span.first,
            last_date=span.last,
            service=service.id,
            staff_id=None if staff is None else staff.id,
            customer_id=ctx.customer.id,
            seats=seats,
        )
    )
    if isinstance(offers, Refusal):
        return offers
    tz = zone(ctx.business.zone)
    fitting: list[Offer] = [o for o in offers if span.holds(to_local(o.starts_at, tz).time())]
    staff_id = None if staff is None else staff.id
    listing = Listing(service.id, staff_id, tuple(fitting), seats=seats)
    ctx.ledger.listings.append(listing)
    grouped, more = days(fitting, ctx.business)
    return Slots(
        service=service.slug,
        staff=None if staff is None else staff.slug,
        days=grouped,
        more=more or None,
        listing=listing,
        next="Offer 3-5 of these; buttons with them are added." if fitting else "Try other days.",
    )
