"""The composition root: builds the objects of a process and hands them down."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import structlog
from pydantic import SecretStr
from sqlalchemy import text

from assistant.admin.alerts import AdminAlerts
from assistant.admin.prompts import PromptAdmin
from assistant.business_files import read_business_file
from assistant.channel import Channel
from assistant.conversation import Conversation
from assistant.delivery import Sender
from assistant.drafts import Drafts, ShowsDrafts
from assistant.editions import Editions, LatestTexts
from assistant.limits import UsageLimits
from assistant.model.circuit import CircuitState
from assistant.model.factory import ModelConnection, build_model
from assistant.model.port import ModelError
from assistant.preview import Preview
from assistant.recorder import Recorder
from assistant.script import SHIPPED, Script
from assistant.settings import Settings
from assistant.signs import Signs
from assistant.start_errors import UnknownBusinessError
from assistant.turn.answer import TurnLimits
from assistant.turn.engine import TurnEngine
from assistant.voice import Downloads, Listener
from assistant.worker import Worker
from booking.business import Business
from db.clock import Clock, PinnedClock, SystemClock
from db.embedded import EmbeddedPostgres, EmbeddedUnavailable
from db.errors import DatabaseUnavailableError
from db.migrate import migrate
from db.presence import Presence
from db.repositories.businesses import BusinessRepository
from db.session import Database, use_database
from db.store import Store
from tools.support.registry import discover

logger = structlog.get_logger(__name__)

PROMPTS = SHIPPED

WATCH_SECONDS = 1.0

Progress = Callable[[str], None]


class EmbeddedServer:
    """This process's share of the embedded PostgreSQL.

    Args:
        settings: where its data and its programs are.
        progress: told what is being done at the start.
    """

    def __init__(self, settings: Settings, progress: Progress) -> None:
        self._data_dir = settings.assistant_data_dir
        self._binaries = settings.assistant_postgres_bin
        self._server = self._start(progress)

    def _start(self, progress: Progress) -> EmbeddedPostgres:
        return EmbeddedPostgres.start(self._data_dir, binaries=self._binaries, progress=progress)

    @property
    def url(self) -> str:
        """The URL of the application's database."""
        return self._server.url()

    def revive(self) -> None:
        """Start the server again if it was killed; safe to repeat.

        Raises:
            EmbeddedUnavailable: it can't be started.
        """
        before, self._server = self._server, self._start(lambda _: None)
        before.stop()

    def stop(self) -> None:
        """Leave; the last process that leaves waits until the server is gone."""
        self._server.stop()


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

    def _limits(self) -> TurnLimits:
        return TurnLimits(
            model_calls=self.settings.turn_max_model_calls,
            seconds=self.settings.turn_timeout,
            max_output_tokens=self.settings.openai_max_output_tokens,
            tokens=self.settings.turn_max_tokens,
        )

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
        return TurnEngine(
            self.model,
            self._registry,
            self.script.texts,
            self._limits(),
            recorder=self._recorder,
        )

    def preview(self) -> Preview:
        """Return what shows requests instead of sending them; needs no model."""
        return Preview(
            self.settings.request_settings(),
            self._registry,
            self._limits(),
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


async def chosen_business(store: Store, slug: str | None) -> Business:
    """Return the business with that slug, or the default one.

    Raises:
        UnknownBusinessError: there is none.
    """
    found = await store.find_business(slug)
    if found is None:
        async with store.database.transaction() as session:
            known = await BusinessRepository(session).slugs()
        raise UnknownBusinessError(
            f"There is no business {slug!r}; there are: {', '.join(known) or 'none'}."
            " Add one with: assistant business apply FILE"
        )
    return found


@asynccontextmanager
async def open_store(
    settings: Settings, progress: Progress
) -> AsyncIterator[tuple[Store, EmbeddedServer | None]]:
    """Open the database as it is: nothing is migrated and nothing written.

    Starts (or joins) the embedded PostgreSQL unless DATABASE_URL is set.

    Args:
        progress: told, in a few words, what is being done.

    Raises:
        EmbeddedUnavailable: it can't be started; says why.
    """
    async with contextlib.AsyncExitStack() as stack:
        server = None
        if settings.database_url is None:
            progress("Starting PostgreSQL")
            server = await asyncio.to_thread(EmbeddedServer, settings, progress)
            stack.callback(server.stop)
            settings = settings.model_copy(update={"database_url": _async_url(server.url)})
        database = Database(settings)
        stack.push_async_callback(database.close)
        yield Store(database, _clock(settings)), server


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
        store, server = await stack.enter_async_context(open_store(settings, progress))
        use_database(store.database)
        stack.callback(use_database, None)
        progress("Updating the database schema")
        await migrate(store.database.engine)
        await _warn_about_role(store.database)
        alerts = AdminAlerts(store, settings.assistant_admin_ids)
        editions.connect(store, alerts.broken_prompts)
        await _load_first_business(store, settings, progress)
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


def _async_url(url: str) -> SecretStr:
    return SecretStr(url.replace("postgresql://", "postgresql+asyncpg://", 1))


def _clock(settings: Settings) -> Clock:
    if settings.assistant_now is None:
        return SystemClock()
    logger.warning("clock_pinned", now=settings.assistant_now.isoformat())
    return PinnedClock(settings.assistant_now)


async def _warn_about_role(database: Database) -> None:
    """A role above row-level security makes the second lock between businesses void."""
    async with database.transaction() as session:
        above = await session.scalar(
            text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        )
    if above:
        logger.warning(
            "role_bypasses_row_level_security",
            advice="let DATABASE_URL name a role without SUPERUSER and BYPASSRLS",
        )


async def _load_first_business(store: Store, settings: Settings, progress: Progress) -> None:
    if await store.find_business() is not None:
        return
    progress(f"Loading the business of {settings.business_file.name}")
    file = read_business_file(settings.business_file)
    async with store.database.transaction() as session:
        await BusinessRepository(session).apply(file)


def _downloads(channels: Mapping[str, Channel]) -> dict[str, Downloads]:
    """Return the channels whose files can be fetched."""
    return {name: channel for name, channel in channels.items() if isinstance(channel, Downloads)}
