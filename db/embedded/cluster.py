"""The server's files: made once as a whole, checked before every start."""

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from db.embedded.account import Account, Progress, own, run_as, write_private
from db.embedded.binaries import EmbeddedUnavailable, major_version

ADMIN_ROLE = "postgres"
APP_ROLE = "assistant"
APP_DATABASE = "assistant"

_STAGE_PREFIX = "cluster.new-"
# The second is for systems whose C library lacks the first; both know every letter of Unicode.
_CTYPES = ("C.UTF-8", "en_US.UTF-8")
_BUILTIN_PROVIDER_SINCE = 17


def password_file(home: Path, role: str) -> Path:
    """Names the file (mode 0600) with the password of a role."""
    return home / f"{role}.password"


def read_password(home: Path, role: str) -> str:
    """Reads the password of a role.

    Raises:
        EmbeddedUnavailable: the file is missing or belongs to somebody else.
    """
    path = password_file(home, role)
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise EmbeddedUnavailable(
            f"The password file {path} of the data folder cannot be read: {error}. Run as the "
            "user who made the folder, restore the file, or set another data folder."
        ) from error


def cluster_major(cluster: Path) -> int | None:
    """Reads which major version made a cluster; None when there is none yet."""
    version = cluster / "PG_VERSION"
    return int(version.read_text().strip()) if version.exists() else None


def check_version(cluster: Path, binaries: Path) -> None:
    """Makes sure that the programs are of the version that made the cluster.

    Raises:
        EmbeddedUnavailable: they are not; the server would refuse, less clearly.
    """
    made_by, found = cluster_major(cluster), major_version(binaries)
    if made_by is not None and made_by != found:
        raise EmbeddedUnavailable(
            f"The data folder {cluster} was made by PostgreSQL {made_by}, and the programs in "
            f"{binaries} are version {found}. Set the folder of PostgreSQL {made_by}'s programs, "
            "or export the data with it and start with an empty data folder."
        )


def make_cluster(
    home: Path,
    binaries: Path,
    account: Account | None,
    *,
    durable: bool,
    lock_fd: int,
    progress: Progress,
) -> None:
    """Makes `home/cluster` if there is none: aside first, then renamed into place as a whole.

    Args:
        home: the data folder.
        binaries: programs that the account can run.
        account: whom the server runs as; None for the present user.
        durable: whether every file is forced to disk before it counts as made.
        lock_fd: the lock of the start; the programs inherit it, so that none outlives its lock.
        progress: told before the seconds this takes.

    Raises:
        EmbeddedUnavailable: a program failed; its own words are in the message.
    """
    for left in home.glob(f"{_STAGE_PREFIX}*"):  # by a start that was killed
        shutil.rmtree(left, ignore_errors=True)
    cluster = home / "cluster"
    if cluster.exists():
        return
    progress(f"Making a PostgreSQL data folder in {cluster} (once).")
    for role in (ADMIN_ROLE, APP_ROLE):
        write_private(password_file(home, role), f"{secrets.token_urlsafe(24)}\n")
    stage = Path(tempfile.mkdtemp(prefix=_STAGE_PREFIX, dir=home))
    try:
        own(stage, account)
        pwfile = stage / "pwfile"
        write_private(pwfile, password_file(home, ADMIN_ROLE).read_text())
        own(pwfile, account)
        made = stage / "data"
        _initdb(made, binaries, account, pwfile, lock_fd)
        _make_role_and_database(made, binaries, account, read_password(home, APP_ROLE), lock_fd)
        if durable:
            _checked(
                run_as(
                    account,
                    [binaries / "initdb", "--sync-only", "-D", made],
                    keep_fds=[lock_fd],
                )
            )
        made.rename(cluster)
        if durable:
            _sync_folder(home)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _initdb(
    made: Path, binaries: Path, account: Account | None, pwfile: Path, lock_fd: int
) -> None:
    for ctype in _CTYPES:
        if (major_version(binaries) or 0) >= _BUILTIN_PROVIDER_SINCE:
            # With lc_ctype C, lower('Ж') and trigrams would know ASCII only.
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            locale.append(f"--lc-ctype={ctype}")
        else:
            locale = [f"--locale={ctype}"]
        answer = run_as(
            account,
            [
                binaries / "initdb",
                "-D",
                made,
                f"--username={ADMIN_ROLE}",
                f"--pwfile={pwfile}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                *locale,
                "--data-checksums",
                "--no-sync",
                "--no-instructions",
            ],
            keep_fds=[lock_fd],
        )
        if "invalid locale name" not in answer.stderr:
            break
        shutil.rmtree(made, ignore_errors=True)
    _checked(answer)


