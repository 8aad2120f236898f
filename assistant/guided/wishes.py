"""What a customer wants so far, and how it is remembered between two messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.guided.listing import Target
from assistant.guided.own import find_own
from assistant.guided.scene import Scene
from booking.appointment import Appointment
from booking.business import STAFF, Business, Resource, Service
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

    def without(self, unwanted: Resource, business: Business) -> Wish:
        """Return the wish for anybody but one person: the other one, where there are two."""
        wanted = self.service_id if self.moving is None else self.moving.service_id
        service = None if wanted is None else business.service(wanted)
        services = business.services if service is None else (service,)
        others = {m.id for s in services for m in business.staff_of(s)} - {unwanted.id}
        only = next(iter(others)) if len(others) == 1 else None
        # With more of them it is still to be said who; "anyone" could be the unwanted one.
        return replace(self, staff_id=only, staff_chosen=only is not None)

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

    def draft(self, stage: DraftStage) -> Draft:
        """Return the draft that remembers the wish at a stage.

        The time of a day whose times were listed is forgotten: the next one said replaces it.
        """
        moment = self.moment
        single = moment.date is not None and moment.date_to is None and not moment.open_end
        if single and stage is DraftStage.CHOOSING_TIME:
            moment = replace(moment, time=None, approximate=False)
        return Draft(
            stage=stage,
            service_id=self.service_id,
            staff_id=self.staff_id,
            staff_chosen=self.staff_chosen,
            appointment_id=None if self.moving is None else self.moving.id,
            local_date=moment.date if single else None,
            moment=None if moment == Moment() else moment,
            seats=self.seats,
        )


async def recall(scene: Scene, draft: Draft) -> Wish:
    """Return what a draft remembers of a choice; of a card the day, for another time of it."""
    if draft.stage in (DraftStage.IDLE, DraftStage.CONFIRM_CANCEL):
        return Wish()
    row: Appointment | None = None
    moves = draft.stage in (DraftStage.CHOOSING_TIME, DraftStage.CONFIRM_MOVE)
    if moves and draft.appointment_id is not None:
        found = await find_own(scene.ctx, draft.appointment_id)
        if isinstance(found, Refusal):
            return Wish()
        row = found
    moment = draft.moment or Moment(date=draft.local_date)
    if draft.starts_at is not None:
        moment = Moment(date=to_local(draft.starts_at, zone(scene.business.zone)).date())
    last = moment.date_to or moment.date
    if last is not None and last < scene.ctx.today and not moment.open_end:
        moment = Moment()  # the day has passed meanwhile
    service = None if draft.service_id is None else scene.business.service(draft.service_id)
    return Wish(
        service_id=None if service is None or not service.active else service.id,
        staff_id=draft.staff_id,
        staff_chosen=draft.staff_chosen,
        moving=row,
        moment=moment,
        seats=draft.seats,
    )


def said_then(wish: Wish, moment: Moment) -> Wish:
    """Return the wish with what was said of day and time; what wasn't said stays.

    A time named after a day ("on Friday" ... "at 3") keeps the day, and the other way round.
    """
    before = wish.moment
    if moment.date is None:
        moment = replace(moment, date=before.date, date_to=before.date_to, open_end=before.open_end)
    elif moment.time is None and moment.window == (None, None):
        moment = replace(
            moment,
            time=before.time,
            time_from=before.time_from,
            time_to=before.time_to,
            part_of_day=before.part_of_day,
            approximate=before.approximate,
        )
    return replace(wish, moment=moment)
