"""What every command of the write path needs: locks, the verdict of the rules, the announcement."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment, Change
from booking.business import Business, Service
from booking.engine import (
    Assignment,
    Busy,
    Request,
    busy_window,
    judge,
    judge_for_owner,
    list_offers,
    nearest_offers,
    resources_needed,
)
from booking.localtime import local_date, zone
from booking.refusals import Offer, Refusal, RefusalCode
from booking.status import OCCUPYING, AppointmentStatus
from db.models import AppointmentRow, CustomerRow
from db.repositories import calendar, calendar_files, idempotency, rows
from db.repositories.businesses import BusinessRepository
from db.repositories.line import (
    Freed,
    resources_around,
    serve,
    settle_moving,
    settle_offer,
    taken_by,
    who_waits,
)
from db.repositories.locks import lock_customer_and_resources, share_business
from db.repositories.outbox import OutboxRepository, ReplyTo

# Refusals that are about the time asked for: the nearest free times help.
_ABOUT_TIME = frozenset(
    {
        RefusalCode.SLOT_TAKEN,
        RefusalCode.CAPACITY_EXCEEDED,
        RefusalCode.OUTSIDE_HOURS,
        RefusalCode.NOT_ON_GRID,
        RefusalCode.TOO_SOON,
        RefusalCode.TOO_FAR,
        RefusalCode.PAST,
        RefusalCode.NONEXISTENT_LOCAL_TIME,
        RefusalCode.HOLD_EXPIRED,
    }
)
# The limits that another day would keep; a customer who has all that they may have needs no times.
_OF_SOME_DAYS = frozenset({"day", "week"})
# How many days before and after the refused time are searched for the nearest free ones first;
# where they hold too few, the whole horizon is.
ALTERNATIVE_DAYS = 7
ALTERNATIVES = 5


@dataclass(slots=True)
class Desk:
    """One command at work inside the caller's transaction.

    Args:
        session: the caller commits it.
        business: as the caller knows it; `lock` brings it up to date.
        now: instant of the command.
        actor: who commands, e.g. "customer:12", "owner", "system".
        reply_to: where the customer is told; None = nowhere.
        locked_customers, locked_resources: whose locks `lock_all` took.
    """

    session: AsyncSession
    business: Business
    now: dt.datetime
    actor: str
    reply_to: ReplyTo | None = None
    locked_customers: frozenset[int] = frozenset()
    locked_resources: frozenset[int] = frozenset()

    async def once(
        self,
        key: str | None,
        body: Mapping[str, Any],
        work: Callable[[], Awaitable[idempotency.T]],
        result: type[idempotency.R],
    ) -> idempotency.T | idempotency.R | Refusal:
        """Do `work` once under a key; see `idempotency.once`."""
        command = idempotency.Command(self.business.id, self.actor, key, body)
        return await idempotency.once(self.session, command, work, result)

    async def lock(
        self,
        service: Service,
        customer_id: int,
        staff_id: int | None,
        *,
        frees: Sequence[Freed] = (),
    ) -> tuple[Service | None, tuple[int, ...]]:
        """Take the locks in order, on the business's newest edition.

        Args:
            frees: what the command will free: the old time of the appointment that is moved.

        Returns:
            The service in that edition (None if it is gone) and the locked resource ids.
        """
        await self.newest_edition()
        current = self.business.service(service.id)
        if current is None:
            return None, ()
        needed = resources_needed(self.business, current, staff_id)
        await self.lock_all([customer_id], needed, frees=frees)
        return current, needed

    async def newest_edition(self) -> None:
        """Keep the business's definition from changing until the end, and bring ours up to date."""
        revision = await share_business(self.session, self.business.id)
        if revision != self.business.revision:
            self.business = await BusinessRepository(self.session).load(self.business.id)

    async def lock_all(
        self,
        customer_ids: Iterable[int],
        resource_ids: Iterable[int],
        *,
        frees: Sequence[Freed] = (),
    ) -> None:
        """Take the locks of a command and of those in line for what it frees, in one sorted order.

        What has expired on the resources is closed then, and its time offered to the next in line:
        who waits comes before who asks now.

        Args:
            frees: what the command will free; `serve` offers it afterwards.
        """
        wanted = {*resource_ids, *(r for span in frees for r in span.resource_ids)}
        due = await calendar.due_on(self.session, self.business.id, wanted, self.now)
        over = await taken_by(self.session, self.business.id, due) if due else []
        await self.lock_line([*frees, *over], customer_ids, wanted)
        if due:
            await self.close(due)

    async def lock_line(
        self,
        frees: Sequence[Freed],
        customer_ids: Iterable[int] = (),
        resource_ids: Iterable[int] = (),
    ) -> None:
        """Lock those in line for what will be free, and who and what is named besides."""
        line = await who_waits(self.session, self.business, frees, self.now)
        self.locked_customers = frozenset(customer_ids) | {entry.customer_id for entry in line}
        self.locked_resources = frozenset(resource_ids) | resources_around(self.business, frees)
        await lock_customer_and_resources(
            self.session, self.locked_customers, self.locked_resources
        )

    async def close(self, appointment_ids: Sequence[int], *, skip_locked: bool = False) -> int:
        """Close those of some holds and requests that are over, and offer their time.

        Args:
            skip_locked: leave out what another transaction is working on.

        Returns:
            How many were closed.
        """
        due = await calendar.lock_due(
            self.session,
            self.business.id,
            appointment_ids,
            self.now,
            skip_locked=skip_locked,
        )
        freed = await taken_by(self.session, self.business.id, [row.id for row in due])
        for row in due:
            # Nobody commanded it, and what is told goes to the chat of the row's customer.
            desk = dataclasses.replace(
                self, actor="system", reply_to=await self.chat_of(row.customer_id)
            )
            await desk.set_status(row, AppointmentStatus.EXPIRED, Change.EXPIRED)
        await self.serve(freed)
        return len(due)

    async def serve(self, freed: Sequence[Freed]) -> None:
        """Offer what this transaction has freed to those in line."""
        if freed:
            await serve(self, freed)

    async def chat_of(self, customer_id: int) -> ReplyTo | None:
        """Return the chat a customer was last seen in; None = there is none."""
        row = await self.session.get(CustomerRow, (self.business.id, customer_id))
        if row is None or row.channel is None or row.chat_id is None:
            return None
        return ReplyTo(row.channel, row.chat_id, row.language or self.business.languages[0])

    async def assignment(
        self,
        request: Request,
        starts_at: dt.datetime,
        *,
        moving: int | None = None,
        by_owner: bool = False,
    ) -> Assignment | Refusal:
        """Ask the function that lists slots whether this start is offerable now.

        Args:
            by_owner: the customers' rules don't bind; what is taken stays taken.
        """
        day = local_date(starts_at, zone(self.business.zone))
        busy = await self._busy(request, day, day, moving)
        ask = judge_for_owner if by_owner else judge
        return ask(self.business, request, starts_at, busy=busy)

    async def verdict(
        self,
        request: Request,
        starts_at: dt.datetime,
        *,
        moving: int | None = None,
        by_owner: bool = False,
    ) -> Assignment | Refusal:
        """Return the `assignment`, or the refusal with the nearest free times."""
        found = await self.assignment(request, starts_at, moving=moving, by_owner=by_owner)
        if isinstance(found, Refusal):
            return await self.with_alternatives(found, request, starts_at, moving=moving)
        return found

    async def with_alternatives(
        self,
        refusal: Refusal,
        request: Request,
        wanted: dt.datetime,
        *,
        moving: int | None = None,
    ) -> Refusal:
        """Add up to five nearest free times to a refusal that another time could mend."""
        if refusal.code not in _ABOUT_TIME and refusal.limit_period not in _OF_SOME_DAYS:
            return refusal
        tz = zone(self.business.zone)
        today = local_date(self.now, tz)
        last = today + dt.timedelta(days=self.business.policy.horizon_days)
        near = min(max(local_date(wanted, tz), today), last)
        around = dt.timedelta(days=ALTERNATIVE_DAYS)
        first, until = max(near - around, today), min(near + around, last)
        offers = await self.offers(request, first, until, moving=moving)
        if len(offers) < ALTERNATIVES and (first, until) != (today, last):
            offers = await self.offers(request, today, last, moving=moving)
        found = nearest_offers(offers, wanted, ALTERNATIVES)
        return refusal.model_copy(update={"alternatives": found})

    async def offers(
        self, request: Request, first: dt.date, last: dt.date, *, moving: int | None = None
    ) -> list[Offer]:
        """Return the free starts of the local dates from `first` to `last`, inclusive."""
        today = local_date(self.now, zone(self.business.zone))
        horizon = today + dt.timedelta(days=self.business.policy.horizon_days)
        first, last = max(first, today - dt.timedelta(days=1)), min(last, horizon)
        if first > last:
            return []
        busy = await self._busy(request, first, last, moving)
        return list_offers(self.business, request, first_date=first, last_date=last, busy=busy)

    async def _busy(
        self, request: Request, first: dt.date, last: dt.date, moving: int | None
    ) -> list[Busy]:
        return await calendar.read_busy(
            self.session,
            self.business.id,
            resources_needed(self.business, request.service, request.staff_id),
            busy_window(self.business, request.service, first, last),
            self.now,
            without_appointment=moving,
        )

    async def row(
        self, appointment_id: int, customer_id: int | None, *, lock: bool = False
    ) -> AppointmentRow | None:
        """Return an appointment's row; not found and not the customer's look the same."""
        query = select(AppointmentRow).where(
            AppointmentRow.business_id == self.business.id, AppointmentRow.id == appointment_id
        )
        if customer_id is not None:
            query = query.where(AppointmentRow.customer_id == customer_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        found: AppointmentRow | None = await self.session.scalar(query)
        return found

    async def appointment(self, row: AppointmentRow) -> Appointment:
        """Return a row as the domain's value."""
        return (await self.appointments([row]))[0]

    async def appointments(self, found: Sequence[AppointmentRow]) -> list[Appointment]:
        """Return rows as the domain's values, in one query more."""
        if not found:
            return []
        taken = await calendar.resources_of(self.session, self.business.id, (r.id for r in found))
        return [rows.to_appointment(row, taken.get(row.id, ())) for row in found]

    async def set_status(
        self,
        row: AppointmentRow,
        status: AppointmentStatus,
        change: Change,
        *,
        expires_at: dt.datetime | None = None,
        cancelled_by: str | None = None,
        reason: str | None = None,
    ) -> Appointment:
        """Write a (locked) row's new status, the audit event and the outbox rows."""
        before = rows.audit_values(await self.appointment(row))
        await rows.change_status(
            self.session,
            row,
            status,
            expires_at=expires_at,
            now=self.now,
            cancelled_by=cancelled_by,
            cancel_reason=reason,
        )
        appointment = await self.appointment(row)
        if before["status"] == AppointmentStatus.HELD.value:
            await settle_offer(self.session, self.business.id, row.id, status, self.now)
        elif status not in OCCUPYING:
            await settle_moving(self.session, self.business.id, row.id, self.now)
        await self.announce(change, appointment, before=before)
        return appointment

    async def announce(
        self,
        change: Change,
        appointment: Appointment,
        *,
        before: dict[str, Any] | None = None,
        previous_starts_at: dt.datetime | None = None,
    ) -> None:
        """Write the audit event, and what the customer and the owner are told."""
        await rows.record_event(self.session, change, self.actor, appointment, old=before)
        was_held = before is not None and before["status"] == AppointmentStatus.HELD.value
        if change is Change.EXPIRED and was_held:
            return  # a card that nobody answered is nobody's news
        await self.tell(change, appointment, previous_starts_at=previous_starts_at)

    async def tell(
        self,
        change: Change,
        appointment: Appointment,
        *,
        previous_starts_at: dt.datetime | None = None,
    ) -> None:
        """Write what the customer and the owner are told."""
        await OutboxRepository(self.session).announce(
            self.business,
            change,
            appointment,
            self.reply_to,
            now=self.now,
            previous_starts_at=previous_starts_at,
            tell_owners=self.actor != "owner",
        )
        await calendar_files.follow(self.session, change, appointment, self.reply_to, self.now)


def initial_status(
    business: Business,
    service: Service,
    now: dt.datetime,
    *,
    hold: bool = False,
    by_owner: bool = False,
) -> tuple[AppointmentStatus, dt.datetime | None]:
    """Return the status of a new booking and the instant at which it ends by itself.

    Args:
        by_owner: the owner needs nobody's approval.
    """
    if hold:
        minutes = business.policy.hold_minutes
        return AppointmentStatus.HELD, now + dt.timedelta(minutes=minutes)
    if service.approval_required and not by_owner:
        minutes = business.policy.confirm_within_minutes
        return AppointmentStatus.PENDING, now + dt.timedelta(minutes=minutes)
    return AppointmentStatus.CONFIRMED, None
