"""The word lists of the guided flow, read from the file that admins edit, and how words compare."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import groupby
from pathlib import Path

import yaml

from assistant.prompts.yaml_files import Lines, read_yaml
from booking.phrases.vocabulary import one_edit_apart

SHIPPED = Path(__file__).resolve().parents[2] / "prompts" / "intents.yaml"
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"(.)\1+")
# Stands in an entry for any words.
_GAP = ".."
# From this length on one wrong letter still leaves no doubt about the word.
_FORGIVING = 6
# What chooses from things shown is said in so many words at most; -1 = the last of them.
_CHOICE = 8
_PLACES = {0: "first", 1: "second", 2: "third", -1: "last"}


class Intent(StrEnum):
    """What a typed message may ask for; the values are the keys of the file."""

    BOOK = "book"
    MY = "my"
    CANCEL = "cancel"
    MOVE = "move"
    PRIVACY = "privacy"
    HELP = "help"
    HUMAN = "human"
    SERVICES = "services"
    START = "start"
    THANKS = "thanks"
    BYE = "bye"
    OTHER_TIMES = "other_times"
    OTHER_DAY = "other_day"
    SOONEST = "soonest"
    ANYONE = "anyone"
    HOURS = "hours"
    ADDRESS = "address"
    CONTACT = "contact"
    WAIT = "wait"
    STOP = "stop"
    RUDE = "rude"
    CHANGE = "change"
    EARLIER = "earlier"
    LATER = "later"
    USUAL = "usual"


# Lists that name no intent: yes, no, what may stand beside them, words that say nothing, and what
# chooses from things shown.
_LISTS = (
    "affirm",
    "deny",
    "polite",
    "with",
    "joining",
    "also",
    "every",
    "filler",
    "asking",
    "except",
    "no_answer",
    *("first", "second", "third", "last"),
)
_NAMES = (*_LISTS, *(intent.value for intent in Intent))


class IntentsError(ValueError):
    """The file of word lists can't be used; the message lists every problem, one a line."""


def words_of(text: str) -> tuple[str, ...]:
    """Return a text's words, folded: lower case, no accents, letters typed twice only once."""
    return tuple(_folded(word) for word in split(text))


def split(text: str) -> tuple[str, ...]:
    """Return a text's words as they are written; `words_of` gives the same ones folded."""
    return tuple(_WORD.findall(unicodedata.normalize("NFC", text)))


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return bare if bare.isdigit() else _RUN.sub(r"\1", bare)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list.

    Args:
        words: folded; one that ends in `*` stands for all that begin like it, and `..` for any
            words between the two beside it.
        whole: whether it counts only as the whole message.
    """

    words: tuple[str, ...]
    whole: bool = False

    def at(self, words: Sequence[str], place: int) -> bool:
        """Return whether the entry's words stand at a place in a text's words."""
        found = words[place : place + len(self.words)]
        return len(found) == len(self.words) and all(map(_fits, self.words, found))

    def is_in(self, words: Sequence[str]) -> bool:
        """Return whether a text's words hold the entry, or are it."""
        if self.whole:
            return len(words) == len(self.words) and self.at(words, 0)
        if _GAP not in self.words:
            return any(self.at(words, place) for place in range(len(words)))
        # Each part at its first place behind the one before: more can't be found elsewhere.
        begin = 0
        for part in _parts(self.words):
            piece = Entry(part)
            places = (n for n in range(begin, len(words)) if piece.at(words, n))
            place = next(places, None)
            if place is None:
                return False
            begin = place + len(part)
        return True


