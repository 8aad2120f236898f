"""Finds news of the customer's matters: the check of claims turned round.

Not what sounds like a claim is one here, but all that nothing marks as an offer, a question, a
condition, a request, a rule, a no or a fact for everybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.turn.claim_words.words import Problem, Shape, Words
from assistant.turn.plain_text import CHECK
from assistant.turn.sentences import BOUNDARY, Claim, Sentence
from assistant.turn.wall_times import DATE, TIME

_BARE = frozenset((DATE, TIME, *"at um am on в во a las el den . , : ( ) — и y und and".split()))
_ASKED_LAST = re.compile(r" [;:—.] (?=[^;:—.]*$)")
_CARD_LINES, _CARD_WORDS = 3, 8


def news_of(sentences: list[Sentence], known: list[Words]) -> Iterator[Claim]:
    """Find what is told of the customer's matters and marked as nothing else than news.

    Args:
        sentences: of the whole text: a card is made of several lines, and what a text asks for at
            its end makes an offer of what it began with.
        known: the languages to read it in.

    Returns:
        Claims of the shape `NEWS`, one a sentence.
    """
    invited = any(
        words.requests.search(sentence.text)
        or (sentence.asks and (words.openers.search(sentence.text) or _is_timed(sentence)))
        for sentence in sentences
        for words in known
    )
    if not invited and _is_card(sentences, known):
        yield Claim(Problem.CLAIMS_DEED, Shape.NEWS, 0, words=(0, len(sentences[0].text)))
    for number, sentence in enumerate(sentences):
        if not (text := _declared(sentence)):
            continue
        span: tuple[int, int] | None
        if not (sentence.asks or invited) and _is_set(sentence, known):
            span = 0, len(text)
        else:
            span = next(
                (s for words in spoken_in(sentence, known) if (s := _told(text, words))), None
            )
        if span is not None:
            yield Claim(Problem.CLAIMS_DEED, Shape.NEWS, number, words=span)


def _declared(sentence: Sentence) -> str:
    """Return what of a sentence isn't asked: "You're with Anna then; should I look on?"."""
    if not sentence.asks:
        return sentence.text
    parts = _ASKED_LAST.split(sentence.text.rstrip(" ?"))
    return parts[0] if len(parts) > 1 else ""


def _told(text: str, words: Words) -> tuple[int, int] | None:
    """Return the range of the first clause that tells news."""
    whole = words.no_condition.sub(" ", text)
    if any(
        cue.search(whole)
        for cue in (words.conditions, words.requests, words.policies, words.reports)
    ):
        return None
    start = 0
    for boundary in (*BOUNDARY.finditer(text), None):
        end = len(text) if boundary is None else boundary.start()
        clause = text[start:end].strip()
        if words.matters.search(clause) and not _is_idle(clause, words):
            return start, end
        start = end if boundary is None else boundary.end()
    return None


def _is_idle(clause: str, words: Words) -> bool:
    """Return whether something in a clause makes no news of it."""
    cues = (words.harmless, words.others, words.hours, words.free, words.house)
    return any(cue.search(clause) for cue in cues) or bool(
        words.taking.search(clause) and words.refusals.search(clause)
    )


def _is_timed(sentence: Sentence) -> bool:
    return DATE in sentence.text or TIME in sentence.text


def _is_card(sentences: list[Sentence], known: list[Words]) -> bool:
    """Return whether lines of few words tell one date and one time, as a receipt does."""
    short = [s for s in sentences if s.text.count(" ") < _CARD_WORDS]
    times = sentences[-1].times[1] if sentences else 0
    return (
        len(short) >= _CARD_LINES
        and 1 <= times <= 2
        and any(DATE in s.text for s in short)
        and any(TIME in s.text for s in short)
        and not any(
            cue.search(s.text)
            for s in sentences
            for w in known
            for cue in (w.free, w.hours, *([w.absent] if _is_timed(s) else []))
        )
    )


def _is_set(sentence: Sentence, known: list[Words]) -> bool:
    """Return whether one date and time are told as a fact: "Tuesday at ten, Anna's chair"."""
    text = sentence.text
    times = sentence.times[1] - sentence.times[0]
    ticked = CHECK in text and (times > 0 or DATE in text)
    if not ticked and not (DATE in text and times == 1):
        return False
    if not ticked and set(text.split()) <= _BARE:
        return False  # of what, nobody knows
    lead, _, told = text.rpartition(" : ") if TIME in text.rpartition(" : ")[2] else ("", "", text)
    return not any(
        cue.search(told) for w in known for cue in (*w.not_told, w.harmless)
    ) and not any(cue.search(lead) for w in known for cue in w.not_told if cue is not w.negation)


def spoken_in(sentence: Sentence, known: list[Words]) -> list[Words]:
    """Return the languages that a sentence may be in, by its small words.

    What is known only not to be idle would, of another language, be anything.
    """
    if len(known) == 1:
        return known
    found = set(sentence.text.split())
    scores = [len(found & words.small) for words in known]
    return [words for words, score in zip(known, scores, strict=True) if 2 * score >= max(scores)]
