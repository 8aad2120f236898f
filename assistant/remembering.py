"""What the conversation keeps of a turn: the words of both sides, the calls and their results."""

from __future__ import annotations

from assistant import receipts
from assistant.messages import Incoming
from assistant.model.port import AssistantText, ToolCall, ToolResult
from assistant.texts import Texts
from assistant.turn.answer import TurnAnswer
from db.store import UnitOfWork
from tools.support.context import ToolContext


async def remember(
    uow: UnitOfWork, ctx: ToolContext, texts: Texts, incoming: Incoming, answer: TurnAnswer
) -> None:
    """Save a turn's messages in the order they came."""
    said = ctx.said or f"[{incoming.command or incoming.action or 'no text'}]"
    spoken = [*_receipts(ctx, texts), *(outgoing.text for outgoing in answer.outgoing)]
    customer_id, turn_id = ctx.customer.id, ctx.turn_id
    save = uow.conversations.save_message
    await save(customer_id, said, "user", turn_id=turn_id)
    for item in answer.items:
        if isinstance(item, ToolCall):
            data = {"call_id": item.call_id, "arguments": item.arguments}
            await save(customer_id, item.name, "tool_call", data, turn_id=turn_id)
        elif isinstance(item, ToolResult):
            data = {"call_id": item.call_id}
            await save(customer_id, item.output, "tool_result", data, turn_id=turn_id)
        elif isinstance(item, AssistantText):
            await save(customer_id, item.text, "assistant", turn_id=turn_id)
    for text in spoken:
        await save(customer_id, text, "assistant", turn_id=turn_id)


def _receipts(ctx: ToolContext, texts: Texts) -> list[str]:
    """The receipts of this turn's commands, as the customer reads them."""
    return [
        receipts.receipt(
            done.change,
            done.appointment,
            business=ctx.business,
            language=ctx.language,
            texts=texts,
            now=ctx.clock.now(),
            previous_starts_at=done.previous_starts_at,
            customer_zone=ctx.customer.zone,
        )
        for done in ctx.ledger.done
        if done.appointment.customer_id == ctx.customer.id
    ]
