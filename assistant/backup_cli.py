"""`assistant backup` and `restore`: the whole database in one file, and back."""

from __future__ import annotations

import asyncio
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.command_line import NowOption, progress, settings_for

if TYPE_CHECKING:
    from assistant.settings import Settings
    from db.backup import BackupFile, Manifest, Restored

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The backup (a ZIP).")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    file: FileArgument,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace FILE if it is there already.")
    ] = False,
    now: NowOption = None,
) -> None:
    """Write everything that the database holds to FILE, while the assistant works on."""
    settings = settings_for(assistant_now=now)
    manifest = asyncio.run(_back_up(settings, file, replace=replace))
    print(f"Wrote {file}: {_contents(manifest)}, {_size(file)}.")


async def _back_up(settings: Settings, file: Path, *, replace: bool) -> Manifest:
    from assistant.open_database import open_store
    from assistant.status import require_database
    from db.backup import back_up

    require_database(settings)
    async with open_store(settings, progress) as (store, _):
        progress(f"Writing {file}")
        return await back_up(
            store.database,
            file,
            made_at=store.clock.now(),
            program=version("booking-assistant"),
            replace=replace,
            warn=progress,
        )


def restore(
    file: FileArgument,
    check: Annotated[
        bool, typer.Option("--check", help="Only see whether FILE is whole; no database.")
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="The assistant was stopped before the backup: also send and answer what waited.",
        ),
    ] = False,
    now: NowOption = None,
) -> None:
    """Load FILE into an empty database, and compare what is there then with FILE."""
    settings = settings_for(assistant_now=now)
    from db.backup import BackupFile

    with closing(BackupFile(file)) as opened:
        if check:
            asyncio.run(opened.check())
            print(f"{file} is whole: {_made(opened.manifest)}, {_contents(opened.manifest)}.")
            return
        done = asyncio.run(_restore(settings, opened, resume=resume))
    print(f"Restored {file}: {_made(done.manifest)}, {_contents(done.manifest)}.")
    if done.updates or done.messages:
        print(
            f"Set aside: {done.messages} messages that waited to be sent and {done.updates} that"
            " waited for an answer when the backup was made. An assistant that went on after it"
            " has seen to them; if it was stopped before, restore into an empty database again,"
            " with --resume."
        )


async def _restore(settings: Settings, opened: BackupFile, *, resume: bool) -> Restored:
    from assistant.open_database import open_store
    from db.backup import restore

    await opened.check()  # before a server is started and a database made for it
    async with open_store(settings, progress) as (store, _):
        progress(f"Restoring {opened.path}")
        return await restore(store.database, opened, now=store.clock.now(), resume=resume)


def _made(manifest: Manifest) -> str:
    return f"made {manifest.made_at:%Y-%m-%d %H:%M} UTC, schema {manifest.revision}"


def _contents(manifest: Manifest) -> str:
    counts = ((manifest.rows(table), one) for table, one in _COUNTED)
    return ", ".join(f"{count} {one if count == 1 else many}" for count, (one, many) in counts)


_COUNTED = (
    ("businesses", ("business", "businesses")),
    ("customers", ("customer", "customers")),
    ("appointments", ("appointment", "appointments")),
)


def _size(file: Path) -> str:
    size = file.stat().st_size
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{size / 1000:.0f} kB"
