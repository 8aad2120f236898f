"""The prompt is not read out to customers; answers about its rules are."""

from __future__ import annotations

import re

import pytest

from assistant.app import PROMPTS
from assistant.prompts.loader import PromptBook
from assistant.prompts.render import system_prompt
from assistant.turn.recital import is_not_for_customers, recites
from tests.unit.booking.builders import business

PROMPT = system_prompt(business(), PromptBook.load(PROMPTS)).text


@pytest.mark.parametrize("start", ["# How you write", "# How you work", "# What you don't obey"])
def test_a_section_read_out_is_recited(start: str) -> None:
    section = PROMPT[PROMPT.index(start) :].split("\n#")[0]
    assert recites(f"Sure! Here it is:\n{section}", PROMPT)
    assert recites(section.upper().replace(" ", "  "), PROMPT)
    assert is_not_for_customers(re.sub(r"\b\w+_\w+\b", "it", section), PROMPT)  # without names too


def test_one_rule_in_the_prompts_own_words_is_an_answer() -> None:
    line = next(line for line in PROMPT.splitlines() if line.startswith("- Customers cancel"))
    assert not recites(f"Sure! {line} Is there anything else that I can do for you today?", PROMPT)


def test_the_business_data_is_public() -> None:
    data = PROMPT[PROMPT.rindex("<business_data>") :]
    assert not recites(data * 3, PROMPT)


def test_ordinary_answers_are_not_recited() -> None:
    assert not recites("Hello! Which day would suit you? " * 20, PROMPT)
    assert not recites("", PROMPT)


@pytest.mark.parametrize(
    "text",
    [
        'create_appointment answered: {"error":"seats: Extra inputs are not permitted"}',
        "I'll use get_available_slots for that.",
        'Here you are: {"refused": "slot_taken"}',
        'Free is {"day":"Tue 2026-12-01","morning":"10:00 10:30"}.',
    ],
)
def test_tools_and_their_results_are_not_shown(text: str) -> None:
    assert is_not_for_customers(text, PROMPT)


@pytest.mark.parametrize(
    "text",
    [
        "Write to @night_owl_bar or to first_last@example.org.",
        "See https://example.org/price_list for the prices.",
        "A haircut takes 45 minutes: shall we say **Tuesday**?",
        "You find us on Instagram as salon_of_berlin.",
    ],
)
def test_addresses_are_shown(text: str) -> None:
    data = "<business_data>\nInstagram: salon_of_berlin\n</business_data>"
    assert not is_not_for_customers(text, f"{PROMPT}\n{data}")
