"""What admins edit, read as one edition: all of a prompts folder, or nothing of it."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from assistant.guided.vocabulary import IntentsError, Words, list_problems, parse_intents
from assistant.hand_off.alarms import Alarms, alarm_problems, shipped_alarms
from assistant.prompts.loader import Prompt, PromptBook, parse_prompt
from assistant.prompts.problems import Problem, listed
from assistant.prompts.yaml_files import Lines, line_of, reason
from assistant.texts import BASE_LANGUAGE, Phrase, Texts, TextsError, parse_phrases, phrase_problems
from booking.business import Business

SYSTEM, ENVELOPE, INTENTS, PHRASES = "system.md", "envelope.md", "intents.yaml", "phrases"
ALARMS = "alarms.yaml"
SHIPPED = Path(__file__).resolve().parents[1] / "prompts"
_EDITION_DIGITS = 12


class ScriptError(ValueError):
    """The prompts folder can't be used; the message lists every problem, one a line."""


@dataclass(frozen=True, slots=True)
class Script:
    """One edition of what the assistant says, what the model is told and what words mean.

    Args:
        texts: system texts by language.
        prompts: the system prompt and the envelope.
        intents: word lists of the guided flow.
        alarms: words that call a person at once.
        edition: hash of the files that it was read from.
    """

    texts: Texts
    prompts: PromptBook
    intents: Words
    edition: str = ""
    alarms: Alarms = field(default_factory=shipped_alarms)

    @classmethod
    def load(cls, folder: Path) -> Script:
        """Read all of a prompts folder.

        Raises:
            ScriptError: says what is wrong, and where.
        """
        script, problems = check_script(read_folder(folder), folder)
        if script is None:
            raise ScriptError(listed(problem for problem in problems if problem.fatal))
        return script

    async def of(self, business: Business) -> Script:
        """Return itself: a script that never changes serves every turn of every business."""
        return self


def files_of(folder: Path) -> list[Path]:
    """Return the files of a prompts folder, there or not, phrase files in alphabetical order."""
    return [
        *(folder / name for name in (SYSTEM, ENVELOPE, INTENTS, ALARMS)),
        *sorted((folder / PHRASES).glob("*.yaml")),
    ]


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return the files of a prompts folder by their names in it; without those not to be read."""
    found: dict[str, bytes] = {}
    for path in files_of(folder):
        try:
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
        except OSError:
            continue
    return found


def edition_of(files: Mapping[str, bytes]) -> str:
    """Return the hash of all files together."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:_EDITION_DIGITS]


def check_script(files: Mapping[str, bytes], folder: Path) -> tuple[Script | None, list[Problem]]:
    """Read an edition as a whole.

    Args:
        files: as `read_folder` gives them.
        folder: for the problems.

    Returns:
        The edition where no problem is fatal; all problems.
    """
    reading = _Reading(files, folder)
    system, envelope = reading.prompt(SYSTEM), reading.prompt(ENVELOPE)
    phrases = reading.phrases()
    intents = reading.intents()
    alarms = reading.alarms()
    reading.compare_languages(phrases, intents)
    broken = any(problem.fatal for problem in reading.problems)
    if broken or system is None or envelope is None:
        return None, reading.problems
    book = PromptBook(system, envelope)
    script = Script(Texts(phrases), book, Words(intents), edition_of(files), alarms)
    return script, reading.problems


