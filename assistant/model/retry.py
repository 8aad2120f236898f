"""The one layer of retries: under the caller's deadline, over the first model and the fall-back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_exponential_jitter
from tenacity.wait import wait_base

from assistant.model.port import (
    MODEL_NOT_FOUND,
    RETRIED,
    Model,
    ModelError,
    ModelErrorKind,
    ModelReply,
    ModelRequest,
    TextSink,
)

FALLBACK_KINDS = frozenset(
    {ModelErrorKind.SERVER, ModelErrorKind.RATE_LIMIT, ModelErrorKind.TIMEOUT}
)

# Less than this is not enough for a model to answer in.
_LEAST_SECONDS = 0.5
# For so long a model that was not found is not asked again: each try costs a round trip.
_MISSING_SECONDS = 600.0


class RetryingModel:
    """A model that is asked again when that can help, and whose stand-in is asked after it.

    A rate limit is the model's own, so the fall-back is asked at once, whatever the first model's
    `Retry-After`. Without a fall-back, a `Retry-After` beyond the deadline ends the call at once.

    Args:
        first: one attempt per `complete`.
        fallback: asked when `first` doesn't exist, or keeps failing with a kind in
            `FALLBACK_KINDS` and time is left.
        max_attempts: over both models; the last one is kept for the fall-back. One more is made
            where a model turns out not to exist.
        attempt_timeout_seconds: bound of one attempt.
        wait: seconds between attempts where the provider doesn't name them.
        monotonic: seconds that never go back.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        first: Model,
        fallback: Model | None = None,
        *,
        max_attempts: int = 3,
        attempt_timeout_seconds: float = 20.0,
        wait: wait_base | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._first = first
        self._fallback = fallback
        self._max_attempts = max_attempts
        self._attempt_timeout_seconds = attempt_timeout_seconds
        self._wait = wait or wait_exponential_jitter(multiplier=0.3, max=4.0, jitter=0.3)
        self._monotonic = monotonic
        self._sleep = sleep
        self._first_missing_until = float("-inf")

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        """Answer one request; see `Model.complete`.

        Streaming stops with the first attempt that got to speak: a second one would say the same
        words again. The reply then carries the text alone.
        """
        call = _Call(self, request, timeout_seconds, on_text)
        if self._fallback is None:
            return await call.ask(self._first, self._max_attempts, frozenset())
        if self._monotonic() < self._first_missing_until:
            return await call.ask(self._fallback, self._max_attempts, frozenset())
        try:
            return await call.ask(self._first, self._max_attempts, FALLBACK_KINDS)
        except ModelError as error:
            missing = error.code == MODEL_NOT_FOUND
            left = self._max_attempts - call.attempts
            if not (missing or (error.kind in FALLBACK_KINDS and left > 0)) or call.is_over():
                raise
            if missing:
                self._first_missing_until = self._monotonic() + _MISSING_SECONDS
            first_error = error
        try:
            return await call.ask(self._fallback, max(1, left), frozenset())
        except ModelError as error:
            # A misspelt fall-back must not turn a passing trouble into "the key is no good".
            if error.code == MODEL_NOT_FOUND:
                raise first_error from error
            raise


class _Call:
    """One `complete`: its deadline, its attempts, and whether it has spoken yet."""

    def __init__(
        self,
        settings: RetryingModel,
        request: ModelRequest,
        timeout_seconds: float,
        on_text: TextSink | None,
    ) -> None:
        self._of = settings
        self._request = request
        self._on_text = on_text
        self._spoken = False
        self._deadline = settings._monotonic() + timeout_seconds
        self.attempts = 0

    def is_over(self, after_seconds: float = 0.0) -> bool:
        """Whether too little time is left, now or after a wait."""
        return self._deadline - self._of._monotonic() - after_seconds < _LEAST_SECONDS

    async def ask(
        self, model: Model, max_attempts: int, saved_for: frozenset[ModelErrorKind]
    ) -> ModelReply:
        """Ask one model until it answers, can't be helped, or attempts or time run out.

        Args:
            model: whom.
            max_attempts: of this model.
            saved_for: kinds of failure for which the last attempt is left to somebody else.
        """
        done = 0

        async def attempt() -> ModelReply:
            nonlocal done
            done += 1
            self.attempts += 1
            left = max(0.0, self._deadline - self._of._monotonic())
            return await model.complete(
                self._request,
                timeout_seconds=min(self._of._attempt_timeout_seconds, left),
                on_text=self._speak if self._on_text is not None and not self._spoken else None,
            )

        def stop(state: RetryCallState) -> bool:
            error = _error(state)
            spare = 1 if error is not None and error.kind in saved_for else 0
            return done >= max_attempts - spare or self.is_over(state.upcoming_sleep)

        retrying = AsyncRetrying(
            retry=retry_if_exception(_is_retried),
            wait=self._wait,
            stop=stop,
            sleep=self._of._sleep,
            reraise=True,
        )
        return await retrying(attempt)

    def _speak(self, piece: str) -> None:
        self._spoken = True
        if self._on_text is not None:
            self._on_text(piece)

    def _wait(self, state: RetryCallState) -> float:
        seconds = self._of._wait(state)
        error = _error(state)
        if error is None or error.retry_after is None:
            return seconds
        # Never earlier than asked; the jitter keeps a crowd from coming back at the same moment.
        return error.retry_after + seconds if error.retry_after else seconds


def _error(state: RetryCallState) -> ModelError | None:
    error = state.outcome.exception() if state.outcome is not None else None
    return error if isinstance(error, ModelError) else None


def _is_retried(error: BaseException) -> bool:
    return isinstance(error, ModelError) and error.kind in RETRIED
