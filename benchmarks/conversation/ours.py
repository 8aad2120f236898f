"""The assistant's own way: the turn's engine, the model port with circuit and retries, the card.

From the request's parts to the card, and from the tap to the receipt. The journal, the conversation
and the outbox are left out, as the other parties keep none: `whole_turn` measures them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from assistant import receipts
from assistant.model.factory import ModelConnection, build_model
from assistant.model.port import Item, ModelSettings
from assistant.turn.engine import TurnEngine
from benchmarks.conversation.party import API_KEY
from benchmarks.conversation.scene import (
    MODEL,
    NOW,
    Scene,
    history,
    label_of,
    waiting,
    wish,
    with_runs,
)
from booking.appointment import Appointment, Change
from booking.draft import Draft, DraftStage
from db.repositories.customers import Customer
from db.repositories.outbox import ReplyTo
from db.store import Store
from tools import create_appointment
from tools.support.context import ToolContext
from tools.support.contract import Outcome, ToolArgs
from tools.support.ledger import Proposal
from tools.support.registry import Registry


class _StillClock:
    def now(self) -> dt.datetime:
        return NOW


class _NoDatabase:
    """In a store's place: the tools of this scene have no use for a database."""

    clock = _StillClock()


class Ours:
    """The turn as the product runs it, on the calendar in memory."""

    def __init__(self, model: ModelConnection) -> None:
        self._model = model
        self._scene = scene = Scene.load()
        runs = {
            "create_appointment": self._hold,
            "get_available_slots": self._list,
            "get_customer": self._customer_facts,
        }
        registry = Registry(with_runs(scene.tools, runs))
        self._engine = TurnEngine(model, registry, scene.script.texts)
        self._history: list[Item] = []
        self._customer = Customer(
            id=1,
            business_id=1,
            telegram_id=1,
            username=None,
            first_name="Ada",
            last_name=None,
            phone=None,
            email=None,
            language="en",
            zone=None,
            channel=None,
            chat_id=None,
            created_at=NOW,
            updated_at=NOW,
        )

    async def prepare(self, turns: int, bookings: int) -> None:
        """Keep the history as the engine takes it."""
        self._history = history(turns)

    async def book(self, number: int) -> str:
        """Write the wish, get the card, tap it, get the receipt."""
        scene = self._scene
        ctx = ToolContext(
            store=cast(Store, _NoDatabase()),
            business=scene.business,
            customer=self._customer,
            language="en",
            reply_to=ReplyTo("terminal:benchmark", 1, "en"),
            message_key=f"benchmark:{number}",
        )
        said = wish(label_of(number, scene.business))
        answer = await self._engine.run(
            ctx, scene.prompt, self._history, scene.envelope(number), said, safety_identifier="a"
        )
        proposal = ctx.ledger.proposal
        if proposal is None or not answer.outgoing[0].buttons:
            raise RuntimeError(f"no card: {answer.outcome}")
        return receipts.receipt(
            Change.BOOKED,
            scene.calendar.confirm(proposal.appointment),
            business=scene.business,
            language="en",
            texts=scene.script.texts,
            now=NOW,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._model.aclose()

    async def _hold(self, ctx: ToolContext, args: ToolArgs) -> Outcome:
        assert isinstance(args, create_appointment.Args)
        held = self._scene.hold(args)
        ctx.ledger.proposal = Proposal(draft=_draft(held), appointment=held)
        return waiting(held, self._scene.business, ctx.ledger.proposal)

    async def _list(self, _ctx: ToolContext, args: ToolArgs) -> Outcome:
        return self._scene.listing(args)

    async def _customer_facts(self, _ctx: ToolContext, _args: ToolArgs) -> Outcome:
        return self._scene.customer()


def _draft(held: Appointment) -> Draft:
    return Draft(
        version=1,
        stage=DraftStage.CONFIRM_BOOKING,
        service_id=held.service_id,
        appointment_id=held.id,
        appointment_version=held.version,
        starts_at=held.starts_at,
    )


async def open_ours(base_url: str, http_client: Any = None) -> Ours:
    """Make it; see `Opener`."""
    settings = ModelSettings(api_key=API_KEY, base_url=base_url, model=MODEL)
    return Ours(build_model(settings, http_client=http_client))
