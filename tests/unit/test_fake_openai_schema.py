"""The strict subset of JSON Schema, as the fake OpenAI server enforces it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.openai.errors import ApiError
from tests.fakes.openai.schema import check_strict_schema

Json = dict[str, Any]
LEAF = {"type": "string"}


def schema(**properties: Any) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def without(body: Json, name: str) -> Json:
    return {key: value for key, value in body.items() if key != name}


def nested(levels: int) -> Json:
    inner = schema(leaf={"type": "string"})
    for _ in range(levels - 1):
        inner = schema(child=inner)
    return inner


OUTSIDE_THE_SUBSET = [
    (without(schema(), "additionalProperties"), "'additionalProperties' is required"),
    (schema() | {"additionalProperties": True}, "'additionalProperties' is required"),
    (schema(a=without(schema(), "additionalProperties")), "In context=('properties', 'a')"),
    (schema(a=LEAF) | {"required": []}, "including every key in properties. Missing 'a'."),
    (schema(a=LEAF) | {"required": ["a", "b"]}, "Extra required key 'b' supplied."),
    (without(schema(), "properties"), "object schema missing properties"),
    ({"type": "string"}, "schema must be a JSON Schema of 'type: \"object\"'"),
    (schema() | {"anyOf": [schema()]}, "at the top level"),
    (schema(a={"oneOf": [LEAF]}), "'oneOf' is not permitted"),
    (schema(a={"allOf": [LEAF]}), "'allOf' is not permitted"),
    (schema(a={"not": LEAF}), "'not' is not permitted"),
    (schema(a=LEAF | {"default": "x"}), "'default' is not permitted"),
    (schema(a=LEAF | {"minLength": 1}), "'minLength' is not permitted"),
    (schema(a=LEAF | {"maxLength": 1}), "'maxLength' is not permitted"),
    (schema(a=LEAF | {"format": "uri"}), "'uri' is not a valid format"),
    (schema(a=LEAF | {"pattern": "(?=x)"}), "look-around"),
    (schema(a=LEAF | {"pattern": "("}), "not a valid regex"),
    (schema(a=LEAF | {"minimum": 1}), "'minimum' is not permitted"),
    (schema(a=LEAF | {"examples": ["x"]}), "'examples' is not permitted"),
    (schema() | {"patternProperties": {}}, "'patternProperties' is not permitted"),
    (schema(a={"type": "array", "items": LEAF, "uniqueItems": True}), "'uniqueItems' is not"),
    (schema(a={"type": "array"}), "array schema missing items"),
    (schema(a=LEAF | {"description": 1}), "'description' must be of type str"),
    (schema(a={"type": "integer", "minimum": True}), "'minimum' must be of type int or float"),
    (schema(a={"type": [{}]}), "'{}' is not a valid type"),
    (schema() | {"required": [{}]}, "Extra required key '{}' supplied."),
    (schema(a={"description": "x"}), "schema must have a 'type' key"),
    (schema(a={"type": "text"}), "'text' is not a valid type"),
    (schema(a={"anyOf": [LEAF | {"default": 1}]}), "('properties', 'a', 'anyOf', '0')"),
    (
        schema(a={"$ref": "#/$defs/A", "description": "x"}),
        "$ref cannot have keywords {'description'}",
    ),
    (schema(a={"$ref": "#/$defs/A"}), "'#/$defs/A' which was not found"),
    (schema() | {"$defs": {"A": LEAF | {"default": 1}}}, "In context=('$defs', 'A')"),
    (schema(a={"type": "string", "enum": []}), "'enum' must be a non-empty array"),
    (nested(11), "11 levels of nesting exceeds limit of 10"),
    (schema(**{f"p{n}": LEAF for n in range(5001)}), "5001 object properties exceeds limit"),
    (schema(a={"enum": list(range(1001))}), "Expected at most 1000 enum values"),
    (schema(a={"enum": [f"{n:0100d}" for n in range(251)]}), "exceeds limit of 15000"),
    (schema(**{"p" * 120_001: LEAF}), "exceeds limit of 120000"),
]


@pytest.mark.parametrize(("parameters", "message"), OUTSIDE_THE_SUBSET)
def test_refused(parameters: Json, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        check_strict_schema(parameters, owner="function 'f'", param="tools[0]", code="bad")
    assert message in caught.value.message
    assert caught.value.message.startswith("Invalid schema for function 'f': ")
    assert (caught.value.status, caught.value.param, caught.value.code) == (400, "tools[0]", "bad")


@pytest.mark.parametrize(
    "parameters",
    [
        schema(),
        without(schema(), "required"),
        schema(a=LEAF | {"pattern": "^[0-9]+$", "title": "A", "description": "Digits."}),
        schema(a=LEAF | {"format": "date-time"}, b={"type": ["string", "null"], "format": "date"}),
        schema(a={"type": "integer", "minimum": 1, "maximum": 9, "multipleOf": 2}),
        schema(a={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
        schema(a={"type": "array", "items": LEAF, "minItems": 1, "maxItems": 3}),
        schema(a={"anyOf": [LEAF, {"type": "null"}]}, b={"enum": ["x", None]}, c={"const": "y"}),
        schema(a={"$ref": "#/$defs/A"}) | {"$defs": {"A": schema(again={"$ref": "#"})}},
        nested(10),
        schema(**{f"p{n}": LEAF for n in range(5000)}),
        schema(a={"enum": list(range(1000))}),
    ],
)
def test_accepted(parameters: Json) -> None:
    check_strict_schema(parameters, owner="function 'f'", param="tools[0]", code="bad")
