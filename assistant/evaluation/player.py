"""Plays a scenario on a real database and grades what came of it.

The conversation, the turn, the tools, the guided flow, the sender and the store are the real ones;
the model is given, the clock is pinned, and the channel keeps what it sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.conversation import Script
from assistant.evaluation.room import (
    Room,
    WatchedModel,
    business_file,
    instant_of,
    watched_tools,
)
from assistant.evaluation.scenario import Scenario, SpokenFile, TurnFile
from assistant.messages import Button, Incoming, IncomingKind, Outgoing, Person, Replied, Voice
from assistant.model.port import Model, ModelError, ModelReply
from assistant.turn.answer import TurnLimits
from booking.localtime import to_local
from db.session import Database

# What no message to a person may hold, whatever happens.
INTERNALS = ("Traceback", "sqlalchemy", "asyncpg", "customer_id", "business_id", "<customer_")


@dataclass
class Played:
    """What came of a scenario.

    Args:
        heard: person -> what they got.
        rows: appointments at the end, in the words of `RowFile`.
        read: what the model was shown: prompts, envelopes, results.
        replies: the model's, in order.
        errors: why the model gave none.
        problems: what was not as it must be, turn by turn.
    """

    heard: dict[str, list[Outgoing]] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    hand_offs: list[str] = field(default_factory=list)
    heard_words: list[str] = field(default_factory=list)
    model_calls: int = 0
    read: str = ""
    replies: list[ModelReply] = field(default_factory=list)
    errors: list[ModelError] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Player:
    """Plays one scenario with a model.

    What only the scripted replies of the file can bring about isn't asked of another model: their
    own words, which tools it takes to get there, and in how many calls.

    Args:
        database: may hold other businesses.
        script: texts and prompts.
        limits: caps of a turn.
    """

    # Whether the replies are the file's own, so that all of it must come about.
    exact = False

    def __init__(
        self,
        database: Database,
        scenario: Scenario,
        script: Script,
        model: Model | None = None,
        limits: TurnLimits | None = None,
    ) -> None:
        self.database, self.scenario, self.script, self.model = database, scenario, script, model
        self.limits = limits or TurnLimits()
        self.played = Played(heard={name: [] for name in scenario.people})
        self.ids: dict[str, int] = {}
        self.chats: dict[str, int] = {}
        self.customers: dict[str, int] = {}
        self.updates = 0

    async def play(self) -> Played:
        """Play it and grade it."""
        scenario = self.scenario
        file = business_file(scenario.example, scenario.business)
        self.room = await Room.open(self.database, file, scenario.now, self.script)
        await self._set_up()
        before = {name: await self.room.snapshot(row) for name, row in self.customers.items()}
        for number, turn in enumerate(scenario.turns, start=1):
            await self._turn(number, turn)
        await self._collect()
        self._grade()
        quiet = set(scenario.people) - {turn.who for turn in scenario.turns}
        for name in sorted((quiet | set(scenario.ends.untouched)) & set(before)):
            if await self.room.snapshot(self.customers[name]) != before[name]:
                self._problem(f"the data of {name} changed")
        return self.played

    async def _set_up(self) -> None:
        room, scenario = self.room, self.scenario
        for number, (name, person) in enumerate(scenario.people.items(), start=1):
            self.chats[name] = person.telegram_id or 1000 + number
            if person.known:
                row = await room.customer(person, self.chats[name])
                self.customers[name] = row.id
        now = room.clock.instant
        for wanted in scenario.appointments:
            if wanted.booked_at is not None:
                room.clock.instant = instant_of(wanted.booked_at, room.business.zone)
            booked = await room.book(
                self.customers[wanted.customer],
                wanted.service,
                wanted.start,
                wanted.staff,
                notes=wanted.notes,
            )
            room.clock.instant = now
            self.ids[wanted.name] = booked.id
        for block in scenario.blocks:
            await room.block(block)

    async def _turn(self, number: int, turn: TurnFile) -> None:
        room = self.room
        room.clock.advance(minutes=turn.wait_minutes)
        for block in turn.blocks:
            await room.block(block)
        asked = WatchedModel(self.model_for(turn))
        tools = watched_tools(self.played.path)
        answering = None if self.scenario.without_model else asked
        conversation = room.conversation(answering, tools, self.limits)
        already = len(room.channel.sent)
        await room.handle(conversation, *self._messages(turn))
        self.after_turn(number, asked.model)
        self.played.model_calls += len(asked.requests)
        self.played.replies += asked.replies
        self.played.errors += asked.errors
        for request in asked.requests:
            self.played.read += f"{request.instructions}\n{request.items}\n"
        new: dict[str, list[Outgoing]] = {}
        for name, chat in self.chats.items():
            new[name] = [out for c, out in room.channel.sent[already:] if c == chat]
            self.played.heard[name] += new[name]
        self._check(f"turn {number}", turn, new[turn.who])
        for name, wanted in turn.others_hear.items():
            heard = "\n".join(out.text for out in new[name])
            for words in map(self._fill, wanted):
                if words not in heard:
                    self._problem(f"turn {number}: {name}: {words!r} isn't in {heard!r}")

    def model_for(self, turn: TurnFile) -> Model:
        """Return the model that answers a turn."""
        if self.model is None:
            raise ValueError("there is no model to play with")
        return self.model

    def after_turn(self, number: int, model: Model) -> None:
        """Look at the model once a turn is over."""

    def _check(self, where: str, turn: TurnFile, got: Sequence[Outgoing]) -> None:
        heard = "\n".join(out.text for out in got)
        labels = [button.label for button in _buttons(got)]
        if turn.silent and got:
            self._problem(f"{where}: {heard!r} came back")
        if not turn.silent and not heard.strip():
            self._problem(f"{where}: there was no answer")
        scripted = "" if self.exact else "\n".join(reply.say for reply in turn.model)
        for wanted in map(self._fill, turn.hears):
            if wanted not in heard and wanted not in scripted:
                self._problem(f"{where}: {wanted!r} isn't in {heard!r}")
        for wanted in map(self._fill, turn.offers):
            if not any(wanted in label for label in labels):
                self._problem(f"{where}: no button {wanted!r} among {labels}")
        for unwanted in map(self._fill, turn.never):
            if unwanted in heard:
                self._problem(f"{where}: {unwanted!r} is in {heard!r}")

    def _messages(self, turn: TurnFile) -> list[Incoming]:
        kind = IncomingKind.TEXT
        extra: dict[str, Any] = {}
        spoken = () if turn.voice is None else (SpokenFile(voice=turn.voice),)
        texts: tuple[str | SpokenFile, ...] = turn.burst or spoken or (turn.text or "",)
        if turn.command is not None:
            word, _, argument = turn.command.partition(" ")
            kind, extra, texts = IncomingKind.COMMAND, {"command": word}, (argument,)
        elif turn.press is not None:
            kind, texts = IncomingKind.PRESS, ("",)
            extra = {"action": self._button(turn).action}
        if turn.reply_to is not None:
            extra["replied"] = Replied(message_id=self._number_of(turn))
        person = self.scenario.people[turn.who]
        messages = []
        fixed = extra
        for said in texts:
            self.updates += 1
            extra = dict(fixed)
            if isinstance(said, SpokenFile):
                # The channel hands out, and the room's ear reads, what stands here.
                voice = Voice(file_id=self._fill(said.voice), seconds=turn.seconds)
                extra["voices"] = ((self.updates, voice),)
            text = "" if isinstance(said, SpokenFile) else said
            messages.append(
                Incoming(
                    channel=self.room.channel.name,
                    chat_id=self.chats[turn.who],
                    update_id=self.updates,
                    person=Person(
                        telegram_id=self.chats[turn.who],
                        first_name=person.first_name,
                        last_name=person.last_name,
                        username=person.username,
                        language_code=person.language,
                    ),
                    kind=kind,
                    text=self._fill(text),
                    received_at=self.room.clock.now(),
                    **extra,
                )
            )
        return messages

    def _button(self, turn: TurnFile) -> Button:
        """Return the button of that label in the newest message that has one."""
        label, passed = self._fill(turn.press or ""), 0
        for out in reversed(self.played.heard[turn.who]):
            fitting = [button for button in _buttons([out]) if label in button.label]
            if fitting and passed == turn.back:
                return fitting[0]
            passed += bool(fitting)
        seen = [b.label for b in _buttons(self.played.heard[turn.who])]
        raise LookupError(f"no button {label!r}; there were: {seen}")

    def _number_of(self, turn: TurnFile) -> int:
        """Return the number of the newest message that the person replies to."""
        wanted, sent = self._fill(turn.reply_to or ""), self.room.channel.sent
        for number in range(len(sent), 0, -1):
            chat, out = sent[number - 1]
            if chat == self.chats[turn.who] and wanted in out.text:
                return number
        raise LookupError(f"{turn.who} was never sent {wanted!r}")

    def _fill(self, text: str) -> str:
        for name, row in sorted(self.ids.items(), reverse=True):
            text = text.replace(f"${name}", str(row))
        return text

    async def _collect(self) -> None:
        room = self.room
        staff = {resource.id: resource.slug for resource in room.business.resources}
        services = {service.id: service.slug for service in room.business.services}
        for name, chat in self.chats.items():
            for row in await room.appointments(chat):
                start = to_local(row.starts_at, room.business.zone)
                member = None if row.staff_id is None else staff[row.staff_id]
                self.played.rows.append(
                    f"{name} {services[row.service_id]} {row.status.value} {start:%Y-%m-%d %H:%M}"
                    f" {member}" + (f" [{row.notes}]" if row.notes else "")
                )
        self.played.heard_words = await room.read(
            "SELECT payload->>'text' FROM turn_steps WHERE business_id = :of AND kind = 'voice'"
            " ORDER BY turn_id, position"
        )
        self.played.hand_offs = await self._hand_offs()
        self.played.outcomes = await room.read(
            "SELECT outcome FROM turns WHERE business_id = :of ORDER BY id"
        )

    async def _hand_offs(self) -> list[str]:
        rows = await self.room.read(
            "SELECT jsonb_build_array(h.chat_id, reason, taken_by, ended_by) FROM hand_offs h"
            " WHERE business_id = :of ORDER BY id"
        )
        names = {chat: name for name, chat in self.chats.items()}
        told = []
        for chat, reason, taken_by, ended_by in rows:
            said = [names[chat], reason, names.get(taken_by), ended_by and f"ended:{ended_by}"]
            told.append(" ".join(part for part in said if part))
        return told

    def _grade(self) -> None:
        played, ends = self.played, self.scenario.ends
        expected = sorted(
            f"{r.customer} {r.service} {r.status.value} {r.start:%Y-%m-%d %H:%M} {r.staff}"
            + (f" [{r.notes}]" if r.notes else "")
            for r in ends.rows
        )
        if sorted(played.rows) != expected:
            self._problem(f"rows are {sorted(played.rows)}, not {expected}")
        if played.hand_offs != list(ends.hand_offs):
            self._problem(f"hand-offs are {played.hand_offs}, not {list(ends.hand_offs)}")
        if played.heard_words != list(ends.heard):
            self._problem(f"heard was {played.heard_words}, not {list(ends.heard)}")
        if self.exact:
            if played.path != list(ends.path):
                self._problem(f"path is {played.path}, not {list(ends.path)}")
            if ends.outcomes is not None and played.outcomes != list(ends.outcomes):
                self._problem(f"outcomes are {played.outcomes}, not {list(ends.outcomes)}")
        if self.exact and played.model_calls != ends.model_calls:
            self._problem(f"{played.model_calls} model calls, not {ends.model_calls}")
        for name, messages in played.heard.items():
            for out in messages:
                found = [w for w in (*INTERNALS, *map(self._fill, ends.never)) if w in out.text]
                if found or not out.text.strip():
                    self._problem(f"{name} was sent {out.text!r}: {found}")
        for unwanted in ends.never_read:
            if unwanted in played.read:
                self._problem(f"the model read {unwanted!r}")

    def _problem(self, problem: str) -> None:
        self.played.problems.append(problem)


def _buttons(messages: Sequence[Outgoing]) -> list[Button]:
    return [button for out in messages for row in out.buttons for button in row]
