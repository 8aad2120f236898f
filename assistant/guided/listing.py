"""Free times for the keyboards: one query for a window, cut into pages of days and of times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.guided.actions import Press, Verb
from booking.appointment import Appointment
from booking.business import Service
from booking.localtime import local_date, zone
from booking.refusals import Offer, Refusal
from tools.support.context import ToolContext
from tools.support.ledger import Listing

DAYS_PER_PAGE = 6
TIMES_PER_PAGE = 12
# Days looked at in one query, on each side of a page's first day.
WINDOW = dt.timedelta(days=31)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Target:
    """What a time is chosen for.

    Args:
        staff_id: whose times; None = anyone's.
        moving: the appointment that would be moved; None = a new one.
        wanted_seats: how many places a new one takes.
    """

    service: Service
    staff_id: int | None = None
    moving: Appointment | None = None
    wanted_seats: int = 1

    @property
    def seats(self) -> int:
        """How many places it takes; a move keeps its own number."""
        return self.wanted_seats if self.moving is None else self.moving.seats

    def days(self, first: dt.date) -> str:
        """Return the action that shows the free days from `first` (local date) on."""
        staff = self.staff_id or 0
        if self.moving is not None:
            return Press(
                Verb.MOVE_DAYS, appointment=self.moving.id, staff=staff, date=first
            ).encode()
        return Press(
            Verb.DAYS, service=self.service.id, staff=staff, date=first, seats=self.seats
        ).encode()

    def day(self, date: dt.date, page: int = 0) -> str:
        """Return the action that shows the free times of a local date."""
        staff = self.staff_id or 0
        if self.moving is not None:
            return Press(
                Verb.MOVE_DAY, appointment=self.moving.id, staff=staff, date=date, page=page
            ).encode()
        return Press(
            Verb.DAY,
            service=self.service.id,
            staff=staff,
            date=date,
            page=page,
            seats=self.seats,
        ).encode()

    def listing(self, offers: Sequence[Offer]) -> Listing:
        """Return offers as a listing of this target."""
        moving = None if self.moving is None else self.moving.id
        return Listing(self.service.id, self.staff_id, tuple(offers), moving, self.seats)


@dataclass(frozen=True, slots=True)
class DayPage:
    """Some of the days that have free times, all local dates.

    Args:
        dates: ascending, at most `DAYS_PER_PAGE`.
        earlier, later: where the neighbouring pages start; None = there is none.
    """

    dates: tuple[dt.date, ...]
    earlier: dt.date | None = None
    later: dt.date | None = None


def last_day(ctx: ToolContext) -> dt.date:
    """Return the last local date that can be booked (booking rules, "horizon")."""
    return ctx.today + ctx.business.policy.horizon_days * _DAY


async def list_times(
    ctx: ToolContext, target: Target, first: dt.date, last: dt.date
) -> Listing | Refusal:
    """Return the free times between two local dates, inclusive, and enter them into the ledger."""
    first, last = max(first, ctx.today), min(last, last_day(ctx))
    offers: list[Offer] | Refusal = []
    if first <= last:
        offers = await ctx.read(
            lambda uow: uow.appointments.get_available_slots(
                first,
                last_date=last,
                service=target.service.id,
                staff_id=target.staff_id,
                customer_id=ctx.customer.id,
                moving=None if target.moving is None else target.moving.id,
                seats=target.seats,
            )
        )
    if isinstance(offers, Refusal):
        return offers
    listing = target.listing(offers)
    ctx.ledger.listings.append(listing)
    return listing


async def list_days(
    ctx: ToolContext, target: Target, start: dt.date, until: dt.date | None = None
) -> DayPage | Refusal:
    """Return the page of free days from a local date on.

    Args:
        start: the first date wanted; any date, it is brought into the horizon.
        until: the last date wanted; None = no bound.
    """
    end = last_day(ctx)
    start = min(max(start, ctx.today), end)
    # `start` lies within the horizon, so the window can't leave the calendar.
    last = min(start + WINDOW, end)
    listing = await list_times(ctx, target, start - WINDOW, last)
    if isinstance(listing, Refusal):
        return listing
    dates = _dates(ctx, listing.offers)
    if last < end and not any(date >= start for date in dates):
        rest = await list_times(ctx, target, last + _DAY, end)
        if isinstance(rest, Refusal):
            return rest
        dates, last = [*dates, *_dates(ctx, rest.offers)], end
    return page_of(dates, start, until=until, more=last + _DAY if last < end else None)


def _dates(ctx: ToolContext, offers: Sequence[Offer]) -> list[dt.date]:
    tz = zone(ctx.business.zone)
    return sorted({local_date(offer.starts_at, tz) for offer in offers})


def page_of(
    dates: Sequence[dt.date],
    start: dt.date,
    *,
    until: dt.date | None = None,
    more: dt.date | None = None,
) -> DayPage:
    """Return the page of `dates` (ascending) from `start` on.

    Args:
        until: the last date wanted; None = no bound.
        more: where to look on when `dates` end; None = nowhere.
    """
    ahead = [date for date in dates if date >= start]
    behind = [date for date in dates if date < start]
    shown = [date for date in ahead if until is None or date <= until][:DAYS_PER_PAGE]
    rest = ahead[len(shown) :]
    return DayPage(
        tuple(shown),
        earlier=behind[-DAYS_PER_PAGE:][0] if behind else None,
        later=rest[0] if rest else more,
    )


def times_page(offers: Sequence[Offer], page: int) -> tuple[tuple[Offer, ...], int]:
    """Return one page of a day's times, all pages about equally long, and how many pages there are.

    Args:
        page: from 0; one that doesn't exist gives the last.
    """
    pages = max(1, -(-len(offers) // TIMES_PER_PAGE))
    page = min(page, pages - 1)
    size = -(-len(offers) // pages)
    return tuple(offers[page * size : (page + 1) * size]), pages


def spread(offers: Sequence[Offer], limit: int) -> tuple[Offer, ...]:
    """Return up to `limit` offers, evenly spread from the first to the last."""
    if len(offers) <= limit:
        return tuple(offers)
    if limit == 1:
        return (offers[0],)
    return tuple(offers[i * (len(offers) - 1) // (limit - 1)] for i in range(limit))
