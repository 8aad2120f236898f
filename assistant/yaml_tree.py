"""YAML with the place of every value, so that a mistake can be told with its line and column.

Read as YAML 1.2 reads it where 1.1 surprises: `no` is a word (and a language), not false; 12:30 is
a word, not 750; 2026-12-24 is a word that the model reads as a date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from booking.business_checks import Location

_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column of a character, counted from 1."""

    line: int
    column: int


class DocumentError(Exception):
    """The text isn't a document of its kind.

    Args:
        message: what is wrong.
        place: where; None = not known.
    """

    def __init__(self, message: str, place: Place | None) -> None:
        super().__init__(message)
        self.place = place


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalars of YAML 1.2."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("tag:yaml.org,2002:int", r"[-+]?[0-9]+", list("-+0123456789")),
    (
        "tag:yaml.org,2002:float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?",
        list("-+.0123456789"),
    ),
    (_MERGE, r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), _first)


def _whole_number(loader: yaml.SafeLoader, node: ScalarNode) -> int:
    """Decimal even with a leading zero, which YAML 1.1 takes for octal."""
    return int(node.value)


def _number(loader: yaml.SafeLoader, node: ScalarNode) -> float:
    """With an exponent but without a point, too."""
    return float(node.value)


_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)
_Loader.add_constructor("tag:yaml.org,2002:float", _number)


def is_text(plain: str) -> bool:
    """Return whether a scalar without quotes is read as a text."""
    tag = _Loader("").resolve(ScalarNode, plain, (True, False))  # type: ignore[no-untyped-call]
    return bool(tag == "tag:yaml.org,2002:str")


@dataclass(frozen=True, slots=True)
class Tree:
    """A document with its places.

    Args:
        data: what it says, as plain data.
        duplicates: keys that a mapping has twice: where the second is, the key, the first's line.
    """

    data: Any
    duplicates: tuple[tuple[Place, str, int], ...]
    _root: Node | None = field(repr=False)
    # What a mapping has by its keys, made when it's first asked: a file has many remarks.
    _entries: dict[int, dict[str, tuple[Node, Node]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def place(self, location: Location, *, at_key: bool = False) -> Place:
        """Return where the value at a location is, or the deepest part of the way that exists.

        Args:
            location: keys and list positions from the top.
            at_key: the place of its key instead.
        """
        node = self._root
        if node is None:
            return Place(1, 1)
        found = _start(node)
        for part in location:
            entry = self._child(node, part)
            if entry is None:
                return found
            key, node = entry
            # An empty value stands nowhere; its key does.
            empty = isinstance(node, ScalarNode) and not node.value and not node.style
            found = _start(key if key is not None and (at_key or empty) else node)
        return found

    def _child(self, node: Node, part: str | int) -> tuple[Node | None, Node] | None:
        if isinstance(node, MappingNode):
            if id(node) not in self._entries:
                # The last of equal keys is the one that counts.
                self._entries[id(node)] = {
                    key.value: (key, value)
                    for key, value in node.value
                    if isinstance(key, ScalarNode)
                }
            return self._entries[id(node)].get(str(part))
        if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            return None, node.value[part]
        return None


def parse(text: str) -> Tree:
    """Read a YAML document.

    Raises:
        DocumentError: it is none, or more than one.
    """
    try:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
            duplicates = tuple(_duplicates(root, set())) if root is not None else ()
            data = None if root is None else loader.construct_document(root)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = None if mark is None else Place(mark.line + 1, mark.column + 1)
        if isinstance(error, yaml.reader.ReaderError):
            *before, line = text[: error.position].split("\n")
            place = Place(len(before) + 1, len(line) + 1)
        raise DocumentError(_in_words(error, text), place) from None
    return Tree(data, duplicates, root)


def _in_words(error: Exception, text: str) -> str:
    if isinstance(error, yaml.reader.ReaderError):
        return f"the character U+{ord(text[error.position]):04X} can't stand in YAML"
    if isinstance(error, RecursionError):
        return "too deeply nested"
    problem = getattr(error, "problem", None) or str(error)
    hint = ""
    if "mapping values are not allowed" in problem:
        hint = "; put a text that holds a colon in quotes, and check the spaces before the line"
    elif "cannot start any token" in problem:
        hint = "; indent with spaces, and put a text that starts with @ or ` in quotes"
    elif "but found" in problem or "could not find" in problem:
        hint = "; a bracket, a quote or the spaces before the line may be wrong"
    return f"{problem}{hint}"


def _start(node: Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _duplicates(node: Node, seen: set[int]) -> Iterator[tuple[Place, str, int]]:
    if id(node) in seen:  # an alias
        return
    seen.add(id(node))
    if isinstance(node, SequenceNode):
        for item in node.value:
            yield from _duplicates(item, seen)
    elif isinstance(node, MappingNode):
        first: dict[str, int] = {}
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.tag != _MERGE:
                if key.value in first:
                    yield _start(key), key.value, first[key.value]
                first.setdefault(key.value, key.start_mark.line + 1)
            yield from _duplicates(value, seen)
