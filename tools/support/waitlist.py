"""The waiting list: joining it, and the answer to its offer of a freed time."""

from __future__ import annotations

import dataclasses
import datetime as dt

from pydantic import Field

from booking.appointment import Appointment, Change
from booking.localtime import local_date, zone
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus
from booking.waitlist import WaitlistEntry, Wish
from db.repositories.offers import MoveToOffer
from db.store import UnitOfWork
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem, Outcome, Proposed, ToolResult
from tools.support.ledger import Done, Listing
from tools.support.say import Day, day_name, days, facts
from tools.support.words import find_moment, read_seats, span_of

# A wish without a last day is for so many days.
WISH_DAYS = 14
_MINUTE, _ABOUT = dt.timedelta(minutes=1), dt.timedelta(hours=1)
_JOINED = "Tell the customer they are on the list and will be sent an offer if a time gets free."
_FREE = "Nobody was put on the list: offer these times; buttons with them are added."
# The state of a wish that needs no waiting.
FREE_NOW = "free_now"
_PASSED, _STALE = "passed", "no such offer is open"


class Joined(ToolResult):
    """A place in line, or the times that are free already; `listing` is for code."""

    state: str
    service: str
    days: str
    free: list[Day] | None = None
    listing: Listing | None = Field(default=None, exclude=True)


async def read_wish(
    ctx: ToolContext,
    when: str | None,
    service_id: int,
    staff_id: int | None,
    seats: int | None,
    instead_of: int | None,
) -> Wish | ArgumentProblem | Refusal:
    """Read what a customer waits for.

    Args:
        when: day, range, time or part of day, as the customer or the model wrote it; None = any
            time before the appointment that would be moved.
        seats: None = one.
        instead_of: number of the appointment that would be moved, which keeps its service and
            places; None = the time is for one more.
    """
    if instead_of is None:
        places = read_seats(seats)
        if isinstance(places, ArgumentProblem):
            return places
        return _wish(
            ctx, when or "", Wish(service_id, ctx.today, ctx.today, None, None, staff_id, places)
        )
    row = await ctx.read(
        lambda uow: uow.appointments.get_appointment_by_id(instead_of, customer_id=ctx.customer.id)
    )
    if row is None or isinstance(row, Refusal):
        return row or Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
    earlier = earlier_than(row, ctx.today, staff_id)
    return earlier if when is None else _wish(ctx, when, earlier)


def _wish(ctx: ToolContext, when: str, wish: Wish) -> Wish | ArgumentProblem:
    """Return a wish at the days and times that were said."""
    moment = find_moment(ctx, "when", when)
    if isinstance(moment, ArgumentProblem):
        return moment
    span = span_of(moment, ctx.today, count=WISH_DAYS)
    since, until = span.time_from, span.time_to
    if moment.time is not None and moment.date is not None:
        around = dt.datetime.combine(moment.date, moment.time)
        early = around - _ABOUT if moment.approximate else around
        late = around + (_ABOUT if moment.approximate else _MINUTE)
        since, until = early.time(), late.time()
    return dataclasses.replace(
        wish,
        date_from=min(span.first, span.last),
        date_to=span.last,
        time_from=since,
        time_to=until,
    )


def earlier_than(row: Appointment, today: dt.date, staff_id: int | None = None) -> Wish:
    """Return the wish for any earlier time of an appointment.

    Args:
        today: the business's local date.
        staff_id: with whom; None = anyone.
    """
    last = max(local_date(row.starts_at, zone(row.zone)), today)
    return Wish(
        row.service_id,
        today,
        last,
        staff_id=staff_id,
        seats=row.seats,
        moving_appointment_id=row.id,
    )


async def join(ctx: ToolContext, wish: Wish) -> Outcome:
    """Put the customer in line; where such times are free already, they are listed instead."""

    async def work(uow: UnitOfWork) -> Outcome:
        found = await uow.waitlist.join(ctx.customer.id, wish)
        if isinstance(found, Refusal):
            return found
        service = ctx.business.service(wish.service_id)
        said = {
            "service": "" if service is None else service.slug,
            "days": " to ".join(dict.fromkeys(map(day_name, (wish.date_from, wish.date_to)))),
        }
        if isinstance(found, WaitlistEntry):
            return Joined(state=found.state.value, next=_JOINED, **said)
        grouped, _ = days(found.offers, ctx.business)
        listing = Listing(
            wish.service_id, wish.staff_id, found.offers, wish.moving_appointment_id, wish.seats
        )
        return Joined(state=FREE_NOW, free=grouped, listing=listing, next=_FREE, **said)

    outcome = await ctx.write(work)
    if isinstance(outcome, Joined) and outcome.listing is not None:
        ctx.ledger.listings.append(outcome.listing)
    elif isinstance(outcome, Joined):
        ctx.ledger.waiting = True
    return outcome


