"""Killed at every named point and at random: nothing lost, nothing twice.

`python -m tests.e2e.crash --full` does the same with 200 conversations.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.e2e.crash.audit import settle
from tests.e2e.crash.scene import PATIENCE, POINTS, scene

# Each point in one of the two transports; what a message meets after it is stored is the same.
IN_TURN = {"polling": POINTS[::2], "webhook": POINTS[1::2]}


@pytest.mark.parametrize("transport", IN_TURN)
def test_killed_at_every_point_everything_tallies(
    database_url: str, tmp_path: Path, transport: str
) -> None:
    points = IN_TURN[transport]
    with scene(database_url, tmp_path, processes=2, webhook=transport == "webhook") as made:
        made.points = {2 * n: point for n, point in enumerate(points)}
        ends = asyncio.run(made.run(2 * len(points), kills=1, seed=7))
        settle(made.url, PATIENCE)
        assert made.audit.wrong() == []
        assert made.openai.unexpected == []
        assert made.telegram.oddities == []
        assert {*points} <= {*made.fleet.kills}
        # Two wanted each time, one got it.
        assert ends == {"booked": len(points), "refused": len(points)}
