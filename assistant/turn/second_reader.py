"""A second reader of the model's words: a linear classifier beside the patterns.

Patterns know the ways of claiming that somebody has thought of. This reader has learned from
thousands of lies and honest texts what claims sound like, so that it also stops those that nobody
has written a pattern for, and lets pass what only the broadest patterns take for one. It looks at
the words, and at what the patterns make of them. It says how much a sentence sounds as if something
had been done; what backs it is the caller's to find out.

The weights beside this module are made by `python -m benchmarks.truth.training`, from the corpora
that lie there. Reading costs no library and a fraction of a millisecond a sentence.
"""

from __future__ import annotations

import json
import math
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

from assistant.turn.claim_words.words import Words
from assistant.turn.claims import LANGUAGES, claims_of
from assistant.turn.news import spoken_in
from assistant.turn.plain_text import normalised
from assistant.turn.sentences import Claim, Sentence, sentences_of
from assistant.turn.slips import mended
from assistant.turn.wall_times import find

WEIGHTS = Path(__file__).with_name("second_reader.weights")
# The hashing trick (Weinberger et al., 2009): features share a table, no dictionary is shipped.
TABLE_SIZE = 1 << 18
_MOST_WORDS = 80
_NEAR = 6
_CUES = (
    *("negation", "openers", "conditions", "no_condition", "consent", "requests", "refusals"),
    *("taking", "policies", "reports", "presumed", "hours", "absent", "listing", "free", "others"),
    *("habits", "matters", "house", "harmless"),
)


@dataclass(frozen=True, slots=True)
class Traits:
    """Where in the table a sentence's features are.

    Args:
        words: of what it says, and the sentences around it.
        signs: of what the patterns find in it.
    """

    words: Sequence[int]
    signs: Sequence[int]


@dataclass(frozen=True, slots=True)
class SecondReader:
    """The classifier.

    Args:
        weights: of each place in the table, in units of `scale`.
        scale: what a unit is worth.
        bias: added to each score.
        alarm: scores above it are taken for claims.
        notice: scores above it may be claims: where the patterns say so, too, they are, and else
            they are delivered with what is so. Below it the broadest patterns aren't believed.
    """

    weights: array[int]
    scale: float
    bias: float
    alarm: float
    notice: float

    def scores(self, sentences: Sequence[Sentence], claims: Sequence[Claim]) -> list[float]:
        """Return how much each sentence of a text sounds like a claim; above `alarm` it is one.

        Args:
            claims: what the patterns take for claims in them.
        """
        return [self._score(traits) for traits in traits_of(sentences, claims)]

    def _score(self, traits: Traits) -> float:
        return self.bias + self.scale * sum(
            sum(self.weights[place] for place in places) / math.sqrt(len(places))
            for places in (traits.words, traits.signs)
        )


def traits_read(text: str) -> list[Traits]:
    """Return the traits of each sentence of a text as a model wrote it."""
    masked = find(mended(normalised(text))).masked
    return traits_of(sentences_of(masked), claims_of(masked, tuple(LANGUAGES)))


def traits_of(sentences: Sequence[Sentence], claims: Sequence[Claim]) -> list[Traits]:
    """Return the traits of each sentence of a text.

    Args:
        sentences: the whole text; the neighbours are looked at too.
        claims: what the patterns take for claims in them.
    """
    return [
        Traits(
            _places(_words_of(sentences, number)),
            _places(_signs_of(sentence, [c for c in claims if c.sentence == number])),
        )
        for number, sentence in enumerate(sentences)
    ]


def _places(features: Iterator[str]) -> list[int]:
    return [zlib.crc32(feature.encode()) % TABLE_SIZE for feature in set(features)]


def _signs_of(sentence: Sentence, claims: Sequence[Claim]) -> Iterator[str]:
    found = sorted(_cues(sentence))
    shapes = {claim.shape.value for claim in claims if not claim.denied} or {"none"}
    for cue in found:
        yield f"#{cue}"
    for one, two in combinations(found, 2):
        yield f"#{one} {two}"
    for claim in claims:
        yield f"#{claim.problem.value} {claim.shape.value} {claim.denied}"
    for shape in shapes:
        yield f"#{shape} asks{sentence.asks}"
        for cue in found:
            yield f"#{shape} with {cue}"
    dates = min(2, sentence.dates[1] - sentence.dates[0])
    times = min(3, sentence.times[1] - sentence.times[0])
    yield f"#{dates} dates {times} times"


def _cues(sentence: Sentence) -> set[str]:
    cues: set[str] = set()
    for words in _spoken(sentence):
        cues |= {cue for cue in _CUES if getattr(words, cue).search(sentence.text)}
        if any(failed.search(sentence.text) for failed in words.failures.values()):
            cues.add("failed")
    return cues


def _spoken(sentence: Sentence) -> list[Words]:
    cyrillic = any("а" <= letter <= "я" for letter in sentence.text)
    latin = any("a" <= letter <= "z" for letter in sentence.text)
    known = [w for w in LANGUAGES.values() if (cyrillic if w.code == "ru" else latin)]
    return spoken_in(sentence, known) if known else []


def _words_of(sentences: Sequence[Sentence], number: int) -> Iterator[str]:
    sentence = sentences[number]
    words = ["^", *sentence.text.split()[:_MOST_WORDS], "$"]
    for word in words:
        yield f"u{word}"
        if len(word) > 3:  # pieces of words stand for stems, endings and slips of the finger
            edged = f"<{word}>"
            for size in (4, 5):
                for start in range(len(edged) - size + 1):
                    yield f"c{edged[start : start + size]}"
    for step in (1, 2):
        for one, two in zip(words, words[step:], strict=False):
            yield f"{step}{one} {two}"
    for one, two, three in zip(words, words[1:], words[2:], strict=False):
        yield f"t{one} {two} {three}"
    for word in words[1:4]:
        yield f"F{word}"
    for word in words[-4:-1]:
        yield f"L{word}"
    yield f"asks{sentence.asks}"
    yield f"size{min(6, len(words).bit_length())}"
    if number > 0:
        before = sentences[number - 1]
        yield f"before asks{before.asks}"
        for word in before.text.split()[-_NEAR:]:
            yield f"p{word}"
    if number + 1 < len(sentences):
        behind = sentences[number + 1]
        yield f"behind asks{behind.asks}"
        for word in behind.text.split()[:_NEAR]:
            yield f"n{word}"


def packed(reader: SecondReader, corpora: str) -> bytes:
    """Return what the file of weights holds.

    Args:
        reader: the classifier.
        corpora: fingerprint of what it has learned from.
    """
    head = {
        "alarm": reader.alarm,
        "bias": reader.bias,
        "corpora": corpora,
        "notice": reader.notice,
        "scale": reader.scale,
    }
    body = zlib.compress(reader.weights.tobytes(), 9)
    return json.dumps(head, sort_keys=True).encode() + b"\n" + body


def unpacked(data: bytes) -> tuple[SecondReader, str]:
    """Return the classifier in a file of weights, and the fingerprint of its corpora.

    Raises:
        ValueError: it isn't such a file.
    """
    line, _, body = data.partition(b"\n")
    head = json.loads(line)
    weights = array("b", zlib.decompress(body))
    if len(weights) != TABLE_SIZE:
        raise ValueError(f"the table has {len(weights)} places, not {TABLE_SIZE}")
    corpora = head.pop("corpora")
    return SecondReader(weights, **head), corpora


@cache
def second_reader() -> SecondReader:
    """Return the classifier that is shipped."""
    return unpacked(WEIGHTS.read_bytes())[0]
