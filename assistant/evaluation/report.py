"""What an evaluation says: a table to read, and a file to compare later ones with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.command_line import table
from assistant.evaluation.measure import Measured, Run, Version
from assistant.model.port import Prices, Usage


class ReportError(ValueError):
    """The file isn't a result of an evaluation; says why."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScenarioResult(_Kept):
    """One scenario with one version.

    Args:
        runs: how often it was played; passed: how often without a problem.
        problems: those of its runs, each once.
    """

    id: str
    runs: int
    passed: int
    problems: tuple[str, ...]


class VersionResult(_Kept):
    """One version over all scenarios.

    Args:
        label: the version that is stamped on turns, with the folder's edition.
        model_calls: round trips in all; tokens likewise, cached ones being part of the input.
        cost: in the provider's currency; None where no prices are set.
    """

    name: str
    label: str
    model_calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost: float | None
    scenarios: tuple[ScenarioResult, ...]

    @property
    def runs(self) -> int:
        return sum(each.runs for each in self.scenarios)

    @property
    def pass_rate(self) -> float | None:
        """The share of runs that passed."""
        return sum(each.passed for each in self.scenarios) / self.runs if self.runs else None

    def pass_all(self, k: int) -> float | None:
        """pass^k: the share of scenarios, played k times, that passed each time."""
        whole = [each for each in self.scenarios if each.runs >= k]
        return sum(each.passed == each.runs for each in whole) / len(whole) if whole else None


class Report(_Kept):
    """A result file."""

    made_at: dt.datetime
    model: str
    k: int
    interrupted: bool
    versions: tuple[VersionResult, ...]

    @classmethod
    def read(cls, path: Path) -> Report:
        """Read a result file.

        Raises:
            ReportError: it can't be read, or is something else.
        """
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ReportError(f"{path} can't be read: {error}") from error
        except ValidationError as error:
            raise ReportError(f"{path} isn't a result of `assistant prompts eval`") from error


def report_of(
    measured: Measured,
    versions: Sequence[Version],
    *,
    k: int,
    model: str,
    prices: Prices | None,
    now: dt.datetime,
) -> Report:
    """Add up an evaluation."""
    results = []
    for version in versions:
        runs = [run for run in measured.runs if run.version == version.name]
        usage = sum((run.usage for run in runs), Usage())
        results.append(
            VersionResult(
                name=version.name,
                label=version.label,
                model_calls=sum(run.calls for run in runs),
                input_tokens=usage.input_tokens,
                cached_tokens=usage.cached_tokens,
                output_tokens=usage.output_tokens,
                cost=None if prices is None else round(prices.cost(usage), 6),
                scenarios=_by_scenario(runs),
            )
        )
    return Report(
        made_at=now, model=model, k=k, interrupted=measured.interrupted, versions=tuple(results)
    )


def _by_scenario(runs: Sequence[Run]) -> tuple[ScenarioResult, ...]:
    grouped: dict[str, list[Run]] = {}
    for run in runs:
        grouped.setdefault(run.scenario, []).append(run)
    return tuple(
        ScenarioResult(
            id=name,
            runs=len(of),
            passed=sum(run.passed for run in of),
            problems=tuple(dict.fromkeys(p for run in of for p in run.problems)),
        )
        for name, of in sorted(grouped.items())
    )


def written(report: Report, earlier: Report | None = None) -> str:
    """Return a report in words and tables.

    Args:
        earlier: a result to stand beside it.
    """
    told = [(each, report.k) for each in report.versions]
    if earlier is not None:
        before = earlier.made_at.strftime("%Y-%m-%d %H:%M")
        told += [
            (each.model_copy(update={"name": f"{each.name}, {before}"}), earlier.k)
            for each in earlier.versions
        ]
    head = ("VERSION", "PROMPT", "PASS^K", "PASS", "RUNS", "CALLS/RUN", "TOKENS IN", "CACHED")
    rows = [_row(each, k) for each, k in told]
    lines = [
        f"Model: {report.model}; every scenario played {report.k} times"
        + (" (interrupted: not all of them)." if report.interrupted else "."),
        "",
        table((*head, "OUT", "COST"), rows),
    ]
    lines += _failures([each for each, _ in told])
    return "\n".join(lines)


def _row(of: VersionResult, k: int) -> tuple[str, ...]:
    calls = f"{of.model_calls / of.runs:.2f}" if of.runs else "-"
    cost = "-" if of.cost is None else f"{of.cost:.4f}"
    shares = (_percent(of.pass_all(k)), _percent(of.pass_rate), str(of.runs))
    tokens = (of.input_tokens, of.cached_tokens, of.output_tokens)
    return (of.name, of.label, *shares, calls, *map(str, tokens), cost)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _failures(versions: Sequence[VersionResult]) -> list[str]:
    """Return the scenarios that didn't always pass, with what went wrong first."""
    found: dict[str, Mapping[str, ScenarioResult]] = {}
    for version in versions:
        for each in version.scenarios:
            if each.passed < each.runs:
                found.setdefault(each.id, {v.name: s for v in versions for s in _named(v, each.id)})
    if not found:
        return ["", "Every run passed."]
    lines = ["", "What didn't always pass:"]
    for name, results in sorted(found.items()):
        told = "; ".join(f"{of}: {each.passed} of {each.runs}" for of, each in results.items())
        lines.append(f"  {name}: {told}")
        for of, each in results.items():
            if each.problems:
                lines.append(f"    {of}: {' '.join(each.problems[0].split())[:300]}")
    return lines


def _named(version: VersionResult, scenario: str) -> list[ScenarioResult]:
    return [each for each in version.scenarios if each.id == scenario]
