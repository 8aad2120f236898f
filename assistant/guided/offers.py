"""The answers to the offer of a freed time: book it, move something there, pass it on."""

from __future__ import annotations

from assistant.guided.actions import Press
from assistant.guided.cards import heading, menu, noticed, refusal_message
from assistant.guided.listing import Target
from assistant.guided.scene import Scene
from assistant.messages import Outgoing
from assistant.waiting_offers import offer_message
from booking.appointment import Appointment
from booking.refusals import Refusal, RefusalCode
from db.repositories.offers import Terms
from db.store import UnitOfWork
from tools.support.waitlist import move_to_offer, pass_offer, take_offer


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


async def _again(scene: Scene, press: Press, notice: str) -> list[Outgoing] | None:
    """Return the offer as it is now, after a word; None where it is over or isn't theirs."""
    ctx = scene.ctx

    async def work(uow: UnitOfWork) -> Terms | None:
        if await uow.appointments.get_appointment_by_id(
            press.appointment, customer_id=ctx.customer.id
        ):
            return await uow.waitlist.terms_of_offer(press.appointment)
        return None

    terms = await ctx.read(work)
    if terms is None or isinstance(terms, Refusal):
        return None
    offer = offer_message(
        terms,
        business=scene.business,
        language=scene.language,
        texts=scene.texts,
        now=ctx.clock.now(),
        customer_zone=ctx.customer.zone,
    )
    return noticed(notice, [offer])


async def _own(scene: Scene, number: int) -> Appointment | None:
    row = await scene.ctx.read(
        lambda uow: uow.appointments.get_appointment_by_id(
            number, customer_id=scene.ctx.customer.id
        )
    )
    return None if isinstance(row, Refusal) else row