def _make_role_and_database(
    made: Path, binaries: Path, account: Account | None, password: str, lock_fd: int
) -> None:
    # A superuser bypasses row-level security, and so would the owner of BYPASSRLS.
    # In single-user mode one line is one statement; nobody can connect meanwhile.
    statements = [
        f"CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE "
        f"NOREPLICATION PASSWORD '{password}'",
        f"CREATE DATABASE {APP_DATABASE} OWNER {APP_ROLE}",
    ]
    command: list[str | Path] = [binaries / "postgres", "--single", "-F", "-c", "exit_on_error=on"]
    _checked(
        run_as(
            account,
            [*command, "-D", made, "postgres"],
            text="".join(f"{statement}\n" for statement in statements),
            keep_fds=[lock_fd],
        )
    )


def remove_stale_pid_files(cluster: Path, socket_dir: Path | None) -> None:
    """Removes what a killed server left, called while the server's lock is held.

    The lock says that no server of ours lives. Its number may be another process's by now (normal
    in containers, where numbers start again), and postgres would refuse to start on its account.

    Args:
        cluster: the server's files.
        socket_dir: the folder of its socket, where a second such file lies.

    Raises:
        EmbeddedUnavailable: the number is that of a server that somebody else started here.
    """
    pid = server_pid(cluster)
    if pid is not None:
        raise EmbeddedUnavailable(
            f"Process {pid} is a PostgreSQL that somebody else started on {cluster}. "
            f"Stop it (kill -INT {pid}), or set another data folder."
        )
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    if socket_dir is not None:
        for left in socket_dir.glob(".s.PGSQL.*"):
            left.unlink()


def server_pid(cluster: Path) -> int | None:
    """Finds the process that the pid file names, if it really is a server of this cluster.

    Args:
        cluster: the server's files.

    Returns:
        The number of the process, or None when there is no file, no such process, or when the
        process is something else.
    """
    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if pid > 0 and _is_server(pid, cluster) else None


def _is_server(pid: int, cluster: Path) -> bool:
    """Whether a process is a postgres that works on this cluster."""
    process = Path(f"/proc/{pid}")
    if not Path("/proc/self").exists():
        command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        line = answer.stdout.strip()
    else:
        try:
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ")
        except (FileNotFoundError, ProcessLookupError):
            return False
        line = words.decode(errors="surrogateescape")
    if "postgres" not in line:
        return False
    if f" -D {cluster} " in f"{line} ":
        return True
    # A server that somebody started in other words still works in its folder. Root in a
    # container may lack the capability to look: then the words above have to do.
    with contextlib.suppress(OSError):
        return (process / "cwd").readlink() == cluster
    return False


def _checked(answer: subprocess.CompletedProcess[str]) -> None:
    if answer.returncode != 0:
        words = "\n".join((answer.stdout + answer.stderr).strip().splitlines()[-8:])
        raise EmbeddedUnavailable(
            f"The PostgreSQL data folder could not be made; {Path(answer.args[0]).name} "
            f"(status {answer.returncode}) said:\n{words}\n"
            "Free disk space or set another data folder, or set DATABASE_URL."
        )


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
