"""What a request costs before the model says a word: its tokens, and how many of them are cached.

The strict fake serialises a request as the provider's cache sees it, and counts as it does. The
numbers for the whole product, on PostgreSQL, are printed by `python -m benchmarks.conversation`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest

from assistant.app import PROMPTS
from assistant.model.bodies import Manner, responses_body
from assistant.model.port import AssistantText, Item, ModelRequest, ToolCall, ToolResult, UserText
from assistant.model.tool_json import responses_tool
from assistant.prompts.loader import PromptBook
from assistant.prompts.render import envelope, system_prompt
from assistant.prompts.sample import sample_business
from assistant.prompts.tokens import estimate
from assistant.turn.request import build_request, request_items, tool_specs
from tests.conftest import NOW, load_example
from tests.fakes.openai.strict import Limits
from tests.fakes.openai.strict_responses import check_responses
from tests.fakes.openai.usage import PromptCache, prompt_bytes, tokens_of
from tools.support.registry import discover

CUSTOMERS, TURNS = 50, 20
LANGUAGES = ("en", "de", "ru", "es")
TOOLS = tool_specs(discover())
BOOK = PromptBook.load(PROMPTS)


def test_the_three_named_tools_take_at_most_450_tokens() -> None:
    named = ("create_appointment", "get_available_slots", "get_customer")
    sent = [json.dumps(responses_tool(spec)) for spec in TOOLS if spec.name in named]
    assert len(sent) == 3
    assert sum(map(estimate, sent)) <= 450


def requests() -> Iterator[ModelRequest]:
    """Yield what is sent: 50 customers in turn, their talk growing, days passing."""
    talks: dict[int, list[Item]] = {customer: [] for customer in range(CUSTOMERS)}
    now, file = NOW, load_example()
    for turn in range(TURNS):
        for customer, talk in talks.items():
            now += dt.timedelta(minutes=7)
            business = sample_business(file)  # another object each time, as after each reading
            said = f"What is free on day {turn}? ({customer})"
            newest = envelope(
                said,
                book=BOOK,
                business=business,
                now=now,
                customer_name=f"Customer {customer}",
                customer_language=LANGUAGES[customer % 4],
                customer_zone="Asia/Kathmandu" if customer % 7 == 0 else None,
            )
            yield build_request(
                business,
                system_prompt(business, BOOK),
                request_items(talk, newest),
                TOOLS,
                tools_allowed=turn % 5 != 4,
                safety_identifier=f"customer-{customer}",
                max_output_tokens=1024,
            )
            call_id = f"call_{customer}_{turn}"
            talk += [
                UserText(said),
                ToolCall(call_id, "get_services", "{}"),
                ToolResult(call_id, '{"services":[]}'),
                AssistantText("Which of these would you like?"),
            ]


@pytest.fixture(scope="module")
def sent() -> list[tuple[dict[str, Any], bytes]]:
    """The bodies, and their bytes in the order in which the provider caches them."""
    bodies = [responses_body(request, Manner("gpt-6-luna")) for request in requests()]
    prompts = [prompt_bytes([b["tools"], b["instructions"], *b["input"]]) for b in bodies]
    assert check_responses(bodies[-1], Limits()) == prompts[-1]  # as the strict fake counts
    return list(zip(bodies, prompts, strict=True))


def test_a_thousand_turns_of_fifty_customers_have_one_prefix(
    sent: list[tuple[dict[str, Any], bytes]],
) -> None:
    assert len(sent) == 1000
    assert len({body["prompt_cache_key"] for body, _ in sent}) == 1
    # The first message of the input follows the static part; 1,024 tokens are the least cached.
    first = sent[0][1]
    static_bytes = first.index(b'{"type":"message"')
    assert tokens_of(first[:static_bytes]) >= 1024
    assert {prompt[:static_bytes] for _, prompt in sent} == {first[:static_bytes]}


def test_seventy_per_cent_of_the_input_is_cached_from_the_second_call_on(
    sent: list[tuple[dict[str, Any], bytes]],
) -> None:
    cache = PromptCache()
    shares = [cache.cached_tokens("model", "key", prompt) / tokens_of(prompt) for _, prompt in sent]
    assert min(shares[1:]) >= 0.7
