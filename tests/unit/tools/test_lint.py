"""Each rule of the contract: what breaks it, and what the message says about it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import (
    AnyUrl,
    BaseModel,
    Field,
    Json,
    PydanticUserError,
    SecretStr,
    create_model,
)
from pydantic_core import SchemaError

from tests.fakes.openai.schema import check_strict_schema
from tools.support.context import ToolContext
from tools.support.contract import Effect, ToolArgs, ToolResult, tool
from tools.support.lint import RULES, ToolContractError, offence
from tools.support.registry import Registry
from tools.support.schema import lint, schema_of

if TYPE_CHECKING:
    from tools.support.say import Day as Unknown

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "tools.md"
read = tool(effect=Effect.READ)


class Nothing(ToolArgs):
    """No arguments."""


class Part(BaseModel):
    """A part that takes whatever comes."""

    day: str = Field(description="the day")


async def do_it(ctx: ToolContext, args: Nothing) -> ToolResult:
    """Do it."""
    return ToolResult()


def signature() -> None:
    async def run(ctx: ToolContext, args: Nothing, more: int) -> ToolResult:
        """Do it."""
        return ToolResult()

    read(run)


def not_async() -> None:
    def run(ctx: ToolContext, args: Nothing) -> ToolResult:
        """Do it."""
        return ToolResult()

    read(run)


def arguments() -> None:
    async def run(ctx: ToolContext, args: dict[str, str]) -> ToolResult:
        """Do it."""
        return ToolResult()

    read(run)


def hints() -> None:
    async def run(ctx: ToolContext, args: Unknown) -> ToolResult:
        """Do it."""
        return ToolResult()

    read(run)


def name() -> None:
    async def doIt(ctx: ToolContext, args: Nothing) -> ToolResult:
        """Do it."""
        return ToolResult()

    read(doIt)


def description() -> None:
    async def run(ctx: ToolContext, args: Nothing) -> ToolResult:
        return ToolResult()

    read(run)


def twice() -> None:
    Registry([read(do_it).__tool__, read(do_it).__tool__])  # type: ignore[attr-defined]


def schema(part: dict[str, Any], field: str = "day") -> Callable[[], None]:
    """Return what lints a schema with one field."""
    whole = {
        "type": "object",
        "properties": {field: part},
        "required": [field],
        "additionalProperties": False,
    }
    return lambda: lint("somewhere", whole)


def optional() -> None:
    lint("x", {"type": "object", "properties": {"a": {}}, "additionalProperties": False})


WRITTEN: dict[str, list[Callable[[], None]]] = {
    "signature": [signature, not_async],
    "arguments": [arguments],
    "hints": [hints],
    "name": [name],
    "description": [description],
    "twice": [twice],
    "union": [lambda: lint("x", {"type": "object", "anyOf": []}), lambda: lint("x", {})],
    "siblings": [schema({"$ref": "#/$defs/Part", "description": "x"})],
    "extra": [lambda: lint("x", Part.model_json_schema())],
    "optional": [optional],
    "identity": [
        schema({"type": "integer", "description": "x"}, field)
        for field in (
            "customer_id customerId user Telegram_ID chat_id owner user_ids telegram_user_id"
            " for_user customer_phone customer-email client_number patient_id personId"
            " username on_behalf_of business_id tenant"
        ).split()
    ],
    "keyword": [
        schema({"description": "x", "type": "string", word: 1})
        for word in ("prefixItems", "examples", "items", "minimum", "contentMediaType")
    ],
    "untyped": [schema({"description": "x"}), schema({"description": "x", "type": "array"})],
    "format": [schema({"description": "x", "type": "string", "format": "path"})],
    "pattern": [schema({"description": "x", "type": "string", "pattern": "^(?!a)"})],
    "described": [schema({"type": "string"})],
}
KEYWORDS = (
    "oneOf allOf not default minLength maxLength patternProperties propertyNames uniqueItems if"
    " dependentRequired dependentSchemas"
).split()
WRITTEN |= {word: [schema({"description": "x", word: 1})] for word in KEYWORDS}
CASES = [(rule, case) for rule, cases in WRITTEN.items() for case in cases]


@pytest.mark.parametrize(("rule", "breaks"), CASES, ids=[rule for rule, _ in CASES])
def test_what_breaks_a_rule_is_told_with_place_and_correction(
    rule: str, breaks: Callable[[], None]
) -> None:
    with pytest.raises(ToolContractError) as error:
        breaks()
    said = str(error.value)
    for part in (RULES[rule].problem, RULES[rule].fix):
        # Braces stand for what is filled in.
        assert re.search(re.sub(r"\\\{\w+\\\}", ".+", re.escape(part)), said), said
    assert "; to correct it, " in said
    assert not said.startswith(RULES[rule].problem[:10]), "the place comes first"


def test_the_place_is_file_line_tool_and_path() -> None:
    class Args(ToolArgs):
        day: str

    async def run(ctx: ToolContext, args: ToolArgs) -> ToolResult:
        """Do it."""
        return ToolResult()

    run.__annotations__["args"] = Args
    line = run.__code__.co_firstlineno
    with pytest.raises(ToolContractError, match=f"{re.escape(__file__)}, line {line}: tool run: "):
        read(run)


def test_all_that_is_wrong_with_a_tool_is_told_at_once() -> None:
    class Args(ToolArgs):
        customer_id: int
        note: str = Field(default="", min_length=1, description="a note")

    async def bookIt(ctx: ToolContext, args: ToolArgs) -> ToolResult:
        return ToolResult()

    bookIt.__annotations__["args"] = Args
    with pytest.raises(ToolContractError) as error:
        read(bookIt)
    lines = str(error.value).splitlines()
    broken = ["name", "description", "identity", "described", "optional", "default", "minLength"]
    assert [any(RULES[rule].problem in line for line in lines) for rule in broken] == [True] * 7
    assert len(lines) == 7
    assert sum("arguments.customer_id: " in line for line in lines) == 2
    assert sum("arguments.note: " in line for line in lines) == 3
    assert all(line.startswith(f"{__file__}, line ") for line in lines)


TYPES: list[Any] = [
    *(Any, object, None, str, int, float, bool, bytes, complex, Path, Decimal, SecretStr, Json),
    *(dt.date, dt.datetime, dt.time, dt.timedelta, UUID, IPv4Address, AnyUrl, Part, Nothing),
    *(list, list[str], list[Any], list[Part], list[list[Nothing]], set[str], frozenset[int]),
    *(tuple[str, int], tuple[str, ...], tuple[()], dict, dict[str, str], dict[str, int] | None),
    *(int | str, Nothing | None, list[int] | str | None, Literal["a"], Literal["a", 1]),
    *(Literal["a"] | None, Literal["a", "b"] | None, Annotated[str, Field(pattern="^(?=a)a$")]),
    *(Annotated[str, Field(min_length=1)], Annotated[int, Field(gt=1, multiple_of=2)]),
    *(Annotated[list[str], Field(max_length=3)], Annotated[str, Field(examples=["x"])]),
    *(Annotated[str, Field(deprecated=True)], Annotated[str, Field(json_schema_extra={"x": 1})]),
]


@pytest.mark.parametrize("annotation", TYPES, ids=str)
def test_what_the_lint_lets_through_the_provider_takes(annotation: Any) -> None:
    field = (annotation, Field(description="x"))
    try:
        given = schema_of(create_model("Args", __base__=ToolArgs, field=field))
        lint("somewhere", given)
    except (ToolContractError, PydanticUserError, SchemaError):
        return
    check_strict_schema(given, owner="it", param="tools", code=None)


def test_the_lint_lets_through_what_tools_need() -> None:
    for annotation in (str, int, bool, dt.date, list[str], str | None, Literal["a"] | None):
        field = (annotation, Field(description="x"))
        lint("somewhere", schema_of(create_model("Args", __base__=ToolArgs, field=field)))
    for name in ("name", "phone", "email", "contact", "staff", "person", "guests", "notes"):
        schema({"type": "string", "description": "x"}, name)()


def test_a_single_choice_or_null_can_be_null() -> None:
    field = (Literal["a"] | None, Field(description="x"))
    part = schema_of(create_model("Args", __base__=ToolArgs, field=field))["properties"]["field"]
    assert part == {"type": ["string", "null"], "enum": ["a", None], "description": "x"}


def test_every_rule_is_broken_here_or_by_packages() -> None:
    # The rules about packages are broken in tests/unit/tools/test_packages.py.
    elsewhere = {rule for rule in RULES if rule.startswith("entry_")} | {"module"}
    assert set(RULES) - elsewhere == set(WRITTEN)


def test_the_guide_lists_the_rules_as_they_are() -> None:
    page = GUIDE.read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", page.split("<!-- rules -->")[1], re.MULTILINE)
    listed = [tuple(cell.replace("\\|", "|") for cell in row) for row in rows[1:]]
    assert listed[1:] == [(rule.problem, rule.fix) for rule in RULES.values()]


def test_values_are_filled_in() -> None:
    error = offence("hints", "a.py, line 3", hint="Day")
    assert str(error).startswith("a.py, line 3: the annotation Day isn't known at import; to ")
