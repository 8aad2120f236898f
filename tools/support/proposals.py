"""Cards: proposing a booking, a move or a cancellation, and what a customer's yes or no does.

With the policy's `confirmation: immediate` there is no card and the command is carried out at once.
"""

from __future__ import annotations

import datetime as dt

from booking.appointment import Appointment, Change
from booking.business import ConfirmationMode, Service
from booking.draft import Draft, DraftStage, NextWish
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus
from db.store import UnitOfWork
from tools.support.context import ToolContext
from tools.support.contract import Outcome, Proposed, ToolResult
from tools.support.drafts import forget_next_wish, give_up_hold, next_wish_of
from tools.support.ledger import Done, Proposal
from tools.support.say import facts

CARD_NEXT = "A card with buttons was shown; nothing is done before the customer confirms."
DONE_NEXT = "The receipt was sent; don't repeat it."


def _change_of(appointment: Appointment) -> Change:
    pending = appointment.status is AppointmentStatus.PENDING
    return Change.REQUESTED if pending else Change.BOOKED


def _card(ctx: ToolContext, draft: Draft, appointment: Appointment) -> Proposed:
    return Proposed(
        state="waiting_for_confirmation",
        appointment=facts(appointment, ctx.business),
        proposal=Proposal(draft=draft, appointment=appointment),
        next=CARD_NEXT,
    )


def _done(ctx: ToolContext, done: Done, next_wish: NextWish | None) -> Proposed:
    return Proposed(
        state=done.change.value,
        appointment=facts(done.appointment, ctx.business),
        done=done,
        next_wish=next_wish,
        next=DONE_NEXT,
    )


async def propose_booking(
    ctx: ToolContext,
    service: Service,
    starts_at: dt.datetime,
    *,
    staff_id: int | None,
    seats: int = 1,
    notes: str | None = None,
) -> Outcome:
    """Hold a time and show the card, or book it at once where the policy says so.

    Args:
        seats: how many places of what has places.
    """
    at_once = ctx.business.policy.confirmation is ConfirmationMode.IMMEDIATE

    async def work(uow: UnitOfWork) -> Outcome:
        open_draft = await uow.conversations.get_draft(ctx.customer.id)
        earlier = open_draft.stage is DraftStage.CONFIRM_BOOKING
        next_wish = next_wish_of(ctx, open_draft, service.id)
        outcome = await uow.appointments.create_appointment(
            ctx.customer.id,
            starts_at=starts_at,
            service=service.id,
            staff_id=staff_id,
            notes=notes,
            seats=seats,
            hold=not at_once,
            replacing_hold=open_draft.appointment_id if earlier else None,
            key=ctx.key,
            reply_to=ctx.reply_to,
        )
        if isinstance(outcome, Refusal):
            wanted = Draft(
                stage=DraftStage.CHOOSING_TIME,
                service_id=service.id,
                staff_id=staff_id,
                staff_chosen=True,
                seats=seats,
                next_wish=next_wish,
            )
            return await _refused(ctx, uow, outcome, open_draft, wanted)
        if at_once:
            await uow.conversations.save_draft(ctx.customer.id, Draft())
            done = Done(change=_change_of(outcome), appointment=outcome)
            return _done(ctx, done, next_wish)
        draft = Draft(
            stage=DraftStage.CONFIRM_BOOKING,
            service_id=service.id,
            staff_id=staff_id,
            staff_chosen=True,
            appointment_id=outcome.id,
            appointment_version=outcome.version,
            starts_at=outcome.starts_at,
            seats=outcome.seats,
            next_wish=next_wish,
        )
        return _card(ctx, await uow.conversations.save_draft(ctx.customer.id, draft), outcome)

    return _unless_closed(ctx, await ctx.write(work))


