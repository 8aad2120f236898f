"""The learned reader beside the patterns: what it adds, and that its weights are those it needs."""

from __future__ import annotations

import json
from array import array
from dataclasses import replace

import pytest

from assistant.turn import grounding, second_reader
from assistant.turn.grounding import Judgement, Problem, judged, problems
from assistant.turn.second_reader import TABLE_SIZE, WEIGHTS, SecondReader, packed, unpacked
from benchmarks.truth.corpora import LEARNED, texts_of
from benchmarks.truth.training import Pupil, fingerprint
from booking.appointment import Change
from tests.unit.turn.corpus import NOTHING_DONE, ONE_STANDS

UNHEARD_OF = (
    "It all worked out in the end.",
    "Анна будет очень рада вас видеть.",
    "Anna looks forward to meeting you.",
)
PERHAPS = "The matter is closed for now."


def reading(alarm: float, notice: float) -> SecondReader:
    """A reader to whom everything sounds alike: its scores are 0."""
    return SecondReader(array("b", bytes(TABLE_SIZE)), 1.0, 0.0, alarm, notice)


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing sounds like a claim to the second reader, nor unlike one."""
    monkeypatch.setattr(grounding, "second_reader", lambda: reading(alarm=1.0, notice=0.0))


def test_the_weights_are_of_these_corpora_read_in_this_way() -> None:
    # After a change of either: python -m benchmarks.truth.training
    assert unpacked(WEIGHTS.read_bytes())[1] == fingerprint(list(texts_of(LEARNED)))


@pytest.mark.parametrize("text", UNHEARD_OF)
def test_a_claim_without_a_pattern_is_stopped(text: str) -> None:
    assert problems(text, NOTHING_DONE) == [Problem.CLAIMS_DEED]


@pytest.mark.usefixtures("deaf")
@pytest.mark.parametrize("text", UNHEARD_OF)
def test_the_patterns_alone_let_it_pass(text: str) -> None:
    assert problems(text, NOTHING_DONE) == []


def test_broad_patterns_are_believed_only_where_it_sounds_like_a_claim(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "Everything on our side is ready for you."
    assert problems(text, NOTHING_DONE) == [Problem.CLAIMS_DEED]
    monkeypatch.setattr(grounding, "second_reader", lambda: reading(alarm=2.0, notice=1.0))
    assert problems(text, NOTHING_DONE) == []
    assert problems("You're booked for Tuesday.", NOTHING_DONE) == [Problem.CLAIMS_BOOKING]


def test_what_may_be_a_claim_is_in_doubt_while_nothing_is_done() -> None:
    assert judged(PERHAPS, NOTHING_DONE).problems == []
    assert judged(PERHAPS, NOTHING_DONE).doubtful
    assert not judged("We're open from 10:00 to 20:00.", NOTHING_DONE).doubtful
    for done in (
        replace(NOTHING_DONE, changes=frozenset({Change.BOOKED})),
        replace(NOTHING_DONE, handed_off=True),
        replace(NOTHING_DONE, waiting_list=True),
        replace(NOTHING_DONE, saved=True),
        replace(NOTHING_DONE, other=True),
    ):
        assert not judged(PERHAPS, done).doubtful


def test_a_row_backs_what_only_sounds_like_a_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grounding, "second_reader", lambda: reading(alarm=-1.0, notice=-2.0))
    assert problems("Your haircut with Anna: Tuesday at 10:00.", ONE_STANDS) == []
    assert problems("Your haircut with Anna: Tuesday at 11:00.", ONE_STANDS) != []


@pytest.mark.parametrize(
    "text", ["How about Tuesday at 10:00?", "Tuesday at 10:00 is free.", "Tue: 10:00, 11:00", "10"]
)
def test_an_offer_is_no_claim_however_it_sounds(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grounding, "second_reader", lambda: reading(alarm=-1.0, notice=-2.0))
    assert problems(text, NOTHING_DONE) == []


@pytest.mark.parametrize("text", ["Hi Ben!", "Здравствуйте, Бен!", "Gracias, Ben.", "Tue: 10:00"])
def test_a_greeting_and_a_bare_time_are_nothing_to_doubt(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grounding, "second_reader", lambda: reading(alarm=-1.0, notice=-2.0))
    assert judged(text, NOTHING_DONE) == Judgement([])


def test_few_words_are_contradicted_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grounding, "second_reader", lambda: reading(alarm=-1.0, notice=-2.0))
    assert judged("Here I am.", NOTHING_DONE) == Judgement([], doubtful=True)


def test_weights_are_kept_whole() -> None:
    reader, corpora = unpacked(WEIGHTS.read_bytes())
    assert unpacked(packed(reader, corpora)) == (reader, corpora)
    head, _, body = WEIGHTS.read_bytes().partition(b"\n")
    assert json.loads(head)["alarm"] > json.loads(head)["notice"]
    short = packed(replace(reader, weights=array("b", b"\0")), corpora)
    with pytest.raises(ValueError, match="1 places"):
        unpacked(short)
    assert body


def test_a_pupil_learns_from_the_sentence_that_lies() -> None:
    lie = second_reader.traits_read("Good morning. The matter is settled.")
    honest = [
        second_reader.traits_read(text) for text in ("Good morning.", "Good morning. How are you?")
    ]
    pupil = Pupil()
    alone = second_reader.traits_read("The matter is settled.")
    pupil.learn([(lie, True), (alone, True), *((bag, False) for bag in honest)] * 20)
    scores = [pupil.score(traits) for traits in lie]
    assert scores[1] > 0 > scores[0]
