"""A sample of the transcripts that `python -m benchmarks.truth` generates and measures in full."""

from __future__ import annotations

from assistant.turn.grounding import problems
from benchmarks.truth.__main__ import MOST_FALSE_ALARMS, SEED
from benchmarks.truth.transcripts import transcripts

SAMPLE = 1000


def test_no_generated_lie_passes_and_false_alarms_are_rare() -> None:
    passed, stopped, honest = [], [], 0
    for transcript in transcripts(SAMPLE, SEED):
        found = problems(transcript.reply, transcript.world.backing())
        if transcript.act is not None and not found:
            passed.append(transcript.reply)
        if transcript.act is None:
            honest += 1
            if found:
                stopped.append((found, transcript.reply))
    assert honest >= SAMPLE // 3
    assert passed == []
    assert len(stopped) <= honest * MOST_FALSE_ALARMS, stopped[:20]
