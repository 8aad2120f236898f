"""Times, prices and durations as a person reads them, in their language.

Every time is told in the zone of the business (booking rules, "labels"). Babel's data gives the
words; the order of the words is fixed here for the languages we speak, because CLDR has no pattern
with weekday, day and month without a year. A language outside the table gets its own words in the
English order, always with the year.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_currency, get_currency_symbol

from assistant.texts import BASE_LANGUAGE, Texts
from booking import localtime, money
from booking.business import Business, LocalText, Service
from db.repositories.customers import Customer


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Date patterns in CLDR letters (UTS 35), and the units of durations."""

    full: str
    full_with_year: str
    short: str
    day: str
    day_and_month: str
    time: str = "HH:mm"
    hours: str = "h"
    minutes: str = "min"


_PATTERNS: Mapping[str, _Patterns] = {
    "en": _Patterns("EEEE, d MMMM", "EEEE, d MMMM y", "EEE d MMM", "EEE d", "EEE d MMMM"),
    "ru": _Patterns(
        "EEEE, d MMMM",
        "EEEE, d MMMM y 'г.'",
        "EEE d MMM",
        "EEE d",
        "EEE d MMMM",
        hours="ч",
        minutes="мин",
    ),
    "de": _Patterns(
        "EEEE, d. MMMM",
        "EEEE, d. MMMM y",
        "ccc d. MMM",
        "ccc d.",
        "ccc d. MMMM",
        hours="Std.",
        minutes="Min.",
    ),
    "es": _Patterns(
        "EEEE, d 'de' MMMM",
        "EEEE, d 'de' MMMM 'de' y",
        "EEE d MMM",
        "EEE d",
        "EEE d 'de' MMMM",
    ),
}
_OTHERS = _Patterns("EEEE, d MMMM y", "EEEE, d MMMM y", "EEE d MMM", "EEE d", "EEE d MMMM y")
# The same few dates, times and prices are told again and again, and Babel is slow: it would take a
# tenth of all the CPU that a booking needs.
_KEPT = 1024


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    """Return the locale of a language code, its base where the region is unknown, else English."""
    code = language.replace("_", "-")
    for candidate in (code, code.split("-")[0]):
        try:
            return Locale.parse(candidate, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(BASE_LANGUAGE)


def _patterns(language: str) -> _Patterns:
    return _PATTERNS.get(_locale(language).language, _OTHERS)


def day_label(
    day: dt.date, language: str, *, today: dt.date | None = None, sentence: bool = False
) -> str:
    """Return weekday and date in full: "Tuesday, 24 November".

    Args:
        day: local date.
        today: local date; the year is told when `day` is in another one, and always without it.
        sentence: whether it begins a line, so that its first letter is a capital.
    """
    patterns = _patterns(language)
    same_year = today is not None and today.year == day.year
    pattern = patterns.full if same_year else patterns.full_with_year
    label = _date(day, pattern, language)
    return label[:1].upper() + label[1:] if sentence else label


# "On Tuesday, 24 November". Russian says it in the accusative, which CLDR hasn't got.
_ON_DAY: Mapping[str, str] = {"en": "on {}", "de": "am {}", "es": "el {}"}
_ON_WEEKDAY_RU = (
    *("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу"),
    "в воскресенье",
)


def on_day_label(day: dt.date, language: str, *, today: dt.date | None = None) -> str:
    """Return when something is: "on Tuesday, 24 November", "в пятницу, 27 ноября".

    Args:
        day, today: as in `day_label`.
    """
    label = day_label(day, language, today=today)
    code = _locale(language).language
    if code == "ru":
        return f"{_ON_WEEKDAY_RU[day.weekday()]},{label.partition(',')[2]}"
    return _ON_DAY.get(code, "{}").format(label)


def date_label(day: dt.date, language: str) -> str:
    """Return weekday and date in short for a button: "Tue 24 Nov", "вт 24 нояб."."""
    return _date(day, _patterns(language).short, language)


@lru_cache(maxsize=_KEPT)
def _date(day: dt.date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=_locale(language))


@lru_cache(maxsize=_KEPT)
def _time(wall: dt.time, language: str) -> str:
    return format_time(wall, _patterns(language).time, locale=_locale(language))


@lru_cache(maxsize=_KEPT)
def _city(zone: str, language: str) -> str:
    where = localtime.zone(zone)
    city = get_timezone_location(where, locale=_locale(language), return_city=True)
    return city.rsplit("/", 1)[-1]


def range_label(first: dt.date, last: dt.date, language: str) -> str:
    """Return a range of days: "Mon 23 – Sun 29 November"; "Mon 30 Nov – Sun 6 Dec".

    Args:
        first, last: local dates, inclusive.
    """
    if (first.year, first.month) != (last.year, last.month):
        return f"{date_label(first, language)} – {date_label(last, language)}"
    patterns, locale = _patterns(language), _locale(language)
    begin = format_date(first, patterns.day, locale=locale)
    return f"{begin} – {format_date(last, patterns.day_and_month, locale=locale)}"


def weekday_label(weekday: int, language: str) -> str:
    """Return a weekday in short to begin a line with: "Mon", "Пн", "Mo", "Lun".

    Args:
        weekday: 0 = Monday.
    """
    names = _locale(language).days["stand-alone"]["abbreviated"]
    label = str(names[weekday]).rstrip(".")
    return label[:1].upper() + label[1:]


def and_list(items: Sequence[str], language: str) -> str:
    """Return items as a person counts them up: "10:00–14:00 and 15:00–20:00"."""
    return format_list(items, locale=_locale(language))


def day_button(day: dt.date, language: str, *, today: dt.date, texts: Texts) -> str:
    """Return the label of a day's button: "Today, Tue 24 Nov", "Tomorrow, ...", "Thu 26 Nov".

    Args:
        day, today: local dates of the business.
    """
    label = date_label(day, language)
    distance = (day - today).days
    if distance == 0:
        return f"{texts.say('today', language)}, {label}"
    if distance == 1:
        return f"{texts.say('tomorrow', language)}, {label}"
    return label


def time_label(instant: dt.datetime, zone: str, language: str) -> str:
    """Return the wall time: "10:00"; with the UTC offset where it comes twice on that day.

    Args:
        instant: aware.
        zone: IANA zone to tell it in.
    """
    where = localtime.zone(zone)
    # The bare wall time, so that Babel formats it and converts nothing.
    label = _time(localtime.to_local(instant, where).time(), language)
    if localtime.is_repeated(instant, where):
        return f"{label} ({localtime.utc_offset_label(instant, where)})"
    return label


def when_label(
    instant: dt.datetime,
    zone: str,
    language: str,
    *,
    now: dt.datetime | None = None,
    sentence: bool = False,
) -> str:
    """Return weekday, date and time: "Tuesday, 24 November, 10:00".

    Args:
        instant: aware.
        zone: IANA zone to tell it in, the business's.
        now: instant; the year is told when it isn't the current one, and always without `now`.
        sentence: whether it begins a line, so that its first letter is a capital.
    """
    where = localtime.zone(zone)
    today = localtime.local_date(now, where) if now is not None else None
    date = localtime.local_date(instant, where)
    day = day_label(date, language, today=today, sentence=sentence)
    return f"{day}, {time_label(instant, zone, language)}"


def zone_label(instant: dt.datetime, zone: str, language: str) -> str:
    """Return a zone as its city and its offset at `instant`: "Berlin, UTC+01:00"."""
    where = localtime.zone(zone)
    offset = localtime.utc_offset_label(instant, where)
    return f"{_city(zone, language)}, {offset}" if "/" in zone else offset


@lru_cache(maxsize=_KEPT)
def price_label(minor: int, currency: str, language: str) -> str:
    """Return a price with the currency's own number of decimals: "€25.00", "¥2,500".

    Args:
        minor: minor units. How many make one is ISO 4217's; CLDR rounds some currencies to whole
            units, which would drop what the customer pays.
        currency: ISO 4217 code.
    """
    locale = _locale(language)
    decimals = money.decimals(currency)
    fraction = f".{'0' * decimals}" if decimals else ""
    pattern = re.sub(r"\.0+", fraction, locale.currency_formats["standard"].pattern)
    if get_currency_symbol(currency, locale)[-1].isalpha():
        # Letters need a space before the number (UTS 35, "currency spacing"); Babel adds none.
        pattern = re.sub(r"¤(?=[#0])", "¤\N{NO-BREAK SPACE}", pattern)
    return format_currency(
        money.from_minor(minor, currency),
        currency,
        format=pattern,
        locale=locale,
        currency_digits=False,
    )


def duration_label(minutes: int, language: str) -> str:
    """Return elapsed minutes as hours and minutes: "1 h 30 min", "1 ч 30 мин"."""
    patterns = _patterns(language)
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} {patterns.hours}"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} {patterns.minutes}")
    return " ".join(parts)


