"""The strict subset of JSON Schema that OpenAI takes for function tools and JSON output.

An allow-list: a keyword that isn't known to be supported is refused, as the original does.
Source: OpenAI's guide "Structured model outputs", section "Supported schemas".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .errors import ApiError

MAX_PROPERTIES = 5000
MAX_DEPTH = 10
MAX_TEXT = 120_000
MAX_ENUM_VALUES = 1000
#: A string enumeration of more than 250 values may hold this many characters in all.
MAX_LONG_ENUM_TEXT = 15_000
STRING_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)
_TYPES = frozenset({"string", "number", "boolean", "integer", "object", "array", "null"})
_ANYWHERE = frozenset(
    {"type", "description", "title", "enum", "const", "anyOf", "$ref", "$defs", "definitions"}
)
_BY_TYPE: Mapping[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "string": frozenset({"pattern", "format"}),
    "number": frozenset(
        {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    ),
    "integer": frozenset(
        {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    ),
}

#: JSON types of keyword values that nothing else here looks at.
_VALUES: Mapping[str, tuple[type, ...]] = {
    "description": (str,),
    "title": (str,),
    "minItems": (int,),
    "maxItems": (int,),
    "minimum": (int, float),
    "maximum": (int, float),
    "exclusiveMinimum": (int, float),
    "exclusiveMaximum": (int, float),
    "multipleOf": (int, float),
}

Path = tuple[str, ...]


class _Checker:
    """One walk over one schema, counting against the limits of the whole schema."""

    def __init__(self, root: Mapping[str, object], owner: str, param: str, code: str | None):
        self.root = root
        self.owner = owner
        self.param = param
        self.code = code
        self.properties = 0
        self.text = 0
        self.enum_values = 0

    def refuse(self, problem: str) -> ApiError:
        return ApiError(
            f"Invalid schema for {self.owner}: {problem}", param=self.param, code=self.code
        )

    def at(self, path: Path, problem: str) -> ApiError:
        return self.refuse(f"In context={path!r}, {problem}")

    def run(self) -> None:
        if "anyOf" in self.root:
            raise self.refuse(
                "schema must have type 'object' and not have "
                "'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
            )
        if self.root.get("type") != "object":
            raise self.refuse(
                "schema must be a JSON Schema of 'type: \"object\"', "
                f"got 'type: \"{self.root.get('type')}\"'."
            )
        self.node(self.root, (), depth=0)
        if self.properties > MAX_PROPERTIES:
            raise self.refuse(
                f"{self.properties} object properties exceeds limit of {MAX_PROPERTIES}."
            )
        if self.enum_values > MAX_ENUM_VALUES:
            raise self.refuse(
                f"Expected at most {MAX_ENUM_VALUES} enum values in total within a single schema "
                f"when using structured outputs, but received {self.enum_values}."
            )
        if self.text > MAX_TEXT:
            raise self.refuse(
                f"total length of names, enum and const values is {self.text} characters, "
                f"which exceeds limit of {MAX_TEXT}."
            )

    def node(self, schema: object, path: Path, depth: int) -> None:
        if not isinstance(schema, dict):
            raise self.at(path, "schema must be an object.")
        if "$ref" in schema:
            self.reference(schema, path)
            return
        kinds = self.kinds(schema, path)
        allowed = _ANYWHERE.union(*(_BY_TYPE.get(kind, frozenset()) for kind in kinds))
        for keyword in schema:
            if keyword not in allowed:
                raise self.at(path, f"'{keyword}' is not permitted.")
            types = _VALUES.get(keyword, (object,))
            if not isinstance(schema[keyword], types) or (
                isinstance(schema[keyword], bool) and object not in types
            ):
                wanted = " or ".join(kind.__name__ for kind in types)
                raise self.at(path, f"'{keyword}' must be of type {wanted}.")
        if not ({"type", "anyOf", "enum", "const"} & schema.keys()):
            raise self.at(path, "schema must have a 'type' key.")
        self.enumeration(schema, path)
        if "object" in kinds:
            self.properties_of(schema, path, depth + 1)
        if "array" in kinds:
            if "items" not in schema:
                raise self.at(path, "array schema missing items.")
            self.node(schema["items"], (*path, "items"), depth + 1)
        if "string" in kinds:
            self.string(schema, path)
        branches = schema.get("anyOf", [])
        if not isinstance(branches, list) or ("anyOf" in schema and not branches):
            raise self.at(path, "'anyOf' must be a non-empty array.")
        for index, branch in enumerate(branches):
            self.node(branch, (*path, "anyOf", str(index)), depth)
        for home in ("$defs", "definitions"):
            definitions = schema.get(home, {})
            if not isinstance(definitions, dict):
                raise self.at(path, f"'{home}' must be an object.")
            for name, definition in definitions.items():
                self.text += len(name)
                self.node(definition, (*path, home, name), 0)

    def kinds(self, schema: Mapping[str, object], path: Path) -> list[str]:
        declared = schema.get("type", [])
        given = declared if isinstance(declared, list) else [declared]
        for kind in given:
            if not isinstance(kind, str) or kind not in _TYPES:
                raise self.at(path, f"'{kind}' is not a valid type.")
        return [str(kind) for kind in given]

    def reference(self, schema: Mapping[str, object], path: Path) -> None:
        siblings = set(schema) - {"$ref"}
        if siblings:
            raise self.at(path, f"$ref cannot have keywords {siblings!r}.")
        target = schema["$ref"]
        if not isinstance(target, str) or not target.startswith("#"):
            raise self.at(path, f"reference '{target}' must start with '#'.")
        found: object = self.root
        for step in target.removeprefix("#").removeprefix("/").split("/"):
            if step:
                found = found.get(step) if isinstance(found, dict) else None
        if not isinstance(found, dict):
            raise self.at(path, f"reference to component '{target}' which was not found.")

    def properties_of(self, schema: Mapping[str, object], path: Path, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self.refuse(f"{depth} levels of nesting exceeds limit of {MAX_DEPTH}.")
        if schema.get("additionalProperties") is not False:
            raise self.at(
                path, "'additionalProperties' is required to be supplied and to be false."
            )
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            raise self.at(path, "object schema missing properties.")
        required = schema.get("required")
        if not isinstance(required, list):
            required = [] if required is None and not properties else None
        absent = [name for name in properties if required is None or name not in required]
        if absent or required is None:
            raise self.at(
                path,
                "'required' is required to be supplied and to be an array including every key "
                f"in properties. Missing '{absent[0] if absent else ''}'.",
            )
        extra = [name for name in required if not isinstance(name, str) or name not in properties]
        if extra:
            raise self.at(
                path,
                "'required' is required to be supplied and to be an array including every key "
                f"in properties. Extra required key '{extra[0]}' supplied.",
            )
        self.properties += len(properties)
        for name, part in properties.items():
            self.text += len(name)
            self.node(part, (*path, "properties", name), depth)

    def string(self, schema: Mapping[str, object], path: Path) -> None:
        fmt = schema.get("format")
        if "format" in schema and not (isinstance(fmt, str) and fmt in STRING_FORMATS):
            raise self.at(path, f"'{fmt}' is not a valid format.")
        pattern = schema.get("pattern")
        if pattern is None:
            return
        if not isinstance(pattern, str):
            raise self.at(path, "'pattern' must be a string.")
        if re.search(r"\(\?<?[=!]", pattern):
            raise self.at(path, f"'{pattern}' uses look-around, which is not supported.")
        try:
            re.compile(pattern)
        except re.error as problem:
            raise self.at(path, f"'{pattern}' is not a valid regex: {problem}.") from None

    def enumeration(self, schema: Mapping[str, object], path: Path) -> None:
        if isinstance(schema.get("const"), str):
            self.text += len(str(schema["const"]))
        values = schema.get("enum")
        if values is None:
            return
        if not isinstance(values, list) or not values:
            raise self.at(path, "'enum' must be a non-empty array.")
        self.enum_values += len(values)
        length = sum(len(value) for value in values if isinstance(value, str))
        self.text += length
        if len(values) > 250 and length > MAX_LONG_ENUM_TEXT:
            raise self.at(
                path,
                f"total length of enum values is {length} characters, "
                f"which exceeds limit of {MAX_LONG_ENUM_TEXT}.",
            )


def check_strict_schema(
    schema: Mapping[str, object], *, owner: str, param: str, code: str | None
) -> None:
    """Raise `ApiError` (400) unless the schema lies in the strict subset.

    Args:
        schema: a JSON Schema document.
        owner: how messages name it, for instance `function 'get_customer'`.
        param: the request field it came from.
        code: the error code, `invalid_function_parameters` for tools.
    """
    _Checker(schema, owner, param, code).run()


def check_loose_schema(
    schema: Mapping[str, object], *, owner: str, param: str, code: str | None
) -> None:
    """Raise `ApiError` (400) unless a non-strict schema is at least of type object."""
    checker = _Checker(schema, owner, param, code)
    if schema.get("type") != "object":
        raise checker.refuse(
            "schema must be a JSON Schema of 'type: \"object\"', "
            f"got 'type: \"{schema.get('type')}\"'."
        )
    if "properties" not in schema:
        raise checker.at((), "object schema missing properties.")
