"""Killed at every named point and at random: nothing lost, nothing twice.

`python -m tests.e2e.crash --full` does the same with 200 conversations.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.e2e.crash.audit import settle
from tests.e2e.crash.points import FROZEN, points
from tests.e2e.crash.scene import CHANNEL, PATIENCE, scene

# Each point in one of the two transports; what a message meets after it is stored is the same.
POINTS = points(CHANNEL)
IN_TURN = {"polling": (*POINTS[::2], FROZEN[0]), "webhook": POINTS[1::2]}


# Mostly waiting: half a minute, or several where eight others want the machine.
@pytest.mark.timeout(600)
@pytest.mark.parametrize("transport", IN_TURN)
def test_killed_at_every_point_everything_tallies(
    database_url: str, tmp_path: Path, transport: str
) -> None:
    caught = IN_TURN[transport]
    with scene(database_url, tmp_path, processes=2, webhook=transport == "webhook") as made:
        made.traps.points = {2 * n: point for n, point in enumerate(caught)}
        made.traps.hurried = True
        ends = asyncio.run(made.run(2 * len(caught), kills=1, seed=7))
        settle(made.url, PATIENCE)
        assert made.wrong(ends) == []
        assert {point.name for point in caught} <= {*made.fleet.kills}
        assert ends.total() == 2 * len(caught)
        if transport == "polling":
            assert asyncio.run(made.remind()) == []
