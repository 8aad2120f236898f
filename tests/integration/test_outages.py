"""Something is away in the middle of the work, and comes back: one answer, once, and no restart."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import event, text
from structlog.testing import capture_logs

from assistant.channel import Delivery
from assistant.delivery import Sender
from assistant.health import database_check, model_check
from assistant.messages import Outgoing
from assistant.model.circuit import CircuitState
from assistant.telegram.channel import TelegramChannel, build_channel
from assistant.telegram.intake import Intake
from assistant.worker import Worker
from booking.business import Business
from db.errors import DatabaseUnavailableError
from db.store import Store
from tests.conftest import MovableClock
from tests.fakes import openai as fake
from tests.fakes.model import says
from tests.fakes.telegram import FakeTelegram, Fault
from tests.integration.db_support import CHANNEL
from tests.integration.lively import WORDS
from tests.integration.test_behaviour_table import AWAY, HELLO, SAID, Customer, phrase
from tests.integration.test_burst_goes_on import SlowModel, conversation
from tests.integration.test_clocks import Wire, queued, stored


class Server:
    """The server as its operator has it in hand.

    Args:
        connection: stays open whatever happens to the others.
    """

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record], name: str) -> None:
        self._connection, self._name = connection, name

    async def end_all(self) -> None:
        """End everybody's connections, as a restart or a fail-over does."""
        await self._connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND usename = current_user"
        )

    async def take_nobody(self) -> None:
        """Refuse new connections, too."""
        await self._connection.execute(f"ALTER DATABASE {self._name} CONNECTION LIMIT 0")
        await self.end_all()

    async def take_all(self) -> None:
        """Be there again."""
        await self._connection.execute(f"ALTER DATABASE {self._name} CONNECTION LIMIT -1")


@pytest.fixture
async def postgres(database_url: str) -> AsyncIterator[Server]:
    connection = await asyncpg.connect(database_url)
    server = Server(connection, await connection.fetchval("SELECT current_database()"))
    yield server
    await server.take_all()
    await connection.close()


async def test_postgres_is_restarted_while_the_model_thinks(
    store: Store, business: Business, postgres: Server
) -> None:
    model = SlowModel(says("Hello!"))
    worker = Worker(store, {CHANNEL: Wire()}, conversation(store, business, model), WORDS.texts)
    await stored(store, business, 1)
    turn = asyncio.create_task(worker.drain(CHANNEL, 5))
    await model.begun.wait()
    await postgres.end_all()
    model.speak.set()
    with contextlib.suppress(DatabaseUnavailableError):
        await turn
    async with store.worker() as session:
        await session.execute(text("UPDATE lanes SET ready_at = now() WHERE ready_at > now()"))
    await worker.drain(CHANNEL, 5)
    async with store.worker() as session:
        assert await session.scalar(text("SELECT state FROM inbox")) == "done"
        said = list(await session.scalars(text("SELECT payload ->> 'text' FROM outbox")))
    assert (said, len(model.asked)) == (["Hello!"], 1)


class SlowWire(Wire):
    """Has a message in hand until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        self.begun.set()
        await self.go_on.wait()
        return await super().send(chat_id, outgoing, first_attempt=first_attempt)


async def test_postgres_goes_away_while_a_message_is_on_its_way(
    store: Store, business: Business, postgres: Server
) -> None:
    wire = SlowWire()
    sender = Sender(store, {CHANNEL: wire}, WORDS.texts)
    await queued(store, business, "hello")
    sending = asyncio.create_task(sender.send_due(CHANNEL))
    await wire.begun.wait()
    tries: list[None] = []
    refused = asyncio.Event()

    def count(*_: object) -> None:
        tries.append(None)
        if len(tries) == 2:  # so the first one failed
            refused.set()

    event.listen(store.database.engine.sync_engine, "do_connect", count)
    await postgres.take_nobody()
    wire.go_on.set()
    async with asyncio.timeout(30):
        await refused.wait()
    assert not (await database_check(store.database)).ok
    await postgres.take_all()
    assert await sending == 1
    assert (await database_check(store.database)).ok
    assert await sender.send_due(CHANNEL) == 0
    async with store.worker() as session:
        [row] = await session.execute(text("SELECT state, attempts FROM outbox"))
    assert (tuple(row), wire.sent) == (("sent", 1), ["hello"])


async def test_the_model_is_away_and_comes_back(
    store: Store, business: Business, clock: MovableClock
) -> None:
    """Over the wire: out of quota, the guided flow, one probe after the other, and the model."""
    customer, count = Customer(store, business, clock, 1), [0.0]
    async with (
        fake.FakeOpenAI() as server,
        customer.talks_to(server.base_url, "responses", False, 20.0) as talk,
    ):
        circuit = customer.circuit
        circuit._monotonic = lambda: count[0]
        server.play([fake.QuotaExhausted()])
        [told] = await customer.says(talk, SAID)
        assert told.text.startswith(AWAY)
        check = model_check(circuit)
        assert (check.ok, check.serious) == (False, False)
        assert "quota" in check.detail

        # Nobody asks while it is open, and the apology is said once.
        [told] = await customer.says(talk, "what does a haircut cost?")
        assert phrase("model_away") not in told.text
        assert len(server.requests) == 1

        # A probe fails: the pause doubles.
        count[0] += 15
        server.play([fake.QuotaExhausted()])
        await customer.says(talk, "hello?")
        count[0] += 15
        await customer.says(talk, "hello?")
        assert (len(server.requests), circuit.state) == (2, CircuitState.OPEN)

        # It is paid for again: the next probe is a customer's message, answered by the model.
        count[0] += 15
        server.play([HELLO, HELLO])
        for _ in range(2):
            [told] = await customer.says(talk, "hello?")
            assert told.text.startswith("Hello!")
        assert circuit.state is CircuitState.CLOSED
        assert model_check(circuit).ok
        assert server.unexpected == []


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
async def channel(telegram: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    channel = build_channel(telegram.token, base_url=telegram.base_url)
    yield channel
    await channel.aclose()


@pytest.mark.parametrize(
    "fault",
    [
        Fault.too_many(30),
        Fault.server_error(),
        Fault.bad_gateway(),
        Fault.drop_before(),
        Fault.drop_after(),
        Fault.refusal(400, "Bad Request: query is too old and response timeout expired"),
    ],
    ids=["429", "500", "502", "dropped", "answer_lost", "too_old"],
)
async def test_a_press_that_cant_be_answered_is_taken_all_the_same(
    store: Store,
    business: Business,
    clock: MovableClock,
    telegram: FakeTelegram,
    channel: TelegramChannel,
    fault: Fault,
) -> None:
    """The button goes on turning for a while; asking twice would help nobody."""
    intake = Intake(channel.bot, store, business.id, channel.name, clock)
    press = {"id": "77", "from": {"id": 5}, "data": "yes:1", "message": {"chat": {"id": 5}}}
    update = {"update_id": 1, "callback_query": press}
    telegram.fail_next("answerCallbackQuery", fault)
    await intake.take([update])
    with capture_logs() as logs:
        intake.answer_press(update)
        await asyncio.gather(*intake._presses)
    assert [line["event"] for line in logs] == ["telegram_press_unanswered"]
    assert len(telegram.calls_of("answerCallbackQuery")) == 1
    async with store.worker() as session:
        assert await session.scalar(text("SELECT state FROM inbox")) == "new"
