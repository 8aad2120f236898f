"""What a whole conversation leaves in the log: whose line it is, and nothing of what was said."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from assistant.logs import close_logs, configure_logs
from booking.business import Business
from db.store import Store
from tests.conftest import MovableClock
from tests.integration.lively import CHANNEL, CHAT, PRIVATE, TURNS, converse


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    level = root.level
    written = io.StringIO()
    configure_logs(level="debug", format="json", stream=written)
    yield written
    close_logs()
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


async def test_every_line_of_a_conversation(
    store: Store, business: Business, clock: MovableClock, stream: io.StringIO
) -> None:
    await converse(store, business, clock)

    lines: list[dict[str, Any]] = [json.loads(line) for line in stream.getvalue().splitlines()]
    events = [line["event"] for line in lines]
    expected = {
        "turn_done": TURNS,
        "tool_done": 3,
        "tool_failed": 1,
        "unbacked_text": 1,
        "model_away": 1,
        "turn_failed": 1,
        "send_retry": 1,
    }
    assert {event: events.count(event) for event in expected} == expected
    assert events.count("sent") >= TURNS
    for line in lines:
        assert line["channel"] == CHANNEL, line
        assert line["chat_id"] == CHAT, line
        if line["event"] not in ("sent", "send_retry"):
            assert isinstance(line["turn_id"], int), line
            assert isinstance(line["update_id"], int), line
    turns = [line["turn_id"] for line in lines if line["event"] == "turn_done"]
    assert len(set(turns)) == TURNS
    # A failure that the worker logs belongs to its own turn.
    [failed] = [line for line in lines if line["event"] == "turn_failed"]
    assert failed["turn_id"] == turns[-1]
    assert "ValidationError" in failed["exception"]
    for word in PRIVATE:
        assert word not in stream.getvalue(), word
    # What was bound for a turn is taken off again.
    assert structlog.contextvars.get_contextvars() == {}
