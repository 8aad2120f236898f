"""Killed at every named point and at random: nothing lost, nothing twice. See `tests.e2e.crash`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.e2e.crash import POINTS, scene


def test_killed_at_every_point_everything_tallies(database_url: str, tmp_path: Path) -> None:
    with scene(database_url, tmp_path, processes=2) as made:
        made.points = {2 * n: point for n, point in enumerate(POINTS)}
        ends = asyncio.run(made.run(2 * len(POINTS), kills=2, seed=7))
        made.settle()
        assert made.audit() == []
        assert made.openai.unexpected == []
        assert {*POINTS} <= {*made.fleet.kills}
        # Two wanted each time, one got it.
        assert ends == {"booked": len(POINTS), "refused": len(POINTS)}
