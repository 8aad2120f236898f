"""The commands for prompts and tools, as one types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from assistant.script import SHIPPED
from tests.e2e.harness import run


def test_a_preview_needs_no_key_and_sends_nothing(tmp_path: Path, database_url: str) -> None:
    arguments = ("prompts", "preview", "--as", "5", "--message", "Стрижка завтра в 10")
    done = run(*arguments, cwd=tmp_path, DATABASE_URL=database_url)
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert "You are the booking assistant of Northside Barbers" in body["instructions"]
    [item] = body["input"]
    assert "Стрижка завтра в 10" in item["content"][0]["text"]
    assert "language: ru" in item["content"][0]["text"]
    assert "create_appointment" in {tool["name"] for tool in body["tools"]}
    chat = run(*arguments, "--api", "chat", cwd=tmp_path, DATABASE_URL=database_url)
    assert [message["role"] for message in json.loads(chat.stdout)["messages"]] == [
        "system",
        "user",
    ]


def test_what_can_not_be_shown_is_said(tmp_path: Path, database_url: str) -> None:
    wrong = run("prompts", "preview", "--api", "soap", cwd=tmp_path, DATABASE_URL=database_url)
    assert wrong.returncode == 2
    assert "OPENAI_API" in wrong.stderr
    nobody = run(
        "prompts", "preview", "--business", "nowhere", cwd=tmp_path, DATABASE_URL=database_url
    )
    assert nobody.returncode == 2
    assert "There is no business 'nowhere'" in nobody.stderr


def test_a_broken_folder_stops_the_start_and_the_check_tells_why(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "prompts"))
    system = folder / "system.md"
    system.write_text(system.read_text("utf-8") + "{{ nonsense }}\n{{ message }}\n", "utf-8")
    started = run("chat", cwd=tmp_path, ASSISTANT_PROMPTS_DIR=str(folder))
    assert started.returncode == 1
    assert f"{system}, line 59: unknown placeholder" in started.stderr
    checked = run("prompts", "check", cwd=tmp_path, ASSISTANT_PROMPTS_DIR=str(folder))
    assert checked.returncode == 2
    assert f"{system}, line 60: unknown placeholder" in checked.stderr
    assert "Traceback" not in started.stderr + checked.stderr
