"""The offer of a time that became free: what it says, and its buttons."""

from __future__ import annotations

import datetime as dt

from assistant.guided.actions import Press, Verb
from assistant.labels import date_label, time_label
from assistant.messages import Button, Outgoing
from assistant.receipts import appointment_lines
from assistant.texts import Texts
from assistant.wording import Writer
from booking.appointment import Appointment
from booking.business import Business
from booking.localtime import local_date, zone
from db.repositories.offers import Terms


def offer_message(
    terms: Terms,
    *,
    business: Business,
    language: str,
    texts: Texts,
    now: dt.datetime,
    customer_zone: str | None = None,
) -> Outgoing:
    """Return the offer with what may be done: book it, or move to it what the customer has.

    Args:
        terms: as they are now; `held.expires_at` is until when the time is kept.
        business, language, texts, now, customer_zone: as in `receipts.receipt`.
    """
    writer = Writer(business, language, texts, now, customer_zone)
    held = terms.held
    only = terms.movable[0] if len(terms.movable) == 1 and not terms.may_add else None
    lines = [writer.say("waitlist_offer"), *(_moved(writer, held, only) if only else [])]
    if only is None:
        lines += [
            writer.service(held),
            writer.when(held.starts_at, held.zone, sentence=True),
            writer.zone(held.starts_at, held.zone),
            *writer.details(held),
        ]
    if only is None and terms.movable:
        own = appointment_lines(terms.movable, language=language, texts=texts, now=now)
        question = "waitlist_move_or_add" if terms.may_add else "waitlist_which_moves"
        lines += [writer.say("waitlist_has"), *own, writer.say(question)]
    if held.expires_at is not None:
        lines.append(writer.held_until(held.expires_at, held.zone))
    service = business.service(held.service_id)
    if terms.may_add and service is not None and service.approval_required:
        lines.append(writer.say("card_needs_approval", business=writer.business_name))
    return Outgoing(text="\n".join(lines), buttons=_rows(writer, terms))


def _moved(writer: Writer, held: Appointment, row: Appointment) -> list[str]:
    """Return what the move would make of an appointment: a move keeps its number and price."""
    there = row.model_copy(update={"staff_id": held.staff_id, "staff_name": held.staff_name})
    return [
        writer.service(row),
        writer.say("card_move_from", when=writer.when(row.starts_at, row.zone)),
        writer.say("card_move_to", when=writer.when(held.starts_at, held.zone)),
        writer.zone(held.starts_at, held.zone),
        *writer.details(there),
        writer.say("waitlist_moves"),
    ]


def _rows(writer: Writer, terms: Terms) -> tuple[tuple[Button, ...], ...]:
    held = terms.held

    def button(key: str, verb: Verb, moving: Appointment | None = None) -> Button:
        press = Press(verb, appointment=held.id, version=held.version)
        if moving is None:
            return Button(label=writer.say(key), action=press.encode())
        press = Press(
            verb,
            appointment=held.id,
            version=held.version,
            moving=moving.id,
            moving_version=moving.version,
        )
        date = date_label(local_date(moving.starts_at, zone(moving.zone)), writer.language)
        when = f"{date}, {time_label(moving.starts_at, moving.zone, writer.language)}"
        values = {"when": when} if key == "button_move_this" else {}
        return Button(label=writer.say(key, **values), action=press.encode())

    no = button("button_no_thanks", Verb.PASS)
    if not terms.movable:
        return ((button("button_confirm", Verb.TAKE), no),) if terms.may_add else ((no,),)
    if len(terms.movable) == 1 and not terms.may_add:
        return ((button("button_move_there", Verb.TAKE_MOVING, terms.movable[0]), no),)
    rows = [(button("button_move_this", Verb.TAKE_MOVING, row),) for row in terms.movable]
    if terms.may_add:
        rows.append((button("button_book_as_well", Verb.TAKE),))
    return (*rows, (no,))
