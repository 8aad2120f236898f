"""The real entry point between a fake Telegram and a fake OpenAI, over the wire."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Server
from tests.e2e.harness import Process, data_folder, query, started
from tests.fakes.openai import Call, FakeOpenAI, RateLimited, Text
from tests.fakes.telegram import FakeTelegram, Person

WHEN = "Tuesday 2026-11-24 10:00"


# A process takes seconds to start: the tests of a worker share one, and each has a customer and a
# time of its own.


@pytest.fixture(scope="module")
def telegram() -> Iterator[FakeTelegram]:
    """A Telegram server that must not be told anything odd."""
    with FakeTelegram.in_thread() as server:
        yield server
        assert server.oddities == []


@pytest.fixture(scope="module")
def openai() -> Iterator[FakeOpenAI]:
    """An OpenAI server that must not be asked anything it refuses."""
    with FakeOpenAI.in_thread([]) as server:
        yield server
        assert server.refused == []
        assert server.unexpected == []


@pytest.fixture(scope="module")
def url(server: Server) -> Iterator[str]:
    """The database that the tests of a worker share."""
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(scope="module")
def assistant(
    telegram: FakeTelegram,
    openai: FakeOpenAI,
    url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Process]:
    """`assistant run` between the two."""
    with started(
        "run",
        cwd=tmp_path_factory.mktemp("run"),
        DATABASE_URL=url,
        TELEGRAM_BOT_TOKEN=telegram.token,
        TELEGRAM_API_BASE_URL=telegram.base_url,
        OPENAI_API_KEY="sk-test",
        OPENAI_BASE_URL=openai.base_url,
        ASSISTANT_BURST_SECONDS="0.1",
    ) as process:
        process.waits_for("Serving northside-barbers", error=True)
        yield process


_IDS = itertools.count(1001)


@pytest.fixture
def ada(telegram: FakeTelegram) -> Person:
    """A customer nobody has seen before."""
    return telegram.person(next(_IDS), "Ada", "en")


def of(ada: Person, url: str, table: str, columns: str = "*") -> list[dict[str, Any]]:
    """The rows of a table that are this customer's, oldest first."""
    whose = f"SELECT id FROM customers WHERE telegram_id = {ada.chat.id}"
    return query(url, f"SELECT {columns} FROM {table} WHERE customer_id = ({whose}) ORDER BY id")


def book(ada: Person, openai: FakeOpenAI) -> None:
    """Book with one model call and one tap."""
    openai.play(
        [
            Call(
                "create_appointment",
                {"service": "haircut", "when": WHEN, "staff": "anna", "notes": None},
            )
        ]
    )
    ada.says(f"A haircut with Anna on {WHEN}, please")
    card = ada.waits_for_sync("Please check and confirm")
    ada.presses(card, "Confirm")


def test_booking_moving_and_cancelling_over_the_wire(
    assistant: Process, ada: Person, openai: FakeOpenAI, url: str
) -> None:
    before = len(openai.requests)
    book(ada, openai)
    receipt = ada.waits_for_sync("✅ Booked")
    for fact in ("Haircut", "Tuesday, 24 November, 10:00", "Anna", "€35.00"):
        assert fact in receipt.text
    assert len(openai.requests) == before + 1  # a fully specified booking costs one model call
    [row] = of(ada, url, "appointments")
    assert (row["status"], row["starts_at"].isoformat()) == (
        "confirmed",
        "2026-11-24T09:00:00+00:00",
    )
    said = of(ada, url, "conversation_messages")
    assert receipt.text in [message["message_text"] for message in said]

    number = row["id"]
    openai.play(
        [
            Call(
                "reschedule_appointment",
                {"appointment": number, "when": "Wed 2026-11-25 11:00", "staff": None},
            )
        ]
    )
    ada.says("Can we make it Wednesday at 11?")
    ada.presses(ada.waits_for_sync("Move this appointment"), "Confirm")
    assert "Wednesday, 25 November, 11:00" in ada.waits_for_sync("✅ Moved").text

    openai.play([Call("cancel_appointment", {"appointment": number, "reason": None})])
    ada.says("I can't come after all, please cancel")
    ada.presses(ada.waits_for_sync("Cancel this appointment"), "Yes, cancel it")
    ada.waits_for_sync("Cancelled")
    rows = of(ada, url, "appointments")
    assert [(row["id"], row["status"]) for row in rows] == [(number, "cancelled")]
    taken = f"SELECT 1 FROM occupancies WHERE active AND appointment_id = {number}"
    assert query(url, taken) == []


def test_a_typed_yes_confirms_without_the_model(
    assistant: Process, ada: Person, openai: FakeOpenAI, url: str
) -> None:
    before = len(openai.requests)
    when = "Tuesday 2026-11-24 12:00"
    openai.play(
        [
            Call(
                "create_appointment",
                {"service": "haircut", "when": when, "staff": None, "notes": None},
            )
        ]
    )
    ada.says(f"haircut {when}")
    ada.waits_for_sync("Please check and confirm")
    ada.says("Yes!")
    ada.waits_for_sync("✅ Booked")
    assert len(openai.requests) == before + 1
    assert [row["status"] for row in of(ada, url, "appointments")] == ["confirmed"]


