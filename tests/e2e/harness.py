"""Whole processes for end-to-end tests: the real entry point, spoken to over pipes and sockets."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

ROOT = Path(__file__).resolve().parents[2]
# Saturday 2026-11-21, 10:00 in Berlin.
NOW = "2026-11-21T10:00:00+01:00"


def environment(**settings: str) -> dict[str, str]:
    """Return a bare environment with these settings: nothing of the developer's gets in."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "ASSISTANT_NOW": NOW, **settings}


def command(*arguments: str) -> list[str]:
    """Return the command line of the assistant."""
    return [sys.executable, "-m", "assistant", *arguments]


def run(
    *arguments: str, cwd: Path, lines: str = "", timeout: float = 60, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end with `lines` as its input."""
    return subprocess.run(
        command(*arguments),
        input=lines,
        cwd=cwd,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


class Process:
    """A running assistant whose output is collected."""

    def __init__(self, arguments: tuple[str, ...], cwd: Path, settings: Mapping[str, str]) -> None:
        self.popen = subprocess.Popen(
            command(*arguments),
            cwd=cwd,
            env=environment(**settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.out: list[str] = []
        self.err: list[str] = []
        for stream, sink in ((self.popen.stdout, self.out), (self.popen.stderr, self.err)):
            threading.Thread(target=self._collect, args=(stream, sink), daemon=True).start()

    @staticmethod
    def _collect(stream: Any, sink: list[str]) -> None:
        for line in stream:
            sink.append(line)

    def type(self, line: str) -> None:
        """Type a line."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()

    def waits_for(self, text: str, *, timeout: float = 30, error: bool = False) -> str:
        """Wait until the output holds `text` and return all of it so far."""
        sink = self.err if error else self.out
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            seen = "".join(sink)
            if text in seen:
                return seen
            if self.popen.poll() is not None and text not in "".join(sink):
                break
            time.sleep(0.02)
        raise AssertionError(
            f"never said {text!r}; it said:\n{''.join(self.out)}\n--- errors\n{''.join(self.err)}"
        )

    def forget(self) -> None:
        """Let `waits_for` see only what comes from now on."""
        self.out.clear()

    def ends(self, how: signal.Signals | None = None, *, timeout: float = 15) -> int:
        """Send a signal (or close the input) and return the exit code."""
        if how is None:
            assert self.popen.stdin is not None
            self.popen.stdin.close()
        else:
            self.popen.send_signal(how)
        return self.popen.wait(timeout)


@contextmanager
def started(*arguments: str, cwd: Path, **settings: str) -> Iterator[Process]:
    """Start the assistant; killed at the end if it still runs."""
    process = Process(arguments, cwd, settings)
    try:
        yield process
    finally:
        if process.popen.poll() is None:
            process.popen.kill()
        process.popen.wait()


def query(url: str, statement: str) -> list[dict[str, Any]]:
    """Read rows as the application's role, seeing business 1 and the queues."""

    async def read() -> list[dict[str, Any]]:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(
                "SELECT set_config('app.business', '1', false),"
                " set_config('app.worker', 'on', false)"
            )
            return [dict(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(read())


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder that the embedded server's account can reach, also when the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="ba-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder / "data"