async def take_offer(ctx: ToolContext, appointment_id: int, version: int) -> Outcome | None:
    """Book the time that is held for the customer, beside what they have.

    Args:
        appointment_id, version: as the offer's button carries them.

    Returns:
        The outcome; None where the offer was answered already, isn't the one that was shown, or is
        one to move something to.
    """

    async def work(uow: UnitOfWork) -> Outcome:
        row = await uow.appointments.get_appointment_by_id(
            appointment_id, customer_id=ctx.customer.id
        )
        if row is None:
            return Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
        if row.status is AppointmentStatus.HELD and row.version != version:
            return ToolResult(next=_STALE)
        if row.status not in (AppointmentStatus.HELD, AppointmentStatus.EXPIRED):
            return ToolResult(next=_STALE)
        if row.status is AppointmentStatus.EXPIRED and row.version > version + 1:
            return ToolResult(next=_STALE)  # a request that came of it, and ran out
        terms = await uow.waitlist.terms_of_offer(row.id)
        if terms is not None and not terms.may_add:
            return ToolResult(next=_STALE)
        booked = await uow.appointments.confirm_appointment(
            row.id,
            customer_id=ctx.customer.id,
            version=version,
            key=ctx.key,
            reply_to=ctx.reply_to,
        )
        if isinstance(booked, Refusal):
            return booked
        pending = booked.status is AppointmentStatus.PENDING
        change = Change.REQUESTED if pending else Change.BOOKED
        return Proposed(
            state=change.value,
            appointment=facts(booked, ctx.business),
            done=Done(change=change, appointment=booked),
        )

    return _unless_stale(await ctx.write(work))


async def move_to_offer(
    ctx: ToolContext, held_id: int, held_version: int, moving_id: int, moving_version: int
) -> Outcome | None:
    """Move an appointment of the customer to the time that is held for them.

    Args:
        held_id, held_version, moving_id, moving_version: as the offer's button carries them.

    Returns:
        The outcome; None where the offer was answered already or isn't the one that was shown.
    """
    command = MoveToOffer(ctx.customer.id, held_id, held_version, moving_id, moving_version)

    async def work(uow: UnitOfWork) -> Outcome:
        own = ctx.customer.id
        held = await uow.appointments.get_appointment_by_id(held_id, customer_id=own)
        before = await uow.appointments.get_appointment_by_id(moving_id, customer_id=own)
        if held is None or before is None:
            return Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
        is_open = held.status in (AppointmentStatus.HELD, AppointmentStatus.EXPIRED)
        if not is_open or (held.status is AppointmentStatus.HELD and held.version != held_version):
            return ToolResult(next=_STALE)
        moved = await uow.waitlist.move_to_offer(command, key=ctx.key, reply_to=ctx.reply_to)
        if isinstance(moved, Refusal):
            return moved
        return Proposed(
            state=Change.MOVED.value,
            appointment=facts(moved, ctx.business),
            done=Done(change=Change.MOVED, appointment=moved, previous_starts_at=before.starts_at),
        )

    return _unless_stale(await ctx.write(work))


async def pass_offer(ctx: ToolContext, appointment_id: int, version: int) -> Outcome | None:
    """Give the held time back; the next in line is offered it.

    Args:
        appointment_id, version: as the offer's button carries them.

    Returns:
        The outcome; None where the offer was answered already or is over.
    """

    async def work(uow: UnitOfWork) -> Outcome:
        row = await uow.appointments.get_appointment_by_id(
            appointment_id, customer_id=ctx.customer.id
        )
        if row is None:
            return Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
        if row.status is not AppointmentStatus.HELD or row.version != version:
            return ToolResult(next=_STALE)
        given: Appointment | Refusal = await uow.appointments.cancel_appointment(
            row.id, customer_id=ctx.customer.id, version=version, key=ctx.key
        )
        return given if isinstance(given, Refusal) else ToolResult(next=_PASSED)

    return _unless_stale(await ctx.write(work))


def was_passed(outcome: Outcome) -> bool:
    """Return whether it is what `pass_offer` answers when the time was given back."""
    return not isinstance(outcome, Refusal) and outcome.next == _PASSED


def _unless_stale(outcome: Outcome) -> Outcome | None:
    stale = not isinstance(outcome, Refusal) and outcome.next == _STALE
    return None if stale else outcome
