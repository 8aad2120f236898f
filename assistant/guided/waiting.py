"""The waiting list by buttons: joining it where nothing is free, and leaving it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from assistant.guided.actions import Press, Verb
from assistant.guided.cards import menu, refusal_message, short, slot_buttons
from assistant.guided.listing import Target, list_times
from assistant.guided.offers import live_offer
from assistant.guided.scene import Scene
from assistant.labels import date_label, one_line
from assistant.messages import Button, Outgoing
from booking.appointment import Appointment
from booking.business import STAFF
from booking.opening import primary_calendar
from booking.refusals import Refusal, RefusalCode
from booking.waitlist import WaitlistEntry, Wish
from db.store import UnitOfWork
from tools.support.contract import Outcome, ToolResult
from tools.support.waitlist import FREE_NOW, earlier_than, join

_MINUTE = dt.timedelta(minutes=1)
_LEFT = "left"


def wait_row(
    scene: Scene, target: Target, date: dt.date, time: dt.time | None = None
) -> tuple[Button, ...]:
    """Return the button that joins the waiting list; none where waiting can't help.

    Args:
        date: local date of the start.
        time: wall time, if only that one is wanted.
    """
    if not _opens(scene, target, date):
        return ()
    if target.moving is not None:
        press = Press(
            Verb.WAIT_MOVING,
            appointment=target.moving.id,
            staff=target.staff_id or 0,
            date=date,
            time=time,
        )
        return (scene.button("button_wait", press.encode()),)
    press = Press(
        Verb.WAIT,
        service=target.service.id,
        staff=target.staff_id or 0,
        date=date,
        time=time,
        seats=target.seats,
    )
    return (scene.button("button_wait", press.encode()),)


def _opens(scene: Scene, target: Target, date: dt.date) -> bool:
    """Return whether anybody who gives the service works on a date at all."""
    kinds = target.service.resource_ids
    ids = kinds.get(STAFF) or next(iter(kinds.values()), ())
    return any(
        primary_calendar(scene.business, resource).spans_starting(date)
        for resource in scene.business.resources
        if resource.id in ids and resource.active and target.staff_id in (None, resource.id)
    )


async def _wait(scene: Scene, press: Press) -> list[Outgoing]:
    service = scene.business.service(press.service)
    if service is None or press.date == dt.date.max:
        return [menu(scene, scene.say("unknown_button"))]
    since, until = _bounds(press.time)
    staff_id = press.staff or None
    wish = Wish(service.id, press.date, press.date, since, until, staff_id, press.seats)
    return await _join(scene, wish, Target(service, staff_id, None, press.seats))


async def _wait_moving(scene: Scene, press: Press) -> list[Outgoing]:
    row = await scene.ctx.read(
        lambda uow: uow.appointments.get_appointment_by_id(
            press.appointment, customer_id=scene.ctx.customer.id
        )
    )
    if isinstance(row, Refusal) or row is None:
        gone = Refusal(code=RefusalCode.NOT_FOUND, what="appointment") if row is None else row
        return [refusal_message(scene.ctx, scene.texts, gone)]
    service = scene.business.service(row.service_id)
    if service is None or press.date == dt.date.max:
        return [menu(scene, scene.say("unknown_button"))]
    staff_id = press.staff or None
    wish = earlier_than(row, scene.ctx.today, staff_id)
    if press.verb is Verb.WAIT_MOVING:
        since, until = _bounds(press.time)
        wish = replace(
            wish, date_from=press.date, date_to=press.date, time_from=since, time_to=until
        )
    return await _join(scene, wish, Target(service, staff_id, row))


def _bounds(time: dt.time | None) -> tuple[dt.time | None, dt.time | None]:
    """Return the window of the one start that is wanted; no bounds where any is."""
    if time is None:
        return None, None
    return time, (dt.datetime.combine(dt.date.min, time) + _MINUTE).time()


async def _join(scene: Scene, wish: Wish, target: Target) -> list[Outgoing]:
    outcome = await join(scene.ctx, wish)
    if isinstance(outcome, Refusal):
        return [refusal_message(scene.ctx, scene.texts, outcome, target)]
    if getattr(outcome, "state", None) == FREE_NOW:
        # The journal keeps what the model read, without the times: after a crash they are new.
        found = getattr(outcome, "listing", None) or await list_times(
            scene.ctx, target, wish.date_from, wish.date_to
        )
        if isinstance(found, Refusal):
            return [refusal_message(scene.ctx, scene.texts, found, target)]
        rows = slot_buttons(scene.business, scene.language, found, scene.texts)
        return [Outgoing(text=scene.say("ask_slot"), buttons=rows)]
    what = f"{one_line(target.service.name.get(scene.language))}, {_when(scene, wish)}"
    joined = "wait_joined" if target.moving is None else "wait_joined_moving"
    return [menu(scene, scene.say(joined, what=what))]


def _when(scene: Scene, wish: Wish) -> str:
    days = [wish.date_from] if wish.date_from == wish.date_to else [wish.date_from, wish.date_to]
    label = " – ".join(date_label(day, scene.language) for day in days)
    if wish.time_from is None:
        return label
    return f"{label}, {wish.time_from:%H:%M}"


async def with_waiting(
    scene: Scene, message: Outgoing, rows: Sequence[Appointment]
) -> list[Outgoing]:
    """Return the list of a customer's appointments with what they wait for, and what they may have.

    Args:
        rows: the appointments.
    """
    found = await scene.ctx.read(lambda uow: uow.waitlist.list_own(scene.ctx.customer.id))
    if isinstance(found, Refusal) or not found:
        return [message]
    told = {entry.id: _entry(scene, entry, rows) for entry in found}
    lines = [scene.say("wait_title"), *(f"• {entry}" for entry in told.values())]
    buttons = [
        (
            Button(
                label=f"✕ {told[entry.id]}"[:60],
                action=Press(Verb.UNWAIT, entry=entry.id).encode(),
            ),
        )
        for entry in found
    ]
    text = "\n".join([message.text, "", *lines])
    whole = message.model_copy(update={"text": text, "buttons": (*message.buttons, *buttons)})
    numbers = [entry.offered_appointment_id for entry in found if entry.offered_appointment_id]
    offered = [await live_offer(scene, number) for number in numbers]
    return [whole, *(offer for offer in offered if offer is not None)]


def _entry(scene: Scene, entry: WaitlistEntry, rows: Sequence[Appointment]) -> str:
    service = scene.business.service(entry.service_id)
    name = "?" if service is None else one_line(service.name.get(scene.language))
    what = f"{name}, {_when(scene, entry.wish)}"
    moving = next((row for row in rows if row.id == entry.moving_appointment_id), None)
    return (
        what if moving is None else scene.say("wait_moving", what=what, when=short(scene, moving))
    )


async def _leave(scene: Scene, press: Press) -> list[Outgoing]:
    ctx = scene.ctx

    async def work(uow: UnitOfWork) -> Outcome:
        left = await uow.waitlist.leave(press.entry, customer_id=ctx.customer.id)
        return left if isinstance(left, Refusal) else ToolResult(next=_LEFT)

    outcome = await ctx.write(work)
    if isinstance(outcome, Refusal) and outcome.code is not RefusalCode.NOT_FOUND:
        return [refusal_message(ctx, scene.texts, outcome)]
    return [menu(scene, scene.say("stale_button" if isinstance(outcome, Refusal) else "wait_left"))]


ANSWERS: Mapping[Verb, Callable[[Scene, Press], Awaitable[list[Outgoing]]]] = {
    Verb.WAIT: _wait,
    Verb.WAIT_MOVING: _wait_moving,
    Verb.WAIT_EARLIER: _wait_moving,
    Verb.UNWAIT: _leave,
}
