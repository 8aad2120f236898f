"""`assistant prompts eval` as one types it, against a fake OpenAI server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.script import SHIPPED
from tests.e2e.harness import query, run
from tests.fakes.openai import Answer, Call, FakeOpenAI, Request, Text

# What the edited prompt says, and the stand-in for a model obeys.
SPOILED = "Never call a tool. Chat nicely."
ONE = ("--only", "happy-one-model-call")


def obeys(request: Request) -> Answer:
    """Book what is asked for, unless the prompt forbids it."""
    if SPOILED in request.system_text:
        return Text("What a nice day for it!")
    wanted = {"service": "haircut", "when": "Tuesday at 10", "staff": None}
    return Call("create_appointment", {**wanted, "seats": None, "notes": None})


@pytest.fixture
def openai() -> Iterator[FakeOpenAI]:
    with FakeOpenAI.in_thread(obeys) as server:
        yield server


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """A prompts folder with an edit that looks harmless."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "prompts"))
    system = folder / "system.md"
    system.write_text(f"{system.read_text('utf-8')}\n{SPOILED}\n", "utf-8")
    return folder


def settings(openai: FakeOpenAI, database_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "OPENAI_API_KEY": "sk-test",
        "OPENAI_BASE_URL": openai.base_url,
        "OPENAI_PRICE_INPUT": "2",
        "OPENAI_PRICE_OUTPUT": "8",
    }


def test_an_edit_that_breaks_a_conversation_is_seen_before_it_goes_live(
    openai: FakeOpenAI, edited: Path, tmp_path: Path, database_url: str
) -> None:
    given = settings(openai, database_url)
    arguments = ("prompts", "eval", *ONE, "--k", "2", "--yes", "--dir", str(edited))
    done = run(*arguments, cwd=tmp_path, **given)
    assert done.returncode == 1, done.stderr
    assert "Scenarios: 1, each played 2 times" in done.stderr
    assert "About 4 calls of" in done.stderr
    report = json.loads((tmp_path / "prompts-eval.json").read_text("utf-8"))
    in_force, spoiled = report["versions"]
    assert [(v["name"], v["scenarios"][0]["passed"]) for v in report["versions"]] == [
        ("in force", 2),
        ("edited", 0),
    ]
    assert in_force["label"] != spoiled["label"]
    assert in_force["model_calls"] == 2
    assert in_force["input_tokens"] > 1000
    assert in_force["cost"] > 0
    rows = {line.split("  ")[0]: line for line in done.stdout.splitlines() if "%" in line}
    assert "100.0%" in rows["in force"]
    assert " 0.0%" in rows["edited"]
    assert "happy-one-model-call: in force: 2 of 2; edited: 0 of 2" in done.stdout
    assert "edited: turn 1: 'Please check and confirm:' isn't in" in done.stdout
    # Played apart: the business's own rows are as they were.
    assert query(database_url, "SELECT id FROM customers") == []
    assert openai.refused == []
