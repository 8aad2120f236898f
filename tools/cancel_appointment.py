"""Cancelling one of the customer's own appointments."""

from __future__ import annotations

from pydantic import Field

from tools.support.context import ToolContext
from tools.support.contract import Effect, Outcome, ToolArgs, tool
from tools.support.drafts import THEN
from tools.support.proposals import propose_cancel


class Args(ToolArgs):
    """Which appointment, and why."""

    appointment: int = Field(description="number from get_my_appointments")
    reason: str | None = Field(description="the customer's reason, or null")
    then: str | None = Field(description=THEN)


@tool(effect=Effect.WRITE, confirm=True, max_per_turn=2)
async def cancel_appointment(ctx: ToolContext, args: Args) -> Outcome:
    """Cancel an appointment of the customer; shows a card to confirm."""
    ctx.wishes_next(args.then)
    reason = (args.reason or "").strip()[:500] or None
    return await propose_cancel(ctx, args.appointment, reason=reason)
