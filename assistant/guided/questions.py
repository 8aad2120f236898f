"""Whether a text asks something that a bare "yes" could be the answer to."""

from __future__ import annotations

import re

# Offers without a question mark. Rather one too many: the yes is then asked for once more.
_OFFERS = re.compile(
    r"[?？؟]|\b(?:"
    r"if you(?:['’]d)? (?:like|want|wish|prefer|need)|let me know|tell me|just say|shall i|should i"
    r"|would you|do you want|happy to|i can also"
    r"|если (?:хотите|нужно|надо|желаете|удобно)|дайте знать|скажите|напишите|могу также|хотите"
    r"|wenn sie|falls sie|sagen sie|geben sie|lassen sie|soll ich|möchten sie|gerne? auch"
    r"|si (?:quiere|quieres|lo desea|desea|prefiere|le parece)|d[ií]game|av[ií]seme|quiere que"
    r")\b",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Return whether a text holds a question or an offer, in any of the languages."""
    return _OFFERS.search(text) is not None
