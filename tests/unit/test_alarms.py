"""The words that call a person at once: what they are for, and what only sounds like it."""

from __future__ import annotations

import pytest

from assistant.hand_off.alarms import Alarms, alarm_problems, shipped_alarms
from booking.hand_off import HandOffReason

MEDICAL, ABUSE = HandOffReason.MEDICAL, HandOffReason.ABUSE


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Help! Somebody collapsed in your waiting room", MEDICAL),
        ("my husband is having a heart attack, call an ambulance!!", MEDICAL),
        ("I can't breathe", MEDICAL),
        ("she isn't breathing", MEDICAL),
        ("I want to die", MEDICAL),
        ("your stylist groped me today", ABUSE),
        ("He threatened me", ABUSE),
        ("I'll kill you", ABUSE),
        ("У вас тут человек без сознания", MEDICAL),
        ("СРОЧНО СКОРУЮ", MEDICAL),
        ("он не дышит", MEDICAL),
        ("ваш мастер домогался ко мне", ABUSE),
        ("Rufen Sie den Notarzt, er atmet nicht", MEDICAL),
        ("Bei Ihnen ist gerade jemand zusammengebrochen", MEDICAL),
        ("Der Friseur hat mich belästigt", ABUSE),
        ("Llamen a una ambulancia, no respira", MEDICAL),
        ("no para de sangrar", MEDICAL),
        ("su empleado me amenazó", ABUSE),
        # The danger comes first where both are told.
        ("he punched me and I'm bleeding heavily", MEDICAL),
    ],
)
def test_an_alarm(said: str, reason: HandOffReason) -> None:
    assert shipped_alarms().in_text(said) is reason


@pytest.mark.parametrize(
    "said",
    [
        "I want to die my hair blonde",
        "your prices gave me a heart attack, lol",
        "hit me up when a slot opens on Friday",
        "I could kill myself for forgetting the appointment",
        "it's not a medical emergency, but can I come today?",
        "No need to call an ambulance, just a haircut",
        "my grandmother had a stroke last year, is the massage safe?",
        "please call 112 34 56 to confirm",
        "the line is dead, my phone died",
        "this traffic is killing me, I'll be late",
        "emergency haircut please, wedding tomorrow!",
        "умираю, как хочу подстричься",
        "я вас убедительно прошу перенести запись",
        "скорее бы пятница",
        "у мамы был инсульт в прошлом году, можно массаж?",
        "Ich bringe meinen Sohn um drei",
        "Ich bringe euch um drei die Bilder",
        "Notfall: meine Haare sehen furchtbar aus",
        "Mein Vater hatte einen Herzinfarkt, darf er in die Sauna?",
        "me pegó la gripe, ¿puedo mover la cita?",
        "me muero por un corte nuevo",
        "mi hija se desmayó ayer, cancelo la cita",
        "",
        "💥",
    ],
)
def test_no_alarm(said: str) -> None:
    assert shipped_alarms().in_text(said) is None


def test_a_list_that_is_missing_is_told() -> None:
    problems = alarm_problems({"en": {"medical": "x", "abus": "y"}})
    assert [(language, name) for language, name, _ in problems] == [("en", "abuse"), ("en", "abus")]


def test_another_language_is_another_block() -> None:
    alarms = Alarms({"nl": {"medical": "bel een ambulance", "abuse": ""}})
    assert alarms.in_text("Bel een ambulance!") is MEDICAL
