"""A tool run as a customer, outside any conversation: for developers and tests.

It goes the way of a turn: the call's outcome is in a journal, so that the same message again has no
second effect. Receipts wait in the terminal's outbox, whatever chat the customer was last seen in:
trying a tool writes to nobody's Telegram.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from dataclasses import dataclass, replace

from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from db.repositories.conversations import Turn, TurnSummary
from db.repositories.customers import Customer
from db.repositories.outbox import ReplyTo
from db.store import Store, UnitOfWork
from tools.support.context import ToolContext
from tools.support.contract import (
    ArgumentProblem,
    Audience,
    Effect,
    Outcome,
    ToolResult,
)
from tools.support.drafts import give_up_open
from tools.support.proposals import confirm_open
from tools.support.registry import Registry

_CALL_POSITION, _TOOL_POSITION = 0, 1


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call.

    Args:
        name: of the tool.
        arguments: JSON, as a model writes it.
        message: names the message that asks for it; the same one again has no second effect.
    """

    name: str
    arguments: str
    message: str


class CardClosed(ToolResult):
    """What a customer's yes or no comes to where it books nothing."""

    state: str


async def call_tool(
    store: Store,
    business: Business,
    registry: Registry,
    telegram_id: int,
    call: Call,
    *,
    admin: bool = False,
) -> Outcome:
    """Run a tool as a customer, who is created if new.

    Args:
        admin: whether they may use the admins' tools.

    Returns:
        What the model would read once rendered: also for an unknown tool and unusable arguments.

    Raises:
        DatabaseError: the database is away, or refused a statement.
    """
    offered = {
        name: tool for name, tool in registry.items() if tool.audience is Audience.CUSTOMER or admin
    }
    tool = offered.get(call.name)
    if tool is None:
        return ArgumentProblem(error=f"no tool {call.name!r}; there are: {', '.join(offered)}")
    args = tool.parse(call.arguments)
    if isinstance(args, ArgumentProblem):
        return args
    ctx = await _context(store, business, telegram_id, call.message)
    if tool.effect is Effect.WRITE:
        turn = await _open_turn(ctx, call.message)
        ctx = replace(
            ctx,
            turn_id=turn.id,
            recorded={step.position: step.payload for step in turn.steps},
        )
        asked = {"name": call.name, "arguments": json.loads(call.arguments or "{}")}
        if ctx.recorded.get(_CALL_POSITION, asked) != asked:
            return Refusal(code=RefusalCode.IDEMPOTENCY_CONFLICT)
        ctx.unsaved.append((_CALL_POSITION, "call", asked))
    try:
        async with asyncio.timeout(tool.timeout_seconds):
            outcome: Outcome = await tool.run(ctx, args)
    except TimeoutError:
        outcome = Refusal(code=RefusalCode.TEMPORARILY_UNAVAILABLE)
    if ctx.turn_id is not None:
        await _finish_turn(ctx, ctx.turn_id)
    return outcome


async def confirm_card(store: Store, business: Business, telegram_id: int) -> Outcome:
    """Do what the customer's open card proposes.

    Raises:
        DatabaseError: the database is away, or refused a statement.
    """
    message = uuid.uuid4().hex
    ctx = await _context(store, business, telegram_id, message)
    turn = await _open_turn(ctx, message)
    ctx = replace(ctx, turn_id=turn.id)
    outcome = await confirm_open(ctx)
    await _finish_turn(ctx, turn.id)
    return outcome or CardClosed(state="nothing_open", next="No card is open.")


async def decline_card(store: Store, business: Business, telegram_id: int) -> Outcome:
    """Close the customer's open card and give its held time back.

    Raises:
        DatabaseError: the database is away, or refused a statement.
    """
    ctx = await _context(store, business, telegram_id, "decline")
    draft = await store.run(business, lambda uow: uow.conversations.get_draft(ctx.customer.id))
    if not draft.awaits_yes:
        return CardClosed(state="nothing_open", next="No card is open.")
    await give_up_open(ctx)
    return CardClosed(state="declined", next="The card is closed; nothing was changed.")


async def _context(store: Store, business: Business, telegram_id: int, message: str) -> ToolContext:
    channel = f"terminal:{business.slug}"

    async def work(uow: UnitOfWork) -> Customer:
        return await uow.customers.create_customer(
            telegram_id, channel=channel, chat_id=telegram_id
        )

    customer = await store.run(business, work)
    language = customer.language or business.languages[0]
    return ToolContext(
        store=store,
        business=business,
        customer=customer,
        language=language,
        reply_to=ReplyTo(channel, telegram_id, language),
        message_key=f"cli:{telegram_id}:{message}",
        position=_TOOL_POSITION,
    )


async def _open_turn(ctx: ToolContext, message: str) -> Turn:
    # An update's number names a turn; this channel has words, so they are hashed to one.
    digest = hashlib.sha256(f"{ctx.customer.id}:{message}".encode()).digest()
    update_id = int.from_bytes(digest[:8]) >> 1

    async def work(uow: UnitOfWork) -> Turn:
        return await uow.conversations.open_turn(
            ctx.customer.id,
            channel=f"cli:{ctx.business.slug}",
            chat_id=ctx.reply_to.chat_id,
            update_ids=[update_id],
            kind="tool",
        )

    return await ctx.store.run(ctx.business, work)


async def _finish_turn(ctx: ToolContext, turn_id: int) -> None:
    async def work(uow: UnitOfWork) -> None:
        await uow.conversations.finish_turn(turn_id, TurnSummary(outcome="tool_call"))

    await ctx.store.run(ctx.business, work)
