"""A file read back, two files compared, the published schema, and what the rules make of a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from pydantic import ValidationError

from assistant.business_export import to_yaml
from assistant.business_files import check_business_file, read_business_file
from assistant.business_words import change_lines, summary
from assistant.yaml_tree import parse
from booking.business_edition import Kind, changes
from booking.business_file import BusinessFile, PolicyFile
from booking.business_schema import business_schema, schema_text
from booking.money import known_currency
from tests.conftest import NOW, ROOT
from tests.unit.business.files import SMALL, business_files, small

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


# --- export


@settings(max_examples=12, deadline=None)
@given(business_files())
def test_what_is_exported_reads_back_equal(file: BusinessFile) -> None:
    tree = parse(to_yaml(file))
    assert BusinessFile.model_validate(tree.data) == file
    assert tree.duplicates == ()


def test_an_export_is_written_as_one_would_write_it() -> None:
    """The barber's file by hand is what the program writes, but for comments and folding."""
    by_hand = (ROOT / "examples" / "barber.yaml").read_text("utf-8")
    hand = [line.split("  #")[0].rstrip() for line in by_hand.splitlines()]
    hand = [line for line in hand if line and not line.startswith("#")]
    ours = [
        line
        for line in to_yaml(read_business_file(ROOT / "examples" / "barber.yaml")).splitlines()
        if line
    ]
    differing = set(hand) ^ set(ours)
    told = {line.strip().split(":")[0].strip("{- ") for line in differing}
    # The hand writes texts of any length in a line or over several, and an empty list; the
    # program writes the whole policy.
    told -= set(PolicyFile.model_fields)
    assert told <= {"name", "address", "payment", "en", "ru", "de", "es", "owner_chat_ids"}
    keys = [line.split(":")[0] for line in ours if not line.startswith(" ")]
    assert keys == [key for key in BusinessFile.model_fields if key in keys]


def test_one_language_is_written_without_its_name() -> None:
    assert "name: Shop\n" in to_yaml(small())
    assert "name: {en: Shop}\n" in to_yaml(small(languages=["de"]))


# --- what changes


@settings(max_examples=40, deadline=None)
@given(business_files(), business_files())
def test_nothing_changes_if_and_only_if_they_are_equal(
    one: BusinessFile, other: BusinessFile
) -> None:
    assert changes(one, one) == []
    other = other.model_copy(update={"slug": one.slug})
    assert (changes(one, other) == []) == (one == other)


def told(before: BusinessFile, after: BusinessFile) -> list[str]:
    return [line.strip() for line in change_lines(tuple(changes(before, after)))]


def with_service(**changed: Any) -> BusinessFile:
    return small(services=[{**SMALL["services"][0], **changed}])


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (small(zone="Asia/Kathmandu"), "~ zone: Europe/Berlin → Asia/Kathmandu"),
        (small(policy={"max_per_day": 1}), "+ policy, max_per_day: 1"),
        (small(policy={"reminder_minutes": []}), "~ policy, reminder_minutes: 1440, 120 → none"),
        (
            small(hours={"mon": ["10:00-12:00", "13:00-18:00"]}),
            "~ hours, mon: 10:00-18:00 → 10:00-12:00, 13:00-18:00",
        ),
        (small(hours={}), "- hours, mon: was 10:00-18:00"),
        (small(exceptions={"2026-12-25": []}), "+ exceptions, 2026-12-25: none"),
        (
            with_service(price=35, currency="EUR"),
            "+ service cut, price: 35.00 EUR",
        ),
        (with_service(approval_required=True), "~ service cut, approval_required: no → yes"),
        (
            small(staff=[*SMALL["staff"], {"slug": "bo", "name": "Bo"}]),
            "+ staff bo: slug: bo, name: en: Bo",
        ),
    ],
)
def test_a_change_is_told_in_a_line(after: BusinessFile, expected: str) -> None:
    assert told(small(), after) == [expected]


def test_a_price_is_the_same_with_and_without_its_zeros() -> None:
    before = with_service(price=35, currency="EUR")
    assert told(before, with_service(price="35.00", currency="EUR")) == []
    assert told(before, with_service(price=40, currency="EUR")) == [
        "~ service cut, price: 35.00 EUR → 40.00 EUR"
    ]


def test_a_new_order_is_a_change_and_a_removal_is_told_once() -> None:
    bo = {"slug": "bo", "name": "Bo"}
    before = small(staff=[*SMALL["staff"], bo])
    assert told(before, small(staff=[bo, *SMALL["staff"]])) == [
        "~ order of staff: anna, bo → bo, anna"
    ]
    found = changes(before, small())
    assert [(change.kind, change.path) for change in found] == [(Kind.REMOVED, ("staff", "bo"))]


def test_the_order_in_which_a_service_names_people_says_nothing() -> None:
    bo = {"slug": "bo", "name": "Bo"}
    cut = SMALL["services"][0]
    one, other = (
        small(staff=[*SMALL["staff"], bo], services=[{**cut, "staff": staff}])
        for staff in (["anna", "bo"], ["bo", "anna"])
    )
    assert one == other
    assert one.services[0].staff == ("anna", "bo")


def test_a_day_without_ranges_is_a_closed_day() -> None:
    assert small(hours={"mon": "10:00-18:00", "tue": []}) == small()


