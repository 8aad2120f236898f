"""Choosing: from what a customer wants so far to the next question, or to the card."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from assistant.guided.actions import Press, Verb
from assistant.guided.cards import (
    card_message,
    days_message,
    menu,
    nearest_message,
    noticed,
    refusal_message,
    rows_of,
    service_rows,
    staff_rows,
    times_message,
)
from assistant.guided.listing import Target, last_day, list_days, list_times
from assistant.guided.saying import said_when
from assistant.guided.scene import Scene
from assistant.guided.waiting import wait_row
from assistant.guided.wishes import Wish, said_then
from assistant.labels import date_label, one_line, service_label
from assistant.messages import Button, Outgoing
from booking.business import Service
from booking.draft import DraftStage
from booking.engine import nearest_offers
from booking.localtime import resolve_wall, to_local, zone
from booking.phrases import Moment
from booking.refusals import Offer, Refusal, RefusalCode
from booking.starts import resolve_start
from tools.support.contract import Outcome, Proposed
from tools.support.drafts import give_up_open
from tools.support.proposals import propose_booking, propose_move
from tools.support.words import Span, span_of

# Days that are searched when a time or a part of day was named without a day.
NEAREST_DAYS = 14
_SHOWN = 6
# Numbers of people that are shown as buttons; more can be typed.
_SEATS_SHOWN = 6
# Somebody else has the time: it may become free again.
_TAKEN = (RefusalCode.SLOT_TAKEN, RefusalCode.CAPACITY_EXCEEDED)


async def ask_next(scene: Scene, wish: Wish, notice: str | None = None) -> list[Outgoing]:
    """Return the one question that is missing, or the card when nothing is.

    Args:
        notice: a word said before the question.
    """
    services = [service for service in scene.business.services if service.active]
    if not services:
        return noticed(notice, [menu(scene, scene.say("no_services"))])
    last = wish.moment.date_to or wish.moment.date
    if last is not None and last < scene.ctx.today:
        notice = notice or scene.say("past_time")
        wish = replace(wish, moment=Moment())
    service = _service(scene, wish, services)
    if service is None and wish.moving is not None:
        gone = Refusal(code=RefusalCode.NOT_FOUND, what="service")  # offered no longer
        return noticed(notice, [refusal_message(scene.ctx, scene.texts, gone)])
    if service is None:
        return noticed(notice, await ask_service(scene, wish, services))
    wish = replace(wish, service_id=service.id)
    if wish.moving is None:
        most = scene.business.most_seats(service)
        if most is None and wish.seats is not None:
            # Nobody is booked for less than they asked for without a word.
            notice = notice or (scene.say("seats_one_each") if wish.seats > 1 else None)
            wish = replace(wish, seats=None)
        elif most is not None and (wish.seats is None or wish.seats > most):
            if wish.seats is not None:
                notice = notice or scene.say("seats_too_many", count=most)
            return noticed(notice, await _ask_seats(scene, wish, service, most))
    staff = scene.business.staff_of(service)
    if wish.staff_id is not None and all(member.id != wish.staff_id for member in staff):
        refusal = Refusal(code=RefusalCode.NOT_FOUND, what="staff")
        await _remember(scene, replace(wish, staff_id=None), DraftStage.CHOOSING_STAFF)
        return noticed(notice, [_refused(scene, refusal, Target(service))])
    moment = wish.moment
    timed = moment.date or moment.time or moment.window != (None, None) or wish.soonest
    if wish.moving is None and not wish.staff_chosen and not timed and len(staff) > 1:
        await _remember(scene, wish, DraftStage.CHOOSING_STAFF)
        ask = Outgoing(text=scene.say("ask_staff"), buttons=staff_rows(scene, service))
        return noticed(notice, [ask])
    target = wish.target(scene.business) or Target(service)
    return noticed(notice, await _ask_when(scene, wish, target))


def _service(scene: Scene, wish: Wish, services: Sequence[Service]) -> Service | None:
    wanted = wish.service_id if wish.moving is None else wish.moving.service_id
    if wanted is None:
        return services[0] if len(services) == 1 else None
    return next((service for service in services if service.id == wanted), None)


async def _ask_seats(scene: Scene, wish: Wish, service: Service, most: int) -> list[Outgoing]:
    await _remember(scene, replace(wish, seats=None), DraftStage.CHOOSING_SEATS)
    buttons = (
        Button(label=str(seats), action=Press(Verb.SEATS, service=service.id, seats=seats).encode())
        for seats in range(1, min(most, _SEATS_SHOWN) + 1)
    )
    rows = rows_of(buttons, 3)
    if len([each for each in scene.business.services if each.active]) > 1:
        rows = (*rows, (scene.button("button_back", Verb.BOOK),))
    name = one_line(service_label(service, scene.language))
    return [Outgoing(text=f"{name}\n\n{scene.say('ask_seats')}", buttons=rows)]


async def ask_service(
    scene: Scene, wish: Wish, services: Sequence[Service], *, found: bool = True
) -> list[Outgoing]:
    """Ask which service, remembering the rest.

    Args:
        services: those to choose from.
        found: False where one was named that doesn't exist.
    """
    await _remember(scene, replace(wish, service_id=None), DraftStage.CHOOSING_SERVICE)
    ask = Outgoing(text=scene.say("ask_service"), buttons=service_rows(scene, services))
    messages = noticed(said_when(scene, wish.moment), [ask])
    return noticed(None if found else scene.say("refusal_not_found_service"), messages)


async def _remember(scene: Scene, wish: Wish, stage: DraftStage) -> None:
    """Keep the wish for the next message. An open card is closed and its hold given back."""
    if stage is DraftStage.CHOOSING_TIME and wish.moving is None:
        wish = replace(wish, staff_chosen=True)  # times were shown, so "who" is settled
    await give_up_open(scene.ctx, wish.draft(stage))


async def _ask_when(scene: Scene, wish: Wish, target: Target) -> list[Outgoing]:
    ctx, moment = scene.ctx, wish.moment
    date = moment.date
    single = date is not None and moment.date_to is None and not moment.open_end
    if date is not None and single:
        if moment.time is not None and not moment.approximate:
            start = resolve_start(ctx.business, date, moment.time)
            if isinstance(start, Refusal):
                await _remember(scene, wish, DraftStage.CHOOSING_TIME)
                return [_refused(scene, start, target)]
            return await propose(scene, target, start, wish)
        return await _ask_time(scene, wish, target, date)
    if moment.time is not None or moment.window != (None, None) or wish.soonest:
        return await _ask_nearest(scene, wish, target)
    return await _ask_day(scene, wish, target)


async def _ask_day(scene: Scene, wish: Wish, target: Target) -> list[Outgoing]:
    moment = wish.moment
    start = moment.date or scene.ctx.today
    page = await list_days(scene.ctx, target, start, moment.date_to)
    if isinstance(page, Refusal):
        return [_refused(scene, page, target)]
    if moment.date_to is not None and not page.dates:
        return await _nothing_then(scene, wish, target)
    await _remember(scene, wish, DraftStage.CHOOSING_TIME)
    return [days_message(scene, target, page, moment)]


async def _nothing_then(scene: Scene, wish: Wish, target: Target) -> list[Outgoing]:
    """Say that nothing is free when it was wanted, and show the days from then on."""
    moment = wish.moment
    when = said_when(scene, moment) or ""
    last = last_day(scene.ctx)
    beyond = moment.date is not None and moment.date > last
    others = replace(wish, moment=Moment() if beyond else Moment(date=moment.date, open_end=True))
    return noticed(scene.say("nothing_then", when=when), await _ask_day(scene, others, target))


async def show_days(scene: Scene, target: Target, first: dt.date) -> list[Outgoing]:
    """Return the page of free days from a local date on, as a button asks for it."""
    page = await list_days(scene.ctx, target, first)
    if isinstance(page, Refusal):
        return [_refused(scene, page, target)]
    await _remember(scene, _wish(target), DraftStage.CHOOSING_TIME)
    return [days_message(scene, target, page)]


async def show_times(scene: Scene, target: Target, date: dt.date, page: int = 0) -> list[Outgoing]:
    """Return a local date's free times, as a button asks for them."""
    wish = replace(_wish(target), moment=Moment(date=date))
    return await _ask_time(scene, wish, target, date, page)


