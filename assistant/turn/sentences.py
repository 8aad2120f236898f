"""Splits what the model wrote into sentences, and says what a claim of one is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.turn.claim_words.words import Problem, Shape
from assistant.turn.wall_times import DATE, TIME

_TOKEN = re.compile(r"[^\W_]+(?:['/-][^\W_]+)*|/[a-z]+|[?!.,;:()—]|(?<= )-(?= )|>")
_STOP = re.compile(r"(?<=[.!?])\s+|\n+")
_BETWEEN_DATES = re.compile(
    r"(?<=0[dt]) [,(—] (?=(?:(?:at|um|в|a las|on|am|den|el|the|с|from|de|von) )?0[dt])"
)
BOUNDARY = re.compile(
    r"(?<!\S)(?:[,;:()—.!?>]|but|aber|sondern|но|а|pero|sino"
    r"|(?:and|und|и|y)(?= (?:i|we|you|your|it|i've|i'll|ich|wir|sie|ihr|du|dein|er|я|мы|вы|ваш|ваша"
    r"|вашу|he|tu|su|te|le|hemos|ya|that)(?!\S)))(?!\S)"
)
_NOT_ONLY = re.compile(r"(?<!\S)(?:not (?:only|just)|не только|nicht nur|no solo) ")


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
