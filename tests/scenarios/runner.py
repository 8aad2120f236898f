"""Plays a scenario on a real database and grades what came of it.

The conversation, the turn, the tools, the guided flow, the sender and the store are the real ones;
only the model is scripted (or given), the clock is pinned, and the channel keeps what it sends.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import text as sql

from assistant.channel import Delivery, Handler, Sent
from assistant.conversation import Conversation, Script
from assistant.delivery import Sender
from assistant.messages import Button, Incoming, IncomingKind, Outgoing, Person
from assistant.model.port import (
    Finish,
    Model,
    ModelError,
    ModelReply,
    ModelRequest,
    TextSink,
    ToolCall,
    Usage,
)
from assistant.turn.answer import TurnLimits
from assistant.turn.engine import TurnEngine
from assistant.worker import merge_burst
from booking.appointment import Appointment
from booking.business import Business
from booking.business_file import BusinessFile
from booking.localtime import to_local
from booking.refusals import Refusal
from db.repositories.customers import Customer
from db.repositories.inbox import InboxMessage
from db.session import Database
from db.store import Store, UnitOfWork
from tests.conftest import ROOT, MovableClock, apply_file
from tests.fakes.model import ScriptedModel, Step
from tests.scenarios.schema import (
    BlockFile,
    CallFile,
    PersonFile,
    ReplyFile,
    Scenario,
    TurnFile,
)
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem, Outcome, Proposed, Tool, ToolArgs
from tools.support.registry import Registry, discover

# What no message to a person may hold, whatever happens.
INTERNALS = ("Traceback", "sqlalchemy", "asyncpg", "customer_id", "business_id", "<customer_")
_SNAPSHOT = {
    "customers": "id = :customer",
    "appointments": "customer_id = :customer",
    "occupancies": "appointment_id IN (SELECT id FROM appointments WHERE customer_id = :customer)",
    "appointment_events": (
        "appointment_id IN (SELECT id FROM appointments WHERE customer_id = :customer)"
    ),
    "conversation_messages": "customer_id = :customer",
    "drafts": "customer_id = :customer",
    "turns": "customer_id = :customer",
}


class KeepingChannel:
    """A channel that keeps what it is given to send."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent: list[tuple[int, Outgoing]] = []

    async def dispatch(self, message: InboxMessage, handler: Handler) -> bool:
        """Take nothing in: messages are handed to the conversation."""
        return False

    async def typing(self, chat_id: int) -> None:
        """Show nothing."""

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        """Keep a message."""
        self.sent.append((chat_id, outgoing))
        return Sent(len(self.sent))


