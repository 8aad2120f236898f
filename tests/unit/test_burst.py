"""Joining what is written in a row, and edits that come in time."""

from __future__ import annotations

import datetime as dt

from assistant.burst import Collected, merge_burst
from assistant.messages import File, Incoming, IncomingKind, Person


def said(update_id: int, text: str, *, who: int = 1, edits: int | None = None) -> Collected:
    incoming = Incoming(
        channel="telegram:1",
        chat_id=5,
        update_id=update_id,
        person=Person(telegram_id=who),
        kind=IncomingKind.TEXT,
        text=text,
        message_id=edits or update_id,
        is_correction=edits is not None,
        received_at=dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
    )
    return incoming, [update_id * 10]


def pressed(update_id: int) -> Collected:
    incoming, ids = said(update_id, "")
    return incoming.model_copy(update={"kind": IncomingKind.PRESS, "action": "y:1"}), ids


def merged(*collected: Collected) -> list[tuple[str, list[int]]]:
    return [(incoming.text, ids) for incoming, ids in merge_burst(collected)]


def test_texts_in_a_row_are_one() -> None:
    assert merged(said(1, "haircut"), said(2, "tomorrow")) == [("haircut\ntomorrow", [10, 20])]
    assert merged(said(1, "a"), said(2, "b", who=2)) == [("a", [10]), ("b", [20])]
    assert merged(said(1, "a"), pressed(2), said(3, "b")) == [("a", [10]), ("", [20]), ("b", [30])]


def test_a_text_file_stands_alone_and_another_goes_with_the_text() -> None:
    def sent(name: str) -> Collected:
        incoming, ids = said(1, "")
        file = File(file_id="f", name=name)
        return incoming.model_copy(update={"kind": IncomingKind.OTHER, "file": file}), ids

    assert len(merge_burst([sent("system.MD"), said(2, "hello")])) == 2
    assert len(merge_burst([said(1, "hello"), sent("system.md")])) == 2
    assert merged(sent("cat.pdf"), said(2, "hello")) == [("hello", [10, 20])]


def test_an_edit_in_time_replaces_the_text() -> None:
    assert merged(said(1, "at 5"), said(2, "please"), said(3, "at 6", edits=1)) == [
        ("at 6\nplease", [10, 20, 30])
    ]
    assert merged(said(1, "at 5"), pressed(2), said(3, "at 6", edits=1)) == [
        ("at 6", [10, 30]),
        ("", [20]),
    ]
    assert merged(said(1, "5"), said(2, "6", edits=1), said(3, "7", edits=1)) == [
        ("7", [10, 20, 30])
    ]


def test_an_edit_of_what_was_answered_is_a_message_of_its_own() -> None:
    [(incoming, ids)] = merge_burst([said(2, "at 6", edits=1)])
    assert (incoming.text, incoming.is_correction, ids) == ("at 6", True, [20])
    assert len(merge_burst([said(2, "at 6", edits=1), said(3, "hello")])) == 2


def test_after_a_crash_an_edit_that_came_later_is_left_for_the_next_turn() -> None:
    [(incoming, _)] = merge_burst([said(1, "at 5"), said(2, "at 6", edits=1)])
    assert [u for u, _ in incoming.of((1,)).parts] == [1]
