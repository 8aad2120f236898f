"""TOML with the place of every value, as `assistant.yaml_tree` has it for YAML.

The standard library reads the document and says whether it is one; where each key and value stands,
it doesn't tell, so that a document that it has read is walked once more for the places.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from bisect import bisect_right
from typing import Any

from yaml.error import Mark
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from assistant.yaml_tree import DocumentError, Place, Tree

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\r\n]+")
# A string of each kind from its opening quotes to its closing ones.
_STRINGS = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})(?!")'
    r"|'''.*?'''(?:'{0,2})(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)


def parse(text: str) -> Tree:
    """Read a TOML document.

    Dates and times of day become texts, as the model reads them in YAML.

    Raises:
        DocumentError: it is none.
    """
    try:
        data = _plain(tomllib.loads(text))
        root = _Walk(text).document()
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(*_told(str(error), text)) from None
    except RecursionError:
        raise DocumentError("too deeply nested", None) from None
    return Tree(data, (), root)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value


def _told(error: str, text: str) -> tuple[str, Place | None]:
    """Return what is wrong in words, and where; the library ends its sentence with the place."""
    match = _AT.search(error)
    if match is None:
        return _in_words(error), None
    if match[1] is None:
        lines = text.splitlines() or [""]
        return _in_words(error[: match.start()]), Place(len(lines), len(lines[-1]) + 1)
    return _in_words(error[: match.start()]), Place(int(match[1]), int(match[2]))


def _in_words(problem: str) -> str:
    if problem.startswith(("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate")):
        return "this is here a second time; a key or table can stand in a file once"
    if problem == "Invalid value":
        return "no value can be read here; put texts and times in quotes"
    if problem.startswith("Expected newline"):
        return "too much stands here; put texts and times in quotes, and each key in its own line"
    if problem.startswith("Expected '='"):
        return "a line is key = value, or [table]"
    return problem[:1].lower() + problem[1:]


class _Walk:
    """Finds the places in a document that is known to be TOML."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def document(self) -> MappingNode:
        root = self._mapping()
        table = root
        while self._skip(_BLANK):
            if self._takes("[["):
                *way, last = self._key()
                self._takes("]]")
                table = self._mapping()
                entries = self._below(root, way)
                self._entry(entries, last, SequenceNode).value.append(table)
            elif self._takes("["):
                way = self._key()
                self._takes("]")
                table = self._below(root, way)
            else:
                self._pair(table)
        return root

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        """Pass over what matches; return whether anything comes after it."""
        match = pattern.match(self._text, self._at)
        self._at = self._at if match is None else match.end()
        return self._at < len(self._text)

    def _takes(self, sign: str) -> bool:
        found = self._text.startswith(sign, self._at)
        self._at += len(sign) if found else 0
        return found

    def _mark(self) -> Mark:
        line = bisect_right(self._lines, self._at) - 1
        return Mark("", self._at, line, self._at - self._lines[line], None, 0)

    def _mapping(self) -> MappingNode:
        return MappingNode("map", [], self._mark())

    def _key(self) -> list[ScalarNode]:
        """Read a dotted key."""
        parts = []
        while True:
            self._skip(_SPACE)
            mark = self._mark()
            match = _STRINGS.match(self._text, self._at) or _BARE_KEY.match(self._text, self._at)
            assert match is not None, "the document was read"
            self._at = match.end()
            word = match[0]
            if word[0] in "\"'":
                word = tomllib.loads(f"key = {word}")["key"]
            parts.append(ScalarNode("str", word, mark))
            self._skip(_SPACE)
            if not self._takes("."):
                return parts

    def _pair(self, table: MappingNode) -> None:
        *way, last = self._key()
        self._takes("=")
        self._skip(_SPACE)
        self._below(table, way).value.append((last, self._value()))

    def _value(self) -> Node:
        mark = self._mark()
        if self._takes("["):
            items: list[Node] = []
            while self._skip(_BLANK) and not self._takes("]"):
                items.append(self._value())
                self._skip(_BLANK)
                self._takes(",")
            return SequenceNode("seq", items, mark)
        if self._takes("{"):
            table = MappingNode("map", [], mark)
            while self._skip(_BLANK) and not self._takes("}"):
                self._pair(table)
                self._skip(_BLANK)
                self._takes(",")
            return table
        self._skip(_STRINGS if self._text[self._at] in "\"'" else _BARE_VALUE)
        return ScalarNode("str", self._text[mark.index : self._at], mark)

    def _below(self, table: MappingNode, way: list[ScalarNode]) -> MappingNode:
        """Return the table at the end of a way; of a list of tables the last one is meant."""
        for key in way:
            found = self._entry(table, key, MappingNode)
            table = found.value[-1] if isinstance(found, SequenceNode) else found
        return table

    def _entry(self, table: MappingNode, key: ScalarNode, kind: type[Any]) -> Any:
        for known, value in table.value:
            if known.value == key.value:
                return value
        made = kind("", [], key.start_mark)
        table.value.append((key, made))
        return made
