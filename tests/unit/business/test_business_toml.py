"""A business file in TOML: read, checked with its lines, and written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.business_export import to_toml
from assistant.business_files import check_business_file, read_business_file
from assistant.toml_text import toml_text
from assistant.toml_tree import parse
from booking.business_file import BusinessFile
from tests.conftest import ROOT
from tests.unit.business.files import business_files

GOOD = """\
slug = "shop"
name = "Shop"
zone = "Europe/Berlin"

[hours]
mon = "10:00-18:00"
fri = ["10:00-14:00", "20:00-02:00"]

[exceptions]
2026-12-24 = "10:00-14:00"
2026-12-25 = []

[[staff]]
slug = "anna"
name = "Anna"
hours = { tue = "10:00-12:00" }

[[services]]
slug = "cut"
name = { en = "Cut" }
duration_minutes = 45
price = 35.5
currency = "EUR"
staff = ["anna"]
"""


def told(folder: Path, text: str) -> list[str]:
    path = folder / "shop.toml"
    path.write_bytes(text.encode())
    mistakes = check_business_file(path).mistakes
    return [str(mistake).removeprefix(f"{path}:") for mistake in mistakes]


@settings(max_examples=12, deadline=None)
@given(business_files())
def test_what_is_written_reads_back_equal(file: BusinessFile) -> None:
    assert BusinessFile.model_validate(parse(to_toml(file)).data) == file


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.yaml")))
def test_an_example_is_the_same_in_both(example: Path, tmp_path: Path) -> None:
    file = read_business_file(example)
    (tmp_path / "shop.toml").write_text(to_toml(file), "utf-8")
    assert read_business_file(tmp_path / "shop.toml") == file


@pytest.mark.parametrize("text", [GOOD, "\ufeff" + GOOD, GOOD.replace("\n", "\r\n")])
def test_a_good_file_has_no_mistakes(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "Europe/Berlin",
            "Europe/Berln",
            "3:8: zone: no IANA time zone is called 'Europe/Berln'; did you mean Europe/Berlin or"
            " Europe/Belfast or Europe/Helsinki?",
        ),
        ('mon = "10', 'monday = "10', "6:1: hours.monday: no weekday is called 'monday'; did"),
        ("duration_minutes", "duration_mins", "21:1: services[0].duration_mins: unknown key"),
        (
            '["10:00-14:00", "20:00-02:00"]',
            '[\n  "10:00-14:00",  # early\n  "20-02",\n]',
            "9:3: hours.fri[1]: write opening times as \"10:00-19:00\", not '20-02'",
        ),
        ('["anna"]', '["ana"]', "24:10: services[0].staff[0]: no staff entry has the slug 'ana'"),
        ('{ tue = "10', '{ tue = "25', "16:17: staff[0].hours.tue[0]: no such time of day"),
        ('name = "Shop"', 'name = "Shop"\nname = "Other"', "3:15: this is here a second time"),
        ("[exceptions]", "[hours]", "9:7: this is here a second time"),
        ('"10:00-18:00"', "10:00-18:00", "6:9: too much stands here; put texts and times in"),
        ('"EUR"', "EUR", "23:12: no value can be read here; put texts and times in quotes"),
        ('staff = ["anna"]\n', 'staff = ["anna"', "24:16: unclosed array"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    found = told(tmp_path, GOOD.replace(old, new, 1))
    assert any(mistake.startswith(expected) for mistake in found), found


@pytest.mark.parametrize("text", ["", "# nothing\n", "a = " + "[" * 9000, "x", "[[a]]\n[a]\n"])
def test_what_is_no_business_is_told(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text)


keys = st.text(st.characters(codec="utf-8"), min_size=1, max_size=4)
leaves = st.one_of(st.text(st.characters(codec="utf-8"), max_size=6), st.integers(0, 99))
inner = st.recursive(
    leaves,
    lambda part: st.one_of(st.lists(part, max_size=3), st.dictionaries(keys, part, max_size=3)),
    max_leaves=8,
)
documents = st.dictionaries(
    keys, st.one_of(inner, st.lists(st.dictionaries(keys, inner), min_size=1, max_size=2))
)


@settings(max_examples=150, deadline=None)
@given(documents)
def test_every_value_is_found_at_its_place(document: dict[str, Any]) -> None:
    text = toml_text(document)
    tree = parse(text)
    assert tree.data == document
    lines = text.split("\n")

    def check(value: Any, location: tuple[str | int, ...]) -> None:
        if isinstance(value, dict | list):
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            for key, part in parts:
                check(part, (*location, key))
            return
        place = tree.place(location)
        rest = lines[place.line - 1][place.column - 1 :]
        assert rest.startswith(toml_text({"x": value}).removeprefix("x = ").rstrip("\n"))

    check(document, ())
