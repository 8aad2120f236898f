"""Which language a person writes in: enough to choose the words of system texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
# Words that tell a language by themselves.
_TELLING = {
    "en": frozenset(
        "hello hi please thanks thank tomorrow today appointment want would like book when what"
        " haircut cancel with the you your".split()
    ),
    "de": frozenset(
        "hallo bitte danke morgen heute termin möchte ich buchen für um uhr haarschnitt wann"
        " nächsten übermorgen nicht mein meinen guten".split()
    ),
    "es": frozenset(
        "hola gracias favor mañana hoy cita quiero reservar cuándo tengo puedo corte próximo"
        " buenos buenas necesito".split()
    ),
}
# Small words that only tell it together with others.
_SMALL = {
    "en": frozenset("a an is are i to for at can my me and of on next it".split()),
    "de": frozenset("der die das ein eine ist am mit und zu mir kann haben es".split()),
    "es": frozenset("el la los un una es yo por para con y mi mis las que del a en de me".split()),
}


def language_of(text: str, offered: Sequence[str]) -> str | None:
    """Return the language that a text is written in, if that can be told.

    A bare "no" or a name tells nothing; the language last seen stays then.

    Args:
        text: what a person wrote.
        offered: languages that there are words for (ISO 639-1).
    """
    if "ru" in offered and _CYRILLIC.search(text):
        return "ru"
    words = [word.casefold() for word in _WORD.findall(text)]
    weights = {
        language: sum(2 * (w in _TELLING[language]) + (w in _SMALL[language]) for w in words)
        for language in _TELLING
        if language in offered
    }
    best = max(weights, key=lambda language: weights[language], default=None)
    if best is None or weights[best] < 2:
        return None
    if sum(weight == weights[best] for weight in weights.values()) > 1:
        return None
    return best
