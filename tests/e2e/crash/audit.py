"""The accounts at the end: messages, turns, appointments and receipts held against each other."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

from tests.e2e.crash.fleet import Fleet
from tests.e2e.harness import query
from tests.fakes.telegram import FakeTelegram


def settle(url: str, patience_seconds: float) -> None:
    """Wait until nothing is open any more.

    Raises:
        AssertionError: something still is.
    """
    deadline = time.monotonic() + patience_seconds
    while time.monotonic() < deadline:
        [row] = query(
            url,
            "SELECT (SELECT count(*) FROM inbox WHERE state = 'new')"
            " + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')"
            "    AND kind <> 'reminder') AS open",
        )
        if not row["open"]:
            return
        time.sleep(0.1)
    raise AssertionError("something is still open after all that time")


class Audit:
    """What doesn't tally; nothing lost and nothing twice leaves it empty.

    Args:
        url: of the database.
        telegram: what people saw.
        fleet: the processes.
    """

    def __init__(self, url: str, telegram: FakeTelegram, fleet: Fleet) -> None:
        self._url = url
        self._telegram = telegram
        self._fleet = fleet

    def wrong(self) -> list[str]:
        """Return everything that is wrong, in words."""
        return [*self._processes(), *self._turns(), *self._messages(), *self._bookings()]

    def repeats(self) -> int:
        """How many messages came more than once, each after an outcome nobody can know."""
        [row] = query(self._url, "SELECT count(*) AS n FROM outbox WHERE kind <> 'reminder'")
        chats = self._telegram.world.chats.values()
        return sum(len(chat.shown) for chat in chats) - int(row["n"])

    def _processes(self) -> list[str]:
        return [
            f"a process ended by itself: {self._fleet.logged()[-2000:]}"
            for _ in self._fleet.ended()
        ]

    def _turns(self) -> list[str]:
        inbox = query(self._url, "SELECT update_id, chat_id, state FROM inbox")
        wrong = [f"update not answered: {row}" for row in inbox if row["state"] != "done"]
        asked = set(self._telegram.updates.history)
        wrong += [f"update lost: {n}" for n in asked - {row["update_id"] for row in inbox}]
        stored = Counter(row["update_id"] for row in inbox)
        wrong += [f"update stored {n} times: {u}" for u, n in stored.items() if n != 1]
        turns = query(self._url, "SELECT update_ids, state FROM turns")
        wrong += [f"turn not ended: {turn}" for turn in turns if turn["state"] != "done"]
        times = Counter(n for turn in turns for n in turn["update_ids"])
        return wrong + [f"update in {times[n]} turns: {n}" for n in asked if times[n] != 1]

    def _messages(self) -> list[str]:
        wrong = []
        rows = query(
            self._url,
            "SELECT id, chat_id, state, attempts, kind, payload->>'text' AS text"
            " FROM outbox WHERE kind <> 'reminder' ORDER BY id",
        )
        notes = Counter(n for row in rows for n in re.findall(r"q\d+[ab]", row["text"] or ""))
        wrong += [f"note answered {n} times: {note}" for note, n in notes.items() if n != 1]
        for row in rows:
            if row["state"] != "sent":
                wrong.append(f"message not sent: {row}")
        for chat_id in {row["chat_id"] for row in rows}:
            mine = [row for row in rows if row["chat_id"] == chat_id]
            came = Counter(m.text for m in self._telegram.world.chats[chat_id].shown)
            for row in mine:
                seen = came[row["text"]] if row["text"] else self._receipts(chat_id)
                if not 1 <= seen <= row["attempts"]:
                    wrong.append(f"message came {seen} times: {row}")
            if came.total() > sum(row["attempts"] for row in mine):
                wrong.append(f"more messages than attempts in chat {chat_id}")
        return wrong

    def _receipts(self, chat_id: int) -> int:
        return sum("Booked" in m.text for m in self._telegram.world.chats[chat_id].shown)

    def _bookings(self) -> list[str]:
        booked = query(
            self._url,
            "SELECT a.id, c.chat_id FROM appointments a JOIN customers c ON c.id = a.customer_id"
            " WHERE a.status = 'confirmed'",
        )
        receipts = query(
            self._url,
            "SELECT (payload->'appointment'->>'id')::bigint AS id, chat_id FROM outbox"
            " WHERE kind = 'receipt'",
        )
        events = query(
            self._url, "SELECT appointment_id AS id FROM appointment_events WHERE change = 'booked'"
        )
        wrong = []
        if _counted(booked) != _counted(receipts):
            wrong.append(f"appointments and receipts differ: {booked} {receipts}")
        if Counter(row["id"] for row in booked) != Counter(row["id"] for row in events):
            wrong.append("appointments and audit events differ")
        wrong += [
            f"a row and no receipt: {row}" for row in booked if not self._receipts(row["chat_id"])
        ]
        told = {id for id, chat in self._telegram.world.chats.items() if self._receipts(id)}
        wrong += [
            f"a receipt and no row in chat {id}" for id in told - {row["chat_id"] for row in booked}
        ]
        double = query(
            self._url,
            "SELECT o.id FROM occupancies o JOIN occupancies p ON p.id > o.id AND p.active"
            " AND p.resource_id = o.resource_id AND p.during && o.during WHERE o.active",
        )
        return wrong + [f"double booking: {row}" for row in double]


def _counted(rows: list[dict[str, Any]]) -> Counter[tuple[int, int]]:
    return Counter((row["id"], row["chat_id"]) for row in rows)
