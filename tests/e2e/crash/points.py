"""The named points of a message's path at which processes are caught, and what holds them there."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from tests.fakes.telegram import Fault


class Stage(Enum):
    """When in a conversation the trap is laid."""

    BOOKING_WRITTEN = "before the message that books is written"
    NOTE_ASKED = "when the model is asked about a note"
    BOOKING_ASKED = "when the model is asked about a booking"
    MOVE_PRESSED = "before a move is confirmed"
    CANCEL_PRESSED = "before a cancellation is confirmed"


class End(Enum):
    """What becomes of the processes that are caught."""

    KILLED = "killed"
    STOPPED = "told to stop"
    FROZEN = "frozen until they are replaced and taken for dead, then woken"
    CUT = "cut off from the database until then"


@dataclass(frozen=True)
class Point:
    """One point.

    Args:
        lock: SQL that holds what the path needs there; whoever waits for it has come to the point.
        when: SQL that is true besides; None = somebody waits, whoever it is.
        fault: of the next message sent; with a lock, that one is had once the message is out.
        thinks: how many seconds the model keeps the process waiting.
    """

    name: str
    stage: Stage
    end: End = End.KILLED
    lock: str | None = None
    when: str = "true"
    fault: Callable[[], Fault] | None = None
    thinks: float = 0.0


_RUNNING = "EXISTS (SELECT FROM turns WHERE chat_id = {chat} AND state = 'running')"
_QUEUED = "EXISTS (SELECT FROM outbox WHERE chat_id = {chat} AND state = 'queued')"
_RESOURCES = "SELECT pg_advisory_xact_lock((2::bigint << 56) | id) FROM resources"
_INBOX = "SELECT FROM inbox WHERE chat_id = {chat} FOR UPDATE"
_IN_HAND = "SELECT FROM outbox WHERE chat_id = {chat} AND state = 'sending' FOR UPDATE"
_MOVE, _CANCEL = Stage.MOVE_PRESSED, Stage.CANCEL_PRESSED
_NOTE, _BOOKING = Stage.NOTE_ASKED, Stage.BOOKING_ASKED


def senders(channel: str) -> str:
    """Return SQL that keeps all senders of a channel from taking a message."""
    return f"SELECT pg_advisory_xact_lock((4::bigint << 56) | {zlib.crc32(channel.encode())})"


def points(channel: str) -> tuple[Point, ...]:
    """Return the points at which processes are killed, along a message's path."""
    return (
        Point(
            "after the claim",
            Stage.BOOKING_WRITTEN,
            lock="SELECT FROM customers WHERE telegram_id = {chat} FOR UPDATE",
        ),
        Point(
            "before the model is asked",
            Stage.BOOKING_WRITTEN,
            # Which everybody needs: it is this chat's turn we want.
            lock="LOCK TABLE conversation_messages",
            when=_RUNNING,
        ),
        Point("while the model thinks", _NOTE, thinks=20.0),
        Point(
            "after the model's reply",
            _NOTE,
            lock="SELECT FROM turns WHERE chat_id = {chat} AND state = 'running' FOR UPDATE",
        ),
        Point("inside the commit of the answer", _NOTE, lock=_INBOX),
        Point("inside the commit of the hold", _BOOKING, lock=_RESOURCES),
        Point("inside the commit of the move", _MOVE, lock=_RESOURCES),
        Point("inside the commit of the cancellation", _CANCEL, lock=_RESOURCES),
        Point("after the commit", _NOTE, lock=senders(channel), when=_QUEUED),
        Point("before the send takes effect", _NOTE, fault=lambda: Fault.slow(2.0)),
        Point("after the send, its answer on the way", _NOTE, fault=lambda: Fault.slow_answer(2.0)),
        Point("after the send, its answer lost", _NOTE, fault=Fault.drop_after),
        Point(
            "inside the commit of what became of the send",
            _NOTE,
            lock=_IN_HAND,
            # Just long enough to lay hands on the row: where a process is killed every second or
            # two, a sender that waits for longer is killed for another reason.
            fault=lambda: Fault.slow_answer(0.5),
        ),
    )


# The same machinery for processes that don't die: they take long, so only a few are caught.
FROZEN = (
    Point("frozen while the model thinks", _NOTE, End.FROZEN, thinks=2.0),
    Point("frozen inside the commit of the answer", _NOTE, End.FROZEN, lock=_INBOX),
    Point("frozen inside the commit of the hold", _BOOKING, End.FROZEN, lock=_RESOURCES),
    Point("frozen inside the commit of the move", _MOVE, End.FROZEN, lock=_RESOURCES),
    Point("frozen during the send", _NOTE, End.FROZEN, fault=lambda: Fault.slow_answer(2.0)),
)
CUT = (
    Point("cut off while the model thinks", _NOTE, End.CUT, thinks=2.0),
    Point("cut off inside the commit of the hold", _BOOKING, End.CUT, lock=_RESOURCES),
    Point("cut off during the send", _NOTE, End.CUT, fault=lambda: Fault.slow_answer(2.0)),
)
STOPPED = (Point("told to stop while the model thinks", _NOTE, End.STOPPED, thinks=20.0),)
