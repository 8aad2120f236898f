"""What is shown of an answer before it is whole: never a claim, and never a time."""

from __future__ import annotations

import pytest

from assistant.turn.events import TextSoFar
from assistant.turn.grounding import Backing, problems
from assistant.turn.open_text import OpenText
from assistant.turn.wall_times import find
from benchmarks.truth.transcripts import transcripts
from tests.unit.turn.corpus import NOTHING_DONE, ONE_STANDS

PROMPT = "You are an assistant. " + " ".join(f"Rule number {n} says so." for n in range(60))


def shown(text: str, backing: Backing = NOTHING_DONE, *, size: int = 5) -> list[str]:
    """Write a text in pieces and return what was shown of it."""
    seen: list[str] = []

    def sink(event: object) -> None:
        assert isinstance(event, TextSoFar)
        seen.append(event.text)

    writing = OpenText(backing, PROMPT, sink)
    for start in range(0, len(text), size):
        writing.add(text[start : start + size])
    return seen


def test_whole_sentences_are_shown_as_they_end() -> None:
    text = "Sure! We have haircuts and massages. Which one would you like? Tell me."
    assert shown(text) == [
        "Sure!",
        "Sure! We have haircuts and massages.",
        "Sure! We have haircuts and massages. Which one would you like?",
    ]


def test_lines_end_sentences_too() -> None:
    assert shown("We offer:\n- haircuts\n- massages\nand more") == [
        "We offer:",
        "We offer:\n- haircuts",
        "We offer:\n- haircuts\n- massages",
    ]


@pytest.mark.parametrize(
    "second",
    [
        "You're booked!",
        "You are\nbooked.",
        "Tuesday at 10:00 is free.",
        "We could do Tuesday.",
        "I've told the manager.",
        "Done!",
        "✅ Haircut, 10:00",
        "Вы записаны.",
        "Ihr Termin ist bestätigt.",
        "Ya está reservado.",
        " ".join(PROMPT.split()[:80]),
    ],
)
def test_from_the_first_claim_or_time_on_everything_waits(second: str) -> None:
    text = f"Thank you, Ann. {second} Anything else? Just write. Bye."
    assert all("Thank you, Ann.".startswith(one) or "are" in one for one in shown(text)[:1])
    for one in shown(text):
        assert problems(one, NOTHING_DONE) == []
        assert "Anything else" not in one


def test_what_is_true_waits_as_well() -> None:
    # What comes behind it may turn it into something that is not.
    assert shown("Hello! You're booked for Tuesday at 10:00. See you!", ONE_STANDS) == ["Hello!"]


def test_no_lie_of_the_transcripts_is_ever_shown() -> None:
    honest = 0
    for transcript in transcripts(400, seed=7):
        lies = [sentence.text for sentence in transcript.sentences if sentence.lie]
        for one in shown(transcript.reply, transcript.world.backing()):
            assert transcript.reply.startswith(one)
            assert problems(one, transcript.world.backing()) == []
            assert not find(one).times
            assert not any(lie in one for lie in lies)
            honest += 1
    assert honest > 300  # a good part of what is honest is shown early
