"""Each command of the developers' guide runs, in the guide's order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.e2e.harness import query
from tests.integration.cli_support import Shell

GUIDE = (ROOT / "docs" / "developers.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```bash\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]


def test_every_command_runs(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    shell = Shell(monkeypatch, database_url, tmp_path)
    ran = 0
    for command in COMMANDS:
        program, *arguments = shlex.split(command)
        assert program == ".venv/bin/assistant", command
        done = shell.run(*arguments)
        assert done.exit_code == 0, f"{command}\n{done.output}"
        assert done.stdout or "--output" in arguments, command
        ran += 1
    assert ran == len(COMMANDS) >= 15
    [row] = query(database_url, "SELECT status FROM appointments")
    assert row["status"] == "cancelled"  # by the guide's last command
