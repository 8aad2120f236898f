"""What the tests of the embedded PostgreSQL share: folders, client processes, questions to it."""

import asyncio
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from db.embedded import EmbeddedPostgres
from db.embedded.locks import probe

ROOT = Path(__file__).resolve().parents[2]
FAST = {"fsync": "off"}
CLIENT = """
import sys
from pathlib import Path
from db.embedded import EmbeddedPostgres
server = EmbeddedPostgres.start(Path(sys.argv[1]), settings={"fsync": "off"})
try:
    print((server.home / "cluster" / "postmaster.pid").read_text().split()[0], flush=True)
    sys.stdin.readline()
except KeyboardInterrupt:
    pass
finally:
    server.stop()
"""
FORKING_CLIENT = """
import os, sys
from pathlib import Path
from db.embedded import EmbeddedPostgres
server = EmbeddedPostgres.start(Path(sys.argv[1]), settings={"fsync": "off"})
child = os.fork()
if child == 0:
    server.stop()
    os._exit(0)
os.waitpid(child, 0)
server.create_database("made_after_the_child_left")
keep = os.fork()
if keep == 0:
    sys.stdin.readline()
    os._exit(0)
server.stop()
print("stopped", flush=True)
sys.stdin.close()
os.waitpid(keep, 0)
"""


@contextmanager
def open_folder() -> Iterator[Path]:
    # Not pytest's tmp_path: as root that is closed to the account which the server runs as.
    outer = Path(tempfile.mkdtemp(prefix="ba-"))
    outer.chmod(0o711)
    yield outer
    shutil.rmtree(outer)


def start(data_dir: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres.start(data_dir, settings=FAST)


def client(data_dir: Path, script: str = CLIENT) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", script, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        start_new_session=True,
    )


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def leave(process: "subprocess.Popen[str]") -> None:
    process.communicate("\n")
    assert process.returncode == 0


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.home / "cluster" / "postmaster.pid").read_text().split()[0])


def keeper_of(server: EmbeddedPostgres) -> int:
    pid = str(postmaster(server))
    status = Path("/proc", pid, "stat")
    if status.exists():
        return int(status.read_text().rpartition(")")[2].split()[1])
    return int(subprocess.check_output(["ps", "-o", "ppid=", "-p", pid]))


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_gone(home: Path) -> bool:
    """No process of the server lives: postgres holds one lock and its keeper the other."""
    return all(probe(home / name, fcntl.LOCK_EX) for name in ("server.lock", "keeper.lock"))


async def fetch(url: str, *statements: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        rows: list[asyncpg.Record] = []
        for statement in statements:
            rows = await connection.fetch(statement)
        return rows
    finally:
        await connection.close()


def run(url: str, *statements: str) -> list[asyncpg.Record]:
    return asyncio.run(fetch(url, *statements))
