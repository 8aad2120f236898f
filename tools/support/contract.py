"""The contract of a tool: typed arguments and result, facts beside it, one async function."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from tools.support.context import ToolContext
from tools.support.lint import offence, together
from tools.support.outcomes import (
    ArgumentProblem,
    HandedOff,
    Outcome,
    Proposed,
    ToolResult,
    render,
)
from tools.support.schema import offences, schema_of

__all__ = [
    "ArgumentProblem",
    "Audience",
    "Effect",
    "HandedOff",
    "Outcome",
    "Proposed",
    "Tool",
    "ToolArgs",
    "ToolResult",
    "render",
    "tool",
]


class ToolArgs(BaseModel):
    """Base of a tool's arguments: frozen, unknown fields refused, every field described.

    A nullable field that is left out counts as null: servers that don't hold the model to the
    schema drop nulls, and asking again for one would cost a round trip.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _left_out_is_null(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        nullable = {
            name
            for name, field in cls.model_fields.items()
            if NoneType in get_args(field.annotation)
        }
        return {**dict.fromkeys(nullable), **data}


class Effect(StrEnum):
    """Whether a tool changes anything."""

    READ = "read"
    WRITE = "write"


class Audience(StrEnum):
    """Whose chats offer the tool to the model."""

    CUSTOMER = "customer"
    ADMIN = "admin"


Run = Callable[[ToolContext, Any], Awaitable[Outcome]]
RunT = TypeVar("RunT", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as the registry knows it.

    Args:
        description: what the model reads: the function's docstring, first paragraph.
        parameters: the strict JSON Schema.
        effect, confirm, timeout_seconds, audience, max_per_turn: the facts beside it; `confirm`
            means that a card asks the customer before anything is done.
    """

    name: str
    description: str
    arguments: type[ToolArgs]
    parameters: dict[str, Any]
    run: Run
    effect: Effect
    confirm: bool
    timeout_seconds: float
    audience: Audience
    max_per_turn: int

    def parse(self, raw: str) -> ToolArgs | ArgumentProblem:
        """Read the model's JSON, or say what is wrong in words that the model can act on."""
        try:
            return self.arguments.model_validate_json(raw or "{}")
        except ValidationError as error:
            problems = "; ".join(_problem(detail) for detail in error.errors(include_url=False))
            return ArgumentProblem(error=problems, next="Correct the arguments and call again.")


def _problem(detail: Any) -> str:
    where = ".".join(str(part) for part in detail["loc"]) or "arguments"
    return f"{where}: {detail['msg']}"


def tool(
    *,
    effect: Effect,
    confirm: bool = False,
    timeout_seconds: float = 10.0,
    audience: Audience = Audience.CUSTOMER,
    max_per_turn: int = 3,
) -> Callable[[RunT], RunT]:
    """Declare an async function `(ctx, args)` as a tool.

    The name is the function's name, the description its docstring's first paragraph, the
    arguments the annotation of `args`.

    Raises:
        ToolContractError: at import, when the tool breaks the contract; tells all of it at once.
    """

    def declare(run: RunT) -> RunT:
        name = run.__name__
        where = f"{run.__code__.co_filename}, line {run.__code__.co_firstlineno}: tool {name}"
        parameters = list(inspect.signature(run).parameters)
        try:
            hints = get_type_hints(run)
        except NameError as error:
            raise offence("hints", where, hint=error.name) from error
        arguments = hints.get("args")
        wrong = []
        if parameters != ["ctx", "args"] or not inspect.iscoroutinefunction(run):
            wrong.append(offence("signature", where, name=name))
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name):
            wrong.append(offence("name", where))
        description = " ".join(inspect.cleandoc(run.__doc__ or "").split("\n\n")[0].split())
        if not description:
            wrong.append(offence("description", where))
        if not (isinstance(arguments, type) and issubclass(arguments, ToolArgs)):
            raise together([*wrong, offence("arguments", where)])
        schema = schema_of(arguments)
        schema.pop("description", None)
        wrong += offences(where, schema)
        if wrong:
            raise together(wrong)
        run.__tool__ = Tool(  # type: ignore[attr-defined] # read by the registry
            name=name,
            description=description,
            arguments=arguments,
            parameters=schema,
            run=run,
            effect=effect,
            confirm=confirm,
            timeout_seconds=timeout_seconds,
            audience=audience,
            max_per_turn=max_per_turn,
        )
        return run

    return declare
