"""What conversations are played in: a business with its channel, in a database others share."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import text as sql

from assistant.burst import merge_burst
from assistant.channel import Delivery, Handler, Sent
from assistant.conversation import Conversation, Script
from assistant.delivery import Sender
from assistant.evaluation.scenario import BlockFile, PersonFile, Scenario
from assistant.messages import Incoming, Outgoing
from assistant.model.port import (
    Model,
    ModelError,
    ModelReply,
    ModelRequest,
    TextSink,
    Transcript,
)
from assistant.turn.answer import TurnLimits
from assistant.turn.engine import TurnEngine
from assistant.voice import Listener
from booking.appointment import Appointment
from booking.business import Business
from booking.business_file import BusinessFile
from booking.localtime import Missing, Repeated, resolve_wall
from booking.refusals import Refusal
from db.repositories.businesses import BusinessRepository
from db.repositories.customers import Customer
from db.repositories.inbox import InboxMessage
from db.session import Database
from db.store import Store, UnitOfWork
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem, Outcome, Proposed, Tool, ToolArgs
from tools.support.registry import Registry, discover

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


EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class StandingClock:
    """A clock that stands still until it is moved; `instant` is aware."""

    def __init__(self, instant: dt.datetime) -> None:
        self.instant = instant

    def now(self) -> dt.datetime:
        """Return the instant, in UTC."""
        return self.instant.astimezone(dt.UTC)

    def advance(self, **duration: float) -> None:
        """Move on by a `timedelta` of these parts."""
        self.instant += dt.timedelta(**duration)


class KeepingChannel:
    """A channel that keeps what it is given to send."""

    pace = None

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent: list[tuple[int, Outgoing]] = []

    async def dispatch(self, message: InboxMessage, handler: Handler) -> bool:
        """Take nothing in: messages are handed to the conversation."""
        return False

    async def download(self, file_id: str, *, max_bytes: int) -> bytes:
        """Hand out a file whose contents are its name."""
        return file_id.encode()

    async def typing(self, chat_id: int) -> None:
        """Show nothing."""

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        """Keep a message."""
        self.sent.append((chat_id, outgoing))
        return Sent(len(self.sent))


class EchoingEar:
    """Transcribes the bytes that `KeepingChannel` hands out: they are the words."""

    async def transcribe(
        self,
        audio: bytes,
        *,
        languages: tuple[str, ...],
        names: tuple[str, ...],
        timeout_seconds: float,
    ) -> Transcript:
        """Return the words."""
        return Transcript(audio.decode())


class WatchedModel:
    """Passes requests on and keeps them, with what came back or why nothing did."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.requests: list[ModelRequest] = []
        self.replies: list[ModelReply] = []
        self.errors: list[ModelError] = []

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        """Ask the model behind."""
        self.requests.append(request)
        try:
            reply = await self.model.complete(
                request, timeout_seconds=timeout_seconds, on_text=on_text
            )
        except ModelError as error:
            self.errors.append(error)
            raise
        self.replies.append(reply)
        return reply


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
    clock: StandingClock

    @classmethod
    async def open(
        cls, database: Database, file: BusinessFile, now: dt.datetime, script: Script
    ) -> Room:
        """Make the business under a name of its own.

        Args:
            now: local to the business, or aware.
        """
        clock = StandingClock(instant_of(now, file.zone))
        store = Store(database, clock)
        slug = f"{file.slug[:40]}-{uuid.uuid4().hex[:12]}"
        async with database.transaction() as session:
            named = file.model_copy(update={"slug": slug})
            business = await BusinessRepository(session).apply(named)
        return cls(store, business, KeepingChannel(f"terminal:{slug}"), script, clock)

    def conversation(
        self, model: Model | None, tools: Registry | None = None, limits: TurnLimits | None = None
    ) -> Conversation:
        """Return the conversation with a model; None = the guided flow alone."""
        texts = self.script.texts
        engine = None
        if model is not None:
            engine = TurnEngine(model, tools or discover(), texts, limits)
        return Conversation(
            self.store,
            {self.channel.name: self.business.id},
            self.script,
            engine,
            listener=Listener(
                {self.channel.name: self.channel}, None if model is None else EchoingEar()
            ),
        )

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

    async def appointments(self, telegram_id: int) -> list[Appointment]:
        """Return all appointments of somebody; none where they are no customer."""

        async def work(uow: UnitOfWork) -> list[Appointment]:
            customer = await uow.customers.get_customer_by_telegram_id(telegram_id)
            if customer is None:
                return []
            return await uow.appointments.get_customer_appointments(customer.id)

        return await self.store.run(self.business, work)

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
    """Return a local time as an instant (the first of two); an aware one is one already."""
    if local.tzinfo is not None:
        return local.astimezone(dt.UTC)
    match resolve_wall(local.date(), local.time(), zone):
        case Missing(after=instant) | Repeated(first=instant):
            return instant
        case instant:
            return instant


def business_file(example: str, changes: dict[str, Any]) -> BusinessFile:
    """Return an example business with changes: mappings are merged, all else is replaced."""
    raw = yaml.safe_load((EXAMPLES / f"{example}.yaml").read_text(encoding="utf-8"))
    return BusinessFile.model_validate(_merged(raw, changes))


def room_problems(scenario: Scenario) -> list[str]:
    """Return why a scenario's room can't be made: what the schema of its file doesn't see."""
    try:
        file = business_file(scenario.example, scenario.business)
    except ValueError as error:
        return [f"{scenario.id}: business: {error}"]
    staff, services = {each.slug for each in file.staff}, {each.slug for each in file.services}
    rows, blocks = scenario.appointments, [b for turn in scenario.turns for b in turn.blocks]
    unknown = {row.staff for row in rows} | {b.staff for b in (*scenario.blocks, *blocks)}
    found = [f"nobody of the staff is called {name}" for name in sorted(unknown - staff)]
    found += [f"there is no service {s}" for s in sorted({row.service for row in rows} - services)]
    found += [
        f"{row.customer} has an appointment and isn't known"
        for row in rows
        if not scenario.people[row.customer].known
    ]
    return [f"{scenario.id}: {problem}" for problem in found]


def _merged(base: Any, changes: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(changes, dict)):
        return changes
    return {**base, **{key: _merged(base.get(key), value) for key, value in changes.items()}}
