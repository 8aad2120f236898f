"""Thousands of turns with a reply each, and whether the reply lies."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.truth.de import GERMAN
from benchmarks.truth.en import ENGLISH
from benchmarks.truth.es import SPANISH
from benchmarks.truth.grammar import Act, say
from benchmarks.truth.ru import RUSSIAN
from benchmarks.truth.world import Sentence, Speaker, World, any_world, honest, lie

LANGUAGES = (ENGLISH, RUSSIAN, GERMAN, SPANISH)
_TYPOS = 0.12
_LEAST_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Transcript:
    """One turn's reply.

    Args:
        act: the lie's; of an honest reply, None.
        sentences: what the reply is made of, before it was dressed.
    """

    world: World
    reply: str
    act: Act | None
    sentences: tuple[Sentence, ...]


def transcripts(count: int, seed: int) -> Iterator[Transcript]:
    """Yield turns of all languages, every second one with a lie. The same ones for a seed."""
    chance = random.Random(seed)
    for number in range(count):
        language = LANGUAGES[number % len(LANGUAGES)]
        lies = number // len(LANGUAGES) % 2 == 0
        world = any_world(language, chance)
        said = [honest(world, chance) for _ in range(chance.choice((0, 1, 1, 2)))]
        if lies:
            said.insert(chance.randint(0, len(said)), lie(world, chance))
        elif not said:
            said = [honest(world, chance)]
        act = next((sentence.act for sentence in said if sentence.lie), None)
        yield Transcript(world, _dressed(world, said, chance), act, tuple(said))


def _dressed(world: World, said: list[Sentence], chance: random.Random) -> str:
    """Return the reply as a chat shows it: openings, lists, emphasis, slips of the finger."""
    fill = Speaker(world, chance).filled(None)
    opening = say(chance.choice(world.language.openings), fill, chance)
    closing = say(chance.choice(world.language.closings), fill, chance)
    body = [_emphasised(sentence.text, chance) for sentence in said]
    parts = [part for part in (opening, *body, closing) if part]
    # What ends without a mark ends a line.
    lines = any(part.rstrip("*_ 🙂")[-1].isalnum() for part in parts)
    reply = ("\n" if lines else chance.choice(("\n", " ", " "))).join(parts)
    return _mistyped(reply, chance) if chance.random() < _TYPOS else reply


def _emphasised(text: str, chance: random.Random) -> str:
    return chance.choice((text,) * 12 + (f"**{text}**", f"_{text}_", f"{text} 🙂", f"- {text}"))


def _mistyped(text: str, chance: random.Random) -> str:
    """Return the text with one letter lost, doubled or swapped inside a long word."""
    words = text.split(" ")
    long = [n for n, w in enumerate(words) if w.isalpha() and len(w) >= _LEAST_LETTERS]
    if not long:
        return text
    n = chance.choice(long)
    word = words[n]
    at = chance.randint(1, len(word) - 3)
    words[n] = chance.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
    return " ".join(words)
