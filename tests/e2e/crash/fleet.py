"""Processes of the assistant that are killed and started again."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.crash.wires import Wires
from tests.e2e.harness import NOW, environment

# A stop is to be over within 10 s; the machine may be busy.
END_SECONDS = 15.0
# Loads what `assistant run` needs once and forks for each start: a restart costs no CPU seconds.
_NURSERY = """
import os, signal, sys
import assistant.app, assistant.cli, assistant.telegram.serve, assistant.model.openai_client
import assistant.turn.engine
from tools.support.registry import discover
discover()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while line := sys.stdin.readline():
    now, port, log, url = line.split()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for fd in (1, 2):
            os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), fd)
        os.environ["ASSISTANT_NOW"] = now
        os.environ["DATABASE_URL"] = url
        os.environ["ASSISTANT_HTTP_PORT"] = port
        sys.argv = ["assistant", "run"]
        try:
            assistant.cli.main()
        finally:
            os._exit(1)
    print(pid, flush=True)
"""


class Fleet:
    """So many processes of the assistant at any time.

    Args:
        ports: one a process, for its HTTP server; 0 = it has none. What replaces a frozen process
            gets another one, which is put in its place here.
        folder: for the logs.
        settings: environment of each.
        wires: between each process and the database; None = they can't be cut off.
    """

    def __init__(
        self,
        ports: list[int],
        folder: Path,
        settings: dict[str, str],
        wires: Wires | None = None,
    ) -> None:
        self._ports = ports
        self._wires = wires
        self._url = settings["DATABASE_URL"]
        self._url_of: dict[int, str] = {}
        self._folder = folder
        self._lock = threading.Lock()
        self._serial = 0
        self.kills: Counter[str] = Counter()
        # When something was done to processes, in seconds of the monotonic clock.
        self.moments: list[float] = []
        self.late: list[str] = []
        self._frozen: set[int] = set()
        with (folder / "nursery.log").open("w") as log:
            self._nursery = subprocess.Popen(
                [sys.executable, "-c", _NURSERY],
                cwd=folder,
                env=environment(**settings),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._now = dt.datetime.fromisoformat(NOW)
        self._began = time.monotonic()
        self.running = [self._start(port) for port in ports]

    def _start(self, port: int) -> int:
        self._serial += 1
        passed = dt.timedelta(seconds=time.monotonic() - self._began)
        now = (self._now + passed).isoformat()
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        log = f"{self._folder}/assistant-{self._serial:03d}.log"
        url = self._url if self._wires is None else self._wires.add()
        self._nursery.stdin.write(f"{now} {port} {log} {url}\n")
        self._nursery.stdin.flush()
        pid = int(self._nursery.stdout.readline())
        self._url_of[pid] = url
        return pid

    def kill(self, why: str, *, one: bool = False) -> None:
        """Kill all processes, or one, and start as many again."""
        with self._caught(why):
            for place in [random.randrange(len(self.running))] if one else range(len(self.running)):
                _kill(self.running[place])
                self.running[place] = self._start(self._ports[place])

    def jump(self, now: dt.datetime) -> None:
        """Kill all processes, and start as many again at a later time."""
        self._now, self._began = now, time.monotonic()
        self.kill("and started again days later")

    def stop(self, why: str) -> None:
        """Tell all processes to end, and start as many again when they have."""
        with self._caught(why):
            for pid in self.running:
                os.kill(pid, signal.SIGTERM)
            self._await_end(self.running, why)
            self.running = [self._start(port) for port in self._ports]

    def freeze(self, why: str, *, cut: bool = False) -> list[int]:
        """Let all processes stand still, and start as many others; return the frozen ones.

        Args:
            cut: they go on, but are cut off from the database.
        """
        with self._caught(why):
            frozen = self.running
            for pid in frozen:
                if self._wires is not None and cut:
                    self._wires.cut(self._url_of[pid])
                else:
                    os.kill(pid, signal.SIGSTOP)
            self._frozen |= {*frozen}
            self._ports[:] = free_ports(len(frozen)) if any(self._ports) else self._ports
            self.running = [self._start(port) for port in self._ports]
        return frozen

    def wake(self, frozen: list[int]) -> None:
        """Let frozen processes go on, and end a while later."""
        self.moments.append(time.monotonic())
        for pid in frozen:
            if self._wires is not None:
                self._wires.mend(self._url_of[pid])
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        time.sleep(3.0)
        for pid in frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        self._await_end(frozen, "after it was woken")
        self._frozen -= {*frozen}

    @contextlib.contextmanager
    def _caught(self, why: str) -> Iterator[None]:
        with self._lock:
            self.kills[why] += 1
            self.moments.append(time.monotonic())
            yield

    def _await_end(self, pids: list[int], why: str) -> None:
        deadline = time.monotonic() + END_SECONDS
        while any(_lives(pid) for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.01)
        for pid in filter(_lives, pids):
            self.late.append(f"a process didn't end in {END_SECONDS:.0f} s: {why}")
            _kill(pid)

    def ended(self) -> list[int]:
        """The processes that ended although nobody killed them."""
        return [pid for pid in self.running if not _lives(pid)]

    def end(self) -> None:
        """Kill whatever is left."""
        with self._lock:
            for pid in [*self.running, *self._frozen]:
                _kill(pid)
            self._nursery.kill()
            self._nursery.wait()

    def logged(self) -> str:
        """All that the processes have logged."""
        return "".join(p.read_text() for p in sorted(self._folder.glob("*.log")))


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody listens on."""
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in held]


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    while _lives(pid):
        time.sleep(0.005)
