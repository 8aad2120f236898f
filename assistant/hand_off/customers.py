"""What a customer does about a person: calls one, and gets the assistant back."""

from __future__ import annotations

from assistant.guided.cards import menu, refusal_message
from assistant.guided.scene import Scene
from assistant.hand_off.words import asked, with_a_person
from assistant.messages import Outgoing
from booking.hand_off import HandOffEnd, HandOffReason
from booking.refusals import Refusal
from tools.support.contract import HandedOff
from tools.support.hand_off import hand_off


async def call_a_person(scene: Scene, reason: HandOffReason) -> list[Outgoing]:
    """Hand the chat to a person, and return what the customer is told."""
    ctx = scene.ctx
    if ctx.hand_off is not None and ctx.position not in ctx.recorded:
        return [with_a_person(scene)]
    outcome = await hand_off(ctx, reason)
    if isinstance(outcome, Refusal):
        return [refusal_message(ctx, scene.texts, outcome)]
    assert isinstance(outcome, HandedOff)
    return [asked(scene, outcome)]


async def back_to_bot(scene: Scene) -> list[Outgoing]:
    """Let the assistant answer this customer again."""
    ctx, current = scene.ctx, scene.ctx.hand_off
    if current is not None:
        await ctx.store.run(
            ctx.business,
            lambda uow: uow.hand_offs.end(current.id, HandOffEnd.CUSTOMER, key=ctx.key),
        )
    return [menu(scene, scene.say("hand_off_back"))]
