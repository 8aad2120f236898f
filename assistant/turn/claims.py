"""Finds in a text what it claims was, is being or will be done, sentence by sentence.

What only looks like a claim is told from one by what stands around it: a question, a no, a
condition, a choice that is asked for, a refusal, a rule for everybody, the customer's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from assistant.turn.claim_words.de import GERMAN
from assistant.turn.claim_words.en import ENGLISH
from assistant.turn.claim_words.es import SPANISH
from assistant.turn.claim_words.ru import RUSSIAN
from assistant.turn.claim_words.words import Problem, Shape, Words
from assistant.turn.news import news_of, spoken_in
from assistant.turn.sentences import BOUNDARY, Claim, Sentence, sentences_of
from assistant.turn.wall_times import DATE, TIME

LANGUAGES = {words.code: words for words in (ENGLISH, RUSSIAN, GERMAN, SPANISH)}
_QUOTES = re.compile(r"[ ,:]*(?:that|что|dass|que)?[ ,:]*(?:[^ ]+ )?")
_NEAR_CHARACTERS = 500
_SPECIAL = (
    Problem.CLAIMS_HANDOFF,
    Problem.CLAIMS_REMINDER,
    Problem.CLAIMS_CANCEL,
    Problem.CLAIMS_MOVE,
    Problem.CLAIMS_BOOKING,
    Problem.CLAIMS_DEED,
)
# Words that may stand between a claim and its question mark.
_ASKED_WITHIN = 8


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
    found += news_of(sentences, known)
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
            if not other.denied and other.shape is not Shape.TOLD
        ):
            kept.append(claim)
    return kept


def _claims(
    sentences: list[Sentence], known: list[Words], *, across: int | None = None
) -> Iterator[Claim]:
    for number, sentence in enumerate(sentences):
        spoken = spoken_in(sentence, known)
        for words in known:
            for problem, shape, regex in words.claims:
                if problem is Problem.CLAIMS_DEED and words not in spoken:
                    continue
                for match in regex.finditer(sentence.text):
                    if across is not None and not match.start() < across < match.end():
                        continue
                    dated, timed = DATE in sentence.text, TIME in sentence.text
                    if (shape is Shape.DATED and not (dated or timed)) or (
                        shape is Shape.TOLD and not (dated and timed)
                    ):
                        continue
                    if shape is Shape.ASSUMED:
                        if dated and timed:
                            yield Claim(problem, shape, number, words=match.span())
                        break
                    near = _Near(sentence, words, match, problem)
                    # A deed that is told by a no ("nobody else can take it") is denied by none.
                    told_by_a_no = problem is Problem.CLAIMS_DEED and shape is Shape.DONE
                    if not told_by_a_no and near.denied():
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
        clause_start = lead_start = 0
        for boundary in BOUNDARY.finditer(text, 0, self.start):
            lead_start, clause_start = clause_start, boundary.end()
        self.before = text[: self.start]
        self.clause = text[clause_start : self.end].strip()
        self.tail = text[self.end :]
        self.behind = BOUNDARY.split(self.tail, maxsplit=1)[0]
        # With the clause before: "Unfortunately, 10:00 is booked".
        self.so_far = text[lead_start : self.end] + self.behind

    def denied(self) -> bool:
        """Return whether the clause says that it isn't so."""
        if self.words.negation.search(self.clause):
            return True
        return self.words.code in {"de", "es"} and bool(
            self.words.negation.match(" ".join(self.behind.split()[:2]))
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
        if self._reported(shape):
            return True
        if self.problem is not Problem.CLAIMS_HANDOFF and (
            words.others.search(self.clause + self.behind) or words.habits.search(self.clause)
        ):
            return True
        if self.problem is Problem.CLAIMS_DEED and words.house.search(self.clause + self.behind):
            return True
        if shape is Shape.THING and (
            words.policies.search(self.so_far)
            or (words.taking.search(self.clause) and words.refusals.search(self.so_far))
        ):
            return True
        general = shape in (Shape.WILL, Shape.DATED) or self.problem is Problem.CLAIMS_REMINDER
        if general and words.policies.search(text):
            return True
        if shape is Shape.DONE:
            return bool(words.listing.match(self.tail.strip(" .,;:—")))
        return False

    def _reported(self, shape: Shape) -> bool:
        """Return whether somebody's words are told: "Your message says that ..."."""
        words = self.words
        reports = [*words.reports.finditer(self.before)]
        if shape is Shape.DID:  # "You write 'I have booked'", but not "As you asked, I have"
            return bool(reports) and _QUOTES.fullmatch(self.before, reports[-1].end()) is not None
        if reports:
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
        if words.requests.search(self.text[start : self.end]):
            return True
        trail = words.no_condition.sub(" ", self.tail)
        condition = words.conditions.search(trail)
        if condition is not None and words.consent.search(trail, condition.start()):
            return True
        if shape is not Shape.WILL:
            return False
        # A question or a request in another sentence excuses no promise: "Which one? I'll book
        # it." and "I'll book it. Anything else?" are told apart by nothing that code can see.
        return condition is not None or bool(words.requests.search(self.tail))
