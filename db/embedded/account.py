"""Under which account the server runs, and folders that this account can reach.

PostgreSQL refuses to run as root. A container's only user is root, so the server is then given
to an account that exists already; folders it cannot reach are left as they are and others taken.
"""

import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.embedded.binaries import EmbeddedUnavailable, major_version

Progress = Callable[[str], None]

# Where root keeps what the server's account must reach; the first that can be used is taken.
FALLBACK_BASES = (Path("/var/lib/booking-assistant"), Path("/var/tmp/booking-assistant"))
_ACCOUNTS = ("postgres", "nobody")
_REACHABLE = 0o711  # others may pass through to what is theirs, and list nothing


@dataclass(frozen=True)
class Account:
    """A user that the server runs as, by its numbers."""

    uid: int
    gid: int


def choose_account(cluster: Path) -> Account | None:
    """Chooses whom the server of a data folder runs as.

    Args:
        cluster: the folder of the server's files; its owner is kept once it exists.

    Returns:
        The account to change to, or None to stay the present user.

    Raises:
        EmbeddedUnavailable: the folder belongs to somebody else, or root finds no account.
    """
    user = os.geteuid()
    owner = cluster.stat() if cluster.exists() else None
    if user != 0:
        if owner is not None and owner.st_uid != user:
            raise EmbeddedUnavailable(
                f"{cluster} belongs to user {owner.st_uid} and you are user {user}. "
                "Run as that user, or set another data folder."
            )
        return None
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in _ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedUnavailable(
        "PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody' to run it "
        "as. Start the program as an ordinary user, or set DATABASE_URL."
    )


def server_environment() -> dict[str, str]:
    """The environment of PostgreSQL's programs and of the keeper.

    Locale and zone are ours, not those of whoever starts the program, and no secret of the
    application goes along; only where the system's loader finds libraries does.
    """
    loader = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    inherited = {name: os.environ[name] for name in loader if name in os.environ}
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"} | inherited


