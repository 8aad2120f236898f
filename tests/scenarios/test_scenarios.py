"""Plays every scenario of `conversations/` with its scripted model, and tests the grading itself."""

from __future__ import annotations

from collections import Counter

import pytest
from pydantic import ValidationError

from assistant.conversation import Script
from db.session import Database
from tests.scenarios.runner import Player
from tests.scenarios.schema import Bucket, EndFile, Scenario, load

SCENARIOS = {scenario.id: scenario for scenario in load()}


@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_scenario(shared: Database, script: Script, name: str) -> None:
    played = await Player(shared, SCENARIOS[name], script).play()
    assert played.problems == []
