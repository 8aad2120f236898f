"""What typed text means: intents, service, staff, day and time, without a model."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.guided.vocabulary import Intent, Words, split, words_of
from booking.business import Business, LocalText, Resource, Service
from booking.phrases.vocabulary import one_edit_apart

# Longer texts aren't read: nobody asks for an appointment in so many characters.
MAX_CHARACTERS = 1000
_EMOJI_YES = frozenset("👍👌✅✔☑🙆🆗💯")
_EMOJI_NO = frozenset("👎❌✖🚫🙅⛔")


class Kind(StrEnum):
    """Whether there is anything to read."""

    WORDS = "words"
    EMOJI = "emoji"
    NOTHING = "nothing"  # empty, or punctuation only
    TOO_LONG = "too_long"


def kind_of(text: str) -> Kind:
    """Return what sort of text it is."""
    if len(text) > MAX_CHARACTERS:
        return Kind.TOO_LONG
    if words_of(text):
        return Kind.WORDS
    # So = other symbols: emoji among them
    symbols = any(unicodedata.category(character) == "So" for character in text)
    return Kind.EMOJI if symbols else Kind.NOTHING


def yes_or_no(text: str, words: Words) -> bool | None:
    """Return what a bare typed yes or no says, in any language; None for everything else."""
    if len(text) > MAX_CHARACTERS or "?" in text:
        return None
    said = words_of(text)
    if said:
        return words.yes_or_no(said)
    yes, no = _EMOJI_YES & set(text), _EMOJI_NO & set(text)
    return bool(yes) if bool(yes) != bool(no) else None


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says besides its date and time.

    Args:
        services: those it may mean: none, one, or several to choose from.
        staff: the one staff member named; None = none.
        stranger: it asks for a person who doesn't work here.
        unknown: words are left that mean nothing to us, such as an unknown service.
        only_unknown: there is hardly anything but such words.
    """

    intents: frozenset[Intent]
    services: tuple[Service, ...] = ()
    staff: Resource | None = None
    stranger: bool = False
    unknown: bool = False
    only_unknown: bool = False


def understand(text: str, rest: str, business: Business, words: Words) -> Said:
    """Read a text.

    Args:
        text: the whole of it.
        rest: the text without what was read as date and time.
    """
    written = split(rest)
    said = words_of(rest)
    services, in_service = _services(said, business, words)
    staff, in_staff = _staff(said, business)
    left = [i for i in range(len(said)) if i not in in_service | in_staff and not said[i].isdigit()]
    strangers = [
        i
        for i in left
        if i > 0
        and said[i - 1] in words.beside_staff
        and written[i][:1].isupper()
        and len(said[i]) > 2
        and not words.meaningless([said[i]])
    ]
    odd = [i for i in left if i not in strangers and not words.meaningless([said[i]])]
    return Said(
        intents=words.intents(words_of(text)),
        services=services,
        staff=staff,
        stranger=staff is None and bool(strangers),
        unknown=bool(odd),
        only_unknown=0 < len(odd) == len(said) <= 2,
    )


def _services(
    said: Sequence[str], business: Business, words: Words
) -> tuple[tuple[Service, ...], set[int]]:
    """Return the services a text may mean, and the places of the words that name them."""
    best: list[tuple[tuple[bool, int, int], Service]] = []
    places: set[int] = set()
    for service in business.services:
        if not service.active:
            continue
        score = (False, 0, 0)
        for name in _names(service.slug, service.name):
            needed = [word for word in name if word not in words.joining] or list(name)
            at = {i for i, word in enumerate(said) if any(_alike(n, word) for n in needed)}
            found = sum(any(_alike(n, said[i]) for i in at) for n in needed)
            # A short word of a longer name ("and", "spa") is no hint to it.
            hints = any(len(said[i]) > 3 for i in at)
            if found == len(needed) or hints:
                exact = sum(n in said for n in needed)
                score = max(score, (found == len(needed), found, exact))
                places |= at
        if score[1]:
            best.append((score, service))
    if not best:
        return (), set()
    top = max(score for score, _ in best)
    if top[0]:
        return tuple(service for score, service in best if score == top), places
    return tuple(service for _, service in best), places


def _staff(said: Sequence[str], business: Business) -> tuple[Resource | None, set[int]]:
    found: dict[int, Resource] = {}
    places: set[int] = set()
    for service in business.services:
        for member in business.staff_of(service):
            for name in _names(member.slug, member.name):
                at = {i for i, word in enumerate(said) if _alike(name[0], word)}
                if at:
                    found[member.id] = member
                    places |= at
    only = next(iter(found.values())) if len(found) == 1 else None
    return only, places


def _names(slug: str, name: LocalText) -> list[tuple[str, ...]]:
    names = [words_of(slug), *map(words_of, name.by_language.values())]
    return [words for words in names if words]


def _alike(name: str, word: str) -> bool:
    """Return whether `word` is `name`, an inflection of it, or it with one letter wrong."""
    if name == word:
        return True
    if abs(len(name) - len(word)) > 2:
        return False
    # Inflections ("стрижку", "Анне", "haircuts") keep all of a name but its last letter.
    inflects = len(name) > 3 or (len(name) == 3 and name[-1] in "ая")
    if inflects and word.startswith(name[:-1]):
        return True
    return len(name) > 5 and one_edit_apart(name, word)
