"""The answers to the offer of a freed time: book it, move something there, pass it on."""

from __future__ import annotations

from dataclasses import replace

from assistant.guided.actions import Press, Verb
from assistant.guided.cards import heading, menu, noticed, refusal_message
from assistant.guided.listing import Target
from assistant.guided.scene import Scene
from assistant.messages import Outgoing
from assistant.waiting_offers import offer_message
from booking.appointment import Appointment
from booking.refusals import Refusal, RefusalCode
from db.repositories.offers import Terms
from db.store import UnitOfWork
from tools.support.outcomes import from_journal
from tools.support.waitlist import move_to_offer, pass_offer, take_offer, was_passed


async def take(scene: Scene, press: Press) -> list[Outgoing] | None:
    """Book the time that is held; None where there is no such offer any more."""
    outcome = await take_offer(scene.ctx, press.appointment, press.version)
    if outcome is None:
        return await _again(scene, press, scene.say("stale_button"))
    if not isinstance(outcome, Refusal):
        return []  # the receipt is in the outbox
    row = await _own(scene, press.appointment)
    # The nearest free times of the refusal are for the same service, with anyone.
    service = None if row is None else scene.business.service(row.service_id)
    target = None if service is None else Target(service, None)
    return [refusal_message(scene.ctx, scene.texts, outcome, target)]


async def move(scene: Scene, press: Press) -> list[Outgoing] | None:
    """Move an appointment to the time that is held; None where there is no such offer any more."""
    outcome = await move_to_offer(
        scene.ctx, press.appointment, press.version, press.moving, press.moving_version
    )
    if outcome is None:
        return await _again(scene, press, scene.say("stale_button"))
    if not isinstance(outcome, Refusal):
        return []
    row = await _own(scene, press.moving)
    service = None if row is None else scene.business.service(row.service_id)
    if outcome.alternatives and row is not None and service is not None:
        # The time is lost, the appointment isn't: it stands where it stood, and may be moved still.
        target = Target(service, None, row)
        refused = refusal_message(scene.ctx, scene.texts, outcome, target)
        text = f"{refused.text}\n\n{heading(scene, target)}"
        return [refused.model_copy(update={"text": text})]
    refused = refusal_message(scene.ctx, scene.texts, outcome)
    if outcome.code is RefusalCode.TEMPORARILY_UNAVAILABLE:
        return [refused]
    # What was to be moved isn't as it was; the time is still held.
    return await _again(scene, press, refused.text) or [refused]


async def pass_on(scene: Scene, press: Press) -> list[Outgoing] | None:
    """Give the held time back; None where there is no such offer any more."""
    outcome = await pass_offer(scene.ctx, press.appointment, press.version)
    if outcome is None:
        return None
    if isinstance(outcome, Refusal):
        return [refusal_message(scene.ctx, scene.texts, outcome)]
    return [menu(scene, scene.say("waitlist_passed"))]


async def answer_typed(scene: Scene, said: bool) -> list[Outgoing] | None:
    """Answer a typed yes or no to the offer, if that is what the chat was told last.

    Args:
        said: yes or no. Where a yes could mean several things, they are asked for once more.

    Raises:
        DatabaseUnavailableError: the database is away.
    """
    ctx = scene.ctx
    number = await ctx.store.run(
        ctx.business,
        lambda uow: uow.last_word.offer(ctx.business.id, ctx.customer.id, ctx.reply_to),
    )
    terms = None
    if number is not None:
        terms = await ctx.store.run(ctx.business, lambda uow: uow.waitlist.terms_of_offer(number))
    if terms is None:
        return None
    press = Press(Verb.PASS, appointment=terms.held.id, version=terms.held.version)
    if not said:
        return await pass_on(scene, press)
    if terms.may_add and not terms.movable:
        return await take(scene, press)
    if terms.may_add or len(terms.movable) != 1:
        return await _again(scene, press, scene.say("card_again"))
    only = terms.movable[0]
    return await move(scene, replace(press, moving=only.id, moving_version=only.version))


def passed_before(scene: Scene) -> list[Outgoing] | None:
    """Return the answer to a no that was recorded before a crash; None where none was."""
    recorded = scene.ctx.recorded.get(scene.ctx.position)
    if recorded is None or not was_passed(from_journal(recorded)):
        return None
    return [menu(scene, scene.say("waitlist_passed"))]


async def _again(scene: Scene, press: Press, notice: str) -> list[Outgoing] | None:
    """Return the offer as it is now, after a word; None where it is over or isn't theirs."""
    offer = await live_offer(scene, press.appointment)
    return None if offer is None else noticed(notice, [offer])


async def live_offer(scene: Scene, number: int) -> Outgoing | None:
    """Return an offer as it is now; None where it is over or isn't the customer's.

    Args:
        number: of the hold.
    """
    ctx = scene.ctx

    async def work(uow: UnitOfWork) -> Terms | None:
        if await uow.appointments.get_appointment_by_id(number, customer_id=ctx.customer.id):
            return await uow.waitlist.terms_of_offer(number)
        return None

    terms = await ctx.read(work)
    if terms is None or isinstance(terms, Refusal):
        return None
    return offer_message(
        terms,
        business=scene.business,
        language=scene.language,
        texts=scene.texts,
        now=ctx.clock.now(),
        customer_zone=ctx.customer.zone,
    )


async def _own(scene: Scene, number: int) -> Appointment | None:
    row = await scene.ctx.read(
        lambda uow: uow.appointments.get_appointment_by_id(
            number, customer_id=scene.ctx.customer.id
        )
    )
    return None if isinstance(row, Refusal) else row
