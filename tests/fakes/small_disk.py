"""PostgreSQL on a disk of a few megabytes that can be filled up: the kernel's own ENOSPC.

The disk is a tmpfs in a mount namespace of this process, as root or as an ordinary user, so that
nobody else sees it and it is gone with the process. Where the machine allows neither namespace,
`SmallDisk.is_real` is False and a trigger refuses rows with PostgreSQL's own SQLSTATE instead.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import asyncpg

from tests.conftest import apart

_ROOT = Path(__file__).resolve().parents[2]
_MEGABYTES = 120
_TABLES = ("inbox", "lanes", "appointments", "customers", "outbox", "turns")
_FULL = """
CREATE FUNCTION public.disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END
$$
"""


class SmallDisk:
    """A server with its data on a disk that can be filled up.

    Args:
        url: of its database, which has the schema.
        process: the server's keeper in the namespace; None = there is none.
    """

    def __init__(self, url: str, process: subprocess.Popen[str] | None) -> None:
        self.url = url
        self._process = process

    @property
    def is_real(self) -> bool:
        """Whether it is the kernel that refuses."""
        return self._process is not None

    def fill(self) -> None:
        """Leave no room: no file on it can grow."""
        full = "CREATE TRIGGER no_room BEFORE INSERT ON {} EXECUTE FUNCTION public.disk_full()"
        self._do("fill", [full.format(table) for table in _TABLES])

    def free(self) -> None:
        """Make room again."""
        self._do("free", [f"DROP TRIGGER no_room ON {table}" for table in _TABLES])

    def back_up(self) -> tuple[str, list[str]]:
        """Write a backup onto it, and return what that ends with and which files are there then."""
        if self._process is None:
            return "BackupError", ["b.zip"]
        found = json.loads(_ask(self._process, "back up"))
        return found[0], found[1]

    def _do(self, word: str, instead: list[str]) -> None:
        if self._process is not None:
            _ask(self._process, word)
        else:
            apart(_execute(self.url, instead))


async def _execute(url: str, statements: list[str]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def small_disk(folder: Path, other_url: str) -> Iterator[SmallDisk]:
    """Start such a server.

    Args:
        folder: an empty one that the server's account can reach.
        other_url: a database of another server, with the schema: for where it can't be had.
    """
    namespace = ["--mount"]
    if os.geteuid() != 0:
        namespace += ["--user", "--map-current-user", "--keep-caps"]
    process = subprocess.Popen(
        ["unshare", *namespace, sys.executable, "-m", __name__, str(folder)],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        said = _line(process.stdout)
        if said:
            yield SmallDisk(json.loads(said), process)
        else:
            apart(_execute(other_url, [_FULL]))
            yield SmallDisk(other_url, None)
    finally:
        with suppress(BrokenPipeError):
            process.communicate("end\n", timeout=60)


def _ask(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdin is not None
    process.stdin.write(word + "\n")
    process.stdin.flush()
    answer = _line(process.stdout)
    assert answer, process.poll()
    return answer


def _line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


# --- in the namespace


def _mount(folder: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    private = 1 << 14 | 1 << 18  # MS_REC | MS_PRIVATE: what is mounted here stays here
    libc.mount(b"none", b"/", None, private, None)
    size = f"size={_MEGABYTES}m,mode=0711".encode()
    if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, size):
        raise OSError(ctypes.get_errno(), "tmpfs can't be mounted here")


def _fill(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as file:
        for piece in (1 << 20, 4096):
            with suppress(OSError):
                while file.write(bytes(piece)):
                    pass


def _back_up(folder: Path) -> list[object]:
    from db.backup.archive import BackupError, BackupWriter, Write

    folder.mkdir(exist_ok=True)
    (folder / "b.zip").touch()  # the one before

    async def rows(put: Write) -> int:
        await put(os.urandom(1 << 20))
        return 1

    async def write() -> None:
        with BackupWriter(folder / "b.zip", replace=True) as writer:
            await writer.table("customers", rows)

    try:
        asyncio.run(write())
    except BackupError as error:
        ended = type(error).__name__
    else:
        ended = "written"
    return [ended, sorted(path.name for path in folder.iterdir())]


def _main(folder: Path) -> None:
    from db.embedded import EmbeddedPostgres
    from db.migrate import migrate
    from db.session import Database
    from tests.conftest import settings_for

    _mount(folder)
    # Its path is too long for a socket, which therefore lies elsewhere: where clients find it.
    data = folder / ("a-folder-with-a-long-name" * 4)
    server = EmbeddedPostgres.start(data, settings={"fsync": "off", "min_wal_size": "32MB"})

    async def schema() -> None:
        database = Database(settings_for(server.url()))
        await migrate(database.engine)
        await database.close()

    asyncio.run(schema())
    print(json.dumps(server.url()), flush=True)
    for line in sys.stdin:
        word = line.strip()
        if word == "end":
            break
        match word:
            case "fill":
                _fill(folder / "ballast")
            case "free":
                (folder / "ballast").unlink()
            case _:
                word = json.dumps(_back_up(folder / "backups"))
        print(word, flush=True)
    server.stop()


if __name__ == "__main__":
    try:
        _main(Path(sys.argv[1]))
    except OSError as refused:
        sys.exit(refused.errno or errno.EPERM)
