"""What the settings are, in words: for `.env.example` and for an error about a wrong value."""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from dotenv.parser import parse_stream
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from assistant.masking import mask_patterns

# The order of `.env.example`: a title and how the names of its variables begin.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Telegram", ("telegram_",)),
    ("The language model", ("openai_",)),
    ("One turn of the conversation", ("turn_",)),
    ("Limits on use", ("limit_",)),
    ("The assistant", ("assistant_",)),
    ("PostgreSQL", ("database_", "db_")),
    ("Logs", ("log_",)),
    ("Error reports and traces", ("sentry_", "otel_")),
)
_PREFIXES = tuple(prefix for _, prefixes in GROUPS for prefix in prefixes)
_QUERY = re.compile(r"\?.*", re.DOTALL)
_SHOWN = 80  # characters of a wrong value
_SIMILAR = 0.8  # TELEGRAM_TOKEN is TELEGRAM_BOT_TOKEN; OPENAI_ORG_ID is nothing of ours


@dataclass(frozen=True, slots=True)
class WrongSetting:
    """One variable that holds what it may not.

    Args:
        name: the environment variable.
        holds: its value, shortened; secrets are not in it.
        allowed: what it may hold.
    """

    name: str
    holds: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.name} holds {self.holds}; allowed: {self.allowed}"


class SettingsError(Exception):
    """Settings can't be used. The text names each variable, what it holds and what is allowed.

    Args:
        wrong: the variables; empty where the file itself can't be read.
        reason: what is wrong with the file.
    """

    def __init__(self, wrong: Iterable[WrongSetting] = (), reason: str = "") -> None:
        self.wrong = tuple(wrong)
        lines = [reason] if reason else ["The settings can't be used:"]
        super().__init__("\n".join([*lines, *(f"  {each}" for each in self.wrong)]))


def wrong_settings(model: type[BaseModel], details: Iterable[ErrorDetails]) -> list[WrongSetting]:
    """Put pydantic's errors into words that name the variable and never show a secret."""
    found: dict[str, WrongSetting] = {}
    for detail in details:
        field_name = str(detail["loc"][0]) if detail["loc"] else ""
        info = model.model_fields.get(field_name)
        name = field_name.upper()
        if info is None:
            found.setdefault(name, WrongSetting(name, "a value", "no such setting"))
            continue
        if is_secret(info):
            holds = "a value that is not shown because it is secret"
        else:
            holds = _shown(detail["input"])
        said = detail.get("ctx", {}).get("error")
        words = allowed(info)
        if isinstance(said, ValueError) and str(said) != words:
            words = f"{words} ({said})" if words else str(said)
        elif not words:
            words = detail["msg"]
        found.setdefault(name, WrongSetting(name, holds, words))
    return list(found.values())


def _shown(value: object) -> str:
    text = mask_patterns(str(value) if isinstance(value, (str, Path)) else repr(value))
    if "://" in text:
        text = _QUERY.sub("?***", text)  # keys are also passed in there
    if len(text) > _SHOWN:
        text = f"{text[:_SHOWN]}..."
    return repr(text)


def is_secret(info: FieldInfo) -> bool:
    """Return whether a setting's value must not be shown."""
    return _mentions_secret(info.annotation)


def _mentions_secret(kind: Any) -> bool:
    return kind is SecretStr or any(_mentions_secret(part) for part in get_args(kind))


def allowed(info: FieldInfo) -> str:
    """Return what a setting may hold: its own words, or those of its type and bounds."""
    extra = info.json_schema_extra
    if isinstance(extra, dict) and "allowed" in extra:
        return str(extra["allowed"])
    kind = info.annotation
    if get_origin(kind) in (Union, UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(kind))
    if kind is bool:
        return "true or false"
    if kind in (int, float):
        return ("a whole number" if kind is int else "a number") + _bounds(info.metadata)
    return ""


def _bounds(metadata: Iterable[Any]) -> str:
    low = high = ""
    for bound in metadata:
        match bound:
            case Ge(ge=value):
                low = f" from {value}"
            case Gt(gt=value):
                low = f" above {value}"
            case Le(le=value):
                high = f" to {value}" if low.startswith(" from") else f", at most {value}"
            case Lt(lt=value):
                high = f", below {value}"
    return low + high


def env_example(model: type[BaseModel]) -> str:
    """Return the text of `.env.example`: every setting, described, commented out."""
    lines = [
        "# Copy this file to .env and take the # away from the lines you want to change.",
        "# What is shown is the default. An empty value counts as not set. Variables of the",
        "# environment win over this file. Written by: python -m assistant.settings",
    ]
    for title, prefixes in GROUPS:
        lines += ["", f"# --- {title}"]
        for name, info in model.model_fields.items():
            if not name.startswith(prefixes):
                continue
            words = [info.description or ""]
            if limits := allowed(info):
                words.append(f"Allowed: {limits}.")
            lines.append("")
            lines += textwrap.wrap(" ".join(words), 96, initial_indent="# ", subsequent_indent="# ")
            lines.append(f"#{name.upper()}={_written(info)}")
    return "\n".join(lines) + "\n"


def _written(info: FieldInfo) -> str:
    value = info.default
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def unreadable_lines(file: Path) -> list[int]:
    """Return the numbers of the lines of a `.env` that set nothing, though they are no comments.

    The library passes over them with a warning, and a setting that its writer relies on is missing.

    Raises:
        UnicodeDecodeError, OSError: the file can't be read at all.
    """
    with file.open(encoding="utf-8") as stream:
        wrong = [
            binding.original
            for binding in parse_stream(stream)
            if binding.error or (binding.key is not None and binding.value is None)
        ]
    # What is read in one piece begins with the blank lines before it.
    blank = (len(part.string) - len(part.string.lstrip()) for part in wrong)
    return [
        part.line + part.string[:width].count("\n")
        for part, width in zip(wrong, blank, strict=True)
    ]


def unknown_variables(
    model: type[BaseModel], in_file: Iterable[str], in_environment: Mapping[str, str]
) -> list[str]:
    """Name the variables that look meant for this program and aren't known to it.

    Args:
        in_file: the names in `.env`: each one that begins like a setting, or resembles one.
        in_environment: the process's own, shared with other programs: only what resembles one.

    Returns:
        One sentence a variable, without its value.
    """
    known = {name.upper() for name in model.model_fields}
    sentences = []
    from_file = {name.upper() for name in in_file}
    for name in sorted((from_file | {name.upper() for name in in_environment}) - known):
        ours = name.lower().startswith(_PREFIXES)
        similar = difflib.get_close_matches(name, known, n=1, cutoff=_SIMILAR)
        if similar and (ours or name in from_file):
            sentences.append(f"{name} is not a setting; did you mean {similar[0]}?")
        elif ours and name in from_file:
            sentences.append(f"{name} is not a setting.")
    return sentences
