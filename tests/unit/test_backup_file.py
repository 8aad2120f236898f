"""The file of a backup: whole, or refused; in its place, or not there."""

from __future__ import annotations

import asyncio
import random
import resource
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from db.backup.archive import BackupError, BackupFile, BackupWriter, Manifest, SavedTable, Write
from tests.conftest import NOW

ROWS = [b"1\tAda\n", b"2\tGrace\\N\n"]


async def write(path: Path, rows: list[bytes] = ROWS, *, replace: bool = False) -> Manifest:
    """Write a backup of one table."""

    async def fill(put: Write) -> int:
        for row in rows:
            await put(row)
        return len(rows)

    with BackupWriter(path, replace=replace) as writer:
        count, digest = await writer.table("people", fill)
        table = SavedTable(name="people", columns=("id", "name"), rows=count, sha256=digest)
        manifest = Manifest(
            program="1", revision="0001", server=180000, made_at=NOW, tables=(table,), counters={}
        )
        writer.manifest(manifest)
    return manifest


async def read(path: Path) -> tuple[Manifest, bytes]:
    """Read it as a whole."""
    with closing(BackupFile(path)) as file:
        [table] = file.manifest.tables
        return file.manifest, b"".join([piece async for piece in file.rows(table)])


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    manifest = await write(path)
    assert await read(path) == (manifest, b"".join(ROWS))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600  # everything about everybody is in it
    assert names(tmp_path) == ["b.zip"]


async def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    path, cut = tmp_path / "b.zip", tmp_path / "cut.zip"
    await write(path)
    whole = path.read_bytes()
    for length in (*range(0, len(whole), 7), len(whole) - 1):
        cut.write_bytes(whole[:length])
        with pytest.raises(BackupError, match=r"cut\.zip is damaged or cut off"):
            await read(cut)


async def test_a_changed_byte_is_refused_or_changes_nothing(tmp_path: Path) -> None:
    path, changed = tmp_path / "b.zip", tmp_path / "changed.zip"
    await write(path)
    whole, wanted = path.read_bytes(), await read(path)
    refused = 0
    places = range(0, len(whole), 5)
    for place in places:
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            assert await read(changed) == wanted, place
        except BackupError:
            refused += 1
    assert refused > len(places) / 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "can't be read: No such file"),
        (b"", "damaged or cut off"),
        (b"CREATE TABLE x;", "damaged or cut off"),
    ],
)
async def test_what_is_no_backup_is_refused(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "b.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BackupError, match=words):
        await read(path)


async def test_a_format_of_the_future_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = Manifest.model_dump_json
    monkeypatch.setattr(
        Manifest,
        "model_dump_json",
        lambda self, **options: dump(self, **options).replace('"format": 1', '"format": 2'),
    )
    await write(tmp_path / "b.zip")
    with pytest.raises(BackupError, match="made by a newer version"):
        await read(tmp_path / "b.zip")


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A disk that is full; the error that the system gives is a neighbour of the real one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 100, 70_000])
async def test_a_full_disk_leaves_what_was_there(tmp_path: Path, size: int) -> None:
    path = tmp_path / "b.zip"
    await write(path)
    before = path.read_bytes()
    # Incompressible: the larger one doesn't fit on the way, the smaller one only at the end.
    pieces = [random.Random(7).randbytes(100_000)] * 30 if size > 100 else ROWS
    with files_no_larger_than(size), pytest.raises(BackupError, match="There is no room for"):
        await write(path, pieces, replace=True)
    assert path.read_bytes() == before
    assert names(tmp_path) == ["b.zip"]


async def test_an_interrupted_backup_leaves_nothing(tmp_path: Path) -> None:
    async def interrupted(put: Write) -> int:
        await put(b"1\n")
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError), BackupWriter(tmp_path / "b.zip") as writer:
        await writer.table("people", interrupted)
    assert names(tmp_path) == []


async def test_a_file_that_is_there_is_replaced_only_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_text("precious")
    with pytest.raises(BackupError, match="--replace"):
        await write(path)
    assert path.read_text() == "precious"
    await write(path, replace=True)
    assert (await read(path))[1] == b"".join(ROWS)


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"nowhere/b\.zip can't be written: No such file"):
        await write(tmp_path / "nowhere" / "b.zip")
