"""Each mistake in a business file is told with its line, its column and what would be right."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from assistant.business_files import BusinessFileError, check_business_file, read_business_file
from assistant.yaml_tree import parse

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
HEAD = 'slug: s\nname: S\nzone: Europe/Berlin\nhours: {mon: "10:00-18:00"}\n'
STAFF = "staff: [{slug: anna, name: Anna}]\n"
CUT = "services: [{slug: cut, name: Cut, duration_minutes: 30, staff: [anna]}]\n"
GOOD = HEAD + STAFF + CUT


def service(lines: str) -> str:
    """A file whose one service has these lines more, the first of them in line 8."""
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    return f"{HEAD}{STAFF}services:\n  - slug: cut\n{body}"


BASIC = "name: Cut\nduration_minutes: 30\nstaff: [anna]\n"


def told(tmp_path: Path, text: str) -> list[str]:
    """The mistakes as `line:column: message`."""
    path = tmp_path / "f.yaml"
    path.write_text(text, "utf-8")
    return [str(m).removeprefix(f"{path}:") for m in check_business_file(path, NOW).mistakes]


def odd(tmp_path: Path, text: str) -> list[str]:
    """The warnings of a valid file."""
    path = tmp_path / "f.yaml"
    path.write_text(text, "utf-8")
    checked = check_business_file(path, NOW)
    assert checked.file is not None, checked.mistakes
    return [str(m).removeprefix(f"{path}:") for m in checked.warnings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # keys
        (GOOD + "polcy: {}\n", "7:1: polcy: unknown key 'polcy'; did you mean policy?"),
        (
            GOOD + "contact: {fone: '1'}\n",
            "7:11: contact.fone: unknown key 'fone'; did you mean phone?",
        ),
        (
            GOOD + "max_active: 3\n",
            "7:1: max_active: unknown key 'max_active'; it belongs into policy",
        ),
        (GOOD + "slug: other\n", "7:1: 'slug' is here a second time; the first is in line 1"),
        (
            GOOD + "policy: {max_active: 1, max_active: 2}\n",
            "7:25: 'max_active' is here a second time; the first is in line 7",
        ),
        (
            GOOD.replace("zone: Europe/Berlin\n", ""),
            "1:1: zone is missing; add zone: Europe/Berlin",
        ),
        (HEAD + STAFF, "1:1: services is missing; add services: with at least one"),
        # single values
        (
            GOOD.replace("Europe/Berlin", "Europe/Berln"),
            "3:7: zone: no IANA time zone is called 'Europe/Berln'; did you mean Europe/Berlin"
            " or Europe/Belfast or Europe/Helsinki?",
        ),
        (
            GOOD.replace("slug: s\n", "slug: Größe 1\n"),
            "1:7: slug: a slug is small letters, digits and -, not 'Größe 1'; write grosse-1",
        ),
        (
            GOOD + "languages: [en, EN]\n",
            "7:17: languages[1]: a language is two small letters (ISO 639-1) such as en or de,"
            " not 'EN'",
        ),
        (GOOD + "languages: [en, en]\n", "7:12: languages: en is named twice"),
        (
            GOOD + "contact: {phone: 4930}\n",
            "7:18: contact.phone: a text is needed, not 4930; put it in quotes",
        ),
        (
            GOOD + "policy: {confirmation: crad}\n",
            "7:24: policy.confirmation: 'crad' is no choice; did you mean card?; write card or"
            " immediate",
        ),
        (
            GOOD + "policy: {step_minutes: 0}\n",
            "7:24: policy.step_minutes: 0 is too small; 1 is the least",
        ),
        (
            GOOD + "policy: {horizon_days: 9999}\n",
            "7:24: policy.horizon_days: 9999 is too large; 730 is the most",
        ),
        (
            GOOD + "policy: {max_active: soon}\n",
            "7:22: policy.max_active: a whole number is needed, not 'soon'",
        ),
        (
            GOOD + "policy: {reminder_minutes: 60}\n",
            "7:28: policy.reminder_minutes: a list is needed: write [60]",
        ),
        (
            GOOD + "policy: {reminder_day_before_at: 25:00}\n",
            '7:34: policy.reminder_day_before_at: write a time of day as "10:00", from 00:00 to'
            " 23:59, not '25:00'",
        ),
        (GOOD + "owner_chat_ids: [1, 1]\n", "7:17: owner_chat_ids: 1 is named twice"),
        (
            GOOD.replace("name: S\n", "name: ''\n"),
            "2:7: name.en: a text is needed; this one is empty",
        ),
        (
            GOOD.replace("name: S\n", 'name: "a\\0"\n'),
            "2:7: name.en: the character NUL can't be stored",
        ),
        (
            GOOD + "facts: {parking: [1]}\n",
            '7:18: facts.parking: lines of "key: value" are needed, not a list',
        ),
        # hours
        (
            GOOD.replace("mon:", "monday:"),
            "4:9: hours.monday: no weekday is called 'monday'; did you mean mon?; they are:"
            " mon, tue, wed, thu, fri, sat, sun",
        ),
        (
            GOOD.replace('"10:00-18:00"', '["10:00-14:00", "13:00-15:00"]'),
            "4:14: hours.mon: 10:00-14:00 and 13:00-15:00 overlap",
        ),
        (
            GOOD.replace('"10:00-18:00"', '["22:00-02:00", "23:00-24:00"]'),
            "4:14: hours.mon: 22:00-02:00 and 23:00-24:00 overlap",
        ),
        (
            GOOD.replace('"10:00-18:00"', "10-18"),
            "4:14: hours.mon[0]: write opening times as \"10:00-19:00\", not '10-18'",
        ),
        (
            GOOD.replace("10:00-18:00", "10:00-24:30"),
            "4:14: hours.mon[0]: no such time of day in '10:00-24:30'; times go from 00:00 to"
            " 24:00",
        ),
        (
            GOOD.replace('hours: {mon: "10:00-18:00"}', "hours:\n  mon:"),
            "5:3: hours.mon: nothing is written here; [] means closed",
        ),
        (
            GOOD + "exceptions:\n  24.12.2026: []\n",
            "8:3: exceptions.24.12.2026: a date is written 2026-12-24, not '24.12.2026'",
        ),
        # services
        (
            service(BASIC + "price: 35"),
            "11:12: services[0].price: a price needs a currency, such as currency: EUR",
        ),
        (
            service(BASIC + "currency: EUR"),
            "11:15: services[0].currency: a currency without a price: add a price, or leave it out",
        ),
        (
            service(BASIC + "price: 35\ncurrency: EUX"),
            "12:15: services[0].currency: no currency is called 'EUX'; did you mean EUR?",
        ),
        (
            service(BASIC + "price: 35.555\ncurrency: EUR"),
            "11:12: services[0].price: 35.555 has 3 decimals, EUR has at most 2",
        ),
        (
            service(BASIC + "price: 3500.5\ncurrency: JPY"),
            "11:12: services[0].price: 3500.5 has 1 decimals, JPY has none",
        ),
        (
            service(BASIC + "price: cheap\ncurrency: EUR"),
            "11:12: services[0].price: a number is needed, such as 35 or 35.50, not 'cheap'",
        ),
        (
            service("name: Cut\nduration_minutes: 30"),
            "7:5: services[0]: nobody gives this service: name people in staff, or resources",
        ),
        (
            service(BASIC.replace("[anna]", "[ana]")),
            "10:13: services[0].staff[0]: no staff entry has the slug 'ana'; did you mean anna?",
        ),
        (
            service(BASIC.replace("[anna]", "anna")),
            "10:12: services[0].staff: a list is needed: write [anna]",
        ),
        (
            service(BASIC + "resources: [anna]"),
            "11:17: services[0].resources[0]: no resources entry has the slug 'anna'; \"anna\" goes"
            " under this service's staff",
        ),
        (
            GOOD.replace("name: Anna}]", "name: A}, {slug: anna, name: B}]"),
            "5:39: staff[1].slug: the slug anna is used twice, first by staff[0]",
        ),
        (
            GOOD + "resources: [{slug: r, name: R, kind: staff}]\n",
            '7:38: resources[0].kind: people go under "staff", not under "resources"',
        ),
        (
            GOOD + "resources: [{slug: r, name: R, kind: Big Room}]\n",
            "7:38: resources[0].kind: a kind is one word in small letters, not 'Big Room';"
            " write big-room",
        ),
        # no business at all
        ("", "1:1: the file describes nothing"),
        ("- a\n", '1:1: lines of "key: value" are needed, not a list'),
        (
            "a: {\n",
            "2:1: expected the node content, but found '<stream end>'; a bracket, a quote or the"
            " spaces before the line may be wrong",
        ),
        (
            "a: b: c\n",
            "1:5: mapping values are not allowed here; put a text that holds a colon in quotes,"
            " and check the spaces before the line",
        ),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, text: str, expected: str) -> None:
    assert told(tmp_path, text) == [expected]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = """\
