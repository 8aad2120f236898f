"""What typed text means: intents, service, staff, day and time, without a model."""

from __future__ import annotations

import re
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
# Fingers run along these; a word cut out of one says nothing.
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
# So many words around an unknown one, and it may still be all that is asked for.
_SHORT = 3
# So many letters in common with the beginning of a name are a hint to it ("hair", "haircut").
_HINT = 4
# So many letters that begin a service's name are its stem.
_STEM = 5


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
    yes, no = bool(_EMOJI_YES & set(text)), bool(_EMOJI_NO & set(text))
    if said:
        answer = words.yes_or_no(said)
        return None if (no if answer else yes) else answer  # "yes 👎"
    return yes if yes != no else None


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says besides its date and time.

    Args:
        services: those it may mean: none, one, or several to choose from.
        staff: the one staff member named; None = none.
        not_staff: the one who was named as not wanted ("anybody but Anna").
        stranger: it asks for a person who doesn't work here.
        odd: words are left that mean nothing to us.
        unknown_service: such a word stands where a service is named ("massage tomorrow").
        nonsense: such words are no words at all ("asdf").
        seats: how many people come; None = not said.
        question: it holds a question mark.
        every: "all" or "both" is among the words.
        brief: one word, or something with a number: perhaps a day or time that wasn't read.
    """

    intents: frozenset[Intent]
    services: tuple[Service, ...] = ()
    staff: Resource | None = None
    not_staff: Resource | None = None
    stranger: bool = False
    odd: bool = False
    unknown_service: bool = False
    nonsense: bool = False
    seats: int | None = None
    question: bool = False
    every: bool = False
    brief: bool = False


def understand(text: str, rest: str, business: Business, words: Words) -> Said:
    """Read a text.

    Args:
        text: the whole of it.
        rest: the text without what was read as date and time.
    """
    written = split(rest)
    said = words_of(rest)
    services, in_service = _services(said, business, words)
    staff, in_staff = named_staff(said, business)
    unwanted = staff if any(_excepted(said, i, words) for i in in_staff) else None
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
        staff=None if unwanted is not None else staff,
        not_staff=unwanted,
        stranger=staff is None and bool(strangers),
        odd=bool(odd),
        unknown_service=not services
        and _names_unknown(said, odd, words, around=1 if "?" in text else _SHORT),
        nonsense=bool(odd) and all(_is_noise(said[i]) for i in odd),
        question="?" in text,
        every=any(True for _ in words.places_of("every", text)),
        brief=len(written) == 1 or any(character.isdigit() for character in text),
    )


def _names_unknown(said: Sequence[str], odd: Sequence[int], words: Words, around: int) -> bool:
    """Return whether unknown words stand where a service is named.

    So they do behind what asks for a thing ("can I get a ..."), and where there is hardly anything
    else. In a longer sentence they are only words that we don't know.

    Args:
        said: the text's words without its day and time.
        odd: places of the unknown ones.
        around: with fewer words around them than this, they may be all that is wanted.
    """
    if not odd or any(_is_noise(said[i]) for i in odd):
        return False
    if any(words.asks_for(said, i) for i in odd):
        return True
    close = odd[-1] - odd[0] < _SHORT
    return close and len(odd) < _SHORT and len(said) - len(odd) < around


def _is_noise(word: str) -> bool:
    """Return whether a word is a run of keys or holds no vowel, so that nobody says it."""
    if len(word) < _SHORT:
        return True
    if any(word in row or word[::-1] in row for row in _KEYS):
        return True
    return len(word) > _SHORT and not set(word) & set("aeiouyаеиоуыэюя")


def _services(
    said: Sequence[str], business: Business, words: Words
) -> tuple[tuple[Service, ...], set[int]]:
    """Return the services a text may mean, and the places of the words that name them."""
    best: list[tuple[tuple[bool, int, int], Service, set[int]]] = []
    places: set[int] = set()
    for service in business.services:
        if not service.active:
            continue
        score = (False, 0, 0)
        mine: set[int] = set()
        for name in _names(service.slug, service.name):
            needed = [word for word in name if word not in words.joining] or list(name)
            at = {i for i, word in enumerate(said) if any(_means(n, word) for n in needed)}
            found = sum(any(_means(n, said[i]) for i in at) for n in needed)
            # A short word of a longer name ("and", "spa") is no hint to it.
            hints = any(len(said[i]) > 3 for i in at)
            if found == len(needed) or hints:
                exact = sum(n in said for n in needed)
                score = max(score, (found == len(needed), found, exact))
                mine |= at
        places |= mine
        if score[1]:
            best.append((score, service, mine))
    top = max((score for score, _, _ in best), default=(False, 0, 0))
    if top[0]:
        named = set[int]().union(*(at for score, _, at in best if score == top))
        # "Haircut and colour": another one in words of its own is meant too.
        meant = [s for score, s, at in best if score == top or at.isdisjoint(named)]
        return tuple(meant), places
    hinted, at = _hinted(said, business, words)
    ids = {service.id for service in (*(s for _, s, _ in best), *hinted)}
    return tuple(s for s in business.services if s.id in ids), places | at


def _hinted(
    said: Sequence[str], business: Business, words: Words
) -> tuple[tuple[Service, ...], set[int]]:
    """Return the services that a text only hints at: "cut my hair", "подстричься"."""
    at: set[int] = set()
    hinted: list[Service] = []
    for service in business.services:
        names = {word for name in _names(service.slug, service.name) for word in name}
        places = {
            i
            for i, word in enumerate(said)
            if word not in words.filler and any(_hints(name, word) for name in names)
        }
        if service.active and places:
            hinted.append(service)
            at |= places
    return tuple(hinted), at


def _means(name: str, word: str) -> bool:
    """Return whether a word is one of a service's name, or its stem ("colour", "Colouring")."""
    return alike(name, word) or (len(word) >= _STEM and name.startswith(word))


