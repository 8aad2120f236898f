"""`assistant business`: check, apply, export and list the files that describe businesses."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from assistant.command_line import (
    FAILURE,
    USAGE_ERROR,
    BusinessOption,
    NowOption,
    progress,
    settings_for,
)

if TYPE_CHECKING:
    from booking.business_file import BusinessFile
    from db.repositories.editions import Edition
    from db.store import Store

T = TypeVar("T")

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="The business file (YAML, or TOML if called .toml).")
]


class Shape(StrEnum):
    """Formats of a business file."""

    YAML = "yaml"
    TOML = "toml"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    part = typer.Typer(help="Businesses: what is served, when, by whom.", no_args_is_help=True)
    part.command("check")(check)
    part.command("apply")(apply)
    part.command("export")(export)
    part.command("list")(list_businesses)
    part.command("schema")(schema)
    app.add_typer(part, name="business")


def check(file: FileArgument, now: NowOption = None) -> None:
    """Name each mistake of a business file with its line; needs no database."""
    description = _checked(file, now)
    from assistant.business_words import summary

    head, *rest = summary(description)
    print(f"{file} describes {head}")
    for line in rest:
        print(f"  {line}")


def apply(
    file: FileArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    now: NowOption = None,
) -> None:
    """Make a business what its file says, in one step; the first one becomes the default.

    Shows what changes, and the appointments that would no longer fit.
    """
    description = _checked(file, now)

    async def work(store: Store) -> None:
        shown = await store.apply_business(description, rehearse=True)
        _show(description, shown)
        if dry_run:
            print("Nothing was changed: this was a dry run.")
            return
        while True:
            if not (yes or _agreed(shown)):
                raise typer.Exit(FAILURE)
            done = await store.apply_business(description, shown=shown)
            if done.applied:
                break
            print("Meanwhile something has changed; this is how it is now:")
            _show(description, shown := done)
        if done.after is not None and done.after != done.before:
            print(f"Applied: {done.after.slug} is edition {done.after.revision} now.")

    _on_store(now, work)


def export(
    business: BusinessOption = None,
    shape: Annotated[Shape, typer.Option("--format", help="yaml or toml.")] = Shape.YAML,
) -> None:
    """Print the file that describes a business as it is now."""

    async def work(store: Store) -> str:
        from assistant.business_export import to_toml, to_yaml
        from assistant.open_database import chosen_business
        from booking.business_edition import to_file

        write = to_toml if shape is Shape.TOML else to_yaml
        return write(to_file(await chosen_business(store, business)))

    print(_on_store(None, work), end="")


def list_businesses() -> None:
    """Print the businesses of the database, the default one marked."""

    async def work(store: Store) -> list[str]:
        return [
            f"{entry.slug}  edition {entry.revision}{'  (default)' if entry.is_default else ''}"
            for entry in await store.businesses()
        ]

    lines = _on_store(None, work)
    if not lines:
        print("There is no business yet. Add one with: assistant business apply FILE")
    for line in lines:
        print(line)


def schema() -> None:
    """Print the JSON Schema of business files, for editors."""
    from booking.business_schema import schema_text

    print(schema_text(), end="")


def _checked(path: Path, now: str | None) -> BusinessFile:
    """Read a file and tell its warnings; with mistakes, tell them and exit with 2."""
    import datetime as dt

    from assistant.business_files import check_business_file
    from booking.localtime import to_epoch
    from db.clock import SystemClock

    instant = SystemClock().now()
    if now is not None:
        try:
            instant = dt.datetime.fromisoformat(now)
            to_epoch(instant)  # refuses one without an offset
        except ValueError:
            print(f"--now is an ISO date and time with offset, not {now!r}", file=sys.stderr)
            raise typer.Exit(USAGE_ERROR) from None
    checked = check_business_file(path, instant)
    for mistake in checked.mistakes:
        print(mistake, file=sys.stderr)
    for warning in checked.warnings:
        place, _, message = str(warning).partition(": ")
        print(f"{place}: warning: {message}", file=sys.stderr)
    if checked.file is None:
        count = len(checked.mistakes)
        told = "1 mistake" if count == 1 else f"{count} mistakes"
        print(f"{told}.", file=sys.stderr)
        raise typer.Exit(USAGE_ERROR)
    return checked.file


def _show(file: BusinessFile, edition: Edition) -> None:
    from assistant.business_words import change_lines, conflict_lines, heading

    print(heading(file, edition))
    for line in change_lines(edition.changes):
        print(line)
    if edition.conflicts:
        count = len(edition.conflicts)
        told = "1 appointment" if count == 1 else f"{count} appointments"
        print(f"{told} would no longer fit. What is booked stays: move or cancel it yourself.")
        for line in conflict_lines(edition):
            print(line)


def _agreed(edition: Edition) -> bool:
    """Ask on a terminal; without one only what harms nobody goes without --yes."""
    if edition.before is None or not edition.changes:
        return True
    if sys.stdin.isatty():
        print("Apply it? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().casefold() in ("y", "yes"):
            return True
        print("Nothing was changed.", file=sys.stderr)
        return False
    if edition.conflicts:
        print("Nothing was changed. To apply it all the same, add --yes.", file=sys.stderr)
        return False
    return True


def _on_store(now: str | None, work: Callable[[Store], Awaitable[T]]) -> T:
    """Do `work` on the configured database; no business is loaded, no model is connected."""
    settings = settings_for(assistant_now=now)

    async def run() -> T:
        from assistant.open_database import open_store
        from db.migrate import migrate

        async with open_store(settings, progress) as (store, _):
            progress("Updating the database schema")
            await migrate(store.database.engine)
            return await work(store)

    return asyncio.run(run())
