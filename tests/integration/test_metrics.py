"""The metrics: what each event counts, what a scrape reads, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from assistant.channel import (
    Delivery,
    Handler,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    Sent,
    UnparsableError,
)
from assistant.conversation import Conversation
from assistant.delivery import Sender
from assistant.health import Check
from assistant.messages import Incoming, IncomingKind, Outgoing, Person
from assistant.metrics import CACHE_SECONDS, BacklogReader, Exposition, Metrics
from assistant.model.circuit import CircuitBreaker
from assistant.model.port import ModelError, ModelErrorKind, ModelRequest, Prices, Usage
from assistant.recorder import Stage
from assistant.turn.engine import TurnEngine
from assistant.worker import Worker
from booking.business import Business
from db.repositories.inbox import InboxMessage, InboxRepository
from db.repositories.outbox import OutboxKind, OutboxRepository, ReplyTo
from db.session import Database
from db.store import Store
from tests.conftest import ROOT, MovableClock, settings_for
from tests.fakes.model import ScriptedModel, Step, calls, calls_all, says
from tests.shipped import shipped
from tools.support.registry import discover

CHANNEL = "terminal:test"
WORDS = shipped()
BOOK = {"service": "haircut", "when": "Tue 2026-11-24 10:00", "staff": None, "notes": None}
PRICES = Prices(input_tokens=1.0, cached_tokens=0.1, output_tokens=10.0)


class Desk:
    """A conversation, a worker and a sender that are counted."""

    def __init__(self, store: Store, business: Business, clock: MovableClock) -> None:
        self.store, self.business, self.clock = store, business, clock
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry, PRICES)
        self.update_id = 0
        self.channel = FakeChannel()
        self.sender = Sender(store, {CHANNEL: self.channel}, WORDS.texts, recorder=self.metrics)

    def value(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0

    async def says(self, message: str, *script: Step, waited: float = 0.0) -> None:
        """Have a message answered that came in so many seconds ago."""
        model = ScriptedModel(script)
        engine = TurnEngine(model, discover(), WORDS.texts, recorder=self.metrics)
        conversation = Conversation(
            self.store,
            {CHANNEL: self.business.id},
            WORDS,
            engine if script else None,
            recorder=self.metrics,
        )
        self.update_id += 1
        incoming = Incoming(
            channel=CHANNEL,
            chat_id=1,
            update_id=self.update_id,
            person=Person(telegram_id=1, first_name="Ada", language_code="en"),
            kind=IncomingKind.TEXT,
            text=message,
            received_at=self.clock.now(),
        )
        self.clock.advance(seconds=waited)
        await conversation.handle(incoming, inbox_ids=[])


class FakeChannel:
    """A channel whose deliveries and updates go as the test says."""

    name = CHANNEL
    pace = None

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []

    async def dispatch(self, message: InboxMessage, handler: Handler) -> bool:
        if "defect" not in message.payload:
            raise UnparsableError("nonsense")
        incoming = Incoming(
            channel=CHANNEL,
            chat_id=1,
            update_id=message.update_id,
            person=Person(telegram_id=1),
            kind=IncomingKind.TEXT,
            text="x",
            received_at=message.received_at,
        )
        await handler.handle(incoming, inbox_ids=[message.id])
        return True

    async def typing(self, chat_id: int) -> None:
        """Nothing is shown."""

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        return self.deliveries.pop(0) if self.deliveries else Sent()


@pytest.fixture
def desk(store: Store, business: Business, clock: MovableClock) -> Desk:
    return Desk(store, business, clock)


async def test_a_turn_with_the_model_is_counted(desk: Desk) -> None:
    await desk.says("haircut tuesday 10", calls("create_appointment", BOOK), waited=3)
    value = desk.value
    assert value("assistant_turns_total", kind="text", outcome="proposed") == 1
    assert value("assistant_turn_seconds_sum", kind="text") == 3
    assert value("assistant_stage_seconds_sum", stage="queue_wait") == 3
    assert value("assistant_tool_calls_total", tool="create_appointment", outcome="ok") == 1
    assert value("assistant_model_calls_total", model="scripted") == 1
    tokens = {
        kind: value("assistant_model_tokens_total", kind=kind)
        for kind in ("input", "cached", "output")
    }
    assert tokens == {"input": 100, "cached": 50, "output": 20}
    assert value("assistant_model_cost_total") == pytest.approx((50 + 50 * 0.1 + 200) / 1e6)
    counts = {
        stage.value: value("assistant_stage_seconds_count", stage=stage.value) for stage in Stage
    }
    assert counts == {"queue_wait": 1, "model": 1, "tools": 1, "database": 3, "delivery": 0}


async def test_refusals_are_counted_by_code(desk: Desk) -> None:
    sunday = {**BOOK, "when": "Sun 2026-11-29 12:00"}
    await desk.says("haircut sunday noon", calls("create_appointment", sunday))
    assert desk.value("assistant_refusals_total", code="outside_hours") == 1
    outcome = desk.value("assistant_tool_calls_total", tool="create_appointment", outcome="refused")
    assert outcome == 1


async def test_a_tool_that_the_model_invents_makes_no_new_series(desk: Desk) -> None:
    wanted = calls_all(("drop_tables", "{}"), ("get_services", "no json"))
    await desk.says("hello", wanted, says("What would you like?"))
    unknown = desk.value("assistant_tool_calls_total", tool="unknown", outcome="bad_arguments")
    known = desk.value("assistant_tool_calls_total", tool="get_services", outcome="bad_arguments")
    assert (unknown, known) == (1, 1)
    assert b"drop_tables" not in await page(desk)


async def test_a_model_that_is_away_is_counted_by_kind(desk: Desk) -> None:
    await desk.says("hello", ModelError(ModelErrorKind.QUOTA, "insufficient_quota"))
    assert desk.value("assistant_model_errors_total", kind="quota") == 1
    assert desk.value("assistant_turns_total", kind="text", outcome="model_away") == 1
    assert desk.value("assistant_stage_seconds_count", stage="model") == 1


async def test_without_prices_there_is_no_cost() -> None:
    registry = CollectorRegistry()
    Metrics(registry).model_call("m", Usage(10, 0, 5))
    assert registry.get_sample_value("assistant_model_cost_total") is None
    assert registry.get_sample_value("assistant_model_tokens_total", {"kind": "input"}) == 10


async def test_impossible_numbers_do_not_raise() -> None:
    """A provider that reports more cached than input tokens, a clock that was set back."""
    registry = CollectorRegistry()
    metrics = Metrics(registry, Prices(1.0, 0.0, 0.0))
    metrics.model_call("m", Usage(1, 1000, 0))
    metrics.stage(Stage.DELIVERY, -5.0)
    metrics.turn("text", "answered", -5.0)
    assert registry.get_sample_value("assistant_model_cost_total") == 0
    # Where a minute has no price, its tokens cost what the model's do.
    metrics.transcribed("hears", Usage(2_000_000, 0, 0), 12.0)
    assert registry.get_sample_value("assistant_model_cost_total") == 2.0
    assert registry.get_sample_value("assistant_model_tokens_total", {"kind": "voice"}) == 2_000_000
    assert registry.get_sample_value("assistant_turn_seconds_sum", {"kind": "text"}) == 0


async def enqueue(desk: Desk, kind: OutboxKind = OutboxKind.MESSAGE) -> None:
    async with desk.store.worker() as session:
        await OutboxRepository(session).enqueue(
            desk.business.id,
            ReplyTo(CHANNEL, 1, "en"),
            kind,
            Outgoing(text="hi").model_dump(mode="json"),
            due_at=desk.clock.now(),
        )


@pytest.mark.parametrize(
    ("delivery", "outcome"),
    [
        (Sent(), "sent"),
        (RetryLater(60, "429"), "retried"),
        (OutcomeUnknown("dropped"), "unknown"),
        (Rejected("400"), "failed"),
    ],
)
async def test_attempts_to_send_are_counted(desk: Desk, delivery: Delivery, outcome: str) -> None:
    await enqueue(desk)
    desk.clock.advance(seconds=2)
    desk.channel.deliveries = [delivery]
    await desk.sender.send_due(CHANNEL)
    assert desk.value("assistant_sends_total", kind="message", outcome=outcome) == 1
    late = desk.value("assistant_stage_seconds_sum", stage="delivery")
    assert late == (2 if outcome == "sent" else 0)


async def test_a_reminder_that_is_not_wanted_any_more_is_dropped(desk: Desk) -> None:
    await enqueue(desk, OutboxKind.REMINDER)
    await desk.sender.send_due(CHANNEL)
    assert desk.value("assistant_sends_total", kind="reminder", outcome="dropped") == 1


class Broken:
    """A handler with a defect."""

    async def handle(self, incoming: Incoming, *, inbox_ids: Sequence[int]) -> None:
        raise RuntimeError("a defect")


@pytest.mark.parametrize(("payload", "turns"), [({"defect": 1}, 1), ({"nonsense": 1}, 0)])
async def test_updates_that_are_set_aside_are_counted(
    desk: Desk, payload: dict[str, int], turns: int
) -> None:
    async with desk.store.worker() as session:
        await InboxRepository(session).store(
            desk.business.id, CHANNEL, 1, 1, payload, received_at=desk.clock.now()
        )
    worker = Worker(
        desk.store, {CHANNEL: desk.channel}, Broken(), WORDS.texts, recorder=desk.metrics
    )
    await worker.drain(CHANNEL, 1)
    assert desk.value("assistant_updates_set_aside_total") == 1
    assert desk.value("assistant_turns_total", kind="text", outcome="failed") == turns


# --- the page


async def page(
    desk: Desk, circuit: CircuitBreaker | None = None, *, telegram: bool = True
) -> bytes:
    check = Check(telegram, "what it says")
    body, content_type = await Exposition(desk.registry, desk.store, circuit, lambda: check)()
    assert content_type.startswith("text/plain")
    return body


def samples(body: bytes) -> dict[str, float]:
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
        if not sample.labels
    }


async def test_the_page_shows_the_queues_the_pool_and_the_circuit(desk: Desk) -> None:
    await enqueue(desk)
    async with desk.store.worker() as session:
        await InboxRepository(session).store(
            desk.business.id, CHANNEL, 1, 1, {}, received_at=desk.clock.now()
        )
    desk.clock.advance(seconds=7)
    circuit = CircuitBreaker(ScriptedModel([ModelError(ModelErrorKind.AUTH, "no key")]))
    with pytest.raises(ModelError):
        await circuit.complete(ModelRequest("", ()), timeout_seconds=1)
    async with desk.store.worker() as busy:
        await busy.execute(text("SELECT 1"))
        found = samples(await page(desk, circuit))
    assert found["assistant_database_up"] == 1
    assert (found["assistant_inbox_depth"], found["assistant_inbox_oldest_seconds"]) == (1, 7)
    assert (found["assistant_outbox_depth"], found["assistant_outbox_oldest_seconds"]) == (1, 7)
    assert (found["assistant_reminders_depth"], found["assistant_model_circuit"]) == (0, 2)
    assert found["assistant_pool_connections_in_use"] == 1
    assert found["assistant_pool_connections_max"] == 65


async def test_while_the_database_is_away_no_old_numbers_are_shown(desk: Desk) -> None:
    away = Database(settings_for("postgresql://nobody@127.0.0.1:1/nothing"))
    desk.store.database = away
    found = samples(await page(desk))
    assert (found["assistant_database_up"], found["assistant_telegram_up"]) == (0, 1)
    desk.registry = CollectorRegistry()
    assert samples(await page(desk, telegram=False))["assistant_telegram_up"] == 0
    await away.close()
    assert "assistant_inbox_depth" not in found


async def test_several_scrapers_cost_one_query(desk: Desk) -> None:
    now = 100.0
    reader = BacklogReader(desk.store, monotonic=lambda: now)
    first = await reader.read()
    assert first is not None
    await enqueue(desk)
    now += CACHE_SECONDS - 0.1
    assert await reader.read() is first
    now += 0.2
    second = await reader.read()
    assert second is not None
    assert (first.outbox.depth, second.outbox.depth) == (0, 1)


async def test_the_guide_names_the_metrics_that_there_are(desk: Desk) -> None:
    """All of them, and no others: an alarm on a metric that doesn't exist never rings."""
    body = await page(desk, CircuitBreaker(ScriptedModel([])))
    there = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in text_string_to_metric_families(body.decode())
        # A process's own, and the times of creation that `assistant run` turns off.
        if not family.name.startswith(("process_", "python_"))
        and not family.name.endswith("_created")
    }
    guide = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert set(re.findall(r"\bassistant_\w+", guide)) == there


async def test_what_was_said_is_in_no_label(desk: Desk) -> None:
    await desk.says("my secret wish", says("Hello Ada, what would you like?"))
    body = await page(desk)
    assert b"secret wish" not in body
    assert b"Ada" not in body
    assert b"assistant_turns_total" in body


async def test_a_replayed_step_is_not_counted_again(desk: Desk) -> None:
    """What the model said before a crash comes from the journal: it costs nothing twice."""
    await desk.says("haircut tuesday 10", calls("create_appointment", BOOK))
    async with desk.store.database.transaction(desk.business.id) as session:
        await session.execute(text("UPDATE turns SET state = 'running'"))
    desk.update_id -= 1
    await desk.says("haircut tuesday 10", says("never asked"))
    assert desk.value("assistant_model_calls_total", model="scripted") == 1