async def propose_move(
    ctx: ToolContext,
    appointment_id: int,
    starts_at: dt.datetime,
    *,
    staff_id: int | None = None,
    anyone: bool = False,
) -> Outcome:
    """Check a move and show the card, or make it at once where the policy says so."""
    at_once = ctx.business.policy.confirmation is ConfirmationMode.IMMEDIATE

    async def work(uow: UnitOfWork) -> Outcome:
        before = await uow.appointments.get_appointment_by_id(
            appointment_id, customer_id=ctx.customer.id
        )
        outcome = await uow.appointments.reschedule_appointment(
            appointment_id,
            starts_at,
            customer_id=ctx.customer.id,
            staff_id=staff_id,
            anyone=anyone,
            dry_run=not at_once,
            key=ctx.key,
            reply_to=ctx.reply_to,
        )
        open_draft = await uow.conversations.get_draft(ctx.customer.id)
        next_wish = next_wish_of(ctx, open_draft, None if before is None else before.service_id)
        if isinstance(outcome, Refusal) and before is not None:
            wanted = Draft(
                stage=DraftStage.CHOOSING_TIME,
                service_id=before.service_id,
                staff_id=staff_id,
                staff_chosen=not anyone,
                appointment_id=before.id,
                next_wish=next_wish,
            )
            return await _refused(ctx, uow, outcome, open_draft, wanted)
        if isinstance(outcome, Refusal) or before is None:
            return outcome if isinstance(outcome, Refusal) else _NOT_FOUND
        if at_once:
            await forget_next_wish(ctx, uow, open_draft)
            done = Done(
                change=Change.MOVED, appointment=outcome, previous_starts_at=before.starts_at
            )
            return _done(ctx, done, next_wish)
        draft = Draft(
            stage=DraftStage.CONFIRM_MOVE,
            service_id=outcome.service_id,
            staff_id=staff_id,
            staff_chosen=not anyone,
            appointment_id=outcome.id,
            appointment_version=outcome.version,
            starts_at=starts_at,
            next_wish=next_wish,
        )
        await give_up_hold(ctx, uow)
        return _card(ctx, await uow.conversations.save_draft(ctx.customer.id, draft), outcome)

    return _unless_closed(ctx, await ctx.write(work))


async def propose_cancel(
    ctx: ToolContext, appointment_id: int, *, reason: str | None = None
) -> Outcome:
    """Check a cancellation and show the card, or do it at once where the policy says so."""
    at_once = ctx.business.policy.confirmation is ConfirmationMode.IMMEDIATE

    async def work(uow: UnitOfWork) -> Outcome:
        outcome = await uow.appointments.cancel_appointment(
            appointment_id,
            customer_id=ctx.customer.id,
            reason=reason,
            dry_run=not at_once,
            key=ctx.key,
            reply_to=ctx.reply_to,
        )
        if isinstance(outcome, Refusal):
            return outcome
        open_draft = await uow.conversations.get_draft(ctx.customer.id)
        next_wish = next_wish_of(ctx, open_draft, outcome.service_id)
        if at_once or outcome.status is AppointmentStatus.CANCELLED:
            await forget_next_wish(ctx, uow, open_draft)
            return _done(ctx, Done(change=Change.CANCELLED, appointment=outcome), next_wish)
        draft = Draft(
            stage=DraftStage.CONFIRM_CANCEL,
            appointment_id=outcome.id,
            appointment_version=outcome.version,
            next_wish=next_wish,
        )
        await give_up_hold(ctx, uow)
        return _card(ctx, await uow.conversations.save_draft(ctx.customer.id, draft), outcome)

    return await ctx.write(work)


_ABOUT_TIME = frozenset(
    {
        RefusalCode.SLOT_TAKEN,
        RefusalCode.CAPACITY_EXCEEDED,
        RefusalCode.OUTSIDE_HOURS,
        RefusalCode.NOT_ON_GRID,
        RefusalCode.TOO_SOON,
        RefusalCode.TOO_FAR,
        RefusalCode.PAST,
    }
)


async def _refused(
    ctx: ToolContext, uow: UnitOfWork, refusal: Refusal, before: Draft, wanted: Draft
) -> Refusal:
    """Close an earlier card when another time was asked for in its place and refused.

    A yes would be meant for the alternatives that were just offered, and would book the old time.
    What comes after the wish is kept until another time is chosen.
    """
    if _chooses(refusal) and (before.awaits_yes or wanted.next_wish is not None):
        await give_up_hold(ctx, uow)
        await uow.conversations.save_draft(ctx.customer.id, wanted)
    return refusal