def _parts(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for is_gap, part in groupby(words, key=lambda word: word == _GAP):
        if not is_gap:
            yield tuple(part)


def _fits(known: str, word: str) -> bool:
    if known.endswith("*"):
        return word.startswith(known[:-1])
    return known == word or (len(known) >= _FORGIVING and one_edit_apart(known, word))


def _entry(text: str) -> Entry:
    words: list[str] = []
    for part in text.lstrip("=").split():
        if part == _GAP:
            words.append(part)
        found = words_of(part)
        words += found[:-1]
        words += [f"{word}*" if part.endswith("*") else word for word in found[-1:]]
    return Entry(tuple(words), whole=text.startswith("="))


def entries_of(listed: str) -> list[Entry]:
    """Return the entries of a list that are separated by commas."""
    parts = (part.strip() for part in listed.split(","))
    return [_entry(part) for part in parts if words_of(part)]


def list_problems(languages: Mapping[str, Mapping[str, object]]) -> list[tuple[str, str, str]]:
    """Return what is wrong with the lists: language, list and problem of each mistake."""
    problems: list[tuple[str, str, str]] = []
    for language, given in languages.items():
        problems += [(language, name, "missing") for name in _NAMES if name not in given]
        for name, entries in given.items():
            if name not in _NAMES:
                near = difflib.get_close_matches(name, _NAMES, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                problems.append((language, name, f"no such list is used{hint}"))
            elif not isinstance(entries, str):
                said = "its entries are no text; write them with commas between, or in quotes"
                problems.append((language, name, said))
    return problems


def parse_intents(source: str) -> tuple[dict[str, dict[str, str]], Lines]:
    """Read the text of the file of word lists; where each list stands comes with it.

    Raises:
        yaml.YAMLError: not YAML.
        IntentsError: no languages with lists.
    """
    data, lines = read_yaml(source)
    if not isinstance(data, dict) or not all(isinstance(x, dict) for x in data.values()):
        raise IntentsError("must be languages with lists")
    return {
        str(language): {str(name): entries for name, entries in lists.items()}
        for language, lists in data.items()
    }, lines


class Words:
    """The word lists of all languages together: customers mix them. Make one with `Words.load`."""

    def __init__(self, languages: Mapping[str, Mapping[str, str]]) -> None:
        """Read the lists.

        Args:
            languages: language code -> list -> entries separated by commas.

        Raises:
            IntentsError: a list is missing, unknown or not a text.
        """
        if problems := list_problems(languages):
            raise IntentsError("\n".join(": ".join(problem) for problem in problems))
        lists: dict[str, list[Entry]] = {name: [] for name in _NAMES}
        for given in languages.values():
            for name, entries in given.items():
                lists[name] += entries_of(entries)
        self._lists = lists
        self.filler = _singles(lists["filler"]) | _singles(lists["polite"])
        self.joining = _singles(lists["joining"])
        self.beside_staff = _singles(lists["with"])
        self.excepting = _singles(lists["except"])
        denying = (entry.words for entry in lists["deny"] if len(entry.words) == 1)
        self._refusing = self.excepting.union(*denying)
        self._courtesy = _singles(lists["affirm"]) | _singles(lists["polite"])

    @classmethod
    def load(cls, file: Path = SHIPPED) -> Words:
        """Read the file of word lists.

        Raises:
            IntentsError: it isn't YAML of the right form, or as in the constructor.
        """
        try:
            return cls(parse_intents(file.read_text(encoding="utf-8"))[0])
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise IntentsError(f"{file.name}: not valid YAML: {error}") from error

    def intents(self, words: Sequence[str]) -> frozenset[Intent]:
        """Return every intent whose entries a text's words hold."""
        return frozenset(
            intent
            for intent in Intent
            if any(entry.is_in(words) for entry in self._lists[intent.value])
        )

    def yes_or_no(self, words: Sequence[str]) -> bool | None:
        """Return what a bare yes or no says; None where the words say more, both or neither.

        Words of cancelling may stand beside it ("yes, cancel it"), alone they decide nothing. What
        asks for one's appointments is no answer, however like a yes a word of it is ("mi reserva"),
        and neither is what asks back or doubts ("is that ok", "да ладно").
        """
        if any(entry.is_in(words) for entry in self._lists["no_answer"]):
            return None
        kinds = [
            (entry, kind)
            for kind, name in (
                (True, "affirm"),
                (False, "deny"),
                (None, "polite"),
                (None, Intent.CANCEL.value),
            )
            for entry in self._lists[name]
        ]
        said: set[bool] = set()
        place = 0
        while place < len(words):
            fitting = [(entry, kind) for entry, kind in kinds if entry.at(words, place)]
            if not fitting:
                return None
            if any(entry.at(words, place) for entry in self._lists[Intent.MY.value]):
                return None
            # The longest entry wins: "don't cancel" before "cancel".
            entry, kind = max(fitting, key=lambda pair: len(pair[0].words))
            if kind is not None:
                said.add(kind)
            place += len(entry.words)
        return said.pop() if len(said) == 1 else None

    def choice(self, words: Sequence[str]) -> int | None:
        """Return which of several things shown is chosen: 0, 1, 2 or -1, the last; None = none is.

        Only words that say nothing may stand beside it ("I'll take the second one, please").
        """
        if len(words) > _CHOICE or any(word in self._refusing for word in words):
            return None
        chosen: set[int] = set()
        for which, name in _PLACES.items():
            for entry in self._lists[name]:
                beside = self._courtesy if entry.whole else self._courtesy | self.filler
                size = len(entry.words)
                for place in range(len(words) - size + 1):
                    others = (*words[:place], *words[place + size :])
                    if entry.at(words, place) and beside.issuperset(others):
                        chosen.add(which)
        return chosen.pop() if len(chosen) == 1 else None

    def asks_for(self, words: Sequence[str], place: int) -> bool:
        """Return whether what asks for a thing ("can I get a") ends right before a place."""
        return any(
            entry.at(words, place - len(entry.words))
            for entry in self._lists["asking"]
            if len(entry.words) <= place
        )

    def places_of(self, name: str, text: str) -> Iterator[tuple[int, int]]:
        """Return where in a text entries of a list stand: first character, and behind the last.

        Args:
            name: of the list.
            text: in Unicode's composed form (NFC).
        """
        written = list(_WORD.finditer(text))
        said = [_folded(word[0]) for word in written]
        for place in range(len(said)):
            sizes = [len(entry.words) for entry in self._lists[name] if entry.at(said, place)]
            if sizes:
                yield written[place].start(), written[place + max(sizes) - 1].end()

    def meaningless(self, words: Iterable[str]) -> bool:
        """Return whether all the words are fillers or belong to intents."""
        return all(word in self.filler or self._in_intent(word) for word in words)

    def _in_intent(self, word: str) -> bool:
        return any(
            _fits(known, word)
            for intent in Intent
            for entry in self._lists[intent.value]
            for known in entry.words
        )


def _singles(entries: Iterable[Entry]) -> frozenset[str]:
    return frozenset(word for entry in entries for word in entry.words)


@cache
def shipped_words() -> Words:
    """Return the word lists that come with the program."""
    return Words.load()