def _wish(target: Target) -> Wish:
    return Wish(target.service.id, target.staff_id, True, target.moving, seats=target.seats)


async def _ask_time(
    scene: Scene, wish: Wish, target: Target, date: dt.date, page: int = 0
) -> list[Outgoing]:
    if date < scene.ctx.today:
        again = await show_days(scene, target, scene.ctx.today)
        return noticed(scene.say("past_time"), again)
    if date > last_day(scene.ctx):
        far = Refusal(code=RefusalCode.TOO_FAR, latest_date=last_day(scene.ctx))
        await _remember(scene, replace(wish, moment=Moment()), DraftStage.CHOOSING_TIME)
        return [_refused(scene, far, target)]
    listing = await list_times(scene.ctx, target, date, date)
    if isinstance(listing, Refusal):
        return [_refused(scene, listing, target)]
    if not listing.offers:
        days = await show_days(scene, target, date)
        days = _with_row(days, wait_row(scene, target, date))
        return noticed(scene.say("no_times_on_day", date=scene.on_day(date)), days)
    await _remember(scene, wish, DraftStage.CHOOSING_TIME)
    span = span_of(wish.moment, scene.ctx.today, count=1)
    # A part of day without free times: better the others of that day than none.
    fitting = _within(scene, listing.offers, span)
    offers = fitting or listing.offers
    if wish.moment.time is not None:
        near = dt.datetime.combine(date, wish.moment.time)
        offers = _around(scene, offers, near)
    part = len(offers) < len(listing.offers)
    notice = None
    if not fitting:
        notice = scene.say("nothing_then", when=said_when(scene, wish.moment) or "")
    return noticed(notice, [times_message(scene, target, date, offers, page, part=part)])


