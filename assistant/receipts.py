"""Receipts, cards, refusals, reminders and notices, written by code from committed rows.

The model never writes any of these (conversation rules, "truth"). Everything is plain text: names
and notes are data and mean nothing to a formatter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from assistant.labels import customer_label, named, one_line, when_label
from assistant.refusal_texts import refusal_text
from assistant.texts import Texts
from assistant.wording import Writer
from booking.appointment import Appointment, Change
from booking.business import Business
from booking.draft import DraftStage
from booking.status import AppointmentStatus
from db.repositories.unanswered import Unanswered

__all__ = [
    "OWNER_CHANGES",
    "appointment_lines",
    "appointments_text",
    "owner_notice",
    "proposal_card",
    "receipt",
    "refusal_text",
    "reminder_text",
    "review_request",
    "unanswered_list",
    "unreachable_notice",
]

_HEADLINES: Mapping[Change, str] = {
    Change.HELD: "receipt_held",
    Change.BOOKED: "receipt_booked",
    Change.REQUESTED: "receipt_requested",
    Change.MOVED: "receipt_moved",
    Change.CANCELLED: "receipt_cancelled",
    Change.APPROVED: "receipt_approved",
    Change.DECLINED: "receipt_declined",
    Change.EXPIRED: "receipt_expired",
    Change.COMPLETED: "receipt_completed",
    Change.NO_SHOW: "receipt_no_show",
    Change.RELEASED: "receipt_released",
}

_OWNER_HEADLINES: Mapping[Change, str] = {
    Change.BOOKED: "owner_booked",
    Change.REQUESTED: "owner_requested",
    Change.MOVED: "owner_moved",
    Change.CANCELLED: "owner_cancelled",
    Change.EXPIRED: "owner_expired",
}
# The changes an owner is told of; the others are the owner's own or a customer's mere look.
OWNER_CHANGES: frozenset[Change] = frozenset(_OWNER_HEADLINES)

OWNER = "owner"  # Appointment.cancelled_by, when the business cancelled


def receipt(
    change: Change,
    appointment: Appointment,
    *,
    business: Business,
    language: str,
    texts: Texts,
    now: dt.datetime,
    previous_starts_at: dt.datetime | None = None,
    customer_zone: str | None = None,
) -> str:
    """Return what a customer is told after a committed change.

    Args:
        appointment: the row as committed.
        language: the customer's; an unknown one gets English.
        now: instant; decides whether a year is told.
        previous_starts_at: the start before a move, an instant.
        customer_zone: IANA zone of the customer, when known; the business's zone is named where
            the two clocks differ at the start.
    """
    writer = Writer(business, language, texts, now, customer_zone)
    lines = [_headline(writer, change, appointment), *writer.facts(appointment)]
    pending = appointment.status is AppointmentStatus.PENDING
    if change is Change.MOVED and previous_starts_at is not None:
        lines.append(writer.say("line_was", when=writer.when(previous_starts_at, appointment.zone)))
    if change is Change.HELD and appointment.expires_at is not None:
        lines.append(writer.held_until(appointment.expires_at, appointment.zone))
    if change is Change.REQUESTED or (change is Change.MOVED and pending):
        lines.append(_approval_line(writer, appointment))
    if _by_owner(change, appointment):
        if appointment.cancel_reason:
            reason = one_line(appointment.cancel_reason)
            lines.append(writer.say("line_reason", reason=reason))
        lines.extend(writer.contact())
    if change is Change.DECLINED:
        lines.extend(writer.contact())
    return "\n".join(lines)


def _by_owner(change: Change, appointment: Appointment) -> bool:
    return change is Change.CANCELLED and appointment.cancelled_by == OWNER


def _headline(writer: Writer, change: Change, appointment: Appointment) -> str:
    if _by_owner(change, appointment):
        return writer.say("receipt_cancelled_by_owner", business=writer.business_name)
    if change is Change.DECLINED:
        return writer.say("receipt_declined", business=writer.business_name)
    if change is Change.MOVED and appointment.status is AppointmentStatus.PENDING:
        return writer.say("receipt_moved_pending")
    return writer.say(_HEADLINES[change])


def _approval_line(writer: Writer, appointment: Appointment) -> str:
    if appointment.expires_at is None:
        return writer.say("receipt_requested_wait", business=writer.business_name)
    when = writer.when(appointment.expires_at, appointment.zone)
    return writer.say("receipt_requested_until", business=writer.business_name, when=when)


def proposal_card(
    stage: DraftStage,
    appointment: Appointment,
    *,
    business: Business,
    language: str,
    texts: Texts,
    now: dt.datetime,
    new_starts_at: dt.datetime | None = None,
    customer_zone: str | None = None,
) -> str:
    """Return the question that one tap (or a typed yes) answers. Nothing has happened yet.

    Args:
        stage: CONFIRM_BOOKING (`appointment` is the held row), CONFIRM_MOVE or CONFIRM_CANCEL
            (`appointment` is the row as it stands).
        new_starts_at: the proposed start of a move, an instant.
        now, language, customer_zone: as in `receipt`.

    Raises:
        ValueError: another stage, or a move without its new start.
    """
    writer = Writer(business, language, texts, now, customer_zone)
    zone = appointment.zone
    if stage is DraftStage.CONFIRM_CANCEL:
        return "\n".join([writer.say("card_cancel"), *writer.facts(appointment)])
    if stage is DraftStage.CONFIRM_MOVE:
        if new_starts_at is None:
            raise ValueError("a move is proposed with its new start")
        return "\n".join(
            [
                writer.say("card_move"),
                writer.service(appointment),
                writer.say("card_move_from", when=writer.when(appointment.starts_at, zone)),
                writer.say("card_move_to", when=writer.when(new_starts_at, zone)),
                writer.zone(new_starts_at, zone),
                *writer.details(appointment),
                writer.say("card_move_pending"),
            ]
        )
    if stage is not DraftStage.CONFIRM_BOOKING:
        raise ValueError(f"{stage.value} asks for no confirmation")
    lines = [
        writer.say("card_book"),
        writer.service(appointment),
        writer.when(appointment.starts_at, zone, sentence=True),
        writer.zone(appointment.starts_at, zone),
        *writer.details(appointment),
    ]
    if appointment.expires_at is not None:
        lines.append(writer.held_until(appointment.expires_at, zone))
    service = business.service(appointment.service_id)
    if service is not None and service.approval_required:
        lines.append(writer.say("card_needs_approval", business=writer.business_name))
    return "\n".join(lines)


def appointments_text(
    appointments: Sequence[Appointment],
    *,
    language: str,
    texts: Texts,
    now: dt.datetime,
    numbered: bool = False,
) -> str:
    """Return the list of a customer's appointments, or that there are none.

    Args:
        appointments: in the order to show; those that wait for something are marked.
        numbered: whether to number the lines from 1 instead of dots.
    """
    if not appointments:
        return texts.say("list_empty", language)
    lines = appointment_lines(
        appointments, language=language, texts=texts, now=now, numbered=numbered
    )
    return "\n".join([texts.say("list_title", language), *lines])


def appointment_lines(
    appointments: Sequence[Appointment],
    *,
    language: str,
    texts: Texts,
    now: dt.datetime,
    numbered: bool = False,
) -> list[str]:
    """Return a line for each appointment; arguments as in `appointments_text`."""
    lines = []
    for place, row in enumerate(appointments, start=1):
        values: dict[str, object] = {
            "when": when_label(row.starts_at, row.zone, language, now=now, sentence=True),
            "service": named(row.service_name, language),
            "number": row.id,
        }
        if row.staff_name:
            item = texts.say(
                "list_item_staff", language, staff=named(row.staff_name, language), **values
            )
        else:
            item = texts.say("list_item", language, **values)
        if row.status in (AppointmentStatus.HELD, AppointmentStatus.PENDING):
            item += f", {texts.say(f'status_{row.status.value}', language)}"
        lines.append(f"{place}. {item}" if numbered else f"• {item}")
    return lines


def reminder_text(
    appointment: Appointment,
    *,
    business: Business,
    language: str,
    texts: Texts,
    now: dt.datetime,
    customer_zone: str | None = None,
) -> str:
    """Return the reminder before a visit; arguments as in `receipt`."""
    writer = Writer(business, language, texts, now, customer_zone)
    pending = appointment.status is AppointmentStatus.PENDING
    headline = writer.say("reminder_pending" if pending else "reminder")
    return "\n".join([headline, *writer.facts(appointment)])


def owner_notice(
    change: Change,
    appointment: Appointment,
    *,
    customer: str,
    business: Business,
    texts: Texts,
    now: dt.datetime,
    language: str | None = None,
    previous_starts_at: dt.datetime | None = None,
) -> str:
    """Return what the owner is told of a customer's change.

    Args:
        change: one of `OWNER_CHANGES`.
        customer: how to name the customer: name, with a contact if there is one; data.
        language: the owner's; None = the business's first.
        previous_starts_at: the start before a move, an instant.

    Raises:
        ValueError: an owner isn't told of that change.
    """
    if change not in OWNER_CHANGES:
        raise ValueError(f"an owner isn't told of {change.value}")
    writer = Writer(business, language or business.languages[0], texts, now)
    lines = [
        writer.say(_OWNER_HEADLINES[change]),
        writer.say("line_customer", customer=one_line(customer)),
        *writer.facts(appointment),
    ]
    if change is Change.MOVED and previous_starts_at is not None:
        lines.append(writer.say("line_was", when=writer.when(previous_starts_at, appointment.zone)))
    if change is Change.CANCELLED and appointment.cancel_reason:
        reason = one_line(appointment.cancel_reason)
        lines.append(writer.say("line_reason", reason=reason))
    pending = appointment.status is AppointmentStatus.PENDING
    if pending and appointment.expires_at is not None:
        decide_by = writer.when(appointment.expires_at, appointment.zone)
        lines.append(writer.say("owner_decide_by", when=decide_by))
    return "\n".join(lines)


def unreachable_notice(
    appointments: Sequence[Appointment],
    *,
    customer: str,
    untold: bool,
    business: Business,
    texts: Texts,
    now: dt.datetime,
) -> str:
    """Return what the owner is told of a customer whose chat takes no messages any more.

    Args:
        appointments: the customer's, which stay as they are.
        customer: how to name the customer; data.
        untold: whether the customer could not be told of a change of an appointment.
        business, texts, now: as in `receipt`.
    """
    language = business.languages[0]
    say = Writer(business, language, texts, now).say
    lines = [
        say("owner_unreachable_untold" if untold else "owner_unreachable"),
        say("line_customer", customer=one_line(customer)),
    ]
    if appointments:
        lines.append(say("owner_unreachable_stay"))
        lines += appointment_lines(appointments, language=language, texts=texts, now=now)
    return "\n".join(lines)


def review_request(business: Business, *, language: str, texts: Texts) -> str:
    """Return the thanks after a visit, with the way to a review where the business has one."""
    name = one_line(business.name.get(language))
    lines = [texts.say("review_request", language, business=name)]
    if business.policy.review_url:
        lines.append(texts.say("review_link", language, url=business.policy.review_url))
    return "\n".join(lines)


def unanswered_list(
    found: Sequence[Unanswered], *, language: str, texts: Texts, now: dt.datetime
) -> str:
    """Return the owner's list of reminders without an answer, or that there are none.

    Args:
        found: in the order to show.
        language: the owner's.
        now: instant; decides whether a year is told.
    """
    if not found:
        return texts.say("unanswered_none", language)
    lines = [texts.say("unanswered_title", language)]
    for each in found:
        row = each.appointment
        item = texts.say(
            "unanswered_item",
            language,
            when=when_label(row.starts_at, row.zone, language, now=now, sentence=True),
            service=named(row.service_name, language),
            customer=one_line(customer_label(each.customer)),
            number=row.id,
        )
        if not each.reached:
            item += f" - {texts.say('unanswered_not_reached', language)}"
        lines.append(f"• {item}")
    return "\n".join(lines)
