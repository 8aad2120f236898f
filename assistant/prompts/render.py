"""Fills the prompts: the static system prompt of a business, and the envelope of each turn.

The system prompt holds no clock and nothing of a customer: the same business revision and the same
file give the same bytes, which is what prompt caching needs (conversation rules, "one turn").
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence

from assistant.labels import named, one_line
from assistant.prompts.loader import PromptBook, RenderedPrompt
from booking import money
from booking.appointment import Appointment
from booking.business import Business, ConfirmationMode, LocalText, Service
from booking.localtime import local_date, to_local, utc_offset_label
from booking.localtime import zone as zone_called
from tools.support.say import hours

# Fixed English: the instructions are English, and strftime's names depend on the machine's locale.
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CALENDAR_DAYS = 14

# Unicode "tag" letters: invisible, used to smuggle instructions past people's eyes.
_TAGS = re.compile("[\U000e0000-\U000e007f]")


def as_data(text: str, *, single_line: bool = True) -> str:
    """Return text of people so that it can stand in a prompt without becoming part of it.

    `<` and `>` are escaped, so it can't open or close a fence; control characters, lone surrogates
    and invisible tag letters go.

    Args:
        single_line: whether line breaks become spaces, so that it can't begin a heading or a row.
    """
    kept = "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")
    )
    kept = _TAGS.sub("", kept).replace("<", "&lt;").replace(">", "&gt;")
    return one_line(kept) if single_line else kept.strip()


def _fenced(tag: str, text: str) -> str:
    return f"<{tag}>\n{text}\n</{tag}>"


def _all_languages(text: LocalText, business: Business) -> str:
    """Return a name in every language it has, the business's own first, once each."""
    first = [language for language in business.languages if language in text.by_language]
    rest = sorted(language for language in text.by_language if language not in first)
    names = [as_data(text.by_language[language]) for language in (*first, *rest)]
    return " / ".join(dict.fromkeys(name for name in names if name))


def _own_language(text: LocalText, business: Business) -> str:
    return as_data(text.get(business.languages[0]))


def _span(minutes: int) -> str:
    """Return elapsed minutes in English: "90 minutes", "24 hours", "3 days"."""
    for size, unit, least in ((24 * 60, "day", 48 * 60), (60, "hour", 60)):
        if minutes >= least and minutes % size == 0:
            count = minutes // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def _service_line(service: Service, business: Business) -> str:
    parts = [f"{_all_languages(service.name, business)}", f"{service.duration_minutes} min"]
    if service.price_minor is not None and service.currency is not None:
        price = money.from_minor(service.price_minor, service.currency)
        parts.append(f"{price} {service.currency}")
    else:
        parts.append("price not told")
    if staff := business.staff_of(service):
        names = ", ".join(_all_languages(person.name, business) for person in staff)
        parts.append(f"staff: {names}")
    if service.approval_required:
        parts.append("a request: the owner approves it first")
    if service.description is not None:
        parts.append(_own_language(service.description, business))
    return f"- {as_data(service.slug)} | " + " | ".join(parts)


def _hours_lines(business: Business) -> Iterable[str]:
    for weekday, name in enumerate(_WEEKDAYS):
        intervals = business.hours.get(weekday, ())
        yield f"- {name}: {hours(intervals)}"


def _contact(business: Business) -> str:
    contact = business.contact
    ways = (("phone", contact.phone), ("Telegram", contact.telegram), ("e-mail", contact.email))
    return ", ".join(f"{name} {as_data(value)}" for name, value in ways if value)


def _or_empty(limit: int | None) -> str:
    return "" if limit is None else str(limit)


def system_prompt(business: Business, book: PromptBook) -> RenderedPrompt:
    """Return the static part of every request for this business.

    Args:
        business: its names, facts and texts are put in as escaped data.
        book: the prompts as loaded.

    Returns:
        The same bytes for the same revision of the business and the same prompt file.
    """
    policy = business.policy
    with_card = policy.confirmation is ConfirmationMode.CARD
    services = [_service_line(s, business) for s in business.services if s.active]
    facts = [
        f"- {as_data(topic)}: {_own_language(text, business)}"
        for topic, text in business.facts.items()
    ]
    values = {
        "business_name": _all_languages(business.name, business),
        "time_zone": business.zone,
        "languages": ", ".join(business.languages),
        "services": "\n".join(services) or "- none at the moment",
        "opening_hours": "\n".join(_hours_lines(business)),
        "address": _own_language(business.address, business) if business.address else "",
        "contact": _contact(business),
        "facts": "\n".join(facts),
        "min_notice": _span(policy.min_notice_minutes) if policy.min_notice_minutes else "",
        "horizon_days": str(policy.horizon_days),
        "max_active": str(policy.max_active),
        "max_per_day": _or_empty(policy.max_per_day),
        "max_per_week": _or_empty(policy.max_per_week),
        "cancel_window": _span(policy.cancel_window_minutes),
        "reschedule_window": _span(policy.reschedule_window_minutes),
        "hold_minutes": str(policy.hold_minutes) if with_card else "",
    }
    return book.system.render(values)


def _moment(instant: dt.datetime, zone: str) -> str:
    where = zone_called(zone)
    local = to_local(instant, where)
    offset = utc_offset_label(instant, where)
    return f"{_WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M} ({zone}, {offset})"


def _calendar(now: dt.datetime, zone: str) -> str:
    today = local_date(now, zone_called(zone))
    words = {0: " today", 1: " tomorrow"}
    days = (today + dt.timedelta(days=ahead) for ahead in range(CALENDAR_DAYS))
    return ", ".join(
        f"{_WEEKDAYS[day.weekday()][:3]} {day.isoformat()}{words.get(ahead, '')}"
        for ahead, day in enumerate(days)
    )


def _appointment_line(row: Appointment) -> str:
    where = zone_called(row.zone)
    local = to_local(row.starts_at, where)
    parts = [
        f"#{row.id}",
        as_data(named(row.service_name, "en")),
        f"{_WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M} "
        f"{utc_offset_label(row.starts_at, where)}",
        row.status.value,
    ]
    if row.staff_name:
        parts.append(f"with {as_data(named(row.staff_name, 'en'))}")
    return "- " + " | ".join(parts)


def envelope(
    message: str,
    *,
    book: PromptBook,
    business: Business,
    now: dt.datetime,
    customer_name: str | None = None,
    customer_language: str | None = None,
    customer_zone: str | None = None,
    appointments: Sequence[Appointment] = (),
    open_card: str = "",
) -> str:
    """Return what goes in front of and around a customer's message.

    Args:
        message: what the customer wrote, as it came; it can't close its fence.
        now: instant.
        customer_name, customer_language: as the channel told them; data.
        customer_zone: IANA zone, when known; then "tomorrow" is the customer's.
        appointments: upcoming ones of this customer.
        open_card: what waits for the customer's yes, in words.
    """
    known = {
        "name": customer_name,
        "language": customer_language,
        "local time": _moment(now, customer_zone) if customer_zone else None,
        "open card": open_card,
    }
    facts = [f"{key}: {as_data(value)}" for key, value in known.items() if value]
    rows = "\n".join(_appointment_line(row) for row in appointments)
    values = {
        "now": _moment(now, business.zone),
        "calendar": _calendar(now, business.zone),
        "customer": _fenced("customer_facts", "\n".join(facts)) if facts else "",
        "appointments": _fenced("customer_appointments", rows) if rows else "",
        "message": _fenced("customer_message", as_data(message, single_line=False)),
    }
    return book.envelope.render(values).text
