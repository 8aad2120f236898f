"""Text to tokens with the kinds of words each may be. Linear in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from booking.phrases.vocabulary import (
    DASHES,
    JOINERS,
    K,
    Language,
    Words,
    fold,
    misspelling_of,
)

# Digits, runs of letters, any other visible character. Zero-width characters count as spaces.
_TOKEN = re.compile(
    r"(?i:2(?:morr?ow|moro|nite|day)\b)|[0-9]+|[^\W\d_]+|[^\s\u200b-\u200f\u2060\ufe0f\ufeff]"
)
# Before a number in any language: it names one of several ("option 3"), no day or hour.
_LABELS = frozenset(
    {"option", "number", "button", "variant", "вариант", "номер", "кнопка", "пункт", "nummer"}
    | {"nr", "variante", "opcion", "opción", "numero", "número"}
)
# What makes an ordinal even behind a space: "8 th", "8 го".
_LOOSE_SUFFIXES = frozenset({"th", "nd", "rd", "го", "ое", "ого", "е"})
# "на 30-м"; "30м" are minutes or metres.
_DASHED_SUFFIXES = frozenset({"м"})
# Groups of digits as phone and card numbers write them.
_DIGIT_GROUPS = re.compile(r"\+?\(?[0-9]+(?:\)?[ \u00a0\-‐‑–(][ \u00a0\-(]?[0-9]+)*")
# The dash between two dates that are written without a space: "24.12.-26.12."; not "1.5-2.5".
_JOINT = re.compile(
    r"(?<![0-9.,/])(?=[0-9]{2}|[0-9][./][0-9]{2})[0-9]{1,2}([./])[0-9]{1,2}(?:\1(?:[0-9]{4}|[0-9]{2})?)?"
    r"([-‐‑‒–—−])(?=[0-9]{1,2}\1[0-9]{1,2}(?![0-9]))"
)
_LINK = re.compile(r"(?:https?://|www\.|\S{1,64}@(?![0-9]{1,2}(?:[^0-9.]|\.[0-9]|$)))\S+")
_WORDLIKE_DATE = re.compile(r"(?:[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4})")
_MONEY_BEFORE = frozenset("$€£₽₴₸#№×*+")
_MONEY_AFTER = frozenset("%€$£₽₴₸°×*+")
# The most small words skipped at once: "on the", "an dem"; keeps reading linear.
_SKIPPED = 4
_NOTHING: Words = {}
_COUNTED: Words = {K.COUNTED: 0}
_AND: Words = {K.AND: 0}


@dataclass(slots=True)
class Token:
    """One token, or several words read as one phrase.

    Args:
        start, end: half-open range of characters.
        text: folded words, digits, or one punctuation mark.
        glued: no space before it.
        number: the number it says in digits, else None.
        counted: the number can't be a bare hour or day (a price, part of a code, "2kg").
        tags: what kinds of words it may be.
    """

    start: int
    end: int
    text: str
    glued: bool
    number: int | None = None
    counted: bool = False
    tags: Words = field(default_factory=dict)

    @property
    def is_word(self) -> bool:
        """Whether it is made of letters."""
        return self.number is None and self.text[:1].isalpha()


END = Token(0, 0, "", False)


@dataclass(frozen=True, slots=True)
class Mark:
    """A raw token before any language is applied."""

    start: int
    end: int
    text: str
    glued: bool


def marks_of(text: str) -> list[Mark]:
    """Split text into raw tokens, leaving one "\N{REPLACEMENT CHARACTER}" for a phone or link."""
    hidden = [m.span() for m in _LINK.finditer(text)]
    joints = {m.start(2) for m in _JOINT.finditer(text)}
    hidden += [
        m.span()
        for m in _DIGIT_GROUPS.finditer(text)
        if _is_phone(m.group()) and joints.isdisjoint(range(*m.span()))
    ]
    hidden.sort()
    apart = joints | {joint + 1 for joint in joints}
    marks: list[Mark] = []
    last_end = -1
    h = 0
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        while h < len(hidden) and hidden[h][1] <= start:
            h += 1
        if h < len(hidden) and hidden[h][0] <= start:
            if not (marks and marks[-1].text == "\ufffd" and last_end == start):
                marks.append(Mark(start, end, "\ufffd", False))
            last_end = end
            continue
        glued = start == last_end and start not in apart
        marks.append(Mark(start, end, fold(match.group()), glued))
        last_end = end
    return marks


def _is_phone(groups: str) -> bool:
    digits = sum(c.isdigit() for c in groups)
    if groups.startswith("+"):
        return digits >= 7
    if _WORDLIKE_DATE.search(groups) is not None:
        return False
    longest = max(len(run) for run in re.findall(r"[0-9]+", groups))
    dashed = sum(c in DASHES for c in groups)
    return longest > 8 or (longest >= 3 and (digits >= 9 or (digits >= 6 and dashed >= 1)))


def tokens_of(
    text_marks: list[Mark], language: Language, counted: frozenset[str] = frozenset()
) -> list[Token]:
    """Return the tokens of one language, phrases of several words merged into one.

    Args:
        text_marks: the raw tokens.
        language: whose words to know.
        counted: folded words that numbers count in any language ("people").
    """
    tokens: list[Token] = []
    i = 0
    while i < len(text_marks):
        mark = text_marks[i]
        if mark.text.isdecimal():
            token, i = _number(text_marks, i, language)
            labelled = bool(tokens) and tokens[-1].text in _LABELS
            if len(mark.text) > 4 or labelled or (mark.glued and _spoils(tokens)):
                token.counted = True
        elif mark.text[-1].isalpha():
            token, i = _phrase(text_marks, i, language)
            if not token.tags and token.text in counted:
                token.tags = _COUNTED
            if tokens and mark.glued and tokens[-1].number is not None and not token.tags:
                tokens[-1].counted = True
        else:
            token = Token(mark.start, mark.end, mark.text, mark.glued)
            if mark.text == "&":
                token.tags = _AND
            if mark.text in _MONEY_AFTER and tokens and tokens[-1].number is not None:
                tokens[-1].counted = True
            i += 1
        tokens.append(token)
    return tokens


def _spoils(tokens: list[Token]) -> bool:
    """Return whether a number glued to the last token is a price or part of a code."""
    before = tokens[-1]
    if before.text == "t" and len(tokens) > 1 and tokens[-2].number is not None:
        return False  # 2026-12-08T15:00
    return before.text in _MONEY_BEFORE or (before.is_word and not before.tags)


def _number(marks: list[Mark], i: int, language: Language) -> tuple[Token, int]:
    mark = marks[i]
    number = int(mark.text) if len(mark.text) <= 8 else 10**8
    # "8th", "8-го"
    j = i + 1
    if j < len(marks) and marks[j].glued and marks[j].text in DASHES:
        j += 1
    if (
        j < len(marks)
        and (marks[j].glued or (j == i + 1 and marks[j].text in _LOOSE_SUFFIXES))
        and marks[j].text in language.ordinal_suffixes
        and not (j == i + 1 and marks[j].text in _DASHED_SUFFIXES)
        and number <= 99
    ):
        tags = {K.ORD: number}
        return Token(mark.start, marks[j].end, mark.text, mark.glued, None, False, tags), j + 1
    return Token(mark.start, mark.end, mark.text, mark.glued, number), i + 1


def _phrase(marks: list[Mark], i: int, language: Language) -> tuple[Token, int]:
    first = marks[i]
    found = language.phrases.get(first.text)
    found_end = i + 1
    words = text = first.text
    room = language.longest.get(first.text, 1) - 1
    j = i + 1
    while room > 0 and j < len(marks):
        if marks[j].text in JOINERS or (marks[j].text == "." and len(marks[j - 1].text) == 1):
            if not marks[j].glued or j + 1 >= len(marks):
                break
            # "p. m." is how Spanish writes it
            initials = marks[j].text == "." and len(marks[j + 1].text) == 1
            if not marks[j + 1].glued and not initials:
                break
            j += 1
        if not marks[j].text[0].isalpha():
            break
        words = f"{words} {marks[j].text}"
        j += 1
        room -= 1
        if words in language.phrases:
            found, found_end, text = language.phrases[words], j, words
    if found is None:
        found = misspelling_of(first.text, language) or _NOTHING
    end = marks[found_end - 1].end
    return Token(first.start, end, text, first.glued, None, False, found), found_end


class Line:
    """Tokens with safe look-ups: outside the text every token is `END`."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, i: int) -> Token:
        return self.tokens[i] if 0 <= i < len(self.tokens) else END

    def tag(self, i: int, kind: K) -> int | None:
        """Return the value of token `i` as `kind`, or None if it isn't one."""
        return self[i].tags.get(kind)

    def has(self, i: int, *kinds: K) -> bool:
        """Return whether token `i` is of one of the kinds."""
        tags = self[i].tags
        return any(kind in tags for kind in kinds)

    def skip(self, i: int, *kinds: K) -> int:
        """Return the first index from `i` on that is of none of the kinds, a few words on."""
        for j in range(i, i + _SKIPPED):
            if not self.has(j, *kinds):
                return j
        return i + _SKIPPED

    def skip_back(self, i: int, *kinds: K) -> int:
        """Return the first index from `i` backwards that is of none of the kinds."""
        for j in range(i, i - _SKIPPED, -1):
            if not self.has(j, *kinds):
                return j
        return i - _SKIPPED

    def mark(self, i: int, characters: str | frozenset[str]) -> bool:
        """Return whether token `i` is one of the punctuation marks."""
        text = self[i].text
        return len(text) == 1 and text in characters

    def number(self, i: int) -> int | None:
        """Return the number token `i` says in digits or words."""
        token = self[i]
        return token.number if token.number is not None else token.tags.get(K.NUM)

    def digits(self, i: int, length: int) -> int | None:
        """Return the number of exactly `length` digits at `i`."""
        token = self[i]
        return token.number if token.number is not None and len(token.text) == length else None

    def counts_things(self, i: int) -> bool:
        """Return whether the number before `i` counts things ("2 people"), by the next word."""
        if self.mark(i, DASHES) and self[i].glued:
            i += 1
        return self.has(i, K.COUNTED) or self[i - 1].counted

    def chooses(self, i: int) -> bool:
        """Return whether the "one" at `i` is one of several: "the last one"."""
        one = self[i].is_word and self.number(i) == 1 and not self.has(i + 1, K.OCLOCK)
        return one and self.has(i - 1, K.ORD, K.RANK, K.LAST, K.NEXT)

    def ends_cleanly(self, i: int) -> bool:
        """Return whether a date may end before `i`: no noun that it could belong to follows."""
        token = self[i]
        return (
            token is END or not token.is_word or (bool(token.tags) and K.COUNTED not in token.tags)
        )
