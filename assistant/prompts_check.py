"""The check of a prompts folder: all mistakes at once, and what the prompts weigh."""

from __future__ import annotations

import json
from pathlib import Path

from assistant.business_files import read_business_file
from assistant.prompts.loader import PromptBook, PromptError
from assistant.prompts.problems import Problem
from assistant.prompts.render import system_prompt
from assistant.prompts.sample import sample_business
from assistant.prompts.tokens import CACHED_FROM, estimate
from assistant.script import SYSTEM, Script, check_script, read_folder
from assistant.settings import EXAMPLE_BUSINESS
from assistant.turn.request import tool_specs
from tools.support.registry import discover


def check_folder(folder: Path) -> tuple[list[Problem], list[str]]:
    """Check all files of a prompts folder.

    Args:
        folder: as docs/prompts.md describes it; one that isn't there has nothing but problems.

    Returns:
        All problems; lines about languages and sizes where the folder can be used.
    """
    script, problems = check_script(read_folder(folder), folder)
    if script is None:
        return problems, []
    file = str(folder / SYSTEM)
    try:
        return [*problems, *_unstable(script, file)], _sizes(script)
    except PromptError as error:
        return [*problems, Problem(file, None, str(error))], []


def _unstable(script: Script, file: str) -> list[Problem]:
    """Look at the cached part as it is sent: it must come out the same every time."""
    business = sample_business(read_business_file(EXAMPLE_BUSINESS))
    if len({system_prompt(business, script.prompts).text for _ in range(3)}) == 1:
        return []
    said = "comes out differently each time, so it is never cached; remove what changes"
    return [Problem(file, None, said)]


def _sizes(script: Script) -> list[str]:
    book = script.prompts
    filled, tools = _cached_parts(book)
    lines = [
        f"{prompt.version}: {len(prompt.source)} characters, about {estimate(prompt.source)} tokens"
        for prompt in (book.system, book.envelope)
    ]
    cached = filled + tools
    enough = (
        f"enough to be cached ({CACHED_FROM} are needed)"
        if cached >= CACHED_FROM
        else f"too short to be cached: {CACHED_FROM} are needed"
    )
    lines += [
        f"The cached part for {EXAMPLE_BUSINESS.name}: about {cached} tokens "
        f"(system prompt {filled}, tools {tools}), {enough}.",
        f"Languages: {', '.join(script.texts.languages)}.",
        "Tokens are estimated, 4 ASCII characters or 2 others each: no tokenizer is installed.",
    ]
    return lines


def cached_tokens(book: PromptBook) -> int:
    """Return about how many tokens every request begins with: the system prompt and the tools."""
    return sum(_cached_parts(book))


def _cached_parts(book: PromptBook) -> tuple[int, int]:
    business = sample_business(read_business_file(EXAMPLE_BUSINESS))
    tools = json.dumps(
        [
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
            for tool in tool_specs(discover())
        ],
        separators=(",", ":"),
    )
    return estimate(system_prompt(business, book).text), estimate(tools)