# --- the model refuses by itself what the check would tell


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"services": [{**SMALL["services"][0], "staff": ["bo"]}]}, "no staff entry has the slug"),
        ({"services": [{**SMALL["services"][0], "staff": []}]}, "nobody gives this service"),
        ({"services": [{**SMALL["services"][0], "price": 3}]}, "a price needs a currency"),
        ({"staff": SMALL["staff"] * 2}, "used twice"),
    ],
)
def test_a_file_that_contradicts_itself_is_no_file(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        small(**changed)


def test_the_nearest_currency_begins_alike() -> None:
    with pytest.raises(ValueError, match="did you mean EUR"):
        known_currency("EUX")
    with pytest.raises(ValueError, match="did you mean CHF"):
        known_currency("chf")


# --- the schema


def errors(schema: dict[str, Any], value: object, root: dict[str, Any]) -> list[str]:
    """Check a value against the keywords that the schema uses; others fail the test."""
    known = {"$ref", "$schema", "$defs", "title", "description", "default", "examples", "format"}
    known |= {"type", "anyOf", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum"}
    known |= {"items", "minItems", "maxItems", "properties", "required", "additionalProperties"}
    known |= {"patternProperties", "propertyNames", "minProperties"}
    assert set(schema) <= known, set(schema) - known
    found: list[str] = []
    if "$ref" in schema:
        found += errors(root["$defs"][schema["$ref"].split("/")[-1]], value, root)
    if "anyOf" in schema and all(errors(option, value, root) for option in schema["anyOf"]):
        found.append(f"{value!r} fits none")
    types: dict[str, Any] = {
        "string": str,
        "object": dict,
        "array": list,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "null": type(None),
    }
    kind = schema.get("type")
    is_bool = isinstance(value, bool) and kind != "boolean"
    if kind is not None and (is_bool or not isinstance(value, types[kind])):
        return [*found, f"{value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{value!r} is none of {schema['enum']}")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{value!r} isn't {schema['pattern']}")
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**9):
            found.append(f"the length of {value!r}")
    if isinstance(value, int | float) and not (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
    ):
        found.append(f"{value!r} is out of bounds")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**9):
            found.append(f"{len(value)} items")
        for item in value:
            found += errors(schema.get("items", {}), item, root)
    if isinstance(value, dict):
        found += [f"{key} is missing" for key in schema.get("required", ()) if key not in value]
        if len(value) < schema.get("minProperties", 0):
            found.append("empty")
        for key, item in value.items():
            found += errors(schema.get("propertyNames", {}), key, root)
            parts = [schema["properties"][key]] if key in schema.get("properties", {}) else []
            patterns = schema.get("patternProperties", {})
            parts += [part for pattern, part in patterns.items() if re.search(pattern, key)]
            rest = schema.get("additionalProperties", {})
            if not parts and rest is False:
                found.append(f"{key} isn't known")
                continue
            for part in parts or [rest]:
                found += errors(part, item, root)
    return found


def test_the_published_schema_is_the_program_s() -> None:
    """Else: assistant business schema > docs/business.schema.json"""
    published = (ROOT / "docs" / "business.schema.json").read_text("utf-8")
    assert published == schema_text()


def test_every_key_is_described() -> None:
    schema = business_schema()
    for part in (schema, *schema["$defs"].values()):
        for key, value in part.get("properties", {}).items():
            assert value.get("description", "").endswith((".", '".')), key


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_schema_takes_the_examples(path: Path) -> None:
    schema = business_schema()
    assert errors(schema, parse(path.read_text("utf-8")).data, schema) == []
    assert path.read_text("utf-8").splitlines()[0].endswith("$schema=../docs/business.schema.json")


@settings(max_examples=40, deadline=None)
@given(business_files())
def test_the_schema_takes_every_file(file: BusinessFile) -> None:
    schema = business_schema()
    assert errors(schema, parse(to_yaml(file)).data, schema) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"polcy": {}},
        {"hours": {"monday": "10:00-12:00"}},
        {"hours": {"mon": "10-12"}},
        {"policy": {"confirmation": "crad"}},
        {"policy": {"step_minutes": 0}},
        {"name": {}},
        {"name": {"english": "Shop"}},
        {"services": []},
        {"slug": "My shop"},
        {"staff": [{"name": "Anna"}]},
        {"resources": [{"slug": "r", "name": "R", "kind": "room", "capacity": "2"}]},
    ],
)
def test_the_schema_refuses_wrong_forms(wrong: dict[str, Any]) -> None:
    schema = business_schema()
    assert errors(schema, {**SMALL, **wrong}, schema) != []


# --- the examples


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_no_mistakes(path: Path) -> None:
    checked = check_business_file(path, NOW)
    assert checked.mistakes == ()
    assert checked.file is not None
    if path.stem != "barber":  # whose texts fall back to English in two of four languages
        assert checked.warnings == ()
    # YAML 1.1 readers see the same.
    assert BusinessFile.model_validate(yaml.safe_load(path.read_text("utf-8"))) == checked.file


def test_a_summary_names_hours_and_services() -> None:
    file = read_business_file(ROOT / "examples" / "clinic.yaml")
    assert summary(file) == [
        "Praxis am See (lakeside-clinic), Europe/Zurich, in de, en",
        "open mon-tue 08:00-12:00 13:30-18:00, wed 08:00-12:00, thu 08:00-12:00 13:30-18:00,"
        " fri 08:00-12:00 13:30-16:00; 3 dates differ",
        "Sprechstunde, 30 min, 95.00 CHF: Dr. Keller, Dr. Rossi, Zimmer 1, Zimmer 2 (Ultraschall)",
        "Ultraschall, 45 min, 210.50 CHF, each approved by you: Dr. Keller, Zimmer 2 (Ultraschall)",
    ]
