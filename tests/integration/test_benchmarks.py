"""The benchmarks keep running: everything they do, on little data. No times are asserted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from typing import Any

import pytest

from benchmarks.booking.__main__ import Plan, measure
from benchmarks.booking.report import lines, markdown
from benchmarks.conversation import child, report
from benchmarks.conversation.children import SCRIPTS, BenchmarkError, Child
from benchmarks.conversation.measure import FLOOR, OURS, WHOLE, measured
from benchmarks.conversation.measure import Plan as TalkPlan
from benchmarks.conversation.prefix import measure_prefix
from benchmarks.conversation.whole_turn import DATABASE
from tests.conftest import Server
from tests.fakes.openai import FakeOpenAI, load_script


async def test_the_booking_benchmark_runs(database_url: str) -> None:
    told: list[str] = []
    plan = Plan(sizes=(200,), staff=10, customers=120, repeats=2, rounds=1)
    version, listings, writing = await measure([database_url], plan, told.append)
    assert listings[0].listed > 0
    assert listings[0].queries <= 4
    assert writing.winners == (1,)
    assert writing.errors == 0
    page = markdown(lines(listings, writing), [("PostgreSQL", version)], "a command", None)
    assert "| queries of one listing, 200 past | 2 | at most 4 | yes |" in page
    assert told


class InThisProcess:
    """A party that carries out its commands here: a process of its own takes a second to start."""

    def __init__(self, party: str, url: str, runner: asyncio.Runner) -> None:
        module, name = child.OPENERS[party]
        self._child = child.Child(getattr(import_module(module), name), url, runner)
        self.made = {"made_ms": 0.0}

    def ask(self, command: str, *numbers: int) -> Any:
        return json.loads(json.dumps(getattr(self._child, command)(*numbers)))

    def close(self) -> None:
        self._child.close()


@pytest.fixture
def other_database_url(server: Server) -> Iterator[str]:
    """A second database for the same test."""
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(scope="module")
def talking() -> Iterator[str]:
    """A model's server that answers everyday talk."""
    with FakeOpenAI.in_thread(load_script(SCRIPTS / "talk.yaml")) as server:
        yield server.base_url
        assert (server.refused, server.unexpected) == ([], [])


def test_the_conversation_benchmark_runs_without_the_other_libraries(
    database_url: str, other_database_url: str, talking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE, database_url)
    plan = TalkPlan(rounds=1, bookings=1, talkers=2, talks=3)
    with ExitStack() as stack:
        server = stack.enter_context(FakeOpenAI.in_thread(load_script(SCRIPTS / "book.yaml")))
        runner = stack.enter_context(asyncio.Runner())
        parties = {}
        for name in (FLOOR, OURS, WHOLE):
            parties[name] = InThisProcess(name, server.base_url, runner)
            stack.callback(parties[name].close)
        results = measured(plan, parties, lambda _: None)
        prefix = runner.run(measure_prefix(talking, other_database_url, customers=2, turns=3))
        assert (server.refused, server.unexpected) == ([], [])
    found = {line.what: line for line in report.lines(results, prefix)}
    assert found["model calls of a fully specified booking"].met
    assert found["static parts sent in 6 turns of 2 customers"].met
    assert prefix.calls > 6  # some of the talk needs the calendar
    assert min(prefix.shares) >= 0.7
    page = report.markdown(
        results,
        prefix,
        list(found.values()),
        versions=[],
        command="a command",
        rounds=plan.rounds,
        bookings=plan.bookings,
        plot=None,
    )
    assert "Not installed and not measured: openai-agents, pydantic-ai." in page
    assert "| this assistant, whole turn | 1 |" in page


def test_a_party_that_cannot_be_made_says_why() -> None:
    with pytest.raises(BenchmarkError, match="invalid choice: 'nobody'"):
        Child("nobody", "http://127.0.0.1:1/v1")
