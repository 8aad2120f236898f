"""Dates in words from the business's clock: one instant, three zones, four languages."""

import datetime as dt

import pytest

from booking.business import Business, LocalText
from booking.phrases import Moment
from tools.support.outcomes import ArgumentProblem
from tools.support.words import read_moment

# Wednesday evening in Spain, Wednesday noon in Mexico, Thursday morning in Samoa.
NOW = dt.datetime(2026, 11, 25, 18, 30, tzinfo=dt.UTC)


def read(zone: str, language: str, phrase: str) -> Moment:
    name = LocalText({"en": "Shop"})
    shop = Business(1, "shop", name, zone, ("en", "ru", "de", "es"), {}, services=(), resources=())
    found = read_moment("when", phrase, shop, NOW, language)
    assert isinstance(found, Moment), found
    return found


@pytest.mark.parametrize(
    ("language", "phrase"),
    [
        ("en", "tomorrow at half past three"),
        ("ru", "завтра в половине четвёртого"),
        ("de", "morgen um halb vier"),
        ("es", "mañana a las tres y media"),
    ],
)
@pytest.mark.parametrize(
    ("zone", "tomorrow"),
    [("Europe/Madrid", 26), ("America/Mexico_City", 26), ("Pacific/Apia", 27)],
)
def test_tomorrow_is_the_business_s(language: str, phrase: str, zone: str, tomorrow: int) -> None:
    moment = read(zone, language, phrase)
    assert (moment.date, moment.time) == (dt.date(2026, 11, tomorrow), dt.time(15, 30))


@pytest.mark.parametrize(
    ("zone", "date"),
    [
        # At five it is already past in Spain, still ahead in Mexico, and Thursday in Samoa.
        ("Europe/Madrid", dt.date(2026, 12, 2)),
        ("America/Mexico_City", dt.date(2026, 11, 25)),
        ("Pacific/Apia", dt.date(2026, 12, 2)),
    ],
)
@pytest.mark.parametrize("phrase", ["el miércoles a las 5", "в среду в 5", "Mittwoch um 5"])
def test_a_weekday_is_today_only_while_its_time_is_ahead(
    zone: str, date: dt.date, phrase: str
) -> None:
    assert read(zone, "es", phrase).date == date


@pytest.mark.parametrize("phrase", ["every Friday at 10", "каждую пятницу", "jeden Freitag"])
def test_a_rule_is_no_time(phrase: str) -> None:
    name = LocalText({"en": "Shop"})
    shop = Business(1, "shop", name, "Europe/Madrid", ("en",), {}, services=(), resources=())
    found = read_moment("when", phrase, shop, NOW, "en")
    assert isinstance(found, ArgumentProblem)
    assert found.error.startswith("when: names a rule")
