"""A tool's JSON Schema and the lint that keeps it inside OpenAI's strict subset.

The SDK's own helper leaves `default` and `minLength` in, which the API refuses; this lint refuses
them at import, with the path of the offence and what to change. What isn't known to be taken is
refused (OpenAI's guide "Structured model outputs", section "Supported schemas"): a request with one
schema outside the subset fails as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from tools.support.lint import ToolContractError, offence, together

__all__ = ["ToolContractError", "lint", "offences", "schema_of"]

# Identity comes from the chat. A schema that lets the model name it is refused: a word for whoever
# writes or whose data it is, alone or by a mark, whatever stands before it (`for_user_id`).
IDENTITY = re.compile(
    r"(.*_)?("
    r"(customer|user|client|telegram|chat|tg|account|owner|sender|tenant)s?"
    r"(_?(ids?|names?|numbers?|uuid|keys?|phone|e?mail|handle))?"
    r"|(patient|guest|member|person|business)_?(ids?|numbers?|uuid|keys?)"
    r"|username|on_behalf_of"
    r")"
)
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|-")
_ANYWHERE = frozenset({"type", "description", "enum", "const", "anyOf", "$ref", "$defs"})
_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_OF_TYPE: Mapping[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "string": frozenset({"pattern", "format"}),
    "number": _NUMBERS,
    "integer": _NUMBERS,
}
_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)
_LOOK_AROUND = re.compile(r"\(\?<?[=!]")
_FORBIDDEN = (
    "oneOf allOf not default minLength maxLength patternProperties propertyNames uniqueItems if"
    " dependentRequired dependentSchemas"
).split()


def schema_of(arguments: type[BaseModel]) -> dict[str, Any]:
    """Return the schema the model sees: titles dropped, the rest as declared."""
    return _without_titles(arguments.model_json_schema(mode="validation"))


def _without_titles(schema: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "title" and isinstance(value, str):
            continue
        if key in ("properties", "$defs"):
            kept[key] = {name: _without_titles(part) for name, part in value.items()}
        elif key == "anyOf":
            kept[key] = [_without_titles(part) for part in value]
        elif isinstance(value, Mapping):
            kept[key] = _without_titles(value)
        else:
            kept[key] = value
    if set(kept) - {"description"} == {"anyOf"}:
        kept = _as_type_list(kept)
    return kept


def _as_type_list(schema: dict[str, Any]) -> dict[str, Any]:
    """`anyOf` of plain types costs three times the tokens of a list of types."""
    parts = schema["anyOf"]
    null = {"type": "null"}
    others = [part for part in parts if part != null]
    if len(others) != 1 or null not in parts or not isinstance(others[0].get("type"), str):
        return schema
    merged: dict[str, Any] = {**others[0], "type": [others[0]["type"], "null"]}
    if "const" in merged:
        merged["enum"] = [merged.pop("const")]
    if "enum" in merged:
        merged["enum"] = [*merged["enum"], None]
    if "description" in schema:
        merged["description"] = schema["description"]
    return merged


def lint(name: str, schema: Mapping[str, Any]) -> None:
    """Check a tool's schema against the strict subset and the identity rule.

    Args:
        name: the tool's name, for the message.
        schema: as sent.

    Raises:
        ToolContractError: names the path of each offence and what to change, one line each.
    """
    if found := list(offences(name, schema)):
        raise together(found)


def offences(name: str, schema: Mapping[str, Any]) -> Iterator[ToolContractError]:
    """Return all that is wrong with a schema; arguments as in `lint`."""
    if schema.get("type") != "object" or "anyOf" in schema:
        yield offence("union", name)
        return
    for path, part in _parts("arguments", schema):
        where = f"{name}: {path}"
        yield from (offence(keyword, where) for keyword in _FORBIDDEN if keyword in part)
        if "$ref" in part:
            if len(part) > 1:
                yield offence("siblings", where)
            continue
        yield from _of_part(where, part)
        if "object" in _types(part) or "properties" in part:
            yield from _of_object(where, part)


def _types(part: Mapping[str, Any]) -> list[str]:
    declared = part.get("type", [])
    return declared if isinstance(declared, list) else [declared]


def _of_part(where: str, part: Mapping[str, Any]) -> Iterator[ToolContractError]:
    types = _types(part)
    allowed = _ANYWHERE.union(_FORBIDDEN, *(_OF_TYPE.get(kind, ()) for kind in types))
    for keyword in part:
        if keyword not in allowed:
            yield offence("keyword", where, keyword=keyword)
    if not (part.keys() & {"type", "anyOf", "enum", "const", *_FORBIDDEN}):
        yield offence("untyped", where)
    if "array" in types and "items" not in part and "prefixItems" not in part:
        yield offence("untyped", f"{where}[]")
    if "format" in part and part["format"] not in _FORMATS:
        yield offence("format", where, format=part["format"])
    if _LOOK_AROUND.search(str(part.get("pattern", ""))):
        yield offence("pattern", where)


def _of_object(where: str, part: Mapping[str, Any]) -> Iterator[ToolContractError]:
    properties = part.get("properties", {})
    if part.get("additionalProperties") is not False:
        yield offence("extra", where)
    required = part.get("required", ())
    for field, value in properties.items():
        if field not in required:
            yield offence("optional", f"{where}.{field}")
        if IDENTITY.fullmatch(_WORDS.sub("_", field).lower()):
            yield offence("identity", f"{where}.{field}")
        if not value.get("description") and "$ref" not in value:
            yield offence("described", f"{where}.{field}")


def _parts(path: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield path, schema
    for key in ("properties", "$defs"):
        for name, part in schema.get(key, {}).items():
            yield from _parts(f"{path}.{name}", part)
    for n, part in enumerate(schema.get("anyOf", ())):
        yield from _parts(f"{path}.anyOf[{n}]", part)
    items = schema.get("items")
    if isinstance(items, Mapping):
        yield from _parts(f"{path}[]", items)
