"""A person of the business takes over the chat."""

from __future__ import annotations

from booking.hand_off import HandOffReason
from tools.support.context import ToolContext
from tools.support.contract import Effect, Outcome, ToolArgs, tool
from tools.support.hand_off import hand_off


class Args(ToolArgs):
    """No arguments: the person reads the conversation."""


@tool(effect=Effect.WRITE, max_per_turn=1)
async def ask_for_human(ctx: ToolContext, args: Args) -> Outcome:
    """Hand the chat to a person of the business, if the customer wants one or only a person can
    help. The system tells the customer."""
    return await hand_off(ctx, HandOffReason.ASKED)
