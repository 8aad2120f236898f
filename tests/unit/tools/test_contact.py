"""Contact data as people write it."""

from __future__ import annotations

import pytest

from booking.business import Business
from tests.unit.booking.builders import business as build_business
from tools.support.contact import read_contact
from tools.support.outcomes import ArgumentProblem


@pytest.fixture
def berlin() -> Business:
    return build_business(zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("030 901820", "+4930901820"),
        ("+1 (212) 555-0123", "+12125550123"),
        ("0044 20 7946 0958", "+442079460958"),
    ],
)
def test_a_phone_without_a_country_is_one_of_the_business(
    berlin: Business, said: str, kept: str
) -> None:
    assert read_contact({"phone": said}, berlin) == {"phone": kept}


@pytest.mark.parametrize("said", ["12", "call me", "+49 30 901820 901820 901820 9"])
def test_what_can_be_no_phone_is_refused(berlin: Business, said: str) -> None:
    answer = read_contact({"phone": said}, berlin)
    assert isinstance(answer, ArgumentProblem)
    assert answer.error.startswith("phone: ")


def test_everything_else_is_kept_in_its_normal_form(berlin: Business) -> None:
    said = {"name": "  Zoë \n Müller ", "email": "Zoe@Example.ORG", "time_zone": "Asia/Tokyo"}
    assert read_contact(said, berlin) == {
        "preferred_name": "Zoë Müller",
        "email": "Zoe@example.org",
        "zone": "Asia/Tokyo",
    }


def test_an_empty_text_removes_and_nothing_is_no_change(berlin: Business) -> None:
    assert read_contact({"phone": " "}, berlin) == {"phone": None}
    assert isinstance(read_contact({}, berlin), ArgumentProblem)


def test_every_problem_is_named_and_nothing_is_half_saved(berlin: Business) -> None:
    said = {"name": "123", "phone": "030 901820", "email": "zoe@", "time_zone": "Europe/Berlinn"}
    answer = read_contact(said, berlin)
    assert isinstance(answer, ArgumentProblem)
    assert "name: " in answer.error
    assert "email: " in answer.error
    assert "did you mean Europe/Berlin" in answer.error
    assert "phone" not in answer.error
