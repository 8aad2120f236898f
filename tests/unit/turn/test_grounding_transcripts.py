"""Thousands of replies made of the tables' sentences as models string them together."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from assistant.turn.grounding import problems
from tests.unit.turn.corpus import LANGUAGES, NOTHING_DONE, rows

REPLIES = 1500
_BEFORE = {
    "en": ("Sure!", "Great choice!", "Thank you, Ann.", "Hi there 👋", "Of course.", "Got it.", ""),
    "ru": ("Конечно!", "Отличный выбор!", "Спасибо, Анна.", "Здравствуйте 👋", "Хорошо.", ""),
    "de": ("Gerne!", "Gute Wahl!", "Danke, Anna.", "Hallo 👋", "Natürlich.", ""),
    "es": ("¡Claro!", "¡Buena elección!", "Gracias, Ana.", "¡Hola! 👋", "Por supuesto.", ""),
}
_AFTER = {
    "en": ("Anything else?", "Have a nice day!", "The haircut takes 45 minutes (35.00 EUR).", ""),
    "ru": ("Что-нибудь ещё?", "Хорошего дня!", "Стрижка длится 45 минут (35,00 EUR).", ""),
    "de": ("Noch etwas?", "Schönen Tag!", "Der Schnitt dauert 45 Minuten (35,00 EUR).", ""),
    "es": ("¿Algo más?", "¡Buen día!", "El corte dura 45 minutos (35,00 EUR).", ""),
}


def _dressed(sentence: str, chance: random.Random) -> str:
    """Return the sentence in one of the dresses that chat texts wear."""
    return chance.choice(
        (
            sentence,
            sentence,
            sentence,
            f"**{sentence}**",
            f"_{sentence}_",
            sentence.upper() if "/" not in sentence else sentence,
            sentence.replace(" ", "\u00a0"),
            f"{sentence} 😊",
            f"- {sentence}",
            sentence.replace("'", "’"),
        )
    )


def _replies(language: str, seed: int) -> Iterator[tuple[bool, str]]:
    """Yield (whether it claims, reply)."""
    chance = random.Random(seed)
    claims = [row.sentence for row in rows(language) if row.is_claim]
    harmless = [row.sentence for row in rows(language) if row.label == "harmless"]
    for number in range(REPLIES):
        claims_it = number % 2 == 0
        middle = [_dressed(chance.choice(harmless), chance) for _ in range(chance.randint(0, 2))]
        if claims_it:
            claim = _dressed(chance.choice(claims), chance)
            middle.insert(chance.randint(0, len(middle)), claim)
        elif not middle:
            middle = [_dressed(chance.choice(harmless), chance)]
        parts = [chance.choice(_BEFORE[language]), *middle, chance.choice(_AFTER[language])]
        parts = [part for part in parts if part]
        # A list's item starts a line, and what ends without a full stop ends one.
        lines = any(part.startswith("- ") or part[-1].isalnum() for part in parts)
        yield claims_it, ("\n" if lines else chance.choice(" \n")).join(parts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_claim_passes_and_false_alarms_are_rare(language: str) -> None:
    passed, alarmed, harmless = [], [], 0
    for claims_it, reply in _replies(language, seed=20261121):
        found = problems(reply, NOTHING_DONE)
        if claims_it and not found:
            passed.append(reply)
        if not claims_it:
            harmless += 1
            if found:
                alarmed.append((found, reply))
    assert passed == []
    assert len(alarmed) <= harmless // 100, alarmed[:20]
