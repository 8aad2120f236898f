"""The file of a backup: a ZIP with the rows of each table and a manifest that says what is in it.

Any unzip opens it: `data/<table>.copy` is PostgreSQL's COPY text, `manifest.json` has the rest. It
is there as a whole or not at all under its name: written aside, forced to disk, then renamed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import zipfile
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

MANIFEST = "manifest.json"
_CHUNK = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)

Write = Callable[[bytes], Awaitable[None]]


class BackupError(Exception):
    """A backup can't be made or used. The message says why and what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SavedTable(_Part):
    """The rows of a table.

    Args:
        name: of the table.
        columns: in the order of the values in a row.
        rows: how many.
        sha256: of their text, as hexadecimal digits.
    """

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str


class Counter(_Part):
    """Where the numbering of a column stands: no number is given out twice.

    Args:
        last: the last number.
        used: whether it was given out.
    """

    last: int
    used: bool


class Manifest(_Part):
    """What a backup holds.

    Args:
        format: of the file.
        program: version of the program that wrote it.
        revision: of the schema, a migration's.
        server: version of PostgreSQL, as `server_version_num` writes it.
        made_at: the instant whose rows these are, by the assistant's clock.
        tables: each after those that its rows point to.
        counters: by "table.column".
    """

    format: Literal[1] = 1
    program: str
    revision: str
    server: int
    made_at: AwareDatetime
    tables: tuple[SavedTable, ...]
    counters: dict[str, Counter]

    def rows(self, name: str) -> int:
        """Return how many rows of a table there are; none of a table that isn't in it."""
        return sum(table.rows for table in self.tables if table.name == name)


class BackupWriter:
    """Writes a backup. At the end of a `with` block without an exception it stands in its place.

    Args:
        path: where to; its folder exists.
        replace: whether a file that is there may be replaced.

    Raises:
        BackupError: it can't be written there; nothing is left behind.
    """

    def __init__(self, path: Path, *, replace: bool = False) -> None:
        self._path = path
        self._replace = replace
        self._aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")

    def __enter__(self) -> Self:
        if self._path.exists() and not self._replace:
            raise BackupError(
                f"{self._path} is there already. Name another file, or replace it: --replace"
            )
        with self._explained():
            # Everything about everybody is in it: the owner's alone.
            descriptor = os.open(self._aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=_CHUNK)
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._finish()
        finally:
            self._abandon()

    def _finish(self) -> None:
        with self._explained():
            self._zip.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._aside.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _abandon(self) -> None:
        # Both write when they are closed, which may fail, and isn't wanted any more.
        with suppress(OSError):
            self._zip.close()
        with suppress(OSError):
            self._file.close()
        self._aside.unlink(missing_ok=True)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                words = f"There is no room for {self._path}: free some, or name another place."
            else:
                words = f"{self._path} can't be written: {error.strerror}."
            raise BackupError(f"{words} No backup was made.") from None

    async def table(self, name: str, fill: Callable[[Write], Awaitable[int]]) -> tuple[int, str]:
        """Write one table.

        Args:
            name: of the table.
            fill: writes its text, and returns how many rows that is.

        Returns:
            The rows, and the text's SHA-256.
        """
        digest = hashlib.sha256()
        entry = self._zip.open(f"data/{name}.copy", "w", force_zip64=True)

        async def write(data: bytes) -> None:
            digest.update(data)
            with self._explained():
                entry.write(data)

        try:
            rows = await fill(write)
        finally:
            with self._explained():
                entry.close()
        return rows, digest.hexdigest()

    def manifest(self, manifest: Manifest) -> None:
        """Write the manifest."""
        with self._explained():
            self._zip.writestr(MANIFEST, manifest.model_dump_json(indent=2))


class BackupFile:
    """A backup to read from.

    Args:
        path: of the file.

    Raises:
        BackupError: it isn't one, or it's damaged or cut off.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            text = self._zip.read(MANIFEST)
        except OSError as error:
            raise BackupError(f"{path} can't be read: {error.strerror}.") from None
        except KeyError:
            raise BackupError(f"{path} is no backup of the assistant: no manifest.") from None
        except _BROKEN:
            raise self._damaged() from None
        try:
            self.manifest = Manifest.model_validate_json(text)
        except ValidationError:
            raise BackupError(
                f"{path} is no backup that this version can read: its manifest says something else."
                " It may have been made by a newer version."
            ) from None
        entries = {f"data/{table.name}.copy" for table in self.manifest.tables}
        if not entries <= set(self._zip.namelist()):
            raise self._damaged()

    def _damaged(self) -> BackupError:
        return BackupError(
            f"{self.path} is damaged or cut off: it can't be used. Take another backup."
        )

    async def rows(self, table: SavedTable) -> AsyncIterator[bytes]:
        """Yield a table's text in pieces.

        Raises:
            BackupError: it isn't what was written.
        """
        digest = hashlib.sha256()
        try:
            with self._zip.open(f"data/{table.name}.copy") as entry:
                while data := entry.read(_CHUNK):
                    digest.update(data)
                    yield data
        except (OSError, *_BROKEN):
            raise self._damaged() from None
        if digest.hexdigest() != table.sha256:
            raise self._damaged()

    async def check(self) -> None:
        """Read it all.

        Raises:
            BackupError: it isn't what was written.
        """
        for table in self.manifest.tables:
            async for _ in self.rows(table):
                pass

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
