"""What a whole conversation leaves in the log: whose line it is, and nothing of what was said."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import structlog

from assistant.app import PROMPTS
from assistant.channel import Delivery, Handler, RetryLater, Sent
from assistant.conversation import Conversation, Script
from assistant.delivery import Sender
from assistant.logs import close_logs, configure_logs
from assistant.messages import Incoming, IncomingKind, Outgoing, Person
from assistant.model.port import ModelError, ModelErrorKind
from assistant.turn.engine import TurnEngine
from assistant.worker import Worker
from booking.business import Business
from db.repositories.inbox import InboxMessage, InboxRepository
from db.store import Store
from tests.conftest import MovableClock
from tests.fakes.model import ScriptedModel, calls, says
from tools.support.registry import discover

CHANNEL = "telegram:4242"
CHAT = 777001
BOOK = {
    "service": "haircut",
    "when": "Tue 2026-11-24 10:00",
    "staff": None,
    "notes": "allergic to perfume",
}
# What people wrote and were told, and who they are: none of it may be in a line.
PRIVATE = ("mohawk", "perfume", "Adaline", "Lovelace", "ada_l", "What would", "Please check")
WORDS = Script.load(PROMPTS)


class Channel:
    """Reads what the test stored; the first delivery is put off."""

    name = CHANNEL
    pace = None

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = [RetryLater(0.0, "TelegramRetryAfter (0 s)")]

    async def dispatch(self, message: InboxMessage, handler: Handler) -> bool:
        incoming = Incoming.model_validate(message.payload)
        await handler.handle(incoming, inbox_ids=[message.id])
        return True

    async def typing(self, chat_id: int) -> None:
        """Nothing is shown."""

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        return self.deliveries.pop(0) if self.deliveries else Sent(1)


class Fragile:
    """The conversation; where the message says so, it fails when all but the commit was done."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    async def handle(self, incoming: Incoming, *, inbox_ids: Sequence[int]) -> None:
        await self._conversation.handle(incoming, inbox_ids=inbox_ids)
        if "explode" in incoming.text:
            Incoming.model_validate({"text": [incoming.text]})  # quotes what was said


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    level = root.level
    written = io.StringIO()
    configure_logs(level="debug", format="json", stream=written)
    yield written
    close_logs()
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


async def test_every_line_of_a_conversation(
    store: Store, business: Business, clock: MovableClock, stream: io.StringIO
) -> None:
    model = ScriptedModel(
        [
            calls("get_services", {}),
            says("What would you like, Adaline? Your mohawk is booked for you."),  # a false claim
            says("What would you like, Adaline?"),
            calls("create_appointment", BOOK),
            calls("create_appointment", {**BOOK, "when": "Sun 2026-11-29 12:00"}),
            ModelError(ModelErrorKind.SERVER, "upstream", status=502),
            says("What would you like now?"),
        ]
    )
    engine = TurnEngine(model, discover(), WORDS.texts)
    conversation = Conversation(store, {CHANNEL: business.id}, WORDS, engine)
    channel = Channel()
    worker = Worker(store, {CHANNEL: channel}, Fragile(conversation), WORDS.texts)
    sender = Sender(store, {CHANNEL: channel}, WORDS.texts)

    async def writes(update_id: int, kind: IncomingKind, **content: str) -> None:
        person = Person(
            telegram_id=CHAT, first_name="Adaline", last_name="Lovelace", username="ada_l"
        )
        incoming = Incoming(
            channel=CHANNEL,
            chat_id=CHAT,
            update_id=update_id,
            person=person,
            kind=kind,
            received_at=clock.now(),
            **content,  # type: ignore[arg-type]
        )
        async with store.worker() as session:
            await InboxRepository(session).store(
                business.id,
                CHANNEL,
                CHAT,
                update_id,
                incoming.model_dump(mode="json"),
                received_at=clock.now(),
            )
        await worker.drain(CHANNEL, CHAT)
        clock.advance(seconds=1)
        await sender.send_due(CHANNEL)

    await writes(1, IncomingKind.COMMAND, command="start")
    await writes(2, IncomingKind.TEXT, text="hello, do you cut a mohawk?")
    await writes(3, IncomingKind.TEXT, text="a mohawk on Tuesday at 10, no perfume please")
    await writes(4, IncomingKind.TEXT, text="yes")
    await writes(5, IncomingKind.TEXT, text="and another mohawk on Sunday noon")
    await writes(6, IncomingKind.TEXT, text="do you remember my mohawk?")
    await writes(7, IncomingKind.TEXT, text="explode the mohawk")
    assert model.steps == []

    lines: list[dict[str, Any]] = [json.loads(line) for line in stream.getvalue().splitlines()]
    events = [line["event"] for line in lines]
    expected = {
        "turn_done": 7,
        "tool_done": 3,
        "unbacked_text": 1,
        "model_away": 1,
        "turn_failed": 1,
        "send_retry": 1,
    }
    assert {event: events.count(event) for event in expected} == expected
    assert events.count("sent") >= 7
    for line in lines:
        assert line["channel"] == CHANNEL, line
        assert line["chat_id"] == CHAT, line
        if line["event"] not in ("sent", "send_retry"):
            assert isinstance(line["turn_id"], int), line
            assert isinstance(line["update_id"], int), line
    turns = [line["turn_id"] for line in lines if line["event"] == "turn_done"]
    assert len(set(turns)) == 7
    # A failure that the worker logs belongs to its own turn.
    [failed] = [line for line in lines if line["event"] == "turn_failed"]
    assert failed["turn_id"] == turns[-1]
    assert "ValidationError" in failed["exception"]
    for word in PRIVATE:
        assert word not in stream.getvalue(), word
    # What was bound for a turn is taken off again.
    assert structlog.contextvars.get_contextvars() == {}
