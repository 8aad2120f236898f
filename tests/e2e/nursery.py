"""Processes of the assistant without the seconds of CPU that each start would cost.

A nursery is a process that has loaded all that the assistant needs. Asked over a socket, it forks,
and the fork becomes `assistant ...` with the arguments, folder, environment and standard streams of
whoever asked: a process of its own from there on, up to its exit code.

`python -m tests.e2e.nursery SOCKET` is one; it ends when nobody who joined it is left.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_NUMBER = struct.Struct("!i")
_LOADED = (
    "alembic.command",
    "assistant.evaluation.command",
    "assistant.model.chat_completions",
    "assistant.model.openai_client",
    "assistant.model.responses",
    "assistant.model.transcription",
    "assistant.status",
    "assistant.telegram.serve",
    "assistant.terminal",
    "assistant.turn.engine",
)
_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


class Child:
    """A process that was asked for: what tests need of `subprocess.Popen`.

    Args:
        asked: the connection to its nursery.
    """

    def __init__(self, asked: socket.socket) -> None:
        self._asked = asked
        self.pid = _read_number(asked)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None = it runs."""
        if self.returncode is None and select.select([self._asked], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end, `timeout` seconds at most, and return the exit code.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        if self.returncode is None:
            if not select.select([self._asked], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"assistant, process {self.pid}", timeout or 0)
            self.returncode = _read_number(self._asked)
            self._asked.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The nursery of all who work with the same folder; the first of them starts it.

    Args:
        folder: holds its socket. The nursery ends when the last of them has closed it.
    """

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "nursery")
        with (folder / "nursery.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                self._membership = self._joined()
            except (OSError, EOFError):  # nobody has one yet, or all who had one have gone
                self._start()
                self._membership = self._joined()

    def _joined(self) -> socket.socket:
        connection = _connection(self.address)
        connection.sendall(_NUMBER.pack(0))
        _read_number(connection)
        return connection

    def _start(self) -> None:
        Path(self.address).unlink(missing_ok=True)
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.nursery", self.address],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        assert self._popen.stdout is not None
        assert self._popen.stdout.readline()  # it listens

    def close(self) -> None:
        """Leave; the processes that it started go on."""
        self._membership.close()


def ask(
    address: str,
    arguments: Sequence[str],
    folder: str,
    environment: Mapping[str, str],
    streams: Sequence[int],
) -> Child:
    """Have a process started.

    Args:
        address: of the nursery's socket.
        arguments: after `assistant`.
        folder: in which it works.
        environment: all of it.
        streams: descriptors of its standard input, output and error; the caller closes them.
    """
    asked = _connection(address)
    wish = json.dumps([[*arguments], folder, {**environment}]).encode()
    socket.send_fds(asked, [_NUMBER.pack(len(wish))], streams)
    asked.sendall(wish)
    return Child(asked)


def program(address: str) -> str:
    """Return the text of a program that does what `assistant` does, for a shell to call."""
    return (
        f"#!{sys.executable} -SE\n"
        "import os, sys\n"
        f"sys.path.insert(0, {str(_ROOT)!r})\n"
        "from tests.e2e.nursery import ask\n"
        f"child = ask({address!r}, sys.argv[1:], os.getcwd(), os.environ, (0, 1, 2))\n"
        "sys.exit(child.wait())\n"
    )


def _connection(address: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _read_number(connection: socket.socket) -> int:
    return int(_NUMBER.unpack(_read(connection, _NUMBER.size))[0])


def _read(connection: socket.socket, size: int) -> bytes:
    read = b""
    while len(read) < size:
        part = connection.recv(size - len(read))
        if not part:
            raise EOFError("the nursery, or who asked it, is gone")
        read += part
    return read


def _serve(address: str) -> None:
    """Be the nursery at a socket; returns in each process that is started, as that process."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen(16)
    print("listening", flush=True)
    ended, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for those who run the tests
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes.fileno())
    running: dict[int, socket.socket] = {}
    members: list[socket.socket] = []
    while True:
        ready = select.select([listener, ended, *members], [], [])[0]
        for gone in [member for member in members if member in ready]:
            members.remove(gone)
            gone.close()
            if not members:
                os._exit(0)
        if ended in ready:
            ended.recv(512)
            _tell_ends(running)
        if listener in ready:
            asked, _ = listener.accept()
            head, streams, _, _ = socket.recv_fds(asked, _NUMBER.size, len(_STREAMS))
            size = _NUMBER.unpack(head)[0]
            if not size:
                members.append(asked)
                asked.sendall(_NUMBER.pack(0))
                continue
            wish = _read(asked, size)
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                signal.signal(signal.SIGINT, signal.default_int_handler)
                for each in (listener, ended, wakes, asked, *members, *running.values()):
                    each.close()
                _become(*json.loads(wish), streams)
                return
            for each in streams:
                os.close(each)
            running[pid] = asked
            asked.sendall(_NUMBER.pack(pid))


def _tell_ends(running: dict[int, socket.socket]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = found
            with running.pop(pid) as asked, contextlib.suppress(BrokenPipeError):
                asked.sendall(_NUMBER.pack(os.waitstatus_to_exitcode(status)))


def _become(
    arguments: list[str], folder: str, environment: dict[str, str], streams: list[int]
) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = ["assistant", *arguments]
    for number, (stream, (name, mode)) in enumerate(zip(streams, _STREAMS, strict=True)):
        os.dup2(stream, number)
        os.close(stream)
        before = getattr(sys, name)
        lines = name == "stderr" or os.isatty(number)
        now = os.fdopen(number, mode, encoding=before.encoding, errors=before.errors, closefd=False)
        now.reconfigure(line_buffering=lines)
        setattr(sys, name, now)


def _load() -> None:
    """Load what the commands need, also what only some of them import."""
    for name in _LOADED:
        importlib.import_module(name)
    discover = importlib.import_module("tools.support.registry").discover
    discover()


if __name__ == "__main__":
    _load()
    gc.collect()
    gc.freeze()  # what is here stays, and forks needn't look through it
    _serve(sys.argv[1])
    from assistant.cli import main

    main()
