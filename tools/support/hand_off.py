"""Asking for a person of the business: one way for the tool, the command and what code notices."""

from __future__ import annotations

from booking.hand_off import HandOffReason
from db.store import UnitOfWork
from tools.support.context import ToolContext
from tools.support.contract import HandedOff, Outcome
from tools.support.outcomes import HandOffState


async def hand_off(ctx: ToolContext, reason: HandOffReason) -> Outcome:
    """Hand the customer's chat to a person and have the owners told, in one transaction.

    Returns:
        `HandedOff`, or `temporarily_unavailable`: nobody was told.
    """

    async def work(uow: UnitOfWork) -> Outcome:
        asked = await uow.hand_offs.ask(
            ctx.customer.id, reason, key=ctx.key, to=ctx.reply_to, said=ctx.said
        )
        if asked.hand_off is None:
            state = HandOffState.NOBODY
        else:
            state = HandOffState.ASKED if asked.new else HandOffState.WITH_A_PERSON
        return HandedOff(state=state, reason=reason)

    return await ctx.write(work)
