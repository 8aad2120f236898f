from __future__ import annotations

from collections.abc import Callable

import pytest
from tenacity import wait_fixed

from assistant.model.port import (
    RETRIED,
    Finish,
    ModelError,
    ModelErrorKind,
    ModelReply,
    ModelRequest,
    TextSink,
    Usage,
)
from assistant.model.retry import RetryingModel

KIND = ModelErrorKind
REQUEST = ModelRequest(instructions="", items=())


class Clock:
    """Time that passes only by sleeping or by being told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Scripted:
    """Answers with the script's entries in turn; the last one goes on for ever."""

    def __init__(
        self, clock: Clock, name: str, *script: ModelError | str, takes: float = 0.0
    ) -> None:
        self.clock = clock
        self.name = name
        self.script = list(script)
        self.takes = takes
        self.timeouts: list[float] = []
        self.streamed: list[bool] = []
        self.speaks = ""

    @property
    def asked(self) -> int:
        return len(self.timeouts)

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        self.timeouts.append(timeout_seconds)
        self.streamed.append(on_text is not None)
        self.clock.now += min(self.takes, timeout_seconds)
        if on_text is not None and self.speaks:
            on_text(self.speaks)
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, ModelError):
            raise answer
        return ModelReply(answer, (), Finish.STOP, Usage(), self.name)


def fails(kind: ModelErrorKind, **extra) -> ModelError:
    return ModelError(kind, "no", **extra)


MISSING = fails(KIND.AUTH, status=404, code="model_not_found")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def first(clock) -> Callable[..., Scripted]:
    return lambda *script, **extra: Scripted(clock, "first", *script, **extra)


@pytest.fixture
def second(clock) -> Callable[..., Scripted]:
    return lambda *script, **extra: Scripted(clock, "second", *script, **extra)


@pytest.fixture
def retrying(clock) -> Callable[..., RetryingModel]:
    def build(*models: Scripted, **extra) -> RetryingModel:
        extra.setdefault("wait", wait_fixed(1))
        return RetryingModel(*models, monotonic=clock, sleep=clock.sleep, **extra)

    return build


@pytest.mark.parametrize("kind", sorted(RETRIED))
async def test_passing_troubles_are_retried(clock, first, retrying, kind):
    model = first(fails(kind), fails(kind), "hello")
    reply = await retrying(model).complete(REQUEST, timeout_seconds=60)
    assert (reply.text, model.asked, clock.slept) == ("hello", 3, [1, 1])


@pytest.mark.parametrize("kind", sorted(set(ModelErrorKind) - RETRIED))
async def test_what_asking_again_cannot_mend_is_not_retried(first, second, retrying, kind):
    model, other = first(fails(kind)), second("hello")
    with pytest.raises(ModelError) as caught:
        await retrying(model, other).complete(REQUEST, timeout_seconds=60)
    assert (caught.value.kind, model.asked, other.asked) == (kind, 1, 0)


async def test_attempts_run_out(first, retrying):
    model = first(fails(KIND.PROTOCOL))
    with pytest.raises(ModelError) as caught:
        await retrying(model, max_attempts=4).complete(REQUEST, timeout_seconds=60)
    assert (caught.value.kind, model.asked) == (KIND.PROTOCOL, 4)


async def test_a_defect_is_not_retried(clock, retrying):
    class Broken:
        asked = 0

        async def complete(self, request, *, timeout_seconds, on_text=None):
            self.asked += 1
            raise KeyError("bug")

    model = Broken()
    with pytest.raises(KeyError):
        await retrying(model).complete(REQUEST, timeout_seconds=60)
    assert model.asked == 1


async def test_backoff_grows_with_jitter(clock, first, retrying):
    model = first(fails(KIND.SERVER))
    with pytest.raises(ModelError):
        await retrying(model, wait=None, max_attempts=4).complete(REQUEST, timeout_seconds=60)
    for slept, base in zip(clock.slept, (0.3, 0.6, 1.2), strict=True):
        assert base <= slept <= base + 0.3
    assert len(set(clock.slept)) == 3


async def test_retry_after_is_honoured(clock, first, retrying):
    model = first(fails(KIND.RATE_LIMIT, retry_after=7), "hello")
    await retrying(model).complete(REQUEST, timeout_seconds=60)
    assert clock.slept == [8]  # not a moment earlier than asked, plus the spread


async def test_retry_after_beyond_the_deadline_ends_at_once(clock, first, retrying):
    model = first(fails(KIND.RATE_LIMIT, retry_after=30), "hello")
    with pytest.raises(ModelError) as caught:
        await retrying(model).complete(REQUEST, timeout_seconds=20)
    assert (caught.value.retry_after, model.asked, clock.slept) == (30, 1, [])