def test_the_conversation_is_read_back_for_the_next_turn(
    assistant: Process, ada: Person, openai: FakeOpenAI
) -> None:
    openai.play([Text("Hello! What would you like to book?"), Text("Of course.")])
    ada.says("Hello there")
    ada.waits_for_sync("Hello!")
    ada.says("Do you remember me?")
    ada.waits_for_sync("Of course.")
    asked = openai.requests[-2:]
    said = [entry.text for entry in asked[1].view.transcript if entry.kind != "system"]
    assert said[:2] == ["Hello there", "Hello! What would you like to book?"]
    first, second = (request.body["instructions"] for request in asked)
    assert first == second  # the cacheable prefix is the same, byte for byte


def test_a_false_claim_is_not_delivered(
    assistant: Process, ada: Person, openai: FakeOpenAI, url: str
) -> None:
    openai.play([Text("Done! You're booked for Tuesday at 10:00.")] * 2)
    ada.says("book me somewhere on tuesday")
    answer = ada.waits_for_sync(None)
    assert "Nothing has been booked" in answer.text
    assert of(ada, url, "appointments") == []


def test_without_the_model_the_guided_flow_serves_on(
    assistant: Process, ada: Person, openai: FakeOpenAI
) -> None:
    openai.play([RateLimited(120.0)] * 6)
    ada.says("haircut on Tuesday 24 November at 15:00")
    answer = ada.waits_for_sync("Please check and confirm")
    ada.presses(answer, "Confirm")
    ada.waits_for_sync("✅ Booked")


def test_commands_and_the_menu(assistant: Process, ada: Person, telegram: FakeTelegram) -> None:
    ada.says("/start")
    greeting = ada.waits_for_sync("Northside Barbers")
    assert greeting.labels
    ada.says("/my")
    ada.waits_for_sync("no upcoming appointments")
    ada.says("/help")
    ada.waits_for_sync("/cancel")
    ada.says("/cancel")
    ada.waits_for_sync(None)
    ada.sends_photo()
    ada.waits_for_sync("Please write to me")
    menus = telegram.calls_of("setMyCommands")
    assert {call.params.get("language_code") for call in menus} >= {"ru", "de", "es"}


def test_a_redelivered_update_is_answered_once(
    assistant: Process, ada: Person, telegram: FakeTelegram, openai: FakeOpenAI, url: str
) -> None:
    before = len(openai.requests)
    openai.play([Text("Hello!")])
    sent = ada.says("Hi")
    ada.waits_for_sync("Hello!")
    telegram.redeliver(sent.update_id)
    ada.says("/help")
    ada.waits_for_sync("/cancel")
    assert len(openai.requests) == before + 1
    assert len(of(ada, url, "turns")) == 2


def test_it_stops_within_seconds_and_goes_on_where_it_was(
    database_url: str, tmp_path: Path
) -> None:
    with FakeTelegram.in_thread() as own:
        bob = own.person(2001, "Bob", "en")
        settings = {
            "DATABASE_URL": database_url,
            "TELEGRAM_BOT_TOKEN": own.token,
            "TELEGRAM_API_BASE_URL": own.base_url,
        }
        with started("run", cwd=tmp_path, fresh=True, **settings) as process:
            process.waits_for("Serving northside-barbers", error=True)
            assert process.ends(signal.SIGTERM) == 0
        bob.says("/start")  # written while nobody is there
        with started("run", cwd=tmp_path, **settings) as process:
            process.waits_for("Serving northside-barbers", error=True)
            bob.waits_for_sync("Northside Barbers")
            assert process.ends(signal.SIGINT) == 0


def test_no_secret_and_no_customer_text_in_the_log(
    assistant: Process, ada: Person, telegram: FakeTelegram, openai: FakeOpenAI
) -> None:
    openai.play([Text("Hello!")])
    ada.says("my secret wish is a mohawk")
    ada.waits_for_sync("Hello!")
    logged = assistant.waits_for('"kind": "message"', error=True)
    assert "turn_done" in logged
    for secret in ("mohawk", telegram.token.split(":")[1], "sk-test", "Hello!"):
        assert secret not in logged


def test_postgres_is_killed_and_nothing_is_lost(tmp_path: Path) -> None:
    """The embedded server dies under a running bot: it is started again, the answer comes."""
    with (
        data_folder() as data_dir,
        FakeTelegram.in_thread() as own,
        started(
            "run",
            cwd=tmp_path,
            ASSISTANT_DATA_DIR=str(data_dir),
            TELEGRAM_BOT_TOKEN=own.token,
            TELEGRAM_API_BASE_URL=own.base_url,
        ) as process,
    ):
        bob = own.person(2001, "Bob", "en")
        process.waits_for("Serving northside-barbers", error=True)
        bob.says("haircut on Tuesday 24 November at 10:00")
        card = bob.waits_for_sync("Please check and confirm")
        pid = (data_dir / "cluster" / "postmaster.pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGKILL)
        bob.presses(card, "Confirm")
        bob.waits_for_sync("✅ Booked")
        assert process.ends(signal.SIGTERM) == 0
