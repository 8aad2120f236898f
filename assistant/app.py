"""The composition root: builds the objects of a process and hands them down."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from assistant.admin.alerts import AdminAlerts
from assistant.admin.prompts import PromptAdmin
from assistant.channel import Channel
from assistant.conversation import Conversation
from assistant.delivery import Sender
from assistant.drafts import Drafts, ShowsDrafts
from assistant.editions import Editions, LatestTexts
from assistant.limits import UsageLimits
from assistant.model.circuit import CircuitState
from assistant.model.factory import ModelConnection, build_model
from assistant.model.port import ModelError
from assistant.open_database import EmbeddedServer, Progress, chosen_business, open_founded
from assistant.preview import Preview
from assistant.recorder import Recorder
from assistant.script import SHIPPED, Script
from assistant.settings import Settings
from assistant.signs import Signs
from assistant.turn.answer import TurnLimits
from assistant.voice import Downloads, Listener
from assistant.worker import Worker
from booking.business import Business
from db.embedded import EmbeddedUnavailable
from db.errors import DatabaseUnavailableError
from db.presence import Presence
from db.store import Store
from tools.support.registry import discover

if TYPE_CHECKING:
    from assistant.turn.engine import TurnEngine

logger = structlog.get_logger(__name__)

PROMPTS = SHIPPED

WATCH_SECONDS = 1.0


class App:
    """What one process is made of. Use `open_app`.

    Args:
        settings: of the process.
        store: the database.
        editions: texts, prompts and word lists, as they are edited.
        model: the model's connection; None without a key.
        server: the embedded server; None where DATABASE_URL names another one.
        recorder: takes note of what happens; by default it is forgotten.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        editions: Editions,
        model: ModelConnection | None,
        server: EmbeddedServer | None,
        recorder: Recorder | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.editions = editions
        self.model = model
        self._server = server
        self._recorder = recorder or Recorder()
        self._alerts = AdminAlerts(store, settings.assistant_admin_ids)
        self.presence = Presence(store.database)
        self._registry = discover()

    @property
    def script(self) -> Script:
        """The folder's newest good edition."""
        return self.editions.latest

    def _usage(self) -> UsageLimits:
        return UsageLimits(
            self.settings.limit_messages_per_minute,
            self.settings.limit_customer_tokens_per_day,
            self.settings.limit_business_tokens_per_day,
        )

    def engine(self) -> TurnEngine | None:
        """Return the model's turn; None where there is no model."""
        if self.model is None:
            return None
        # In here: the words that it checks take a third of a second to compile.
        from assistant.turn.engine import TurnEngine

        return TurnEngine(
            self.model,
            self._registry,
            self.script.texts,
            turn_limits(self.settings),
            recorder=self._recorder,
        )

    def preview(self) -> Preview:
        """Return what shows requests instead of sending them; needs no model."""
        return Preview(
            self.settings.request_settings(),
            self._registry,
            turn_limits(self.settings),
            self.settings.turn_history_turns,
        )

    def _drafts(self, channels: Mapping[str, Channel]) -> Drafts:
        if not self.settings.turn_streaming:
            return Drafts({})
        return Drafts({n: each for n, each in channels.items() if isinstance(each, ShowsDrafts)})

    def pipeline(self, channels: dict[str, tuple[Channel, Business]]) -> tuple[Worker, Sender]:
        """Return the worker and the sender of some channels, each with its business."""
        by_name = {name: channel for name, (channel, _) in channels.items()}
        businesses = {name: business.id for name, (_, business) in channels.items()}
        texts = LatestTexts(self.editions)
        sender = Sender(self.store, by_name, texts, self.presence, recorder=self._recorder)
        conversation = Conversation(
            self.store,
            businesses,
            self.editions,
            self.engine(),
            listener=self._listener(by_name),
            admin=PromptAdmin(
                self.settings.assistant_admin_ids, self.preview(), _downloads(by_name)
            ),
            history_turns=self.settings.turn_history_turns,
            limits=self._usage(),
            drafts=self._drafts(by_name),
            signs=Signs(by_name),
            recorder=self._recorder,
        )
        worker = Worker(
            self.store,
            by_name,
            conversation,
            texts,
            on_answered=sender.wake.set,
            presence=self.presence,
            alerts=self._alerts,
            recorder=self._recorder,
        )
        return worker, sender

    def _listener(self, channels: Mapping[str, Channel]) -> Listener:
        model = self.model
        return Listener(
            _downloads(channels),
            None if model is None else model.transcriber,
            is_away=lambda: model is not None and model.circuit.state is CircuitState.OPEN,
            recorder=self._recorder,
        )

    async def business(self, slug: str | None = None) -> Business:
        """Return the business that this process serves; see `chosen_business`."""
        return await chosen_business(self.store, slug or self.settings.assistant_business)

    async def revive_database(self) -> bool:
        """Start the embedded server again if it was killed.

        Returns:
            False where there is none, or it doesn't start (the log says why).
        """
        if self._server is None:
            return False
        try:
            await asyncio.to_thread(self._server.revive)
        except EmbeddedUnavailable as error:
            logger.error("database_restart_failed", error=str(error))
            return False
        return True

    async def watch_database(self, stop: asyncio.Event) -> None:
        """Start the embedded server again whenever it went away, until `stop` is set."""
        while self._server is not None and not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), WATCH_SECONDS)
            try:
                await self.store.database.ping()
            except DatabaseUnavailableError:
                if not stop.is_set():
                    logger.warning("database_restart")
                    await self.revive_database()


def turn_limits(settings: Settings) -> TurnLimits:
    """Return the caps of a turn."""
    return TurnLimits(
        model_calls=settings.turn_max_model_calls,
        seconds=settings.turn_timeout,
        max_output_tokens=settings.openai_max_output_tokens,
        tokens=settings.turn_max_tokens,
    )


@asynccontextmanager
async def open_app(
    settings: Settings, progress: Progress, recorder: Recorder | None = None
) -> AsyncIterator[App]:
    """Start what a process needs, and stop it at the end.

    Starts (or joins) the embedded PostgreSQL unless DATABASE_URL is set, migrates, and loads the
    business file into a database that holds no business.

    Args:
        progress: told, in a few words, what is being done.
        recorder: takes note of what happens; by default it is forgotten.

    Raises:
        ScriptError, StartError, EmbeddedUnavailable, DatabaseError: it can't start; says why.
    """
    async with contextlib.AsyncExitStack() as stack:
        editions = Editions(settings.assistant_prompts_dir or PROMPTS)
        store, server = await stack.enter_async_context(open_founded(settings, progress))
        alerts = AdminAlerts(store, settings.assistant_admin_ids)
        editions.connect(store, alerts.broken_prompts)
        model = None
        model_settings = settings.model_settings()
        if model_settings is not None:
            progress(f"Connecting the model {model_settings.model}")
            model = build_model(model_settings, on_change=_log_circuit)
            stack.push_async_callback(model.aclose)
        yield App(settings, store, editions, model, server, recorder)


def _log_circuit(state: CircuitState, reason: ModelError | None) -> None:
    if reason is None:
        logger.info("model_circuit", state=state.value)
    else:
        logger.error(
            "model_circuit", state=state.value, kind=reason.kind.value, status=reason.status
        )


def _downloads(channels: Mapping[str, Channel]) -> dict[str, Downloads]:
    """Return the channels whose files can be fetched."""
    return {name: channel for name, channel in channels.items() if isinstance(channel, Downloads)}