class WatchedModel:
    """Passes requests on and keeps them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.requests: list[ModelRequest] = []

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        """Ask the model behind."""
        self.requests.append(request)
        return await self.model.complete(request, timeout_seconds=timeout_seconds, on_text=on_text)


def watched_tools(path: list[str]) -> Registry:
    """Return the tools, each of which writes into `path` what came of it."""

    def watched(tool: Tool) -> Tool:
        async def run(ctx: ToolContext, args: ToolArgs) -> Outcome:
            path.append(f"{tool.name} crashed")
            outcome = await tool.run(ctx, args)
            path[-1] = f"{tool.name} {_came_of(outcome)}"
            return outcome

        return dataclasses.replace(tool, run=run)

    return Registry(watched(tool) for tool in discover().values())


def _came_of(outcome: Outcome) -> str:
    if isinstance(outcome, Refusal):
        return f"refused:{outcome.code.value}"
    if isinstance(outcome, ArgumentProblem):
        return "problem"
    if isinstance(outcome, Proposed) and outcome.done is not None:
        return f"done:{outcome.done.change.value}"
    return "card" if isinstance(outcome, Proposed) else "ok"


@dataclass(frozen=True)
class Room:
    """A business with its channel, in a database that other rooms may share."""

    store: Store
    business: Business
    channel: KeepingChannel
    script: Script
    clock: MovableClock

    @classmethod
    async def open(
        cls, database: Database, file: BusinessFile, now: dt.datetime, script: Script
    ) -> Room:
        """Make the business under a name of its own.

        Args:
            now: local to the business, or aware.
        """
        clock = MovableClock(instant_of(now, file.zone))
        store = Store(database, clock)
        slug = f"{file.slug[:40]}-{uuid.uuid4().hex[:12]}"
        business = await apply_file(store, file.model_copy(update={"slug": slug}))
        return cls(store, business, KeepingChannel(f"terminal:{slug}"), script, clock)

    def conversation(self, model: Model | None, tools: Registry | None = None) -> Conversation:
        """Return the conversation with a model; None = the guided flow alone."""
        texts = self.script.texts
        engine = None
        if model is not None:
            engine = TurnEngine(model, tools or discover(), texts, TurnLimits())
        return Conversation(self.store, {self.channel.name: self.business.id}, self.script, engine)

    async def handle(self, conversation: Conversation, *messages: Incoming) -> None:
        """Answer messages that came within a moment, and send what is due."""
        for incoming, _ in merge_burst([(message, []) for message in messages]):
            await conversation.handle(incoming, inbox_ids=[])
        sender = Sender(self.store, {self.channel.name: self.channel}, self.script.texts)
        await sender.send_due(self.channel.name)

    async def read(self, statement: str, **values: Any) -> list[Any]:
        """Return the first column of a query on the business's rows."""
        async with self.store.database.transaction(self.business.id, worker=True) as session:
            return list(await session.scalars(sql(statement), {"of": self.business.id, **values}))

    async def customer(self, person: PersonFile, telegram_id: int) -> Customer:
        """Make somebody a customer."""
        fields = person.model_dump(exclude={"telegram_id", "known"})
        return await self.store.run(
            self.business, lambda uow: uow.customers.create_customer(telegram_id, **fields)
        )

    async def book(
        self,
        customer_id: int,
        service: str,
        start: dt.datetime,
        staff: str,
        *,
        notes: str | None = None,
        business: Business | None = None,
    ) -> Appointment:
        """Book through the write path.

        Args:
            start: local.
            business: other rules than this room's.
        """
        under = business or self.business
        staff_id = self._staff_id(staff)

        async def work(uow: UnitOfWork) -> Appointment | Refusal:
            return await uow.appointments.create_appointment(
                customer_id,
                starts_at=instant_of(start, under.zone),
                service=service,
                staff_id=staff_id,
                notes=notes,
            )

        booked = await self.store.run(under, work)
        if isinstance(booked, Appointment):
            return booked
        raise LookupError(f"the scenario can't book {service} at {start}: {booked.code.value}")

    async def block(self, block: BlockFile) -> None:
        """Block time of a staff member."""
        async with self.store.database.transaction(self.business.id) as session:
            await session.execute(
                sql(
                    "INSERT INTO occupancies (business_id, resource_id, during, exclusive)"
                    " VALUES (:of, :staff, tstzrange(:since, :until, '[)'), true)"
                ),
                {
                    "of": self.business.id,
                    "staff": self._staff_id(block.staff),
                    "since": instant_of(block.since, self.business.zone),
                    "until": instant_of(block.until, self.business.zone),
                },
            )

    async def snapshot(self, customer_id: int) -> str:
        """Return all that is stored of a customer."""
        kept = [
            await self.read(
                f"SELECT to_jsonb(t)::text FROM {table} t WHERE business_id = :of AND {whose}"
                " ORDER BY 1",
                customer=customer_id,
            )
            for table, whose in _SNAPSHOT.items()
        ]
        return json.dumps(kept, indent=1)

    def _staff_id(self, slug: str) -> int:
        for resource in self.business.resources:
            if resource.slug == slug:
                return resource.id
        raise ValueError(f"nobody is called {slug}")


def instant_of(local: dt.datetime, zone: str) -> dt.datetime:
    """Return a local time as an instant; an aware one is one already."""
    aware = local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(dt.UTC)


@dataclass
class Played:
    """What came of a scenario.

    Args:
        heard: person -> what they got.
        rows: appointments at the end, in the words of `RowFile`.
        read: what the model was shown: prompts, envelopes, results.
        problems: what was not as it must be, turn by turn.
    """

    heard: dict[str, list[Outgoing]] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    model_calls: int = 0
    read: str = ""
    problems: list[str] = field(default_factory=list)


