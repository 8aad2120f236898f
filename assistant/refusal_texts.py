"""A refusal in a person's words: why, and what to do next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from assistant.labels import day_label, lead_label, one_line
from assistant.texts import Texts
from assistant.wording import Writer
from booking.business import Business
from booking.localtime import local_date, zone
from booking.refusals import Refusal, RefusalCode

_PERIODS = frozenset({"day", "week", "waitlist"})
# A rule of wording: the lines for one refusal code.
_Lines = Callable[[Refusal, Writer], list[str]]


def _plain(key: str) -> _Lines:
    return lambda refusal, writer: [writer.say(key)]


def _earliest(key: str) -> _Lines:
    def lines(refusal: Refusal, writer: Writer) -> list[str]:
        if refusal.earliest is None:
            return [writer.say(key)]
        when = writer.when(refusal.earliest, writer.business.zone)
        return [writer.say(key), writer.say("refusal_earliest", when=when)]

    return lines


def _too_far(refusal: Refusal, writer: Writer) -> list[str]:
    lines = [writer.say("refusal_too_far")]
    if refusal.latest_date is not None:
        today = local_date(writer.now, zone(writer.business.zone))
        date = day_label(refusal.latest_date, writer.language, today=today)
        lines.append(writer.say("refusal_latest", date=date))
    return lines


def _limit(refusal: Refusal, writer: Writer) -> list[str]:
    if refusal.limit is None:
        return [writer.say("refusal_limit_unknown")]
    suffix = f"_{refusal.limit_period}" if refusal.limit_period in _PERIODS else ""
    return [writer.say(f"refusal_limit{suffix}", count=refusal.limit)]


def _window(refusal: Refusal, writer: Writer) -> list[str]:
    if refusal.window_minutes is None:
        lines = [writer.say("refusal_window_unknown")]
    else:
        lead = lead_label(refusal.window_minutes, writer.language, texts=writer.texts)
        lines = [writer.say("refusal_window", lead=lead)]
    contact = refusal.contact or writer.business.contact.first()
    if contact:
        return [*lines, writer.say("refusal_contact", contact=one_line(contact))]
    return [*lines, writer.say("refusal_contact_unknown")]


def _candidates(code: RefusalCode, title: str) -> _Lines:
    def lines(refusal: Refusal, writer: Writer) -> list[str]:
        reason = writer.say(f"refusal_{code.value}")
        if not refusal.candidates:
            return [reason]
        return [reason, writer.say(title), *_times(refusal.candidates, writer)]

    return lines


def _by_what(key: str, known: frozenset[str]) -> _Lines:
    def lines(refusal: Refusal, writer: Writer) -> list[str]:
        result = [writer.say(f"{key}_{refusal.what}" if refusal.what in known else key)]
        if refusal.choices:
            choices = ", ".join(one_line(choice) for choice in refusal.choices)
            result.append(writer.say("refusal_choices", choices=choices))
        return result

    return lines


def _times(instants: Sequence[dt.datetime], writer: Writer) -> list[str]:
    where = writer.business.zone
    return [f"• {writer.when(instant, where, sentence=True)}" for instant in instants]


_C = RefusalCode
_REFUSALS: Mapping[RefusalCode, _Lines] = {
    _C.SLOT_TAKEN: _plain("refusal_slot_taken"),
    _C.OUTSIDE_HOURS: _plain("refusal_outside_hours"),
    _C.NOT_ON_GRID: _plain("refusal_not_on_grid"),
    _C.TOO_SOON: _earliest("refusal_too_soon"),
    _C.TOO_FAR: _too_far,
    _C.PAST: _earliest("refusal_past"),
    _C.LIMIT_REACHED: _limit,
    _C.CANCEL_WINDOW_PASSED: _window,
    _C.INVALID_TRANSITION: _plain("refusal_invalid_transition"),
    _C.IDEMPOTENCY_CONFLICT: _plain("refusal_idempotency_conflict"),
    _C.NONEXISTENT_LOCAL_TIME: _candidates(
        _C.NONEXISTENT_LOCAL_TIME, "refusal_nonexistent_candidates"
    ),
    _C.AMBIGUOUS_LOCAL_TIME: _candidates(_C.AMBIGUOUS_LOCAL_TIME, "refusal_ambiguous_candidates"),
    _C.HOLD_EXPIRED: _plain("refusal_hold_expired"),
    _C.OFFER_CHANGED: _by_what(
        "refusal_offer_changed", frozenset({"price", "service", "staff", "slot"})
    ),
    _C.NOT_FOUND: _by_what(
        "refusal_not_found", frozenset({"service", "staff", "appointment", "slot"})
    ),
    _C.CAPACITY_EXCEEDED: _plain("refusal_capacity_exceeded"),
    _C.TEMPORARILY_UNAVAILABLE: _plain("temporarily_unavailable"),
}


def refusal_text(
    refusal: Refusal, business: Business, language: str, texts: Texts, now: dt.datetime
) -> str:
    """Return why a command was not carried out and what to do next.

    The nearest free times are listed as text too; the caller puts buttons under them.

    Args:
        now: instant; decides whether a year is told.
    """
    writer = Writer(business, language, texts, now)
    lines = _REFUSALS[refusal.code](refusal, writer)
    if refusal.alternatives:
        starts = [offer.starts_at for offer in refusal.alternatives]
        lines = [*lines, writer.say("refusal_alternatives"), *_times(starts, writer)]
    return "\n".join(lines)
