"""`assistant run` in its first moments."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.logs import close_logs
from assistant.telegram import serve


@pytest.fixture(autouse=True)
def _handlers_restored() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)
    close_logs()  # they point to a stream of the runner's


def test_it_can_be_stopped_before_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's first process is sent no signal that it doesn't handle."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "4242:fake-token-for-tests-only")
    handled = []

    async def begins(*_: object) -> None:
        handled.append(signal.getsignal(signal.SIGTERM))
        if handled[0] is not signal.SIG_DFL:
            os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("it was not stopped")

    monkeypatch.setattr(serve, "serve", begins)
    assert CliRunner().invoke(app, ["run"]).exit_code == 0