async def test_attempts_are_cut_to_the_time_left(clock, first, retrying):
    model = first(fails(KIND.TIMEOUT), takes=20)
    with pytest.raises(ModelError) as caught:
        await retrying(model, max_attempts=9).complete(REQUEST, timeout_seconds=45)
    assert caught.value.kind is KIND.TIMEOUT
    assert model.timeouts == [20, 20, 3]
    assert clock.now == 145


async def test_the_fallback_gets_the_last_attempt_without_waiting(clock, first, second, retrying):
    model, other = first(fails(KIND.SERVER)), second("hello")
    reply = await retrying(model, other).complete(REQUEST, timeout_seconds=60)
    assert (reply.model, model.asked, other.asked, clock.slept) == ("second", 2, 1, [1])


async def test_the_fallback_is_asked_when_the_first_models_limit_lasts_too_long(
    clock, first, second, retrying
):
    model, other = first(fails(KIND.RATE_LIMIT, retry_after=600)), second("hello")
    reply = await retrying(model, other).complete(REQUEST, timeout_seconds=20)
    assert (reply.model, model.asked, clock.slept) == ("second", 1, [])


async def test_the_fallback_uses_the_attempts_left(first, second, retrying):
    model = first(fails(KIND.RATE_LIMIT, retry_after=600))
    other = second(fails(KIND.SERVER), "hello")
    reply = await retrying(model, other).complete(REQUEST, timeout_seconds=20)
    assert (reply.text, other.asked) == ("hello", 2)


@pytest.mark.parametrize("kind", [KIND.PROTOCOL, KIND.CONNECTION])
async def test_another_model_does_not_mend_the_network(first, second, retrying, kind):
    model, other = first(fails(kind)), second("hello")
    with pytest.raises(ModelError):
        await retrying(model, other).complete(REQUEST, timeout_seconds=60)
    assert (model.asked, other.asked) == (3, 0)


async def test_no_fallback_without_time(first, second, retrying):
    model, other = first(fails(KIND.TIMEOUT), takes=20), second("hello")
    with pytest.raises(ModelError) as caught:
        await retrying(model, other).complete(REQUEST, timeout_seconds=20)
    assert (caught.value.kind, other.asked) == (KIND.TIMEOUT, 0)


async def test_one_attempt_leaves_none_for_the_fallback(first, second, retrying):
    model, other = first(fails(KIND.SERVER)), second("hello")
    with pytest.raises(ModelError):
        await retrying(model, other, max_attempts=1).complete(REQUEST, timeout_seconds=60)
    assert (model.asked, other.asked) == (1, 0)


@pytest.mark.parametrize("max_attempts", [1, 3])
async def test_a_model_that_does_not_exist_is_replaced_and_remembered(
    clock, first, second, retrying, max_attempts
):
    model, other = first(MISSING), second("hello")
    both = retrying(model, other, max_attempts=max_attempts)
    assert (await both.complete(REQUEST, timeout_seconds=60)).model == "second"
    await both.complete(REQUEST, timeout_seconds=60)
    assert (model.asked, other.asked, clock.slept) == (1, 2, [])
    clock.now += 3600
    await both.complete(REQUEST, timeout_seconds=60)
    assert (model.asked, other.asked) == (2, 3)


async def test_a_misspelt_fallback_does_not_hide_the_first_error(first, second, retrying):
    model, other = first(fails(KIND.SERVER)), second(MISSING)
    with pytest.raises(ModelError) as caught:
        await retrying(model, other).complete(REQUEST, timeout_seconds=60)
    assert caught.value.kind is KIND.SERVER


async def test_neither_model_exists(first, second, retrying):
    with pytest.raises(ModelError) as caught:
        await retrying(first(MISSING), second(MISSING)).complete(REQUEST, timeout_seconds=60)
    assert caught.value.kind is KIND.AUTH


async def test_the_fallbacks_own_error_counts(first, second, retrying):
    model, other = first(fails(KIND.SERVER)), second(fails(KIND.QUOTA))
    with pytest.raises(ModelError) as caught:
        await retrying(model, other).complete(REQUEST, timeout_seconds=60)
    assert caught.value.kind is KIND.QUOTA


async def test_the_same_words_are_not_streamed_twice(first, retrying):
    model = first(fails(KIND.PROTOCOL), "You are booked")
    model.speaks = "You are"
    pieces: list[str] = []
    reply = await retrying(model).complete(REQUEST, timeout_seconds=60, on_text=pieces.append)
    assert (pieces, model.streamed) == (["You are"], [True, False])
    assert reply.text == "You are booked"


async def test_an_attempt_that_never_spoke_leaves_the_stream_to_the_next(first, retrying):
    model = first(fails(KIND.SERVER), "Hello")
    await retrying(model).complete(REQUEST, timeout_seconds=60, on_text=print)
    assert model.streamed == [True, True]
