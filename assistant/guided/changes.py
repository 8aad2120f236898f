"""Typed wishes about what there is already: another day or time for it, and the same once more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from assistant.guided import presses
from assistant.guided.cards import refusal_message
from assistant.guided.listing import Target, list_times
from assistant.guided.own import choose_own, list_own, show_own
from assistant.guided.scene import Scene
from assistant.guided.steps import ask_next, show_days, show_times
from assistant.guided.typed import Said
from assistant.guided.vocabulary import Intent
from assistant.guided.wishes import Wish, recall
from assistant.messages import Outgoing
from booking.appointment import Appointment
from booking.business import STAFF
from booking.draft import Draft, DraftStage
from booking.localtime import to_local, zone
from booking.phrases import Moment, Resolution, Resolved
from booking.refusals import Refusal
from booking.status import AppointmentStatus

_MINUTE = dt.timedelta(minutes=1)
_WEEK = dt.timedelta(days=7)
_LAST_PAGE = 99
_NEVER_HAPPENED = (
    AppointmentStatus.HELD,
    AppointmentStatus.EXPIRED,
    AppointmentStatus.DECLINED,
    AppointmentStatus.CANCELLED,
)


async def movable_rows(scene: Scene, said: Said) -> tuple[Appointment, ...] | Refusal:
    """Return the upcoming appointments that a text may mean: of the services it names, else all."""
    rows = await list_own(scene.ctx)
    if isinstance(rows, Refusal):
        return rows
    named = {service.id for service in said.services}
    return tuple(row for row in rows if row.service_id in named) or rows


async def move(scene: Scene, said: Said, found: Resolution | None) -> list[Outgoing]:
    """Answer a wish to move an appointment: ask which one, or where to, or return the card.

    Args:
        found: the day and time said; one that is unclear is left out.
    """
    rows = await movable_rows(scene, said)
    if isinstance(rows, Refusal):
        return [refusal_message(scene.ctx, scene.texts, rows)]
    moment = found.moment if isinstance(found, Resolved) else Moment()
    if len(rows) != 1:
        single = moment.date_to is None and not moment.open_end
        return await choose_own(scene, "choose_to_move", moment.date if single else None)
    [row] = rows
    if moment == Moment() and said.intents & {Intent.EARLIER, Intent.LATER}:
        moment = _beside(_local(scene, row.starts_at), later=Intent.LATER in said.intents)
    if moment.date is None and moment != Moment():
        # A time without a day means the day that it is on.
        moment = replace(moment, date=_local(scene, row.starts_at).date())
    if (moment.date, moment.time) == _when(scene, row):
        return await show_own(scene)  # it is there already
    return await presses.move(scene, row, moment)


def from_to(
    scene: Scene, rows: Sequence[Appointment], moments: Sequence[Moment]
) -> tuple[Appointment, Moment] | None:
    """Return which appointment goes where: "move Monday to Tuesday", "from 3 to 5 on Friday".

    Args:
        moments: what the text says of days and times, in its order.
    """
    if len(moments) != 2:
        return None
    for old, new in (moments, moments[::-1]):
        there = [row for row in rows if _is_at(scene, row, old)]
        if len(there) == 1 and not _is_at(scene, there[0], new):
            # A time without a day means the day that it is on.
            return there[0], replace(new, date=new.date or _when(scene, there[0])[0])
    return None


def _is_at(scene: Scene, row: Appointment, moment: Moment) -> bool:
    date, time = _when(scene, row)
    return moment.date in (None, date) and moment.time in (None, time)


def _when(scene: Scene, row: Appointment) -> tuple[dt.date, dt.time]:
    wall = _local(scene, row.starts_at)
    return wall.date(), wall.time()


async def change(
    scene: Scene, draft: Draft, said: Said, found: Resolution | None
) -> list[Outgoing] | None:
    """Answer "make it Wednesday" with nothing open: it is about what is booked.

    Returns:
        None where no appointment can be meant, so that a new one is.
    """
    if draft.stage is not DraftStage.IDLE:
        return None
    if not isinstance(found, Resolved) and not said.intents & {Intent.EARLIER, Intent.LATER}:
        return None
    rows = await movable_rows(scene, said)
    if isinstance(rows, Refusal) or not rows:
        return None
    if len(rows) == 1 and isinstance(found, Resolved):
        moment = await _same_time(scene, rows[0], found.moment)
        found = replace(found, moment=moment)
    return await move(scene, said, found)


async def _same_time(scene: Scene, row: Appointment, moment: Moment) -> Moment:
    """Return a day said alone with the time that the appointment has, where that is free then."""
    service = scene.business.service(row.service_id)
    if moment.date is None or moment.date_to is not None or moment.open_end or service is None:
        return moment
    if moment.time is not None or moment.window != (None, None):
        return moment
    target = Target(service, row.staff_id, row)
    listing = await list_times(scene.ctx, target, moment.date, moment.date)
    if isinstance(listing, Refusal):
        return moment
    wall = _local(scene, row.starts_at).time()
    free = any(_local(scene, offer.starts_at).time() == wall for offer in listing.offers)
    return replace(moment, time=wall) if free else moment


async def earlier_or_later(scene: Scene, draft: Draft, *, later: bool) -> list[Outgoing] | None:
    """Answer "earlier" or "later" about the card or the list that is open; None where none is."""
    if draft.stage in (DraftStage.CONFIRM_BOOKING, DraftStage.CONFIRM_MOVE):
        if draft.starts_at is None:
            return None
        wish = await recall(scene, draft)
        moment = _beside(_local(scene, draft.starts_at), later=later)
        return await ask_next(scene, replace(wish, moment=moment))
    if draft.stage is not DraftStage.CHOOSING_TIME:
        return None
    target = (await recall(scene, draft)).target(scene.business)
    if target is None:
        return None
    if draft.local_date is not None:
        return await show_times(scene, target, draft.local_date, _LAST_PAGE if later else 0)
    first = draft.moment.date if draft.moment is not None else None
    return await show_days(scene, target, (first or scene.ctx.today) + (_WEEK if later else -_WEEK))


def _beside(wall: dt.datetime, *, later: bool) -> Moment:
    """Return the times of a day before or after a wall time."""
    if later:
        return Moment(date=wall.date(), time_from=(wall + _MINUTE).time())
    return Moment(date=wall.date(), time_to=wall.time())


def _local(scene: Scene, instant: dt.datetime) -> dt.datetime:
    return to_local(instant, zone(scene.business.zone))


async def the_usual(scene: Scene, wish: Wish) -> Wish:
    """Return the wish for the service and person of the customer's last appointment, if any."""
    rows = await scene.ctx.read(
        lambda uow: uow.appointments.get_customer_appointments(scene.ctx.customer.id)
    )
    if isinstance(rows, Refusal):
        return wish
    for row in reversed(rows):
        service = scene.business.service(row.service_id)
        if service is None or not service.active or row.status in _NEVER_HAPPENED:
            continue
        staff_id = row.staff_id if row.staff_id in service.resource_ids.get(STAFF, ()) else None
        return Wish(
            service.id,
            staff_id,
            staff_chosen=staff_id is not None,
            moment=wish.moment,
            seats=wish.seats or row.seats,
        )
    return wish
