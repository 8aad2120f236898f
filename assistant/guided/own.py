"""The customer's own appointments: showing them, and the cards that cancel and move them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from assistant.guided.actions import Press, Verb
from assistant.guided.cards import (
    cancelling,
    card_message,
    choice_message,
    menu,
    mine_message,
    moving,
    noticed,
    refusal_message,
)
from assistant.guided.scene import Scene
from assistant.guided.waiting import with_waiting
from assistant.messages import Outgoing
from booking.appointment import Appointment
from booking.draft import Draft, DraftStage
from booking.localtime import local_date, to_local, zone
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus
from db.store import UnitOfWork
from tools.get_my_appointments import Args as MyArgs
from tools.get_my_appointments import MyAppointments, get_my_appointments
from tools.support.context import ToolContext
from tools.support.contract import Outcome, Proposed, ToolResult
from tools.support.drafts import give_up_open, keep_for_later
from tools.support.ledger import Proposal
from tools.support.outcomes import Closed
from tools.support.proposals import propose_cancel

_NOT_FOUND = Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
_CLOSED, _STALE = "closed", "stale"


async def open_draft(ctx: ToolContext) -> Draft:
    """Return what the customer has open.

    Raises:
        DatabaseUnavailableError: the database is away.
    """
    return await ctx.store.run(
        ctx.business, lambda uow: uow.conversations.get_draft(ctx.customer.id)
    )


async def list_own(ctx: ToolContext) -> tuple[Appointment, ...] | Refusal:
    """Return the customer's upcoming appointments, earliest first."""
    found = await get_my_appointments(ctx, MyArgs())
    if isinstance(found, Refusal):
        return found
    return found.rows if isinstance(found, MyAppointments) else ()


async def find_own(ctx: ToolContext, appointment_id: int) -> Appointment | Refusal:
    """Return one of the customer's upcoming appointments; others' look like none."""
    rows = await list_own(ctx)
    if isinstance(rows, Refusal):
        return rows
    return next((row for row in rows if row.id == appointment_id), _NOT_FOUND)


async def show_own(scene: Scene, notice: str | None = None) -> list[Outgoing]:
    """Return the list of the customer's appointments."""
    rows = await list_own(scene.ctx)
    if isinstance(rows, Refusal):
        return [refusal_message(scene.ctx, scene.texts, rows)]
    return noticed(notice, await with_waiting(scene, mine_message(scene, rows), rows))


async def pick_own(scene: Scene, appointment_id: int, version: int) -> Appointment | list[Outgoing]:
    """Return the appointment a button names, or what to say where it isn't that any more.

    Args:
        version: of the appointment when the button was made.
    """
    row = await find_own(scene.ctx, appointment_id)
    if isinstance(row, Refusal):
        return [refusal_message(scene.ctx, scene.texts, row)]
    if row.version != version:
        return await show_own(scene, scene.say("stale_button"))
    return row


async def choose_own(scene: Scene, key: str, to: dt.date | None = None) -> list[Outgoing]:
    """Ask which appointment is meant: `choose_to_cancel` or `choose_to_move`.

    Args:
        to: the local date that it is to be moved to, if one was said.
    """
    rows = await list_own(scene.ctx)
    if isinstance(rows, Refusal):
        return [refusal_message(scene.ctx, scene.texts, rows)]
    if not rows:
        return [mine_message(scene, rows)]
    await keep_for_later(scene.ctx)
    return [_choice(scene, key, rows, to)]


def _choice(
    scene: Scene, key: str, rows: Sequence[Appointment], to: dt.date | None = None
) -> Outgoing:
    def press(row: Appointment) -> Press:
        if key == "choose_to_cancel":
            return cancelling(row)
        if to is None:
            return moving(row)
        return Press(Verb.MOVE_DAY, appointment=row.id, staff=row.staff_id or 0, date=to)

    return choice_message(scene, key, [(row, press(row)) for row in rows])


async def cancel_one(
    scene: Scene,
    draft: Draft,
    *,
    number: int | None = None,
    on: dt.date | None = None,
    service_ids: frozenset[int] = frozenset(),
) -> list[Outgoing]:
    """Answer a wish to cancel: the card, where it's clear which one is meant, else a choice.

    Args:
        draft: what is open; with no appointment to cancel, that is what is dropped.
        number: the appointment's number, if one was said.
        on: its local date, if one was said.
        service_ids: its services, if any were named.
    """
    rows = await list_own(scene.ctx)
    if isinstance(rows, Refusal):
        return [refusal_message(scene.ctx, scene.texts, rows)]
    if not rows:
        if draft.stage is DraftStage.IDLE:
            return [mine_message(scene, rows)]
        await give_up_open(scene.ctx)
        return [menu(scene, scene.say("nothing_changed"))]
    if number is not None:
        rows = tuple(row for row in rows if row.id == number)
        if not rows:
            return [refusal_message(scene.ctx, scene.texts, _NOT_FOUND)]
    fitting = [row for row in rows if on is None or local_date(row.starts_at, zone(row.zone)) == on]
    fitting = [row for row in fitting if not service_ids or row.service_id in service_ids]
    if len(fitting) == 1:
        return await ask_cancel(scene, fitting[0].id)
    await keep_for_later(scene.ctx)
    return [_choice(scene, "choose_to_cancel", fitting or rows)]


