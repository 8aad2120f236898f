"""Prompt files: front matter, a Jinja template, and a version made from their content."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.prompts.placeholders import PLACEHOLDERS, REQUIRED

_FENCE = "---"
_VERSION_DIGITS = 12


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
    version: str = Field(coerce_numbers_to_str=True)
    languages: tuple[str, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A filled prompt.

    Args:
        text: ends with a line break.
        version: "<name>@<hash of the file>"; stamped on turns and part of the cache key.
    """

    text: str
    version: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One checked prompt file."""

    front_matter: FrontMatter
    version: str
    template: Template

    def render(self, values: Mapping[str, str]) -> RenderedPrompt:
        """Fill the placeholders.

        Args:
            values: a text for every placeholder of this prompt's closed list.

        Raises:
            TypeError: a placeholder has no value, or a value no placeholder.
        """
        expected = PLACEHOLDERS[self.front_matter.name].keys()
        if values.keys() != expected:
            raise TypeError(f"takes {sorted(expected)}, not {sorted(values)}")
        return RenderedPrompt(self.template.render(values).strip() + "\n", self.version)


@dataclass(frozen=True, slots=True)
class PromptBook:
    """All prompts of a folder. Make one with `PromptBook.load`."""

    system: Prompt
    envelope: Prompt

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
    front_matter, body, first_line = _split(path, source)
    # Empty lines in place of the front matter, so that errors carry the file's line numbers.
    padded = "\n" * (first_line - 1) + body
    environment = _environment()
    try:
        tree = environment.parse(padded)
        _check(path, front_matter.name, tree)
        template = environment.from_string(padded)
    except TemplateSyntaxError as error:
        raise PromptError(f"{path}, line {error.lineno}: {error.message}") from error
    _try_out(path, front_matter.name, template)
    digest = hashlib.sha256(source.encode()).hexdigest()[:_VERSION_DIGITS]
    return Prompt(front_matter, f"{front_matter.name}@{digest}", template)


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        # The result is plain text for the model; render.py escapes data where it enters.
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # `range`, `lipsum` and the like aren't placeholders; without them the list is closed.
    environment.globals.clear()
    return environment


def _split(path: Path, source: str) -> tuple[FrontMatter, str, int]:
    """Return front matter, the text under it, and the line that the text begins on."""
    lines = source.removeprefix("\ufeff").split("\n")
    if not lines or lines[0].strip() != _FENCE:
        raise PromptError(f"{path}, line 1: must begin with front matter between --- lines")
    end = next((i for i, line in enumerate(lines[1:], start=1) if line.strip() == _FENCE), None)
    if end is None:
        raise PromptError(f"{path}, line 1: the front matter has no closing ---")
    try:
        front_matter = FrontMatter.model_validate(yaml.safe_load("\n".join(lines[1:end])))
    except yaml.YAMLError as error:
        raise PromptError(f"{path}: front matter isn't valid YAML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'all of it'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise PromptError(f"{path}: front matter: {problems}") from error
    if front_matter.name not in PLACEHOLDERS or front_matter.name != path.stem:
        raise PromptError(
            f"{path}: front matter: name must be the file's, one of {', '.join(PLACEHOLDERS)}; "
            f"it is {front_matter.name!r}"
        )
    return front_matter, "\n".join(lines[end + 1 :]), end + 2


def _check(path: Path, name: str, tree: nodes.Template) -> None:
    """Refuse placeholders outside the closed list, and whatever reaches beyond plain values."""
    allowed = PLACEHOLDERS[name]
    forbidden = (
        nodes.Getattr,
        nodes.Getitem,
        nodes.Call,
        nodes.Include,
        nodes.Import,
        nodes.FromImport,
        nodes.Extends,
        nodes.For,
        nodes.Macro,
    )
    for node in tree.find_all(forbidden):
        raise PromptError(
            f"{path}, line {node.lineno}: only {{{{ placeholder }}}}, filters and {{% if %}} are "
            f"possible here, not {type(node).__name__.lower()}"
        )
    # A template may name a value of its own with {% set %}.
    own = {n.name for n in tree.find_all(nodes.Name) if n.ctx == "store"}
    used = [n for n in tree.find_all(nodes.Name) if n.ctx == "load" and n.name not in own]
    for node in used:
        if node.name not in allowed:
            near = difflib.get_close_matches(node.name, allowed, n=3, cutoff=0.5)
            hint = f"nearest: {', '.join(near)}; " if near else ""
            raise PromptError(
                f"{path}, line {node.lineno}: unknown placeholder {{{{ {node.name} }}}}; "
                f"{hint}valid: {', '.join(allowed)}"
            )
    if missing := sorted(REQUIRED[name] - {node.name for node in used}):
        raise PromptError(f"{path}: must use {', '.join(f'{{{{ {m} }}}}' for m in missing)}")


def _try_out(path: Path, name: str, template: Template) -> None:
    """Render once with every value told and once with none, so that mistakes show at load."""
    for sample in ("1", ""):
        try:
            template.render(dict.fromkeys(PLACEHOLDERS[name], sample))
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            raise PromptError(f"{path}: can't be rendered: {error}") from error
