"""One PostgreSQL per data folder, shared by every process that starts it there."""

import asyncio
import fcntl
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode

import asyncpg

from db.embedded.account import Progress, locate_home
from db.embedded.address import Address
from db.embedded.binaries import EmbeddedUnavailable
from db.embedded.cluster import ADMIN_ROLE, APP_DATABASE, APP_ROLE, read_password
from db.embedded.launch import Launch
from db.embedded.locks import POLL_SECONDS, probe, unlock, wait_for_lock

LEAVE_SECONDS = 5.0


class EmbeddedPostgres:
    """A share in the server of a data folder; the server ends when nobody has one any more."""

    def __init__(self, home: Path, address: Address, users_fd: int) -> None:
        self._home = home
        self._address = address
        self._users_fd: int | None = users_fd
        self._owner_pid = os.getpid()

    @classmethod
    def start(
        cls,
        data_dir: Path,
        *,
        binaries: Path | None = None,
        progress: Progress = lambda _line: None,
        settings: Mapping[str, str] | None = None,
        timeout_seconds: float = 60.0,
    ) -> Self:
        """Starts the server of a data folder, or joins the one that runs.

        Args:
            data_dir: the data folder, made when missing.
            binaries: the folder of PostgreSQL's programs; None searches for them.
            progress: told, in words for the owner, what takes time or is unexpected.
            settings: parameters of postgres on top of ours; without effect on a running server.
            timeout_seconds: how long to wait for others and for a recovery.

        Returns:
            A share in the server, which takes connections.

        Raises:
            EmbeddedUnavailable: it cannot be run here; the message says what to do.
        """
        home = locate_home(data_dir, progress)
        deadline = time.monotonic() + timeout_seconds
        try:
            start_fd = wait_for_lock(home / "start.lock", fcntl.LOCK_EX, deadline)
            try:
                # Refused while a keeper is ending its server: then there is none to join.
                users_fd = wait_for_lock(home / "users.lock", fcntl.LOCK_SH, deadline)
                try:
                    launch = Launch(home, binaries, dict(settings or {}), progress, start_fd)
                    return cls(home, launch.join_or_start(deadline), users_fd)
                except BaseException:
                    os.close(users_fd)
                    raise
            finally:
                os.close(start_fd)
        except PermissionError as error:
            raise EmbeddedUnavailable(
                f"The data folder {home} is not this user's: {error}. "
                "Run as the user who made it, or set another data folder."
            ) from error

    @property
    def home(self) -> Path:
        """The folder of the server's files (for root it may differ from the one asked for)."""
        return self._home

    @property
    def binaries(self) -> Path:
        """The folder of the programs the server was started from (`pg_dump` may lie there)."""
        return Path(self._address.binaries)

    def url(self, database: str = APP_DATABASE) -> str:
        """Gives the address of a database, with the role of the application.

        Args:
            database: its name.

        Returns:
            A `postgresql://` URL, with the password, for asyncpg and libpq; for SQLAlchemy with
            the prefix `postgresql+asyncpg://` in its stead.
        """
        return self._url(APP_ROLE, database)

    def admin_url(self, database: str = "postgres") -> str:
        """Gives the address of a database as the superuser, whom row-level security lets pass."""
        return self._url(ADMIN_ROLE, database)

    def _url(self, role: str, database: str) -> str:
        login = f"{role}:{quote(read_password(self._home, role), safe='')}"
        name = quote(database, safe="")
        if self._address.socket_dir is None:
            return f"postgresql://{login}@{self._address.host}:{self._address.port}/{name}"
        where = urlencode({"host": self._address.host, "port": self._address.port}, safe="/")
        return f"postgresql://{login}@/{name}?{where}"

    def create_database(self, name: str, template: str | None = None) -> None:
        """Makes a database that the application's role owns.

        Args:
            name: its name.
            template: the database to copy, to which nobody may be connected.
        """
        copied = f" TEMPLATE {_identifier(template)}" if template is not None else ""
        self._administer(f"CREATE DATABASE {_identifier(name)} OWNER {APP_ROLE}{copied}")

    def drop_database(self, name: str) -> None:
        """Removes a database if it exists, ending the connections to it."""
        self._administer(f"DROP DATABASE IF EXISTS {_identifier(name)} WITH (FORCE)")

    def _administer(self, statement: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self.admin_url())
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        _run_apart(lambda: asyncio.run(execute()))

    def stop(self) -> None:
        """Gives the share back; the last one waits (at most 5 s) until the server is gone.

        May be called again. In a process forked from the one that started, it changes nothing
        for the latter.
        """
        fd, self._users_fd = self._users_fd, None
        if fd is None:
            return
        if os.getpid() != self._owner_pid:
            os.close(fd)  # the lock is one for both processes, and the other one's to give back
            return
        deadline = time.monotonic() + LEAVE_SECONDS
        if self._leave(fd, deadline):
            self._wait_until_gone(deadline)

    def _leave(self, fd: int, deadline: float) -> bool:
        """Gives the lock back; says whether no other user was left then."""
        try:
            # Those who leave take turns, or two that look at once would take each other for users.
            turn = wait_for_lock(self._home / "start.lock", fcntl.LOCK_EX, deadline)
        except EmbeddedUnavailable:  # somebody is starting, hence another user
            unlock(fd)
            return False
        try:
            unlock(fd)
            users = self._home / "users.lock"
            if probe(users, fcntl.LOCK_EX):
                return True
            # Held by other users, who share it, or by the keeper, who does not.
            return not probe(users, fcntl.LOCK_SH)
        finally:
            os.close(turn)

    def _wait_until_gone(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            if probe(self._home / "server.lock", fcntl.LOCK_SH) and probe(
                self._home / "keeper.lock", fcntl.LOCK_SH
            ):
                return
            current = Address.load(self._home)
            if current is not None and current.run != self._address.run:
                return  # somebody came and runs the next one
            time.sleep(POLL_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _run_apart(call: Callable[[], None]) -> None:
    """Runs a call in a thread of its own: the present one may have an event loop running."""
    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            call()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            errors.append(error)

    thread = threading.Thread(target=guarded, name="embedded-postgres-admin")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
