"""Reads the YAML files that admins edit, and remembers on which line each key stands."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import yaml

# The keys down to an entry -> its line, counted from 1.
Lines = Mapping[tuple[str, ...], int]


# libyaml's parser takes a tenth of the time, which is a sixth of a start.
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 50


class _Loader(_Safe):  # type: ignore[misc] # one of two, which have nothing typed in common
    """YAML whose values are texts, and that refuses a key written twice.

    YAML 1.1 would make false of `no` (a word, and a language), and a date of 2026-11-28.
    """

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                continue
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key_node.value!r} is written twice", key_node.start_mark
                )
            seen.add(key_node.value)
        made: dict[Hashable, object] = super().construct_mapping(node, deep)
        return made


# An entry with nothing in it is still none.
_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""]
)


def read_yaml(source: str) -> tuple[object, Lines]:
    """Return what a text says in YAML, and where.

    Raises:
        yaml.YAMLError: it isn't YAML, a key is written twice, or it is nested without end.
    """
    _refuse_deep(source)
    # A SafeLoader: no objects are made from the file.
    loader = _Loader(source)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, {}
        try:
            return loader.construct_document(node), dict(_lines(node, ()))
        except ValueError as error:  # a value with a tag that it doesn't fit
            mark = node.start_mark
            raise yaml.constructor.ConstructorError(None, None, str(error), mark) from None
    finally:
        loader.dispose()


def _refuse_deep(source: str) -> None:
    """Nodes are made by recursion, which in libyaml's parser nothing but the stack bounds."""
    depth = 0
    for event in yaml.parse(source, Loader=_Safe):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                mark: Any = event.start_mark
                raise yaml.composer.ComposerError(None, None, "it is nested too deeply", mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def line_of(error: yaml.YAMLError) -> int | None:
    """Return the line that an error is about, counted from 1."""
    mark = getattr(error, "problem_mark", None)
    return None if mark is None else mark.line + 1


def reason(error: yaml.YAMLError) -> str:
    """Return an error's words without its position."""
    return str(getattr(error, "problem", None) or error)


def _lines(node: yaml.Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            here = (*path, str(key.value))
            yield here, key.start_mark.line + 1
            yield from _lines(value, here)
