"""Messages with their keyboards: the menu, proposal cards, refusals, lists of days and times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from assistant.guided.actions import Press, Verb
from assistant.guided.listing import DayPage, Target, last_day, spread, times_page
from assistant.guided.saying import said_when
from assistant.guided.scene import Scene
from assistant.labels import (
    date_label,
    day_button,
    named,
    one_line,
    service_label,
    time_label,
)
from assistant.messages import Button, Outgoing
from assistant.receipts import appointments_text, proposal_card
from assistant.refusal_texts import refusal_text
from assistant.texts import Texts
from booking.appointment import Appointment
from booking.business import Business, Service
from booking.draft import DraftStage
from booking.handles import Slot, make_handle
from booking.localtime import local_date, zone
from booking.phrases import Moment
from booking.refusals import Offer, Refusal, RefusalCode
from tools.support.context import ToolContext
from tools.support.ledger import Listing, Proposal

Row = tuple[Button, ...]
Rows = tuple[Row, ...]

_ABOUT_APPOINTMENT = frozenset(
    {
        RefusalCode.CANCEL_WINDOW_PASSED,
        RefusalCode.INVALID_TRANSITION,
        RefusalCode.LIMIT_REACHED,
        RefusalCode.OFFER_CHANGED,
    }
)


def rows_of(buttons: Iterable[Button], per_row: int) -> Rows:
    """Return buttons in rows of `per_row`."""
    flat = tuple(buttons)
    return tuple(flat[i : i + per_row] for i in range(0, len(flat), per_row))


def noticed(notice: str | None, messages: list[Outgoing]) -> list[Outgoing]:
    """Return messages with a word said first, in the same bubble."""
    if not notice or not messages:
        return messages
    first = messages[0]
    return [first.model_copy(update={"text": f"{notice}\n\n{first.text}"}), *messages[1:]]


def menu_rows(scene: Scene) -> Rows:
    """Return the buttons that lead anywhere."""
    return (
        (scene.button("menu_book", Verb.BOOK), scene.button("menu_appointments", Verb.MINE)),
        (scene.button("menu_services", Verb.PRICES), scene.button("menu_help", Verb.HELP)),
    )


def menu(scene: Scene, text: str) -> Outgoing:
    """Return a text over the menu."""
    return Outgoing(text=text, buttons=menu_rows(scene))


def card_message(ctx: ToolContext, texts: Texts, proposal: Proposal) -> Outgoing:
    """Return the card that asks for one tap, with the buttons of its draft's version.

    Args:
        proposal: what a tool or `tools.support.proposals` has just proposed.
    """
    scene, draft = Scene(ctx, texts), proposal.draft
    text = proposal_card(
        draft.stage,
        proposal.appointment,
        business=ctx.business,
        language=ctx.language,
        texts=texts,
        now=ctx.clock.now(),
        new_starts_at=draft.starts_at,
        customer_zone=ctx.customer.zone,
    )
    yes, no, other = (
        Press(verb, version=draft.version).encode() for verb in (Verb.YES, Verb.NO, Verb.OTHER)
    )
    if draft.next_wish is not None:
        text += f"\n{scene.say('next_wish_kept')}"
    keep = scene.button("button_keep", no)
    if draft.stage is DraftStage.CONFIRM_CANCEL:
        return Outgoing(text=text, buttons=((scene.button("button_yes_cancel", yes), keep),))
    first = (scene.button("button_confirm", yes), scene.button("button_other_times", other))
    rows: Rows = (first, (keep,)) if draft.stage is DraftStage.CONFIRM_MOVE else (first,)
    return Outgoing(text=text, buttons=rows)


def slot_buttons(
    business: Business, language: str, listing: Listing, texts: Texts, limit: int = 6
) -> Rows:
    """Return rows of buttons with listed times: weekday, date and time, in the business's zone.

    Args:
        listing: as the ledger has it.
        limit: how many at most; they are spread evenly from the first to the last.
    """
    labels = [
        (f"{date_label(local_date(o.starts_at, zone(business.zone)), language)}, {label}", o)
        for o in spread(listing.offers, limit)
        if (label := time_label(o.starts_at, business.zone, language))
    ]
    return rows_of((_slot(business, listing, offer, label) for label, offer in labels), 2)


def _slot(business: Business, listing: Listing, offer: Offer, label: str) -> Button:
    slot = Slot(listing.service_id, listing.staff_id, offer.starts_at, listing.seats)
    handle = make_handle(slot, business.id, business.handle_key)
    press = (
        Press(Verb.TIME, handle=handle)
        if listing.moving is None
        else Press(Verb.MOVE_TIME, appointment=listing.moving, handle=handle)
    )
    return Button(label=label, action=press.encode())


def refusal_message(
    ctx: ToolContext, texts: Texts, refusal: Refusal, target: Target | None = None
) -> Outgoing:
    """Return why something was not done, with buttons that lead on.

    Args:
        target: what the time was wanted for; without it there are no buttons for the alternatives.
    """
    scene = Scene(ctx, texts)
    # Names stand on the buttons; the choices of a refusal are slugs, for the model.
    shown = refusal.model_copy(update={"choices": ()})
    text = refusal_text(shown, ctx.business, ctx.language, texts, ctx.clock.now())
    return Outgoing(text=text, buttons=_way_on(scene, refusal, target))


def _way_on(scene: Scene, refusal: Refusal, target: Target | None) -> Rows:
    if refusal.code is RefusalCode.NOT_FOUND and refusal.what == "service":
        return service_rows(scene, _active(scene.business)) or menu_rows(scene)
    if refusal.code is RefusalCode.NOT_FOUND and refusal.what == "staff" and target is not None:
        return staff_rows(scene, target.service)
    if refusal.code in _ABOUT_APPOINTMENT or refusal.what == "appointment":
        mine = scene.button("menu_appointments", Verb.MINE)
        if refusal.limit_period in ("day", "week") and target is not None:
            other = scene.button("button_other_day", target.days(scene.ctx.today))
            listing = target.listing(refusal.alternatives)
            near = slot_buttons(scene.business, scene.language, listing, scene.texts, limit=5)
            return (*near, (other, mine))
        return ((mine,),)
    if target is None or refusal.code is RefusalCode.TEMPORARILY_UNAVAILABLE:
        return menu_rows(scene)
    meant = tuple(Offer(starts_at=at, ends_at=at) for at in refusal.candidates)
    listing = target.listing(refusal.alternatives or meant)
    rows = slot_buttons(scene.business, scene.language, listing, scene.texts, limit=5)
    return (*rows, (scene.button("button_other_day", target.days(scene.ctx.today)),))


def _active(business: Business) -> list[Service]:
    return [service for service in business.services if service.active]


def service_rows(scene: Scene, services: Sequence[Service]) -> Rows:
    """Return one button a service, with its duration and price."""
    return tuple(
        (
            Button(
                label=one_line(service_label(service, scene.language)),
                action=Press(Verb.SERVICE, service=service.id).encode(),
            ),
        )
        for service in services
    )


def staff_rows(scene: Scene, service: Service) -> Rows:
    """Return "anyone" and the staff members who give a service."""
    choices = [(scene.say("staff_anyone"), 0)]
    choices += [
        (one_line(member.name.get(scene.language)), member.id)
        for member in scene.business.staff_of(service)
    ]
    return rows_of(
        (
            Button(
                label=label,
                action=Press(Verb.STAFF, service=service.id, staff=staff).encode(),
            )
            for label, staff in choices
        ),
        3,
    )


def heading(scene: Scene, target: Target, moment: Moment | None = None) -> str:
    """Return what a time is being chosen for: the service and person, or the move's old time.

    Args:
        moment: what was said of day and time, if that is to be shown back.
    """
    when = None if moment is None else said_when(scene, moment)
    return "\n".join((*_headed(scene, target), *(() if when is None else (when,))))


def _headed(scene: Scene, target: Target) -> list[str]:
    if target.moving is not None:
        row, writer = target.moving, scene.writer()
        lines = [writer.service(row)]
        was = writer.when(row.starts_at, row.zone)
        return [*lines, scene.say("card_move_from", when=was)]
    lines = [one_line(service_label(target.service, scene.language))]
    member = None if target.staff_id is None else scene.business.resource(target.staff_id)
    if member is not None:
        lines.append(scene.say("line_staff", staff=one_line(member.name.get(scene.language))))
    if target.seats > 1:
        lines.append(scene.say("line_seats", count=target.seats))
    return lines


def days_message(
    scene: Scene, target: Target, page: DayPage, moment: Moment | None = None
) -> Outgoing:
    """Return the question for a day, with the page's days.

    Args:
        moment: what was said of the day, to be shown back.
    """
    if not page.dates and page.earlier is None and page.later is None:
        count = (last_day(scene.ctx) - scene.ctx.today).days
        return menu(scene, scene.say("no_times_ahead", count=max(count, 1)))
    question = scene.say("ask_day" if target.moving is None else "ask_new_day")
    days = rows_of(
        (
            Button(
                label=day_button(date, scene.language, today=scene.ctx.today, texts=scene.texts),
                action=target.day(date),
            )
            for date in page.dates
        ),
        2,
    )
    turn = [
        scene.button(key, target.days(date))
        for key, date in (("page_earlier", page.earlier), ("page_later", page.later))
        if date is not None
    ]
    back = _back(scene, target)
    text = f"{heading(scene, target, moment)}\n\n{question}"
    return Outgoing(text=text, buttons=(*days, *rows_of(turn, 2), *_earlier(scene, target), *back))


def _earlier(scene: Scene, target: Target) -> Rows:
    """Return the button that waits for an earlier time of what is moved."""
    if target.moving is None:
        return ()
    press = Press(Verb.WAIT_EARLIER, appointment=target.moving.id, staff=target.staff_id or 0)
    return ((scene.button("button_wait_earlier", press.encode()),),)


def _back(scene: Scene, target: Target) -> Rows:
    if target.moving is not None:
        return ((scene.button("button_back", Verb.MINE),),)
    if len(scene.business.staff_of(target.service)) > 1:
        again = Press(Verb.SERVICE, service=target.service.id).encode()
        return ((scene.button("button_back", again),),)
    if len(_active(scene.business)) > 1:
        return ((scene.button("button_back", Verb.BOOK),),)
    return ()


def times_message(
    scene: Scene,
    target: Target,
    date: dt.date,
    offers: Sequence[Offer],
    page: int = 0,
    *,
    part: bool = False,
) -> Outgoing:
    """Return a day's free times, at most twelve at once.

    Args:
        offers: of that local date, at least one.
        part: whether the day has more of them, left out because another time of day was asked for.
    """
    shown, pages = times_page(offers, page)
    page = min(page, pages - 1)
    listing = target.listing(shown)
    business, language = scene.business, scene.language
    times = rows_of(
        (
            _slot(business, listing, offer, time_label(offer.starts_at, business.zone, language))
            for offer in shown
        ),
        4,
    )
    turn = []
    if part:
        pages, turn = 1, [scene.button("button_other_times", target.day(date))]
    if page > 0:
        turn.append(scene.button("page_earlier", target.day(date, page - 1)))
    if page < pages - 1:
        turn.append(scene.button("page_later", target.day(date, page + 1)))
    text = f"{heading(scene, target)}\n\n{scene.say('ask_time', date=scene.on_day(date))}"
    # The page that holds this day: from today where it's near, so that the way back is short.
    near = (date - scene.ctx.today).days <= 7
    other = scene.button("button_other_day", target.days(scene.ctx.today if near else date))
    return Outgoing(text=text, buttons=(*times, *rows_of(turn, 2), (other,)))


def nearest_message(scene: Scene, target: Target, listing: Listing, moment: Moment) -> Outgoing:
    """Return some of the free times of several days.

    Args:
        moment: what was said of day and time, to be shown back.
    """
    slots = slot_buttons(scene.business, scene.language, listing, scene.texts)
    text = f"{heading(scene, target, moment)}\n\n{scene.say('ask_slot')}"
    other = scene.button("button_other_day", target.days(scene.ctx.today))
    return Outgoing(text=text, buttons=(*slots, (other,)))


def mine_message(scene: Scene, rows: Sequence[Appointment]) -> Outgoing:
    """Return the customer's appointments, with what can be done to them."""
    text = appointments_text(
        rows, language=scene.language, texts=scene.texts, now=scene.ctx.clock.now()
    )
    book = scene.button("menu_book", Verb.BOOK)
    if not rows:
        return Outgoing(text=text, buttons=((book,),))
    only = rows[0] if len(rows) == 1 else None
    move = Press(Verb.CHOOSE_MOVE) if only is None else moving(only)
    cancel = Press(Verb.CHOOSE_CANCEL) if only is None else cancelling(only)
    first = (
        scene.button("button_move", move.encode()),
        scene.button("button_cancel_appointment", cancel.encode()),
    )
    return Outgoing(text=text, buttons=(first, (book,)))


def moving(row: Appointment) -> Press:
    """Return the press that starts moving an appointment."""
    return Press(Verb.MOVE, appointment=row.id, version=row.version)


def cancelling(row: Appointment) -> Press:
    """Return the press that asks whether to cancel an appointment."""
    return Press(Verb.CANCEL, appointment=row.id, version=row.version)


def choice_message(
    scene: Scene, key: str, choices: Sequence[tuple[Appointment, Press]]
) -> Outgoing:
    """Return a question which appointment is meant, one button each."""
    buttons = [
        Button(
            label=f"{short(scene, row)} · {named(row.service_name, scene.language)}",
            action=press.encode(),
        )
        for row, press in choices
    ]
    back = (scene.button("button_back", Verb.MINE),)
    return Outgoing(text=scene.say(key), buttons=(*rows_of(buttons, 1), back))


def short(scene: Scene, row: Appointment) -> str:
    """Return when an appointment is, in a few letters: "Tue 24 Nov, 10:00"."""
    date = date_label(local_date(row.starts_at, zone(row.zone)), scene.language)
    return f"{date}, {time_label(row.starts_at, row.zone, scene.language)}"