def _within(scene: Scene, offers: Sequence[Offer], span: Span) -> tuple[Offer, ...]:
    tz = zone(scene.business.zone)
    return tuple(o for o in offers if span.holds(to_local(o.starts_at, tz).time()))


def _around(scene: Scene, offers: Sequence[Offer], wall: dt.datetime) -> tuple[Offer, ...]:
    wanted = resolve_wall(wall.date(), wall.time(), scene.business.zone)
    if not isinstance(wanted, dt.datetime):
        return tuple(offers)
    return nearest_offers(offers, wanted, limit=_SHOWN)


async def _ask_nearest(scene: Scene, wish: Wish, target: Target) -> list[Outgoing]:
    span = span_of(wish.moment, scene.ctx.today, count=NEAREST_DAYS)
    listing = await list_times(scene.ctx, target, span.first, span.last)
    if isinstance(listing, Refusal):
        return [_refused(scene, listing, target)]
    tz, time = zone(scene.business.zone), wish.moment.time
    offers = _within(scene, listing.offers, span)
    exact = tuple(o for o in offers if to_local(o.starts_at, tz).time() == time)
    if (exact and not wish.moment.approximate) or wish.soonest:
        offers = (exact or offers)[:_SHOWN]
    if not offers:
        return await _nothing_then(scene, wish, target)
    await _remember(scene, wish, DraftStage.CHOOSING_TIME)
    return [nearest_message(scene, target, target.listing(offers), wish.moment)]


