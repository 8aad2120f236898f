"""The developers' commands as processes: what is on which stream, exit codes, a quick start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.harness import ROOT, run

BOOK = {"service": "haircut", "when": "Tue 2026-11-24 10:00", "staff": None, "notes": None}


def test_standard_output_holds_the_result_alone(database_url: str, tmp_path: Path) -> None:
    done = run(
        "tools",
        "call",
        "create_appointment",
        "-",
        "--as",
        "7",
        cwd=tmp_path,
        lines=json.dumps(BOOK),
        DATABASE_URL=database_url,
    )
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    assert json.loads(line)["state"] == "waiting_for_confirmation"
    assert "The clock is pinned" in done.stderr
    slots = run("slots", "haircut", "--json", cwd=tmp_path, DATABASE_URL=database_url)
    assert json.loads(slots.stdout)["service"] == "haircut"


def test_a_database_that_is_away_is_exit_code_1(tmp_path: Path) -> None:
    away = "postgresql://nobody:none@127.0.0.1:1/none"
    done = run("tools", "call", "get_services", "{}", "--as", "7", cwd=tmp_path, DATABASE_URL=away)
    assert (done.returncode, done.stdout) == (1, "")
    assert "The assistant can't go on: the database is not available right now" in done.stderr
    assert "Traceback" not in done.stderr


QUICK = """
import sys
from assistant.cli import main
try:
    main()
finally:
    heavy = {"aiogram", "alembic", "icalendar", "openai"}
    print(sorted(heavy & sys.modules.keys()), file=sys.stderr)
"""


def test_a_schema_needs_no_database_and_nothing_heavy(tmp_path: Path) -> None:
    """What costs the time of a start, in place of the time: the machine may be busy."""
    done = subprocess.run(
        [sys.executable, "-c", QUICK, "tools", "schema", "get_customer"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["name"] == "get_customer"
    assert done.stderr == "[]\n"


def test_an_output_that_cannot_take_it_is_no_traceback(database_url: str, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "assistant", "tools", "list"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (
        1,
        "The output can't be written: No space left on device.\n",
    )
    shown = run(
        "chat",
        cwd=tmp_path,
        lines="стрижка у Анны во вторник в 10:00\nда\n",
        DATABASE_URL=database_url,
        PYTHONIOENCODING="ascii",
    )
    assert shown.returncode == 0, shown.stderr
    assert "10:00" in shown.stdout
