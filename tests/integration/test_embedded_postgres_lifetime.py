"""The embedded PostgreSQL lives exactly as long as its users: joins, departures and kills."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.embedded import EmbeddedPostgres, EmbeddedUnavailable
from db.embedded.locks import probe, try_lock
from tests.integration.embedded_support import (
    FORKING_CLIENT,
    client,
    eventually,
    first_line,
    is_gone,
    keeper_of,
    leave,
    open_folder,
    postmaster,
    run,
    start,
)


@pytest.fixture
def new_dir() -> Iterator[Path]:
    """A data folder that is not there yet."""
    with open_folder() as outer:
        yield outer / "pg"


@pytest.fixture(scope="module")
def made_dir() -> Iterator[Path]:
    with open_folder() as outer:
        start(outer / "pg").stop()
        yield outer / "pg"


@pytest.fixture
def data_dir(made_dir: Path) -> Iterator[Path]:
    """A data folder with a server's files, and nobody who runs or uses it before and after."""
    yield made_dir
    eventually(lambda: is_gone(made_dir))


def test_server_stays_until_the_last_of_its_users_leaves(data_dir: Path) -> None:
    process = client(data_dir)
    started_by_it = int(first_line(process))
    server = start(data_dir)
    assert postmaster(server) == started_by_it
    leave(process)
    assert run(server.url(), "SELECT 1")[0][0] == 1
    server.stop()
    assert is_gone(data_dir)
    server.stop()  # leaving twice is leaving


def test_four_first_starts_at_once_make_one_server(new_dir: Path) -> None:
    processes = [client(new_dir) for _ in range(4)]
    assert len({first_line(process) for process in processes}) == 1
    for process in processes:
        leave(process)
    assert is_gone(new_dir)
    assert [entry.name for entry in new_dir.glob("cluster*")] == ["cluster"]


def test_ctrl_c_leaves_nothing_running(data_dir: Path) -> None:
    process = client(data_dir)
    first_line(process)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    assert is_gone(data_dir)
    # A fast shutdown, not a crash: there is nothing to recover.
    assert "database system is shut down" in (data_dir / "postgres.log").read_text()


def test_server_ends_after_its_only_user_was_killed(data_dir: Path) -> None:
    process = client(data_dir)
    first_line(process)
    process.kill()
    process.communicate()
    eventually(lambda: is_gone(data_dir))


@pytest.mark.parametrize("victim", ["postgres", "keeper"])
def test_acknowledged_rows_survive_a_kill(data_dir: Path, victim: str) -> None:
    server = EmbeddedPostgres.start(data_dir)
    table = f"note_{victim}"
    rows = (f"CREATE TABLE {table} (body text)", f"INSERT INTO {table} VALUES ('kept')")
    run(server.url(), *rows)
    killed = postmaster(server)
    os.kill(killed if victim == "postgres" else keeper_of(server), signal.SIGKILL)
    if victim == "postgres" or sys.platform == "linux":
        eventually(lambda: is_gone(data_dir))

    with EmbeddedPostgres.start(data_dir) as again:
        assert postmaster(again) != killed
        # The address is the same, so that those who were connected may connect again.
        assert again.url() == server.url()
        assert run(server.url(), f"SELECT body FROM {table}")[0][0] == "kept"
        server.stop()
        assert run(again.url(), "SELECT 1")[0][0] == 1
    assert is_gone(data_dir)


def test_pid_of_a_killed_server_may_belong_to_another_process_now(data_dir: Path) -> None:
    server = start(data_dir)
    home = server.home
    cluster_owner = (home / "cluster").stat().st_uid
    os.kill(postmaster(server), signal.SIGKILL)
    eventually(lambda: is_gone(data_dir))
    server.stop()
    # Of the same user, or postgres would see by itself that it cannot be its predecessor.
    other = subprocess.Popen(
        ["sleep", "60"], user=cluster_owner if os.geteuid() == 0 else None, cwd="/"
    )
    try:
        for left in (home / "cluster" / "postmaster.pid", home / "socket" / ".s.PGSQL.5432.lock"):
            old, _, rest = left.read_text().partition("\n")
            left.write_text(f"{other.pid}\n{rest}")
            assert int(old) != other.pid
        with start(data_dir) as again:
            assert run(again.url(), "SELECT 1")[0][0] == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_server_that_somebody_else_runs_is_left_alone(data_dir: Path) -> None:
    with start(data_dir) as server:
        pid = postmaster(server)
        locks = [data_dir / name for name in ("server.lock", "keeper.lock")]
        for lock in locks:  # as if it had been started by hand: it holds none of ours
            lock.rename(data_dir / f"real.{lock.name}")
        with pytest.raises(EmbeddedUnavailable, match=f"Process {pid} is a PostgreSQL"):
            start(data_dir)
        assert postmaster(server) == pid
        for lock in locks:
            (data_dir / f"real.{lock.name}").rename(lock)
    assert is_gone(data_dir)


def test_who_comes_while_the_server_ends_gets_the_next_one(data_dir: Path) -> None:
    process = client(data_dir)
    ending = int(first_line(process))
    os.kill(ending, signal.SIGSTOP)
    process.kill()
    process.communicate()
    eventually(lambda: not probe(data_dir / "users.lock", fcntl.LOCK_SH))  # the keeper is ending it
    found: list[EmbeddedPostgres] = []
    comer = threading.Thread(target=lambda: found.append(start(data_dir)))
    comer.start()
    eventually(lambda: not probe(data_dir / "start.lock", fcntl.LOCK_EX))  # it is waiting
    os.kill(ending, signal.SIGCONT)
    comer.join()
    with found[0] as server:
        assert postmaster(server) != ending
        assert run(server.url(), "SELECT 1")[0][0] == 1


def test_processes_that_a_user_starts_have_no_share_in_the_server(data_dir: Path) -> None:
    server = start(data_dir)
    unrelated = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        server.stop()
        assert is_gone(data_dir)
    finally:
        unrelated.kill()
        unrelated.wait()


def test_forked_copy_neither_ends_nor_keeps_the_share_of_its_parent(data_dir: Path) -> None:
    process = client(data_dir, FORKING_CLIENT)
    assert first_line(process) == "stopped"
    assert is_gone(data_dir)  # while a forked copy is alive
    leave(process)


def test_start_that_waits_too_long_says_for_whom(data_dir: Path) -> None:
    held = try_lock(data_dir / "start.lock", fcntl.LOCK_EX)
    assert held is not None
    try:
        with pytest.raises(EmbeddedUnavailable, match=r"Another process keeps .*start\.lock"):
            EmbeddedPostgres.start(data_dir, timeout_seconds=0.05)
    finally:
        os.close(held)
