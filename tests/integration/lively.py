"""A conversation in which much goes wrong, for what must not be seen of it from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from assistant.channel import Delivery, Handler, RetryLater, Sent
from assistant.conversation import Conversation
from assistant.delivery import Sender
from assistant.messages import Incoming, IncomingKind, Outgoing, Person
from assistant.model.port import ModelError, ModelErrorKind
from assistant.recorder import Recorder
from assistant.turn.engine import TurnEngine
from assistant.worker import Worker
from booking.business import Business
from db.repositories.inbox import InboxMessage, InboxRepository
from db.store import Store
from tests.conftest import MovableClock
from tests.fakes.model import ScriptedModel, calls, says
from tests.shipped import shipped
from tools.support.context import ToolContext
from tools.support.contract import Outcome, ToolArgs
from tools.support.registry import Registry, discover

CHANNEL = "telegram:4242"
CHAT = 777001
BOOK = {
    "service": "haircut",
    "when": "Tue 2026-11-24 10:00",
    "staff": None,
    "notes": "allergic to perfume",
}
# What people wrote and were told, and who they are.
PRIVATE = ("mohawk", "perfume", "Adaline", "Lovelace", "ada_l", "What would", "Please check")
WORDS = shipped()
BROKEN_TOOL = "get_my_appointments"
TURNS = 8


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


def _tools() -> Registry:
    """All tools; one has a defect, and what it raises quotes the customer."""

    async def fails(ctx: ToolContext, args: ToolArgs) -> Outcome:
        words = f"a mohawk without perfume for {ctx.customer.first_name}"
        try:
            raise KeyError(words)
        except KeyError as error:
            raise ValueError(words) from error

    found = discover()
    return Registry(
        replace(each, run=fails) if each.name == BROKEN_TOOL else each for each in found.values()
    )


async def converse(
    store: Store, business: Business, clock: MovableClock, recorder: Recorder | None = None
) -> None:
    """Have a customer write eight messages.

    A command; an answer with a false claim, asked for again; a booking's card; a yes; a time that
    is refused; a provider that is away; a tool with a defect; a defect after everything was done.
    """
    model = ScriptedModel(
        [
            calls("get_services", {}),
            says("What would you like, Adaline? Your mohawk is booked for you."),
            says("What would you like, Adaline?"),
            calls("create_appointment", BOOK),
            calls("create_appointment", {**BOOK, "when": "Sun 2026-11-29 12:00"}),
            ModelError(ModelErrorKind.SERVER, "no answer to 'mohawk'", status=502),
            calls(BROKEN_TOOL, {}),
            says("What would you like now?"),
            says("What would you like now?"),
        ]
    )
    engine = TurnEngine(model, _tools(), WORDS.texts, recorder=recorder)
    conversation = Conversation(store, {CHANNEL: business.id}, WORDS, engine, recorder=recorder)
    channel = Channel()
    worker = Worker(
        store, {CHANNEL: channel}, Fragile(conversation), WORDS.texts, recorder=recorder
    )
    sender = Sender(store, {CHANNEL: channel}, WORDS.texts, recorder=recorder)

    async def writes(update_id: int, kind: IncomingKind, **content: Any) -> None:
        incoming = Incoming(
            channel=CHANNEL,
            chat_id=CHAT,
            update_id=update_id,
            person=Person(
                telegram_id=CHAT, first_name="Adaline", last_name="Lovelace", username="ada_l"
            ),
            kind=kind,
            received_at=clock.now(),
            **content,
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
    for number, said in enumerate(
        (
            "hello, do you cut a mohawk?",
            "a mohawk on Tuesday at 10, no perfume please",
            "yes",
            "and another mohawk on Sunday noon",
            "do you remember my mohawk?",
            "do you still have my mohawk?",
            "explode the mohawk",
        ),
        start=2,
    ):
        await writes(number, IncomingKind.TEXT, text=said)
    assert model.steps == []
