"""Changing the contact data of the customer who writes."""

from __future__ import annotations

from pydantic import Field

from booking.refusals import Refusal, RefusalCode
from db.store import UnitOfWork
from tools.support.contact import read_contact
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem, Effect, Outcome, ToolArgs, ToolResult, tool


class Args(ToolArgs):
    """What to change; identity comes from the chat."""

    name: str | None = Field(description='what to call them; null = leave it, "" = remove it')
    phone: str | None = Field(description='as they wrote it; null, "" as above')
    email: str | None = Field(description='null, "" as above')
    time_zone: str | None = Field(description='IANA name, where they live; null, "" as above')


class ContactData(ToolResult):
    """The customer's contact data as it is now."""

    name: str | None
    phone: str | None = Field(description='as they wrote it; null, "" as above')
    email: str | None
    time_zone: str | None


@tool(effect=Effect.WRITE)
async def update_customer(ctx: ToolContext, args: Args) -> Outcome:
    """Save the customer's own name, phone, e-mail or time zone when they give it or ask to."""
    fields = read_contact(args.model_dump(exclude_none=True), ctx.business)
    if isinstance(fields, ArgumentProblem):
        return fields

    async def save(uow: UnitOfWork) -> Outcome:
        known = await uow.customers.update_customer(ctx.customer.id, **fields)
        if known is None:
            return Refusal(code=RefusalCode.NOT_FOUND, what="customer")
        return ContactData(
            name=known.name, phone=known.phone, email=known.email, time_zone=known.zone
        )

    outcome = await ctx.write(save)
    ctx.ledger.saved = ctx.ledger.saved or not isinstance(outcome, Refusal)
    return outcome
