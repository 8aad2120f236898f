"""The kinds of words that the grammar knows, and how a language's word list is built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

# Hyphens, apostrophes and quotes inside a phrase ("o'clock", 'o"clock', "пол-третьего").
JOINERS = frozenset("-‐‑'’`´\"")
DASHES = frozenset("-‐‑‒–—−")


class K(Enum):
    """Kinds of words. A word may be of several; its value's meaning depends on the kind."""

    NUM = auto()  # the number
    ORD = auto()  # the ordinal
    ONE = auto()  # "a week", "a couple of days": how many
    MONTH = auto()  # 1-12
    WEEKDAY = auto()  # 0 = Monday
    WEEKDAY_SHORT = auto()  # an abbreviation that is also an ordinary word
    DATED = auto()  # beside WEEKDAY: a number behind it is a day of the month ("jueves 10")
    DAY = auto()  # days from today
    DAYPART = auto()  # "tonight": PARTS index, of today
    DAY_BESIDE = auto()  # "el día" antes de Navidad
    UNIT = auto()  # MINUTE..FORTNIGHT
    HALF_UNIT = auto()  # "half an hour", "полчаса": minutes
    WEEKEND = auto()
    FEAST = auto()  # a feast of a fixed date: month * 100 + day
    MOVABLE = auto()  # a feast that moves with Easter: days after Easter Sunday
    EITHER_EASTER = auto()  # the same, by the western or the eastern calendar
    EASTERTIDE = auto()  # beside it: that Sunday and the Monday behind it
    RANK = auto()  # "the first Monday of May": 1-4, -1 = the last
    STRETCH = auto()  # of a week or month: 0 = its beginning, 1 = its middle, 2 = its end
    WEEK_AHEAD = auto()  # "week after next": 2
    MONTH_AHEAD = auto()  # "el mes que viene": months on
    WEEKS_ON = auto()  # "en ocho días": weeks from today
    FEAST_DAYS = auto()  # days of one feast ("2. Weihnachtstag"): month * 100 + day of the first
    CALENDAR_WEEK = auto()  # "KW 49"
    IN = auto()  # "in two weeks"; 1 = a single unit needs no number ("через неделю")
    WITHIN = auto()  # "within two weeks": from today on
    FROM_NOW = auto()
    NEXT = auto()  # weeks on
    COMING = auto()  # "el próximo viernes", "que viene": the first one after today
    THIS = auto()
    LAST = auto()  # 1 = may stand behind the day ("el lunes pasado")
    PART = auto()  # PARTS index
    PART_SUFFIX = auto()  # a part only behind an hour ("5 вечера"): PARTS index
    MERIDIEM = auto()  # 0 am, 12 pm
    HALF_PAST = auto()
    HALF_OR_DURATION = auto()  # British "half 3"
    HALF_NEXT = auto()  # "halb drei", "половина третьего": half an hour before
    HALF_WORD = auto()  # "полтретьего": the hour named
    QUARTER = auto()
    QUARTER_PAST = auto()
    QUARTER_TO = auto()
    MINUTES_PAST = auto()  # behind an hour: "y media", "menos cuarto": minutes, negative = before
    PLUS = auto()  # "las tres y diez"
    MINUS = auto()  # "las seis menos diez"
    THREE_QUARTERS = auto()
    WITHOUT = auto()  # "без десяти пять"
    PAST = auto()
    TO = auto()
    # 2 = surely a time of day ("Uhr"), 1 = could be a duration ("часа"), 0 = is one unless
    # a word for "at" leads ("a las 17 horas")
    OCLOCK = auto()
    HOUR_ONE = auto()  # "в час"; 2 = surely a time of day ("la una")
    NOON = auto()
    MIDNIGHT = auto()
    AT = auto()  # 2 = a number behind it is a time, 1 = perhaps ("на 10")
    ON = auto()  # 2 = a number behind it is a day of the month ("el 8")
    FOR = auto()
    THE = auto()
    NO_DAY = auto()  # an article that no day of a month takes ("die zweite")
    OF = auto()
    DOM = auto()  # "8 числа"
    AFTER = auto()
    BEFORE = auto()
    SINCE = auto()  # 1 = only where an end follows ("de 2 a 4")
    UNTIL = auto()  # 1 = only a time follows ("a las")
    OR_LATER = auto()  # behind a time: it is the earliest ("3 or later")
    OR_EARLIER = auto()  # behind a time: it is the latest ("3 at the latest")
    BETWEEN = auto()
    AND = auto()
    OR = auto()
    ABOUT = auto()
    NOT = auto()
    NOR = auto()  # between what is ruled out: "weder Montag noch Dienstag"
    NO_GOOD = auto()  # behind a date: "tomorrow doesn't work"
    MOVE = auto()
    COUNTED = auto()  # behind a number: it counts things and is no time or date
    NTH = auto()  # behind an ordinal: "my 3rd visit"
    FILLER = auto()  # an ordinary word that may follow a date


