"""Sentry's ingestion, as strict as the real one or stricter.

https://develop.sentry.dev/sdk/foundations/envelopes/ and .../event-payloads/
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.fakes.receiver import Answer, OddityError, Receiver

PROJECT = "42"
KEY = "0123456789abcdef0123456789abcdef"
_LEVELS = {"fatal", "error", "warning", "info", "debug"}
_ATTRIBUTES = {
    "event_id",
    "timestamp",
    "platform",
    "level",
    "logger",
    "logentry",
    "exception",
    "extra",
    "tags",
    "contexts",
    "release",
    "environment",
    "server_name",
    "sdk",
    "fingerprint",
    "breadcrumbs",
    "user",
    "request",
    "modules",
    "threads",
    "transaction",
}
_REQUIRED = {"event_id", "timestamp", "platform"}


class FakeSentry(Receiver):
    """Takes envelopes of one project.

    Attributes:
        events: the events in them.
    """

    most_bytes = 20_000_000

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    @property
    def dsn(self) -> str:
        """The address that a program is given."""
        return f"http://{KEY}@127.0.0.1:{self.port}/{PROJECT}"

    def take(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Take an envelope with one event; nothing else is asked for."""
        if path != f"/api/{PROJECT}/envelope/":
            raise OddityError(404, f"no such path: {path}")
        if headers.get("content-type") != "application/x-sentry-envelope":
            raise OddityError(400, f"content type {headers.get('content-type')}")
        auth = headers.get("x-sentry-auth", "")
        if f"sentry_key={KEY}" not in auth or "sentry_version=7" not in auth:
            raise OddityError(403, "the key is wrong")
        head, _, rest = body.partition(b"\n")
        envelope = _object(head, "envelope header")
        item_head, _, payload = rest.partition(b"\n")
        item = _object(item_head, "item header")
        length = item.get("length")
        if item.get("type") != "event" or not isinstance(length, int):
            raise OddityError(400, f"an item of type {item.get('type')}, length {length}")
        if payload[length:].strip(b"\n"):
            raise OddityError(400, "something after the event")
        event = _object(payload[:length], "event")
        _judge(event, envelope)
        self.events.append(event)
        return 200, "application/json", json.dumps({"id": event["event_id"]}).encode()


def _object(raw: bytes, what: str) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        raise OddityError(400, f"the {what} isn't JSON") from None
    if not isinstance(found, dict):
        raise OddityError(400, f"the {what} is no object")
    return found


def _judge(event: dict[str, Any], envelope: dict[str, Any]) -> None:
    if missing := _REQUIRED - event.keys():
        raise OddityError(400, f"without {missing}")
    if unknown := event.keys() - _ATTRIBUTES:
        raise OddityError(400, f"no attributes of an event: {unknown}")
    if not re.fullmatch(r"[0-9a-f]{32}", event["event_id"]):
        raise OddityError(400, "no event id")
    if envelope.get("event_id") != event["event_id"]:
        raise OddityError(400, "the envelope is another event's")
    if event.get("level", "error") not in _LEVELS:
        raise OddityError(400, f"no level: {event['level']}")
    for value in event.get("exception", {}).get("values", []):
        if not value.get("type") and not value.get("value"):
            raise OddityError(400, "an exception without type and value")
