"""The JSON Schema of the business file, for editors that check and complete while one types."""

from __future__ import annotations

import json
from typing import Any

from booking.business_file import BusinessFile

_HEAD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A business of the booking assistant",
}


def business_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12) of the file as its owner writes it.

    It knows the form of every value. What single values can't tell (names that refer to each other,
    overlaps, zones) is left to `assistant business check`.
    """
    generated = BusinessFile.model_json_schema(mode="validation")
    definitions = generated.pop("$defs")
    generated.pop("title")
    return {**_HEAD, **_tidy(generated), "$defs": {k: _tidy(v) for k, v in definitions.items()}}


def schema_text() -> str:
    """Return the schema as the text of `docs/business.schema.json`."""
    return json.dumps(business_schema(), ensure_ascii=False, indent=2) + "\n"


def _tidy(node: Any) -> Any:
    """Return a part of the schema without generated titles, and closed where the model is."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidy = {
        key: {name: _tidy(part) for name, part in value.items()}
        if key == "properties"
        else _tidy(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str))
    }
    if "patternProperties" in tidy:  # the pattern is of the key, so there are no other keys
        tidy["additionalProperties"] = False
        tidy["minProperties"] = 1
    if "anyOf" in tidy:
        tidy.pop("minLength", None)  # is of the mapping, where it is minProperties
        tidy.pop("minItems", None)
    return tidy
