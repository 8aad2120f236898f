"""Real dialogues: the customers' own phrases go through a scripted model to the right rows.

The model calls `create_appointment` with the latest date and time phrases as they were written.
Where an attempt failed in the data, that time is blocked here, so that it is refused here too.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from assistant.conversation import Script
from assistant.evaluation.room import Room, watched_tools
from assistant.evaluation.scenario import BlockFile
from assistant.messages import Incoming, IncomingKind, Person
from booking.business_file import BusinessFile
from booking.localtime import to_local
from db.session import Database
from tests.fakes.model import ScriptedModel, Step, calls, says

_LINES = (Path(__file__).parent / "sgd" / "dialogues.jsonl").read_text(encoding="utf-8")
DIALOGUES = {d["id"]: d for d in map(json.loads, _LINES.splitlines())}
MINUTES = 15


def office(provider: str) -> BusinessFile:
    """The therapist of a dialogue: open daily 09:00-20:00, every quarter of an hour."""
    return BusinessFile.model_validate(
        {
            "slug": "office",
            "name": provider,
            "zone": "America/Los_Angeles",
            "policy": {"step_minutes": MINUTES},
            "hours": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "9:00-20:00"),
            "staff": [{"slug": "therapist", "name": provider}],
            "services": [
                {
                    "slug": "session",
                    "name": "Session",
                    "duration_minutes": MINUTES,
                    "staff": ["therapist"],
                }
            ],
        }
    )


class Dialogue:
    """One dialogue at play."""

    def __init__(self, room: Room, data: dict[str, Any]) -> None:
        self.room, self.data = room, data
        self.provider = data["attempts"][-1]["provider"]
        self.said: dict[str, tuple[str, str]] = {}  # slot -> the phrase and its value
        self.path: list[str] = []
        self.expected: list[str] = []
        self.updates = 0

    async def play(self) -> None:
        """Play every turn of the customer."""
        failed = {(a["date"], a["time"]) for a in self.data["attempts"] if not a["ok"]}
        for date, time in sorted(failed):
            start = dt.datetime.fromisoformat(f"{date}T{time}")
            end = start + dt.timedelta(minutes=MINUTES)
            await self.room.block(BlockFile(staff="therapist", since=start, until=end))
        for number, turn in enumerate(self.data["turns"]):
            changed = self._hear(number)
            if changed and len(self.said) == 2:
                (date, _), (time, _) = self.said["date"], self.said["time"]
                when = f"{date} {time}"
                await self._text(turn["u"], self._call(when))
                busy = (self.said["date"][1], self.said["time"][1]) in failed
                self.expected.append(
                    f"create_appointment {'refused:slot_taken' if busy else 'card'}"
                )
                if not busy:
                    await self._holds_what_was_said()
            else:
                await self._text(turn["u"], says("Of course. Anything else?"))
            accepted = [a for a in self.data["attempts"] if a["ok"] and a["after_turn"] == number]
            if accepted and not await self._booked():
                await self._confirm()

    def _hear(self, number: int) -> bool:
        """Take up what a turn says of date and time; True where it says anything new."""
        heard = {
            p["slot"]: (p["raw"], p["value"]) for p in self.data["phrases"] if p["turn"] == number
        }
        # What the assistant offered, or another service had settled, has no phrase of the customer.
        for attempt in self.data["attempts"]:
            if attempt["after_turn"] == number:
                for slot in ("date", "time"):
                    known = {**self.said, **heard}.get(slot)
                    if known is None or known[1] != attempt[slot]:
                        heard[slot] = (attempt[slot], attempt[slot])
        new = any(self.said.get(slot) != phrase for slot, phrase in heard.items())
        self.said |= heard
        return new

    def _call(self, when: str) -> Step:
        arguments = {"service": "session", "when": when, "staff": self.provider, "notes": None}
        return calls("create_appointment", arguments)

    async def _text(self, text: str, reply: Step) -> None:
        # A bare yes or no to an open card never reaches the model; its reply is left over then.
        model = ScriptedModel([reply, says("Of course."), says("Of course.")])
        await self._send(IncomingKind.TEXT, model, text=text)

    async def _confirm(self) -> None:
        sent = [
            button for _, out in self.room.channel.sent for row in out.buttons for button in row
        ]
        newest = [button.action for button in sent if button.label == "Confirm"][-1]
        await self._send(IncomingKind.PRESS, ScriptedModel([]), action=newest)

    async def _send(self, kind: IncomingKind, model: ScriptedModel, **what: Any) -> None:
        self.updates += 1
        await self.room.handle(
            self.room.conversation(model, watched_tools(self.path)),
            Incoming(
                channel=self.room.channel.name,
                chat_id=7,
                update_id=self.updates,
                person=Person(telegram_id=7, first_name="Sam", language_code="en"),
                kind=kind,
                received_at=self.room.clock.now(),
                **what,
            ),
        )

    async def _holds_what_was_said(self) -> None:
        held = await self.rows("held")
        assert held == [f"{self.said['date'][1]} {self.said['time'][1]}"], self.said

    async def _booked(self) -> bool:
        return bool(await self.rows("confirmed"))

    async def rows(self, status: str) -> list[str]:
        """Return the local starts of the appointments with a status."""
        starts = await self.room.read(
            "SELECT starts_at FROM appointments WHERE business_id = :of AND status = :status"
            " ORDER BY starts_at",
            status=status,
        )
        return [f"{to_local(s, self.room.business.zone):%Y-%m-%d %H:%M}" for s in starts]


@pytest.mark.parametrize("name", DIALOGUES)
async def test_a_real_dialogue_ends_in_its_booking(
    shared: Database, script: Script, name: str
) -> None:
    data = DIALOGUES[name]
    now = dt.datetime.fromisoformat(data["now"])
    room = await Room.open(shared, office(data["attempts"][-1]["provider"]), now, script)
    dialogue = Dialogue(room, data)
    await dialogue.play()
    assert dialogue.path == dialogue.expected
    assert await dialogue.rows("confirmed") == [
        f"{booking['date']} {booking['time']}" for booking in data["final_bookings"]
    ]


def test_all_dialogues_are_here_and_most_end_in_a_booking() -> None:
    assert len(DIALOGUES) == 45
    assert sum(bool(d["final_bookings"]) for d in DIALOGUES.values()) == 29
