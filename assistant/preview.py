"""The request that would be sent for a message, without sending it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from assistant.model.bodies import body_of
from assistant.model.port import ModelSettings
from assistant.prompts.loader import PromptBook
from assistant.turn.answer import TurnLimits
from assistant.turn.request import build_request, read_opening, request_items, tool_specs
from db.clock import Clock
from db.repositories.customers import Customer
from db.store import UnitOfWork
from tools.support.registry import Registry

SAMPLE_MESSAGE = "Haircut tomorrow at 10, please."


@dataclass(frozen=True, slots=True)
class Preview:
    """Shows requests as the turn would build them.

    Args:
        settings: endpoint, model and its manner; the key isn't used.
        registry: the tools.
        limits: of a turn.
        history_turns: earlier turns that the model is reminded of.
    """

    settings: ModelSettings
    registry: Registry
    limits: TurnLimits
    history_turns: int

    async def body(
        self,
        uow: UnitOfWork,
        text: str,
        *,
        customer: Customer,
        language: str,
        prompts: PromptBook,
        clock: Clock,
    ) -> dict[str, Any]:
        """Return the JSON of a turn's first request; arguments as in `read_opening`."""
        opening = await read_opening(
            uow,
            text,
            customer=customer,
            language=language,
            prompts=prompts,
            clock=clock,
            history_turns=self.history_turns,
            keeps=False,
        )
        request = build_request(
            uow.business,
            opening.prompt,
            request_items(opening.history, opening.envelope),
            tool_specs(self.registry),
            safety_identifier=opening.safety_identifier,
            max_output_tokens=self.limits.max_output_tokens,
        )
        return body_of(request, self.settings)


def written(body: dict[str, Any]) -> str:
    """Return a request as people read it; the same JSON value as is sent."""
    return json.dumps(body, ensure_ascii=False, indent=2)


def sample_customer(business_id: int, telegram_id: int, now: dt.datetime) -> Customer:
    """Return somebody who never wrote before and isn't stored."""
    return Customer(
        id=0,
        business_id=business_id,
        telegram_id=telegram_id,
        username=None,
        first_name="Ada",
        last_name=None,
        phone=None,
        email=None,
        language=None,
        zone=None,
        channel=None,
        chat_id=None,
        created_at=now,
        updated_at=now,
    )