async def cancel_all(scene: Scene, draft: Draft) -> list[Outgoing]:
    """Answer a wish to cancel everything: one card after the other, the earliest first."""
    rows = await list_own(scene.ctx)
    if isinstance(rows, Refusal) or len(rows) < 2:
        return await cancel_one(scene, draft)
    walls = [to_local(row.starts_at, zone(scene.business.zone)) for row in rows[1:]]
    scene.ctx.wishes_next("\n".join(f"cancel: {wall:%Y-%m-%d %H:%M}" for wall in walls))
    return await ask_cancel(scene, rows[0].id)


async def ask_cancel(scene: Scene, appointment_id: int) -> list[Outgoing]:
    """Return the card that asks whether to cancel an appointment."""
    outcome = await propose_cancel(scene.ctx, appointment_id)
    if isinstance(outcome, Refusal):
        return [refusal_message(scene.ctx, scene.texts, outcome)]
    if isinstance(outcome, Proposed) and outcome.proposal is not None:
        return [card_message(scene.ctx, scene.texts, outcome.proposal)]
    await give_up_open(scene.ctx)
    return []


async def acknowledge(scene: Scene, appointment_id: int, version: int) -> list[Outgoing]:
    """Answer the [Confirm] of a reminder: a word of thanks, and a line in the audit trail.

    Args:
        version: of the appointment that the reminder told of; after a move it is stale.
    """
    ctx = scene.ctx
    row = await pick_own(scene, appointment_id, version)
    if isinstance(row, list):
        return row

    async def work(uow: UnitOfWork) -> Outcome:
        outcome = await uow.appointments.acknowledge_appointment(
            row.id, customer_id=ctx.customer.id, version=version
        )
        return outcome if isinstance(outcome, Refusal) else ToolResult(next=_CLOSED)

    outcome = await ctx.write(work)
    if isinstance(outcome, Refusal):
        return [refusal_message(ctx, scene.texts, outcome)]
    when = scene.writer().when(row.starts_at, row.zone)
    return [Outgoing(text=scene.say("reminder_confirmed", when=when))]


async def movable(scene: Scene, row: Appointment) -> Refusal | None:
    """Return why a customer may not move an appointment at all, so that no day is asked for.

    Moving it onto its own time passes every other rule, so what is refused is the move as such.
    """
    outcome = await scene.ctx.read(
        lambda uow: uow.appointments.reschedule_appointment(
            row.id, row.starts_at, customer_id=scene.ctx.customer.id, dry_run=True
        )
    )
    return outcome if isinstance(outcome, Refusal) else None


async def close_card(ctx: ToolContext, version: int, *, choose_again: bool) -> Outcome:
    """Close the open card without doing what it proposes; a hold is given back.

    Args:
        version: the card's.
        choose_again: whether the choice of a time goes on from there.

    Returns:
        A result with `next`: see `was_closed`. Journaled, so that a repeat after a crash is
        answered like the first time although the card is gone by then.
    """

    async def work(uow: UnitOfWork) -> Outcome:
        draft = await uow.conversations.get_draft(ctx.customer.id)
        if not draft.awaits_yes or draft.version != version:
            return ToolResult(next=_STALE)
        if draft.stage is DraftStage.CONFIRM_BOOKING and draft.appointment_id is not None:
            held = await uow.appointments.get_appointment_by_id(
                draft.appointment_id, customer_id=ctx.customer.id
            )
            if held is not None and held.status is AppointmentStatus.HELD:
                await uow.appointments.cancel_appointment(held.id, customer_id=ctx.customer.id)
        new = _chosen_so_far(ctx, draft) if choose_again else Draft()
        await uow.conversations.save_draft(ctx.customer.id, new)
        return Closed(next=_CLOSED, next_wish=None if new.next_wish else draft.next_wish)

    return await ctx.write(work)


def was_closed(outcome: Outcome) -> bool:
    """Return whether `close_card` found the card and closed it."""
    return not isinstance(outcome, Refusal) and outcome.next == _CLOSED


def _chosen_so_far(ctx: ToolContext, draft: Draft) -> Draft:
    if draft.stage is DraftStage.CONFIRM_CANCEL or draft.starts_at is None:
        return Draft()
    return Draft(
        stage=DraftStage.CHOOSING_TIME,
        service_id=draft.service_id,
        staff_id=draft.staff_id,
        staff_chosen=draft.staff_chosen,
        appointment_id=draft.appointment_id if draft.stage is DraftStage.CONFIRM_MOVE else None,
        local_date=local_date(draft.starts_at, zone(ctx.business.zone)),
        next_wish=draft.next_wish,
    )


async def keep(scene: Scene, version: int) -> list[Outgoing] | None:
    """Answer "no" to a card; None where no such card is open."""
    outcome = await close_card(scene.ctx, version, choose_again=False)
    if isinstance(outcome, Refusal):
        return [refusal_message(scene.ctx, scene.texts, outcome)]
    return [menu(scene, scene.say("nothing_changed"))] if was_closed(outcome) else None


async def open_card(scene: Scene, draft: Draft) -> Outgoing | None:
    """Return the open card again; None where none is open or its hold is gone."""
    if not draft.awaits_yes or draft.appointment_id is None:
        return None
    wanted = draft.appointment_id
    row = await scene.ctx.read(
        lambda uow: uow.appointments.get_appointment_by_id(
            wanted, customer_id=scene.ctx.customer.id
        )
    )
    if row is None or isinstance(row, Refusal):
        return None
    held = row.status is AppointmentStatus.HELD
    if held is not (draft.stage is DraftStage.CONFIRM_BOOKING):
        return None
    return card_message(scene.ctx, scene.texts, Proposal(draft=draft, appointment=row))
