"""The command line: `assistant`. Heavy parts are imported by the command that needs them."""

from __future__ import annotations

import asyncio
import errno
import gc
import io
import os
import signal
import sys
from typing import TYPE_CHECKING

import typer

from assistant import (
    backup_cli,
    broadcast_cli,
    business_cli,
    calendar_cli,
    data_cli,
    tools_cli,
)
from assistant.command_line import (
    FAILURE,
    USAGE_ERROR,
    AsOption,
    BusinessOption,
    NowOption,
    progress,
    settings_for,
    tell,
    with_app,
)
from assistant.prompts_cli import prompts_app

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.settings import Settings

app = typer.Typer(
    help="A booking assistant whose word can be trusted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _part in (business_cli, tools_cli, calendar_cli, data_cli, broadcast_cli, backup_cli):
    _part.add_to(app)
app.add_typer(prompts_app, name="prompts")
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EPIPE)


def _log_to_file(settings: Settings) -> None:
    """A conversation on the terminal isn't disturbed by logs."""
    from assistant.logs import configure_logs

    configure_logs(
        level=settings.log_level,
        format=settings.log_format,
        secrets=settings.secret_values(),
        file=settings.assistant_data_dir / "assistant.log",
    )


@app.command()
def run() -> None:
    """Start the assistant: in Telegram with TELEGRAM_BOT_TOKEN set, else here in the terminal."""
    settings = settings_for()
    if not settings.bots():
        tell("No TELEGRAM_BOT_TOKEN is set: the assistant talks to you here.")
        _chat(settings, None, telegram_id=1)
        return
    # Until the loop handles it. A container's first process gets no signal that nobody handles: it
    # would be waited for in vain, and killed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from assistant.telegram.serve import serve

    asyncio.run(serve(settings, progress))


@app.command()
def chat(
    telegram_id: AsOption = 1,
    business: BusinessOption = None,
    now: NowOption = None,
) -> None:
    """Talk to the assistant in the terminal, or through a pipe, one message a line."""
    _chat(settings_for(assistant_now=now), business, telegram_id=telegram_id)


def _chat(settings: Settings, business: str | None, *, telegram_id: int) -> None:
    from assistant.terminal import chat as talk

    _log_to_file(settings)

    async def work(opened: App) -> None:
        chosen = await opened.business(business)
        who = "with the model" if opened.model is not None else "without a model: no OPENAI_API_KEY"
        tell(f"{chosen.name.get(chosen.languages[0])} ({who}). Ctrl-C ends.")
        await talk(
            opened,
            chosen,
            telegram_id=telegram_id,
            write=lambda line: print(line, flush=True),
        )

    asyncio.run(with_app(settings, work))


@app.command()
def status(business: BusinessOption = None) -> None:
    """Show how the installation is: queues, today's turns, the model. Exit code 1: see to it."""
    settings = settings_for()
    from assistant.status import run_status

    found = run_status(settings, business, progress)
    print("\n".join(found.lines()))
    if found.is_wrong:
        sys.exit(FAILURE)


def main() -> None:
    """Run a command; errors of people and machines end in a sentence, not a traceback."""
    from assistant.business_files import BusinessFileError
    from assistant.settings_help import SettingsError
    from assistant.start_errors import UnknownBusinessError, told_in_a_sentence

    # A start makes a million objects that stay: to look for garbage among them again and again is
    # a sixth of its time.
    gc.set_threshold(50_000)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal of another encoding than UTF-8 shows a question mark in place of a tick.
        sys.stdout.reconfigure(errors="replace")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # what can't be written is told here, not by a dying interpreter
    except SystemExit:
        raise  # before what is below is looked at: it imports all that can fail
    except (SettingsError, BusinessFileError, UnknownBusinessError) as error:
        tell(error)
        sys.exit(USAGE_ERROR)
    except KeyboardInterrupt:
        tell()
        sys.exit(130)
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        # What is left unwritten would fail once more at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno != errno.EPIPE:  # whoever has closed the pipe wants to hear no more
            what = error.filename or "The output"
            print(f"{what} can't be written: {error.strerror}.", file=sys.stderr)
        sys.exit(FAILURE)
    except told_in_a_sentence() as error:
        tell(f"The assistant can't go on: {error}")
        sys.exit(FAILURE)
