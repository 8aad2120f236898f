"""The contract of a tool: typed arguments and result, facts beside it, one async function."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from booking.refusals import Refusal
from tools.support.ledger import Done, Proposal
from tools.support.lint import offence
from tools.support.say import AppointmentFacts
from tools.support.schema import lint, schema_of

if TYPE_CHECKING:
    from tools.support.context import ToolContext

MAX_RESULT_CHARACTERS = 4000


class ToolArgs(BaseModel):
    """Base of a tool's arguments: frozen, unknown fields refused, every field described."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ToolResult(BaseModel):
    """Base of a tool's result. Fields with `exclude=True` are for code, the rest for the model.

    Args:
        next: one hint what to do now; the last key the model reads.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    next: str | None = None


class ArgumentProblem(ToolResult):
    """Arguments that were well-formed but mean nothing: "field: problem, what is allowed"."""

    error: str


class Proposed(ToolResult):
    """What a booking, a move or a cancellation answers: a card was shown, or it is done."""

    state: str
    appointment: AppointmentFacts
    proposal: Proposal | None = Field(default=None, exclude=True)
    done: Done | None = Field(default=None, exclude=True)


class Recorded(ToolResult):
    """A result as the journal kept it: what the model read, without what code knew besides."""

    model_config = ConfigDict(frozen=True, extra="allow")


Outcome = ToolResult | Refusal


class Effect(StrEnum):
    """Whether a tool changes anything."""

    READ = "read"
    WRITE = "write"


class Audience(StrEnum):
    """Whose chats offer the tool to the model."""

    CUSTOMER = "customer"
    ADMIN = "admin"


Run = Callable[["ToolContext", Any], Awaitable[Outcome]]
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
        ToolContractError: at import, when the tool breaks the contract.
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
        if parameters != ["ctx", "args"] or not inspect.iscoroutinefunction(run):
            raise offence("signature", where, name=name)
        if not (isinstance(arguments, type) and issubclass(arguments, ToolArgs)):
            raise offence("arguments", where)
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name):
            raise offence("name", where)
        description = " ".join(inspect.cleandoc(run.__doc__ or "").split("\n\n")[0].split())
        if not description:
            raise offence("description", where)
        schema = schema_of(arguments)
        schema.pop("description", None)
        lint(where, schema)
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


def render(outcome: Outcome) -> str:
    """Return what the model reads: compact JSON in stable key order, capped in size."""
    if isinstance(outcome, Refusal):
        body = {"refused": outcome.code.value, **refusal_facts(outcome)}
    else:
        body = outcome.model_dump(mode="json", exclude_none=True)
        hint = body.pop("next", None)
        if hint is not None:
            body["next"] = hint
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    if len(text) <= MAX_RESULT_CHARACTERS:
        return text
    cut = text[: MAX_RESULT_CHARACTERS - 100]
    return json.dumps({"cut": cut, "next": "The result was too long; ask for less."})


def refusal_facts(refusal: Refusal) -> dict[str, Any]:
    """Return what the model is told of a refusal besides its code."""
    facts = refusal.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    facts.pop("code", None)
    return facts


def to_journal(outcome: Outcome) -> dict[str, Any]:
    """Return a write's outcome as the journal keeps it."""
    if isinstance(outcome, Refusal):
        return {"refusal": outcome.model_dump(mode="json")}
    if isinstance(outcome, Proposed):
        kept = outcome.model_dump(mode="json")
        for name, part in (("proposal", outcome.proposal), ("done", outcome.done)):
            kept[name] = None if part is None else part.model_dump(mode="json")
        return {"proposed": kept}
    return {"result": outcome.model_dump(mode="json", exclude_none=True)}


def from_journal(payload: dict[str, Any]) -> Outcome:
    """Return an outcome from the journal."""
    if "refusal" in payload:
        return Refusal.model_validate(payload["refusal"])
    if "proposed" in payload:
        return Proposed.model_validate(payload["proposed"])
    return Recorded.model_validate(payload["result"])
