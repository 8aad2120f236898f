"""The customer's own upcoming appointments."""

from __future__ import annotations

from pydantic import Field

from booking.appointment import Appointment
from booking.refusals import Refusal
from tools.support.context import ToolContext
from tools.support.contract import Effect, Outcome, ToolArgs, ToolResult, tool
from tools.support.say import AppointmentFacts, facts


class Args(ToolArgs):
    """No arguments: identity comes from the chat."""


class MyAppointments(ToolResult):
    """Upcoming appointments, earliest first; `rows` is for code."""

    appointments: list[AppointmentFacts]
    rows: tuple[Appointment, ...] = Field(default=(), exclude=True)


@tool(effect=Effect.READ)
async def get_my_appointments(ctx: ToolContext, args: Args) -> Outcome:
    """List the customer's upcoming appointments with their numbers."""
    rows = await ctx.read(
        lambda uow: uow.appointments.get_customer_appointments(ctx.customer.id, upcoming=True)
    )
    if isinstance(rows, Refusal):
        return rows
    return MyAppointments(appointments=[facts(row, ctx.business) for row in rows], rows=tuple(rows))
