"""The metrics of a process, in Prometheus's words; docs/operations.md says what each one is for.

Nothing here is a singleton: the registry is made by the composition root.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import structlog
from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from assistant.health import Check
from assistant.model.circuit import CircuitBreaker, CircuitState
from assistant.model.port import Prices, Usage
from assistant.recorder import Recorder, SendOutcome, Stage, ToolOutcome
from db.errors import DatabaseError
from db.outage import Outage
from db.repositories.backlog import Backlog, BacklogRepository
from db.store import Store

logger = structlog.get_logger(__name__)

# How old what is read from the database may be: several scrapers cost one query.
CACHE_SECONDS = 5.0
# A scrape waits no longer for the database; Prometheus gives up after 10 s by default.
READ_SECONDS = 3.0
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)
_CIRCUIT = {CircuitState.CLOSED: 0, CircuitState.HALF_OPEN: 1, CircuitState.OPEN: 2}


class Metrics(Recorder):
    """Counts what happens in this process.

    Args:
        registry: where the metrics are registered.
        prices: of tokens; None = there is no metric of the cost.
    """

    def __init__(self, registry: CollectorRegistry, prices: Prices | None = None) -> None:
        self._prices = prices
        self._turns = Counter(
            "assistant_turns", "Turns that ended.", ["kind", "outcome"], registry=registry
        )
        self._turn_seconds = Histogram(
            "assistant_turn_seconds",
            "From a message's arrival until its answer is in the outbox.",
            ["kind"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._stage_seconds = Histogram(
            "assistant_stage_seconds",
            "Where that time goes, and the time of delivery.",
            ["stage"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._tools = Counter(
            "assistant_tool_calls",
            "Tool calls of the model.",
            ["tool", "outcome"],
            registry=registry,
        )
        self._refusals = Counter(
            "assistant_refusals", "What the rules refused.", ["code"], registry=registry
        )
        self._model_calls = Counter(
            "assistant_model_calls", "Calls that the model answered.", ["model"], registry=registry
        )
        self._model_errors = Counter(
            "assistant_model_errors", "Calls that failed for good.", ["kind"], registry=registry
        )
        self._tokens = Counter(
            "assistant_model_tokens",
            "Tokens; cached ones are part of the input, voice ones of none of the others.",
            ["kind"],
            registry=registry,
        )
        self._voice = Counter(
            "assistant_transcribed_seconds",
            "Voice messages that were heard, in seconds of their length.",
            registry=registry,
        )
        self._cost = None
        if prices is not None:
            self._cost = Counter(
                "assistant_model_cost",
                "What the tokens cost at the configured prices.",
                registry=registry,
            )
        self._sends = Counter(
            "assistant_sends", "Attempts to send.", ["kind", "outcome"], registry=registry
        )
        self._set_aside = Counter(
            "assistant_updates_set_aside", "Updates that wait for a person.", registry=registry
        )
        # A series that isn't there until its first event hides that event from rate().
        for stage in Stage:
            self._stage_seconds.labels(stage.value)
        for kind in ("input", "cached", "output", "voice"):
            self._tokens.labels(kind)

    def turn(self, kind: str, outcome: str, seconds: float) -> None:
        """Count a turn."""
        self._turns.labels(kind, outcome).inc()
        self._turn_seconds.labels(kind).observe(max(seconds, 0.0))

    def stage(self, stage: Stage, seconds: float) -> None:
        """Observe a time; one that a clock set back made negative counts as none."""
        self._stage_seconds.labels(stage.value).observe(max(seconds, 0.0))

    def tool(self, name: str, outcome: ToolOutcome) -> None:
        """Count a tool call."""
        self._tools.labels(name, outcome.value).inc()

    def refusal(self, code: str) -> None:
        """Count a refusal."""
        self._refusals.labels(code).inc()

    def model_call(self, model: str, usage: Usage) -> None:
        """Count a call, its tokens and what they cost."""
        self._model_calls.labels(model).inc()
        self._tokens.labels("input").inc(usage.input_tokens)
        self._tokens.labels("cached").inc(usage.cached_tokens)
        self._tokens.labels("output").inc(usage.output_tokens)
        if self._cost is not None and self._prices is not None:
            # A provider that reports more cached than input tokens must not raise here.
            self._cost.inc(max(self._prices.cost(usage), 0.0))

    def transcribed(self, model: str, usage: Usage, seconds: float) -> None:
        """Count a call that heard a voice message, and what it cost."""
        self._model_calls.labels(model).inc()
        self._tokens.labels("voice").inc(usage.input_tokens + usage.output_tokens)
        self._voice.inc(seconds)
        if self._cost is not None and self._prices is not None:
            self._cost.inc(max(self._prices.of_voice(usage, seconds), 0.0))

    def model_error(self, kind: str) -> None:
        """Count a failure."""
        self._model_errors.labels(kind).inc()

    def send(self, kind: str, outcome: SendOutcome) -> None:
        """Count an attempt."""
        self._sends.labels(kind, outcome.value).inc()

    def set_aside(self) -> None:
        """Count an update."""
        self._set_aside.inc()


class BacklogReader:
    """Reads what waits in the queues, at most every `CACHE_SECONDS`, for one scrape at a time.

    Args:
        store: whose queues.
        monotonic: seconds that never go back.
    """

    def __init__(self, store: Store, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._read_at = float("-inf")
        self._last: Backlog | None = None
        self._database = Outage("metrics_database_away", "metrics_database_back")

    async def read(self) -> Backlog | None:
        """Return what waits; None while the database is away."""
        async with self._lock:
            if self._monotonic() - self._read_at >= CACHE_SECONDS:
                self._last = await self._ask()
                self._read_at = self._monotonic()
            return self._last

    async def _ask(self) -> Backlog | None:
        try:
            async with asyncio.timeout(READ_SECONDS), self._store.worker() as session:
                found = await BacklogRepository(session).backlog(self._store.clock.now())
        except (DatabaseError, TimeoutError) as error:
            self._database.goes_on(error=type(error).__name__)
            return None
        self._database.is_over()
        return found


class _State(Collector):
    """What is looked up when it's scraped: the pool, the circuit, Telegram, the queues."""

    def __init__(
        self, store: Store, circuit: CircuitBreaker | None, telegram: Callable[[], Check] | None
    ) -> None:
        self._database = store.database
        self._circuit = circuit
        self._telegram = telegram
        self.backlog: Backlog | None = None

    def collect(self) -> Iterator[Metric]:
        yield _gauge(
            "assistant_database_up",
            "Whether the queues could be read from the database.",
            self.backlog is not None,
        )
        pool = self._database.pool_state()
        yield _gauge("assistant_pool_connections_in_use", "Connections at work.", pool.in_use)
        yield _gauge("assistant_pool_connections_max", "As many there can be.", pool.most)
        if self._circuit is not None:
            yield _gauge(
                "assistant_model_circuit",
                "0 closed, 1 half open (a call finds out), 2 open (the guided flow answers).",
                _CIRCUIT[self._circuit.state],
            )
        if self._telegram is not None:
            yield _gauge(
                "assistant_telegram_up",
                "Whether updates come in from Telegram; a process that needn't fetch any is well.",
                self._telegram().ok,
            )
        if self.backlog is None:
            return  # an old number would look like a fresh one
        for name, queue, what in (
            ("inbox", self.backlog.inbox, "Updates that are not answered"),
            ("outbox", self.backlog.outbox, "Messages that are due"),
            ("reminders", self.backlog.reminders, "Reminders that are due"),
        ):
            yield _gauge(f"assistant_{name}_depth", f"{what}.", queue.depth)
            yield _gauge(
                f"assistant_{name}_oldest_seconds",
                f"{what}: how long the oldest one has been waiting.",
                queue.oldest_seconds,
            )


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_, value=float(value))


class Exposition:
    """The page /metrics: what was counted, and what is looked up at that moment.

    Args:
        registry: what was counted; the state is added to it.
        store: whose pool and queues.
        circuit: the model's; None = there is no model.
        telegram: says whether updates come in; None = it can't be said.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        store: Store,
        circuit: CircuitBreaker | None,
        telegram: Callable[[], Check] | None = None,
    ) -> None:
        self._registry = registry
        self._reader = BacklogReader(store)
        self._state = _State(store, circuit, telegram)
        registry.register(self._state)
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)

    async def __call__(self) -> tuple[bytes, str]:
        """Return the page and its content type."""
        self._state.backlog = await self._reader.read()
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
