"""`assistant prompts`: check what is edited, and see what would be sent."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assistant.app import App

prompts_app = typer.Typer(
    help="Prompts and phrases: what the assistant says and the model is told.",
    no_args_is_help=True,
)


@prompts_app.command("check")
def prompts_check(
    folder: Annotated[
        Path | None,
        typer.Option("--dir", metavar="DIR", help="Which folder; default: the one in use."),
    ] = None,
) -> None:
    """Tell all mistakes in a prompts folder at once, and what the prompts weigh."""
    from assistant.command_line import USAGE_ERROR
    from assistant.prompts_check import check_folder

    problems, lines = check_folder(folder or _folder_in_use())
    for line in lines:
        print(line)
    if not problems:
        print("No mistakes.")
        return
    for problem in problems:
        print(problem, file=sys.stderr)
    count = f"{len(problems)} {'mistake' if len(problems) == 1 else 'mistakes'}"
    print(f"{count}. Nothing was changed.", file=sys.stderr)
    raise typer.Exit(USAGE_ERROR)


def _folder_in_use() -> Path:
    from assistant.script import SHIPPED
    from assistant.settings import load_settings

    return load_settings().assistant_prompts_dir or SHIPPED


@prompts_app.command("preview")
def prompts_preview(
    telegram_id: Annotated[
        int,
        typer.Option(
            "--as",
            metavar="TELEGRAM_ID",
            min=1,
            max=2**63 - 1,
            help="Whose message; a stranger's too.",
        ),
    ] = 1,
    business: Annotated[
        str | None,
        typer.Option("--business", metavar="SLUG", help="Which business; default: the default."),
    ] = None,
    message: Annotated[
        str | None, typer.Option("--message", metavar="TEXT", help="What is written.")
    ] = None,
    now: Annotated[
        str | None,
        typer.Option("--now", metavar="ISO", help="Pretend that it is now this moment."),
    ] = None,
    api: Annotated[
        str | None, typer.Option("--api", metavar="responses|chat", help="Which endpoint.")
    ] = None,
) -> None:
    """Print the exact request that would be sent for a message. Nothing is sent."""
    from assistant.command_line import settings_for, with_app
    from assistant.preview import SAMPLE_MESSAGE, written

    settings = settings_for(assistant_now=now, openai_api=api)

    async def work(opened: App) -> None:
        body = await _body(opened, business, telegram_id, message or SAMPLE_MESSAGE)
        print(written(body))

    # No model is connected: the request is only built.
    asyncio.run(with_app(settings.model_copy(update={"openai_api_key": None}), work))


async def _body(opened: App, slug: str | None, telegram_id: int, message: str) -> dict[str, Any]:
    from assistant.languages import language_of
    from assistant.preview import sample_customer
    from db.store import UnitOfWork

    business = await opened.business(slug)
    script = await opened.editions.of(business)
    clock = opened.store.clock

    async def work(uow: UnitOfWork) -> dict[str, Any]:
        customer = await uow.customers.get_customer_by_telegram_id(telegram_id)
        customer = customer or sample_customer(business.id, telegram_id, clock.now())
        told = language_of(message, script.texts.languages)
        language = told or customer.language or business.languages[0]
        return await opened.preview().body(
            uow,
            message,
            customer=customer,
            language=script.texts.resolve(language),
            prompts=script.prompts,
            clock=clock,
        )

    return await opened.store.run(business, work)


@prompts_app.command("eval")
def prompts_eval(
    folder: Annotated[
        Path | None,
        typer.Option("--dir", metavar="DIR", help="An edited folder; default: none beside it."),
    ] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="The drafts that admins keep by /prompt in Telegram.")
    ] = False,
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="VERSION", help="A version of a prompt by /prompt."),
    ] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=50, help="Runs of each scenario.")] = 3,
    bucket: Annotated[
        str | None, typer.Option("--bucket", metavar="NAME", help="Only scenarios of one bucket.")
    ] = None,
    only: Annotated[
        str | None, typer.Option("--only", metavar="ID", help="Only one scenario.")
    ] = None,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=32, help="Conversations at once.")
    ] = 4,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before spending.")] = False,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where the result is written.")
    ] = Path("prompts-eval.json"),
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="FILE", help="An earlier result beside it.")
    ] = None,
    scenarios: Annotated[
        Path | None,
        typer.Option("--scenarios", metavar="DIR", help="Other scenarios than the project's."),
    ] = None,
    business: Annotated[
        str | None,
        typer.Option("--business", metavar="SLUG", help="Whose prompts are in force."),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option("--database", metavar="URL", help="An empty database; default: one made."),
    ] = None,
) -> None:
    """Play the scenarios with the model: the edited prompts beside the version in force.

    What is compared is a folder (--dir), the drafts from Telegram (--draft) or a version.

    Exits with 0 where every run passed, with 1 where one didn't or it was broken off.
    """
    from assistant.command_line import FAILURE, settings_for, wrong_usage
    from assistant.evaluation import command
    from assistant.evaluation.report import Report, ReportError
    from assistant.evaluation.scenario import CONVERSATIONS
    from assistant.script import ScriptError

    if (folder is not None) + draft + (version is not None) > 1:
        wrong_usage("Compare one thing at a time: --dir, --draft or --version.")
    _refuse_unwritable(out)
    settings = settings_for(log_level="WARNING")  # the conversations' own logs are of no interest
    wish = command.Wish(
        folder,
        scenarios or CONVERSATIONS,
        bucket,
        only,
        k,
        concurrency,
        business,
        database,
        draft,
        version,
    )
    try:
        earlier = None if compare is None else Report.read(compare)
        planned = asyncio.run(command.plan(settings, wish))
        print(command.estimate_text(planned, settings), file=sys.stderr)
        if not yes:
            _agree()
        report, measured = asyncio.run(command.carry_out(settings, planned))
    except (command.EvaluationError, ReportError, ScriptError) as error:
        wrong_usage(str(error))
    for line in command.report_text(report, measured, earlier):
        print(line)
    out.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    print(f"Written to {out}.", file=sys.stderr)
    if measured.failure is not None:
        raise measured.failure
    if measured.interrupted or not all(run.passed for run in measured.runs):
        raise typer.Exit(FAILURE)


def _refuse_unwritable(out: Path) -> None:
    """Leave where the result couldn't be written, before money is spent on it."""
    from assistant.command_line import wrong_usage

    place = out if out.exists() else out.parent
    if out.is_dir() or not place.exists() or not os.access(place, os.W_OK):
        wrong_usage(f"{out} can't be written. Name another file by --out.")


def _agree() -> None:
    """Ask before money is spent; leave where the answer isn't yes, or nobody can be asked."""
    from assistant.command_line import wrong_usage

    if not sys.stdin.isatty():
        wrong_usage("Nothing was asked of the model. Add --yes where nobody can answer.")
    if not typer.confirm("Go on?", err=True):
        wrong_usage("Nothing was asked of the model.")
