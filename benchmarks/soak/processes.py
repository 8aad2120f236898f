"""The processes of a soak: people with their Telegram, the model, the assistant, the echo bot."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60.0


class SoakError(RuntimeError):
    """A process didn't do what it was started for; says what it said."""


class Program:
    """A running Python module.

    Args:
        module: with its arguments.
        settings: of its environment, besides PATH, HOME and the like.
        log: where its standard error goes.
    """

    def __init__(self, module: Sequence[str], log: Path, settings: Mapping[str, str] = {}) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=log.parent,
                env={**kept, "PYTHONPATH": str(ROOT), **settings},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def line(self) -> str:
        """Return its next line of output.

        Raises:
            SoakError: it ended.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            raise SoakError(f"a process ended:\n{self.log.read_text()[-2000:]}")
        return line.strip()

    def tell(self, line: str) -> None:
        """Write a line to it."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def ask(self, line: str) -> Any:
        """Write a line to it and return its answer, JSON."""
        self.tell(line)
        return json.loads(self.line())

    def waits_for(self, words: str) -> None:
        """Wait until its log holds these words.

        Raises:
            SoakError: they didn't come.
        """
        deadline = time.monotonic() + _START_SECONDS
        while words not in self.log.read_text():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise SoakError(f"never said {words!r}:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self, seconds: float = 60.0) -> tuple[int, str]:
        """End it with SIGTERM; return its exit code and what it had left to say."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        said, _ = self._process.communicate(timeout=seconds)
        return self._process.returncode, said

    def kill(self) -> None:
        """End it at once, where it still runs."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


@contextlib.contextmanager
def running(module: Sequence[str], log: Path, **settings: str) -> Iterator[Program]:
    """Run a module, killed at the end if it still runs."""
    program = Program(module, log, settings)
    try:
        yield program
    finally:
        program.kill()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
