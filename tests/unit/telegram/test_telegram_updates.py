"""What the poller reads in raw updates, whatever they look like."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.telegram.updates import (
    lane_of,
    press_of,
    quiet_seconds_of,
    refused,
    update_id_of,
)


@pytest.mark.parametrize(
    ("body", "lane"),
    [
        ({"message": {"chat": {"id": 7}, "from": {"id": 8}}}, 7),
        ({"edited_message": {"chat": {"id": -100}}}, -100),
        ({"callback_query": {"from": {"id": 8}, "message": {"chat": {"id": 7}}}}, 7),
        ({"callback_query": {"from": {"id": 8}}}, 8),
        ({"my_chat_member": {"chat": {"id": 7}, "from": {"id": 8}}}, 7),
        ({"poll_answer": {"user": {"id": 9}}}, 9),
        ({"poll": {"id": "1"}}, 0),
        ({"message": "not an object"}, 0),
        ({"message": {"chat": {"id": 2**70}, "from": {"id": True}}}, 0),
        ({}, 0),
    ],
)
def test_lane(body: dict[str, Any], lane: int) -> None:
    assert lane_of({"update_id": 1, **body}) == lane


@pytest.mark.parametrize("update", [None, 5, "x", [], {}, {"update_id": "1"}, {"update_id": True}])
def test_what_has_no_number(update: Any) -> None:
    assert update_id_of(update) is None


@pytest.mark.parametrize(
    ("body", "quiet"),
    [
        ({"message": {"text": "hello"}}, 1.2),
        ({"edited_message": {"text": "hello"}}, 1.2),
        ({"message": {"text": "/my"}}, 0.0),
        ({"message": {"text": "hello,"}}, 2.5),
        ({"message": {"text": "haircut and"}}, 2.5),
        ({"message": {"photo": []}}, 1.2),
        ({"message": {"contact": {}}}, 0.0),
        ({"callback_query": {"message": {"text": "card"}}}, 0.0),
    ],
)
def test_messages_wait_for_more(body: dict[str, Any], quiet: float) -> None:
    assert quiet_seconds_of(body, 1.2) == pytest.approx(quiet)


def test_press() -> None:
    assert press_of({"callback_query": {"id": "77"}}) == "77"
    assert press_of({"callback_query": {"id": 77}}) is None
    assert press_of({"message": {"id": "77"}}) is None


def test_a_refused_update_is_kept_whole() -> None:
    update = {"update_id": 5, "message": {"text": "\x00 Ж"}}
    kept = refused(update)
    assert kept["update_id"] == 5
    assert kept["refused_payload"].isascii()
    assert json.loads(kept["refused_payload"]) == update


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                ["message", "chat", "from", "id", "text", "callback_query", "update_id"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_no_shape_makes_the_poller_raise(value: Any) -> None:
    update_id_of(value)
    if isinstance(value, dict):
        lane = lane_of(value)
        assert -(2**63) <= lane < 2**63
        assert 0.0 <= quiet_seconds_of(value, 1.2) <= 2.6
        assert press_of(value) is None or isinstance(press_of(value), str)
