"""`python -m benchmarks.truth.training`: teach the second reader, and say what it has learned.

Logistic regression by AdaGrad. A text that lies is learned by the sentence of it that sounds most
like a claim (multiple-instance learning: which one lies isn't written down), an honest one by all
its sentences. To the texts written by hand come generated ones, of other turns than those that
`python -m benchmarks.truth` judges. What is printed is cross-validated: each text is read by a
reader that has learned from the others. `--check` writes nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import random
import sys
from array import array
from collections.abc import Iterable, Sequence

from assistant.turn.second_reader import (
    TABLE_SIZE,
    WEIGHTS,
    SecondReader,
    Traits,
    packed,
    traits_read,
)
from benchmarks.truth.corpora import LANGUAGES, LEARNED, Kind, Text, texts_of
from benchmarks.truth.transcripts import transcripts

PARTS = 5
_ROUNDS = 8
_RATE = 0.5
_DECAY = 1e-5
_SEED = 20261127
# This share of honest texts that weren't learned may sound like a claim. They were chosen to be
# hard, many because a check had stopped them: of what a model usually writes it is far less.
MOST_ALARMS = 0.085
# This share of lies that weren't learned may sound so little like one that nobody takes notice.
MOST_UNNOTICED = 0.075
# Of every so many texts the traits are part of the fingerprint.
_LOOKED_AT = 40
_GENERATED, _OTHER_SEED = 6_000, 777

_Bag = list[Traits]


def generated() -> list[tuple[_Bag, bool]]:
    """Return generated texts of turns in which nothing was done and nothing is known."""
    found = []
    for turn in transcripts(_GENERATED, _OTHER_SEED):
        backing = turn.world.backing()
        about = backing.appointments or backing.changes or backing.handed_off
        if not about and not backing.waiting_list:
            lie = next((sentence.text for sentence in turn.sentences if sentence.lie), None)
            found.append((traits_read(turn.reply if lie is None else lie), lie is not None))
    return found


class Pupil:
    """The reader while it learns."""

    def __init__(self) -> None:
        self.weights = [0.0] * TABLE_SIZE
        self.squares = [1e-2] * TABLE_SIZE
        self.bias = 0.0

    def score(self, traits: Traits) -> float:
        """Return how much a sentence sounds like a claim."""
        return self.bias + sum(
            sum(self.weights[p] for p in places) / math.sqrt(len(places))
            for places in (traits.words, traits.signs)
        )

    def loudest(self, bag: _Bag) -> float:
        """Return the score of the sentence of a text that sounds most like a claim."""
        return max(map(self.score, bag), default=-math.inf)

    def learn(self, lessons: Iterable[tuple[_Bag, bool]]) -> None:
        """Read all lessons several times."""
        chance, order = random.Random(_SEED), [x for x in lessons if x[0]]
        for number in range(_ROUNDS):
            chance.shuffle(order)
            for bag, lies in order:
                if number == 0 and lies and len(bag) > 1:
                    continue  # which of them lies is guessed once there is something to go by
                for traits in [max(bag, key=self.score)] if lies else bag:
                    self._step(traits, lies)

    def _step(self, traits: Traits, lies: bool) -> None:
        score = max(-30.0, min(30.0, self.score(traits)))
        error = 1 / (1 + math.exp(-score)) - lies
        for places in (traits.words, traits.signs):
            slope = error / math.sqrt(len(places))
            for place in places:
                gradient = slope + _DECAY * self.weights[place]
                self.squares[place] += gradient * gradient
                self.weights[place] -= _RATE * gradient / math.sqrt(self.squares[place])
        self.bias -= 0.02 * error


def fingerprint(texts: Sequence[Text]) -> str:
    """Return what changes with what is learned, and with how it is read."""
    digest = hashlib.sha256()
    for number, text in enumerate(texts):
        digest.update(f"{text.kind} {text.words}\n".encode())
        if number % _LOOKED_AT == 0:
            for traits in traits_read(text.words):
                digest.update(repr((sorted(traits.words), sorted(traits.signs))).encode())
    return digest.hexdigest()[:16]


def cross_validated(
    texts: Sequence[Text], bags: Sequence[_Bag], always: Sequence[tuple[_Bag, bool]]
) -> list[float]:
    """Return each text's score by a reader that hasn't learned it.

    Args:
        always: what each reader learns.
    """
    chance = random.Random(_SEED)
    part = [chance.randrange(PARTS) for _ in texts]
    scores = [0.0] * len(texts)
    for number in range(PARTS):
        pupil = Pupil()
        mine = [(b, t.lies) for t, b, p in zip(texts, bags, part, strict=True) if p != number]
        pupil.learn([*mine, *always])
        for place, bag in enumerate(bags):
            if part[place] == number:
                scores[place] = pupil.loudest(bag)
    return scores


def thresholds(texts: Sequence[Text], scores: Sequence[float]) -> tuple[float, float]:
    """Return `alarm` and `notice`, by scores of texts that weren't learned."""
    honest = sorted(s for t, s in zip(texts, scores, strict=True) if t.kind is Kind.HONEST)
    lies = sorted(s for t, s in zip(texts, scores, strict=True) if t.lies)
    alarm = honest[math.ceil(len(honest) * (1 - MOST_ALARMS)) - 1]
    return alarm, lies[int(len(lies) * MOST_UNNOTICED)]


def _share(
    texts: Sequence[Text], scores: Sequence[float], code: str, kind: Kind, alarm: float
) -> str:
    mine = [
        score > alarm
        for text, score in zip(texts, scores, strict=True)
        if text.language == code and text.kind is kind
    ]
    return f"{kind}: {sum(mine)} of {len(mine)} found ({sum(mine) / len(mine):.1%})"


def main() -> None:
    """Learn, and write the weights; or only check how well what isn't known is read."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth.training")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    texts = list(texts_of(LEARNED))
    bags = [traits_read(text.words) for text in texts]
    always = generated()
    scores = cross_validated(texts, bags, always)
    alarm, notice = thresholds(texts, scores)
    print(f"{len(texts)} texts; each read by a reader that hasn't learned it:")
    for code in LANGUAGES:
        print(code, *(_share(texts, scores, code, kind, alarm) for kind in Kind), sep="   ")
    if options.check:
        return
    pupil = Pupil()
    pupil.learn([*((b, t.lies) for t, b in zip(texts, bags, strict=True)), *always])
    scale = max(map(abs, pupil.weights)) / 127
    weights = array("b", (round(weight / scale) for weight in pupil.weights))
    reader = SecondReader(weights, scale, pupil.bias, alarm, notice)
    WEIGHTS.write_bytes(packed(reader, fingerprint(texts)))
    print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
