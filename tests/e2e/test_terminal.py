"""The real entry point at a terminal's pipe: booking by typing, with and without a model."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import data_folder, environment, program_in, query, run, started
from tests.fakes.openai import Call, FakeOpenAI, Slow, Text

TYPED = "haircut on Tuesday 24 November at 10:00\nyes\nmy appointments\n"


def test_booking_by_typing_without_any_model(database_url: str, tmp_path: Path) -> None:
    done = run("chat", cwd=tmp_path, lines=TYPED, DATABASE_URL=database_url)
    assert done.returncode == 0, done.stderr
    for said in (
        "Hello! This is the booking assistant of Northside Barbers.",
        "Please check and confirm:",
        "[1] Confirm",
        "✅ Booked",
        "Your appointments:",
        "Goodbye!",
    ):
        assert said in done.stdout
    assert "The clock is pinned" in done.stderr
    [row] = query(database_url, "SELECT status, starts_at FROM appointments")
    assert (row["status"], row["starts_at"].isoformat()) == (
        "confirmed",
        "2026-11-24T09:00:00+00:00",
    )
    # The buttons below a receipt are no part of what it says.
    receipts = [
        part.partition("\n  [")[0]
        for part in done.stdout.split("\n\n")
        if part.startswith("✅ Booked")
    ]
    saved = query(database_url, "SELECT message_text FROM conversation_messages")
    assert receipts[0].strip() in [message["message_text"] for message in saved]


def test_booking_by_numbers_alone(database_url: str, tmp_path: Path) -> None:
    """Book, haircut, anyone, the first day, the first time, confirm: all by number."""
    with started("chat", cwd=tmp_path, DATABASE_URL=database_url) as process:
        for expected in ("[1] Book", "[1] Haircut", "[1] Anyone", "Which day", "Which time"):
            process.waits_for(expected)
            process.forget()
            process.type("1")
        process.waits_for("Please check and confirm")
        process.type("1")
        process.waits_for("✅ Booked")
        assert process.ends() == 0
    assert len(query(database_url, "SELECT 1 FROM appointments WHERE status = 'confirmed'")) == 1


def test_moving_and_cancelling_in_russian(database_url: str, tmp_path: Path) -> None:
    with started("chat", "--as", "7", cwd=tmp_path, DATABASE_URL=database_url) as process:
        process.waits_for("Hello!")
        process.type("стрижка во вторник 24 ноября в 10:00")
        process.waits_for("Подтвердить")
        process.type("да")
        process.waits_for("✅ Вы записаны")
        process.forget()
        process.type("перенести")
        process.waits_for("[1]")
        process.type("1")
        process.forget()
        process.type("среда 25 ноября в 11:00")
        process.waits_for("Подтвердить")
        process.type("да")
        process.waits_for("✅ Запись перенесена")
        process.forget()
        process.type("отменить запись")
        process.waits_for("[1]")
        process.type("1")
        process.waits_for("Да, отменить")
        process.type("да")
        process.waits_for("Запись отменена")
        assert process.ends() == 0
    [row] = query(database_url, "SELECT status, version FROM appointments")
    assert row["status"] == "cancelled"


def test_with_a_model_the_same_chat_is_answered_by_it(database_url: str, tmp_path: Path) -> None:
    script = [
        Text("Hi! What can I do for you?"),
        Call(
            "create_appointment",
            {"service": "haircut", "when": "Tue 2026-11-24 10:00", "staff": None, "notes": None},
        ),
    ]
    with FakeOpenAI.in_thread(script) as openai:
        done = run(
            "chat",
            cwd=tmp_path,
            lines="hello\nhaircut on tuesday at ten please\nyes\n",
            DATABASE_URL=database_url,
            OPENAI_API_KEY="sk-test",
            OPENAI_BASE_URL=openai.base_url,
        )
        assert (openai.refused, openai.unexpected, openai.left) == ([], [], 0)
    assert "Hi! What can I do for you?" in done.stdout
    assert "✅ Booked" in done.stdout


@pytest.mark.parametrize("api", ["responses", "chat"])
def test_both_endpoints_book(database_url: str, tmp_path: Path, api: str) -> None:
    wanted = {"service": "haircut", "when": "Tue 2026-11-24 10:00", "staff": None, "notes": None}
    script = [Call("get_services", {}), Call("create_appointment", wanted)]
    with FakeOpenAI.in_thread(script) as openai:
        done = run(
            "chat",
            cwd=tmp_path,
            lines="book a haircut on tuesday at ten\nyes\n",
            DATABASE_URL=database_url,
            OPENAI_API_KEY="sk-test",
            OPENAI_BASE_URL=openai.base_url,
            OPENAI_API=api,
        )
        assert (openai.refused, openai.unexpected, openai.left) == ([], [], 0)
    assert "✅ Booked" in done.stdout


ODD = [
    "haircut tomorrow at 25:99",
    "haircut yesterday at 10:00",
    "a massage on Tuesday at 10:00",
    "x" * 10_000,
    "🎉🎉🎉",
    "'; DROP TABLE appointments; --",
    "/nonsense",
    "999999999999999999999999",
    "\x00\x01",
]


def test_odd_input_gets_an_answer_and_loses_nothing(database_url: str, tmp_path: Path) -> None:
    """Each odd line is answered in words, and the next booking works."""
    lines = "\n".join(ODD) + "\n" + TYPED
    done = run("chat", cwd=tmp_path, lines=lines, DATABASE_URL=database_url)
    assert done.returncode == 0, done.stderr
    assert "✅ Booked" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "Something went wrong" not in done.stdout
    turns = query(database_url, "SELECT state FROM turns")
    assert {turn["state"] for turn in turns} == {"done"}
    assert query(database_url, "SELECT 1 FROM inbox WHERE state <> 'done'") == []


def test_input_that_cannot_be_waited_for_is_read_to_its_end(
    database_url: str, tmp_path: Path
) -> None:
    """A file, or nothing at all."""
    program_in(tmp_path)
    (tmp_path / "typed.txt").write_text(TYPED, "utf-8")
    for source, said in (("typed.txt", "✅ Booked"), ("/dev/null", "Goodbye!")):
        done = subprocess.run(
            f".venv/bin/assistant chat < {source}",
            shell=True,
            cwd=tmp_path,
            env=environment(DATABASE_URL=database_url),
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert said in done.stdout


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder for the embedded server."""
    with data_folder() as folder:
        yield folder


