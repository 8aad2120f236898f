"""Time that becomes free goes to the next in line, in the transaction that frees it.

Who frees time reads who might want it before taking any lock, so that all the locks, of customers
and of resources, are taken in one sorted order (`Desk.lock_all`). Only those are served.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Change
from booking.business import STAFF, Business, Service
from booking.engine import Assignment, Request, resources_needed
from booking.localtime import local_date, zone
from booking.refusals import Offer, RefusalCode
from booking.status import AppointmentStatus
from booking.waitlist import WaitlistEntry, WaitlistState
from db.calendar_models import WaitlistEntryRow
from db.models import AppointmentRow, OccupancyRow
from db.repositories import calendar, moves, rows
from db.repositories.locks import try_lock_customer
from db.repositories.outbox import OutboxKind, OutboxRepository, ReplyTo

if TYPE_CHECKING:
    from db.repositories.desk import Desk

# So many are asked at once; those behind them are asked when the next time becomes free.
LINE_LIMIT = 50
_ENDS = {
    AppointmentStatus.CONFIRMED: WaitlistState.TAKEN,
    AppointmentStatus.PENDING: WaitlistState.TAKEN,
    AppointmentStatus.CANCELLED: WaitlistState.CANCELLED,
    AppointmentStatus.EXPIRED: WaitlistState.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Freed:
    """What one appointment (or block) took, buffers included, and takes no longer.

    Args:
        starts_at, ends_at: instants, half-open.
        customer_id: who gave it up, and so doesn't want it; None for a block.
    """

    resource_ids: frozenset[int]
    starts_at: dt.datetime
    ends_at: dt.datetime
    customer_id: int | None = None


async def taken_by(
    session: AsyncSession, business_id: int, appointment_ids: Iterable[int]
) -> list[Freed]:
    """Return what some appointments take now: what will be free when they are over."""
    found = await session.execute(
        select(
            func.array_agg(OccupancyRow.resource_id),
            func.min(func.lower(OccupancyRow.during)),
            func.max(func.upper(OccupancyRow.during)),
            AppointmentRow.customer_id,
        )
        .join(
            AppointmentRow,
            and_(
                AppointmentRow.business_id == OccupancyRow.business_id,
                AppointmentRow.id == OccupancyRow.appointment_id,
            ),
        )
        .where(
            OccupancyRow.business_id == business_id,
            OccupancyRow.appointment_id.in_(list(appointment_ids)),
            OccupancyRow.active,
        )
        .group_by(OccupancyRow.appointment_id, AppointmentRow.customer_id)
        .order_by(func.min(func.lower(OccupancyRow.during)), OccupancyRow.appointment_id)
    )
    return [Freed(frozenset(ids), start, end, customer) for ids, start, end, customer in found]


async def who_waits(
    session: AsyncSession, business: Business, freed: Sequence[Freed], now: dt.datetime
) -> list[WaitlistEntry]:
    """Return those who may want some of the freed time, first come first.

    Args:
        now: instant; what is over by then helps nobody.
    """
    where = zone(business.zone)
    wanted = []
    for span in freed:
        serving = [s.id for s in business.services if s.active and span.resource_ids & _uses(s)]
        if span.ends_at <= now or not serving:
            continue
        wanted.append(
            and_(
                WaitlistEntryRow.service_id.in_(serving),
                # A day more on both sides: a long service may start the day before.
                WaitlistEntryRow.date_from <= local_date(span.ends_at, where) + _DAY,
                WaitlistEntryRow.date_to >= local_date(span.starts_at, where) - _DAY,
                or_(
                    WaitlistEntryRow.staff_id.is_(None),
                    WaitlistEntryRow.staff_id.in_(_staff_among(business, span)),
                ),
            )
        )
    if not wanted:
        return []
    found = await session.scalars(
        select(WaitlistEntryRow)
        .where(
            WaitlistEntryRow.business_id == business.id,
            WaitlistEntryRow.state == WaitlistState.WAITING.value,
            or_(*wanted),
        )
        .order_by(WaitlistEntryRow.created_at, WaitlistEntryRow.id)
        .limit(LINE_LIMIT)
        .execution_options(populate_existing=True)
    )
    return [WaitlistEntry.model_validate(row) for row in found]


_DAY = dt.timedelta(days=1)


def _uses(service: Service) -> set[int]:
    return {resource_id for ids in service.resource_ids.values() for resource_id in ids}


def _staff_among(business: Business, span: Freed) -> list[int]:
    """Return the staff for whom the freed time matters: themselves, or all where a room is free."""
    kinds = {r.id: r.kind for r in business.resources}
    if all(kinds.get(resource_id) == STAFF for resource_id in span.resource_ids):
        return sorted(span.resource_ids)
    return [resource_id for resource_id, kind in kinds.items() if kind == STAFF]


def resources_around(business: Business, freed: Sequence[Freed]) -> set[int]:
    """Return the resources to lock so that whoever waits for freed time can be served.

    Those of all services that could use it, not only those that somebody waits for now: who joins
    the line locks them too, and so joins before we look at it or after the time is free.
    """
    ids = {resource_id for span in freed for resource_id in span.resource_ids}
    services = [s for s in business.services if s.active and ids & _uses(s)]
    return ids | {r for s in services for r in resources_needed(business, s)}


async def serve(desk: Desk, freed: Sequence[Freed]) -> None:
    """Offer freed time to those in line, in order, until nothing more fits.

    An offer is a hold that obeys every rule of its customer; whom a rule refuses, or who has no
    chat to be told in, keeps the place in line and the next one is asked.

    Args:
        freed: what this transaction has freed; the locks were taken with it (`Desk.lock_all`).
    """
    for entry in await who_waits(desk.session, desk.business, freed, desk.now):
        service = desk.business.service(entry.service_id)
        if service is None:
            continue
        needed = set(resources_needed(desk.business, service, entry.staff_id))
        useful = [
            span
            for span in freed
            if needed & span.resource_ids and span.customer_id != entry.customer_id
        ]
        if not useful or not needed <= desk.locked_resources:
            continue
        if entry.customer_id not in desk.locked_customers and not await try_lock_customer(
            desk.session, entry.customer_id
        ):
            continue  # joined after the locks were chosen, and is busy right now
        for span in useful:
            if await _offer(desk, service, entry, span):
                break


async def _offer(desk: Desk, service: Service, entry: WaitlistEntry, span: Freed) -> bool:
    where = zone(desk.business.zone)
    first = max(entry.date_from, local_date(span.starts_at, where) - _DAY)
    last = min(entry.date_to, local_date(span.ends_at, where) + _DAY)
    chat = await desk.chat_of(entry.customer_id)
    if first > last or chat is None:
        return False
    async for request, present in _asked(desk, service, entry):
        offers = await desk.offers(request, first, last)
        wanted = next(
            (
                offer
                for offer in offers
                if entry.wish.fits(offer, desk.business.zone)
                and _touches(offer, request.service, span)
                and (
                    present is None
                    or entry.wish.is_worth_a_move(offer, present, desk.business.zone)
                )
            ),
            None,
        )
        if wanted is not None:
            return await _hold(desk, request, entry, wanted, chat)
    return False


async def _asked(
    desk: Desk, service: Service, entry: WaitlistEntry
) -> AsyncIterator[tuple[Request, dt.datetime | None]]:
    """Yield what may be asked of the slot engine for an entry, one after the other.

    Who waits for another time of an appointment asks for a move. Who waits for one more asks for
    that; where their limit is against it, a move of what they have of that service may still do.

    Yields:
        The request, and the present start (instant) of what it would move; None = nothing.
    """
    if entry.moving_appointment_id is not None:
        row = await desk.row(entry.moving_appointment_id, entry.customer_id)
        if row is not None and moves.not_movable(desk, row) is None:
            request = await moves.request_to_move(desk, service, row, staff_id=entry.staff_id)
            yield request, row.starts_at
        return
    load = await calendar.read_load(desk.session, desk.business.id, entry.customer_id, desk.now)
    request = Request(
        service=service, now=desk.now, staff_id=entry.staff_id, load=load, units=entry.seats
    )
    yield request, None
    if not load.starts:
        return
    for row in await moves.movable_to(
        desk, entry.customer_id, service.id, desk.now, seats=entry.seats
    ):
        request = await moves.request_to_move(desk, service, row, staff_id=entry.staff_id)
        yield request, row.starts_at


async def _hold(
    desk: Desk, request: Request, entry: WaitlistEntry, wanted: Offer, chat: ReplyTo
) -> bool:
    """Hold a start for somebody in line and write the offer; False where it can't be."""
    if not await _still_waits(desk, entry):
        return False
    verdict = await desk.assignment(request, wanted.starts_at)
    if not isinstance(verdict, Assignment):
        return False
    minutes = dt.timedelta(minutes=desk.business.policy.waitlist_offer_minutes)
    held = await rows.insert_appointment(
        desk.session,
        desk.business,
        request.service,
        verdict,
        customer_id=entry.customer_id,
        status=AppointmentStatus.HELD,
        expires_at=min(desk.now + minutes, verdict.starts_at),
        notes=None,
        seats=request.units,
        now=desk.now,
        change=Change.HELD,
        actor="system",
    )
    if isinstance(held, RefusalCode):
        return False
    await OutboxRepository(desk.session).enqueue(
        desk.business.id,
        chat,
        OutboxKind.WAITLIST_OFFER,
        {"appointment": held.model_dump(mode="json"), "language": chat.language},
        due_at=desk.now,
        appointment_id=held.id,
    )
    await desk.session.execute(
        update(WaitlistEntryRow)
        .where(
            WaitlistEntryRow.business_id == desk.business.id,
            WaitlistEntryRow.id == entry.id,
        )
        .values(
            state=WaitlistState.OFFERED.value,
            offered_appointment_id=held.id,
            offered_starts_at=held.starts_at,
            offer_expires_at=held.expires_at,
            updated_at=desk.now,
        )
    )
    return True


