"""What is known of the customer who writes."""

from __future__ import annotations

from booking.refusals import Refusal
from db.repositories.customers import Customer
from db.store import UnitOfWork
from tools.support.context import ToolContext
from tools.support.contract import Effect, Outcome, ToolArgs, ToolResult, tool


class Args(ToolArgs):
    """No arguments: identity comes from the chat."""


class CustomerFacts(ToolResult):
    """The customer's own data."""

    name: str | None
    phone: str | None
    email: str | None
    language: str
    upcoming_appointments: int


@tool(effect=Effect.READ)
async def get_customer(ctx: ToolContext, args: Args) -> Outcome:
    """Return the name and contact data of the customer who writes."""

    async def look(uow: UnitOfWork) -> tuple[Customer | None, int]:
        upcoming = await uow.appointments.get_customer_appointments(ctx.customer.id, upcoming=True)
        return await uow.customers.get_customer_by_id(ctx.customer.id), len(upcoming)

    found = await ctx.read(look)
    if isinstance(found, Refusal):
        return found
    known, upcoming = found[0] or ctx.customer, found[1]
    return CustomerFacts(
        name=known.name,
        phone=known.phone,
        email=known.email,
        language=ctx.language,
        upcoming_appointments=upcoming,
    )