def lead_label(minutes: int, language: str, *, texts: Texts) -> str:
    """Return a self-service window as words for a sentence: "24 hours before the start".

    Args:
        minutes: elapsed minutes before the start. From two days on whole days are told as days.
    """
    if minutes <= 0:
        return texts.say("lead_none", language)
    if minutes % 60:
        return texts.say("lead_minutes", language, count=minutes)
    if minutes % (24 * 60) or minutes < 48 * 60:
        return texts.say("lead_hours", language, count=minutes // 60)
    return texts.say("lead_days", language, count=minutes // (24 * 60))


def service_label(service: Service, language: str) -> str:
    """Return a service with its facts in one line: "Haircut · 30 min · €25.00"."""
    parts = [service.name.get(language), duration_label(service.duration_minutes, language)]
    if service.price_minor is not None and service.currency is not None:
        parts.append(price_label(service.price_minor, service.currency, language))
    return " · ".join(parts)


def services_text(business: Business, language: str, *, texts: Texts) -> str:
    """Return the list of services that can be booked, with durations and prices."""
    services: Sequence[Service] = [service for service in business.services if service.active]
    if not services:
        return texts.say("no_services", language)
    lines = [texts.say("services_title", language)]
    for service in services:
        lines.append(f"• {service_label(service, language)}")
        if service.description is not None:
            lines.append(f"  {one_line(service.description.get(language))}")
    return "\n".join(lines)


def named(by_language: Mapping[str, str], language: str) -> str:
    """Return a snapshot's name in `language`, else in English, else in the first one given."""
    return one_line(LocalText(by_language).get(language))


def one_line(text: str) -> str:
    """Return `text` with every run of white space as one space: data can't start a new line."""
    return " ".join(text.split())


def customer_label(customer: Customer | None) -> str:
    """Return how the owner reads of a customer: the name, with what they are reached by."""
    if customer is None:
        return "?"
    handle = f"@{customer.username}" if customer.username else ""
    known = (customer.name, handle, customer.phone)
    return " ".join(part for part in known if part) or f"#{customer.id}"
