"""The processes of a run: the model's server with its script, and one for each party."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(__file__).parent / "scripts"


class BenchmarkError(RuntimeError):
    """What was to be measured didn't work; says what the process said."""


@contextmanager
def model_server(script: str) -> Iterator[str]:
    """Run the strict fake of the provider with a script of `scripts/`; yield its base URL.

    Raises:
        BenchmarkError: at the end, where it refused a request or had no answer for one.
    """
    process = _start("tests.fakes.openai", "--script", str(SCRIPTS / f"{script}.yaml"))
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=30)
    if complaints.strip():
        raise BenchmarkError(f"the model's server said:\n{complaints}")


class Child:
    """A party's process; see `child` for its commands."""

    def __init__(self, party: str, url: str) -> None:
        self._process = _start("benchmarks.conversation.child", party, url)
        self.made: dict[str, float] = self._answer()

    def ask(self, command: str, *numbers: int) -> Any:
        """Have a command carried out and return its answer.

        Raises:
            BenchmarkError: the process ended.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join([command, *map(str, numbers)]) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            _, said = self._process.communicate(timeout=30)
            raise BenchmarkError(f"a party's process ended:\n{said}")
        return json.loads(line)

    def end(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)


def _start(module: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
