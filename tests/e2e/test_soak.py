"""The soak keeps running, and nothing is lost in it: few chats, a few seconds. Nothing is timed."""

from __future__ import annotations

from pathlib import Path

from benchmarks.soak.report import lines, markdown
from benchmarks.soak.run import Plan, soak
from tests.conftest import Server


def test_many_chats_at_once_lose_nothing(server: Server, tmp_path: Path) -> None:
    name = server.create()
    plan = Plan(seconds=2, chats=12, think=0.2, model=0.05, burst=0.1, flood=0)
    try:
        soaked = soak(plan, server.url(name), tmp_path, lambda _: None)
    finally:
        server.drop(name)
    assert set(soaked.talked["seconds"]) == {"talk", "list", "book", "tap"}
    measured = lines(soaked)
    assert [line.what for line in measured if line.met is False] == []
    page = markdown(soaked, measured, [], "a command", None)
    assert "| updates left unanswered | 0 | none | yes |" in page
