"""Prompt files: front matter, a Jinja template, and a version made from their content."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from jinja2 import Template, nodes
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.prompts.placeholders import PLACEHOLDERS, REQUIRED
from assistant.prompts.problems import Problem, listed
from assistant.prompts.templates import (
    FILTERS,
    TemplateProblemError,
    compiled,
    fill,
    forbidden,
    nodes_of,
    read,
)
from assistant.prompts.yaml_files import line_of, read_yaml, reason

_FENCE = "---"
_VERSION_DIGITS = 12
# All of it is sent with every message. The shipped prompt has 4,000 characters.
MAX_CHARACTERS = 60_000
# Neither can be stored, nor sent to a model: NUL, and halves of characters.
_UNFIT = re.compile("[\0\ud800-\udfff]")
_SHOWN = 60  # characters of a wrong name in a message


class PromptError(ValueError):
    """A prompt file can't be used; the message names file, line and what is allowed."""


class FrontMatter(BaseModel):
    """What stands between the two `---` lines at the top of a prompt file.

    Args:
        name: the prompt's name, the same as the file's.
        version: a note for people; the version that counts is made from the content.
        languages: languages that the prompt's own text is written in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    languages: tuple[str, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A filled prompt.

    Args:
        text: ends with a line break.
        version: "<name>@<hash of the file>"; part of the cache key.
    """

    text: str
    version: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One checked prompt file."""

    front_matter: FrontMatter
    version: str
    template: Template
    source: str

    def render(self, values: Mapping[str, str]) -> RenderedPrompt:
        """Fill the placeholders.

        Args:
            values: a text for every placeholder of this prompt's closed list.

        Raises:
            TypeError: a placeholder has no value, or a value no placeholder.
            PromptError: it can't be filled with these values, or comes out far too long.
        """
        expected = PLACEHOLDERS[self.front_matter.name].keys()
        if values.keys() != expected:
            raise TypeError(f"takes {sorted(expected)}, not {sorted(values)}")
        try:
            text = fill(self.template, values)
        except TemplateProblemError as error:
            raise PromptError(f"{self.version}: can't be rendered: {error}") from None
        return RenderedPrompt(text.strip() + "\n", self.version)


@dataclass(frozen=True, slots=True)
class PromptBook:
    """All prompts of a folder. Make one with `PromptBook.load`."""

    system: Prompt
    envelope: Prompt

    @property
    def version(self) -> str:
        """What is stamped on a turn: the versions of both."""
        return f"{self.system.version} {self.envelope.version}"

    @classmethod
    def load(cls, folder: Path) -> PromptBook:
        """Read and check `system.md` and `envelope.md`.

        Args:
            folder: where the two files are.

        Raises:
            PromptError: a file is missing, its front matter is wrong, its template has a mistake
                or asks for a placeholder that isn't on the closed list.
        """
        return cls(
            system=load_prompt(folder / "system.md"), envelope=load_prompt(folder / "envelope.md")
        )


def load_prompt(path: Path) -> Prompt:
    """Read and check one prompt file; arguments and errors as in `PromptBook.load`."""
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"{path}: can't be read: {error}") from error
    prompt, problems = parse_prompt(source, name=path.stem, file=str(path))
    if prompt is None:
        raise PromptError(listed(problems))
    return prompt


def parse_prompt(source: str, *, name: str, file: str) -> tuple[Prompt | None, list[Problem]]:
    """Check the text of a prompt.

    Args:
        source: front matter and template.
        name: "system" or "envelope".
        file: where it came from, for the problems.

    Returns:
        The prompt where there is no problem; all problems.
    """
    front_matter, body, first_line, problems = _split(file, source, name)
    if len(source) > MAX_CHARACTERS:
        said = f"{len(source)} characters; shorten it to {MAX_CHARACTERS} at most"
        problems.append(Problem(file, None, said))
        return None, problems
    if unfit := _UNFIT.search(source):
        line = source.count("\n", 0, unfit.start()) + 1
        return None, [*problems, Problem(file, line, f"holds {unfit[0]!a}, no text; take it out")]
    # Empty lines in place of the front matter, so that errors carry the file's line numbers.
    padded = "\n" * (first_line - 1) + body
    template = None
    try:
        tree = read(padded)
        found = list(dict.fromkeys(_check(file, name, tree)))
        template = None if found else compiled(padded)
    except TemplateProblemError as error:
        return None, [*problems, Problem(file, error.line, str(error))]
    problems += found
    if template is not None:
        problems += _try_out(file, name, template)
    if problems or template is None or front_matter is None:
        return None, problems
    return Prompt(front_matter, version_of(name, source), template, source), problems


def version_of(name: str, source: str) -> str:
    """Return the version of a prompt: its name and the hash of its text."""
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name}@{digest[:_VERSION_DIGITS]}"


def _split(file: str, source: str, name: str) -> tuple[FrontMatter | None, str, int, list[Problem]]:
    """Return front matter, the text under it, the line that the text begins on, and problems."""
    lines = source.removeprefix("\ufeff").split("\n")
    if lines[0].strip() != _FENCE:
        said = "must begin with front matter between --- lines: name, version, languages"
        return None, source, 1, [Problem(file, 1, said)]
    end = next((i for i, line in enumerate(lines[1:], start=1) if line.strip() == _FENCE), None)
    if end is None:
        said = "the front matter has no closing ---; add a line with --- after it"
        return None, "", 1, [Problem(file, 1, said)]
    body, first_line = "\n".join(lines[end + 1 :]), end + 2
    try:
        front_matter = FrontMatter.model_validate(read_yaml("\n".join(lines[1:end]))[0])
    except yaml.YAMLError as error:
        line = (line_of(error) or 1) + 1
        said = f"front matter isn't valid YAML: {reason(error)}"
        return None, body, first_line, [Problem(file, line, said)]
    except ValidationError as error:
        problems = [
            Problem(
                file,
                _line_of_key(lines[:end], str(problem["loc"][0]) if problem["loc"] else ""),
                f"front matter: {'.'.join(map(str, problem['loc'])) or 'all of it'}: "
                f"{problem['msg']}; it needs name, version and languages, nothing else",
            )
            for problem in error.errors()
        ]
        return None, body, first_line, problems
    if front_matter.name != name:
        said = f"front matter: name must be the file's: write name: {name}, not "
        line = _line_of_key(lines[:end], "name")
        return None, body, first_line, [Problem(file, line, said + repr(front_matter.name))]
    return front_matter, body, first_line, []


def _line_of_key(lines: list[str], key: str) -> int:
    """Return the line of a key of the front matter; the first line where it is missing."""
    found = (n for n, line in enumerate(lines, start=1) if line.startswith(f"{key}:"))
    return next(found, 1)


def _check(file: str, name: str, tree: nodes.Template) -> Iterator[Problem]:
    """Find placeholders outside the closed list, and whatever reaches beyond plain values."""
    allowed = PLACEHOLDERS[name]
    every = list(nodes_of(tree))
    called = {node.node for node in every if isinstance(node, nodes.Call)}
    for problem in forbidden(tree):
        yield Problem(file, problem.line, str(problem))
    for applied in every:
        if isinstance(applied, nodes.Filter) and applied.name not in FILTERS:
            yield Problem(file, applied.lineno, _about_filter(name, applied.name))
    used = [node for node in every if isinstance(node, nodes.Name) and node.ctx == "load"]
    for node in used:
        if node.name not in allowed and node not in called:
            yield Problem(file, node.lineno, _about_placeholder(name, node.name))
    for missing in sorted(REQUIRED[name] - {node.name for node in used}):
        yield Problem(file, None, f"must use {{{{ {missing} }}}}; put it where the model needs it")


def _about_filter(name: str, applied: str) -> str:
    if name == "system" and applied == "random":
        return (
            "| random is dynamic: the system prompt must be the same for every message, or it is"
            " never cached; remove it"
        )
    return f"No filter named '{applied}' can be used here; there are: {', '.join(sorted(FILTERS))}"


def _about_placeholder(name: str, used: str) -> str:
    allowed = PLACEHOLDERS[name]
    used = used if len(used) <= _SHOWN else f"{used[:_SHOWN]}…"
    if name == "system" and used in PLACEHOLDERS["envelope"]:
        return (
            f"unknown placeholder {{{{ {used} }}}}: it is dynamic, it changes with every message, "
            "and the system prompt must stay the same to be cached; move it to envelope.md"
        )
    near = difflib.get_close_matches(used, allowed, n=3, cutoff=0.5)
    hint = f"nearest: {', '.join(near)}; " if near else ""
    return f"unknown placeholder {{{{ {used} }}}}; {hint}valid: {', '.join(allowed)}"


def _try_out(file: str, name: str, template: Template) -> Iterator[Problem]:
    """Render once with every value told and once with none, so that mistakes show at load."""
    for sample in ("1", ""):
        try:
            fill(template, dict.fromkeys(PLACEHOLDERS[name], sample))
        except TemplateProblemError as error:
            yield Problem(file, None, f"can't be rendered: {error}")
            return
