"""What is measured: somebody who books for a customer, and answers."""

from __future__ import annotations

from typing import Any, Protocol

API_KEY = "sk-benchmark"


class Party(Protocol):
    """One way to build the assistant. Made once in a process, then used for every booking."""

    async def book(self, number: int) -> str:
        """Let a customer book, from the request's parts to the words that confirm it.

        Args:
            number: which booking; each one wants another time.

        Returns:
            What the customer is told.
        """
        ...

    async def prepare(self, turns: int, bookings: int) -> None:
        """Let the next customers have a history, in whatever form the library takes it.

        Args:
            turns: earlier turns, of four messages each.
            bookings: how many bookings will follow.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class Opener(Protocol):
    """Makes a party."""

    async def __call__(self, base_url: str, http_client: Any = None) -> Party:
        """Make it.

        Args:
            base_url: of the model's server.
            http_client: an `httpx2.AsyncClient` that counts; None = the library's own.
        """
        ...


def expect_booked(count: int, expected: int = 1) -> None:
    """Check that what was to be booked was booked, once.

    Raises:
        RuntimeError: it didn't; what was measured would mean nothing.
    """
    if count != expected:
        raise RuntimeError(f"{count} appointments were booked, not {expected}")