def server_processes(data_dir: Path) -> list[int]:
    """The postmaster and the process that keeps it."""
    pid = (data_dir / "cluster" / "postmaster.pid").read_text().split()[0]
    parent = subprocess.run(
        ["ps", "-o", "ppid=", "-p", pid], capture_output=True, text=True, check=True
    ).stdout
    return [int(pid), int(parent)]


def alive(pids: list[int]) -> list[int]:
    """Those of the processes that still run."""
    listed = [
        subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        for pid in pids
    ]
    states = [done.stdout.strip() for done in listed]
    return [
        pid for pid, state in zip(pids, states, strict=True) if state and not state.startswith("Z")
    ]


def test_a_killed_terminal_goes_on_at_the_next_start(database_url: str, tmp_path: Path) -> None:
    """Fails without a sign of life: the chat would be the dead process's until its lease ends."""
    with FakeOpenAI.in_thread([Slow(30, Text("Too late.")), Text("Welcome back!")]) as openai:
        settings = {
            "DATABASE_URL": database_url,
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": openai.base_url,
        }
        with started("chat", cwd=tmp_path, **settings) as process:
            process.waits_for("Northside Barbers")
            process.type("hello")
            while not openai.requests:
                assert process.popen.poll() is None
                time.sleep(0.01)
            process.ends(signal.SIGKILL)
        with started("chat", cwd=tmp_path, **settings) as process:
            process.waits_for("Welcome back!")
            process.waits_for("[1] Book")


def test_the_embedded_server_is_killed_in_mid_conversation(data_dir: Path, tmp_path: Path) -> None:
    """PostgreSQL dies, the next message starts it again; nothing that was said is lost."""
    with started("chat", cwd=tmp_path, ASSISTANT_DATA_DIR=str(data_dir)) as process:
        process.waits_for("Hello!")
        process.type("haircut on Tuesday 24 November at 10:00")
        process.waits_for("Please check and confirm")
        os.kill(server_processes(data_dir)[0], signal.SIGKILL)
        process.type("yes")
        process.waits_for("✅ Booked")
        process.forget()
        process.type("my appointments")
        process.waits_for("Your appointments:")
        running = server_processes(data_dir)
        assert process.ends() == 0
    assert alive(running) == []


def test_ctrl_c_leaves_nothing_running(data_dir: Path, tmp_path: Path) -> None:
    with started("run", cwd=tmp_path, ASSISTANT_DATA_DIR=str(data_dir)) as process:
        process.waits_for("Hello!")
        running = server_processes(data_dir)
        assert alive(running) == running
        assert process.ends(signal.SIGINT) in (0, 130)
    assert alive(running) == []
    assert "Traceback" not in "".join(process.err)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
        ({"DB_POOL_SIZE": "0"}, "DB_POOL_SIZE"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"ASSISTANT_NOW": "yesterday"}, "ASSISTANT_NOW"),
    ],
)
def test_a_wrong_setting_is_named_and_exits_with_2(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    done = run("chat", cwd=tmp_path, **settings)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
