"""The contract of a tool: what is refused at import, and what the model gets to see."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, Field

from assistant.prompts.tokens import estimate
from booking.refusals import Refusal, RefusalCode
from tests.fakes.openai.schema import check_strict_schema
from tools.support.context import ToolContext
from tools.support.contract import (
    ArgumentProblem,
    Effect,
    ToolArgs,
    ToolResult,
    render,
    tool,
)
from tools.support.outcomes import MAX_RESULT_CHARACTERS
from tools.support.registry import Registry, discover
from tools.support.schema import ToolContractError, lint

NAMED = ("get_available_slots", "create_appointment", "get_customer")


def declare(arguments: type[ToolArgs], name: str = "do_it") -> Any:
    async def run(ctx: ToolContext, args: ToolArgs) -> ToolResult:
        """Do it."""
        return ToolResult()

    run.__annotations__["args"] = arguments
    run.__name__ = name
    return tool(effect=Effect.READ)(run)


def test_every_tool_of_the_package_is_found_and_valid_for_openai() -> None:
    registry = discover()
    assert set(registry) >= {
        "get_available_slots",
        "create_appointment",
        "get_customer",
        "get_my_appointments",
        "get_services",
        "get_business_facts",
        "update_customer",
        "cancel_appointment",
        "reschedule_appointment",
    }
    assert list(registry) == sorted(registry)
    for entry in registry.values():
        check_strict_schema(entry.parameters, owner=entry.name, param="tools", code=None)


@pytest.mark.parametrize("field", ["customer_id", "user_id", "telegram_id", "chat_id", "customer"])
def test_identity_can_not_be_an_argument(field: str) -> None:
    parts = {"__annotations__": {field: int}, field: Field(description="whose")}
    arguments = type("Args", (ToolArgs,), parts)
    with pytest.raises(ToolContractError, match=f"arguments.{field}: identity"):
        declare(arguments)


def test_a_default_is_refused_with_advice() -> None:
    class Args(ToolArgs):
        day: str = Field(default="today", description="the day")

    with pytest.raises(
        ToolContractError, match=r"arguments\.day: every field is required.*without a default"
    ):
        declare(Args)


def test_a_length_is_refused() -> None:
    class Args(ToolArgs):
        day: str = Field(min_length=3, description="the day")

    with pytest.raises(ToolContractError, match=r"arguments\.day: `minLength`"):
        declare(Args)


def test_a_field_without_description_is_refused() -> None:
    class Args(ToolArgs):
        day: str

    with pytest.raises(ToolContractError, match=r"arguments\.day: the field has no description"):
        declare(Args)


def test_a_nested_model_is_checked_too() -> None:
    class Part(BaseModel):
        day: str = Field(description="the day")

    class Args(ToolArgs):
        part: Part

    with pytest.raises(ToolContractError, match=r"\$defs|Part"):
        declare(Args)


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"type": "object", "anyOf": []}, "union"),
        ({"type": "string"}, "one object"),
        ({"type": "object", "properties": {}, "required": []}, "extra"),
        (
            {
                "type": "object",
                "properties": {"a": {"oneOf": [], "description": "x"}},
                "required": ["a"],
                "additionalProperties": False,
            },
            r"arguments\.a: `oneOf`",
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/A", "description": "x"}},
                "required": ["a"],
                "additionalProperties": False,
            },
            r"arguments\.a: .* can't have a description of its own",
        ),
    ],
)
def test_what_is_outside_the_strict_subset_is_refused(schema: dict[str, Any], path: str) -> None:
    with pytest.raises(ToolContractError, match=path):
        lint("bad", schema)


def test_two_tools_of_one_name_are_refused() -> None:
    class Args(ToolArgs):
        """None."""

    first, second = declare(Args), declare(Args)
    with pytest.raises(ToolContractError, match="do_it: two tools"):
        Registry([first.__tool__, second.__tool__])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("{", "arguments: Invalid JSON"),
        ("[]", "arguments: "),
        ('{"service": 1, "when": "x", "staff": null, "notes": null}', "service: "),
        ('{"service": "a", "staff": null, "seats": null, "notes": null}', "when: Field required"),
        (
            '{"service": "a", "when": "x", "staff": null, "notes": null, "customer_id": 7}',
            "customer_id: Extra inputs",
        ),
    ],
)
def test_argument_errors_name_the_field_and_what_is_wrong(raw: str, said: str) -> None:
    problem = discover()["create_appointment"].parse(raw)
    assert isinstance(problem, ArgumentProblem)
    assert said in problem.error


def test_results_are_compact_and_capped() -> None:
    class Long(ToolResult):
        text: str

    assert render(Long(text="a", next="b")) == '{"text":"a","next":"b"}'
    assert len(render(Long(text="x" * 10_000))) <= MAX_RESULT_CHARACTERS
    refused = json.loads(render(Refusal(code=RefusalCode.NOT_FOUND, what="staff", choices=("a",))))
    assert refused == {"refused": "not_found", "what": "staff", "choices": ["a"]}


def test_the_three_named_tools_stay_small() -> None:
    registry = discover()
    sent = [
        json.dumps(
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
        )
        for tool in map(registry.__getitem__, NAMED)
    ]
    assert sum(map(estimate, sent)) <= 450


def test_what_is_left_out_counts_as_null_where_null_is_allowed() -> None:
    args = discover()["create_appointment"].parse('{"service": "a", "when": "x"}')
    assert not isinstance(args, ArgumentProblem)
    assert args.model_dump() == {
        "service": "a",
        "when": "x",
        "staff": None,
        "seats": None,
        "notes": None,
        "then": None,
    }
