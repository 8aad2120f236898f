"""Whole processes for end-to-end tests: the real entry point, spoken to over pipes and sockets."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg

from tests.e2e.nursery import Child, Nursery, ask, program

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


@cache
def _nursery() -> Nursery:
    nursery = Nursery(Path(os.environ["ASSISTANT_TEST_FOLDER"]))
    atexit.register(nursery.close)
    return nursery


def program_in(folder: Path) -> None:
    """Put `.venv/bin/assistant` into a folder, for commands that are written with it."""
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "assistant").write_text(program(_nursery().address))
    (programs / "assistant").chmod(0o755)


def run(
    *arguments: str,
    cwd: Path,
    lines: str = "",
    timeout: float = 120,
    fresh: bool = False,
    **settings: str,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end with `lines` as its input; see `started`."""
    with started(*arguments, cwd=cwd, fresh=fresh, **settings) as process:
        process.type(lines, end="")
        code = process.ends(timeout=timeout)
        said, complained = process.everything()
    return subprocess.CompletedProcess(arguments, code, said, complained)


class Process:
    """A running assistant whose output is collected.

    Args:
        arguments: after `assistant`.
        cwd: the folder in which it works.
        settings: its environment, beside what every process needs.
        fresh: start it from nothing; else a nursery's fork becomes it.
    """

    def __init__(
        self, arguments: Sequence[str], cwd: Path, settings: Mapping[str, str], *, fresh: bool
    ) -> None:
        # What Python reads at its start and no later.
        fresh = fresh or any(name.startswith(("LANG", "LC_", "PYTHON")) for name in settings)
        given = environment(**settings)
        (stdin, typed), (out, stdout), (err, stderr) = os.pipe(), os.pipe(), os.pipe()
        self.popen: Child | subprocess.Popen[bytes]
        try:
            if fresh:
                self.popen = subprocess.Popen(
                    command(*arguments),
                    cwd=cwd,
                    env=given,
                    stdin=stdin,
                    stdout=stdout,
                    stderr=stderr,
                )
            else:
                streams = (stdin, stdout, stderr)
                self.popen = ask(_nursery().address, arguments, str(cwd), given, streams)
        finally:
            for each in (stdin, stdout, stderr):
                os.close(each)
        self._typed = os.fdopen(typed, "w", encoding="utf-8")
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            threading.Thread(target=self._collect, args=each, daemon=True)
            for each in ((out, self.out), (err, self.err))
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _collect(stream: int, sink: list[str]) -> None:
        with os.fdopen(stream, encoding="utf-8") as text:
            for line in text:
                sink.append(line)

    def type(self, line: str, *, end: str = "\n") -> None:
        """Type a line; who has ended reads none."""
        with contextlib.suppress(BrokenPipeError):
            self._typed.write(line + end)
            self._typed.flush()

    def everything(self) -> tuple[str, str]:
        """Wait for the end of both outputs and return them."""
        for reader in self._readers:
            reader.join()
        return "".join(self.out), "".join(self.err)

    def waits_for(self, text: str, *, timeout: float = 60, error: bool = False) -> str:
        """Wait until the output holds `text` and return all of it so far."""
        sink = self.err if error else self.out
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            ended = self.popen.poll() is not None
            if ended:  # what it said last may still be on the way
                for reader in self._readers:
                    reader.join(5)
            seen = "".join(sink)
            if text in seen:
                return seen
            if ended:
                break
            time.sleep(0.02)
        raise AssertionError(
            f"never said {text!r}; it said:\n{''.join(self.out)}\n--- errors\n{''.join(self.err)}"
        )

    def forget(self) -> None:
        """Let `waits_for` see only what comes from now on."""
        self.out.clear()

    def ends(self, how: signal.Signals | None = None, *, timeout: float = 60) -> int:
        """Send a signal (or close the input) and return the exit code."""
        if how is None:
            with contextlib.suppress(BrokenPipeError):
                self._typed.close()
        else:
            self.popen.send_signal(how)
        return self.popen.wait(timeout)

    def close(self) -> None:
        """Kill it if it still runs."""
        with contextlib.suppress(BrokenPipeError):
            self._typed.close()
        self.popen.kill()
        self.popen.wait()


@contextmanager
def started(*arguments: str, cwd: Path, fresh: bool = False, **settings: str) -> Iterator[Process]:
    """Start the assistant; killed at the end if it still runs.

    Args:
        arguments: after `assistant`.
        fresh: start it from nothing, as a person does; else a nursery's fork becomes it.
        settings: its environment.
    """
    process = Process(arguments, cwd, settings, fresh=fresh)
    try:
        yield process
    finally:
        process.close()


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
