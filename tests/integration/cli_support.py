"""The command line in this process, on a database of the test's own."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from assistant.cli import app
from assistant.conversation import Script
from assistant.logs import close_logs

NOW = "2026-11-21T10:00:00+01:00"
BOOK = {"service": "haircut", "when": "Tue 2026-11-24 10:00", "staff": "anna", "notes": None}

# Half the time of a command goes into reading the phrases, which these tests aren't about.
_SCRIPT = cache(Script.load)


class Shell:
    """Runs commands as `assistant` would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, url: str, folder: Path) -> None:
        self.folder = folder
        self._runner = CliRunner()
        monkeypatch.chdir(folder)
        monkeypatch.setattr(Script, "load", staticmethod(_SCRIPT))
        for name, value in {
            "DATABASE_URL": url,
            "ASSISTANT_NOW": NOW,
            "OPENAI_API_KEY": "",
            "TELEGRAM_BOT_TOKEN": "",
        }.items():
            monkeypatch.setenv(name, value)

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        """Run a command; what the program raises is raised."""
        done = self._runner.invoke(app, list(arguments), input=stdin, catch_exceptions=False)
        close_logs()  # they point to a stream of the runner's
        return done

    def says(self, *arguments: str, stdin: str | None = None, code: int = 0) -> str:
        """Run a command that ends with `code` and return its standard output."""
        done = self.run(*arguments, stdin=stdin)
        assert done.exit_code == code, done.output
        return str(done.stdout)

    def json(self, *arguments: str, code: int = 0) -> Any:
        """The same for a command that prints JSON."""
        return json.loads(self.says(*arguments, code=code))

    def call(self, name: str, arguments: dict[str, Any], *more: str, code: int = 0) -> Any:
        """Call a tool as customer 7."""
        return self.json(
            "tools", "call", name, json.dumps(arguments), "--as", "7", *more, code=code
        )

    def book(self, **changes: Any) -> int:
        """Book as customer 7 and return the appointment's number."""
        self.call("create_appointment", {**BOOK, **changes})
        booked: int = self.json("tools", "confirm", "--as", "7")["appointment"]["appointment"]
        return booked

    def write(self, name: str, text: str) -> str:
        """Write a file and return its path."""
        path = self.folder / name
        path.write_text(text, "utf-8")
        return str(path)
