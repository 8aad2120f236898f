"""The language of system texts follows what a person writes, and isn't thrown by little."""

from __future__ import annotations

import pytest

from assistant.languages import language_of

OFFERED = ("en", "ru", "de", "es")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello, I'd like a haircut", "en"),
        ("haircut tomorrow at 3", "en"),
        ("привет", "ru"),
        ("Ich möchte einen Termin", "de"),
        ("Haarschnitt morgen um 10 Uhr", "de"),
        ("Hola", "es"),
        ("quiero una cita mañana", "es"),
        ("no", None),
        ("Anna", None),
        ("ok", None),
        ("15:30", None),
        ("🎉", None),
        ("", None),
    ],
)
def test_language(text: str, language: str | None) -> None:
    assert language_of(text, OFFERED) == language


def test_only_languages_with_words_are_told() -> None:
    assert language_of("привет", ("en", "de")) is None
