"""The strings that buttons carry: round trips, limits, and whatever else comes back."""

import datetime as dt
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.guided.actions import (
    _SEATED,
    _SHAPES,
    LAST_SECOND,
    MOST_SEATS,
    Press,
    Verb,
    read,
)
from assistant.messages import MAX_ACTION_BYTES
from booking.handles import Slot, make_handle

_IDS = st.integers(0, 10**18 - 1)
_VERSIONS = st.integers(0, 2**31 - 1)  # a column of integers, not of bigints
_FIELDS = {
    "service": _IDS,
    "staff": _IDS,
    "appointment": _IDS,
    "version": _VERSIONS,
    "moving": _IDS,
    "moving_version": _VERSIONS,
    "hand_off": _IDS,
    "block": _IDS,
    "entry": _IDS,
    "since": st.integers(0, LAST_SECOND),
    "until": st.integers(0, LAST_SECOND),
    "digest": st.integers(0, 2**32 - 1),
    "page": st.integers(0, 9),
    "seats": st.integers(1, MOST_SEATS),
    "date": st.dates(),
    "time": st.none() | st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    "handle": st.text(string.ascii_lowercase + string.digits + ".", min_size=1, max_size=30),
}


@st.composite
def presses(draw: st.DrawFn) -> Press:
    verb = draw(st.sampled_from(Verb))
    more = ("seats",) if verb in _SEATED else ()
    return Press(verb, **{name: draw(_FIELDS[name]) for name in (*_SHAPES[verb], *more)})


@given(presses())
def test_what_is_written_is_read_back(press: Press) -> None:
    action = press.encode()
    assert read(action) == press
    assert action.isascii()
    assert len(action.encode()) <= MAX_ACTION_BYTES


@given(st.text() | st.from_regex(r"[a-z]{1,3}(:[0-9a-z.-]{0,9}){0,5}", fullmatch=True))
def test_anything_may_come_back(action: str) -> None:
    press = read(action)
    assert press is None or read(press.encode()) == press


@pytest.mark.parametrize(
    "action",
    [
        "",
        ":",
        "s",
        "s:",
        "s:-1",
        "s:1:2",
        "s:١",  # a digit, but not one of ours
        "s:99999999999999999999",
        "d:1:0:20261399:0",
        "d:1:0:2026112:0",
        "d:1:0:20261124:0:0",
        "q:1:99999",
        "fy:0:1:100000000000:0",  # an instant that no calendar has
        "on:20261124:2599",
        "t:ÄÖ",
        "y:1\n",
        "Y:1",
        "drop table",
    ],
)
def test_garbage_is_no_action(action: str) -> None:
    assert read(action) is None


def test_the_longest_real_handle_fits_into_a_move() -> None:
    slot = Slot(10**12, 10**12, dt.datetime(2099, 12, 31, 23, 30, tzinfo=dt.UTC))
    handle = make_handle(slot, 1, b"key")
    action = Press(Verb.MOVE_TIME, appointment=10**12, handle=handle).encode()
    assert len(action) <= MAX_ACTION_BYTES
