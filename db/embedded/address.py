"""Where a server listens, and how those who join it come to know."""

import json
import os
import secrets
import socket
import stat
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from db.embedded.account import Account, own, write_private
from db.embedded.cluster import APP_DATABASE, APP_ROLE

_PORT = 5432
# sockaddr_un.sun_path without its final zero: 108 bytes on Linux, 104 on BSD and macOS.
_SOCKET_PATH_BYTES = 107 if sys.platform == "linux" else 103
_SAFE_IN_URL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")


@dataclass(frozen=True)
class Address:
    """Where a server listens, as those who join it read it from the data folder."""

    run: str  # another one at every launch
    host: str  # folder of the socket, or an IP address
    port: int
    private: bool  # the folder is ours alone, outside of the data folder
    binaries: str

    @classmethod
    def load(cls, home: Path) -> "Address | None":
        try:
            return cls(**json.loads((home / "server.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def save(self, home: Path) -> None:
        write_private(home / "server.json", json.dumps(asdict(self)))

    @property
    def socket_dir(self) -> Path | None:
        return Path(self.host) if self.host.startswith("/") else None

    def answers(self) -> bool:
        """Whether a server there takes connections (it asks for a password)."""
        body = b"\0\3\0\0user\0%b\0database\0%b\0\0" % (APP_ROLE.encode(), APP_DATABASE.encode())
        family = socket.AF_UNIX if self.socket_dir else socket.AF_INET
        target = f"{self.host}/.s.PGSQL.{self.port}" if self.socket_dir else (self.host, self.port)
        with socket.socket(family) as probe:
            probe.settimeout(2.0)
            try:
                probe.connect(target)
                probe.sendall((len(body) + 4).to_bytes(4, "big") + body)
                answer = probe.recv(256)
            except OSError:
                return False
        return answer[:1] == b"R" or b"C53300" in answer  # 53300: too many connections


def choose_address(home: Path, binaries: Path, account: Account | None) -> Address:
    """Decides where a new server listens, and makes the folder of its socket.

    Args:
        home: the data folder.
        binaries: the programs, for the record.
        account: whom the server runs as; None for the present user.

    Returns:
        The folder `socket` in the data folder; a private one elsewhere (the same again after a
        crash) when that path is too long for a socket; on systems without Unix sockets a free
        port of 127.0.0.1.
    """
    run = secrets.token_hex(8)
    if not _has_unix_sockets():
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        return Address(run, "127.0.0.1", port, False, str(binaries))
    inside = home / "socket"
    if _fits(inside):
        inside.mkdir(mode=0o700, exist_ok=True)
        own(inside, account)
        return Address(run, str(inside), _PORT, False, str(binaries))
    last = Address.load(home)
    if last is not None and last.private and _is_private(Path(last.host), account):
        return Address(run, last.host, _PORT, True, str(binaries))
    base = tempfile.gettempdir()
    aside = Path(
        tempfile.mkdtemp(prefix="booking-", dir=base if _fits(Path(base, "x" * 16)) else "/tmp")
    )
    own(aside, account)
    return Address(run, str(aside), _PORT, True, str(binaries))


def _has_unix_sockets() -> bool:
    return hasattr(socket, "AF_UNIX")


def _fits(folder: Path) -> bool:
    """Whether a socket in this folder can be named, to the kernel and in a URL."""
    path = os.fsencode(folder / f".s.PGSQL.{_PORT}")
    return len(path) <= _SOCKET_PATH_BYTES and set(str(folder)) <= _SAFE_IN_URL


def _is_private(folder: Path, account: Account | None) -> bool:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    owner = account.uid if account else os.geteuid()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not found.st_mode & 0o077
