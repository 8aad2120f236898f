"""`assistant prompts eval`: from its options to the report."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr
from sqlalchemy import text

from assistant.app import turn_limits
from assistant.command_line import progress, with_app
from assistant.evaluation.measure import Measured, Run, Version, measure, suits_a_model
from assistant.evaluation.report import Report, report_of, written
from assistant.evaluation.room import room_problems
from assistant.evaluation.scenario import Scenario, load
from assistant.model.factory import build_model
from assistant.model.port import ModelErrorKind, ModelSettings
from assistant.prompts.loader import parse_prompt
from assistant.prompts.problems import listed
from assistant.prompts_check import cached_tokens
from assistant.script import Script
from assistant.settings import Settings
from db.clock import SystemClock
from db.embedded import EmbeddedPostgres
from db.migrate import migrate
from db.repositories.prompts import PromptVersion
from db.session import Database
from db.settings import DatabaseSettings
from db.store import UnitOfWork

if TYPE_CHECKING:
    from assistant.app import App

IN_FORCE, EDITED, DRAFT = "in force", "edited", "draft"


class EvaluationError(ValueError):
    """It can't be played; says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    Args:
        folder: an edited prompts folder that is compared with the version in force; None = that
            version alone.
        scenarios: folder of the suite's files.
        bucket, only: narrow the suite down; None = all of it.
        k: how often each scenario is played with each version.
        concurrency: conversations at once.
        business: slug whose published prompts are the ones in force; None = the default business.
        draft: whether the drafts that admins keep in Telegram are compared.
        version: of a prompt kept in the database, as `/prompt` names it, to be compared.
        scratch_url: an empty database to play in; None = an embedded server of its own.
    """

    folder: Path | None
    scenarios: Path
    bucket: str | None
    only: str | None
    k: int
    concurrency: int
    business: str | None
    scratch_url: str | None
    draft: bool = False
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be played."""

    versions: tuple[Version, ...]
    scenarios: tuple[Scenario, ...]
    wish: Wish
    model: ModelSettings

    @property
    def runs(self) -> int:
        """How many conversations."""
        return len(self.versions) * len(self.scenarios) * self.wish.k

    @property
    def calls(self) -> int:
        """About how many calls of the model: as many as the suite needs at its best."""
        once = sum(scenario.ends.model_calls for scenario in self.scenarios)
        return once * len(self.versions) * self.wish.k

    def tokens(self) -> int:
        """About how many tokens of input: the part that every call begins with."""
        once = sum(scenario.ends.model_calls for scenario in self.scenarios)
        return sum(cached_tokens(v.script.prompts) * once * self.wish.k for v in self.versions)


async def plan(settings: Settings, wish: Wish) -> Plan:
    """Read what is to be compared and played.

    Raises:
        EvaluationError: there is no key, no such scenario, draft or version, or it has mistakes.
        ScriptError: the edited folder has mistakes.
    """
    model = settings.model_settings()
    if model is None:
        raise EvaluationError(
            "Without a key there is no model to judge the prompts with: set OPENAI_API_KEY."
        )
    edited = None if wish.folder is None else Script.load(wish.folder)
    if not wish.scenarios.is_dir():
        raise EvaluationError(f"There is no folder {wish.scenarios} with scenarios.")
    try:
        found = load(wish.scenarios)
    except ValueError as error:
        raise EvaluationError(str(error)) from error
    chosen = tuple(
        scenario
        for scenario in found
        if suits_a_model(scenario)
        and wish.bucket in (None, scenario.bucket.value)
        and wish.only in (None, scenario.id)
    )
    if not chosen:
        known = sorted({s.bucket.value for s in found if suits_a_model(s)})
        raise EvaluationError(
            f"No scenario of {wish.scenarios} fits. Buckets: {', '.join(known) or 'none'}."
        )
    if mistakes := [mistake for scenario in chosen for mistake in room_problems(scenario)]:
        raise EvaluationError("\n".join(mistakes))
    in_force, kept = await _in_force(settings, wish)
    versions = [Version(IN_FORCE, in_force)]
    if edited is not None:
        versions.append(Version(EDITED, edited))
    if kept:
        versions.append(Version(wish.version or DRAFT, _with(in_force, kept)))
    return Plan(tuple(versions), chosen, wish, model)


async def _in_force(settings: Settings, wish: Wish) -> tuple[Script, list[PromptVersion]]:
    """Return what customers get now (the folder in use, and what was published over it).

    Besides: the versions in the database that are to be compared with it.
    """

    async def kept(uow: UnitOfWork) -> list[PromptVersion]:
        if wish.version is not None:
            return await uow.prompts.named(wish.version)
        return await uow.prompts.drafts() if wish.draft else []

    async def work(app: App) -> tuple[Script, list[PromptVersion]]:
        business = await app.business(wish.business)
        return await app.editions.of(business), await app.store.run(business, kept)

    script, found = await with_app(settings.model_copy(update={"openai_api_key": None}), work)
    if wish.version is not None and not found:
        raise EvaluationError(
            f"No version {wish.version!r} is kept; /prompt names those there are."
        )
    if wish.draft and not found:
        raise EvaluationError("There is no draft. An admin makes one by /prompt set in Telegram.")
    return script, found


