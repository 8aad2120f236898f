"""What is shown of an answer before it is whole: never a claim, and never a time."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.turn.events import TextSoFar
from assistant.turn.grounding import Backing, Problem, problems
from assistant.turn.open_text import OpenText
from assistant.turn.recital import RUN, is_not_for_customers
from assistant.turn.wall_times import find
from benchmarks.truth.transcripts import transcripts
from booking.appointment import Change
from tests.unit.turn.corpus import LANGUAGES, NOTHING_DONE, ONE_STANDS, fresh

PROMPT = "You are an assistant. " + " ".join(f"Rule number {n} says so." for n in range(60))


def shown(
    text: str, backing: Backing = NOTHING_DONE, *, size: int = 5, prompt: str = PROMPT
) -> list[str]:
    """Write a text in pieces and return what was shown of it."""
    seen: list[str] = []

    def sink(event: object) -> None:
        assert isinstance(event, TextSoFar)
        seen.append(event.text)

    writing = OpenText(backing, prompt, sink)
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
    assert shown("We offer:\n- haircuts\n- massages\n- more\n") == [
        "We offer:",
        "We offer:\n- haircuts",
        "We offer:\n- haircuts\n- massages",
    ]


def test_half_a_sentence_is_no_line() -> None:
    assert shown("Sure!\nYou are\nbooked.\nAnything else?") == ["Sure!"]
    assert shown("Sure!\nYou are\nwelcome. Bye.")[-1] == "Sure!\nYou are\nwelcome."


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
        "I couldn't book it.",
        "Es hat leider nicht geklappt.",
        "Не удалось отменить запись.",
    ],
)
def test_from_the_first_claim_or_time_on_everything_waits(second: str) -> None:
    text = f"Thank you, Ann. {second} Anything else? Just write. Bye."
    assert set(shown(text)) == {"Thank you, Ann."}


def test_no_line_of_the_instructions_is_shown() -> None:
    rules = " ".join(PROMPT.split()[4:40])
    assert shown(f"Sure! {rules}")[-1] == "Sure! Rule number 0 says so."
    in_one = rules.replace(". ", ", ")
    assert shown(f"Sure! {in_one} Bye.", prompt=in_one) == ["Sure!"]


def test_what_is_true_waits_as_well() -> None:
    # What comes behind it may turn it into something that is not.
    assert shown("Hello! You're booked for Tuesday at 10:00. See you!", ONE_STANDS) == ["Hello!"]


TEXTS = [one.text for language in LANGUAGES for one in fresh(language) if one.kind != "existing"]
TEXTS += [transcript.reply for transcript in transcripts(200, seed=8)]
TEXTS += ["I couldn't book it.", "Sorry, something went wrong.", "No se pudo cancelar la cita."]
EVERYTHING = replace(NOTHING_DONE, changes=frozenset(Change))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3),
    st.sampled_from([" ", "\n", "\n\n", "\n- "]),
    st.lists(st.integers(0, 400), max_size=12),
    st.integers(0, 40),
)
def test_no_draft_shows_what_the_checks_dont_let_through(
    parts: list[str], between: str, cuts: list[int], recited: int
) -> None:
    rules = PROMPT.split()[5 : 5 + recited]
    text = between.join([*parts, " ".join(rules), "Bye."])
    places = sorted({0, *(min(cut, len(text)) for cut in cuts), len(text)})
    seen: list[str] = []
    writing = OpenText(NOTHING_DONE, PROMPT, lambda event: seen.append(getattr(event, "text", "")))
    for start, end in pairwise(places):
        writing.add(text[start:end])
    for one in seen:
        assert text.startswith(one)
        assert problems(one, NOTHING_DONE) == []
        # Whatever is done beside the text, it says of nothing that it failed.
        assert Problem.FALSE_FAILURE not in problems(one, EVERYTHING)
        assert not is_not_for_customers(one, PROMPT, at_least=RUN)
        assert not find(one).times
        assert not find(one).dates


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
