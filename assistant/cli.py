"""The command line: `assistant`. Heavy parts are imported by the command that needs them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.settings import Settings

USAGE_ERROR = 2
FAILURE = 1

app = typer.Typer(
    help="A booking assistant whose word can be trusted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
business_app = typer.Typer(help="Businesses: what is served, when, by whom.", no_args_is_help=True)
app.add_typer(business_app, name="business")

BusinessOption = Annotated[
    str | None,
    typer.Option("--business", metavar="SLUG", help="Which business; default: the default."),
]
NowOption = Annotated[
    str | None,
    typer.Option("--now", metavar="ISO", help="Pretend that it is now this moment, with offset."),
]


def _progress(message: str) -> None:
    print(f"  {message.rstrip('. ')} ...", file=sys.stderr, flush=True)


def _settings(**overrides: Any) -> Settings:
    from assistant.logs import configure_logs
    from assistant.settings import load_settings

    settings = load_settings(**overrides)
    configure_logs(
        level=settings.log_level, format=settings.log_format, secrets=settings.secret_values()
    )
    for warning in settings.unknown_variables():
        print(f"Note: {warning}", file=sys.stderr)
    if settings.assistant_now is not None:
        pinned = settings.assistant_now.isoformat()
        print(
            f"*** The clock is pinned: it is {pinned} and moves on from there. ***", file=sys.stderr
        )
    return settings


def _log_to_file(settings: Settings) -> None:
    """A conversation on the terminal isn't disturbed by logs."""
    from assistant.logs import configure_logs

    configure_logs(
        level=settings.log_level,
        format=settings.log_format,
        secrets=settings.secret_values(),
        file=settings.assistant_data_dir / "assistant.log",
    )


async def _with_app(settings: Settings, work: Callable[[App], Awaitable[None]]) -> None:
    from assistant.app import open_app

    async with open_app(settings, _progress) as opened:
        await work(opened)


@app.command()
def run() -> None:
    """Start the assistant: in Telegram with TELEGRAM_BOT_TOKEN set, else here in the terminal."""
    settings = _settings()
    if settings.telegram_bot_token is None:
        print("No TELEGRAM_BOT_TOKEN is set: the assistant talks to you here.", file=sys.stderr)
        _chat(settings, None, telegram_id=1)
        return
    from assistant.telegram.serve import serve

    asyncio.run(serve(settings, _progress))


@app.command()
def chat(
    telegram_id: Annotated[
        int, typer.Option("--as", metavar="TELEGRAM_ID", min=1, help="Who you are.")
    ] = 1,
    business: BusinessOption = None,
    now: NowOption = None,
) -> None:
    """Talk to the assistant in the terminal, or through a pipe, one message a line."""
    _chat(_settings(assistant_now=now), business, telegram_id=telegram_id)


def _chat(settings: Settings, business: str | None, *, telegram_id: int) -> None:
    from assistant.terminal import chat as talk

    _log_to_file(settings)

    async def work(opened: App) -> None:
        chosen = await opened.business(business)
        who = "with the model" if opened.model is not None else "without a model: no OPENAI_API_KEY"
        print(f"{chosen.name.get(chosen.languages[0])} ({who}). Ctrl-C ends.", file=sys.stderr)
        await talk(
            opened,
            chosen,
            telegram_id=telegram_id,
            write=lambda line: print(line, flush=True),
        )

    asyncio.run(_with_app(settings, work))


@app.command()
def status(business: BusinessOption = None) -> None:
    """Show how the installation is: queues, today's turns, the model. Exit code 1: see to it."""
    settings = _settings()
    from assistant.status import run_status

    found = run_status(settings, business, _progress)
    print("\n".join(found.lines()))
    if found.is_wrong:
        sys.exit(FAILURE)


@business_app.command("apply")
def business_apply(file: Annotated[Path, typer.Argument(help="The business file (YAML).")]) -> None:
    """Make a business what its file says. The first business becomes the default one."""
    from assistant.business_files import read_business_file

    description = read_business_file(file)
    settings = _settings()

    async def work(opened: App) -> None:
        from db.repositories.businesses import BusinessRepository

        async with opened.store.database.transaction() as session:
            applied = await BusinessRepository(session).apply(description)
        print(f"{applied.slug}: edition {applied.revision}, {len(applied.services)} services")

    asyncio.run(_with_app(settings, work))


def main() -> None:
    """Run a command; errors of people and machines end in a sentence, not a traceback."""
    from assistant.business_files import BusinessFileError
    from assistant.settings_help import SettingsError

    try:
        app()
    except (SettingsError, BusinessFileError) as error:
        print(error, file=sys.stderr)
        sys.exit(USAGE_ERROR)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        sys.exit(130)
    except _failures() as error:
        print(f"The assistant can't go on: {error}", file=sys.stderr)
        sys.exit(FAILURE)


def _failures() -> tuple[type[Exception], ...]:
    from assistant.guided.vocabulary import IntentsError
    from assistant.prompts.loader import PromptError
    from assistant.start_errors import StartError
    from assistant.telegram.problems import TelegramTokenError
    from assistant.texts import TextsError
    from db.embedded import EmbeddedUnavailable
    from db.errors import DatabaseError

    return (
        StartError,
        EmbeddedUnavailable,
        DatabaseError,
        TelegramTokenError,
        TextsError,
        PromptError,
        IntentsError,
    )
