"""What a customer wants so far, and how it is remembered between two messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.guided.cards import Scene
from assistant.guided.listing import Target
from assistant.guided.own import find_own
from booking.appointment import Appointment
from booking.business import STAFF, Business, Service
from booking.draft import Draft, DraftStage
from booking.localtime import to_local, zone
from booking.phrases import Moment
from booking.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Wish:
    """What the customer wants so far.

    Args:
        staff_chosen: whether "who" is settled; with `staff_id` None it means anyone.
        moving: the appointment to be moved; None = a new one.
        moment: day and time, as far as said.
        soonest: the nearest free times, whatever the day.
        seats: how many people come; None = not said.
    """

    service_id: int | None = None
    staff_id: int | None = None
    staff_chosen: bool = False
    moving: Appointment | None = None
    moment: Moment = field(default_factory=Moment)
    soonest: bool = False
    seats: int | None = None

    def of(self, service: Service) -> Wish:
        """Return the wish for a service; a move stays behind, a person who can't give it too."""
        ids = service.resource_ids.get(STAFF, ())
        able = self.staff_id is None or self.staff_id in ids
        same = service.id == self.service_id and self.moving is None
        return Wish(
            service.id,
            self.staff_id if able else None,
            self.staff_chosen and able and (same or self.staff_id is not None),
            moment=self.moment,
            soonest=self.soonest,
            seats=self.seats,
        )

    def among(self, services: Sequence[Service]) -> Wish:
        """Return the wish for one of some services: that one, or still open."""
        if self.moving is not None and self.moving.service_id in {s.id for s in services}:
            return self  # its own service was only named
        if len(services) == 1:
            return self.of(services[0])
        return replace(self, service_id=None, moving=None)

    def target(self, business: Business) -> Target | None:
        """Return what a time is chosen for; None while the service is open."""
        wanted = self.service_id if self.moving is None else self.moving.service_id
        service = None if wanted is None else business.service(wanted)
        if service is None or not service.active:
            return None
        staff_id = self.staff_id
        if self.moving is not None and not self.staff_chosen:
            # A move keeps its person unless told otherwise.
            staff_id = business.kept_staff(service, self.moving.staff_id)
        return Target(service, staff_id, self.moving, self.seats or 1)

    def draft(self, stage: DraftStage, starts_at: dt.datetime | None = None) -> Draft:
        """Return the draft that remembers the wish at a stage."""
        single = self.moment.date_to is None and not self.moment.open_end
        return Draft(
            stage=stage,
            service_id=self.service_id,
            staff_id=self.staff_id,
            staff_chosen=self.staff_chosen,
            appointment_id=None if self.moving is None else self.moving.id,
            local_date=self.moment.date if single else None,
            starts_at=starts_at,
            seats=self.seats,
        )


_BEFORE_TIMES = frozenset(
    (DraftStage.CHOOSING_SERVICE, DraftStage.CHOOSING_SEATS, DraftStage.CHOOSING_STAFF)
)


async def recall(scene: Scene, draft: Draft) -> Wish:
    """Return what a draft remembers of a choice.

    A time of day is remembered only while the service, the number of people or the person is still
    open; once times were listed, the next one said replaces it.
    """
    if draft.stage in (DraftStage.IDLE, DraftStage.CONFIRM_CANCEL):
        return Wish()
    row: Appointment | None = None
    moves = draft.stage in (DraftStage.CHOOSING_TIME, DraftStage.CONFIRM_MOVE)
    if moves and draft.appointment_id is not None:
        found = await find_own(scene.ctx, draft.appointment_id)
        if isinstance(found, Refusal):
            return Wish()
        row = found
    date, time = draft.local_date, None
    if draft.starts_at is not None:
        local = to_local(draft.starts_at, zone(scene.business.zone))
        date = local.date()
        if draft.stage in _BEFORE_TIMES:
            time = local.time()
    if date is not None and date < scene.ctx.today:
        date = time = None
    service = None if draft.service_id is None else scene.business.service(draft.service_id)
    return Wish(
        service_id=None if service is None or not service.active else service.id,
        staff_id=draft.staff_id,
        staff_chosen=draft.staff_chosen,
        moving=row,
        moment=Moment(date=date, time=time),
        seats=draft.seats,
    )


def said_then(wish: Wish, moment: Moment) -> Wish:
    """Return the wish with what was said of day and time; what wasn't said stays."""
    if moment.date is None and wish.moment.date is not None:
        moment = replace(moment, date=wish.moment.date)
    elif moment.date is not None and moment.time is None and moment.window == (None, None):
        # A day named after a time ("at 3" ... "on Friday") keeps the time.
        moment = replace(moment, time=wish.moment.time)
    return replace(wish, moment=moment)
