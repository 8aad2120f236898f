"""`assistant prompts check`: all mistakes at once, with file, line and what to change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.defaults import DEFAULT_FILTERS
from typer.testing import CliRunner

from assistant.cli import app
from assistant.prompts.loader import PromptError, parse_prompt
from assistant.prompts.placeholders import PLACEHOLDERS
from assistant.prompts.templates import FILTERS
from assistant.prompts.tokens import estimate
from assistant.prompts_check import check_folder
from assistant.script import SHIPPED, Script, ScriptError

FRONT = "---\nname: system\nversion: 1\nlanguages: [en]\n---\n"
NEEDED = "{{ business_name }} {{ services }}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped prompts."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "prompts"))


def change(file: Path, old: str, new: str) -> None:
    source = file.read_text("utf-8")
    assert old in source
    file.write_text(source.replace(old, new, 1), encoding="utf-8")


def problems_of(folder: Path) -> list[str]:
    return [str(problem).replace(f"{folder}/", "") for problem in check_folder(folder)[0]]


def test_the_shipped_folder_has_no_mistakes_and_is_long_enough_to_be_cached() -> None:
    problems, lines = check_folder(SHIPPED)
    assert problems == []
    assert any("enough to be cached" in line for line in lines)
    assert "Languages: en, de, es, ru." in lines


def test_all_mistakes_are_told_at_once_with_file_and_line(folder: Path) -> None:
    change(folder / "system.md", "# How you write\n", "{{ now }}\n{{ bussiness_name }}\n")
    change(folder / "envelope.md", "{{ message }}", "")
    change(folder / "phrases" / "de.yaml", "menu_book: ", "menu_boook: ")
    change(folder / "intents.yaml", "  polite: >-", "  polit: >-")
    (folder / "phrases" / "ru.yaml").unlink()
    found = problems_of(folder)
    assert found[0].startswith("system.md, line 8: unknown placeholder {{ now }}: it is dynamic")
    assert "move it to envelope.md" in found[0]
    assert found[1].startswith("system.md, line 9: unknown placeholder {{ bussiness_name }}")
    assert found[2] == "envelope.md: must use {{ message }}; put it where the model needs it"
    assert found[3:] == [
        "phrases/de.yaml: menu_book: the text is missing; add it (as in en.yaml, line 9)",
        "phrases/de.yaml, line 9: menu_boook: no such text is used; did you mean menu_book?",
        "intents.yaml, line 7: en: polite: missing; add it, even if it is empty",
        "intents.yaml, line 19: en: polit: no such list is used; did you mean polite?",
        "phrases/ru.yaml: the language is missing, but intents.yaml has it; add the file or drop"
        " the block",
    ]
    with pytest.raises(ScriptError) as error:
        Script.load(folder)
    # A language with one half only is for the check: it doesn't stop a start.
    assert len(str(error.value).splitlines()) == len(found) - 1


def test_a_language_without_word_lists_is_told_but_can_be_used(folder: Path) -> None:
    shutil.copy(folder / "phrases" / "en.yaml", folder / "phrases" / "nl.yaml")
    [problem] = problems_of(folder)
    assert problem.startswith("intents.yaml: nl: the language is missing")
    assert "nl" in Script.load(folder).texts.languages


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("phrases/en.yaml", b"a: b: c\n", "phrases/en.yaml, line 1: not valid YAML: mapping"),
        ("phrases/en.yaml", b"- a\n", "phrases/en.yaml, line 1: must be a mapping"),
        ("intents.yaml", b"- a\n", "intents.yaml, line 1: must be languages with lists"),
        ("intents.yaml", b"en: {}\nen: {}\n", "intents.yaml, line 2: not valid YAML: 'en' is"),
        ("system.md", b"---\nname: system\n\xff", "system.md, line 3: isn't UTF-8 text"),
        ("system.md", b"---\nname: [\n---\n", "system.md, line 3: front matter isn't valid YAML"),
        ("phrases/en.yaml", b"a: !!int x\n", "phrases/en.yaml, line 1: not valid YAML: invalid"),
        ("envelope.md", b"", "envelope.md, line 1: must begin with front matter"),
    ],
)
def test_files_that_can_not_be_read(folder: Path, name: str, content: bytes, problem: str) -> None:
    (folder / name).write_bytes(content)
    assert any(found.startswith(problem) for found in problems_of(folder)), problems_of(folder)


def test_a_folder_that_is_not_there_is_missing_everything(tmp_path: Path) -> None:
    found = problems_of(tmp_path / "nowhere")
    assert [line.partition(":")[0] for line in found] == [
        "system.md",
        "envelope.md",
        "phrases/en.yaml",
        "intents.yaml",
    ]


def test_the_guide_names_the_filters() -> None:
    page = (SHIPPED.parent / "docs" / "prompts.md").read_text("utf-8")
    assert ", ".join(f"`{name}`" for name in sorted(FILTERS)) in page


@pytest.mark.parametrize("name", sorted(set(DEFAULT_FILTERS) - FILTERS))
def test_filters_outside_the_list_are_refused(name: str) -> None:
    body = FRONT + NEEDED + f"{{{{ services|{name} }}}}"
    prompt, problems = parse_prompt(body, name="system", file="system.md")
    assert prompt is None
    assert problems[0].line == 7
    said = "is dynamic" if name == "random" else f"No filter named '{name}'"
    assert said in problems[0].text


TWICE = "{% set a = 'xxxxxxxxxx' %}" + 40 * "{% set a = BOTH %}" + "{{ a }}"


@pytest.mark.parametrize(
    "body",
    [
        "{{ 9 ** 9 ** 9 ** 9 }}",
        "{{ 'x' * 10 ** 12 }}",
        "{{ '%99d' % 1 }}",
        TWICE.replace("BOTH", "a ~ a"),
        TWICE.replace("BOTH", "a + a"),
        TWICE.replace("BOTH", "[a, a]"),
        TWICE.replace("{% set a = BOTH %}", "{% set a %}{{ a }}{{ a }}{% endset %}"),
        TWICE.replace("set", "with").replace("BOTH", "a ~ a") + 41 * "{% endwith %}",
        "{{ 'xxxxxxxxxx'" + 5 * "|replace('x', 'xxxxxxxxxx')" + "|length }}",
        "{{ services" + 6 * "|replace('1', '1111111111')" + "|length }}",
        "{{ 'xxxxxxxxxx'" + 5 * "|join('xxxxxxxxxx')" + "|length }}",
        "{% filter upper %}x{% endfilter %}",
        "{% block a %}{% endblock %}",
        "{% autoescape true %}x{% endautoescape %}",
        "{{ services|truncate(*address) }}",
    ],
)
def test_what_grows_without_bound_is_refused_before_it_is_tried(body: str) -> None:
    prompt, problems = parse_prompt(FRONT + NEEDED + body, name="system", file="system.md")
    assert prompt is None
    assert problems


@pytest.mark.parametrize(
    "body",
    [
        "{{ " + 20_000 * "(" + "1" + 20_000 * ")" + " }}",
        "{{ " + 50_000 * "-" + "1 }}",
        "{{ services" + 5_000 * "|upper" + " }}",
        "{% if 1" + 5_000 * " and 1" + " %}x{% endif %}",
        110 * "{% if address %}" + 110 * "{% endif %}",
        "{{ " + 5_000 * "1" + " }}",
        "{{ 1e999|int }}",
        "\0",
        "\ud800",
    ],
)
def test_what_breaks_the_reader_is_a_problem_like_any_other(body: str) -> None:
    prompt, problems = parse_prompt(FRONT + NEEDED + body, name="system", file="system.md")
    assert prompt is None
    assert len(problems) == 1


@given(
    body=st.sampled_from(
        [
            "{{ 'x' if max_active == '3' else '' }}",
            "{{ facts|replace(address, '')|first }}{{ facts|replace(address, '')|last }}",
            "{{ facts|truncate(contact|length) }}",
            "{{ contact|int }} {{ facts|title|trim|wordcount }} {{ facts in contact }}",
            "{{ facts|replace(contact, address)|join(address) }}",
        ]
    ),
    values=st.fixed_dictionaries({name: st.text(max_size=5) for name in PLACEHOLDERS["system"]}),
)
def test_what_is_taken_can_be_filled_with_any_values(body: str, values: dict[str, str]) -> None:
    prompt, problems = parse_prompt(FRONT + NEEDED + body, name="system", file="system.md")
    assert prompt is not None, problems
    prompt.render(values)


@pytest.mark.parametrize("body", ["{{ 'x' if max_active != '3' }}", "{{ 6 // max_active|int }}"])
def test_what_would_fail_with_some_values_only_is_refused(body: str) -> None:
    assert parse_prompt(FRONT + NEEDED + body, name="system", file="system.md")[0] is None


def test_a_prompt_that_outgrows_every_model_is_not_rendered() -> None:
    prompt, _ = parse_prompt(FRONT + NEEDED + 2_000 * "{{ facts }}", name="system", file="s.md")
    assert prompt is not None
    with pytest.raises(PromptError, match="would grow beyond 400000 characters"):
        prompt.render({**dict.fromkeys(PLACEHOLDERS["system"], ""), "facts": 300 * "x"})


def test_the_front_matter_is_text_whatever_it_looks_like() -> None:
    front = "---\nname: system\nversion: 2026-02-30\nlanguages: [no]\n---\n"
    prompt, problems = parse_prompt(front + NEEDED, name="system", file="system.md")
    assert prompt is not None, problems
    assert (prompt.front_matter.version, prompt.front_matter.languages) == ("2026-02-30", ("no",))
    deep = front.replace("[no]", 3_000 * "[")
    assert "nested too deeply" in parse_prompt(deep + NEEDED, name="system", file="")[1][0].text


def test_a_prompt_that_is_far_too_long_is_refused() -> None:
    prompt, problems = parse_prompt(FRONT + NEEDED + "x" * 60_000, name="system", file="s.md")
    assert prompt is None
    assert "shorten it" in problems[0].text


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("abcd", 1), ("abcde", 2), ("да", 1), ("да, hi", 2), ("日本語", 2)],
)
def test_tokens_are_estimated_by_the_documented_rule(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


def test_the_command_tells_everything_and_exits_with_2(folder: Path) -> None:
    runner = CliRunner()
    fine = runner.invoke(app, ["prompts", "check", "--dir", str(folder)])
    assert fine.exit_code == 0
    assert "No mistakes." in fine.stdout
    assert "no tokenizer is installed" in fine.stdout
    change(folder / "system.md", "# How you write\n", "{{ now }}\n{{ oops }}\n")
    wrong = runner.invoke(app, ["prompts", "check", "--dir", str(folder)])
    assert wrong.exit_code == 2
    assert f"{folder / 'system.md'}, line 8: " in wrong.stderr
    assert f"{folder / 'system.md'}, line 9: " in wrong.stderr
    assert "2 mistakes. Nothing was changed." in wrong.stderr
