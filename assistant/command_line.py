"""What the command line's parts share: options, settings, a business to work on, plain tables."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.settings import Settings
    from booking.business import Business
    from db.store import Store

T = TypeVar("T")

USAGE_ERROR = 2
FAILURE = 1

BusinessOption = Annotated[
    str | None,
    typer.Option("--business", metavar="SLUG", help="Which business; default: the default."),
]
NowOption = Annotated[
    str | None,
    typer.Option("--now", metavar="ISO", help="Pretend that it is now this moment, with offset."),
]
AsOption = Annotated[
    int, typer.Option("--as", metavar="TELEGRAM_ID", min=1, max=2**63 - 1, help="Who you are.")
]
WhoseOption = Annotated[
    int | None,
    typer.Option(
        "--as", metavar="TELEGRAM_ID", min=1, max=2**63 - 1, help="One customer; default: all."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable, in place of a table.")]


def tell(words: object = "") -> None:
    """Say something on standard error; where it goes to a full disk, the work goes on unsaid."""
    with contextlib.suppress(OSError):
        print(words, file=sys.stderr, flush=True)


def progress(message: str) -> None:
    """Tell on standard error what is being done: standard output is the result's alone."""
    tell(f"  {message.rstrip('. ')} ...")


def settings_for(**overrides: Any) -> Settings:
    """Read the settings, set up the logs, and say what is odd about either.

    Args:
        overrides: settings by name that a command's options replace; None = not replaced.

    Raises:
        SettingsError: a value that isn't allowed.
    """
    from assistant.logs import configure_logs
    from assistant.settings import load_settings

    settings = load_settings(**overrides)
    configure_logs(
        level=settings.log_level, format=settings.log_format, secrets=settings.secret_values()
    )
    for warning in settings.unknown_variables():
        tell(f"Note: {warning}")
    if settings.assistant_now is not None:
        pinned = settings.assistant_now.isoformat()
        tell(f"*** The clock is pinned: it is {pinned} and moves on from there. ***")
    return settings


async def with_app(settings: Settings, work: Callable[[App], Awaitable[T]]) -> T:
    """Start what a process needs, do `work`, and stop it."""
    from assistant.app import open_app

    async with open_app(settings, progress) as opened:
        return await work(opened)


def on_business(
    slug: str | None,
    now: str | None,
    work: Callable[[Store, Business], Awaitable[T]],
    *,
    settings: Settings | None = None,
) -> T:
    """Do `work` on a business of the configured database; no more than that is started.

    Args:
        slug: which business; None = the default one.
        now: ISO date and time with offset that the clock is pinned to; None = it isn't.
        settings: where they were read already; `now` is in them then.

    Raises:
        SettingsError, StartError, EmbeddedUnavailable, DatabaseError: says what is wrong.
    """
    read = settings or settings_for(assistant_now=now)
    from assistant.open_database import chosen_business, open_founded

    async def run() -> T:
        async with open_founded(read, progress) as (store, _):
            return await work(store, await chosen_business(store, slug or read.assistant_business))

    return asyncio.run(run())


def as_json(value: Any) -> str:
    """Return a value as indented JSON, keys in the order given."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under a header, columns aligned by two spaces; line breaks become spaces."""
    flat = [[" ".join(cell.split()) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[n]) for row in flat) for n in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in flat
    ]
    return "\n".join(lines)


def wrong_usage(message: str) -> NoReturn:
    """Say on standard error what can't be done with what was given, and exit with 2."""
    print(message, file=sys.stderr)
    raise typer.Exit(USAGE_ERROR)
