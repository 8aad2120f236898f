"""Scripts: what the fake model answers, and in which order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

import yaml

from .answers import (
    Answer,
    Call,
    Calls,
    ContentFilter,
    CutStream,
    DropConnection,
    Empty,
    HtmlPage,
    HttpError,
    Plain,
    QuotaExhausted,
    RateLimited,
    Refusal,
    Slow,
    Text,
    TextAndCall,
    Truncated,
)
from .request import Request

Player: TypeAlias = Callable[[Request], Answer]
#: An answer given in advance, or one worked out from the request it answers.
Step: TypeAlias = Answer | Player
Script: TypeAlias = Sequence[Step] | Player


class ScriptError(Exception):
    """The script has no answer: the test, not the product, decides what this means."""


class Queue:
    """Plays steps in order, one a request."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = list(steps)
        self._played = 0
        # The server's loop may run in another thread than the test that adds steps.
        self._lock = Lock()

    def __call__(self, request: Request) -> Answer:
        """The next answer.

        Raises:
            ScriptError: when all steps are played.
        """
        with self._lock:
            if self._played == len(self._steps):
                raise ScriptError(
                    f"the script has run out: {self._played} answers were given, and request "
                    f"{request.index} asks for one more; last user text: "
                    f"{request.last_user_text[:200]!r}"
                )
            step = self._steps[self._played]
            self._played += 1
        return step(request) if callable(step) else step

    def extend(self, steps: Sequence[Step]) -> None:
        """Append steps."""
        with self._lock:
            self._steps.extend(steps)

    @property
    def left(self) -> int:
        """Steps not played yet."""
        return len(self._steps) - self._played


@dataclass(frozen=True)
class Rule:
    """One line of a keyword model.

    Args:
        when: regular expression searched in the last user text, case-insensitive; None fits any.
        answer: the answer; in texts and arguments `{{match.NAME}}` is a group of `when` (by name
            or number) and `{{result.a.0.b}}` a value of the newest tool result.
        after: the tool whose result was the newest thing in the turn; None: no result yet.
    """

    when: str | None
    answer: Answer
    after: str | None = None


class KeywordModel:
    """A deterministic stand-in for a model: the first rule that fits answers.

    It knows nothing about any tool's arguments: rules bring them. Where no rule fits, it greets,
    or repeats the newest tool result in plain words so that a turn always ends.
    """

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._rules = list(rules)

    def __call__(self, request: Request) -> Answer:
        """The first fitting rule's answer, its placeholders filled in."""
        result = request.last_result
        for rule in self._rules:
            if rule.after != (result.name if result else None):
                continue
            found = re.search(rule.when or "", request.last_user_text, re.IGNORECASE)
            if found is None:
                continue
            groups = {str(n): value for n, value in enumerate((found[0], *found.groups()))}
            values = {
                "match": groups | found.groupdict(),
                "result": result.data if result else None,
            }
            return fill(rule.answer, values)
        if result is not None:
            return Text(f"{result.name} answered: {result.text[:500]}")
        tools = ", ".join(request.tool_names)
        return Text(
            "Hello! I am the built-in stand-in for a model."
            + (f" I was offered these tools: {tools}." if tools else "")
        )


def fill(answer: Answer, values: Mapping[str, object]) -> Answer:
    """Replace `{{path}}` placeholders in an answer's texts and call arguments."""
    match answer:
        case Slow(_, then):
            inner = fill(then, values)
            assert not isinstance(inner, Slow)
            return replace(answer, then=inner)
        case Text(text) | Refusal(text):
            return replace(answer, text=_fill_text(text, values))
        case Call():
            return _fill_call(answer, values)
        case Calls(calls):
            return Calls(tuple(_fill_call(call, values) for call in calls))
        case TextAndCall(text, calls):
            given = calls if isinstance(calls, tuple) else (calls,)
            filled = tuple(_fill_call(call, values) for call in given)
            return TextAndCall(_fill_text(text, values), filled)
        case _:
            return answer


_PLACEHOLDER = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")


def _fill_call(call: Call, values: Mapping[str, object]) -> Call:
    return replace(call, arguments=_fill_value(call.arguments, values))


