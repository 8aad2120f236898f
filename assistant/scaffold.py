"""Writes a new tool and its test: a start that passes every check and is worth changing."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable
from pathlib import Path

from tools.support.registry import discover

ROOT = Path(__file__).resolve().parents[1]
# Each request carries the names of all tools; the lines of the templates stay under 100, too.
MAX_NAME = 32

_READ = '''\
"""TITLE."""

from __future__ import annotations

from pydantic import Field

from tools.support.context import ToolContext
from tools.support.contract import Effect, ToolArgs, ToolResult, tool


class Args(ToolArgs):
    """What the model passes: every field described, optional = `X | None` without a default."""

    topic: str | None = Field(description="what the customer asks about, or null for all")


class Result(ToolResult):
    """What the model reads: short fields."""

    facts: dict[str, str]


@tool(effect=Effect.READ)
async def NAME(ctx: ToolContext, args: Args) -> Result:
    """Return facts about the business; this line is what the model reads of the tool."""
    wanted = (args.topic or "").lower()
    facts = {
        topic: text.get(ctx.language)
        for topic, text in ctx.business.facts.items()
        if wanted in topic.lower()
    }
    return Result(facts=facts)
'''

_WRITE = '''\
"""TITLE."""

from __future__ import annotations

from pydantic import Field

from db.store import UnitOfWork
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem, Effect, Outcome, ToolArgs, ToolResult, tool


class Args(ToolArgs):
    """What the model passes: every field described, optional = `X | None` without a default."""

    name: str = Field(description="the name that the customer wants to be called by")


class Result(ToolResult):
    """What the model reads: what was written, as it was written."""

    name: str


@tool(effect=Effect.WRITE, max_per_turn=1)
async def NAME(ctx: ToolContext, args: Args) -> Outcome:
    """Save the customer's first name; this line is what the model reads of the tool."""
    name = " ".join(args.name.split())
    if not 1 <= len(name) <= 60:
        return ArgumentProblem(error="name: 1 to 60 characters", next="Ask for it again.")

    async def work(uow: UnitOfWork) -> Outcome:
        # One transaction with the turn's journal. It may run again: what it does twice must come
        # to the same. The customer is the chat's, never an argument.
        await uow.customers.update_customer(ctx.customer.id, first_name=name)
        return Result(name=name)

    return await ctx.write(work)
'''

_READ_TEST = '''\
"""The tool NAME."""

from __future__ import annotations

import json

from tools.NAME import Args, NAME
from tools.support.context import ToolContext
from tools.support.contract import render
from tools.support.registry import discover


async def test_the_facts_are_told(context: ToolContext) -> None:
    result = await NAME(context, Args(topic=None))
    assert set(result.facts) == set(context.business.facts)
    assert json.loads(render(result)) == {"facts": result.facts}


async def test_a_topic_narrows_them_down(context: ToolContext) -> None:
    topic = next(iter(context.business.facts))
    result = await NAME(context, Args(topic=topic.upper()))
    assert set(result.facts) == {topic}
    result = await NAME(context, Args(topic="no such topic"))
    assert result.facts == {}


def test_the_model_is_offered_it() -> None:
    assert "NAME" in discover()
'''

_WRITE_TEST = '''\
"""The tool NAME."""

from __future__ import annotations

import pytest

from db.store import Store
from tools.NAME import Args, Result, NAME
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem, Effect
from tools.support.registry import discover


async def test_the_chats_customer_is_changed(context: ToolContext, store: Store) -> None:
    result = await NAME(context, Args(name="  Grace  Hopper "))
    assert result == Result(name="Grace Hopper")
    customer = await store.run(
        context.business, lambda uow: uow.customers.get_customer_by_id(context.customer.id)
    )
    assert customer is not None
    assert customer.first_name == "Grace Hopper"


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
async def test_what_is_no_name_is_refused_in_words(context: ToolContext, name: str) -> None:
    result = await NAME(context, Args(name=name))
    assert isinstance(result, ArgumentProblem)


def test_the_model_is_offered_it() -> None:
    assert discover()["NAME"].effect is Effect.WRITE
'''


class ScaffoldError(ValueError):
    """The tool can't be written; says why and what to do instead."""


def new_tool(name: str, *, write: bool = False, root: Path = ROOT) -> tuple[Path, Path]:
    """Write a tool and its test.

    Args:
        name: of the function, the file and, to the model, the tool: a verb and its object.
        write: whether it changes something.
        root: the project's folder.

    Returns:
        The two files.

    Raises:
        ScaffoldError: the name can't be used, or there is such a tool or file.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or len(name) > MAX_NAME:
        raise ScaffoldError(
            f"{name!r} can't be a tool's name: use small letters, digits and underscores, at most"
            f" {MAX_NAME}, such as get_opening_hours"
        )
    templates = (_WRITE, _WRITE_TEST) if write else (_READ, _READ_TEST)
    if keyword.iskeyword(name) or name == "support" or name in _names_in(templates):
        raise ScaffoldError(f"{name!r} is a reserved word; add what it is about: {name}_something")
    if name in discover():
        raise ScaffoldError(f"there is a tool {name} already; choose another name")
    tool = root / "tools" / f"{name}.py"
    test = root / "tests" / "integration" / "tools" / f"test_{name}.py"
    for path in (tool, test):
        if path.exists():
            raise ScaffoldError(f"{path} is there already; nothing was changed")
    try:
        for path, template in zip((tool, test), templates, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_filled(template, name), encoding="utf-8")
    except OSError as error:
        raise ScaffoldError(f"{error.filename} can't be written: {error.strerror}") from error
    return tool, test


def _names_in(templates: Iterable[str]) -> set[str]:
    """Return the names that the written files use themselves: a tool called so would hide them."""
    nodes = [node for template in templates for node in ast.walk(ast.parse(template))]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    return names | {each.asname or each.name for node in imports for each in node.names}


def _filled(template: str, name: str) -> str:
    title = " ".join(name.split("_")).capitalize()
    lines = template.replace("TITLE", title).replace("NAME", name).split("\n")
    # Where the new module stands among the imports depends on its name.
    imports = [n for n, line in enumerate(lines) if line.startswith("from tools.")]
    lines[imports[0] : imports[-1] + 1] = sorted(
        lines[imports[0] : imports[-1] + 1], key=lambda line: line.split()[1]
    )
    return "\n".join(lines)