def _hints(name: str, word: str) -> bool:
    begin = word.find(name[:_HINT])
    if len(name) <= _HINT or begin < 0 or (begin and word.isascii()):
        return False
    rest = word[begin:]
    common = next(
        (n for n, (a, b) in enumerate(zip(name, rest, strict=False)) if a != b),
        min(len(name), len(rest)),
    )
    # Russian puts more in front of a stem and behind it.
    return common >= max(_HINT, len(rest) - 2 if word.isascii() else len(rest) // 2)


def named_staff(said: Sequence[str], business: Business) -> tuple[Resource | None, set[int]]:
    """Return the one staff member that words name (None: none, or several), and their places.

    Args:
        said: folded words (`vocabulary.words_of`).
    """
    found: dict[int, Resource] = {}
    places: set[int] = set()
    for service in business.services:
        for member in business.staff_of(service):
            for name in _names(member.slug, member.name):
                at = {i for i, word in enumerate(said) if alike(name[0], word)}
                if at:
                    found[member.id] = member
                    places |= at
    only = next(iter(found.values())) if len(found) == 1 else None
    return only, places


def _excepted(said: Sequence[str], place: int, words: Words) -> bool:
    """Return whether "but" or "not" stands before a name, perhaps with a "with" between."""
    before = place - 1
    while before > 0 and said[before] in words.beside_staff:
        before -= 1
    return before >= 0 and said[before] in words.excepting


def apart_from_names(text: str, business: Business) -> tuple[str, str]:
    """Return a text without the services it names in full, and those names.

    A day or a time in a name is none of the customer's ("Slow evening", "Sunday brunch").
    """
    named: list[str] = []
    for service in business.services:
        for name in service.name.by_language.values():
            whole = re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)
            if whole.search(text):
                text = whole.sub(" ", text)
                named.append(name)
    return text, " ".join(named)


def _names(slug: str, name: LocalText) -> list[tuple[str, ...]]:
    names = [words_of(slug), *map(words_of, name.by_language.values())]
    return [words for words in names if words]


def alike(name: str, word: str) -> bool:
    """Return whether `word` is `name`, an inflection of it, or it with one letter wrong.

    Args:
        name, word: folded (`vocabulary.words_of`).
    """
    if name == word:
        return True
    if abs(len(name) - len(word)) > 2:
        return False
    # Inflections ("стрижку", "Анне", "haircuts") keep all of a name but its last letter.
    inflects = len(name) > 3 or (len(name) == 3 and name[-1] in "ая")
    if inflects and word.startswith(name[:-1]):
        return True
    return len(name) > 5 and one_edit_apart(name, word)
