"""Judging prompts by conversations: what is kept, what is refused, what the report says."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from assistant.evaluation.measure import Measured, Run, Version, measure, suits_a_model
from assistant.evaluation.report import Report, report_of, written
from assistant.evaluation.scenario import load
from assistant.model.port import (
    Finish,
    ModelError,
    ModelErrorKind,
    ModelReply,
    ModelRequest,
    Prices,
    TextSink,
    ToolCall,
    Usage,
)
from assistant.prompts.loader import version_of
from assistant.script import SHIPPED
from assistant.turn.answer import TurnLimits
from db.clock import SystemClock
from db.session import Database
from db.store import Store
from tests.conftest import ROOT, settings_for
from tests.integration.cli_support import Shell
from tests.shipped import shipped

SCRIPT = shipped()
HAPPY = next(s for s in load() if s.id == "happy-one-model-call")
IN_FORCE = Version("in force", SCRIPT)
MADE_AT = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)


class Books:
    """A model that books the haircut, and waits for ever after some replies."""

    def __init__(self, replies: int = 99, error: ModelErrorKind | None = None) -> None:
        self.replies, self.error = replies, error
        self.asked = asyncio.Event()
        self.then: list[Exception] = []  # what it raises after the first reply
        self.answered = 0
        self.most_output_tokens = 0

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        if self.error is not None:
            raise ModelError(self.error, "no")
        if not self.replies:
            self.asked.set()
            await asyncio.Event().wait()
        self.most_output_tokens = request.max_output_tokens
        if self.answered and self.then:
            raise self.then.pop(0)
        self.replies -= 1
        self.answered += 1
        call = ToolCall("c1", "create_appointment", '{"service":"haircut","when":"Tuesday at 10"}')
        return ModelReply("", (call,), Finish.TOOL_CALLS, Usage(1000, 400, 50), "m")


async def test_an_interruption_keeps_what_was_measured(database: Database) -> None:
    model = Books(replies=2)
    going = asyncio.create_task(measure(database, model, [IN_FORCE], [HAPPY], k=5, concurrency=1))
    await asyncio.wait_for(model.asked.wait(), 30)
    going.cancel()
    measured = await going
    assert measured.interrupted
    assert [run.passed for run in measured.runs] == [True, True]


async def test_conversations_go_on_at_once(database: Database) -> None:
    model = Books()
    measured = await measure(database, model, [IN_FORCE], [HAPPY], k=4, concurrency=4)
    assert [run.problems for run in measured.runs] == [()] * 4
    assert sum(run.calls for run in measured.runs) == 4
    assert not measured.interrupted


@pytest.mark.parametrize(("kind", "runs"), [(ModelErrorKind.AUTH, 0), (ModelErrorKind.TIMEOUT, 2)])
async def test_a_model_that_can_not_be_asked_ends_it(
    database: Database, kind: ModelErrorKind, runs: int
) -> None:
    model = Books(error=kind)
    measured = await measure(database, model, [IN_FORCE], [HAPPY], k=2, concurrency=1)
    assert len(measured.runs) == runs
    assert not any(run.passed for run in measured.runs)
    assert measured.hopeless == (kind if not runs else None)


@pytest.mark.parametrize(
    ("kinds", "passed"),
    [
        (("rate_limit", "circuit_open"), [True, True, True]),
        (("rate_limit", "rate_limit", "rate_limit"), [True, False, True]),
    ],
)
async def test_a_model_that_is_away_for_a_moment_says_nothing_about_the_prompts(
    database: Database, kinds: tuple[str, ...], passed: list[bool]
) -> None:
    model = Books()
    model.then = [ModelError(ModelErrorKind(kind), "no") for kind in kinds]
    measured = await measure(
        database, model, [IN_FORCE], [HAPPY], k=3, concurrency=1, pauses_seconds=(0, 0)
    )
    assert [run.passed for run in measured.runs] == passed
    assert measured.hopeless is None


async def test_a_failure_of_the_program_keeps_what_was_paid_for(database: Database) -> None:
    model = Books()
    model.then = [RuntimeError("a defect")]
    measured = await measure(database, model, [IN_FORCE], [HAPPY], k=3, concurrency=1)
    assert [run.passed for run in measured.runs] == [True]
    assert measured.interrupted
    assert str(measured.failure) == "a defect"


async def test_the_caps_are_those_of_real_turns(database: Database) -> None:
    limits, model = TurnLimits(max_output_tokens=321), Books()
    await measure(database, model, [IN_FORCE], [HAPPY], k=1, concurrency=1, limits=limits)
    assert model.most_output_tokens == 321


def test_what_only_a_script_can_do_is_not_asked_of_a_model() -> None:
    chosen = [s for s in load() if suits_a_model(s)]
    assert len(chosen) >= 40
    assert not any(s.without_model for s in chosen)
    assert not any(r.fails or r.finish for s in chosen for turn in s.turns for r in turn.model)


def a_run(version: str, scenario: str, *problems: str) -> Run:
    return Run(version, scenario, problems, 2, Usage(1000, 500, 100))


def a_report(*runs: Run, k: int = 2) -> Report:
    versions = [IN_FORCE, Version("edited", SCRIPT)]
    return report_of(Measured(runs), versions, k=k, model="m", prices=Prices(2, 1, 10), now=MADE_AT)


def test_the_report_counts_a_scenario_as_passed_only_if_each_run_did() -> None:
    report = a_report(
        *(a_run("in force", "a"), a_run("in force", "a")),
        *(a_run("in force", "b"), a_run("in force", "b", "turn 1: no card", "rows are []")),
        a_run("edited", "a"),
    )
    in_force, edited = report.versions
    assert (in_force.pass_all(2), in_force.pass_rate) == (0.5, 0.75)
    assert (edited.pass_all(2), edited.pass_rate) == (None, 1.0)
    assert (in_force.model_calls, in_force.input_tokens) == (8, 4000)
    assert in_force.cost == pytest.approx((2000 * 2 + 2000 * 1 + 400 * 10) / 1_000_000)
    text = written(report)
    assert "50.0%" in text
    assert "  b: in force: 1 of 2\n    in force: turn 1: no card" in text


def test_a_result_is_read_back_and_stands_beside_a_later_one(tmp_path: Path) -> None:
    earlier = a_report(a_run("in force", "a", "it broke"))
    path = tmp_path / "result.json"
    path.write_text(earlier.model_dump_json(), "utf-8")
    assert Report.read(path) == earlier
    text = written(a_report(a_run("in force", "a"), a_run("in force", "a")), earlier)
    assert "in force, 2026-11-27 12:00" in text


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> Shell:
    return Shell(monkeypatch, database_url, tmp_path)


IMPOSSIBLE = """
- id: odd
  bucket: happy
  about: Its room can't be made.
  now: 2026-11-21 10:00
  people: {ada: {}}
  appointments: [{name: a, customer: ada, service: massage, start: 2026-11-24 10:00, staff: zoe}]
  turns: [{who: ada, text: hi, model: [{say: Hello!}]}]
  ends: {rows: [], path: [], model_calls: 1}
