"""Words that call a person at once: an emergency, violence, harassment, a threat.

No model decides this: the lists are in a file that admins edit, and are kept conservative, since a
false alarm silences the assistant and wakes the owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from assistant.guided.vocabulary import Entry, entries_of, parse_intents, words_of
from booking.hand_off import HandOffReason

SHIPPED = Path(__file__).resolve().parents[2] / "prompts" / "alarms.yaml"
# The lists of the file; of several that fit, the first one counts.
_REASONS = (HandOffReason.MEDICAL, HandOffReason.ABUSE)
_NAMES = tuple(reason.value for reason in _REASONS)
_DENIALS = frozenset(
    "not no never isn wasn don didn won нет не никакой никакого kein keine keinen keinem nicht nie"
    " ni nunca sin".split()
)
_DENIED_WITHIN = 3


def alarm_problems(languages: Mapping[str, Mapping[str, object]]) -> list[tuple[str, str, str]]:
    """Return what is wrong with the lists: language, list and problem of each mistake."""
    problems: list[tuple[str, str, str]] = []
    for language, given in languages.items():
        problems += [(language, name, "missing") for name in _NAMES if name not in given]
        for name, entries in given.items():
            if name not in _NAMES:
                known = ", ".join(_NAMES)
                problems.append((language, name, f"no such list is used; there are {known}"))
            elif not isinstance(entries, str):
                said = "its entries are no text; write them with commas between, or in quotes"
                problems.append((language, name, said))
    return problems


class Alarms:
    """The lists of all languages together: in an emergency people write in their own.

    Args:
        languages: language code -> list -> entries separated by commas; without problems.
    """

    def __init__(self, languages: Mapping[str, Mapping[str, str]]) -> None:
        self._entries: dict[HandOffReason, list[Entry]] = {
            reason: [
                entry for given in languages.values() for entry in entries_of(given[reason.value])
            ]
            for reason in _REASONS
        }

    def in_text(self, text: str) -> HandOffReason | None:
        """Return what a customer's words call a person for; None where they don't."""
        words = words_of(text)
        for reason, entries in self._entries.items():
            if any(_raised(entry, words) for entry in entries):
                return reason
        return None


def _raised(entry: Entry, words: tuple[str, ...]) -> bool:
    if entry.whole:
        return entry.is_in(words)
    return any(
        entry.at(words, place)
        and not _DENIALS.intersection(words[max(0, place - _DENIED_WITHIN) : place])
        for place in range(len(words) - len(entry.words) + 1)
    )


@cache
def shipped_alarms() -> Alarms:
    """Return the lists that come with the program."""
    return Alarms(parse_intents(SHIPPED.read_text(encoding="utf-8"))[0])
