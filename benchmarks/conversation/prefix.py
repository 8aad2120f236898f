"""How much of what is sent the provider has seen before: 1,000 turns of 50 customers.

The product's whole conversation on PostgreSQL, against the strict fake of the provider, which finds
the longest prefix shared with an earlier request as the provider's prompt cache does.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import httpx2

from benchmarks.conversation.whole_turn import open_shop

# What customers say, in turn: in four languages, with and without a tool call.
_TALK = (
    "Hi! What is free in the next days?",
    "Can I pay by card?",
    "Was ist nächste Woche frei?",
    "Kann man bei euch parken?",
    "¿Qué hay libre esta semana?",
    "Что свободно на этой неделе?",
    "Можно оплатить картой?",
)
_BETWEEN = dt.timedelta(minutes=7)


@dataclass(frozen=True, slots=True)
class Prefix:
    """What the requests of a run had in common.

    Args:
        turns, customers, calls: how many there were.
        static_parts: different instructions with tools and what else stands before the input.
        shares: cached part of the input, of each call but the first.
        share: the same over all of them together.
    """

    turns: int
    customers: int
    calls: int
    static_parts: int
    shares: tuple[float, ...]
    share: float


class _Watch:
    def __init__(self) -> None:
        self.static: set[str] = set()
        self.usage: list[tuple[int, int]] = []

    async def asked(self, request: httpx2.Request) -> None:
        body = json.loads(request.content)
        kept = {name: body[name] for name in body if name not in ("input", "safety_identifier")}
        self.static.add(json.dumps(kept))

    async def answered(self, response: httpx2.Response) -> None:
        usage = json.loads(await response.aread())["usage"]
        cached = usage["input_tokens_details"]["cached_tokens"]
        self.usage.append((usage["input_tokens"], cached))


async def measure_prefix(url: str, database_url: str, *, customers: int, turns: int) -> Prefix:
    """Let customers talk in turn, on different days and times.

    Args:
        url: of the model's server, with the script `talk`.
        database_url: of an empty database.
        customers: how many.
        turns: of each.
    """
    watch = _Watch()
    hooks: dict[str, list[Any]] = {"request": [watch.asked], "response": [watch.answered]}
    shop = await open_shop(url, database_url, httpx2.AsyncClient(event_hooks=hooks))
    try:
        for turn in range(turns):
            for customer in range(1, customers + 1):
                await shop.says(customer, _TALK[(turn + customer) % len(_TALK)])
                shop.clock.instant += _BETWEEN
    finally:
        await shop.aclose()
    later = watch.usage[1:]
    return Prefix(
        turns=turns * customers,
        customers=customers,
        calls=len(watch.usage),
        static_parts=len(watch.static),
        shares=tuple(cached / given for given, cached in later),
        share=sum(cached for _, cached in later) / sum(given for given, _ in later),
    )
