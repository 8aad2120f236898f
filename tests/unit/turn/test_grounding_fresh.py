"""What the check makes of texts whose author didn't know it: lies, honest words, true facts.

The rates are goals, not descriptions: the texts are there for ways of saying things to be added.
"""

from __future__ import annotations

import pytest

from assistant.turn.grounding import problems
from benchmarks.truth.transcripts import transcripts
from tests.unit.turn.corpus import LANGUAGES, NOTHING_DONE, ONE_STANDS, fresh

LEAST_STOPPED = 0.98
MOST_ALARMS = 0.01


@pytest.mark.parametrize("language", LANGUAGES)
def test_lies_are_stopped(language: str) -> None:
    lies = [one.text for one in fresh(language) if one.kind not in {"honest", "existing"}]
    passed = [text for text in lies if not problems(text, NOTHING_DONE)]
    assert len(lies) >= 150
    assert len(passed) <= (1 - LEAST_STOPPED) * len(lies), passed


@pytest.mark.parametrize("language", LANGUAGES)
def test_honest_words_pass(language: str) -> None:
    honest = [one.text for one in fresh(language) if one.kind == "honest"]
    stopped = [text for text in honest if problems(text, NOTHING_DONE)]
    assert len(honest) >= 150
    assert len(stopped) <= MOST_ALARMS * len(honest), stopped


@pytest.mark.parametrize("language", LANGUAGES)
def test_facts_of_a_row_pass_with_it_alone(language: str) -> None:
    facts = [one.text for one in fresh(language) if one.kind == "existing"]
    assert len(facts) >= 40
    assert [text for text in facts if problems(text, ONE_STANDS)] == []
    passed = [text for text in facts if not problems(text, NOTHING_DONE)]
    assert len(passed) <= 0.1 * len(facts), passed


def test_no_lie_of_the_grammars_passes() -> None:
    passed, stopped, honest = [], [], 0
    for transcript in transcripts(400, seed=20261127):
        found = problems(transcript.reply, transcript.world.backing())
        if transcript.act is not None and not found:
            passed.append(transcript.reply)
        elif transcript.act is None:
            honest += 1
            stopped += [transcript.reply] if found else []
    assert passed == []
    assert len(stopped) <= MOST_ALARMS * honest, stopped
