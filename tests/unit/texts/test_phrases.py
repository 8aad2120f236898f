"""The phrase files: complete in every language, or refused with a clear reason."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from assistant.texts import CATALOGUE, Texts, TextsError

LANGUAGES = ("en", "de", "es", "ru")


def say_all(texts: Texts, key: str, language: str, count: int = 2) -> str:
    values: dict[str, object] = {name: f"<{name}>" for name in CATALOGUE[key]}
    if "count" in values:
        values["count"] = count
    return texts.say(key, language, **values)


@pytest.fixture
def phrases(root: Path) -> dict[str, dict[str, object]]:
    folder = root / "prompts" / "phrases"
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in folder.glob("*.yaml")
    }


def write(folder: Path, phrases: dict[str, dict[str, object]]) -> Path:
    for language, entries in phrases.items():
        (folder / f"{language}.yaml").write_text(
            yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8"
        )
    return folder


def test_no_text_lacks_a_language(texts: Texts) -> None:
    assert texts.languages == LANGUAGES
    for key in CATALOGUE:
        for language in LANGUAGES:
            said = say_all(texts, key, language)
            assert said.strip() == said
            assert said
            for name in CATALOGUE[key] - {"count"}:
                assert f"<{name}>" in said


def test_russian_is_not_english_left_over(texts: Texts) -> None:
    same = [key for key in CATALOGUE if say_all(texts, key, "ru") == say_all(texts, key, "en")]
    # These are values and punctuation only.
    assert same == ["hand_off_person", "line_service", "list_item", "unanswered_item"]


def test_buttons_and_commands_fit(texts: Texts) -> None:
    for key in CATALOGUE:
        for language in LANGUAGES:
            said = say_all(texts, key, language)
            if key.startswith(("button_", "menu_", "page_", "staff_")):
                assert len(said) < 30, (key, language)
            if key.startswith("command_"):
                assert 1 <= len(said) <= 256
            if key in ("stale_button", "unknown_button"):  # may answer a press: 200 at most
                assert len(said) <= 200


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "за 1 час до начала"),
        (2, "за 2 часа до начала"),
        (5, "за 5 часов до начала"),
        (11, "за 11 часов до начала"),
        (21, "за 21 час до начала"),
        (24, "за 24 часа до начала"),
    ],
)
def test_russian_plurals(texts: Texts, count: int, said: str) -> None:
    assert texts.say("lead_hours", "ru", count=count) == said


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("ru", "ru"),
        ("ru-RU", "ru"),
        ("de_AT", "de"),
        ("ES-mx", "es"),
        ("fr", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_language_falls_back_to_its_base_then_english(
    texts: Texts, asked: str | None, served: str
) -> None:
    assert texts.resolve(asked) == served
    assert texts.say("menu_help", asked) == texts.say("menu_help", served)


def test_values_are_data(texts: Texts) -> None:
    assert "{business} {0}" in texts.say("greeting", "en", business="{business} {0}")


def test_wrong_use_is_an_error(texts: Texts) -> None:
    with pytest.raises(KeyError, match="near: greeting"):
        texts.say("greting", "en")
    with pytest.raises(TypeError, match="greeting takes"):
        texts.say("greeting", "en")
    with pytest.raises(TypeError, match="menu_help takes"):
        texts.say("menu_help", "en", name="x")
    with pytest.raises(TypeError, match="must be an int"):
        texts.say("lead_hours", "en", count="2")


def test_missing_text_names_key_and_language(
    phrases: dict[str, dict[str, object]], tmp_path: Path
) -> None:
    del phrases["de"]["ask_day"]
    with pytest.raises(TextsError, match=r"^de: ask_day: the text is missing$"):
        Texts.load(write(tmp_path, phrases))


@pytest.mark.parametrize(
    ("language", "key", "text", "problem"),
    [
        ("es", "greeting", "Hola", "es: greeting: the placeholder {business} is missing"),
        (
            "ru",
            "greeting",
            "{business} {buisness}",
            "ru: greeting: unknown placeholder {buisness}; allowed: {business}",
        ),
        ("en", "ask_dya", "x", "en: ask_dya: no such text is used; did you mean ask_day?"),
        ("en", "ask_day", " ", "en: ask_day: the text is empty"),
        ("en", "ask_day", ["x"], "en: ask_day: must be a text, not ['x']; put it in quotes"),
        ("en", "ask_day", {"one": "x"}, "en: ask_day: has no {count}"),
        ("en", "greeting", "{business", "en: greeting: expected '}' before end of string"),
        (
            "en",
            "greeting",
            "{business.__class__}",
            "en: greeting: a placeholder is a plain name like {business}",
        ),
        ("en", "greeting", "{business!r}", "en: greeting: a placeholder is a plain name"),
        ("en", "greeting", "{}", "en: greeting: a placeholder is a plain name"),
        (
            "ru",
            "lead_days",
            {"one": "{count}", "other": "{count}"},
            "ru: lead_days: plural forms missing: few, many",
        ),
        (
            "en",
            "lead_days",
            {"one": "{count}", "few": "{count}", "other": "{count}"},
            "en: lead_days: unknown plural forms few; en has one, other",
        ),
        (
            "en",
            "lead_days",
            {"one": "{count}", "other": "days"},
            "en: lead_days (other): the placeholder {count} is missing",
        ),
        (
            "en",
            "lead_days",
            {"one": None, "other": "{count}"},
            "en: lead_days (one): must be a text, not None; put it in quotes",
        ),
    ],
)
def test_mistakes_are_named(
    phrases: dict[str, dict[str, object]],
    tmp_path: Path,
    language: str,
    key: str,
    text: object,
    problem: str,
) -> None:
    phrases[language][key] = text
    with pytest.raises(TextsError) as error:
        Texts.load(write(tmp_path, phrases))
    assert problem in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_a_key_written_twice_is_refused(root: Path, tmp_path: Path) -> None:
    source = (root / "prompts" / "phrases" / "en.yaml").read_text(encoding="utf-8")
    (tmp_path / "en.yaml").write_text(source + "\nask_day: Again?\n", encoding="utf-8")
    with pytest.raises(TextsError, match=r"(?s)^en.yaml: .*'ask_day' is written twice"):
        Texts.load(tmp_path)


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    """A parser that recursed would end the process, not the reading."""
    (tmp_path / "en.yaml").write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(TextsError, match=r"^en.yaml: .*nested too deeply"):
        Texts.load(tmp_path)


def test_files_that_are_no_phrases(tmp_path: Path, phrases: dict[str, dict[str, object]]) -> None:
    with pytest.raises(TextsError, match=r"no <language>.yaml files"):
        Texts.load(tmp_path)
    (tmp_path / "en.yaml").write_text("- a\n- b\n")
    with pytest.raises(TextsError, match=r"en.yaml: must be a mapping"):
        Texts.load(tmp_path)
    (tmp_path / "en.yaml").write_text("a: b: c\n")
    with pytest.raises(TextsError, match=r"en.yaml: not valid YAML"):
        Texts.load(tmp_path)
    with pytest.raises(TextsError, match=r"en: the language is missing"):
        Texts({"de": phrases["de"]})  # type: ignore[dict-item]
    with pytest.raises(TextsError, match=r"nonsense: not a language code"):
        Texts({"en": phrases["en"], "nonsense": {}})  # type: ignore[dict-item]
    with pytest.raises(TextsError, match=r"pt_BR: name the file pt.yaml"):
        Texts({"en": phrases["en"], "pt_BR": {}})  # type: ignore[dict-item]


def test_another_language_needs_only_a_file(
    phrases: dict[str, dict[str, object]], tmp_path: Path
) -> None:
    phrases["nl"] = dict(phrases["en"], menu_help="Hulp")
    loaded = Texts.load(write(tmp_path, phrases))
    assert loaded.say("menu_help", "nl-BE") == "Hulp"


def _calls(root: Path) -> list[tuple[str, str, set[str] | None]]:
    """Return where, key and given values of every call of `say` with a literal key."""
    found = []
    for path in (root / "assistant").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "say"
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
            ):
                names = [keyword.arg for keyword in node.keywords]
                values = None if None in names else {name for name in names if name}
                found.append((f"{path.name}:{node.lineno}", node.args[0].value, values))
    return found


def test_the_code_says_only_what_the_catalogue_has(root: Path) -> None:
    calls = _calls(root)
    assert len(calls) > 30
    for where, key, values in calls:
        assert key in CATALOGUE, where
        if values is not None:
            assert values == CATALOGUE[key], (where, key)
