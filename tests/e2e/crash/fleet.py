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
from pathlib import Path

from tests.e2e.harness import NOW, environment

# Loads what `assistant run` needs once and forks for each start: a restart costs no CPU seconds.
_NURSERY = """
import os, signal, sys
import assistant.app, assistant.cli, assistant.telegram.serve, assistant.model.openai_client
import assistant.turn.engine
from tools.support.registry import discover
discover()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while line := sys.stdin.readline():
    now, port, log = line.split()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for fd in (1, 2):
            os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), fd)
        os.environ["ASSISTANT_NOW"] = now
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
        ports: one a process, for its HTTP server; 0 = it has none.
        folder: for the logs.
        settings: environment of each.
    """

    def __init__(self, ports: list[int], folder: Path, settings: dict[str, str]) -> None:
        self._ports = ports
        self._folder = folder
        self._lock = threading.Lock()
        self._serial = 0
        self.kills: Counter[str] = Counter()
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
        self._began = time.monotonic()
        self.running = [self._start(port) for port in ports]

    def _start(self, port: int) -> int:
        self._serial += 1
        passed = dt.timedelta(seconds=time.monotonic() - self._began)
        now = (dt.datetime.fromisoformat(NOW) + passed).isoformat()
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        log = f"{self._folder}/assistant-{self._serial:03d}.log"
        self._nursery.stdin.write(f"{now} {port} {log}\n")
        self._nursery.stdin.flush()
        return int(self._nursery.stdout.readline())

    def kill(self, why: str, *, one: bool = False) -> None:
        """Kill all processes, or one, and start as many again."""
        with self._lock:
            self.kills[why] += 1
            for place in [random.randrange(len(self.running))] if one else range(len(self.running)):
                _kill(self.running[place])
                self.running[place] = self._start(self._ports[place])

    def ended(self) -> list[int]:
        """The processes that ended although nobody killed them."""
        return [pid for pid in self.running if not _lives(pid)]

    def end(self) -> None:
        """Kill whatever is left."""
        with self._lock:
            for pid in self.running:
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
