"""What a tool answers: results for the model and for code, and how the journal keeps them."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from booking.business import Business
from booking.draft import NextWish
from booking.hand_off import HandOffReason
from booking.refusals import Refusal
from tools.support.ledger import Done, Proposal
from tools.support.say import AppointmentFacts, when

MAX_RESULT_CHARACTERS = 4000


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
    """What a booking, a move or a cancellation answers: a card was shown, or it is done.

    Args:
        next_wish: what was asked for after what is done, for code.
    """

    state: str
    appointment: AppointmentFacts
    proposal: Proposal | None = Field(default=None, exclude=True)
    done: Done | None = Field(default=None, exclude=True)
    next_wish: NextWish | None = Field(default=None, exclude=True)


class Closed(ToolResult):
    """A card that was closed without doing what it proposes; read by code alone.

    Args:
        next_wish: what was asked for after it.
    """

    next_wish: NextWish | None = None


class HandOffState(StrEnum):
    """What asking for a person came to."""

    ASKED = "asked"  # the owners were told by this
    WITH_A_PERSON = "with_a_person"  # a person had been told before
    NOBODY = "nobody"  # nobody can be told


class HandedOff(ToolResult):
    """What asking for a person of the business answers; the customer is told by code.

    Args:
        reason: why, for code.
    """

    state: HandOffState
    reason: HandOffReason = Field(exclude=True)

    @property
    def is_true(self) -> bool:
        """Whether a person has the chat now."""
        return self.state is not HandOffState.NOBODY


class Recorded(ToolResult):
    """A result as the journal kept it: what the model read, without what code knew besides."""

    model_config = ConfigDict(frozen=True, extra="allow")


Outcome = ToolResult | Refusal


def render(outcome: Outcome, business: Business | None = None) -> str:
    """Return what the model reads: compact JSON in stable key order, capped in size.

    Args:
        business: in whose zone a refusal's times are told; None = there are none.
    """
    if isinstance(outcome, Refusal):
        body = {"refused": outcome.code.value, **refusal_facts(outcome, business)}
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


def refusal_facts(refusal: Refusal, business: Business | None) -> dict[str, Any]:
    """Return what the model is told of a refusal besides its code.

    Times are told in the business's zone with their weekday, as they are passed back.
    """
    facts = refusal.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    facts.pop("code", None)
    if business is None:
        return facts
    if refusal.earliest is not None:
        facts["earliest"] = when(refusal.earliest, business)
    if refusal.candidates:
        facts["candidates"] = [when(instant, business) for instant in refusal.candidates]
    if refusal.alternatives:
        facts["alternatives"] = [when(o.starts_at, business) for o in refusal.alternatives]
    return facts


def to_journal(outcome: Outcome) -> dict[str, Any]:
    """Return a write's outcome as the journal keeps it."""
    if isinstance(outcome, Refusal):
        return {"refusal": outcome.model_dump(mode="json")}
    if isinstance(outcome, Proposed):
        kept = outcome.model_dump(mode="json")
        for name in ("proposal", "done", "next_wish"):
            part = getattr(outcome, name)
            kept[name] = None if part is None else part.model_dump(mode="json")
        return {"proposed": kept}
    if isinstance(outcome, HandedOff):
        return {"handed_off": [outcome.state.value, outcome.reason.value]}
    return {"result": outcome.model_dump(mode="json", exclude_none=True)}


def from_journal(payload: dict[str, Any]) -> Outcome:
    """Return an outcome from the journal."""
    if "refusal" in payload:
        return Refusal.model_validate(payload["refusal"])
    if "proposed" in payload:
        return Proposed.model_validate(payload["proposed"])
    if "handed_off" in payload:
        state, reason = payload["handed_off"]
        return HandedOff(state=HandOffState(state), reason=HandOffReason(reason))
    return Recorded.model_validate(payload["result"])
