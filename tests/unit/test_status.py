"""`assistant status`: what needs a person, and what is only worth knowing."""

from __future__ import annotations

import json

import pytest

from assistant import status
from assistant.settings import load_settings
from assistant.status import Status
from db.repositories.backlog import TurnTotals


@pytest.mark.parametrize(("broken", "wrong"), [("telegram", True), ("model", False), ("", False)])
async def test_where_nothing_comes_in_no_queue_shows_it(
    monkeypatch: pytest.MonkeyPatch, broken: str, wrong: bool
) -> None:
    checks = {
        name: {"ok": name != broken, "detail": "what it says"} for name in ("telegram", "model")
    }
    report = json.dumps({"status": "degraded" if broken else "ready", "checks": checks}).encode()

    async def fetch(url: str) -> bytes:
        return report if url.endswith("/health/ready") else b""

    monkeypatch.setattr(status, "_fetch", fetch)
    found = Status(
        "", await status._of_process(load_settings(env_file=None, assistant_http_port=1))
    )
    assert found.is_wrong is wrong
    mark = {"telegram": "WRONG", "model": "note"}.get(broken)
    assert [line.split() for line in found.lines() if mark and line.split()[:1] == [mark]] == (
        [[mark, broken, "what", "it", "says"]] if mark else []
    )


def test_a_budget_that_is_used_up_is_told() -> None:
    totals = TurnTotals(3, 3, 90, 0, 10)
    assert [status._today(totals, limit).ok for limit in (0, 101, 100)] == [True, True, False]
    assert "LIMIT_BUSINESS_TOKENS_PER_DAY" in status._today(totals, 100).detail
