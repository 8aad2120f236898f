"""A connection that is lost around its COMMIT: whether it took place can't be known at first.

A proxy on loopback lets everything through but the COMMIT that it waits for, or that one's answer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

import pytest

from booking.appointment import Appointment, Change
from booking.business import Business
from booking.status import AppointmentStatus
from db.session import Database
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock, context_for, settings_for
from tests.integration.life_support import TEN, person, scalar
from tools.support.contract import Proposed
from tools.support.proposals import confirm_open, propose_booking


class Cut(StrEnum):
    """What is lost."""

    COMMIT = "the commit"
    ANSWER = "its answer"


class Proxy:
    """Passes bytes between the program and PostgreSQL until it's told to cut."""

    def __init__(self, url: str) -> None:
        self.cut: Cut | None = None
        self.cuts = 0
        self._parts = urlsplit(url)
        query = parse_qs(self._parts.query)
        self._host = query.get("host", [self._parts.hostname or ""])[0]
        self._port = int(query.get("port", [str(self._parts.port or 5432)])[0])
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[str]:
        """Yield the URL that leads through the proxy."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        login = self._parts.netloc.rpartition("@")[0]
        yield f"postgresql://{login}@127.0.0.1:{port}{self._parts.path}?ssl=disable"
        server.close()
        for task in self._tasks:
            task.cancel()

    async def _connected(self, near: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        if self._host.startswith("/"):
            path = f"{self._host}/.s.PGSQL.{self._port}"
            far, into = await asyncio.open_unix_connection(path)
        else:
            far, into = await asyncio.open_connection(self._host, self._port)
        lost = asyncio.Event()
        asked = self._spawn(self._ask(near, into, lost))
        answered = self._spawn(self._answer(far, out, lost))
        await asyncio.wait({asked, answered}, return_when=asyncio.FIRST_COMPLETED)
        out.transport.abort()
        into.transport.abort()

    def _spawn(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        return task

    async def _ask(
        self, near: asyncio.StreamReader, into: asyncio.StreamWriter, lost: asyncio.Event
    ) -> None:
        while data := await near.read(65536):
            if self.cut is not None and re.search(rb"COMMIT;?\x00", data):
                cut, self.cut = self.cut, None
                self.cuts += 1
                if cut is Cut.COMMIT:
                    return
                lost.set()
            into.write(data)
            await into.drain()

    async def _answer(
        self, far: asyncio.StreamReader, out: asyncio.StreamWriter, lost: asyncio.Event
    ) -> None:
        while data := await far.read(65536):
            if lost.is_set():
                return  # it was committed, and nobody is told
            out.write(data)
            await out.drain()


@pytest.fixture
async def proxy(database_url: str) -> Proxy:
    return Proxy(database_url)


@pytest.fixture
async def far(proxy: Proxy, clock: MovableClock) -> AsyncIterator[Store]:
    """The same database through the proxy."""
    async with proxy.listen() as url:
        database = Database(settings_for(url))
        yield Store(database, clock)
        await database.close()


async def rows(store: Store, business: Business, table: str) -> int:
    return int(await scalar(store, business, f"SELECT count(*) FROM {table}"))


@pytest.mark.parametrize("cut", list(Cut))
async def test_a_booking_is_made_once_and_known_to_be_made(
    store: Store, far: Store, proxy: Proxy, business: Business, cut: Cut
) -> None:
    who = await person(store, business, 1)

    async def work(uow: UnitOfWork) -> object:
        return await uow.appointments.create_appointment(who, starts_at=TEN, key="update-1")

    proxy.cut = cut
    made = await far.run(business, work)
    assert isinstance(made, Appointment)
    assert proxy.cuts == 1
    assert await rows(store, business, "appointments") == 1
    assert await rows(store, business, "appointment_events") == 1


async def confirmed(store: Store, far: Store, proxy: Proxy, business: Business, cut: Cut) -> object:
    """Say yes to a card while the connection is lost; return what the customer is answered."""
    ctx = await context_for(store, business)
    turn = await store.run(
        business,
        lambda uow: uow.conversations.open_turn(
            ctx.customer.id, channel="terminal:test", chat_id=1, update_ids=[1], kind="press"
        ),
    )
    service = business.services[0]
    await propose_booking(ctx, service, TEN, staff_id=None)
    proxy.cut = cut
    outcome = await confirm_open(replace(ctx, store=far, turn_id=turn.id))
    assert proxy.cuts == 1
    return outcome


@pytest.mark.parametrize("cut", list(Cut))
async def test_a_yes_whose_answer_was_lost_is_answered_with_the_booking(
    store: Store, far: Store, proxy: Proxy, business: Business, cut: Cut
) -> None:
    outcome = await confirmed(store, far, proxy, business, cut)
    assert isinstance(outcome, Proposed)
    assert outcome.done is not None
    assert outcome.done.change is Change.BOOKED
    assert outcome.done.appointment.status is AppointmentStatus.CONFIRMED
    assert await rows(store, business, "outbox WHERE kind = 'receipt'") == 1


async def test_control_without_the_journal_the_card_seems_closed(
    store: Store,
    far: Store,
    proxy: Proxy,
    business: Business,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def forgotten(*_: object) -> None:
        return None

    monkeypatch.setattr("db.repositories.conversations.ConversationRepository.get_step", forgotten)
    assert await confirmed(store, far, proxy, business, Cut.ANSWER) is None
    assert await rows(store, business, "outbox WHERE kind = 'receipt'") == 1
