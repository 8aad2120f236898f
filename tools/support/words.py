"""From the words in a tool's arguments to what the business has: services, staff, days, times."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from booking.appointment import Appointment
from booking.business import Business, LocalText, Resource, Service
from booking.localtime import to_local, zone
from booking.phrases import Ambiguous, Impossible, Mismatch, Moment, asked_at, resolve
from booking.phrases.recurring import repeats
from booking.refusals import Refusal, RefusalCode
from booking.starts import resolve_start, split_offset
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem
from tools.support.ledger import Aim, Listing
from tools.support.say import WEEKDAYS, Day, day_name, days

# So many days of "from Friday", which names no last one.
_OPEN_DAYS = 7


def _names(slug: str, name: LocalText) -> set[str]:
    return {_fold(slug), _fold(slug.replace("-", " ")), *map(_fold, name.by_language.values())}


def _fold(word: str) -> str:
    return " ".join(word.casefold().replace("ё", "е").split())


def _pick(word: str, choices: list[tuple[int, set[str]]]) -> int | None:
    """Return the id whose name is `word`, or the only one whose name contains it."""
    wanted = _fold(word)
    exact = [key for key, names in choices if wanted in names]
    if exact:
        return exact[0]
    partly = [key for key, names in choices if any(wanted in name for name in names)]
    return partly[0] if wanted and len(partly) == 1 else None


def find_service(business: Business, word: str) -> Service | Refusal:
    """Return the active service of that slug or name (any language), or why not."""
    active = [service for service in business.services if service.active]
    found = _pick(word, [(s.id, _names(s.slug, s.name)) for s in active])
    service = None if found is None else business.service(found)
    if service is None:
        slugs = tuple(s.slug for s in active)
        return Refusal(code=RefusalCode.NOT_FOUND, what="service", choices=slugs)
    return service


def find_staff(business: Business, service: Service, word: str | None) -> Resource | Refusal | None:
    """Return who was asked for among those who give the service; None = anyone."""
    if word is None or _fold(word) in ("", "anyone", "any"):
        return None
    staff = business.staff_of(service)
    found = _pick(word, [(r.id, _names(r.slug, r.name)) for r in staff])
    member = None if found is None else business.resource(found)
    if member is None:
        slugs = tuple(r.slug for r in staff)
        return Refusal(code=RefusalCode.NOT_FOUND, what="staff", choices=slugs)
    return member


def read_seats(seats: int | None) -> int | ArgumentProblem:
    """Return how many places are wanted; None = one."""
    if seats is not None and seats < 1:
        return ArgumentProblem(error="seats: must be 1 or more", next="Ask the customer.")
    return seats or 1


def find_moment(ctx: ToolContext, field: str, phrase: str) -> Moment | ArgumentProblem:
    """Read a day and time as the customer or the model wrote them, from the business's clock.

    A weekday that isn't the date's is refused with the right pairs; so is what can't exist, and
    what means several days.
    """
    return read_moment(
        field, phrase, ctx.business, ctx.clock.now(), ctx.language, ctx.customer.zone
    )


def read_moment(
    field: str,
    phrase: str,
    business: Business,
    instant: dt.datetime,
    language: str,
    customer_zone: str | None = None,
) -> Moment | ArgumentProblem:
    """Read a day and time as `find_moment` does, where perhaps no customer writes.

    Args:
        instant: now.
        language: ISO 639-1 code that is tried first.
        customer_zone: IANA zone whose "tomorrow" is meant; None = the business's.
    """
    if repeats(phrase):
        said = "names a rule; each visit is booked by itself, so ask with which date to begin"
        return _problem(field, said)
    asked = asked_at(instant, business.zone, customer_zone)
    languages = tuple(dict.fromkeys((language, "en", *business.languages)))
    found = resolve(
        split_offset(phrase)[0],
        today=asked.today,
        now_time=asked.now_time,
        languages=languages,
        later=asked.later,
    )
    if isinstance(found, Mismatch):
        said = f"{WEEKDAYS[found.weekday]} {found.date}"
        true = f"{day_name(found.date)}; did the customer mean one of: "
        return _problem(field, f"{said} is wrong: it is {true}" + _days(found.candidates))
    if isinstance(found, Ambiguous):
        days = tuple(moment.date for moment in found.moments if moment.date is not None)
        return _problem(field, "names several times; ask which one" + _among(days))
    if isinstance(found, Impossible):
        return _problem(field, f"there is no such date or time as {found.phrase!r}")
    if found is None:
        return _problem(
            field, "no date or time found; write it like 'Tue 2026-12-01 14:00' or as the customer"
        )
    return found.moment


def _problem(field: str, problem: str) -> ArgumentProblem:
    return ArgumentProblem(error=f"{field}: {problem}", next="Correct it or ask the customer.")


def _days(dates: tuple[dt.date, ...]) -> str:
    return ", ".join(day_name(date) for date in dates)


def _among(dates: tuple[dt.date, ...]) -> str:
    return f": {_days(dates)}" if dates else ""


@dataclass(frozen=True, slots=True)
class Span:
    """Local dates (inclusive) and wall-clock bounds that a listing is asked for."""

    first: dt.date
    last: dt.date
    time_from: dt.time | None = None
    time_to: dt.time | None = None

    def holds(self, wall: dt.time) -> bool:
        """Return whether a wall time lies in `[from, to)`; `to < from` spans midnight."""
        since, until = self.time_from, self.time_to
        if since is not None and until is not None and until < since:
            return wall >= since or wall < until
        return (since is None or wall >= since) and (until is None or wall < until)


def span_of(moment: Moment | None, today: dt.date, *, count: int) -> Span:
    """Return the dates and times to list for what the customer said; the next days if nothing."""
    if moment is None:
        return Span(today, today + dt.timedelta(days=count - 1))
    first = moment.date or today
    if moment.date is None or moment.open_end:
        last = first + dt.timedelta(days=count - 1)
    else:
        last = moment.date_to or first
    since, until = moment.window
    if moment.time is not None and moment.date is None:
        return Span(first, last, moment.time, None)
    return Span(max(first, today), last, since, until)


async def find_start(
    ctx: ToolContext,
    field: str,
    phrase: str,
    service: Service,
    *,
    staff_id: int | None,
    moving: Appointment | None = None,
    seats: int = 1,
) -> dt.datetime | Refusal | ArgumentProblem:
    """Read the start that is asked for, as an instant.

    Args:
        staff_id: who is asked for; None = anyone.
        moving: the appointment that would be moved there. A time without a day means its day.
        seats: how many places are wanted; a move keeps its own number.

    Returns:
        The instant; a problem where the day or the time is missing, or several days are named
        (with what is free then, so that no further listing is needed); or a refusal where the wall
        time doesn't exist or exists twice.
    """
    seats = seats if moving is None else moving.seats
    ctx.ledger.aim = Aim(service.id, staff_id, moving, seats)
    moment = find_moment(ctx, field, phrase)
    if isinstance(moment, ArgumentProblem):
        return moment
    tz = zone(ctx.business.zone)
    date = moment.date
    if date is None and moving is not None:
        date = to_local(moving.starts_at, tz).date()
    several = moment.open_end or (moment.date_to is not None and moment.date_to != moment.date)
    if date is not None and moment.time is not None and not several:
        return resolve_start(ctx.business, date, moment.time, split_offset(phrase)[1])
    if date is None:
        return ArgumentProblem(error=f"{field}: the day is missing", next="Ask for the day.")
    span = span_of(moment, ctx.today, count=_OPEN_DAYS if several else 1)
    offers = await ctx.read(
        lambda uow: uow.appointments.get_available_slots(
            span.first,
            last_date=span.last,
            service=service.id,
            staff_id=staff_id,
            customer_id=ctx.customer.id,
            moving=None if moving is None else moving.id,
            seats=seats,
        )
    )
    if isinstance(offers, Refusal):
        return offers
    fitting = tuple(o for o in offers if span.holds(to_local(o.starts_at, tz).time()))
    if moment.time is not None:
        # "Next week at 5": which of the days it is free on.
        at_time = tuple(o for o in fitting if to_local(o.starts_at, tz).time() == moment.time)
        fitting = at_time or fitting
    ctx.ledger.listings.append(
        Listing(service.id, staff_id, fitting, None if moving is None else moving.id, seats)
    )
    grouped, _ = days(fitting, ctx.business)
    return TimeMissing(
        error=f"{field}: {'names several days' if several else 'the time is missing'}",
        free=grouped,
        next="Offer 3-5 of these; buttons with them are added.",
    )


class TimeMissing(ArgumentProblem):
    """A day without a time, or a time of several days, answered with what is free then."""

    free: list[Day]
