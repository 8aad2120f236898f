"""What the README shows and says is run: its transcript, and each of its commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.e2e.harness import ROOT, environment, query, run

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.compile(r"^ *```bash\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
TRANSCRIPT = re.compile(r"<!-- transcript.*?-->\n```text\n(.*?)```", re.DOTALL)
COMMANDS = [line.strip() for block in BLOCKS.findall(README) for line in block.splitlines()]


def squeezed(text: str) -> list[str]:
    """The lines that say something."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_the_transcript_is_what_one_sees(database_url: str, tmp_path: Path) -> None:
    found = TRANSCRIPT.search(README)
    assert found is not None
    lines = squeezed(found[1])
    typed = [line.removeprefix("> ") for line in lines if line.startswith("> ")]
    shown = [line for line in lines if not line.startswith("> ")]
    done = run("chat", cwd=tmp_path, lines="\n".join(typed) + "\n", DATABASE_URL=database_url)
    assert squeezed(done.stdout) == shown


def test_every_command_runs(database_url: str, tmp_path: Path) -> None:
    """In a copy of what the commands need, with this environment's programs as `.venv`."""
    for name in ("examples", ".env.example", "prompts"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    assistant = programs / "assistant"
    assistant.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m assistant "$@"\n')
    assistant.chmod(0o755)
    ran = []
    for command in COMMANDS:
        if command.startswith("make "):
            continue  # `make test` runs this test; `make run` has its own below
        done = subprocess.run(
            command,
            shell=True,
            cwd=tmp_path,
            env=environment(DATABASE_URL=database_url),
            input="",
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        ran.append(command)
    assert len(ran) == len(COMMANDS) - 2
    statuses = query(database_url, "SELECT status FROM appointments")
    assert [row["status"] for row in statuses] == ["confirmed"]


def test_make_run_starts_and_ends(database_url: str) -> None:
    done = subprocess.run(
        ["make", "run"],
        cwd=ROOT,
        env={**environment(DATABASE_URL=database_url), "PATH": os.environ["PATH"]},
        input="haircut\n",
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Who would you like to see?" in done.stdout
