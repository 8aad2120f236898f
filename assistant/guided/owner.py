"""What only owners may do from their chat; their answer to a request, from the notice's buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from assistant.guided.actions import Press, Verb
from assistant.guided.cards import refusal_message
from assistant.guided.scene import Scene
from assistant.messages import Outgoing
from assistant.receipts import unanswered_list
from booking.appointment import Appointment, Change
from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus
from db.repositories.customers import Customer
from db.repositories.outbox import ReplyTo
from db.store import UnitOfWork
from tools.support.contract import Outcome, Proposed
from tools.support.ledger import Done
from tools.support.say import facts

_TEXTS: Mapping[Change, str] = {
    Change.APPROVED: "owner_approved",
    Change.DECLINED: "owner_declined",
}
_STATUS: Mapping[Change, AppointmentStatus] = {
    Change.APPROVED: AppointmentStatus.CONFIRMED,
    Change.DECLINED: AppointmentStatus.DECLINED,
}


async def decide(scene: Scene, appointment_id: int, change: Change) -> list[Outgoing]:
    """Approve or decline a request that waits. The customer gets the receipt in their own chat.

    Args:
        change: APPROVED or DECLINED.
    """
    ctx = scene.ctx
    wanted = _STATUS[change]

    async def work(uow: UnitOfWork) -> Outcome:
        row = await uow.appointments.get_appointment_by_id(appointment_id)
        if row is None:
            return Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
        if row.status is not AppointmentStatus.PENDING:
            # Not a customer's hold, nor what was settled: only a request waits for the owner.
            return Refusal(code=RefusalCode.INVALID_TRANSITION)
        customer = await uow.customers.get_customer_by_id(row.customer_id)
        outcome = await uow.appointments.update_appointment_status(
            row.id,
            wanted,
            version=row.version,
            key=ctx.key,
            reply_to=chat_of(customer, ctx.business),
        )
        if isinstance(outcome, Refusal):
            return outcome
        return Proposed(
            state=change.value,
            appointment=facts(outcome, ctx.business),
            done=Done(change=change, appointment=outcome),
        )

    outcome = await ctx.write(work)
    if isinstance(outcome, Proposed) and outcome.done is not None:
        return [decided(scene, outcome.done)]
    if isinstance(outcome, Refusal) and outcome.code in (
        RefusalCode.TEMPORARILY_UNAVAILABLE,
        RefusalCode.NOT_FOUND,
    ):
        return [refusal_message(ctx, scene.texts, outcome)]
    return [Outgoing(text=scene.say("owner_settled"))]


async def show_unanswered(scene: Scene) -> list[Outgoing]:
    """Return the owner's list of reminders that nobody has answered."""
    ctx = scene.ctx
    found = await ctx.store.run(ctx.business, lambda uow: uow.unanswered.listed())
    text = unanswered_list(found, language=scene.language, texts=scene.texts, now=ctx.clock.now())
    return [Outgoing(text=text)]


def is_owner(scene: Scene) -> bool:
    """Return whether the message came from one of the owners' chats; the channel vouches for it."""
    return scene.ctx.reply_to.chat_id in scene.business.owner_chat_ids


def chat_of(customer: Customer | None, business: Business) -> ReplyTo | None:
    """Return the chat the customer was last seen in; None = there is nobody to tell."""
    if customer is None or customer.channel is None or customer.chat_id is None:
        return None
    language = customer.language or business.languages[0]
    return ReplyTo(customer.channel, customer.chat_id, language)


def decided(scene: Scene, done: Done) -> Outgoing:
    """Return what the owner is told of their decision."""
    row: Appointment = done.appointment
    writer = scene.writer()
    lines = [scene.say(_TEXTS[done.change]), *writer.facts(row)]
    return Outgoing(text="\n".join(lines))


async def _approve(scene: Scene, press: Press) -> list[Outgoing]:
    return await decide(scene, press.appointment, Change.APPROVED)


async def _decline(scene: Scene, press: Press) -> list[Outgoing]:
    return await decide(scene, press.appointment, Change.DECLINED)


async def _unanswered(scene: Scene, press: Press) -> list[Outgoing]:
    return await show_unanswered(scene)


ANSWERS: Mapping[Verb, Callable[[Scene, Press], Awaitable[list[Outgoing]]]] = {
    Verb.APPROVE: _approve,
    Verb.DECLINE: _decline,
    Verb.UNANSWERED: _unanswered,
}
