"""Limits that a test may turn, and faults that a test may script."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from .errors import too_many

MAX_TEXT = 4096  # code points, after parsing
MAX_CAPTION = 1024  # code points, after parsing
MAX_CALLBACK_DATA = 64  # bytes of UTF-8
MAX_BUTTONS = 100
MAX_CALLBACK_ANSWER = 200  # code points
MAX_UPLOAD = 50 * 1024 * 1024  # bytes
MAX_DOWNLOAD = 20 * 1024 * 1024  # bytes


@dataclass
class Limits:
    """What differs between a test and the real world.

    Fields: messages a second to one chat, messages a second to all chats, messages a minute to one
    group (each None: no limit), seconds in which a button press can be answered, whether a press
    can be answered only once, and the factor on the webhook's waiting times (1.0 is the real
    server's 2, 4, 8 ... 60 s). `refused` counts the messages that were one too many.
    """

    per_chat_per_second: float | None = None
    per_second: int | None = None
    per_group_per_minute: int | None = None
    callback_ttl_seconds: float = 15 * 60.0
    answer_callback_once: bool = True
    webhook_backoff_scale: float = 1.0
    webhook_timeout_seconds: float = 60.0
    clock: Callable[[], float] = time.monotonic
    refused: int = 0
    _sent: dict[object, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def keep(self) -> None:
        """Refuse what the real server's published limits refuse."""
        self.per_chat_per_second, self.per_second, self.per_group_per_minute = 1.0, 30, 20

    def count_message(self, chat_id: int) -> None:
        """Note one message or edit to the chat; raises the 429 of the real server if too many."""
        rules: list[tuple[object, int, float]] = []
        if self.per_chat_per_second is not None:
            window = max(1.0, 1.0 / self.per_chat_per_second)
            rules.append((chat_id, max(1, int(self.per_chat_per_second * window)), window))
        if self.per_group_per_minute is not None and chat_id < 0:
            rules.append((("group", chat_id), self.per_group_per_minute, 60.0))
        if self.per_second is not None:
            rules.append(("all", self.per_second, 1.0))
        now = self.clock()
        for key, allowed, window in rules:
            sent = self._sent[key]
            while sent and now - sent[0] >= window:
                sent.popleft()
            if len(sent) >= allowed:
                self.refused += 1
                raise too_many(max(1, math.ceil(window - (now - sent[0]))))
        for key, _, _ in rules:
            self._sent[key].append(now)


class FaultKind(Enum):
    """The ways in which a call can go wrong without being wrong."""

    STATUS = "status"
    BAD_GATEWAY = "bad_gateway"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    SLOW = "slow"
    SLOW_ANSWER = "slow_answer"


@dataclass(frozen=True)
class Fault:
    """One scripted failure; build it with the named constructors."""

    kind: FaultKind
    status: int = 0
    description: str = ""
    retry_after: int | None = None
    seconds: float = 0.0

    @classmethod
    def too_many(cls, retry_after: int) -> Fault:
        """429 with whole seconds to wait; no effect."""
        text = f"Too Many Requests: retry after {retry_after}"
        return cls(FaultKind.STATUS, 429, text, retry_after)

    @classmethod
    def server_error(cls, description: str = "Internal Server Error") -> Fault:
        """500 as JSON; no effect."""
        return cls(FaultKind.STATUS, 500, description)

    @classmethod
    def refusal(cls, status: int, description: str) -> Fault:
        """Any other refusal, for example 403 while the person has blocked nothing; no effect."""
        return cls(FaultKind.STATUS, status, description)

    @classmethod
    def bad_gateway(cls) -> Fault:
        """502 with a page of HTML, as the proxies before the real server send; no effect."""
        return cls(FaultKind.BAD_GATEWAY, 502)

    @classmethod
    def drop_before(cls) -> Fault:
        """The connection breaks before the call took effect."""
        return cls(FaultKind.DROP_BEFORE)

    @classmethod
    def drop_after(cls) -> Fault:
        """The call takes effect, its answer is lost."""
        return cls(FaultKind.DROP_AFTER)

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        """The call takes effect after so many seconds."""
        return cls(FaultKind.SLOW, seconds=seconds)

    @classmethod
    def slow_answer(cls, seconds: float) -> Fault:
        """The call takes effect at once; its answer is on the way for so many seconds."""
        return cls(FaultKind.SLOW_ANSWER, seconds=seconds)