class Player:
    """Plays one scenario.

    Args:
        database: may hold other businesses.
        script: texts and prompts.
        model: a model to play with in place of the script's replies (a real one).
    """

    def __init__(
        self,
        database: Database,
        scenario: Scenario,
        script: Script,
        model: Callable[[], Model] | None = None,
    ) -> None:
        self.database, self.scenario, self.script, self.model = database, scenario, script, model
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
        scripted = ScriptedModel([self._step(reply) for reply in turn.model])
        asked = WatchedModel(scripted if self.model is None else self.model())
        tools = watched_tools(self.played.path)
        conversation = room.conversation(None if self.scenario.without_model else asked, tools)
        already = len(room.channel.sent)
        await room.handle(conversation, *self._messages(turn))
        if self.model is None and scripted.steps:
            self._problem(f"turn {number}: {len(scripted.steps)} replies of the model weren't used")
        self.played.model_calls += len(asked.requests)
        for request in asked.requests:
            self.played.read += f"{request.instructions}\n{request.items}\n"
        got = [out for chat, out in room.channel.sent[already:] if chat == self.chats[turn.who]]
        for name, chat in self.chats.items():
            self.played.heard[name] += [out for c, out in room.channel.sent[already:] if c == chat]
        self._check(f"turn {number}", turn, got)

    def _check(self, where: str, turn: TurnFile, got: Sequence[Outgoing]) -> None:
        heard = "\n".join(out.text for out in got)
        labels = [button.label for button in _buttons(got)]
        if not heard.strip():
            self._problem(f"{where}: there was no answer")
        for wanted in map(self._fill, turn.hears):
            if wanted not in heard:
                self._problem(f"{where}: {wanted!r} isn't in {heard!r}")
        for wanted in map(self._fill, turn.offers):
            if not any(wanted in label for label in labels):
                self._problem(f"{where}: no button {wanted!r} among {labels}")
        for unwanted in map(self._fill, turn.never):
            if unwanted in heard:
                self._problem(f"{where}: {unwanted!r} is in {heard!r}")

    def _messages(self, turn: TurnFile) -> list[Incoming]:
        kind, extra = IncomingKind.TEXT, {}
        texts = turn.burst or (turn.text or turn.voice or "",)
        if turn.command is not None:
            word, _, argument = turn.command.partition(" ")
            kind, extra, texts = IncomingKind.COMMAND, {"command": word}, (argument,)
        elif turn.press is not None:
            kind, texts = IncomingKind.PRESS, ("",)
            extra = {"action": self._button(turn).action}
        person = self.scenario.people[turn.who]
        messages = []
        for text in texts:
            self.updates += 1
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

    def _step(self, reply: ReplyFile) -> Step:
        if reply.fails is not None:
            return ModelError(reply.fails, "away")
        calls = tuple(
            ToolCall(f"call_{self.updates}_{n}_{call.tool}", call.tool, self._arguments(call))
            for n, call in enumerate(reply.calls)
        )
        finish = reply.finish or (Finish.TOOL_CALLS if calls else Finish.STOP)
        return ModelReply(self._fill(reply.say), calls, finish, Usage(100, 0, 10), "scripted")

    def _arguments(self, call: CallFile) -> str:
        if isinstance(call.arguments, str):
            return self._fill(call.arguments)
        numbers = {f"${name}": row for name, row in self.ids.items()}
        return json.dumps(
            {
                key: numbers.get(value, self._fill(value)) if isinstance(value, str) else value
                for key, value in call.arguments.items()
            },
            ensure_ascii=False,
        )

    def _fill(self, text: str) -> str:
        for name, row in sorted(self.ids.items(), reverse=True):
            text = text.replace(f"${name}", str(row))
        return text

    async def _collect(self) -> None:
        room = self.room
        staff = {resource.id: resource.slug for resource in room.business.resources}
        services = {service.id: service.slug for service in room.business.services}
        for name, chat in self.chats.items():
            customer = await room.store.run(
                room.business, lambda uow, c=chat: uow.customers.get_customer_by_telegram_id(c)
            )
            if customer is None:
                continue
            rows = await room.store.run(
                room.business,
                lambda uow, c=customer.id: uow.appointments.get_customer_appointments(c),
            )
            for row in rows:
                start = to_local(row.starts_at, room.business.zone)
                member = None if row.staff_id is None else staff[row.staff_id]
                self.played.rows.append(
                    f"{name} {services[row.service_id]} {row.status.value} {start:%Y-%m-%d %H:%M}"
                    f" {member}" + (f" [{row.notes}]" if row.notes else "")
                )
        self.played.outcomes = await room.read(
            "SELECT outcome FROM turns WHERE business_id = :of ORDER BY id"
        )

    def _grade(self) -> None:
        played, ends = self.played, self.scenario.ends
        expected = sorted(
            f"{r.customer} {r.service} {r.status.value} {r.start:%Y-%m-%d %H:%M} {r.staff}"
            + (f" [{r.notes}]" if r.notes else "")
            for r in ends.rows
        )
        if sorted(played.rows) != expected:
            self._problem(f"rows are {sorted(played.rows)}, not {expected}")
        if self.model is None:
            if played.path != list(ends.path):
                self._problem(f"path is {played.path}, not {list(ends.path)}")
            if ends.outcomes is not None and played.outcomes != list(ends.outcomes):
                self._problem(f"outcomes are {played.outcomes}, not {list(ends.outcomes)}")
        if played.model_calls > ends.model_calls or (
            self.model is None and played.model_calls != ends.model_calls
        ):
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


def business_file(example: str, changes: dict[str, Any]) -> BusinessFile:
    """Return an example business with changes: mappings are merged, all else is replaced."""
    raw = yaml.safe_load((ROOT / "examples" / f"{example}.yaml").read_text(encoding="utf-8"))
    return BusinessFile.model_validate(_merged(raw, changes))


def _merged(base: Any, changes: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(changes, dict)):
        return changes
    return {**base, **{key: _merged(base.get(key), value) for key, value in changes.items()}}
