"""The waiting list: customers who want a time that is taken now."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment
from booking.business import Business, Service
from booking.engine import Request, resources_needed
from booking.localtime import local_date, zone
from booking.refusals import Offer, Refusal, RefusalCode
from booking.waitlist import OPEN_STATES, WaitlistEntry, WaitlistState, Wish
from db.calendar_models import WaitlistEntryRow
from db.clock import Clock, SystemClock
from db.repositories import calendar, commands, moves, offers
from db.repositories.desk import Desk
from db.repositories.locks import lock_customer_and_resources
from db.repositories.offers import MoveToOffer, Terms
from db.repositories.outbox import ReplyTo

# Open entries of one customer at a time.
MAX_ENTRIES = 5
_OPEN = sorted(state.value for state in OPEN_STATES)


@dataclass(frozen=True, slots=True)
class FreeAlready:
    """Why nobody needs to wait: such times are free now. Nothing was changed.

    Args:
        offers: some of them, earliest first.
    """

    offers: tuple[Offer, ...]


class WaitlistRepository:
    """The waiting list of one business.

    Args:
        session: its transaction is the unit of every command; the caller commits.
        business: whose list.
        clock: tells now.
    """

    def __init__(
        self, session: AsyncSession, business: Business, *, clock: Clock | None = None
    ) -> None:
        self._session = session
        self._business = business
        self._clock = clock or SystemClock()

    async def join(self, customer_id: int, wish: Wish) -> WaitlistEntry | FreeAlready | Refusal:
        """Put a customer in line for a time that isn't free.

        The same wish while it is open gives the same entry: joining twice is joining once.

        Returns:
            The entry; the times that are free already; or a refusal: `not_found` (service,
            staff, or the appointment to be moved), why that one can't be moved at all, `past`,
            `too_far`, or `limit_reached` beyond five open entries.
        """
        desk = self._desk(customer_id)
        await desk.newest_edition()
        service = desk.business.service(wish.service_id)
        if service is None or not service.active:
            return Refusal(code=RefusalCode.NOT_FOUND, what="service")
        staff = {member.id for member in desk.business.staff_of(service)}
        if wish.staff_id is not None and wish.staff_id not in staff:
            return Refusal(code=RefusalCode.NOT_FOUND, what="staff")
        today = local_date(desk.now, zone(desk.business.zone))
        latest = today + dt.timedelta(days=desk.business.policy.horizon_days)
        if wish.date_to < today:
            return Refusal(code=RefusalCode.PAST, earliest=desk.now)
        if wish.date_from > latest:
            return Refusal(code=RefusalCode.TOO_FAR, latest_date=latest)
        # With the resources locked nobody frees a time between our look and our joining.
        needed = resources_needed(desk.business, service, wish.staff_id)
        await desk.lock_all([customer_id], needed)
        open_now = await self.list_own(customer_id)
        for entry in open_now:
            if entry.wish == wish:
                return entry
        if len(open_now) >= MAX_ENTRIES:
            return Refusal(
                code=RefusalCode.LIMIT_REACHED, limit=MAX_ENTRIES, limit_period="waitlist"
            )
        free = await self._free_already(desk, customer_id, service, wish)
        if not isinstance(free, tuple) or free:
            return free if isinstance(free, Refusal) else FreeAlready(free[:5])
        inserted = await self._session.execute(
            insert(WaitlistEntryRow)
            .values(
                business_id=desk.business.id,
                customer_id=customer_id,
                **dataclasses.asdict(wish),
                created_at=desk.now,
                updated_at=desk.now,
            )
            .returning(WaitlistEntryRow)
        )
        return WaitlistEntry.model_validate(inserted.scalar_one())

    async def _free_already(
        self, desk: Desk, customer_id: int, service: Service, wish: Wish
    ) -> tuple[Offer, ...] | Refusal:
        where = desk.business.zone
        if wish.moving_appointment_id is None:
            load = await calendar.read_load(self._session, desk.business.id, customer_id, desk.now)
            request = Request(
                service=service, now=desk.now, staff_id=wish.staff_id, load=load, units=wish.seats
            )
            found = await desk.offers(request, wish.date_from, wish.date_to)
            return tuple(offer for offer in found if wish.fits(offer, where))
        row = await desk.row(wish.moving_appointment_id, customer_id)
        if row is None or row.service_id != service.id:
            return Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
        refusal = moves.not_movable(desk, row)
        if refusal is not None:
            return refusal
        request = await moves.request_to_move(desk, service, row, staff_id=wish.staff_id)
        found = await desk.offers(request, wish.date_from, wish.date_to, moving=row.id)
        return tuple(
            offer
            for offer in found
            if wish.fits(offer, where) and wish.is_worth_a_move(offer, row.starts_at, where)
        )

    async def terms_of_offer(self, held_id: int) -> Terms | None:
        """Return what may be done with a time that is held for somebody in line; see `offers`."""
        return await offers.terms(self._desk(None), held_id)

    async def move_to_offer(
        self, command: MoveToOffer, *, key: str, reply_to: ReplyTo
    ) -> Appointment | Refusal:
        """Move a customer's appointment to the time that is held for them.

        Args:
            key: idempotency key.
            reply_to: where the customer gets the receipt.

        Returns:
            The moved appointment; `hold_expired` with the nearest times to move to; `offer_changed`
            where either isn't as the customer saw it; or why it can't be moved (any more).
        """
        desk = self._desk(command.customer_id, reply_to)
        return await desk.once(
            key, command.body(), lambda: offers.move_to_offer(desk, command), Appointment
        )

    async def leave(self, entry_id: int, *, customer_id: int) -> WaitlistEntry | Refusal:
        """Leave the line; a time that was offered goes to the next one. Idempotent.

        Returns:
            The entry as it is now, or `not_found`: there is none, or it isn't theirs.
        """
        desk = self._desk(customer_id)
        savepoint = await self._session.begin_nested()
        await lock_customer_and_resources(self._session, customer_id, ())
        own = (
            WaitlistEntryRow.business_id == self._business.id,
            WaitlistEntryRow.id == entry_id,
            WaitlistEntryRow.customer_id == customer_id,
        )
        await self._session.execute(
            update(WaitlistEntryRow)
            .where(*own, WaitlistEntryRow.state == WaitlistState.WAITING.value)
            .values(state=WaitlistState.CANCELLED.value, updated_at=desk.now)
        )
        find = select(WaitlistEntryRow).where(*own).execution_options(populate_existing=True)
        row = await self._session.scalar(find)
        if row is None:
            await savepoint.commit()
            return Refusal(code=RefusalCode.NOT_FOUND, what="waitlist")
        if row.state != WaitlistState.OFFERED.value or row.offered_appointment_id is None:
            await savepoint.commit()
            return WaitlistEntry.model_validate(row)
        # Given back by the hold's own command, which settles this entry. It takes its locks in
        # order, so ours is let go first: a rollback to a savepoint frees the locks taken since.
        held = row.offered_appointment_id
        await savepoint.rollback()
        await commands.cancel(desk, held, customer_id)
        row = await self._session.scalar(find)
        if row is None:
            return Refusal(code=RefusalCode.NOT_FOUND, what="waitlist")
        return WaitlistEntry.model_validate(row)

    async def list_own(self, customer_id: int, *, closed: bool = False) -> list[WaitlistEntry]:
        """Return a customer's entries, oldest first.

        Args:
            closed: those that ended as well; else only those that wait or are offered a time.
        """
        query = (
            select(WaitlistEntryRow)
            .where(
                WaitlistEntryRow.business_id == self._business.id,
                WaitlistEntryRow.customer_id == customer_id,
            )
            .order_by(WaitlistEntryRow.created_at, WaitlistEntryRow.id)
            .execution_options(populate_existing=True)
        )
        today = local_date(self._clock.now(), zone(self._business.zone))
        if not closed:
            # Who waited for a day that is over doesn't wait any more.
            query = query.where(
                WaitlistEntryRow.state.in_(_OPEN), WaitlistEntryRow.date_to >= today
            )
        found = await self._session.scalars(query)
        return [WaitlistEntry.model_validate(row) for row in found]

    def _desk(self, customer_id: int | None, reply_to: ReplyTo | None = None) -> Desk:
        actor = "system" if customer_id is None else f"customer:{customer_id}"
        return Desk(self._session, self._business, self._clock.now(), actor, reply_to)