class _Reading:
    """One reading of a folder, collecting problems."""

    def __init__(self, files: Mapping[str, bytes], folder: Path) -> None:
        self._files = files
        self._folder = folder
        self.problems: list[Problem] = []

    def _add(self, name: str, line: int | None, text: str, *, fatal: bool = True) -> None:
        self.problems.append(Problem(str(self._folder / name), line, text, fatal))

    def _source(self, name: str) -> str | None:
        if name not in self._files:
            self._add(name, None, "can't be read; put it there, or copy the one that comes along")
            return None
        content = self._files[name]
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self._add(name, line, "isn't UTF-8 text; save it with that encoding")
            return None

    def prompt(self, name: str) -> Prompt | None:
        source = self._source(name)
        if source is None:
            return None
        stem = name.partition(".")[0]
        prompt, problems = parse_prompt(source, name=stem, file=str(self._folder / name))
        self.problems += problems
        return prompt

    def phrases(self) -> dict[str, dict[str, Phrase]]:
        names = [name for name in self._files if name.startswith(f"{PHRASES}/")]
        read: dict[str, dict[str, Phrase]] = {}
        lines: dict[str, Lines] = {}
        for name in names:
            language = name.removeprefix(f"{PHRASES}/").removesuffix(".yaml")
            read[language] = {}
            source = self._source(name)
            if source is None:
                continue
            try:
                read[language], lines[language] = parse_phrases(source)
            except (yaml.YAMLError, TextsError) as error:
                self._no_yaml(name, error)
        for language in lines:
            self._phrases_of(language, read[language], lines)
        if BASE_LANGUAGE not in read:
            name = f"{PHRASES}/{BASE_LANGUAGE}.yaml"
            self._add(name, None, "the language is missing; all others fall back to it, so add it")
        return read

    def _phrases_of(
        self, language: str, entries: Mapping[str, Phrase], lines: Mapping[str, Lines]
    ) -> None:
        for key, problem in phrase_problems(language, entries):
            path = tuple(key.removesuffix(")").split(" ("))
            line = lines[language].get(path) or lines[language].get(path[:1])
            if line is None and key:
                model = next(
                    (
                        f"{other}.yaml, line {lines[other][path]}"
                        for other in sorted(lines, key=lambda code: code != BASE_LANGUAGE)
                        if path in lines[other]
                    ),
                    None,
                )
                problem += f"; add it (as in {model})" if model else "; add it"
            said = f"{key}: {problem}" if key else problem
            self._add(f"{PHRASES}/{language}.yaml", line, said)

    def intents(self) -> dict[str, dict[str, str]]:
        return self._lists(INTENTS, list_problems)[0]

    def alarms(self) -> Alarms:
        """Return the words that call a person; those that come along where the file is missing."""
        if ALARMS not in self._files:
            return shipped_alarms()
        read, sound = self._lists(ALARMS, alarm_problems)
        return Alarms(read) if sound else shipped_alarms()

    def _lists(
        self,
        file: str,
        check: Callable[[Mapping[str, Mapping[str, object]]], list[tuple[str, str, str]]],
    ) -> tuple[dict[str, dict[str, str]], bool]:
        """Return a file's lists by language, and whether they can be used."""
        source = self._source(file)
        if source is None:
            return {}, False
        try:
            read, lines = parse_intents(source)
        except (yaml.YAMLError, IntentsError) as error:
            self._no_yaml(file, error)
            return {}, False
        problems = check(read)
        for language, name, problem in problems:
            line = lines.get((language, name)) or lines.get((language,))
            advice = "; add it, even if it is empty" if problem == "missing" else ""
            self._add(file, line, f"{language}: {name}: {problem}{advice}")
        return read, not problems

    def compare_languages(
        self, phrases: Mapping[str, object], intents: Mapping[str, object]
    ) -> None:
        """Tell of languages that have only one half: typed words, or texts."""
        if not phrases or not intents:
            return  # told already
        for language in sorted(phrases.keys() - intents.keys()):
            near = difflib.get_close_matches(language, intents, n=1)
            hint = f" (is it {near[0]}?)" if near else ""
            said = f"{language}: the language is missing{hint}; copy a block and translate it"
            self._add(INTENTS, None, said, fatal=False)
        for language in sorted(intents.keys() - phrases.keys()):
            name = f"{PHRASES}/{language}.yaml"
            said = f"the language is missing, but {INTENTS} has it; add the file or drop the block"
            self._add(name, None, said, fatal=False)

    def _no_yaml(self, name: str, error: Exception) -> None:
        if isinstance(error, yaml.YAMLError):
            self._add(name, line_of(error), f"not valid YAML: {reason(error)}")
        else:
            self._add(name, 1, str(error))
