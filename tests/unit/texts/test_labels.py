"""Times, prices and durations as people read them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from assistant.labels import (
    date_label,
    day_button,
    day_label,
    duration_label,
    lead_label,
    on_day_label,
    one_line,
    price_label,
    service_label,
    services_text,
    time_label,
    when_label,
    zone_label,
)
from assistant.texts import Texts
from booking.business import Business, LocalText, Service

BERLIN = "Europe/Berlin"
NBSP = "\N{NO-BREAK SPACE}"


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Tuesday, 24 November, 10:00"),
        ("ru", "вторник, 24 ноября, 10:00"),
        ("ru-RU", "вторник, 24 ноября, 10:00"),
        ("de", "Dienstag, 24. November, 10:00"),
        ("es", "martes, 24 de noviembre, 10:00"),
        ("xx", "Tuesday, 24 November, 10:00"),
    ],
)
def test_when(language: str, said: str, now: dt.datetime) -> None:
    assert when_label(utc(2026, 11, 24, 9), BERLIN, language, now=now) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Saturday, 2 January 2027, 10:00"),
        ("ru", "суббота, 2 января 2027 г., 10:00"),
        ("de", "Samstag, 2. Januar 2027, 10:00"),
        ("es", "sábado, 2 de enero de 2027, 10:00"),
        ("fr", "samedi, 2 janvier 2027, 10:00"),
    ],
)
def test_year_is_told_when_it_is_not_this_one(language: str, said: str, now: dt.datetime) -> None:
    assert when_label(utc(2027, 1, 2, 9), BERLIN, language, now=now) == said
    assert when_label(utc(2027, 1, 2, 9), BERLIN, language) == said


def test_year_turns_with_the_business_not_with_utc() -> None:
    # 23:30Z on New Year's Eve is already 2027 in Berlin, for the label and for today.
    new_year = utc(2026, 12, 31, 23, 30)
    said = when_label(new_year, BERLIN, "en", now=new_year)
    assert said == "Friday, 1 January, 00:30"
    assert when_label(new_year, BERLIN, "en", now=utc(2026, 12, 31, 22)).endswith("2027, 00:30")


def test_a_line_begins_with_a_capital(now: dt.datetime) -> None:
    said = when_label(utc(2026, 11, 24, 9), BERLIN, "ru", now=now, sentence=True)
    assert said == "Вторник, 24 ноября, 10:00"


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (utc(2026, 10, 24, 23, 59), "Sunday, 25 October, 01:59"),
        (utc(2026, 10, 25, 0, 0), "Sunday, 25 October, 02:00 (UTC+02:00)"),
        (utc(2026, 10, 25, 0, 30), "Sunday, 25 October, 02:30 (UTC+02:00)"),
        (utc(2026, 10, 25, 1, 30), "Sunday, 25 October, 02:30 (UTC+01:00)"),
        (utc(2026, 10, 25, 2, 0), "Sunday, 25 October, 03:00"),
    ],
)
def test_offset_is_told_where_the_wall_time_repeats(
    instant: dt.datetime, said: str, now: dt.datetime
) -> None:
    assert when_label(instant, BERLIN, "en", now=now) == said


def test_russian_repeated_hour(now: dt.datetime) -> None:
    said = when_label(utc(2026, 10, 25, 1, 30), BERLIN, "ru", now=now)
    assert said == "воскресенье, 25 октября, 02:30 (UTC+01:00)"


def test_kathmandu(now: dt.datetime) -> None:
    instant = utc(2026, 11, 24, 18, 30)
    assert when_label(instant, "Asia/Kathmandu", "en", now=now) == "Wednesday, 25 November, 00:15"
    assert when_label(instant, "Asia/Kathmandu", "ru", now=now) == "среда, 25 ноября, 00:15"
    assert zone_label(instant, "Asia/Kathmandu", "en") == "Kathmandu, UTC+05:45"


def test_zone_names() -> None:
    winter, summer = utc(2026, 11, 24), utc(2026, 7, 1)
    assert zone_label(winter, BERLIN, "ru") == "Берлин, UTC+01:00"
    assert zone_label(summer, BERLIN, "es") == "Berlín, UTC+02:00"
    assert zone_label(winter, "America/Argentina/Buenos_Aires", "en") == "Buenos Aires, UTC-03:00"
    assert zone_label(winter, "UTC", "en") == "UTC+00:00"


def test_time_alone() -> None:
    assert time_label(utc(2026, 11, 24, 8, 5), BERLIN, "en") == "09:05"
    assert time_label(utc(2026, 10, 25, 0, 30), BERLIN, "de") == "02:30 (UTC+02:00)"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Tue 24 Nov"),
        ("ru", "вт 24 нояб."),
        ("de", "Di 24. Nov."),
        ("es", "mar 24 nov"),
    ],
)
def test_short_date(language: str, said: str) -> None:
    assert date_label(dt.date(2026, 11, 24), language) == said


def test_day_buttons(texts: Texts) -> None:
    today = dt.date(2026, 11, 24)
    days = [today + dt.timedelta(days=ahead) for ahead in (-1, 0, 1, 2)]
    english = [day_button(day, "en", today=today, texts=texts) for day in days]
    assert english == ["Mon 23 Nov", "Today, Tue 24 Nov", "Tomorrow, Wed 25 Nov", "Thu 26 Nov"]
    russian = [day_button(day, "ru", today=today, texts=texts) for day in days]
    assert russian == ["пн 23 нояб.", "Сегодня, вт 24 нояб.", "Завтра, ср 25 нояб.", "чт 26 нояб."]


def test_day_in_full() -> None:
    day = dt.date(2026, 11, 24)
    assert day_label(day, "en", today=dt.date(2026, 1, 1)) == "Tuesday, 24 November"
    assert day_label(day, "de") == "Dienstag, 24. November 2026"


@pytest.mark.parametrize(
    ("minor", "currency", "language", "said"),
    [
        (2500, "EUR", "en", "€25.00"),
        (2500, "EUR", "de", f"25,00{NBSP}€"),
        (123450, "EUR", "ru", f"1{NBSP}234,50{NBSP}€"),
        (150000, "RUB", "ru", f"1{NBSP}500,00{NBSP}₽"),
        (2500, "JPY", "en", "¥2,500"),
        (2500, "KWD", "en", f"KWD{NBSP}2.500"),
        # ISO 4217 gives the dinar two decimals where CLDR shows none.
        (150050, "RSD", "en", f"RSD{NBSP}1,500.50"),
        (0, "USD", "en", "$0.00"),
    ],
)
def test_price(minor: int, currency: str, language: str, said: str) -> None:
    assert price_label(minor, currency, language) == said


@pytest.mark.parametrize(
    ("minutes", "english", "russian"),
    [(30, "30 min", "30 мин"), (60, "1 h", "1 ч"), (90, "1 h 30 min", "1 ч 30 мин")],
)
def test_duration(minutes: int, english: str, russian: str) -> None:
    assert duration_label(minutes, "en") == english
    assert duration_label(minutes, "ru") == russian


@pytest.mark.parametrize(
    ("minutes", "english", "russian"),
    [
        (0, "before it starts", "к моменту начала"),
        (1, "1 minute before the start", "за 1 минуту до начала"),
        (90, "90 minutes before the start", "за 90 минут до начала"),
        (1440, "24 hours before the start", "за 24 часа до начала"),
        (2160, "36 hours before the start", "за 36 часов до начала"),
        (2880, "2 days before the start", "за 2 дня до начала"),
        (7200, "5 days before the start", "за 5 дней до начала"),
    ],
)
def test_lead(texts: Texts, minutes: int, english: str, russian: str) -> None:
    assert lead_label(minutes, "en", texts=texts) == english
    assert lead_label(minutes, "ru", texts=texts) == russian


def test_services(business: Business, make_business: Any, texts: Texts) -> None:
    assert services_text(business, "en", texts=texts) == (
        "Services & prices:\n• Haircut · 45 min · €25.00"
    )
    free = Service(
        id=8,
        slug="talk",
        name=LocalText({"en": "Talk"}),
        duration_minutes=20,
        description=LocalText({"en": "First\nvisit"}),
    )
    hidden = Service(
        id=9, slug="old", name=LocalText({"en": "Old"}), duration_minutes=20, active=False
    )
    assert service_label(free, "ru") == "Talk · 20 мин"
    several = make_business(services=(free, hidden))
    assert services_text(several, "en", texts=texts) == (
        "Services & prices:\n• Talk · 20 min\n  First visit"
    )
    none = make_business(services=(hidden,))
    assert services_text(none, "en", texts=texts) == texts.say("no_services", "en")


def test_one_line() -> None:
    assert one_line(" a\r\n\tb\N{LINE SEPARATOR}c ") == "a b c"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "on Wednesday, 25 November"),
        ("ru", "в среду, 25 ноября"),
        ("de", "am Mittwoch, 25. November"),
        ("es", "el miércoles, 25 de noviembre"),
    ],
)
def test_when_something_is_with_its_preposition(language: str, said: str) -> None:
    day = dt.date(2026, 11, 25)
    assert on_day_label(day, language, today=day) == said


def test_russian_weekdays_stand_in_the_accusative() -> None:
    monday = dt.date(2026, 11, 23)
    days = [monday + dt.timedelta(days=n) for n in range(7)]
    assert [on_day_label(day, "ru", today=monday).partition(",")[0] for day in days] == [
        *("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу"),
        "в воскресенье",
    ]
