"""What the poller reads in a raw update, whatever its shape: nothing here may raise.

A raw update is a decoded JSON object of https://core.telegram.org/bots/api#update. Parsing it in
full is the worker's business.
"""

from __future__ import annotations

import json
from typing import Any

_BIGINT = 2**63
# 2.5 s in place of 1.2 s.
_UNFINISHED = 2.5 / 1.2
_OPEN_ENDS = (",", ":", "-", "–", "—", "…", "...")
_OPEN_WORDS = frozenset({"and", "or", "und", "oder", "y", "o", "и", "или"})
_TEXTS = ("message", "edited_message")
# Where the payload of an update that the database refused is kept, as JSON in a string.
REFUSED = "refused_payload"


def update_id_of(update: Any) -> int | None:
    """Return the update's number; None where there is none that could be stored."""
    return _number(update.get("update_id")) if isinstance(update, dict) else None


def lane_of(update: dict[str, Any]) -> int:
    """Return the chat whose lane an update belongs to; the sender where it has no chat, else 0."""
    for body in update.values():
        if not isinstance(body, dict):
            continue
        message = body.get("message")
        for holder, name in (
            (body, "chat"),
            (message, "chat"),
            (body, "from"),
            (body, "user"),
        ):
            found = holder.get(name) if isinstance(holder, dict) else None
            number = _number(found.get("id")) if isinstance(found, dict) else None
            if number is not None:
                return number
    return 0


def quiet_seconds_of(update: dict[str, Any], burst_seconds: float) -> float:
    """Return how long the lane waits for more: a while after a message, else not at all.

    Commands, presses and shared contacts answer a question: nothing more is waited for.

    Args:
        burst_seconds: after a text that looks finished; about twice as long after one that doesn't.
    """
    for kind in _TEXTS:
        body = update.get(kind)
        if not isinstance(body, dict) or "contact" in body:
            continue
        text = body.get("text")
        if not isinstance(text, str):
            return burst_seconds  # an album is one update for each photo
        if not text.startswith("/"):
            return burst_seconds * (_UNFINISHED if _is_unfinished(text) else 1.0)
    return 0.0


def _is_unfinished(text: str) -> bool:
    stripped = text.rstrip()
    last = stripped.rsplit(maxsplit=1)[-1:] or [""]
    return stripped.endswith(_OPEN_ENDS) or last[0].lower() in _OPEN_WORDS


def press_of(update: dict[str, Any]) -> str | None:
    """Return the id of the button press that waits for an answer."""
    query = update.get("callback_query")
    found = query.get("id") if isinstance(query, dict) else None
    return found if isinstance(found, str) and found else None


def refused(update: dict[str, Any]) -> dict[str, Any]:
    """Return an update that the database refused as one that it takes; a worker sets it aside."""
    return {"update_id": update["update_id"], REFUSED: json.dumps(update)}


def _number(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and -_BIGINT <= value < _BIGINT:
        return value
    return None