def _touches(offer: Offer, service: Service, span: Freed) -> bool:
    before, after = (
        dt.timedelta(minutes=minutes)
        for minutes in (service.buffer_before_minutes, service.buffer_after_minutes)
    )
    return offer.starts_at - before < span.ends_at and offer.ends_at + after > span.starts_at


async def _still_waits(desk: Desk, entry: WaitlistEntry) -> bool:
    found = await desk.session.scalar(
        select(WaitlistEntryRow.id)
        .where(
            WaitlistEntryRow.business_id == desk.business.id,
            WaitlistEntryRow.id == entry.id,
            WaitlistEntryRow.state == WaitlistState.WAITING.value,
        )
        .with_for_update()
    )
    return found is not None


async def close_over(session: AsyncSession, business_id: int, today: dt.date) -> None:
    """End the entries that waited for days that are over.

    Args:
        today: the business's local date.
    """
    await session.execute(
        update(WaitlistEntryRow)
        .where(
            WaitlistEntryRow.business_id == business_id,
            WaitlistEntryRow.state == WaitlistState.WAITING.value,
            WaitlistEntryRow.date_to < today,
        )
        .values(state=WaitlistState.EXPIRED.value)
    )


async def settle_offer(
    session: AsyncSession,
    business_id: int,
    appointment_id: int,
    status: AppointmentStatus,
    now: dt.datetime,
) -> None:
    """End the entry whose offer a hold was, when the hold ends; other holds have none."""
    await session.execute(
        update(WaitlistEntryRow)
        .where(
            WaitlistEntryRow.business_id == business_id,
            WaitlistEntryRow.offered_appointment_id == appointment_id,
            WaitlistEntryRow.state == WaitlistState.OFFERED.value,
        )
        .values(state=_ENDS[status].value, updated_at=now)
    )


async def settle_moving(
    session: AsyncSession, business_id: int, appointment_id: int, now: dt.datetime
) -> None:
    """End the entries that waited for another time of an appointment, when it is over itself."""
    await session.execute(
        update(WaitlistEntryRow)
        .where(
            WaitlistEntryRow.business_id == business_id,
            WaitlistEntryRow.moving_appointment_id == appointment_id,
            WaitlistEntryRow.state == WaitlistState.WAITING.value,
        )
        .values(state=WaitlistState.CANCELLED.value, updated_at=now)
    )
