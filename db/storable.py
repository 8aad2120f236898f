"""Text as PostgreSQL can store it.

What people and models send may hold the character NUL or half of a surrogate pair; PostgreSQL
refuses both, in `text` and in `jsonb`. One such character must not keep a message from being
stored: a refused update would be delivered again for ever.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

_REPLACEMENT = "\ufffd"
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
# In JSON text NUL is written as an escape; an even number of backslashes before it is data.
_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def storable(text: str) -> str:
    """Return the text with the replacement character in place of what can't be stored."""
    return _NOT_STORABLE.sub(_REPLACEMENT, text)


def dump_json(value: Any) -> str:
    """Return a value as JSON text that `jsonb` takes."""
    text = json.dumps(value, ensure_ascii=False)
    return storable(_ESCAPED_NUL.sub(rf"\1{_REPLACEMENT}", text))


class StorableText(TypeDecorator[str]):
    """`text` that takes any Python string."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what can't be stored."""
        return None if value is None else storable(value)