"""


def a_suite(shell: Shell, name: str, text: str) -> str:
    """Make a folder with one file of scenarios."""
    (shell.folder / name).mkdir()
    shell.write(f"{name}/suite.yaml", text)
    return name


def test_nothing_is_spent_unasked_or_on_a_used_database(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    keyless = shell.run("prompts", "eval", "--yes")
    assert keyless.exit_code == 2
    assert "OPENAI_API_KEY" in keyless.stderr
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody-is-asked")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    for arguments, said in (
        (("--only", HAPPY.id), "Add --yes"),
        (("--yes", "--database", database_url), "isn't empty"),
        (("--yes", "--bucket", "nonsense"), "Buckets: burst, cancellation"),
        (("--yes", "--compare", "missing.json"), "missing.json can't be read"),
        (("--yes", "--compare", shell.write("other.json", "{}")), "isn't a result"),
        (("--yes", "--database", "sqlite://"), "an address: postgresql://"),
        (("--yes", "--out", "."), "can't be written"),
        (("--yes", "--out", "missing/result.json"), "can't be written"),
        (("--yes", "--scenarios", "missing"), "There is no folder missing"),
        (("--yes", "--scenarios", a_suite(shell, "broken", "a: [1")), "suite.yaml: while parsing"),
        (
            ("--yes", "--scenarios", a_suite(shell, "impossible", IMPOSSIBLE)),
            "odd: nobody of the staff is called zoe\nodd: there is no service massage",
        ),
    ):
        done = shell.run("prompts", "eval", *arguments)
        assert (done.exit_code, said in done.stderr) == (2, True), done.stderr
    assert not (shell.folder / "prompts-eval.json").exists()


async def keep_draft(url: str, text: str) -> str:
    """Keep a draft of the default business's system prompt, as `/prompt set` does."""
    database = Database(settings_for(url))
    store = Store(database, SystemClock())
    version = version_of("system", text)
    business = await store.find_business()
    assert business is not None
    await store.run(
        business,
        lambda uow: uow.prompts.save_draft(
            "system", text, version=version, author_telegram_id=7, diff=""
        ),
    )
    await database.close()
    return version


def test_a_draft_from_telegram_stands_beside_what_is_in_force(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody-is-asked")
    shell.says("business", "apply", str(ROOT / "examples" / "barber.yaml"))
    arguments = ("prompts", "eval", "--only", HAPPY.id)  # without --yes nothing is played
    none = shell.run(*arguments, "--draft")
    assert "There is no draft." in none.stderr
    text = (SHIPPED / "system.md").read_text("utf-8") + "- You like cats.\n"
    version = asyncio.run(keep_draft(database_url, text))
    for chosen, name in (("--draft",), "draft"), (("--version", version), version):
        said = shell.run(*arguments, *chosen).stderr
        assert f"Prompts in force: {SCRIPT.prompts.version}" in said
        assert f"Prompts {name}: {version} {SCRIPT.prompts.envelope.version}" in said
        assert "Add --yes" in said
    assert "No version 'x' is kept" in shell.run(*arguments, "--version", "x").stderr
    assert "one thing at a time" in shell.run(*arguments, "--version", "x", "--draft").stderr
    asyncio.run(keep_draft(database_url, text + "{{ oops }}"))
    assert "oops" in shell.run(*arguments, "--draft").stderr
