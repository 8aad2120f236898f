"""What a customer takes along: the appointment for their own calendar, and the way there."""

from __future__ import annotations

from assistant.guided.cards import refusal_message
from assistant.guided.own import find_own
from assistant.guided.scene import Scene
from assistant.labels import one_line
from assistant.messages import Outgoing, Place
from booking.refusals import Refusal
from db.repositories import calendar_files
from db.store import UnitOfWork
from tools.support.contract import Outcome, ToolResult


async def send_calendar(scene: Scene, appointment_id: int) -> list[Outgoing]:
    """Send one of the customer's upcoming appointments as a calendar file, by way of the outbox."""
    ctx = scene.ctx
    row = await find_own(ctx, appointment_id)
    if isinstance(row, Refusal):
        return [refusal_message(ctx, scene.texts, row)]

    async def work(uow: UnitOfWork) -> Outcome:
        await calendar_files.take(uow.session, row, ctx.reply_to, ctx.clock.now())
        return ToolResult()

    outcome = await ctx.write(work)
    return [refusal_message(ctx, scene.texts, outcome)] if isinstance(outcome, Refusal) else []


def pin(scene: Scene) -> Outgoing | None:
    """Return where the business is, as a pin on the map; None where nobody has told."""
    business = scene.business
    if business.location is None:
        return None
    name = one_line(business.name.get(scene.language))
    given = business.address
    address = name if given is None else one_line(given.get(scene.language))
    return Outgoing(
        text=f"📍 {business.location.latitude}, {business.location.longitude}",
        place=Place(
            latitude=business.location.latitude,
            longitude=business.location.longitude,
            title=name,
            address=address,
        ),
    )