async def propose(
    scene: Scene, target: Target, starts_at: dt.datetime, wish: Wish | None = None
) -> list[Outgoing]:
    """Hold a time (or check a move) and return the card; a refusal keeps the choice so far."""
    if target.moving is None:
        outcome = await propose_booking(
            scene.ctx, target.service, starts_at, staff_id=target.staff_id, seats=target.seats
        )
    else:
        outcome = await propose_move(
            scene.ctx,
            target.moving.id,
            starts_at,
            staff_id=target.staff_id,
            anyone=target.staff_id is None,
        )
    if isinstance(outcome, Refusal):
        if outcome.code is not RefusalCode.TEMPORARILY_UNAVAILABLE:
            date = to_local(starts_at, zone(scene.business.zone)).date()
            kept = replace(wish or _wish(target), moment=Moment(date=date))
            await _remember(scene, kept, DraftStage.CHOOSING_TIME)
        refused = [_refused(scene, outcome, target)]
        if outcome.code in _TAKEN:
            wall = to_local(starts_at, zone(scene.business.zone))
            row = wait_row(scene, target, wall.date(), dt.time(wall.hour, wall.minute))
            refused = _with_row(refused, row)
        return refused
    return await after(scene, outcome)


async def after(scene: Scene, outcome: Outcome) -> list[Outgoing]:
    """Return what is said after a proposal: its card; nothing where the receipt says it all."""
    if isinstance(outcome, Proposed) and outcome.proposal is not None:
        return [card_message(scene.ctx, scene.texts, outcome.proposal)]
    # Done at once: the receipt is in the outbox, and what was being chosen is over.
    await give_up_open(scene.ctx)
    return []


def _with_row(messages: list[Outgoing], row: tuple[Button, ...]) -> list[Outgoing]:
    """Return messages with one more row of buttons under the last one."""
    if not row:
        return messages
    last = messages[-1]
    return [*messages[:-1], last.model_copy(update={"buttons": (*last.buttons, row)})]


def _refused(scene: Scene, refusal: Refusal, target: Target) -> Outgoing:
    return refusal_message(scene.ctx, scene.texts, refusal, target)


async def ask_which_moment(
    scene: Scene, wish: Wish, moments: Sequence[Moment], notice: str | None = None
) -> list[Outgoing]:
    """Ask which of several days or times was meant, remembering the rest.

    Args:
        notice: what to say; None = "do you mean ... or ...?".
    """
    dated = [m if m.date is not None else replace(m, date=wish.moment.date) for m in moments]
    choices = {
        Press(Verb.THEN, date=m.date, time=m.time).encode(): _label(scene, m, dated)
        for m in dated
        if m.date is not None
    }
    if len(choices) < 2:
        # Times of no day: the day comes first; of one day: all of it is shown.
        days = {m.date for m in dated}
        date = days.pop() if len(days) == 1 else None
        return await ask_next(scene, replace(wish, moment=Moment(date=date)))
    first = moments[0]
    if all(m.window == first.window and m.time is None for m in moments):
        # "Monday or Tuesday in the evening": the evening stays, whichever day is meant.
        part = replace(first, date=None, date_to=None, open_end=False)
        wish = said_then(wish, part)
    await _remember(scene, wish, _stage(wish))
    labels = list(choices.values())[:_SHOWN]
    text = notice or scene.say("date_ambiguous", first=", ".join(labels[:-1]), second=labels[-1])
    buttons = [Button(label=label, action=action) for action, label in choices.items()]
    return [Outgoing(text=text, buttons=rows_of(buttons[:_SHOWN], 2))]


def _stage(wish: Wish) -> DraftStage:
    if wish.moving is not None or wish.service_id is not None:
        return DraftStage.CHOOSING_TIME
    return DraftStage.CHOOSING_SERVICE


def _label(scene: Scene, moment: Moment, among: Sequence[Moment]) -> str:
    time = "" if moment.time is None else f"{moment.time:%H:%M}"
    if moment.date is None or (time and len({m.date for m in among}) == 1):
        return time
    date = date_label(moment.date, scene.language)
    return f"{date}, {time}" if time else date
