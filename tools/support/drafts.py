"""What a customer has open: closed, replaced, and what comes after it."""

from __future__ import annotations

from booking.draft import Draft, DraftStage, NextWish
from booking.status import AppointmentStatus
from db.store import UnitOfWork
from tools.support.context import ToolContext

# What the argument of the tools that show cards is for.
THEN = "what else this message asks to change; or null"


def next_wish_of(ctx: ToolContext, before: Draft, service_id: int | None) -> NextWish | None:
    """Return what comes after the wish that is seen to now: this message's, or kept from before.

    Args:
        before: what was open; what comes after it comes after what takes its place.
        service_id: of the wish that is seen to now.
    """
    wish = ctx.next_wish or before.next_wish
    if wish is None or not wish.is_fresh(ctx.clock.now(), ctx.business.zone):
        return None
    return wish if wish.service_id else wish.model_copy(update={"service_id": service_id})


async def give_up_open(ctx: ToolContext, new: Draft | None = None) -> Draft:
    """Close the open card, give its hold back, and remember `new` (idle by default) in its place.

    What comes after the wish that was open comes after `new`; without one it is given up too.

    Raises:
        DatabaseUnavailableError: the database is away.
    """

    async def work(uow: UnitOfWork) -> Draft:
        if not await ctx.may_write(uow):
            return new or Draft()
        before = await give_up_hold(ctx, uow)
        draft = new or Draft()
        if new is not None:
            next_wish = next_wish_of(ctx, before, new.service_id)
            draft = new.model_copy(update={"next_wish": next_wish})
        return await uow.conversations.save_draft(ctx.customer.id, draft)

    return await ctx.store.run(ctx.business, work)


async def give_up_hold(ctx: ToolContext, uow: UnitOfWork) -> Draft:
    """Give the hold of the open card back; return what was open."""
    draft = await uow.conversations.get_draft(ctx.customer.id)
    if draft.stage is DraftStage.CONFIRM_BOOKING and draft.appointment_id is not None:
        held = await uow.appointments.get_appointment_by_id(
            draft.appointment_id, customer_id=ctx.customer.id
        )
        if held is not None and held.status is AppointmentStatus.HELD:
            await uow.appointments.cancel_appointment(held.id, customer_id=ctx.customer.id)
    return draft


async def keep_for_later(ctx: ToolContext) -> None:
    """Keep what else this message asks for while buttons ask what the first wish means."""
    if ctx.next_wish is not None:
        await give_up_open(ctx, Draft())


async def keep_next_wish(ctx: ToolContext) -> None:
    """Keep what comes after a booking or move that was refused, until another time is chosen."""
    aim = ctx.ledger.aim
    if aim is None or ctx.next_wish is None:
        return
    moving = None if aim.moving is None else aim.moving.id
    await give_up_open(
        ctx,
        Draft(
            stage=DraftStage.CHOOSING_TIME,
            service_id=aim.service_id,
            staff_id=aim.staff_id,
            staff_chosen=True,
            appointment_id=moving,
            seats=aim.seats,
        ),
    )


async def forget_next_wish(ctx: ToolContext, uow: UnitOfWork, before: Draft) -> None:
    """Take out of what is open the wish that comes now."""
    if before.next_wish is not None:
        without = before.model_copy(update={"next_wish": None})
        await uow.conversations.save_draft(ctx.customer.id, without)
