"""What is worth counting while customers are answered, in no monitoring system's words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from enum import StrEnum

from assistant.model.port import Usage


class Stage(StrEnum):
    """Where the time between a message and its answer goes."""

    QUEUE_WAIT = "queue_wait"  # from the inbox to a worker, the wait for more of a burst included
    MODEL = "model"  # one call, retries included
    TOOLS = "tools"  # one tool call
    DATABASE = "database"  # one transaction of the turn itself: its opening, its end
    DELIVERY = "delivery"  # from the time a message was due until it was sent


class Work(StrEnum):
    """What a process does for somebody, as a whole."""

    TURN = "turn"  # a message or burst, from a worker's hands until its answer is in the outbox
    DELIVERY = "delivery"  # one message to somebody: put into words, sent, and its outcome noted


class ToolOutcome(StrEnum):
    """How a tool call ended."""

    OK = "ok"
    REFUSED = "refused"
    BAD_ARGUMENTS = "bad_arguments"
    TIMEOUT = "timeout"
    FAILED = "failed"


class SendOutcome(StrEnum):
    """How an attempt to send ended."""

    SENT = "sent"
    RETRIED = "retried"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DROPPED = "dropped"  # not wanted any more


class Recorder:
    """Takes note of what happens. This one forgets it: for the terminal and for tests.

    None of its methods may raise or wait: a customer's answer never depends on them.
    """

    def turn(self, kind: str, outcome: str, seconds: float) -> None:
        """A turn ended, so long after its message came in."""

    def stage(self, stage: Stage, seconds: float) -> None:
        """Something took that long."""

    def tool(self, name: str, outcome: ToolOutcome) -> None:
        """A tool was called; `name` is one that exists, or "unknown"."""

    def refusal(self, code: str) -> None:
        """The rules refused what somebody wanted."""

    def model_call(self, model: str, usage: Usage) -> None:
        """The model answered."""

    def transcribed(self, model: str, usage: Usage, seconds: float) -> None:
        """A voice message of so many seconds was heard."""

    def model_error(self, kind: str) -> None:
        """A call of the model failed for good."""

    def send(self, kind: str, outcome: SendOutcome) -> None:
        """An attempt to send a message ended; `kind` is the outbox row's."""

    def set_aside(self) -> None:
        """An update could not be handled and waits for a person."""

    def span(
        self, what: Work | Stage, *, caused_by: str = "", **ids: int
    ) -> AbstractContextManager[None]:
        """Let the body be known as one piece; what is noted within belongs to it.

        Args:
            caused_by: the `trace` of the outbox row that it is about; "" = none is known.
            ids: numbers that name it, beside those in the log's context.
        """
        return _NOTHING

    @contextmanager
    def timed(self, stage: Stage) -> Iterator[None]:
        """Note how long the body took, however it ends."""
        with self.span(stage):
            began = time.monotonic()
            try:
                yield
            finally:
                self.stage(stage, time.monotonic() - began)


_NOTHING = nullcontext()


class Recorders(Recorder):
    """Several that take note of the same."""

    def __init__(self, *recorders: Recorder) -> None:
        self._recorders = recorders

    def turn(self, kind: str, outcome: str, seconds: float) -> None:
        """Pass it on."""
        for each in self._recorders:
            each.turn(kind, outcome, seconds)

    def stage(self, stage: Stage, seconds: float) -> None:
        """Pass it on."""
        for each in self._recorders:
            each.stage(stage, seconds)

    def tool(self, name: str, outcome: ToolOutcome) -> None:
        """Pass it on."""
        for each in self._recorders:
            each.tool(name, outcome)

    def refusal(self, code: str) -> None:
        """Pass it on."""
        for each in self._recorders:
            each.refusal(code)

    def model_call(self, model: str, usage: Usage) -> None:
        """Pass it on."""
        for each in self._recorders:
            each.model_call(model, usage)

    def transcribed(self, model: str, usage: Usage, seconds: float) -> None:
        """Pass it on."""
        for each in self._recorders:
            each.transcribed(model, usage, seconds)

    def model_error(self, kind: str) -> None:
        """Pass it on."""
        for each in self._recorders:
            each.model_error(kind)

    def send(self, kind: str, outcome: SendOutcome) -> None:
        """Pass it on."""
        for each in self._recorders:
            each.send(kind, outcome)

    def set_aside(self) -> None:
        """Pass it on."""
        for each in self._recorders:
            each.set_aside()

    @contextmanager
    def span(self, what: Work | Stage, *, caused_by: str = "", **ids: int) -> Iterator[None]:
        """Pass it on."""
        with ExitStack() as stack:
            for each in self._recorders:
                stack.enter_context(each.span(what, caused_by=caused_by, **ids))
            yield
