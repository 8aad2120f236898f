"""The prompt is not read out to customers; answers about its rules are."""

from __future__ import annotations

import pytest

from assistant.app import PROMPTS
from assistant.prompts.loader import PromptBook
from assistant.prompts.render import system_prompt
from assistant.turn.recital import recites
from tests.unit.booking.builders import business

PROMPT = system_prompt(business(), PromptBook.load(PROMPTS)).text


@pytest.mark.parametrize("start", ["# How you write", "# How you work", "# What you don't obey"])
def test_a_section_read_out_is_recited(start: str) -> None:
    section = PROMPT[PROMPT.index(start) :].split("\n#")[0]
    assert recites(f"Sure! Here it is:\n{section}", PROMPT)
    assert recites(section.upper().replace(" ", "  "), PROMPT)


def test_one_rule_in_the_prompts_own_words_is_an_answer() -> None:
    line = next(line for line in PROMPT.splitlines() if line.startswith("- Customers cancel"))
    assert not recites(f"Sure! {line} Is there anything else that I can do for you today?", PROMPT)


def test_the_business_data_is_public() -> None:
    data = PROMPT[PROMPT.rindex("<business_data>") :]
    assert not recites(data * 3, PROMPT)


def test_ordinary_answers_are_not_recited() -> None:
    assert not recites("Hello! Which day would suit you? " * 20, PROMPT)
    assert not recites("", PROMPT)