def _fill_value(value: Any, values: Mapping[str, object]) -> Any:
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value)
        # A placeholder that is the whole string keeps its JSON type: a number stays a number.
        return _look_up(whole[1], values) if whole else _fill_text(value, values)
    if isinstance(value, Mapping):
        return {key: _fill_value(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill_value(item, values) for item in value]
    return value


def _fill_text(text: str, values: Mapping[str, object]) -> str:
    def one(found: re.Match[str]) -> str:
        value = _look_up(found[1], values)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    return _PLACEHOLDER.sub(one, text)


def _look_up(path: str, values: Mapping[str, object]) -> Any:
    found: Any = values
    for step in path.split("."):
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (LookupError, TypeError, ValueError):
            raise ScriptError(f"nothing stands at '{path}' to fill in") from None
    return found


def as_player(script: Script | None) -> Player:
    """A callable for any script; without one, the built-in greeting."""
    if script is None:
        return KeywordModel()
    return script if callable(script) else Queue(script)


def load_script(path: Path) -> Player:
    """Read a script from a JSON or YAML file.

    The file holds a list of `{answer, when?, after?}` (see `Rule`). Where no entry has `when` or
    `after`, the answers are played in order, one a request; otherwise as a keyword model.

    Raises:
        ScriptError: when the file isn't such a list; the message names the entry.
    """
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(entries, list):
        raise ScriptError(f"{path}: a script is a list of entries")
    rules: list[Rule] = []
    for number, entry in enumerate(entries, start=1):
        where = f"{path}: entry {number}"
        if not isinstance(entry, dict) or "answer" not in entry:
            raise ScriptError(f"{where}: expected an object with 'answer'")
        unknown = set(entry) - {"answer", "when", "after"}
        if unknown:
            raise ScriptError(f"{where}: unknown keys {sorted(unknown)}")
        rules.append(
            Rule(entry.get("when"), parse_answer(entry["answer"], where), entry.get("after"))
        )
    if all(rule.when is None and rule.after is None for rule in rules):
        return Queue([rule.answer for rule in rules])
    return KeywordModel(rules)


def parse_answer(given: object, where: str) -> Answer:
    """Read one answer of a script file.

    Args:
        given: a string (plain text), or an object with one of `text`, `call`, `calls`, `refusal`,
            `truncated`, `empty`, `content_filter`, `http_error`, `rate_limited`,
            `quota_exhausted`, `html`, `drop`, `cut`, `slow`; `text` may stand beside `calls`.
        where: how messages name the entry.
    """
    if isinstance(given, str):
        return Text(given)
    if not isinstance(given, dict):
        raise ScriptError(f"{where}: an answer is a string or an object")
    try:
        if set(given) == {"slow"}:
            slow = given["slow"]
            then = parse_answer(slow["then"], where)
            if isinstance(then, Slow):
                raise ScriptError(f"{where}: 'slow' can't hold another 'slow'")
            return Slow(float(slow["seconds"]), then)
        return _parse_plain(given)
    except (KeyError, TypeError, ValueError) as problem:
        raise ScriptError(f"{where}: can't read the answer {given!r}: {problem!r}") from problem


def _parse_plain(given: Mapping[str, Any]) -> Plain:
    match dict(given):
        case {"text": str(text), "calls": list(calls), **rest} if not rest:
            return TextAndCall(text, tuple(Call(**call) for call in calls))
        case {"text": str(text), **rest} if not rest:
            return Text(text)
        case {"call": dict(call), **rest} if not rest:
            return Call(**call)
        case {"calls": list(calls), **rest} if not rest:
            return Calls(tuple(Call(**call) for call in calls))
        case {"refusal": str(text), **rest} if not rest:
            return Refusal(text)
        case {"truncated": str(text), **rest} if not rest:
            return Truncated(text)
        case {"empty": True, **rest} if not rest:
            return Empty()
        case {"content_filter": True, **rest} if not rest:
            return ContentFilter()
        case {"http_error": dict(error), **rest} if not rest:
            return HttpError(**error)
        case {"rate_limited": int() | float() as seconds, **rest} if not rest:
            return RateLimited(float(seconds))
        case {"quota_exhausted": True, **rest} if not rest:
            return QuotaExhausted()
        case {"html": int(status), **rest} if not rest:
            return HtmlPage(status)
        case {"drop": "before" | "mid" as when, **rest} if not rest:
            return DropConnection(when)
        case {"cut": str(text), **rest} if not rest:
            return CutStream(text)
        case _:
            raise ValueError("no such kind of answer")
