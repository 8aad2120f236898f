"""Finds in a text what it claims was, is being or will be done, sentence by sentence.

What only looks like a claim is told from one by what stands around it: a question, a no, a
condition, a choice that is asked for, a refusal, a rule for everybody, the customer's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.turn.claim_words.de import GERMAN
from assistant.turn.claim_words.en import ENGLISH
from assistant.turn.claim_words.es import SPANISH
from assistant.turn.claim_words.ru import RUSSIAN
from assistant.turn.claim_words.words import Problem, Shape, Words
from assistant.turn.wall_times import DATE, TIME

LANGUAGES = {words.code: words for words in (ENGLISH, RUSSIAN, GERMAN, SPANISH)}
_TOKEN = re.compile(r"[^\W_]+(?:['/-][^\W_]+)*|/[a-z]+|[?!.,;:()—]|(?<= )-(?= )|>")
_STOP = re.compile(r"(?<=[.!?])\s+|\n+")
_BETWEEN_DATES = re.compile(
    r"(?<=0[dt]) [,(—] (?=(?:(?:at|um|в|a las|on|am|den|el|the|с|from|de|von) )?0[dt])"
)
_BOUNDARY = re.compile(
    r"(?<!\S)(?:[,;:()—.!?>]|but|aber|sondern|но|а|pero|sino"
    r"|(?:and|und|и|y)(?= (?:i|we|you|your|it|i've|i'll|ich|wir|sie|ihr|du|dein|er|я|мы|вы|ваш|ваша"
    r"|вашу|he|tu|su|te|le|hemos|ya|that)(?!\S)))(?!\S)"
)
_NOT_ONLY = re.compile(r"(?<!\S)(?:not (?:only|just)|не только|nicht nur|no solo) ")
_NEAR_CHARACTERS = 500
_SPECIAL = (
    Problem.CLAIMS_HANDOFF,
    Problem.CLAIMS_REMINDER,
    Problem.CLAIMS_CANCEL,
    Problem.CLAIMS_MOVE,
    Problem.CLAIMS_BOOKING,
)
# Words that may stand between a claim and its question mark.
_ASKED_WITHIN = 8


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement that something was, is being or will be done.

    Args:
        problem: what is claimed.
        shape: how.
        sentence: number of its sentence.
        denied: it is said not to be so.
        words: half-open range of its characters in the sentence.
    """

    problem: Problem
    shape: Shape
    sentence: int
    denied: bool = False
    words: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of folded words.

    Args:
        text: words and punctuation marks, each parted by one space.
        asks: it ends with a question mark.
        dates, times: half-open ranges of numbers of the dates and times it holds.
    """

    text: str
    asks: bool
    dates: tuple[int, int]
    times: tuple[int, int]


def sentences_of(masked: str) -> list[Sentence]:
    """Split a text whose dates and times are masked into sentences; a line ends one."""
    sentences: list[Sentence] = []
    dates = times = 0
    for part in _STOP.split(masked):
        tokens = ["—" if token in "->" else token for token in _TOKEN.findall(part)]
        if not tokens:
            continue
        text = " ".join(tokens)
        d, t = tokens.count(DATE), tokens.count(TIME)
        text = _NOT_ONLY.sub("", _BETWEEN_DATES.sub(" ", text))
        ends = tokens[-1] == "?"
        sentences.append(Sentence(text, ends, (dates, dates + d), (times, times + t)))
        dates, times = dates + d, times + t
    return sentences


def claims_of(masked: str, languages: Sequence[str]) -> list[Claim]:
    """Return what a text claims.

    Args:
        masked: normalised text, its dates and times masked.
        languages: ISO 639-1 codes to read it in; others are passed over.

    Returns:
        Claims that nothing around them excuses, and those that are denied, by sentence.
    """
    known = [LANGUAGES[code] for code in languages if code in LANGUAGES]
    cyrillic, latin = re.search("[а-я]", masked), re.search("[a-z]", masked)
    known = [words for words in known if (cyrillic if words.code == "ru" else latin)]
    sentences = sentences_of(masked)
    found = list(_claims(sentences, known))
    # A line break inside a sentence hides nothing: lines are read once more as one.
    if re.search(r"[^.!?:;\n]\n+(?!>|\s*>)", masked):
        for first, second in pairwise(range(len(sentences))):
            one, two = sentences[first], sentences[second]
            if one.text[-1:] in ".!?:;" or two.text.startswith("—") or one.asks or two.asks:
                continue
            joined = Sentence(
                f"{one.text} {two.text}",
                False,
                (one.dates[0], two.dates[1]),
                (one.times[0], two.times[1]),
            )
            across = _claims([joined], known, across=len(one.text))
            found += [replace(claim, sentence=first) for claim in across]
    return _most_special(found)


def _most_special(claims: list[Claim]) -> list[Claim]:
    """Drop what the same words claim in general: a reminder that "is scheduled" books nothing."""
    kept = []
    for claim in claims:
        over = _SPECIAL.index(claim.problem)
        if not any(
            other.sentence == claim.sentence
            and _SPECIAL.index(other.problem) < over
            and (
                claim.shape in (Shape.TOLD, Shape.DATED)
                or (other.words[0] < claim.words[1] and claim.words[0] < other.words[1])
            )
            for other in claims
            if not other.denied
        ):
            kept.append(claim)
    return kept


def _claims(
    sentences: list[Sentence], known: list[Words], *, across: int | None = None
) -> Iterator[Claim]:
    for number, sentence in enumerate(sentences):
        for words in known:
            for (problem, shape), regex in words.claims.items():
                for match in regex.finditer(sentence.text):
                    if across is not None and not match.start() < across < match.end():
                        continue
                    dated, timed = DATE in sentence.text, TIME in sentence.text
                    if (shape is Shape.DATED and not (dated or timed)) or (
                        shape is Shape.TOLD and not (dated and timed)
                    ):
                        continue
                    near = _Near(sentence, words, match, problem)
                    if near.denied():
                        if shape is Shape.TOLD:
                            break
                        yield Claim(problem, shape, number, denied=True, words=match.span())
                    elif not near.excused(shape):
                        yield Claim(problem, shape, number, words=match.span())
                        break  # once is enough


class _Near:
    """What stands around one claim."""

    def __init__(
        self,
        sentence: Sentence,
        words: Words,
        match: re.Match[str],
        problem: Problem,
    ) -> None:
        self.problem = problem
        self.sentence = sentence
        self.words = words
        # What stands further off excuses nothing, and the work for one claim stays bounded.
        low = max(0, match.start() - _NEAR_CHARACTERS)
        self.text = text = sentence.text[low : match.end() + _NEAR_CHARACTERS]
        self.start, self.end = match.start() - low, match.end() - low
        clause_start = 0
        for boundary in _BOUNDARY.finditer(text, 0, self.start):
            clause_start = boundary.end()
        self.before = text[: self.start]
        self.clause = text[clause_start : self.end].strip()
        self.tail = text[self.end :]

    def denied(self) -> bool:
        """Return whether the clause says that it isn't so."""
        if self.words.negation.search(self.clause):
            return True
        behind = _BOUNDARY.split(self.tail, maxsplit=1)[0]
        return self.words.code in {"de", "es"} and bool(
            self.words.negation.match(" ".join(behind.split()[:2]))
        )

    def excused(self, shape: Shape) -> bool:
        """Return whether what stands around makes it no claim."""
        words, text = self.words, self.text
        if shape is Shape.TOLD:
            return any(cue.search(text) for cue in words.not_told)
        if words.presumed.search(self.before):
            return False
        if self._asked(shape) or self._conditional(shape):
            return True
        if shape is not Shape.DID and self._reported():
            return True
        if self.problem is not Problem.CLAIMS_HANDOFF and (
            words.others.search(self.clause) or words.habits.search(self.clause)
        ):
            return True
        if shape is Shape.THING and (words.refusals.search(text) or words.policies.search(text)):
            return True
        general = shape in (Shape.WILL, Shape.DATED) or self.problem is Problem.CLAIMS_REMINDER
        if general and words.policies.search(text):
            return True
        if shape is Shape.DONE:
            return bool(words.listing.match(self.tail.strip(" .,;:—")))
        return False

    def _reported(self) -> bool:
        """Return whether somebody's words are told: "Your message says that ..."."""
        words = self.words
        if words.reports.search(self.before):
            return True
        # "Your message has been passed on" tells no words.
        own = words.reports.match(self.text, self.start, self.end)
        return own is not None and self.problem is not Problem.CLAIMS_HANDOFF

    def _asked(self, shape: Shape) -> bool:
        if not self.sentence.asks:
            return False
        if self.words.code == "es" and "—" in self.tail:
            return False  # the question starts behind it, at its own mark
        if self.words.openers.search(self.clause):
            return True
        # "Möchten Sie, dass ich ihn storniere?": the question stands before the comma.
        if self.clause.startswith("dass ") and self.words.openers.search(self.before):
            return True
        direct = not re.search(r"[,;:()—]", self.tail) and self.tail.count(" ") <= _ASKED_WITHIN
        return direct and shape in (Shape.STATE, Shape.THING, Shape.DATED, Shape.DONE)

    def _conditional(self, shape: Shape) -> bool:
        words = self.words
        # What is announced with a colon doesn't depend on what stands before it.
        start = max(self.before.rfind(" : "), self.before.rfind(" ; "), -1) + 1
        lead = words.no_condition.sub(" ", self.text[start : self.end])
        condition = words.conditions.search(lead)
        if condition is not None and (
            shape is not Shape.DID or words.consent.search(lead, condition.end())
        ):
            return True
        if shape is Shape.DID:
            return False
        if words.requests.search(self.before[start:]):
            return True
        trail = words.no_condition.sub(" ", self.tail)
        condition = words.conditions.search(trail)
        if condition is not None and words.consent.search(trail, condition.end()):
            return True
        if shape is not Shape.WILL:
            return False
        # A question or a request in another sentence excuses no promise: "Which one? I'll book
        # it." and "I'll book it. Anything else?" are told apart by nothing that code can see.
        return condition is not None or bool(words.requests.search(self.tail))
