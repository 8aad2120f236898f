"""What the model is asked: the static part, the history, the newest envelope.

The turn sends it; `assistant prompts preview` shows it. Both build it here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.model.port import Item, ModelRequest, ToolSpec, UserText
from assistant.prompts.loader import PromptBook, RenderedPrompt
from assistant.prompts.render import envelope, system_prompt
from assistant.turn.history import repair, to_items, whole_turns
from booking.appointment import Appointment
from booking.business import Business
from db.clock import Clock
from db.repositories.customers import Customer
from db.store import UnitOfWork
from tools.support.contract import Audience
from tools.support.registry import Registry

HISTORY_CHARACTERS = 24_000


@dataclass(frozen=True, slots=True)
class Opening:
    """All that a turn knows before the model is asked first.

    Args:
        prompt: the static part.
        history: whole turns, oldest first.
        envelope: the newest message with the facts of the moment.
        appointments: the customer's upcoming ones, as the envelope tells them.
        safety_identifier: a stable name of the customer that says nothing about them.
    """

    prompt: RenderedPrompt
    history: list[Item]
    envelope: str
    appointments: tuple[Appointment, ...]
    safety_identifier: str


async def read_opening(
    uow: UnitOfWork,
    text: str,
    *,
    customer: Customer,
    language: str,
    prompts: PromptBook,
    clock: Clock,
    history_turns: int,
) -> Opening:
    """Read what the model is told of a customer and their newest message.

    Args:
        text: what the customer wrote.
        customer: who wrote; one who isn't stored has no history.
        language: ISO 639-1 code of the reply.
        prompts: of the turn's edition.
        history_turns: earlier turns that the model is reminded of.
    """
    business = uow.business
    stored = await uow.conversations.get_recent_turns(customer.id, history_turns)
    appointments = await uow.appointments.get_customer_appointments(
        customer.id, upcoming=True, limit=10
    )
    newest = envelope(
        text,
        book=prompts,
        business=business,
        now=clock.now(),
        customer_name=customer.preferred_name or customer.first_name,
        customer_language=language,
        customer_zone=customer.zone,
        appointments=appointments,
    )
    return Opening(
        prompt=system_prompt(business, prompts),
        history=to_items(whole_turns(stored, max_characters=HISTORY_CHARACTERS)),
        envelope=newest,
        appointments=tuple(appointments),
        safety_identifier=_pseudonym(business, customer),
    )


def request_items(history: Sequence[Item], envelope: str) -> list[Item]:
    """Return the items of a turn's first request."""
    return repair([*history, UserText(envelope)])


def tool_specs(registry: Registry) -> tuple[ToolSpec, ...]:
    """Return the tools that customers' chats offer, as the model sees them."""
    return tuple(
        ToolSpec(tool.name, tool.description, tool.parameters)
        for tool in registry.offered_to(Audience.CUSTOMER)
    )


def build_request(
    business: Business,
    prompt: RenderedPrompt,
    items: Sequence[Item],
    tools: Sequence[ToolSpec],
    *,
    tools_allowed: bool = True,
    safety_identifier: str | None,
    max_output_tokens: int,
) -> ModelRequest:
    """Return one request of a turn; arguments as in `ModelRequest`."""
    return ModelRequest(
        instructions=prompt.text,
        items=tuple(items),
        tools=tuple(tools),
        tools_allowed=tools_allowed,
        cache_key=f"{business.id}:{prompt.version}"[:64],
        safety_identifier=safety_identifier,
        max_output_tokens=max_output_tokens,
    )


def _pseudonym(business: Business, customer: Customer) -> str:
    who = f"customer:{customer.id}".encode()
    return hmac.digest(business.handle_key, who, hashlib.sha256).hex()
