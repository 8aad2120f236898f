"""A customer's own data, from their chat: a copy of it, and to be forgotten."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from assistant.guided.actions import Press, Verb
from assistant.guided.cards import menu, refusal_message
from assistant.guided.own import list_own
from assistant.guided.scene import Scene
from assistant.messages import Outgoing
from booking.refusals import Refusal
from db.repositories.forgetting import ForgettingRepository
from db.store import UnitOfWork
from tools.support.contract import Outcome, ToolResult

_NOTED = "noted"


async def show(scene: Scene) -> list[Outgoing]:
    """Say what is kept of a customer, with the two things that they may ask for."""
    buttons = (
        (scene.button("button_my_data", Verb.MY_DATA),),
        (scene.button("button_forget", Verb.FORGET),),
        (scene.button("button_back", Verb.MENU),),
    )
    return [Outgoing(text=scene.say("privacy"), buttons=buttons)]


async def _data(scene: Scene, press: Press) -> list[Outgoing]:
    """Send a copy; it is put together when it goes out, and kept nowhere."""
    ctx = scene.ctx

    async def work(uow: UnitOfWork) -> Outcome:
        forgetting = ForgettingRepository(uow.session, scene.business, ctx.clock)
        await forgetting.send_copy(ctx.customer.id, ctx.reply_to)
        return ToolResult(next=_NOTED)

    outcome = await ctx.write(work)
    return [refusal_message(ctx, scene.texts, outcome)] if isinstance(outcome, Refusal) else []


async def _forget(scene: Scene, press: Press) -> list[Outgoing]:
    """Ask once more, since it can't be undone."""
    expected = await _expected(scene)
    if expected is not None:
        return expected
    buttons = (
        (scene.button("button_forget_yes", Verb.FORGET_YES),),
        (scene.button("button_back", Verb.MENU),),
    )
    return [Outgoing(text=scene.say("forget_card"), buttons=buttons)]


async def _forget_yes(scene: Scene, press: Press) -> list[Outgoing]:
    ctx = scene.ctx
    if ctx.position not in ctx.recorded:
        expected = await _expected(scene)
        if expected is not None:
            return expected

    async def work(uow: UnitOfWork) -> Outcome:
        await ForgettingRepository(uow.session, scene.business, ctx.clock).ask(ctx.customer.id)
        return ToolResult(next=_NOTED)

    outcome = await ctx.write(work)
    if isinstance(outcome, Refusal):
        return [refusal_message(ctx, scene.texts, outcome)]
    return [Outgoing(text=scene.say("forget_noted"))]


async def _expected(scene: Scene) -> list[Outgoing] | None:
    """Return why nobody can be forgotten who is expected; None where nobody is."""
    rows = await list_own(scene.ctx)
    if isinstance(rows, Refusal):
        return [refusal_message(scene.ctx, scene.texts, rows)]
    return [menu(scene, scene.say("forget_expected"))] if rows else None


ANSWERS: Mapping[Verb, Callable[[Scene, Press], Awaitable[list[Outgoing]]]] = {
    Verb.MY_DATA: _data,
    Verb.FORGET: _forget,
    Verb.FORGET_YES: _forget_yes,
}