def _with(script: Script, kept: Sequence[PromptVersion]) -> Script:
    """Return an edition with prompts from the database in place of its own."""
    book = script.prompts
    for version in kept:
        file = f"{version.name} {version.version}"
        prompt, problems = parse_prompt(version.text, name=version.name, file=file)
        if prompt is None:
            raise EvaluationError(listed(problems))
        book = replace(book, **{version.name: prompt})
    return replace(script, prompts=book)


async def carry_out(settings: Settings, planned: Plan) -> tuple[Report, Measured]:
    """Play the plan in a scratch database and add it up."""
    total, wish = planned.runs, planned.wish
    done = 0

    def on_run(run: Run) -> None:
        nonlocal done
        done += 1
        said = "passed" if run.passed else "failed"
        print(f"  {done}/{total} {run.scenario}, {run.version}: {said}", file=sys.stderr)

    def on_wait(seconds: float, error: ModelErrorKind) -> None:
        print(f"  The model is away ({error.value}): again in {seconds:.0f} s.", file=sys.stderr)

    connection = build_model(planned.model)
    try:
        async with scratch_database(wish.scratch_url, settings.assistant_postgres_bin) as database:
            measured = await measure(
                database,
                connection,
                planned.versions,
                planned.scenarios,
                k=wish.k,
                concurrency=wish.concurrency,
                on_run=on_run,
                on_wait=on_wait,
                limits=turn_limits(settings),
            )
    finally:
        await connection.aclose()
    report = report_of(
        measured,
        planned.versions,
        k=wish.k,
        model=planned.model.model,
        prices=settings.token_prices(),
        now=SystemClock().now(),
    )
    return report, measured


@asynccontextmanager
async def scratch_database(
    url: str | None, binaries: Path | None = None
) -> AsyncIterator[Database]:
    """Give an empty, migrated database that holds nobody's rows.

    Args:
        url: one that is empty; None = an embedded server in a temporary folder, gone afterwards.
        binaries: the folder of PostgreSQL's programs; None searches for them.

    Raises:
        EvaluationError: the database at `url` is in use, or it names none.
        DatabaseUnavailableError: there is no server at `url`.
        EmbeddedUnavailable: no server can be run here; the message says what to do.
    """
    folder = server = None
    if url is not None and not url.startswith("postgresql://"):
        raise EvaluationError("The database is named by an address: postgresql://...")
    if url is None:
        folder = Path(tempfile.mkdtemp(prefix="prompts-eval-"))
        folder.chmod(0o711)  # the server may run under another account, in a folder of its own
        fast = {"fsync": "off", "synchronous_commit": "off"}  # nothing in it is kept
        # On this thread: a server ends with the thread that started it.
        server = EmbeddedPostgres.start(
            folder / "data", binaries=binaries, progress=progress, settings=fast
        )
        url = server.url()
    database = Database(DatabaseSettings(_env_file=None, database_url=SecretStr(url)))
    try:
        await database.ping()
        await _refuse_a_used_one(database)
        await migrate(database.engine)
        yield database
    finally:
        await database.close()
        if server is not None:
            server.stop()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


async def _refuse_a_used_one(database: Database) -> None:
    async with database.engine.connect() as connection:
        tables = await connection.scalar(
            text("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")
        )
    if tables:
        raise EvaluationError(
            "That database isn't empty. An evaluation makes businesses, customers and appointments:"
            " give it a database of its own, or leave --database out."
        )


def estimate_text(planned: Plan, settings: Settings) -> str:
    """Return what playing the plan will take."""
    tokens, prices = planned.tokens(), settings.token_prices()
    money = ""
    if prices is not None:
        money = (
            f" ({tokens * prices.input_tokens / 1_000_000:.2f} without caching, and the answers)"
        )
    lines = [
        *(f"Prompts {version.name}: {version.label}" for version in planned.versions),
        f"Scenarios: {len(planned.scenarios)}, each played {planned.wish.k} times with each"
        " of them, in a database of their own.",
        f"About {planned.calls} calls of {planned.model.model}, {tokens} tokens of input{money}.",
    ]
    return "\n".join(lines)


def report_text(report: Report, measured: Measured, earlier: Report | None) -> Sequence[str]:
    """Return the report's lines, with why it is short where it is."""
    lines = [written(report, earlier)]
    if measured.failure is not None:
        lines.append("Broken off by a failure of the program or its database; see below.")
    if measured.hopeless is not None:
        lines.append(f"Broken off: the model can't be asked ({measured.hopeless.value}).")
    return lines
