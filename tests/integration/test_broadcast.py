"""`assistant broadcast`: looked at, asked for, queued for all at once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from booking.business import Business
from db.repositories.broadcasts import Audience, BroadcastRepository
from db.repositories.customers import Customer
from db.store import Store, UnitOfWork
from tests.conftest import NOW, MovableClock
from tests.e2e.harness import query
from tests.integration.cli_support import Shell
from tests.integration.db_support import CHANNEL, TUESDAY_TEN
from tests.integration.hand_off_support import ADA, BEN, Town

OUT = {"text": "We move on Monday.", "buttons": [], "markdown": False}


async def customers(store: Store, business: Business) -> None:
    """Ada and Bea are expected on Tuesday and Wednesday, Cleo isn't; Dora has blocked the bot."""

    async def work(uow: UnitOfWork) -> None:
        people: list[Customer] = []
        for number, (name, language, channel) in enumerate(
            [
                ("Ada", "en", CHANNEL),
                ("Bea", "de", CHANNEL),
                ("Cleo", None, CHANNEL),
                ("Dora", "en", CHANNEL),
                ("Eve", "en", "terminal"),
            ],
            start=1,
        ):
            people.append(
                await uow.customers.create_customer(
                    number, first_name=name, language=language, channel=channel, chat_id=number
                )
            )
        for person, days in ((people[0], 0), (people[1], 1), (people[3], 2), (people[4], 3)):
            start = TUESDAY_TEN + dt.timedelta(days=days)
            await uow.appointments.create_appointment(person.id, starts_at=start, service="haircut")
        await uow.reach.lose(CHANNEL, 4)

    await store.run(business, work)


async def queued(store: Store) -> list[int]:
    async with store.worker() as session:
        found = await session.scalars(
            text(
                "SELECT chat_id FROM outbox WHERE kind = 'broadcast' AND priority = 2"
                " ORDER BY chat_id"
            )
        )
        return list(found)


@pytest.mark.parametrize(
    ("audience", "gets", "unreachable"),
    [
        (Audience(), [1, 2, 3], 1),
        (Audience(upcoming=True), [1, 2], 1),
        (Audience(day=dt.date(2026, 11, 24)), [1], 0),
        (Audience(day=dt.date(2026, 11, 26)), [], 1),
        (Audience(language="de"), [2], 0),
        (Audience(language="en"), [1, 3], 1),  # the shop's first language where none is known
    ],
)
async def test_who_gets_it(
    store: Store, business: Business, audience: Audience, gets: list[int], unreachable: int
) -> None:
    await customers(store, business)

    async def work(uow: UnitOfWork) -> tuple[int, int, int]:
        broadcasts = BroadcastRepository(uow.session, business, NOW)
        found = await broadcasts.count(audience)
        return found.customers, found.unreachable, await broadcasts.queue(audience, OUT)

    assert await store.run(business, work) == (len(gets), unreachable, len(gets))
    assert await queued(store) == gets


async def test_a_commit_whose_answer_was_lost_is_not_repeated(
    store: Store, business: Business
) -> None:
    await customers(store, business)

    async def work(uow: UnitOfWork) -> int:
        return await BroadcastRepository(uow.session, business, NOW).queue(Audience(), OUT)

    assert [await store.run(business, work) for _ in range(2)] == [3, 3]
    assert await queued(store) == [1, 2, 3]


async def test_who_stops_them_gets_none_until_they_want_them_again(
    store: Store, business: Business, clock: MovableClock
) -> None:
    """By the button below one, or by /stop; what was queued before isn't sent either."""
    await customers(store, business)
    town = Town(store, business)
    town.phones.name = CHANNEL

    async def queue() -> int:
        clock.advance(seconds=1)
        return await store.run(
            business,
            lambda uow: BroadcastRepository(uow.session, business, clock.now()).queue(
                Audience(), OUT
            ),
        )

    def got() -> list[int]:
        return sorted(chat for chat, _, out in town.phones.sent if out.text == OUT["text"])

    assert await queue() == 3
    await town.deliver()
    buttons = {chat: out.buttons for chat, _, out in town.phones.sent}
    assert sorted(buttons) == [1, 2, 3]
    assert [row[0].label for rows in (buttons[1], buttons[2]) for row in rows] == [
        "No more news",
        "Keine Neuigkeiten mehr",
    ]
    assert await queue() == 3  # and before they are sent:
    [told] = await town.presses(ADA, "No more news")
    assert told.startswith("All right: Northside Barbers won't send you news any more.")
    assert got() == [1, 2, 2, 3, 3]
    assert "keine Neuigkeiten mehr" in (await town.says(BEN, "/stop"))[0]
    count = await store.run(
        business,
        lambda uow: BroadcastRepository(uow.session, business, NOW).count(Audience()),
    )
    assert (count.customers, count.unreachable, count.stopped) == (1, 1, 2)
    assert await queue() == 1
    # Own appointments are another matter.
    assert "reminder" in await town.read("SELECT kind FROM outbox WHERE state = 'queued'")
    [told] = await town.presses(ADA, "Send me news again")
    assert told == "Northside Barbers sends you news again."
    assert await queue() == 2
    await town.deliver()
    assert got() == [1, 1, 2, 2, 3, 3, 3, 3]


# --- the command


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    store: Store,
    business: Business,
    tmp_path: Path,
) -> Shell:
    """A command line on a shop with customers."""
    return Shell(monkeypatch, database_url, tmp_path)


def rows(url: str) -> list[dict[str, Any]]:
    return query(url, "SELECT chat_id, payload->>'text' AS text FROM outbox WHERE priority = 2")


def test_it_is_shown_first_and_needs_a_yes(shell: Shell, database_url: str) -> None:
    add_customers(database_url)
    shown = shell.run("broadcast", "We move on Monday.", "--to", "all")
    assert shown.exit_code == 2
    assert "3 customers in all (1 more can't be reached)" in shown.stdout
    assert "We move on Monday." in shown.stdout
    assert "--yes" in shown.stderr
    assert "Queued" not in shell.says("broadcast", "Hello", "--to", "all", "--dry-run", "--yes")
    assert rows(database_url) == []
    said = shell.says("broadcast", "--file", "-", "--to", "all", "--yes", stdin="Hello!\nAll.\n")
    assert "Queued for 3." in said
    assert rows(database_url) == [{"chat_id": n, "text": "Hello!\nAll."} for n in (1, 2, 3)]


def add_customers(url: str) -> None:
    for number in (1, 2, 3, 4):
        gone = "now()" if number == 4 else "NULL"
        query(
            url,
            "INSERT INTO customers (business_id, telegram_id, channel, chat_id, unreachable_since)"
            f" VALUES (1, {number}, 'telegram:1', {number}, {gone}) RETURNING id",
        )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Give the text"),
        (["x", "--file", "y"], "Give the text"),
        (["--file", "nowhere.txt"], "can't be read"),
        (["  "], "The text is empty"),
        (["x" * 4097], "4097 characters; Telegram takes 4096"),
        (["x", "--to", "everybody"], "--to is upcoming, all, or a date"),
    ],
)
def test_what_cannot_be_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], told: str
) -> None:
    shell = Shell(monkeypatch, "postgresql://nobody@127.0.0.1:1/x", tmp_path)
    done = shell.run("broadcast", *arguments)
    assert done.exit_code == 2
    assert told in done.stderr


def test_nobody_is_told_of(shell: Shell, database_url: str) -> None:
    assert "0 customers of 2026-12-24" in shell.says("broadcast", "x", "--to", "2026-12-24")
