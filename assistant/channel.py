"""What the worker and the sender ask of a channel (Telegram, the terminal)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.messages import Incoming, Outgoing
from db.repositories.inbox import InboxMessage
from db.repositories.pace import Pace


@dataclass(frozen=True, slots=True)
class Sent:
    """The message is out; `message_id` is the channel's number of (the last part of) it."""

    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class RetryLater:
    """It surely was not delivered; try again after that many seconds.

    Args:
        exact: the channel has asked for just that pause; else it grows with each attempt.
    """

    after_seconds: float
    reason: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The person can't be reached there any more (blocked, deactivated, no such chat)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The channel will never take this message."""

    reason: str


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """The connection broke after the request went out: it may or may not have arrived."""

    reason: str


Delivery = Sent | RetryLater | Unreachable | Rejected | OutcomeUnknown


class Handler(Protocol):
    """Answers one message of a person: `assistant.conversation.Conversation`."""

    async def handle(self, incoming: Incoming, *, inbox_ids: Sequence[int]) -> None:
        """Answer `incoming` and mark the inbox rows done in the answer's transaction.

        Raises:
            DatabaseUnavailableError: nothing was lost; the worker tries the lane again later.
            BurstGoesOnError: see there; the worker gives the lane back until the burst is over.
        """
        ...


class BurstGoesOnError(Exception):
    """More of a burst came while it was being answered: nothing was written, answer it as one."""


class UnparsableError(Exception):
    """An update that this version can't read. It's set aside and the lane goes on."""


class Channel(Protocol):
    """One way in and out. `name` is "telegram:<bot id>" or "terminal"."""

    name: str

    @property
    def pace(self) -> Pace | None:
        """How fast it takes messages; None = as fast as they come."""
        ...

    async def dispatch(self, message: InboxMessage, handler: Handler) -> bool:
        """Turn a stored update into an `Incoming` and let `handler` answer it.

        Returns:
            False where there is nothing to answer (the worker marks it done).

        Raises:
            UnparsableError: see there.
        """
        ...

    async def typing(self, chat_id: int) -> None:
        """Show that an answer is being written; failures are swallowed by the channel."""
        ...

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        """Send one message; never raises for what the channel or the network does."""
        ...
