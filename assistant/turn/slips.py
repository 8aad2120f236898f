"""Mends slips of the finger in the words that the check goes by: "bokoed" books as well."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from assistant.turn.claim_words.calendar import CLOCK_WORDS, MONTHS, RELATIVE, WEEKDAYS
from assistant.turn.claim_words.de import GERMAN
from assistant.turn.claim_words.en import ENGLISH
from assistant.turn.claim_words.es import SPANISH
from assistant.turn.claim_words.ru import RUSSIAN

# Shorter words have too many neighbours that are words themselves.
_LEAST_LETTERS = 6
_LEAST_TO_SUBSTITUTE = 8
_WORD = re.compile(r"[a-zа-я]{5,}")
# Words of their own that are one letter away from one of the check's.
_OTHERS = frozenset(
    "betatigt leistung gesucht отметил отметила отметили conformado reciben registrando"
    " salio oficial llevaste".split()
)
# Forms of words that the patterns hold as stems.
_FORMS = frozenset(
    "напоминание напоминания администратор администратору администратора менеджер менеджеру"
    " владелец владельцу коллеге команде erinnerung erinnerungen warteliste inhaber kollege"
    " kollegen mitarbeiter ожидания листе списке список reservarte agendarte apartarte apuntarte"
    " anotarte cancelarte atenderte сообщение freien внесла внесли ofrecerte llegara".split()
)
_CLOCK = frozenset(word for said in CLOCK_WORDS for word in said.split())
_STAFF = frozenset(
    "коллега коллегу коллеге коллегам команда команду команде менеджера менеджером администратором"
    " владельца сотрудник сотруднику сотрудника хозяйка хозяйке хозяйку руководству".split()
)


def mended(text: str) -> str:
    """Return normalised text with misspelt words of the check's vocabulary put right.

    A slip is one letter too few, too many or wrong, or two neighbours swapped; the first letter
    is right, and so are the last ones but for a swap: another ending makes another word.
    """
    return _WORD.sub(lambda word: _mended(word.group()), text)


@lru_cache(maxsize=20_000)
def _mended(word: str) -> str:
    if word in _KNOWN:
        return word
    if word in _SHORTENED:  # a letter is missing
        return _SHORTENED[word][0]
    for i in range(1, len(word) - 1):
        swapped = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        if swapped in _LONG:
            return swapped
    for i in range(1, len(word) - 2):
        shorter = word[:i] + word[i + 1 :]
        if shorter in _LONG:  # one too many
            return shorter
        if shorter in _SHORTENED:  # a wrong one, in the same place
            whole, at = _SHORTENED[shorter]
            if at == i < len(whole) - 3 and len(whole) >= _LEAST_TO_SUBSTITUTE:
                return whole
    return word


def _shortened(words: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Return what each word becomes when it loses an inner letter -> the word, the place."""
    found: dict[str, tuple[str, int]] = {}
    for word in sorted(words):
        for i in range(1, len(word) - 1):
            found.setdefault(word[:i] + word[i + 1 :], (word, i))
    return found


_WORDS = frozenset(
    word
    for words in (
        *(language.vocabulary for language in (ENGLISH, RUSSIAN, GERMAN, SPANISH)),
        *(WEEKDAYS, MONTHS, RELATIVE, _FORMS, _STAFF, _CLOCK),
    )
    for word in words
)
_IDLE = frozenset().union(*(words.idle for words in (ENGLISH, RUSSIAN, GERMAN, SPANISH)))
_KNOWN = (_WORDS | _IDLE | _OTHERS) - {"weren"}  # of "weren't"; German "werden" with a slip
_LONG = frozenset(
    word
    for word in _WORDS - {"massage", "waeren"}
    if len(word) >= _LEAST_LETTERS and " " not in word
)
_SHORTENED = _shortened(_LONG)
