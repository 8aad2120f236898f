"""The results as a Markdown page: numbers with their goals, then where the others are better."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from assistant.model.tool_json import responses_tool
from assistant.prompts.tokens import estimate
from assistant.turn.request import tool_specs
from benchmarks.conversation.measure import (
    AGENTS,
    FLOOR,
    LIBRARIES,
    MESSAGES,
    OURS,
    PYDANTIC,
    TURNS,
    WHOLE,
    Result,
    fewest,
)
from benchmarks.conversation.prefix import Prefix
from benchmarks.conversation.scene import Scene
from benchmarks.conversation.words import ABOUT, BETTER
from benchmarks.report import Line, in_one_line, table
from tools.support.registry import Registry

_AT_MOST_FLOORS = {0: 2.5, 20: 3.0}
_AT_LEAST_LESS = {0: 2.0, 20: 7.0}
_SCHEMA_TOKENS = 450
_CACHED_SHARE = 0.7
_NAMES = {
    FLOOR: "bare HTTP (the floor)",
    OURS: "this assistant, model path",
    WHOLE: "this assistant, whole turn",
}


def schema_tokens() -> int:
    """Return the tokens of the three named tools as they are sent, by the rule of `tokens`."""
    specs = tool_specs(Registry(Scene.load().tools))
    written = [json.dumps(responses_tool(spec), separators=(",", ":")) for spec in specs]
    return sum(map(estimate, written))


def lines(results: Mapping[str, Result], prefix: Prefix) -> list[Line]:
    """Return every number that has a goal."""
    ours = results[OURS]
    calls = ours.costs[0].sent["calls"]
    found = [
        Line("model calls of a fully specified booking", str(calls), "1", calls == 1),
        *(_others_calls(results)),
        *(_floors(results)),
        *(_less(results)),
    ]
    tokens, share = schema_tokens(), prefix.share
    found += [
        Line(
            "tokens of the three named tools' schemas (4 characters each)",
            str(tokens),
            f"at most {_SCHEMA_TOKENS}",
            tokens <= _SCHEMA_TOKENS,
        ),
        Line(
            f"static parts sent in {prefix.turns:,} turns of {prefix.customers} customers",
            str(prefix.static_parts),
            "exactly 1",
            prefix.static_parts == 1,
        ),
        Line(
            f"cached share of the input, {prefix.calls:,} calls but the first",
            f"{share:.0%}",
            f"at least {_CACHED_SHARE:.0%}",
            share >= _CACHED_SHARE,
        ),
        Line("the same, the call with the least", f"{min(prefix.shares):.0%}"),
    ]
    return found


def _others_calls(results: Mapping[str, Result]) -> Iterator[Line]:
    for party in LIBRARIES:
        if party in results:
            natural, few = (results[n].costs[0].sent["calls"] for n in (party, fewest(party)))
            yield Line(f"the same with {party}", f"{natural} (at the fewest {few})")


def _floors(results: Mapping[str, Result]) -> Iterator[Line]:
    for turns in TURNS:
        times = results[OURS].costs[turns].times(results[FLOOR].costs[turns])
        limit = _AT_MOST_FLOORS[turns]
        yield Line(
            f"CPU of a booking / the floor's, {MESSAGES[turns]} messages of history",
            f"{times:.2f} x",
            f"at most {limit} x",
            times <= limit,
        )


def _less(results: Mapping[str, Result]) -> Iterator[Line]:
    for turns in TURNS:
        own, limit = results[OURS].costs[turns], _AT_LEAST_LESS[turns]
        for party in LIBRARIES:
            if party not in results:
                continue
            times = results[party].costs[turns].times(own)
            few = results[fewest(party)].costs[turns].times(own)
            yield Line(
                f"CPU of a booking with {party} / ours, {MESSAGES[turns]} messages",
                f"{times:.1f} x ({few:.1f} x with its fewest calls)",
                f"at least {limit:g} x",
                times >= limit,
            )


def sides(results: Mapping[str, Result]) -> list[str]:
    """Return the parties side by side, as lines of Markdown tables, one for each history."""
    head = (
        "| party | model calls | CPU ms | bytes sent | tokens sent | of these cached"
        " | loop stalled ms | beyond the floor: MiB | start, CPU ms |"
    )
    floor = results[FLOOR]
    text = []
    for turns in TURNS:
        text += ["", f"### {MESSAGES[turns]} messages of history", "", head]
        text.append("| --- |" + " ---: |" * 8)
        for name, result in results.items():
            cost, sent = result.costs[turns], result.costs[turns].sent
            cells = (
                _NAMES.get(name, name),
                str(sent["calls"]),
                f"{cost.cpu_ms:.1f}",
                f"{sent['body_bytes'] + sent['header_bytes']:,}",
                f"{sent['input_tokens']:,}",
                f"{sent['cached_tokens'] / sent['input_tokens']:.0%}",
                f"{median(cost.stall_ms):.1f}",
                f"{result.memory_mb - floor.memory_mb:+.0f}",
                f"{result.made_ms - floor.made_ms:+,.0f}",
            )
            text.append("| " + " | ".join(cells) + " |")
    return text


def markdown(
    results: Mapping[str, Result],
    prefix: Prefix,
    measured: Sequence[Line],
    *,
    versions: Sequence[tuple[str, str]],
    command: str,
    rounds: int,
    bookings: int,
    plot: str | None,
) -> str:
    """Return the whole page."""
    text = ["# A booking's cost, measured", "", f"Printed by `{command}`.", ""]
    text.append(ABOUT.format(rounds=rounds, bookings=bookings))
    text += [in_one_line(versions), "", "## Goals", "", *table(measured)]
    missing = [party for party in LIBRARIES if party not in results]
    if missing:
        text += ["", f"Not installed and not measured: {', '.join(missing)}."]
    text += ["", "## Side by side", *sides(results)]
    if plot is not None:
        text += ["", f"![CPU of a booking by party]({plot})"]
    text += ["", *_measured_better(results), BETTER]
    return "\n".join(text).rstrip() + "\n"


def _measured_better(results: Mapping[str, Result]) -> Iterator[str]:
    """Say which of the measured numbers of the others are below ours."""
    ours = results[OURS]
    for party in (AGENTS, PYDANTIC):
        if party not in results:
            continue
        other, below = results[party], []
        if other.made_ms < ours.made_ms:
            below.append("CPU at the start")
        if other.memory_mb < ours.memory_mb:
            below.append("memory")
        for turns in TURNS:
            own, theirs = ours.costs[turns], other.costs[turns]
            history = f"{MESSAGES[turns]} messages"
            if theirs.cpu_ms < own.cpu_ms:
                below.append(f"CPU ({history})")
            if median(theirs.stall_ms) < median(own.stall_ms):
                below.append(f"stalls ({history})")
            if theirs.sent["cached_tokens"] / theirs.sent["input_tokens"] > (
                own.sent["cached_tokens"] / own.sent["input_tokens"]
            ):
                below.append(f"cached share ({history})")
        said = ", ".join(below) or "none"
        yield f"Measured numbers in which {party} beats the model path: {said}."
        yield ""
        whole = results[WHOLE].costs
        cheaper = [f"{MESSAGES[t]}" for t in TURNS if other.costs[t].cpu_ms < whole[t].cpu_ms]
        if cheaper:
            yield (
                f"A bare run of {party}, which stores nothing, takes less CPU than the whole turn"
                f" with {' and '.join(cheaper)} messages of history."
            )
            yield ""