def _chooses(refusal: Refusal) -> bool:
    return refusal.code in _ABOUT_TIME or bool(refusal.alternatives)


def _unless_closed(ctx: ToolContext, outcome: Outcome) -> Outcome:
    """Take back the card of an earlier call of this turn, if `_refused` has closed it."""
    if isinstance(outcome, Refusal) and _chooses(outcome):
        ctx.ledger.proposal = None
    return outcome


_NOT_FOUND = Refusal(code=RefusalCode.NOT_FOUND, what="appointment")


async def confirm_open(ctx: ToolContext, version: int | None = None) -> Outcome | None:
    """Do what the open card proposes.

    Args:
        version: the card's version; None = whichever is open (a typed yes).

    Returns:
        The outcome; None where no such card is open (any more).
    """

    async def work(uow: UnitOfWork) -> Outcome:
        draft = await uow.conversations.get_draft(ctx.customer.id)
        if not draft.awaits_yes or (version is not None and version != draft.version):
            return ToolResult(next=_NO_SUCH_CARD)
        done = await _carry_out(ctx, uow, draft)
        if isinstance(done, Refusal):
            await uow.conversations.save_draft(ctx.customer.id, _after_refusal(ctx, draft))
            return done
        await uow.conversations.save_draft(ctx.customer.id, Draft())
        return _done(ctx, done, next_wish_of(ctx, draft, done.appointment.service_id))

    outcome = await ctx.write(work)
    if not isinstance(outcome, Refusal) and outcome.next == _NO_SUCH_CARD:
        return None
    return outcome


_NO_SUCH_CARD = "no such card is open"


def _after_refusal(ctx: ToolContext, draft: Draft) -> Draft:
    """Back to choosing a time, for the same service or move."""
    if draft.stage is DraftStage.CONFIRM_CANCEL:
        return Draft()
    moving = draft.appointment_id if draft.stage is DraftStage.CONFIRM_MOVE else None
    return Draft(
        stage=DraftStage.CHOOSING_TIME,
        service_id=draft.service_id,
        staff_id=draft.staff_id,
        staff_chosen=draft.staff_chosen,
        appointment_id=moving,
        seats=draft.seats,
        next_wish=next_wish_of(ctx, draft, draft.service_id),
    )


async def _carry_out(ctx: ToolContext, uow: UnitOfWork, draft: Draft) -> Done | Refusal:
    if draft.appointment_id is None:
        return _NOT_FOUND
    key = f"card:{draft.version}"
    before = await uow.appointments.get_appointment_by_id(
        draft.appointment_id, customer_id=ctx.customer.id
    )
    if before is None:
        return _NOT_FOUND
    if draft.stage is DraftStage.CONFIRM_BOOKING:
        booked = await uow.appointments.confirm_appointment(
            draft.appointment_id, customer_id=ctx.customer.id, key=key, reply_to=ctx.reply_to
        )
        return (
            booked
            if isinstance(booked, Refusal)
            else Done(change=_change_of(booked), appointment=booked)
        )
    if draft.stage is DraftStage.CONFIRM_MOVE and draft.starts_at is not None:
        moved = await uow.appointments.reschedule_appointment(
            draft.appointment_id,
            draft.starts_at,
            customer_id=ctx.customer.id,
            staff_id=draft.staff_id,
            anyone=not draft.staff_chosen,
            version=draft.appointment_version,
            key=key,
            reply_to=ctx.reply_to,
        )
        if isinstance(moved, Refusal):
            return moved
        return Done(change=Change.MOVED, appointment=moved, previous_starts_at=before.starts_at)
    cancelled = await uow.appointments.cancel_appointment(
        draft.appointment_id,
        customer_id=ctx.customer.id,
        version=draft.appointment_version,
        key=key,
        reply_to=ctx.reply_to,
    )
    return (
        cancelled
        if isinstance(cancelled, Refusal)
        else Done(change=Change.CANCELLED, appointment=cancelled)
    )
