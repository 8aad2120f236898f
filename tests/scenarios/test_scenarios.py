"""Plays every scenario with its scripted model, and tests the grading itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from assistant.conversation import Script
from assistant.evaluation.scenario import Bucket, EndFile, Scenario, load
from db.session import Database
from tests.scenarios.runner import Player

SCENARIOS = {scenario.id: scenario for scenario in load()}


@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_scenario(shared: Database, script: Script, name: str) -> None:
    played = await Player(shared, SCENARIOS[name], script).play()
    assert played.problems == []


def test_every_bucket_has_conversations() -> None:
    counted = Counter(scenario.bucket for scenario in SCENARIOS.values())
    assert len(SCENARIOS) >= 60
    assert min(counted[bucket] for bucket in Bucket) >= 3, counted


@pytest.mark.parametrize("place", [(), ("turns", 0), ("ends",), ("ends", "rows", 0)])
def test_an_unknown_key_is_refused_wherever_it_stands(place: tuple[str | int, ...]) -> None:
    raw = SCENARIOS["happy-one-model-call"].model_dump(mode="json")
    raw["now"] = "2026-11-21 10:00"
    raw["ends"]["rows"][0]["start"] = "2026-11-24 10:00"
    assert Scenario.model_validate(raw) == SCENARIOS["happy-one-model-call"]
    part: Any = raw
    for step in place:
        part = part[step]
    part["hear"] = []
    with pytest.raises(ValidationError, match="Extra inputs"):
        Scenario.model_validate(raw)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rows": ()}, "rows are"),
        ({"path": ()}, "path is"),
        ({"outcomes": ("proposed",)}, "outcomes are"),
        ({"model_calls": 2}, "1 model calls, not 2"),
        ({"never": ("Anna",)}, "was sent"),
        ({"never_read": ("haircut",)}, "the model read"),
        ({"untouched": ("ada",)}, "the data of ada changed"),
    ],
)
async def test_the_grading_sees(
    shared: Database, script: Script, changes: dict[str, Any], said: str
) -> None:
    scenario = SCENARIOS["happy-one-model-call"]
    ends = EndFile.model_construct(**{**dict(scenario.ends), **changes})
    played = await Player(shared, scenario.model_copy(update={"ends": ends}), script).play()
    assert len(played.problems) >= 1
    assert all(said in problem for problem in played.problems), played.problems


@pytest.mark.parametrize("check", ["hears", "offers", "never"])
async def test_the_grading_sees_what_a_turn_brought(
    shared: Database, script: Script, check: str
) -> None:
    scenario = SCENARIOS["happy-one-model-call"]
    words = ("Please check",) if check == "never" else ("Nobody says this",)
    first = scenario.turns[0].model_copy(update={check: words})
    changed = scenario.model_copy(update={"turns": (first, *scenario.turns[1:])})
    [problem] = (await Player(shared, changed, script).play()).problems
    assert problem.startswith("turn 1: ")