MINUTE, HOUR, DAYS, WEEK, MONTHS, YEAR, FORTNIGHT = range(1, 8)
MORNING, AFTERNOON, EVENING, NIGHT, TARDE = range(5)

Words = Mapping[K, int]
_FOLD = str.maketrans({"ё": "е", "ä": "ae", "ö": "oe", "ü": "ue"})
_PLAIN = str.maketrans("äöüáéíóúñ", "aouaeioun")


def fold(word: str) -> str:
    """Return `word` as the word lists spell it: lower case, no ё, ae for ä."""
    return word.casefold().translate(_FOLD)


@dataclass(frozen=True, slots=True)
class Language:
    """The words of a language.

    Args:
        code: ISO 639-1.
        phrases: folded words joined by single spaces -> their kinds.
        longest: first word -> the most words of a phrase that starts with it.
        ordinal_suffixes: what makes "8th" of 8.
        dotted_ordinals: "8." is the eighth.
        months_first: "may 5" is read; elsewhere "май 5" isn't written.
        deletions: a misspelled word with one letter dropped -> the words it may be.
    """

    code: str
    phrases: Mapping[str, Words]
    longest: Mapping[str, int]
    ordinal_suffixes: frozenset[str]
    dotted_ordinals: bool
    deletions: Mapping[str, tuple[str, ...]]


class WordList:
    """Collects a language's words, then makes a `Language` of them."""

    def __init__(self) -> None:
        self._phrases: dict[str, dict[K, int]] = {}

    def add(self, kind: K, phrases: str, value: int = 0) -> None:
        """Add phrases, separated by `|`, as `kind` with `value`."""
        for phrase in phrases.split("|"):
            plain = phrase.casefold().translate(_PLAIN)
            for spelling in {fold(phrase), fold(plain)}:
                self._phrases.setdefault(spelling, {})[kind] = value

    def add_all(self, kind: K, phrases_by_value: Mapping[int, str]) -> None:
        """Add phrases of several values."""
        for value, phrases in phrases_by_value.items():
            self.add(kind, phrases, value)

    def build(
        self,
        code: str,
        *,
        ordinal_suffixes: str,
        dotted_ordinals: bool,
        forgiving: Iterable[K],
        never_misspelled: str,
    ) -> Language:
        """Make the `Language`.

        Args:
            code: ISO 639-1.
            ordinal_suffixes: separated by `|`.
            dotted_ordinals: as in `Language`.
            forgiving: kinds whose words are found with one letter wrong (from six letters on).
            never_misspelled: ordinary words one letter away from such a word, separated by `|`.
        """
        longest: dict[str, int] = {}
        for phrase in self._phrases:
            words = phrase.split()
            longest[words[0]] = max(longest.get(words[0], 1), len(words))
        deletions: dict[str, list[str]] = {}
        kinds = frozenset(forgiving)
        for phrase, tags in self._phrases.items():
            if len(phrase) >= 6 and " " not in phrase and kinds & tags.keys():
                for shorter in shortened(phrase):
                    deletions.setdefault(shorter, []).append(phrase)
        for word in never_misspelled.split("|"):
            self._phrases.setdefault(fold(word), {})
        return Language(
            code=code,
            phrases=self._phrases,
            longest=longest,
            ordinal_suffixes=frozenset(ordinal_suffixes.split("|")),
            dotted_ordinals=dotted_ordinals,
            deletions={key: tuple(sorted(words)) for key, words in deletions.items()},
        )


def shortened(word: str) -> set[str]:
    """Return `word` and every word that is it without one letter."""
    return {word} | {word[:i] + word[i + 1 :] for i in range(len(word))}


def one_edit_apart(left: str, right: str) -> bool:
    """Return whether one insertion, deletion, substitution or swap of neighbours parts them."""
    if abs(len(left) - len(right)) > 1:
        return False
    i = 0
    while i < min(len(left), len(right)) and left[i] == right[i]:
        i += 1
    a, b = left[i:], right[i:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[2:] == b[2:] and a[:2] == b[1::-1])
    return a[1:] == b if len(a) > len(b) else a == b[1:]


def misspelling_of(word: str, language: Language) -> Words | None:
    """Return the kinds of the one known word that `word` is a letter away from."""
    if len(word) < 5:
        return None
    found: dict[str, Words] = {}
    for shorter in shortened(word):
        for known in language.deletions.get(shorter, ()):
            if one_edit_apart(word, known):
                found[known] = language.phrases[known]
    meanings = list(found.values())
    # Inflections of one word mean the same; two different words are nobody's guess.
    return meanings[0] if meanings and all(tags == meanings[0] for tags in meanings) else None
