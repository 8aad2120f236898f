"""The accounts at the end: messages, turns, appointments and receipts held against each other."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections import Counter
from typing import Any

from tests.e2e.crash.fleet import Fleet
from tests.e2e.crash.sightings import Sightings
from tests.e2e.harness import query
from tests.fakes.telegram import FakeTelegram


def settle(url: str, patience_seconds: float, *, until: dt.datetime | None = None) -> None:
    """Wait until nothing is open any more.

    Args:
        until: the reminders that are due by then, an instant; None = none of them.

    Raises:
        AssertionError: something still is.
    """
    reminders = "false" if until is None else f"due_at <= '{until.isoformat()}'"
    deadline = time.monotonic() + patience_seconds
    while time.monotonic() < deadline:
        [row] = query(
            url,
            "SELECT (SELECT count(*) FROM inbox WHERE state = 'new')"
            " + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')"
            f"    AND (kind <> 'reminder' OR {reminders})) AS open",
        )
        if not row["open"]:
            return
        time.sleep(0.1)
    raise AssertionError("something is still open after all that time")


# The first line of a receipt, by what was done.
_TITLES = {"booked": "✅ Booked", "moved": "✅ Moved", "cancelled": "Cancelled"}


class Audit:
    """What doesn't tally; nothing lost and nothing twice leaves it empty.

    Args:
        url: of the database.
        telegram: what people saw.
        fleet: the processes.
        sightings: when they saw it.
    """

    def __init__(
        self, url: str, telegram: FakeTelegram, fleet: Fleet, sightings: Sightings
    ) -> None:
        self._url = url
        self._telegram = telegram
        self._fleet = fleet
        self._sightings = sightings

    def wrong(self) -> list[str]:
        """Return everything that is wrong, in words."""
        return [
            *self._processes(),
            *self._turns(),
            *self._messages(),
            *self._receipts(),
            *self._bookings(),
            *self._reminders(),
        ]

    def repeats(self) -> int:
        """How many messages came more than once, each after an outcome nobody can know."""
        [row] = query(self._url, "SELECT count(*) AS n FROM outbox WHERE kind <> 'reminder'")
        chats = self._telegram.world.chats.values()
        return sum(len(chat.shown) for chat in chats) - int(row["n"])

    def _processes(self) -> list[str]:
        return [*self._fleet.late] + [
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
        rows = query(
            self._url,
            "SELECT id, chat_id, state, attempts, kind, payload->>'text' AS text,"
            " payload->>'change' AS change FROM outbox WHERE kind <> 'reminder' ORDER BY id",
        )
        wrong = self._needless()
        notes = Counter(n for row in rows for n in re.findall(r"q\d+[ab]", row["text"] or ""))
        wrong += [f"note answered {n} times: {note}" for note, n in notes.items() if n != 1]
        wrong += [f"message not sent: {row}" for row in rows if row["state"] != "sent"]
        # Each turn of these conversations is answered with one message: a text, card or receipt.
        answers = Counter(row["chat_id"] for row in rows)
        turns = Counter(row["chat_id"] for row in query(self._url, "SELECT chat_id FROM turns"))
        if answers != turns:
            wrong.append(f"turns and answers differ: {answers - turns} {turns - answers}")
        for chat_id in answers:
            mine = [row for row in rows if row["chat_id"] == chat_id]
            came = Counter(m.text for m in self._telegram.world.chats[chat_id].shown)
            for row in mine:
                seen = came[row["text"]] if row["text"] else self._told(chat_id, row["change"])
                alike = [row]
                if row["text"]:
                    alike = [each for each in mine if each["text"] == row["text"]]
                if not len(alike) <= seen <= sum(each["attempts"] for each in alike):
                    wrong.append(f"message came {seen} times: {row}")
            if came.total() > sum(row["attempts"] for row in mine):
                wrong.append(f"more messages than attempts in chat {chat_id}")
        return wrong

    def _needless(self) -> list[str]:
        rows = query(self._url, "SELECT chat_id, payload->>'text' AS text FROM outbox")
        meant = Counter((row["chat_id"], row["text"]) for row in rows)
        return self._sightings.needless(self._fleet.moments, meant)

    def _told(self, chat_id: int, change: str) -> int:
        chat = self._telegram.world.chats[chat_id]
        return sum(m.text.partition("\n")[0] == _TITLES[change] for m in chat.shown)

    def _receipts(self) -> list[str]:
        """Hold what was done against what was told, in rows and on the phones."""
        done = query(
            self._url,
            "SELECT e.appointment_id AS id, c.chat_id, e.change FROM appointment_events e"
            " JOIN appointments a ON a.id = e.appointment_id"
            " JOIN customers c ON c.id = a.customer_id"
            " WHERE e.change IN ('booked', 'moved', 'cancelled')",
        )
        receipts = query(
            self._url,
            "SELECT (payload->'appointment'->>'id')::bigint AS id, chat_id,"
            " payload->>'change' AS change FROM outbox WHERE kind = 'receipt'",
        )
        wrong = []
        if _counted(done) != _counted(receipts):
            wrong.append(f"what was done and the receipts differ: {done} {receipts}")
        twice = [which for which, n in _counted(done).items() if n != 1]
        wrong += [f"done more than once: {which}" for which in twice]
        told = {
            (chat, change)
            for chat in self._telegram.world.chats
            for change in _TITLES
            if self._told(chat, change)
        }
        have = {(row["chat_id"], row["change"]) for row in done}
        wrong += [f"a row and no receipt: {each}" for each in have - told]
        return wrong + [f"a receipt and no row: {each}" for each in told - have]

    def _bookings(self) -> list[str]:
        booked = query(
            self._url,
            "SELECT c.chat_id, a.status, a.starts_at, count(e.id) FILTER (WHERE e.change = 'moved')"
            " AS moves, count(e.id) FILTER (WHERE e.change = 'cancelled') AS cancellations,"
            " min(e.new->>'starts_at') FILTER (WHERE e.change = 'moved') AS moved_to"
            " FROM appointments a JOIN customers c ON c.id = a.customer_id"
            " JOIN appointment_events e ON e.appointment_id = a.id"
            " WHERE a.status <> 'expired' GROUP BY a.id, a.status, a.starts_at, c.chat_id",
        )
        wrong = []
        for row in booked:
            ended = "cancelled" if row["cancellations"] else "confirmed"
            moved_to = row["moved_to"] and dt.datetime.fromisoformat(row["moved_to"])
            if row["status"] != ended or (row["moves"] and row["starts_at"] != moved_to):
                wrong.append(f"a row that its events don't tell of: {row}")
        of_one = Counter(row["chat_id"] for row in booked)
        wrong += [f"{n} appointments in chat {chat}" for chat, n in of_one.items() if n != 1]
        double = query(
            self._url,
            "SELECT o.id FROM occupancies o JOIN occupancies p ON p.id > o.id AND p.active"
            " AND p.resource_id = o.resource_id AND p.during && o.during WHERE o.active",
        )
        wrong += [f"double booking: {row}" for row in double]
        taken = query(
            self._url,
            "SELECT a.id FROM appointments a LEFT JOIN occupancies o"
            " ON o.appointment_id = a.id AND o.active"
            " AND tstzrange(a.starts_at, a.ends_at) <@ o.during"
            " WHERE (a.status = 'confirmed') <> (o.id IS NOT NULL)",
        )
        return wrong + [f"a row and what it takes differ: {row}" for row in taken]

    def _reminders(self) -> list[str]:
        """What is booked has its two reminders, at its own times; what is cancelled has none."""
        found = query(
            self._url,
            "SELECT a.id, a.status, array_agg(a.starts_at - o.due_at ORDER BY o.due_at)"
            " FILTER (WHERE o.state = 'queued') AS leads FROM appointments a"
            " LEFT JOIN outbox o ON o.appointment_id = a.id AND o.kind = 'reminder'"
            " GROUP BY a.id, a.status",
        )
        leads = [dt.timedelta(hours=24), dt.timedelta(hours=2)]
        return [
            f"reminders are wrong: {row}"
            for row in found
            if row["leads"] != (leads if row["status"] == "confirmed" else None)
        ]

    def reminded(self, now: dt.datetime) -> list[str]:
        """Return what is wrong with the reminders that are due a day before.

        Args:
            now: instant; no appointment is so near that two of its reminders are due.
        """
        due = query(
            self._url,
            "SELECT a.id, c.chat_id FROM appointments a JOIN customers c ON c.id = a.customer_id"
            f" WHERE a.status = 'confirmed' AND a.starts_at - interval '24 h' <= '{now}'",
        )
        wanted = {(row["chat_id"], row["id"]) for row in due}
        got = Counter(
            (chat.id, int(data.split(":")[1]))
            for chat in self._telegram.world.chats.values()
            for message in chat.shown
            for data in [button.data or "" for button in message.buttons[:1]]
            if data.startswith("ack:")
        )
        wrong = [f"reminded in vain: {which}" for which in got.keys() - wanted]
        wrong += [f"not reminded: {which}" for which in wanted - got.keys()]
        return wrong + self._needless()


def _counted(rows: list[dict[str, Any]]) -> Counter[tuple[int, int, str]]:
    return Counter((row["id"], row["chat_id"], row["change"]) for row in rows)