def run_as(
    account: Account | None,
    command: Sequence[str | Path],
    *,
    text: str | None = None,
    keep_fds: Sequence[int] = (),
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end as the server's account, with a fixed environment.

    Args:
        account: whom to run it as; None for the present user.
        command: program and arguments.
        text: what it reads from its standard input.
        keep_fds: descriptors it inherits (a lock then lasts as long as the command).

    Returns:
        The finished command, its output captured.

    Raises:
        EmbeddedUnavailable: this system does not let root become that account.
    """
    try:
        return subprocess.run(
            command,
            input=text if text is not None else "",
            capture_output=True,
            text=True,
            check=False,
            cwd="/",  # initdb insists on a readable present folder
            env=server_environment(),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            pass_fds=keep_fds,
        )
    except PermissionError as error:
        if account is None or _can_become(account):
            raise
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run as root, and this system does not let root become user "
            f"{account.uid}. Start the program as an ordinary user, or set DATABASE_URL."
        ) from error


def locate_home(requested: Path, progress: Progress) -> Path:
    """Settles where the server's files of a data folder lie, and makes that folder.

    Args:
        requested: the data folder the owner asked for.
        progress: told when another place has to be taken.

    Returns:
        The folder itself; for root, a place under `FALLBACK_BASES` when the server's account
        cannot reach it. The choice is recorded in the folder, so that it never changes later.

    Raises:
        EmbeddedUnavailable: no place can be made.
    """
    folder = requested.expanduser().resolve()
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(_REACHABLE if os.geteuid() == 0 else 0o700)
        return folder if os.geteuid() != 0 else _reachable_home(folder, progress)
    except OSError as error:
        raise EmbeddedUnavailable(
            f"The data folder {folder} cannot be used: {error}. Set another data folder."
        ) from error


def _reachable_home(folder: Path, progress: Progress) -> Path:
    account = choose_account(folder / "cluster")
    if (folder / "cluster").exists() or (
        not (folder / "location").exists() and _can_enter(account, folder)
    ):
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    recorded = folder / "location"
    known = recorded.read_text().strip() if recorded.exists() else None
    for base in FALLBACK_BASES:
        home = base / name
        if known not in (None, str(home)) or not _own_folder(base):
            continue
        if _own_folder(home) and _can_enter(account, home):
            write_private(recorded, f"{home}\n")
            progress(f"The server's account cannot reach {folder}; its files are in {home}.")
            return home
    raise EmbeddedUnavailable(
        f"The server's account cannot reach {folder}, nor "
        f"{known or ' or '.join(map(str, FALLBACK_BASES))}. Set a data folder that every user "
        "may pass through, or start the program as an ordinary user."
    )


def readable_binaries(binaries: Path, account: Account | None, progress: Progress) -> Path:
    """Gives programs that the server's account can run, copying them where it cannot.

    Args:
        binaries: the folder of the programs.
        account: whom the server runs as; None for the present user.
        progress: told when the programs are copied.

    Returns:
        The folder itself, or that of a copy kept for the next start.

    Raises:
        EmbeddedUnavailable: no copy that the account can run could be made.
    """
    if account is None or _runs(binaries, account):
        return binaries
    prefix = binaries.parent
    package = prefix.parent
    made = (binaries / "postgres").stat().st_mtime_ns
    version = major_version(binaries)
    digest = hashlib.sha256(f"{binaries}:{made}".encode()).hexdigest()[:12]
    for base in FALLBACK_BASES:
        shelf = base / "binaries"
        # Programs of the wheel find their libraries beside the package, by a relative path.
        copy = shelf / f"{version}-{digest}"
        copied = copy / package.name / prefix.name / "bin"
        try:
            if not (_own_folder(base) and _own_folder(shelf)):
                continue
            if not copy.exists():
                progress(f"Copying PostgreSQL to {copy}, where the server's account can read it.")
                _copy_programs(prefix, package, copy)
        except OSError:
            continue  # read-only or full: the next place may do
        if _runs(copied, account):
            return copied
    raise EmbeddedUnavailable(
        f"The server's account cannot run the programs in {binaries}, nor a copy in "
        f"{' or '.join(map(str, FALLBACK_BASES))}. Start the program as an ordinary user, "
        "install your distribution's PostgreSQL, or set DATABASE_URL."
    )


def _copy_programs(prefix: Path, package: Path, copy: Path) -> None:
    stage = Path(tempfile.mkdtemp(prefix="new-", dir=copy.parent))
    try:
        target = stage / package.name / prefix.name
        (target / "bin").mkdir(parents=True)
        for program in ("postgres", "initdb"):
            shutil.copyfile(prefix / "bin" / program, target / "bin" / program)
        for part in ("lib", "share"):
            if (prefix / part).is_dir():
                shutil.copytree(prefix / part, target / part, copy_function=shutil.copyfile)
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, stage / libraries.name, copy_function=shutil.copyfile)
        for item in (stage, *stage.rglob("*")):
            item.chmod(0o755 if item.is_dir() or item.parent.name == "bin" else 0o644)
        with contextlib.suppress(FileExistsError):  # somebody else was faster, with the same
            stage.rename(copy)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def open_private(path: Path, flags: int) -> int:
    """Opens a file that only its owner may read, made when missing, never through a link.

    Args:
        path: the file; it is given to the owner of its folder.
        flags: of `os.open`.

    Returns:
        A descriptor that programs started later do not inherit.
    """
    fd = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(fd, folder.st_uid, folder.st_gid)
    return fd


def write_private(path: Path, text: str) -> None:
    """Replaces a file as a whole by a text that only its owner may read."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with open(open_private(draft, os.O_WRONLY | os.O_EXCL), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def own(path: Path, account: Account | None) -> None:
    """Hands a file or folder that was just made to the server's account."""
    if account is not None:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _own_folder(folder: Path) -> bool:
    """Makes a folder of root's, or says whether the one that stands there can be trusted."""
    try:
        folder.mkdir()
        folder.chmod(0o755)
    except FileExistsError:
        pass
    except OSError:
        return False
    found = folder.lstat()
    # /var/tmp is open to all: a folder that somebody else laid there beforehand is a trap.
    trusted = found.st_uid == os.geteuid() and not found.st_mode & 0o022
    return stat.S_ISDIR(found.st_mode) and trusted


def _can_become(account: Account) -> bool:
    try:
        subprocess.run(
            ["/bin/sh", "-c", ":"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            check=False,
        )
    except OSError:
        return False
    return True


def _can_enter(account: Account | None, folder: Path) -> bool:
    return run_as(account, ["/bin/sh", "-c", 'test -x "$1"', "sh", folder]).returncode == 0


def _runs(binaries: Path, account: Account) -> bool:
    try:
        return run_as(account, [binaries / "initdb", "--version"]).returncode == 0
    except (PermissionError, FileNotFoundError):
        return False
