"""Refuses every request the original would refuse: rules shared by both model endpoints.

A rule here is one the real service is known to enforce; where its wording is known, it is kept,
since clients recognise some failures by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from openai.types.audio_model import AudioModel
from openai.types.shared.chat_model import ChatModel

from .errors import (
    ApiError,
    JsonObject,
    array_too_long,
    invalid_type,
    missing_parameter,
    pattern_mismatch,
    string_too_long,
)
from .schema import check_loose_schema, check_strict_schema

MAX_IDENTIFIER = 64
MAX_TOOLS = 128
MAX_DESCRIPTION = 1024
MAX_METADATA_PAIRS = 16
NAME_PATTERN = r"^[a-zA-Z0-9_-]+$"
_REASONING_MODEL = re.compile(r"gpt-(5\.([6-9]|\d\d)|[6-9]|\d\d)(?![\d])")


@dataclass(frozen=True)
class Limits:
    """What the served account allows.

    Args:
        context_tokens: the models' context window, in approximate tokens.
        extra_models: model names accepted beside those the SDK lists.
    """

    context_tokens: int = 400_000
    extra_models: frozenset[str] = field(default_factory=frozenset)

    def model_names(self) -> list[str]:
        """Every model this account can call, sorted."""
        return sorted({*get_args(ChatModel), *get_args(AudioModel), *self.extra_models})

    def knows(self, model: str) -> bool:
        """Whether the account can call the model."""
        return model in self.model_names()


def is_reasoning_model(model: str) -> bool:
    """Whether the stricter rules of gpt-5.6 and later apply."""
    return _REASONING_MODEL.match(model) is not None


def check_common(body: JsonObject, *, tool_path: str) -> None:
    """Rules on top-level fields that both endpoints share.

    Args:
        body: the request, its shape already checked.
        tool_path: where a tool keeps its definition, `""` or `".function"`.
    """
    for name in ("safety_identifier", "prompt_cache_key"):
        value = body.get(name)
        if isinstance(value, str) and len(value) > MAX_IDENTIFIER:
            raise string_too_long(name, MAX_IDENTIFIER, len(value))
    _check_metadata(body.get("metadata"))
    for name, low, high in (("temperature", 0, 2), ("top_p", 0, 1)):
        value = body.get(name)
        if isinstance(value, int | float) and not low <= value <= high:
            bound, word = (low, ">=") if value < low else (high, "<=")
            raise ApiError(
                f"Invalid '{name}': decimal {'below minimum' if value < low else 'above maximum'} "
                f"value. Expected a value {word} {bound}, but got {value} instead.",
                param=name,
                code=f"decimal_{'below_min' if value < low else 'above_max'}_value",
            )
    if body.get("stream_options") is not None and not body.get("stream"):
        raise ApiError(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    _check_tools(body.get("tools"), tool_path)


def _check_metadata(metadata: object) -> None:
    if not isinstance(metadata, dict):
        return
    if len(metadata) > MAX_METADATA_PAIRS:
        raise ApiError(
            f"Invalid 'metadata': too many properties. Expected an object with at most "
            f"{MAX_METADATA_PAIRS} properties, but got {len(metadata)} instead.",
            param="metadata",
            code="object_above_max_properties",
        )
    for key, value in metadata.items():
        if len(key) > 64:
            raise string_too_long("metadata", 64, len(key))
        if len(value) > 512:
            raise string_too_long(f"metadata.{key}", 512, len(value))


def _check_tools(tools: object, tool_path: str) -> None:
    if not isinstance(tools, list):
        return
    if len(tools) > MAX_TOOLS:
        raise array_too_long("tools", MAX_TOOLS, len(tools))
    names: set[str] = set()
    for index, tool in enumerate(tools):
        if tool.get("type") != "function":
            continue
        where = f"tools[{index}]{tool_path}"
        definition = tool["function"] if tool_path else tool
        check_function(definition, where)
        if definition["name"] in names:
            raise ApiError(
                f"Duplicate function name '{definition['name']}' in 'tools': "
                "tool names must be unique.",
                param=f"{where}.name",
                code="invalid_value",
            )
        names.add(definition["name"])


def check_function(definition: Mapping[str, Any], where: str) -> None:
    """Rules on one function definition.

    Args:
        definition: the object with `name`, `parameters` and `strict`.
        where: its path in the request.
    """
    check_name(definition["name"], f"{where}.name")
    description = definition.get("description")
    if description is not None and len(description) > MAX_DESCRIPTION:
        raise string_too_long(f"{where}.description", MAX_DESCRIPTION, len(description))
    schema = definition.get("parameters")
    strict = definition.get("strict")
    if schema is None:
        # Without a schema there is nothing to be strict about: the original asks for one.
        if strict:
            raise missing_parameter(f"{where}.parameters")
        return
    check_schema = check_strict_schema if strict else check_loose_schema
    check_schema(
        schema,
        owner=f"function '{definition['name']}'",
        param=f"{where}.parameters",
        code="invalid_function_parameters",
    )


def check_name(name: str, path: str) -> None:
    """Rule on names of functions: letters, digits, `_` and `-`, at most 64 of them."""
    if len(name) > MAX_IDENTIFIER:
        raise string_too_long(path, MAX_IDENTIFIER, len(name))
    if not re.fullmatch(NAME_PATTERN, name):
        raise pattern_mismatch(path, NAME_PATTERN)


def check_json_format(fmt: object, path: str) -> None:
    """Rules on a `json_schema` output format.

    Args:
        fmt: the object that holds `name`, `schema` and `strict`.
        path: its path in the request.
    """
    if not isinstance(fmt, dict):
        raise invalid_type(path, "an object", "something else")
    check_name(fmt["name"], f"{path}.name")
    schema = fmt.get("schema")
    if fmt.get("strict") and isinstance(schema, dict):
        check_strict_schema(schema, owner=f"response_format '{fmt['name']}'", param=path, code=None)


def function_names(body: JsonObject, tool_path: str) -> set[str]:
    """Names of the functions a checked request offers."""
    tools = body.get("tools")
    if not isinstance(tools, list):
        return set()
    return {
        (tool["function"] if tool_path else tool)["name"]
        for tool in tools
        if tool.get("type") == "function"
    }
