"""Facts about the business: hours of given days, address, contact, what the owner wrote."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, Field

from booking.business import Business, DayInterval
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem, Effect, Outcome, ToolArgs, ToolResult, tool
from tools.support.say import day_name, hours
from tools.support.words import find_moment, span_of

MAX_DAYS = 14


class Args(ToolArgs):
    """What is asked about."""

    when: str | None = Field(
        description="day or range, as the customer said it; null = next 7 days"
    )


class OpenDay(BaseModel):
    """One date: "closed", or when the business is open."""

    day: str
    hours: str


class BusinessFacts(ToolResult):
    """What anybody may know of the business; of given days only the hours."""

    open: list[OpenDay]
    address: str | None = None
    contact: str | None = None
    facts: dict[str, str] | None = None


@tool(effect=Effect.READ)
async def get_business_facts(ctx: ToolContext, args: Args) -> Outcome:
    """Tell opening hours of given days, closed days and holidays included, address, contact and
    facts. Whether a time is free, get_available_slots tells."""
    moment = None if args.when is None else find_moment(ctx, "when", args.when)
    if isinstance(moment, ArgumentProblem):
        return moment
    business, span = ctx.business, span_of(moment, ctx.today, count=7)
    count = min((span.last - span.first).days + 1, MAX_DAYS)
    opened = [_opened(business, span.first + dt.timedelta(days=n)) for n in range(count)]
    if moment is not None:
        return BusinessFacts(open=opened)
    return BusinessFacts(
        open=opened,
        address=business.address.get(ctx.language) if business.address else None,
        contact=business.contact.first(),
        facts={topic: text.get(ctx.language) for topic, text in business.facts.items()} or None,
    )


def intervals_on(business: Business, date: dt.date) -> tuple[DayInterval, ...]:
    """Return when the business is open on a local date, its exceptions counted; () = closed."""
    intervals = business.exceptions.get(date)
    return business.hours.get(date.weekday(), ()) if intervals is None else intervals


def _opened(business: Business, date: dt.date) -> OpenDay:
    return OpenDay(day=day_name(date), hours=hours(intervals_on(business, date)))
