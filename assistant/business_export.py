"""Writes a business as the file that describes it: the order and style one would write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import yaml
from pydantic import BaseModel

from assistant.toml_text import toml_text
from assistant.yaml_tree import is_text
from booking.business_file import BusinessFile, LocationFile, format_range

_WIDTH = 96
# What stands between the parts of a file.
_BLANK_BEFORE = frozenset(
    [
        "contact",
        "address",
        "location",
        "policy",
        "hours",
        "exceptions",
        "staff",
        "resources",
        "services",
        "facts",
    ]
)


class _InLine(dict[Any, Any]):
    """A mapping written as {a: b}."""


class _ListInLine(list[Any]):
    """A list written as [a, b]."""


class _Quoted(str):
    """A text written in double quotes."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """SafeDumper that indents lists under their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


# YAML takes these for line breaks, and folds them unless they are escaped.
_OTHER_BREAKS = "\x85\u2028\u2029"


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    if not is_text(value):  # YAML 1.1, which the dumper knows, takes fewer words for numbers
        style = '"'
    if any(char in value for char in _OTHER_BREAKS):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(
    _Quoted, lambda d, value: d.represent_scalar("tag:yaml.org,2002:str", value, style='"')
)
_Dumper.add_representer(
    _InLine,
    lambda d, value: d.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True),
)
_Dumper.add_representer(
    _ListInLine,
    lambda d, value: d.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True),
)


def to_yaml(file: BusinessFile) -> str:
    """Return the file as YAML text that reads back as an equal value.

    What has its default is left out, except in the policy, where one looks for what can be changed.
    """
    parts = []
    for key, value in _plain(file, file.languages).items():
        text = yaml.dump(
            {key: value},
            Dumper=_Dumper,
            allow_unicode=True,
            sort_keys=False,
            width=_WIDTH,
            default_flow_style=False,
        )
        parts.append(("\n" if key in _BLANK_BEFORE else "") + text)
    return "".join(parts)


def to_toml(file: BusinessFile) -> str:
    """Return the file as TOML text that reads back as an equal value; see `to_yaml`."""
    return toml_text(_plain(file, file.languages))


def _plain(model: BaseModel, languages: Sequence[str], *, whole: bool = False) -> dict[str, Any]:
    """Return a part of the file as plain data, its keys in the model's order."""
    plain: dict[str, Any] = {}
    for key, info in type(model).model_fields.items():
        value = getattr(model, key)
        if value is None or (
            not whole and not info.is_required() and key != "languages" and value == info.default
        ):
            continue
        plain[key] = _value(key, value, languages)
    return plain


def _value(key: str, value: Any, languages: Sequence[str]) -> Any:
    if isinstance(value, LocationFile):
        return _InLine(value.model_dump())
    if isinstance(value, BaseModel):
        return _plain(value, languages, whole=key == "policy")
    if key in ("name", "address", "description"):
        return _texts(value, languages)
    if key == "hours":
        return {day: _ranges(ranges) for day, ranges in value.items()}
    if key == "exceptions":
        return {date: _ranges(ranges) for date, ranges in value.items()}
    if key == "facts":
        return {topic: _texts(texts, languages) for topic, texts in value.items()}
    if isinstance(value, tuple):
        if any(isinstance(item, BaseModel) for item in value):
            return [_plain(item, languages) for item in value]
        return _ListInLine(value)
    if isinstance(value, Decimal):
        return _price(value)
    if isinstance(value, dt.time):
        return _Quoted(f"{value:%H:%M}")
    if key in ("phone", "telegram", "email"):
        return _Quoted(value)
    return str(value) if isinstance(value, str) else value


def _texts(texts: Mapping[str, str], languages: Sequence[str]) -> Any:
    if [*texts] == ["en"] and [*languages] == ["en"]:
        return texts["en"]
    place = {language: n for n, language in enumerate(languages)}
    ordered = dict(sorted(texts.items(), key=lambda item: (place.get(item[0], 99), item[0])))
    short = all("\n" not in text for text in texts.values())
    if short and sum(len(text) + 6 for text in texts.values()) < _WIDTH - 20:
        return _InLine(ordered)
    return ordered


def _ranges(ranges: Sequence[Any]) -> Any:
    written = [_Quoted(format_range(interval)) for interval in ranges]
    return written[0] if len(written) == 1 else _ListInLine(written)


def _price(value: Decimal) -> Any:
    """A whole price as a whole number, another one with its decimals, in quotes if that loses."""
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(str(float(value))) == value else _Quoted(value)
