"""The behaviour table: whatever the provider does, one helpful reply and at most one write.

Each row is played over HTTP against the strict fake of OpenAI, through both adapters, with and
without streaming: four customers of one business write the same.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import pytest
from sqlalchemy import text
from tenacity import wait_none

from assistant.conversation import Conversation
from assistant.drafts import DraftPace, Drafts
from assistant.messages import Incoming, IncomingKind, Outgoing, Person
from assistant.model.chat_completions import ChatCompletionsModel
from assistant.model.circuit import CircuitBreaker
from assistant.model.openai_client import build_client
from assistant.model.port import Model, ModelReply, ModelRequest, ModelSettings, TextSink
from assistant.model.responses import ResponsesModel
from assistant.model.retry import RetryingModel
from assistant.turn.answer import TurnLimits
from assistant.turn.engine import TurnEngine
from booking.business import Business
from db.store import Store
from tests.conftest import MovableClock
from tests.fakes import openai as fake
from tests.shipped import shipped
from tools import get_services
from tools.support.registry import discover

CHANNEL = "telegram:1"
WORDS = shipped()
SAID = "a haircut on Tuesday 24 November at 10:00, please"
BOOK = {"service": "haircut", "when": "Tue 2026-11-24 10:00", "staff": None, "notes": None}
NO_MODEL = fake.HttpError(404, code="model_not_found")
HELLO = fake.Text("Hello! Nice to hear from you.")
ASKS = fake.Text("Which service would you like?")
CARD = "Please check and confirm:"
# Nothing of these is for a customer: not the machinery's words, and not what a tool's bug says.
INTERNALS = re.compile(
    r"openai|gpt|sk-|http|json|trace|error|exception|tool|api\b|secret|null|\{|status|quota|token",
    re.IGNORECASE,
)
ATTEMPTS, ATTEMPT_SECONDS = 3, 20.0
FIRST, STAND_IN = "gpt-6-luna", "gpt-5.6-luna"


def phrase(key: str) -> str:
    """What the templates say in English."""
    return WORDS.texts.say(key, "en")


# The guided flow reads the same wish, and says why it answers.
AWAY = f"{phrase('model_away')}\n\n{CARD}"


@dataclass(frozen=True)
class Row:
    """One thing that goes wrong.

    Args:
        name: of it.
        script: what the provider answers.
        reply: how the one reply begins.
        held: appointments that there are afterwards.
        requests: that the provider got; None = as many as the script has answers.
        earlier: answers to messages before this one.
        circuit: where the breaker stands afterwards.
        breaks: a tool has a bug.
        first_seconds: after which the first attempt is given up; the others get what is
            long enough for a busy machine.
        answered_by: the model that is asked last; one beside the first stands in for it.
    """

    name: str
    script: Sequence[fake.Answer]
    reply: str
    held: int = 0
    requests: int | None = None
    earlier: Sequence[fake.Answer] = ()
    circuit: Literal["closed", "open"] = "closed"
    breaks: bool = field(default=False, kw_only=True)
    first_seconds: float = field(default=ATTEMPT_SECONDS, kw_only=True)
    answered_by: str = field(default=FIRST, kw_only=True)


def again(answer: fake.Answer) -> list[fake.Answer]:
    """The same answer to every attempt."""
    return [answer] * ATTEMPTS


TABLE = (
    # --- the model misbehaves
    Row("a duplicate call", [fake.Calls((fake.Call("create_appointment", BOOK),) * 2)], CARD, 1),
    Row("bad arguments", [fake.Call("create_appointment", {"service": "haircut"}), ASKS], "Which"),
    Row("bad JSON", [fake.Call("create_appointment", '{"service": "hai'), ASKS], "Which"),
    Row("an unknown tool", [fake.Call("execute_sql", {"query": "DROP"}), ASKS], "Which"),
    Row("a raising tool", [fake.Call("get_services"), ASKS], "Which", breaks=True),
    Row(
        "an endless loop",
        [*[fake.Call("get_my_appointments")] * 3, fake.Empty()],
        phrase("cap_reached"),
    ),
    Row("a claim without a call", [fake.Text("You're booked for Tuesday!"), ASKS], "Which"),
    Row("two of them", [fake.Text("You're booked!")] * 2, phrase("unbacked_claim")),
    Row(
        "a claim beside a call",
        [fake.TextAndCall("Done, it's booked!", fake.Call("create_appointment", BOOK))],
        CARD,
        1,
    ),
    Row("length", [fake.Truncated("We are open from"), HELLO], "Hello!"),
    Row(
        "a call cut by length",
        [fake.Truncated(calls=(fake.Call("create_appointment", '{"serv'),)), HELLO],
        "Hello!",
    ),
    Row("nothing at all", [fake.Empty(), HELLO], "Hello!"),
    Row("nothing, twice", [fake.Empty()] * 2, phrase("not_understood")),
    Row("the content filter", [fake.ContentFilter("You")], phrase("not_understood")),
    Row("a refusal", [fake.Refusal()], phrase("not_understood")),
    # --- the request is refused
    Row(
        "too long a context",
        [fake.HttpError(400, code="context_length_exceeded"), HELLO],
        "Hello!",
        earlier=[HELLO, HELLO],
    ),
    Row(
        "broken pairs",
        [
            fake.HttpError(400, body={"error": {"message": "No tool output found for call_1."}}),
            HELLO,
        ],
        "Hello!",
        earlier=[fake.Call("get_services"), HELLO],
    ),
    Row("another 400", [fake.HttpError(400)], AWAY, 1),
    # --- the provider is in trouble, and gets over it
    Row("429 with Retry-After", [fake.RateLimited(0.01), HELLO], "Hello!"),
    Row("500", [fake.HttpError(500), HELLO], "Hello!"),
    Row("503", [fake.HttpError(503, body="upstream connect error"), HELLO], "Hello!"),
    Row("a time-out", [fake.Slow(60, HELLO), HELLO], "Hello!", first_seconds=1.0),
    Row("a dropped connection", [fake.DropConnection("before"), HELLO], "Hello!"),
    Row("one dropped midway", [fake.DropConnection("mid"), HELLO], "Hello!"),
    Row("a cut stream", [fake.CutStream(), HELLO], "Hello!"),
    Row("a page of HTML with 200", [fake.HtmlPage(), HELLO], "Hello!"),
    Row("a failure inside a 200", [fake.Failed(), HELLO], "Hello!"),
    # --- and doesn't: the other model stands in for it
    Row(
        "429",
        [fake.RateLimited(600), fake.Call("create_appointment", BOOK)],
        CARD,
        1,
        answered_by=STAND_IN,
    ),
    Row(
        "500, twice",
        [fake.HttpError(500)] * 2 + [fake.Call("create_appointment", BOOK)],
        CARD,
        1,
        answered_by=STAND_IN,
    ),
    Row("503, twice", [fake.HttpError(503)] * 2 + [HELLO], "Hello!", answered_by=STAND_IN),
    Row(
        "no such model",
        [NO_MODEL, fake.Call("create_appointment", BOOK)],
        CARD,
        1,
        answered_by=STAND_IN,
    ),
    Row("neither of them", [NO_MODEL, *[fake.HttpError(500)] * 2], AWAY, 1, answered_by=STAND_IN),
    # --- neither does: the guided flow serves
    Row("insufficient_quota", [fake.QuotaExhausted()], AWAY, 1, circuit="open"),
    Row("a wrong key", [fake.HttpError(401)], AWAY, 1, circuit="open"),
    Row("429 to the end", again(fake.RateLimited(0.01)), AWAY, 1),
    Row("429 for longer than a turn", [fake.RateLimited(600)], AWAY, 1),
    Row("500 to the end", again(fake.HttpError(500)), AWAY, 1),
    Row("cut streams to the end", again(fake.CutStream()), AWAY, 1),
    Row("HTML to the end", again(fake.HtmlPage()), AWAY, 1),
)


class Seen:
    """A channel that keeps the drafts it was shown."""

    draft_pace = DraftPace(after_seconds=0.0, every_seconds=0.0)

    def __init__(self) -> None:
        self.drafts: list[str] = []

    def takes_drafts(self, chat_id: int) -> bool:
        return True

    async def draft(self, chat_id: int, draft_id: int, text: str) -> bool:
        self.drafts.append(text)
        return True


class Hurried:
    """A model whose first attempt gets less time than the others."""

    def __init__(self, inner: Model, first_seconds: float) -> None:
        self.inner, self.next_seconds = inner, first_seconds

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        seconds, self.next_seconds = min(timeout_seconds, self.next_seconds), timeout_seconds
        return await self.inner.complete(request, timeout_seconds=seconds, on_text=on_text)


class Customer:
    """One of the four who write."""

    def __init__(self, store: Store, business: Business, clock: MovableClock, number: int) -> None:
        self.store, self.business, self.clock, self.number = store, business, clock, number
        self.updates = number * 1000
        self.seen = Seen()

    @asynccontextmanager
    async def talks_to(
        self,
        base_url: str,
        api: str,
        streamed: bool,
        first_seconds: float = ATTEMPT_SECONDS,
        stand_in: bool = False,
    ) -> AsyncIterator[Conversation]:
        """The conversation over one adapter, and the breaker in front of it."""
        settings = ModelSettings(api_key="sk-test", base_url=base_url)
        client = build_client(settings)
        adapter = ResponsesModel if api == "responses" else ChatCompletionsModel
        self.circuit = CircuitBreaker(
            RetryingModel(
                Hurried(adapter(client, model=FIRST), first_seconds),
                adapter(client, model=STAND_IN) if stand_in else None,
                max_attempts=ATTEMPTS,
                attempt_timeout_seconds=ATTEMPT_SECONDS,
                wait=wait_none(),
            )
        )
        yield Conversation(
            self.store,
            {CHANNEL: self.business.id},
            WORDS,
            TurnEngine(self.circuit, discover(), WORDS.texts, TurnLimits(model_calls=4)),
            drafts=Drafts({CHANNEL: self.seen} if streamed else {}),
        )
        await client.close()

    async def says(self, conversation: Conversation, words: str) -> list[Outgoing]:
        """Write, and take what waits to be sent."""
        self.updates += 1
        await conversation.handle(
            Incoming(
                channel=CHANNEL,
                chat_id=self.number,
                update_id=self.updates,
                person=Person(telegram_id=self.number, first_name="Ada", language_code="en"),
                kind=IncomingKind.TEXT,
                text=words,
                received_at=self.clock.now(),
            ),
            inbox_ids=[],
        )
        async with self.store.worker() as session:
            rows = await session.scalars(
                text("UPDATE outbox SET state = 'sent' WHERE state = 'queued' RETURNING payload")
            )
            return [Outgoing.model_validate(payload) for payload in rows]

    async def appointments(self) -> int:
        """How many this customer has, in whatever state."""
        async with self.store.database.transaction(self.business.id, worker=True) as session:
            found = await session.scalar(
                text(
                    "SELECT count(*) FROM appointments JOIN customers"
                    " ON customers.id = appointments.customer_id WHERE telegram_id = :id"
                ),
                {"id": self.number},
            )
            # The next one is to find the time free.
            await session.execute(text("DELETE FROM occupancies"))
            await session.execute(text("UPDATE appointments SET status = 'expired'"))
        return int(found or 0)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
async def test_one_helpful_reply_and_at_most_one_write(
    row: Row,
    store: Store,
    business: Business,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if row.breaks:
        break_a_tool(monkeypatch)
    number = 0
    async with fake.FakeOpenAI() as server:
        for api in ("responses", "chat"):
            for streamed in (False, True):
                number += 1
                customer = Customer(store, business, clock, number)
                stand_in = row.answered_by == STAND_IN
                talk = customer.talks_to(
                    server.base_url, api, streamed, row.first_seconds, stand_in
                )
                async with talk as conversation:
                    await check(row, customer, conversation, server, streamed)
        assert server.unexpected == []


async def check(
    row: Row,
    customer: Customer,
    conversation: Conversation,
    server: fake.FakeOpenAI,
    streamed: bool,
) -> None:
    """Play a row for one customer."""
    if row.earlier:
        server.play(row.earlier)
        while server.left:
            await customer.says(conversation, "hello")
    server.play(row.script)
    before = len(server.requests)
    replies = await customer.says(conversation, SAID)
    assert len(replies) == 1
    assert replies[0].text.startswith(row.reply)
    for shown in (replies[0].text, *customer.seen.drafts):
        assert not INTERNALS.search(shown)
        assert "booked!" not in shown
    assert await customer.appointments() == row.held <= 1
    asked = server.requests[before:]
    assert len(asked) == (len(row.script) if row.requests is None else row.requests)
    assert {bool(request.body.get("stream")) for request in asked[:1]} == {streamed}
    assert asked[-1].body["model"] == row.answered_by
    assert customer.circuit.state.value == row.circuit


def break_a_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a read tool raise."""

    async def broken(ctx: object, args: object) -> object:
        raise RuntimeError("secret detail")

    entry = get_services.get_services.__tool__  # type: ignore[attr-defined]
    whole = {name: getattr(entry, name) for name in entry.__slots__}
    monkeypatch.setattr(
        get_services.get_services, "__tool__", type(entry)(**{**whole, "run": broken})
    )


async def test_an_open_circuit_asks_nobody_and_serves_on(
    store: Store, business: Business, clock: MovableClock
) -> None:
    customer = Customer(store, business, clock, 1)
    async with (
        fake.FakeOpenAI([fake.QuotaExhausted()]) as server,
        customer.talks_to(server.base_url, "responses", False, ATTEMPT_SECONDS) as conversation,
    ):
        for _ in range(3):
            (reply,) = await customer.says(conversation, "prices?")
            assert reply.text
            assert not INTERNALS.search(reply.text)
        assert len(server.requests) == 1