slug: S
name: Shop
zone: Europe/Berln
hours:
  monday: "10:00-12:00"
  tue: ["10:00-14:00", "13:00-20:00"]
staff:
  - {slug: anna, name: Anna}
  - {slug: anna, name: Ann}
services:
  - slug: cut
    name: Cut
    duration_minutes: 30 min
    price: 35
  - slug: wash
    nam: Wash
    duration_minutes: 10
    staff: [ana]
slug: shop
"""
    places = " ".join(mistake.split(": ")[0] for mistake in told(tmp_path, text))
    assert places == "3:7 5:3 6:8 9:12 11:5 13:23 14:12 15:5 16:5 18:13 19:1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            GOOD.replace("Anna}]", "Anna}, {slug: boris, name: Boris}]"),
            "5:35: staff[1]: boris gives no service",
        ),
        (
            GOOD + "resources: [{slug: r, name: R, kind: room}]\n",
            "7:13: resources[0]: r is used by no service",
        ),
        (
            GOOD + "exceptions:\n  2026-11-20: []\n  2026-11-21: []\n",
            "8:3: exceptions.2026-11-20: 2026-11-20 is past; this line can go",
        ),
        (
            GOOD.replace("name: S\n", "name: {en: S, de: S}\n").replace(
                "name: Cut", "name: {en: Cut}"
            )
            + "languages: [en, de]\n",
            "6:30: services[0].name: there is no text in de",
        ),
        (
            GOOD.replace("name: S\n", "name: {en: S, no: S}\n"),
            "2:7: name: no is not among the languages, so nobody reads it",
        ),
    ],
)
def test_a_warning_is_told(tmp_path: Path, text: str, expected: str) -> None:
    assert odd(tmp_path, text) == [expected]


def test_a_good_file_has_no_remarks(tmp_path: Path) -> None:
    assert odd(tmp_path, GOOD) == []


def test_today_is_the_business_s_date(tmp_path: Path) -> None:
    """It is still the 20th in Honolulu."""
    text = GOOD.replace("Europe/Berlin", "Pacific/Honolulu") + "exceptions: {2026-11-20: []}\n"
    assert odd(tmp_path, text) == []


def test_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(BusinessFileError, match=r"none\.yaml can't be read: No such file"):
        read_business_file(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes("name: Größe".encode("latin-1"))
    with pytest.raises(BusinessFileError, match="is not UTF-8 text"):
        read_business_file(tmp_path / "latin.yaml")


def test_a_file_of_any_size_is_answered_at_once(tmp_path: Path) -> None:
    (tmp_path / "huge.yaml").write_text("a: 1\n" * 200_000, "utf-8")
    with pytest.raises(BusinessFileError, match="more than 500,000 bytes"):
        read_business_file(tmp_path / "huge.yaml")
    with pytest.raises(BusinessFileError, match="more than 500,000 bytes"):
        read_business_file(Path("/dev/zero"))


def test_a_character_that_can_not_stand_there_is_named_with_its_place(tmp_path: Path) -> None:
    text = GOOD.replace("name: Cut", "name: C\x00ut")
    line = text[: text.index("\x00")].count("\n") + 1
    [mistake] = told(tmp_path, text)
    assert mistake.startswith(f"{line}:")
    assert "U+0000" in mistake


def test_reading_tells_each_mistake_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(GOOD + "a: 1\nb: 2\n")
    with pytest.raises(BusinessFileError) as caught:
        read_business_file(path)
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == [
        f"{path}:7:1",
        f"{path}:8:1",
    ]


# --- YAML


def test_words_that_yaml_1_1_takes_for_something_else() -> None:
    data = parse("[no, on, 12:30, 2026-12-24, 010, 1e3, true, ~, 1.50]").data
    assert data == ["no", "on", "12:30", "2026-12-24", 10, 1000.0, True, None, 1.5]


def test_an_alias_is_read_and_has_the_place_of_what_it_stands_for() -> None:
    tree = parse("a: &x\n  b: 1\nc: *x\n")
    assert tree.data == {"a": {"b": 1}, "c": {"b": 1}}
    assert tree.duplicates == ()
    assert tree.place(("c", "b")).line == 2


def test_a_key_from_a_merge_is_no_duplicate() -> None:
    tree = parse("a: &x {b: 1, c: 1}\nd:\n  <<: *x\n  b: 2\n")
    assert tree.data["d"] == {"b": 2, "c": 1}
    assert tree.duplicates == ()


def test_what_is_not_there_has_the_place_of_what_should_hold_it() -> None:
    tree = parse("a:\n  - b: 1\n")
    assert (tree.place(("a", 0, "x", 3)).line, tree.place(("a", 0, "x")).column) == (2, 5)
