"""Writes plain data as TOML: what is single first, then tables, then lists of tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(document: Mapping[str, Any]) -> str:
    """Return a document as TOML 1.0 text.

    Args:
        document: texts, numbers, truth values, and lists and mappings of them; the mappings at the
            top become tables and what is inside them stands in a line.
    """
    tables = {key: value for key, value in document.items() if _is_table(value)}
    single = {key: value for key, value in document.items() if key not in tables}
    parts = ["".join(_lines(single))]
    for key, value in tables.items():
        if isinstance(value, Mapping):
            parts.append("".join([f"[{_key(key)}]\n", *_lines(value)]))
        else:
            parts += ["".join([f"[[{_key(key)}]]\n", *_lines(entry)]) for entry in value]
    return "\n".join(parts)


def _is_table(value: Any) -> bool:
    if isinstance(value, Mapping):
        return True
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return listed and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def _lines(table: Mapping[Any, Any]) -> Iterator[str]:
    for key, value in table.items():
        yield f"{_key(key)} = {_value(value)}\n"


def _key(key: Any) -> str:
    return str(key) if _BARE_KEY.fullmatch(str(key)) else _value(str(key))


def _value(value: Any) -> str:
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for the one sign that JSON lets stand.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(key)} = {_value(part)}" for key, part in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence):
        return f"[{', '.join(_value(part) for part in value)}]"
    return repr(value)
