"""Times of the model's text against listings, rows, hours and the customer's words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from assistant.turn.grounding import Backing, Problem, problems
from assistant.turn.plain_text import normalised
from assistant.turn.wall_times import find
from tests.unit.turn.corpus import APPOINTMENT, HERE, TODAY

TUESDAY, WEDNESDAY = dt.date(2026, 11, 24), dt.date(2026, 11, 25)
LISTED = Backing(
    offered=frozenset(
        {
            *((TUESDAY, dt.time(h, m)) for h, m in ((10, 0), (10, 30), (14, 0))),
            *((WEDNESDAY, dt.time(h, m)) for h, m in ((9, 0), (11, 0), (15, 30))),
        }
    ),
    opening=frozenset({dt.time(10), dt.time(20), dt.time(13)}),
    today=TODAY,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at 10:00", {"10:00", "22:00"}),
        ("10.00 Uhr", {"10:00", "22:00"}),
        ("um 9 Uhr 30", {"09:30", "21:30"}),
        ("at 10 am", {"10:00"}),
        ("2:30 pm", {"14:30"}),
        ("2:30 p.m.", {"14:30"}),
        ("12 am", {"00:00"}),
        ("12 pm", {"12:00"}),
        ("at noon", {"12:00"}),
        ("half past two", {"02:30", "14:30"}),
        ("quarter to 3", {"02:45", "14:45"}),
        ("at 3 o'clock", {"03:00", "15:00"}),
        ("at ten", {"10:00", "22:00"}),
        ("в 15:00", {"15:00"}),
        ("в 3 часа дня", {"15:00"}),
        ("в 15 часов", {"15:00"}),
        ("в полтретьего", {"02:30", "14:30"}),
        ("к 10 утра", {"10:00"}),
        ("a las 15:00", {"15:00"}),
        ("a las 3 de la tarde", {"15:00"}),
        ("a las diez y media", {"10:30", "22:30"}),
        ("a las 3 y media", {"03:30", "15:30"}),
        ("halb drei", {"02:30", "14:30"}),
        ("viertel nach drei", {"03:15", "15:15"}),
        ("um zehn", {"10:00", "22:00"}),
        ("um 14 Uhr", {"14:00"}),
        ("07:30", {"07:30"}),
        ("15:30", {"15:30"}),
        ("1\ufe0f\u20e30\ufe0f\u20e3:0\ufe0f\u20e30\ufe0f\u20e3 am", {"10:00"}),
    ],
)
def test_times_are_read(text: str, expected: set[str]) -> None:
    times = find(normalised(text)).times
    assert len(times) == 1
    assert {f"{t:%H:%M}" for t in times[0].readings} == expected


@pytest.mark.parametrize(
    "text",
    [
        "45 minutes",
        "It takes 1.5 hours.",
        "1:30 hours",
        "35.00 EUR",
        "35,00 €",
        "€35.00",
        "It costs 12.50.",
        "Call +49 30 5550100 or 030 5550 1000.",
        "24.11.2026",
        "24/11",
        "2026-11-24",
        "Tuesday, 24 November 2026",
        "12 Linden St, 10115 Berlin",
        "at 12 Linden Street",
        "24 hours before",
        "за 24 часа",
        "24 Stunden vorher",
        "24 horas antes",
        "45 минут, 2500 руб.",
        "на 60 дней вперёд",
        "3 free slots",
        "version 2.10",
        "Haarschnitt 35,00 EUR, 45 Min.",
        "",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert find(normalised(text)).times == ()


@pytest.mark.parametrize(
    "text",
    [
        "Tuesday at 10:00 is free.",
        "I have 10:00, 10:30 or 14:00 on Tuesday.",
        "Tuesday 24 November: 10:00, 10:30, 14:00\nWednesday 25 November: 9:00, 11:00, 15:30",
        "**Tuesday, 24 November**\n- 10:00\n- 10:30\n- 2 pm\n\n**Wednesday**\n- 9 am\n- 3:30 pm",
        "10:00 on Tuesday or 11:00 on Wednesday?",
        "On Tuesday I have 10:00 and 14:00, on Wednesday 15:30.",
        "Во вторник свободно в 10:00 и 14:00, в среду в 15:30.",
        "Am Dienstag um 10:00 Uhr oder am Mittwoch um halb vier.",
        "El martes a las 10:00 o el miércoles a las 15:30.",
        "2026-11-24 10:00",
        "24.11. um 10:00 Uhr",
        "10:00–10:45 on Tuesday",
        "We're open from 10:00 to 20:00.",
        "Mon–Fri: 10:00–20:00",
        "Мы работаем с 10:00 до 20:00.",
        "Wir haben von 10:00 bis 20:00 Uhr geöffnet, Pause ab 13:00 Uhr.",
        "Abrimos de 10:00 a 20:00.",
        "Unfortunately 12:15 isn't available.",
        "12:15 is already taken, but 10:00 on Tuesday is free.",
        "К сожалению, 12:15 занято.",
        "12:15 Uhr ist leider belegt.",
        "A las 12:15 no hay sitio.",
    ],
)
def test_listed_times_and_facts_pass(text: str) -> None:
    assert problems(text, LISTED) == []


@pytest.mark.parametrize(
    "text",
    [
        "Tuesday at 11:15 is free.",
        "Tuesday at 11:00 is free.",
        "Wednesday at 10:00 or Tuesday at 10:00?",
        "11:00 on Tuesday works.",
        "Tuesday 25 November at 11:00 is free.",
        "Tuesday: 10:00, 10:30, 16:00",
        "**Tuesday**\n- 10:00\n- 9:00",
        "How about 4 pm?",
        "I could offer 12:30 tomorrow.",
        "Во вторник есть время в 12:30.",
        "Свободно в среду в 10:00.",
        "Am Dienstag wäre um halb drei frei.",
        "Um 16 Uhr ist noch frei.",
        "El martes a las 12:00 está libre.",
        "A las 4 de la tarde hay hueco.",
        "12:15 isn't free, but 12:30 is.",
        "Can't you come at 12:30?",
        "Friday at 10:00 is free.",
        "tomorrow at 10:00",
        "26.11. um 10:00 Uhr ist frei",
        "10:00–18:00 is free on Tuesday",
        "Tuesday at １１：１５",
    ],
)
def test_unlisted_times_dont(text: str) -> None:
    assert Problem.UNLISTED_TIME in problems(text, LISTED)


def test_offers_are_held_against_the_listing_in_every_spelling() -> None:
    lines = (HERE / "offered_times.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert len(rows) >= 90
    wrong = [text for kind, text in rows if (kind == "stop") is not bool(problems(text, LISTED))]
    assert wrong == []


def test_the_customers_own_times_may_be_echoed() -> None:
    said = replace(LISTED, said="can I come on friday at quarter past four?")
    assert problems("Let me see: Friday at 16:15?", said) == []
    assert problems("Let me see: Friday at 4:15 pm?", said) == []
    assert problems("Let me see: Thursday at 16:15?", said) == [Problem.UNLISTED_TIME]
    assert problems("Let me see: Friday at 16:30?", said) == [Problem.UNLISTED_TIME]


def test_times_of_standing_rows_may_be_told() -> None:
    rows = Backing(appointments=(APPOINTMENT,), today=TODAY)
    assert problems("Your appointments:\n• Haircut, Tuesday 24 November, 10:00–10:45", rows) == []
    assert problems("Do you mean Tuesday at 10:00?", rows) == []
    assert problems("Do you mean Wednesday at 10:00?", rows) == [Problem.UNLISTED_TIME]


def test_tomorrow_is_any_day_while_today_is_unknown() -> None:
    offered = frozenset({(TODAY + dt.timedelta(days=1), dt.time(10))})
    assert problems("tomorrow at 10:00", Backing(offered=offered)) == []
    assert problems("tomorrow at 10:00", Backing(offered=offered, today=TODAY)) == []
    late = Backing(offered=offered, today=TODAY - dt.timedelta(days=3))
    assert problems("tomorrow at 10:00", late) == [Problem.UNLISTED_TIME]
