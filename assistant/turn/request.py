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
from assistant.turn.history import Budget, latest_turns, repair, to_items
from assistant.turn.memory import Facts, fold, open_card, told
from booking.appointment import Appointment
from booking.business import Business
from db.clock import Clock
from db.repositories.customers import Customer
from db.repositories.memories import Memory
from db.store import UnitOfWork
from tools.support.contract import Audience
from tools.support.registry import Registry

# Some 24,000 characters of English, 20,000 of Russian: about the same talk in either.
HISTORY_TOKENS = 7_000
# What the guided flow answered is history too; so many turns at most are read of what is new.
_READ = 4


@dataclass(frozen=True, slots=True)
class Opening:
    """All that a turn knows before the model is asked first.

    Args:
        prompt: the static part.
        history: facts of older turns if there are any, then whole turns, oldest first.
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
    keeps: bool = True,
) -> Opening:
    """Read what the model is told of a customer and their newest message.

    Args:
        text: what the customer wrote.
        customer: who wrote; one who isn't stored has no history.
        language: ISO 639-1 code of the reply.
        prompts: of the turn's edition.
        history_turns: earlier turns that the model is reminded of as they were; older ones become
            facts.
        keeps: whether facts may be stored; a preview leaves everything as it is.
    """
    business = uow.business
    memory = await uow.memories.get_memory(customer.id)
    stored = await uow.memories.get_turns_after(
        customer.id, memory.through_turn_id, _READ * max(history_turns, 1)
    )
    recent = latest_turns(stored, Budget(history_turns, HISTORY_TOKENS))
    facts = Facts.model_validate(memory.facts)
    cut = stored[: len(stored) - len(recent)]
    if cut:
        through = max(message.turn_id or 0 for message in cut)
        facts = fold(
            facts,
            await uow.memories.get_digests(
                customer.id, after=memory.through_turn_id, through=through
            ),
        )
        if keeps:
            await uow.memories.save_facts(
                customer.id,
                facts.model_dump(mode="json", exclude_defaults=True),
                through_turn_id=through,
                version=memory.version,
            )
    kept = told(facts)
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
        open_card=open_card(memory.draft, await _on_card(uow, memory, customer), clock.now()),
    )
    return Opening(
        prompt=system_prompt(business, prompts),
        history=[*([UserText(kept)] if kept else []), *to_items(recent)],
        envelope=newest,
        appointments=tuple(appointments),
        safety_identifier=_pseudonym(business, customer),
    )


async def _on_card(uow: UnitOfWork, memory: Memory, customer: Customer) -> Appointment | None:
    """Return the appointment that waits for a yes; one that is only held is in no list."""
    draft = memory.draft
    if not draft.awaits_yes or draft.appointment_id is None:
        return None
    return await uow.appointments.get_appointment_by_id(
        draft.appointment_id, customer_id=customer.id
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
