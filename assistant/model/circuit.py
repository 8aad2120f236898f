"""A circuit breaker: when the model is away, the customer doesn't wait to find out."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

from assistant.model.port import (
    RETRIED,
    Model,
    ModelError,
    ModelErrorKind,
    ModelReply,
    ModelRequest,
    TextSink,
)


class CircuitState(StrEnum):
    """Whether requests pass."""

    CLOSED = "closed"  # all pass
    OPEN = "open"  # none passes
    HALF_OPEN = "half_open"  # one is on its way to find out


#: Kinds nobody but an admin can mend: waiting for a second failure helps no one.
OPENS_AT_ONCE = frozenset({ModelErrorKind.QUOTA, ModelErrorKind.AUTH})

OnChange = Callable[[CircuitState, ModelError | None], None]


class CircuitBreaker:
    """Passes requests on until the model behind it is clearly away.

    Opens at once on `OPENS_AT_ONCE`, else after several failures of the service in a row. An error
    about the request itself (pairing, context, bad request) is an answer: it opens nothing, or one
    customer's broken history would shut the model off for all. After a pause one request is let
    through as a probe; each probe that fails doubles the pause.

    Args:
        model: behind the breaker, retries included.
        failures_to_open: in a row.
        pause_seconds: the first pause.
        max_pause_seconds: pauses grow to this.
        on_change: told OPEN with the error when it opens, again when a probe fails for another kind
            of reason, and CLOSED with None when it closes. Must not raise.
        monotonic: seconds that never go back.
    """

    def __init__(
        self,
        model: Model,
        *,
        failures_to_open: int = 3,
        pause_seconds: float = 15.0,
        max_pause_seconds: float = 300.0,
        on_change: OnChange | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._failures_to_open = failures_to_open
        self._first_pause_seconds = pause_seconds
        self._max_pause_seconds = max_pause_seconds
        self._on_change = on_change
        self._monotonic = monotonic
        self._failures = 0
        self._reason: ModelError | None = None
        self._pause_seconds = pause_seconds
        self._probe_at = 0.0
        self._probing = False

    @property
    def state(self) -> CircuitState:
        """The state now; OPEN until a probe starts, however long ago the pause ended."""
        if self._reason is None:
            return CircuitState.CLOSED
        return CircuitState.HALF_OPEN if self._probing else CircuitState.OPEN

    @property
    def reason(self) -> ModelError | None:
        """The error that keeps it open; None while closed."""
        return self._reason

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        """Answer one request; see `Model.complete`.

        Raises:
            ModelError: CIRCUIT_OPEN at once while open; otherwise what the model raised.
        """
        probe = self._reason is not None
        if self._reason is not None:
            self._refuse_unless_due(self._reason)
            self._probing = True
        try:
            reply = await self._model.complete(
                request, timeout_seconds=timeout_seconds, on_text=on_text
            )
        except ModelError as error:
            self._failed(error, probe=probe)
            raise
        else:
            self._answered(probe=probe)
            return reply
        finally:
            # A cancelled probe proves nothing, but must let the next one go.
            if probe:
                self._probing = False

    def _refuse_unless_due(self, reason: ModelError) -> None:
        wait = self._probe_at - self._monotonic()
        if self._probing or wait > 0:
            raise ModelError(
                ModelErrorKind.CIRCUIT_OPEN,
                f"not asked: {reason.message}",
                status=reason.status,
                code=reason.code,
                retry_after=max(0.0, wait),
            )

    def _answered(self, *, probe: bool) -> None:
        if self._reason is None:
            self._failures = 0
        elif probe:
            self._failures = 0
            self._reason = None
            self._pause_seconds = self._first_pause_seconds
            self._tell(CircuitState.CLOSED, None)
        # else: it opened while this request was under way; only a probe closes it.

    def _failed(self, error: ModelError, *, probe: bool) -> None:
        if error.kind not in RETRIED | OPENS_AT_ONCE:
            self._answered(probe=probe)
            return
        if probe:
            known = self._reason is not None and self._reason.kind == error.kind
            self._pause_seconds = min(self._pause_seconds * 2, self._max_pause_seconds)
            self._open(error, tell=not known)
        elif self._reason is None:
            self._failures += 1
            if error.kind in OPENS_AT_ONCE or self._failures >= self._failures_to_open:
                self._open(error, tell=True)

    def _open(self, error: ModelError, *, tell: bool) -> None:
        self._reason = error
        self._probe_at = self._monotonic() + self._pause_seconds
        if tell:
            self._tell(CircuitState.OPEN, error)

    def _tell(self, state: CircuitState, reason: ModelError | None) -> None:
        if self._on_change is not None:
            self._on_change(state, reason)
