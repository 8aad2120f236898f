"""Which language a person writes in: enough to choose the words of system texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
# Frequent small words that hardly occur in the other languages served.
_WORDS = {
    "en": frozenset(
        "the a an is are you your i want to book for at can please my me with what when hello hi"
        " thanks and of on next tomorrow today cancel appointment haircut would like".split()
    ),
    "de": frozenset(
        "der die das ein eine ist ich möchte bitte für um am mit und zu mir mein meinen wann hallo"
        " danke morgen heute termin buchen kann haben nächsten haarschnitt uhr nicht".split()
    ),
    "es": frozenset(
        "el la los un una es yo quiero por favor para con y mi mis cuándo hola gracias mañana hoy"
        " cita reservar puedo tengo próximo corte las que no del".split()
    ),
}


def language_of(text: str, offered: Sequence[str]) -> str | None:
    """Return the language that a text is written in, if that can be told.

    Args:
        text: what a person wrote.
        offered: languages that there are words for (ISO 639-1).
    """
    if "ru" in offered and _CYRILLIC.search(text):
        return "ru"
    words = [word.casefold() for word in _WORD.findall(text)]
    counts = {
        language: sum(word in known for word in words)
        for language, known in _WORDS.items()
        if language in offered
    }
    best = max(counts, key=lambda language: counts[language], default=None)
    if best is None or counts[best] == 0:
        return None
    if sum(count == counts[best] for count in counts.values()) > 1:
        return None
    return best
