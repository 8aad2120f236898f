"""Plays scenarios with versions of the prompts, several times each, and keeps what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.evaluation.player import Player
from assistant.evaluation.scenario import Bucket, Scenario
from assistant.model.port import RETRIED, Model, ModelErrorKind, Usage
from assistant.script import Script
from assistant.turn.answer import TurnLimits
from db.session import Database

# Buckets about what the scripted model does wrong, or the program without one.
_NOT_FOR_A_MODEL = frozenset({Bucket.STUBBORN, Bucket.LIMITS})
# Asking on is of no use: the key, the model's name or the account has to be put right first.
_HOPELESS = frozenset({ModelErrorKind.AUTH, ModelErrorKind.QUOTA, ModelErrorKind.CIRCUIT_OPEN})
# Says nothing about the prompts, and may be over soon: a limit of requests a minute, an outage.
_PASSES = RETRIED | {ModelErrorKind.CIRCUIT_OPEN}
PAUSES_SECONDS = (15.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class Version:
    """One edition of the prompts.

    Args:
        name: as the report calls it.
    """

    name: str
    script: Script

    @property
    def label(self) -> str:
        """What is stamped on its turns, with the edition of the whole folder."""
        return f"{self.script.prompts.version} ({self.script.edition})"


@dataclass(frozen=True, slots=True)
class Run:
    """One scenario played once with one version.

    Args:
        version: its name.
        problems: what was not as it must be; none = passed.
        calls: round trips to the model.
        error: why the model gave no answer, where it didn't.
    """

    version: str
    scenario: str
    problems: tuple[str, ...]
    calls: int
    usage: Usage
    error: ModelErrorKind | None = None

    @property
    def passed(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Measured:
    """All runs, in the order they ended.

    Args:
        interrupted: not all that was planned was played.
        hopeless: what made going on useless, if anything did.
        failure: what ended it that is no fault of the model or the prompts.
    """

    runs: tuple[Run, ...]
    interrupted: bool = False
    hopeless: ModelErrorKind | None = None
    failure: Exception | None = None


def suits_a_model(scenario: Scenario) -> bool:
    """Return whether a scenario says something about a model that isn't scripted."""
    replies = [reply for turn in scenario.turns for reply in turn.model]
    made_to_fail = any(reply.fails or reply.finish for reply in replies)
    return bool(replies) and not made_to_fail and scenario.bucket not in _NOT_FOR_A_MODEL


async def measure(
    database: Database,
    model: Model,
    versions: Sequence[Version],
    scenarios: Sequence[Scenario],
    *,
    k: int,
    concurrency: int,
    on_run: Callable[[Run], None] = lambda run: None,
    on_wait: Callable[[float, ModelErrorKind], None] = lambda seconds, error: None,
    limits: TurnLimits | None = None,
    pauses_seconds: Sequence[float] = PAUSES_SECONDS,
) -> Measured:
    """Play every scenario `k` times with every version.

    Rounds go over all scenarios and versions, so that what was measured before an interruption
    compares the same things. A cancellation (Ctrl-C) ends it early and keeps what there is; so does
    a failure that has nothing to do with a model. A run in which a model that had answered before
    was away is played again after a pause.

    Args:
        database: a scratch one; each run makes a business of its own in it.
        concurrency: conversations at once.
        on_run: told of each run as it ends.
        on_wait: told of each pause, and what it is for.
        limits: caps of a turn.
        pauses_seconds: how long to wait before each repetition of a run.
    """
    planned = [(v, s) for _ in range(k) for s in scenarios for v in versions]
    waiting = iter(planned)
    runs: list[Run] = []
    hopeless: list[ModelErrorKind] = []
    failures: list[Exception] = []

    async def played(version: Version, scenario: Scenario) -> Run:
        run = await _play(database, model, version, scenario, limits)
        for pause in pauses_seconds:
            if (
                run.error is None
                or run.error not in _PASSES
                or not any(each.error is None for each in runs)
            ):
                break
            on_wait(pause, run.error)
            await asyncio.sleep(pause)
            spent = run.usage
            run = await _play(database, model, version, scenario, limits)
            run = replace(run, usage=run.usage + spent)
        return run

    async def work() -> None:
        for version, scenario in waiting:
            try:
                run = await played(version, scenario)
            except Exception as error:  # what was paid for is reported, then this is raised
                failures.append(error)
                raise
            if run.error in _HOPELESS:
                hopeless.append(run.error)
            if hopeless:
                return
            runs.append(run)
            on_run(run)

    workers = [asyncio.create_task(work()) for _ in range(concurrency)]
    try:
        await asyncio.gather(*workers)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
    except Exception:
        if not failures:
            raise
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return Measured(
        tuple(runs),
        len(runs) < len(planned),
        hopeless[0] if hopeless else None,
        failures[0] if failures else None,
    )


async def _play(
    database: Database,
    model: Model,
    version: Version,
    scenario: Scenario,
    limits: TurnLimits | None,
) -> Run:
    player = Player(database, scenario, version.script, model, limits)
    try:
        await player.play()
    except LookupError as missing:  # a button that the model's way there didn't bring
        player.played.problems.append(str(missing))
    played = player.played
    usage = sum((reply.usage for reply in played.replies), Usage())
    error = played.errors[-1].kind if played.errors else None
    problems = played.problems
    if error is not None and not problems:
        problems = [f"the model was away: {error.value}"]
    return Run(version.name, scenario.id, tuple(problems), played.model_calls, usage, error)
