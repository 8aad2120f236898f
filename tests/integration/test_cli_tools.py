"""`assistant tools`: a tool tried out from the command line, as a customer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.harness import query
from tests.integration.cli_support import BOOK, Shell
from tools.support.registry import discover


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> Shell:
    """A command line on an empty database, where the example shop is loaded at first use."""
    return Shell(monkeypatch, database_url, tmp_path)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    """A command line without any database."""
    return Shell(monkeypatch, "postgresql://nobody:none@127.0.0.1:1/none", tmp_path)


def test_the_list_names_every_tool_with_its_facts(bare: Shell) -> None:
    lines = bare.says("tools", "list").splitlines()
    assert lines[0].split() == ["NAME", "EFFECT", "CONFIRM", "AUDIENCE", "DESCRIPTION"]
    assert [line.split()[0] for line in lines[1:]] == list(discover())
    [booking] = [line.split()[:4] for line in lines if line.startswith("create_appointment")]
    assert booking == ["create_appointment", "write", "yes", "customer"]
    listed = {tool["name"]: tool for tool in bare.json("tools", "list", "--json")}
    assert listed["get_customer"]["effect"] == "read"


def test_the_schema_is_what_is_sent(bare: Shell) -> None:
    sent = bare.json("tools", "schema", "create_appointment")
    assert sent["strict"] is True
    assert sent["parameters"] == discover()["create_appointment"].parameters
    assert [tool["name"] for tool in bare.json("tools", "schema")] == list(discover())
    chat = bare.json("tools", "schema", "create_appointment", "--api", "chat")
    assert chat == {
        "type": "function",
        "function": {k: v for k, v in sent.items() if k != "type"},
    }


def test_an_unknown_schema_names_those_that_there_are(bare: Shell) -> None:
    done = bare.run("tools", "schema", "nope")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "there are: ask_for_human, cancel_appointment" in done.stderr


def test_a_read_tool_prints_what_the_model_reads(shell: Shell) -> None:
    done = shell.run("tools", "call", "get_my_appointments", "-", "--as", "7", stdin="{}")
    assert (done.exit_code, done.stdout) == (0, '{"appointments":[]}\n')


def test_booking_takes_the_card_and_the_yes(shell: Shell, database_url: str) -> None:
    proposed = shell.call("create_appointment", BOOK)
    assert proposed["state"] == "waiting_for_confirmation"
    booked = shell.json("tools", "confirm", "--as", "7")
    assert (booked["state"], booked["appointment"]["when"]) == ("booked", "Tue 2026-11-24 10:00")
    assert shell.json("tools", "confirm", "--as", "7")["state"] == "nothing_open"
    receipts = query(database_url, "SELECT channel, chat_id FROM outbox WHERE kind = 'receipt'")
    assert receipts == [{"channel": "terminal:northside-barbers", "chat_id": 7}]


def test_no_gives_the_held_time_back(shell: Shell, database_url: str) -> None:
    shell.call("create_appointment", BOOK)
    assert shell.json("tools", "decline", "--as", "7")["state"] == "declined"
    assert shell.json("tools", "decline", "--as", "7")["state"] == "nothing_open"
    [row] = query(database_url, "SELECT status FROM appointments")
    assert row["status"] == "cancelled"


def test_a_named_message_has_no_second_effect(shell: Shell, database_url: str) -> None:
    first = shell.call("create_appointment", BOOK, "--message", "m1")
    drafts = query(database_url, "SELECT version FROM drafts")
    assert shell.call("create_appointment", BOOK, "--message", "m1") == first
    assert query(database_url, "SELECT version FROM drafts") == drafts
    assert len(query(database_url, "SELECT 1 FROM appointments")) == 1
    other = {**BOOK, "when": "Tue 2026-11-24 12:00"}
    again = shell.call("create_appointment", other, "--message", "m1")
    assert again == {"refused": "idempotency_conflict"}


def test_without_a_name_each_call_is_a_message_of_its_own(shell: Shell, database_url: str) -> None:
    shell.call("create_appointment", BOOK)
    shell.call("create_appointment", {**BOOK, "when": "Tue 2026-11-24 12:00"})
    statuses = query(database_url, "SELECT status FROM appointments ORDER BY id")
    assert [row["status"] for row in statuses] == ["cancelled", "held"]


def test_a_refusal_is_an_answer(shell: Shell) -> None:
    refused = shell.call("create_appointment", {**BOOK, "when": "Sun 2026-11-29 12:00"})
    assert refused["refused"] == "outside_hours"
    assert len(refused["alternatives"]) == 5


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("nope", "{}", "no tool 'nope'; there are: ask_for_human, cancel_appointment"),
        ("create_appointment", '{"service": "haircut"}', "when: Field required"),
        ("create_appointment", "not json", "Invalid JSON"),
        ("get_customer", '{"customer_id": 1}', "customer_id: Extra inputs are not permitted"),
        ("create_appointment", json.dumps({**BOOK, "when": "25:99"}), "no such date or time"),
    ],
)
def test_what_cant_be_used_comes_back_in_words(
    shell: Shell, name: str, arguments: str, said: str
) -> None:
    done = shell.run("tools", "call", name, arguments, "--as", "7")
    assert done.exit_code == 2
    assert said in json.loads(done.stdout)["error"]


def test_the_clock_can_be_pinned_for_one_command(shell: Shell) -> None:
    slots = shell.call(
        "get_available_slots",
        {"service": "haircut", "when": "tomorrow", "staff": None},
        "--now",
        "2026-12-01T09:00:00+01:00",
    )
    assert slots["days"][0]["day"] == "Wed 2026-12-02"


def test_a_customer_is_created_once_and_known_again(shell: Shell, database_url: str) -> None:
    for _ in range(2):
        shell.call("get_customer", {})
    rows = query(database_url, "SELECT telegram_id FROM customers")
    assert [row["telegram_id"] for row in rows] == [7]
