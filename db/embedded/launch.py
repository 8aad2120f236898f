"""Joining the server of a data folder, or starting it under a keeper."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from db.embedded.account import (
    Account,
    Progress,
    choose_account,
    open_private,
    readable_binaries,
    server_environment,
)
from db.embedded.address import Address, choose_address
from db.embedded.binaries import EmbeddedUnavailable, find_binaries
from db.embedded.cluster import (
    check_version,
    cluster_major,
    make_cluster,
    remove_stale_pid_files,
    server_pid,
)
from db.embedded.locks import pause, probe, try_lock, wait_for_lock

_ORPHAN_PATIENCE_SECONDS = 4.0
_KEEPER_SECONDS = 5.0

_SETTINGS: Mapping[str, str] = {
    "shared_buffers": "32MB",
    "max_connections": "100",
    "password_encryption": "scram-sha-256",
    # Statements that fail would fill the log, with customers' data in them.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "logging_collector": "off",
}


@dataclass(frozen=True)
class Launch:
    """One attempt to have a server, made while the lock of the start is held."""

    home: Path
    configured: Path | None
    settings: dict[str, str]
    progress: Progress
    start_fd: int

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    def join_or_start(self, deadline: float) -> Address:
        orphaned_at: float | None = None
        while True:
            server_fd = try_lock(self.home / "server.lock", fcntl.LOCK_EX)
            if server_fd is not None:
                return self._start(server_fd, deadline)
            if probe(self.home / "keeper.lock", fcntl.LOCK_SH):
                orphaned_at = orphaned_at or time.monotonic()
                self._end_orphan(time.monotonic() - orphaned_at)
            else:
                address = Address.load(self.home)
                if address is not None and address.answers():
                    return address
            pause(deadline, f"The server of {self.home} neither answers nor ends", self.home)

    def _end_orphan(self, seconds: float) -> None:
        """Ends a server whose keeper was killed, where the kernel did not."""
        pid = server_pid(self.cluster)
        if pid is not None:
            patient = seconds < _ORPHAN_PATIENCE_SECONDS
            try:
                os.kill(pid, signal.SIGINT if patient else signal.SIGQUIT)
            except ProcessLookupError:
                return  # it ended by itself

    def _start(self, server_fd: int, deadline: float) -> Address:
        try:
            account = choose_account(self.cluster)
            major = cluster_major(self.cluster)
            binaries = find_binaries(self.configured, major=major)
            check_version(self.cluster, binaries)
            runnable = readable_binaries(binaries, account, self.progress)
            make_cluster(
                self.home,
                runnable,
                account,
                durable=self.settings.get("fsync") != "off",
                lock_fd=self.start_fd,
                progress=self.progress,
            )
            address = choose_address(self.home, binaries, account)
            remove_stale_pid_files(self.cluster, address.socket_dir)
            address.save(self.home)
            self._spawn_keeper(runnable, account, address, server_fd)
        finally:
            os.close(server_fd)  # the keeper and postgres have theirs
        while not address.answers():
            if probe(self.home / "server.lock", fcntl.LOCK_SH):
                raise EmbeddedUnavailable(
                    f"PostgreSQL did not start. The end of its log ({self._log}):\n"
                    f"{_last_lines(self._log)}\n"
                    "Remove the cause, set another data folder, or set DATABASE_URL."
                )
            pause(deadline, "PostgreSQL is still not ready", self.home)
        return address

    @property
    def _log(self) -> Path:
        return self.home / "postgres.log"

    def _spawn_keeper(
        self, binaries: Path, account: Account | None, address: Address, server_fd: int
    ) -> None:
        settings = dict(_SETTINGS)
        if address.socket_dir is None:
            settings |= {"listen_addresses": address.host, "unix_socket_directories": ""}
        else:
            settings |= {"listen_addresses": "", "unix_socket_directories": address.host}
        settings |= {"port": str(address.port), "unix_socket_permissions": "0700"} | self.settings
        command = [str(binaries / "postgres"), "-D", str(self.cluster)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        keeper_fd = wait_for_lock(
            self.home / "keeper.lock", fcntl.LOCK_EX, time.monotonic() + _KEEPER_SECONDS
        )
        log_fd = open_private(self._log, os.O_WRONLY | os.O_APPEND | os.O_TRUNC)
        try:
            subprocess.run(
                [
                    *(sys.executable, "-I", "-S", Path(__file__).with_name("keeper.py")),
                    *(self.home / "users.lock", str(server_fd), str(keeper_fd)),
                    *(str(account.uid if account else -1), str(account.gid if account else -1)),
                    address.host if address.private else "",
                    *command,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log_fd,
                stderr=log_fd,
                cwd="/",
                env=server_environment(),
                pass_fds=(server_fd, keeper_fd),
                start_new_session=True,  # Ctrl-C in the terminal is for the clients
                check=False,  # what went wrong stands in the log, and the lock is free
            )
        finally:
            os.close(keeper_fd)
            os.close(log_fd)


def _last_lines(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-12:])
