"""Answers about the business itself: hours, address, contact, prices, what the owner wrote."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby

from assistant.guided.scene import Scene
from assistant.guided.typed import Said, alike
from assistant.guided.vocabulary import Intent, Words, words_of
from assistant.labels import (
    and_list,
    one_line,
    service_label,
    services_text,
    weekday_label,
)
from booking.business import Business, Contact, DayInterval, LocalText, Service
from booking.phrases import Resolution, Resolved
from tools.get_business_facts import MAX_DAYS, intervals_on
from tools.support.words import span_of

# Dates that differ from the weekly hours are told this far ahead: a month and a bit.
EXCEPTION_DAYS = 42
# A shorter word of a fact ("is", "por") is no sign that it is asked about.
_TELLING = 4
_DAY = dt.timedelta(days=1)


def told(
    scene: Scene,
    words: Words,
    said: Said,
    text: str,
    found: Resolution | None,
    chosen: int | None = None,
) -> str | None:
    """Return what a text asks about the business, answered; None where it asks nothing.

    Args:
        text: what was typed.
        found: the day or time in it.
        chosen: id of the service that is being booked; "how much is it?" means that.
    """
    asks = said.intents
    parts: list[str] = []
    if Intent.HOURS in asks:
        parts.append(hours(scene, found))
    if Intent.ADDRESS in asks:
        parts.append(address(scene))
    if Intent.CONTACT in asks:
        parts.append(contact(scene))
    if Intent.SERVICES in asks:
        service = None if chosen is None else scene.business.service(chosen)
        meant = said.services or (() if service is None else (service,))
        parts.append(_prices(scene, meant))
    if not parts:
        parts += _fact(scene, words, said, text, dated=found is not None)
    return "\n\n".join(parts) or None


def hours(scene: Scene, found: Resolution | None) -> str:
    """Return the opening hours of the day or days asked about, else of the whole week."""
    business, today = scene.business, scene.ctx.today
    moment = found.moment if isinstance(found, Resolved) else None
    if not business.hours and not business.exceptions:
        return contact(scene)  # nobody has told them
    if moment is None or moment.date is None:
        return _week(scene)
    span = span_of(moment, today, count=7)
    count = min((span.last - span.first).days + 1, MAX_DAYS)
    dates = [moment.date] if count < 1 else [span.first + n * _DAY for n in range(count)]
    return "\n".join(_on(scene, date) for date in dates)


def _on(scene: Scene, date: dt.date) -> str:
    day = scene.day(date)
    return f"{day[:1].upper()}{day[1:]}: {_told_hours(scene, intervals_on(scene.business, date))}"


def _told_hours(scene: Scene, intervals: Sequence[DayInterval]) -> str:
    if not intervals:
        return scene.say("closed")
    spans = [f"{_wall(i.opens)}–{_wall(i.closes)}" for i in sorted(intervals)]
    return and_list(spans, scene.language)


def _wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _week(scene: Scene) -> str:
    business, today = scene.business, scene.ctx.today
    lines = [_on(scene, today), "", scene.say("hours_title")]
    for days, intervals in _grouped(business):
        label = weekday_label(days[0], scene.language)
        if len(days) > 1:
            joint = "–" if len(days) > 2 else ", "
            label += f"{joint}{weekday_label(days[-1], scene.language)}"
        lines.append(f"{label}: {_told_hours(scene, intervals)}")
    until = today + EXCEPTION_DAYS * _DAY
    differs = [
        date
        for date, intervals in sorted(business.exceptions.items())
        if today <= date <= until
        and sorted(intervals) != sorted(business.hours.get(date.weekday(), ()))
    ]
    if differs:
        lines += ["", scene.say("hours_exceptions"), *(_on(scene, date) for date in differs)]
    return "\n".join(lines)


def _grouped(business: Business) -> Iterator[tuple[list[int], tuple[DayInterval, ...]]]:
    """Yield runs of weekdays (0 = Monday) with the same hours."""

    def of(day: int) -> tuple[DayInterval, ...]:
        return tuple(sorted(business.hours.get(day, ())))

    for intervals, days in groupby(range(7), key=of):
        yield list(days), intervals


def address(scene: Scene) -> str:
    """Return where the business is, else how to ask."""
    where = scene.business.address
    if where is None:
        return contact(scene)
    return scene.say("line_address", address=one_line(where.get(scene.language)))


def contact(scene: Scene) -> str:
    """Return every way to reach the business that the owner has given."""
    ways = ways_of(scene.business.contact)
    if not ways:
        return scene.say("refusal_contact_unknown")
    return scene.say("line_contact", contact=", ".join(ways))


def unknown(scene: Scene) -> str:
    """Return that a question can't be answered here, with who can be asked."""
    ways = ways_of(scene.business.contact)
    if not ways:
        return scene.say("not_understood")
    return scene.say("question_unknown", contact=", ".join(ways))


def ways_of(given: Contact) -> list[str]:
    """Return the ways to reach a business: phone, Telegram, e-mail."""
    return [way for way in (given.phone, given.telegram, given.email) if way]


def _prices(scene: Scene, services: Sequence[Service]) -> str:
    if not services:
        return services_text(scene.business, scene.language, texts=scene.texts)
    lines = []
    for service in services:
        lines.append(service_label(service, scene.language))
        if service.description is not None:
            lines.append(service.description.get(scene.language))
    return "\n".join(map(one_line, lines))


def _fact(scene: Scene, words: Words, said: Said, text: str, *, dated: bool) -> list[str]:
    """Return the owner's facts that a text asks for, by their topic or by a word of theirs.

    A word of the fact's text alone is a weaker sign, so a text that names a day or a service is
    about an appointment instead.
    """
    if said.intents - {Intent.BOOK, Intent.SERVICES}:
        return []
    asked = [word for word in words_of(text) if word not in words.filler]
    found = [
        one_line(fact.get(scene.language))
        for topic, fact in scene.business.facts.items()
        if _topic(topic, asked)
        or (not (dated or said.services or said.staff) and _mentions(scene, fact, words, asked))
    ]
    return found[:2]


def _topic(topic: str, asked: Sequence[str]) -> bool:
    names = words_of(topic.replace("_", " "))
    return any(
        alike(name, word)
        or (
            name.startswith(word[:_TELLING]) and len(word) >= _TELLING - 1
        )  # "pay" of "payment", "parkplatz" of "parking"
        for name in names
        for word in asked
    )


def _mentions(scene: Scene, fact: LocalText, words: Words, asked: Sequence[str]) -> bool:
    named = {
        word
        for service in scene.business.services
        for name in service.name.by_language.values()
        for word in words_of(name)
    }
    telling = {
        word
        for word in words_of(fact.get(scene.language))
        if len(word) >= _TELLING and word not in words.filler and word not in named
    }
    return any(alike(known, word) for known in telling for word in asked if len(word) >= _TELLING)
