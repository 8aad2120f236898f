from __future__ import annotations

import asyncio

import pytest

from assistant.model.circuit import CircuitBreaker, CircuitState
from assistant.model.port import (
    Finish,
    ModelError,
    ModelErrorKind,
    ModelReply,
    ModelRequest,
    Usage,
)

KIND = ModelErrorKind
REQUEST = ModelRequest(instructions="", items=())
SERVICE_FAILURES = [KIND.CONNECTION, KIND.TIMEOUT, KIND.RATE_LIMIT, KIND.SERVER, KIND.PROTOCOL]


class Switched:
    """A model that fails with `kind` while it is set, and waits while `gate` is."""

    def __init__(self) -> None:
        self.kind: ModelErrorKind | None = None
        self.gate: asyncio.Event | None = None
        self.asked = 0

    async def complete(self, request, *, timeout_seconds, on_text=None) -> ModelReply:
        self.asked += 1
        kind = self.kind
        if self.gate is not None:
            await self.gate.wait()
        if kind is not None:
            raise ModelError(kind, "no", status=500)
        return ModelReply("hello", (), Finish.STOP, Usage(), "m")


class Bench:
    """A breaker over a switched model, its clock and what it told."""

    def __init__(self) -> None:
        self.now = 0.0
        self.model = Switched()
        self.told: list[tuple[CircuitState, ModelErrorKind | None]] = []
        self.breaker = CircuitBreaker(
            self.model,
            failures_to_open=3,
            pause_seconds=10,
            max_pause_seconds=30,
            on_change=lambda state, why: self.told.append((state, why.kind if why else None)),
            monotonic=lambda: self.now,
        )

    async def ask(self, kind: ModelErrorKind | None = None) -> ModelErrorKind | None:
        """Ask once while the model fails with `kind`; return the failure seen."""
        self.model.kind = kind
        try:
            await self.breaker.complete(REQUEST, timeout_seconds=5)
        except ModelError as error:
            return error.kind
        return None


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("kind", [KIND.QUOTA, KIND.AUTH])
async def test_opens_at_once_where_only_an_admin_helps(bench, kind):
    assert await bench.ask(kind) is kind
    assert bench.breaker.state is CircuitState.OPEN
    assert bench.told == [(CircuitState.OPEN, kind)]


@pytest.mark.parametrize("kind", SERVICE_FAILURES)
async def test_opens_after_failures_in_a_row(bench, kind):
    for _ in range(2):
        assert await bench.ask(kind) is kind
    assert bench.breaker.state is CircuitState.CLOSED
    assert await bench.ask(kind) is kind
    assert bench.breaker.state is CircuitState.OPEN


async def test_an_answer_between_starts_the_count_again(bench):
    for kind in (KIND.SERVER, KIND.SERVER, None, KIND.SERVER, KIND.SERVER):
        await bench.ask(kind)
    assert bench.breaker.state is CircuitState.CLOSED


@pytest.mark.parametrize("kind", [KIND.PAIRING, KIND.CONTEXT, KIND.BAD_REQUEST])
async def test_one_customers_bad_request_shuts_nobody_out(bench, kind):
    for _ in range(10):
        assert await bench.ask(kind) is kind
    assert bench.breaker.state is CircuitState.CLOSED
    assert bench.told == []


async def test_open_means_no_request_and_an_honest_error(bench):
    await bench.ask(KIND.QUOTA)
    bench.now = 4
    with pytest.raises(ModelError) as caught:
        await bench.breaker.complete(REQUEST, timeout_seconds=5)
    assert caught.value.kind is KIND.CIRCUIT_OPEN
    assert caught.value.retry_after == 6
    assert bench.model.asked == 1
    assert bench.breaker.reason is not None
    assert bench.breaker.reason.kind is KIND.QUOTA


@pytest.mark.parametrize("kind", [None, KIND.PAIRING])
async def test_a_probe_that_is_answered_closes(bench, kind):
    await bench.ask(KIND.QUOTA)
    bench.now = 10
    assert await bench.ask(kind) is kind
    assert bench.breaker.state is CircuitState.CLOSED
    assert bench.told == [(CircuitState.OPEN, KIND.QUOTA), (CircuitState.CLOSED, None)]
    # and the count starts from nothing
    await bench.ask(KIND.SERVER)
    assert bench.breaker.state is CircuitState.CLOSED


async def test_pauses_grow_to_a_limit_and_admins_are_told_once(bench):
    await bench.ask(KIND.QUOTA)
    for pause in (10, 20, 30, 30):
        bench.now += pause - 1
        assert await bench.ask(KIND.QUOTA) is KIND.CIRCUIT_OPEN
        bench.now += 1
        assert await bench.ask(KIND.QUOTA) is KIND.QUOTA
    assert bench.told == [(CircuitState.OPEN, KIND.QUOTA)]


async def test_admins_are_told_when_the_reason_changes(bench):
    await bench.ask(KIND.QUOTA)
    bench.now = 10
    await bench.ask(KIND.AUTH)
    assert bench.told == [(CircuitState.OPEN, KIND.QUOTA), (CircuitState.OPEN, KIND.AUTH)]


async def test_one_probe_at_a_time(bench):
    await bench.ask(KIND.QUOTA)
    bench.now = 10
    bench.model.gate = asyncio.Event()
    probe = asyncio.create_task(bench.ask())
    await asyncio.sleep(0)
    assert bench.breaker.state is CircuitState.HALF_OPEN
    assert await bench.ask() is KIND.CIRCUIT_OPEN
    bench.model.gate.set()
    assert await probe is None
    assert bench.breaker.state is CircuitState.CLOSED


async def test_a_cancelled_probe_lets_the_next_one_go(bench):
    await bench.ask(KIND.QUOTA)
    bench.now = 10
    bench.model.gate = asyncio.Event()
    probe = asyncio.create_task(bench.ask())
    await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert bench.breaker.state is CircuitState.OPEN
    bench.model.gate = None
    assert await bench.ask() is None
    assert bench.breaker.state is CircuitState.CLOSED


async def test_an_answer_to_an_older_request_does_not_close(bench):
    bench.model.gate = asyncio.Event()
    late = asyncio.create_task(bench.ask())
    await asyncio.sleep(0)
    gate, bench.model.gate = bench.model.gate, None
    await bench.ask(KIND.QUOTA)
    gate.set()
    assert await late is None
    assert bench.breaker.state is CircuitState.OPEN
