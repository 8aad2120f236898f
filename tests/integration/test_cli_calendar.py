"""`assistant slots` and `assistant appointments`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.cli_support import Shell


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> Shell:
    """A command line on an empty database, where the example shop is loaded at first use."""
    return Shell(monkeypatch, database_url, tmp_path)


def test_free_times_by_day(shell: Shell) -> None:
    text = shell.says("slots", "haircut", "--from", "next Tuesday", "--staff", "anna")
    days = text.split("\n\n")
    assert len(days) == 1
    lines = days[0].splitlines()
    assert lines[0] == "Tue 2026-11-24"
    assert lines[1].split() == ["TIME", "STAFF"]
    assert lines[2].split() == ["10:00", "anna"]


def test_free_times_for_machines(shell: Shell) -> None:
    found = shell.json("slots", "Стрижка", "--from", "2026-11-24", "--days", "2", "--json")
    assert {k: v for k, v in found.items() if k != "slots"} == {
        "service": "haircut",
        "zone": "Europe/Berlin",
        "from": "2026-11-24",
        "to": "2026-11-25",
    }
    assert found["slots"][0] == {
        "starts_at": "2026-11-24T09:00:00Z",
        "ends_at": "2026-11-24T09:45:00Z",
        "local": "Tue 2026-11-24 10:00",
        "staff": ["anna"],
    }
    assert {slot["local"][:14] for slot in found["slots"]} == {"Tue 2026-11-24", "Wed 2026-11-25"}


def test_a_part_of_a_day_and_the_default_week(shell: Shell) -> None:
    evening = shell.json("slots", "haircut", "--from", "Friday evening", "--json")
    assert {slot["local"] for slot in evening["slots"]} >= {"Fri 2026-11-27 19:00"}
    assert all(slot["local"] >= "Fri 2026-11-27 16:00" for slot in evening["slots"])
    week = shell.json("slots", "haircut", "--json")
    assert (week["from"], week["to"]) == ("2026-11-21", "2026-11-27")


def test_a_customers_limits_count_and_a_taken_time_is_gone(shell: Shell) -> None:
    for when in ("Tue 2026-11-24 10:00", "Wed 2026-11-25 10:00", "Thu 2026-11-26 10:00"):
        shell.book(when=when)
    assert shell.says("slots", "haircut", "--as", "7") == "No free times.\n"
    others = shell.json("slots", "haircut", "--from", "2026-11-24", "--days", "1", "--json")
    assert "Tue 2026-11-24 10:00" not in {slot["local"] for slot in others["slots"]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("slots", "massage"), "There is no service 'massage'; there are: haircut, beard-trim"),
        (("slots", "haircut", "--staff", "olga"), "There is no staff 'olga'; there are: anna"),
        (("slots", "haircut", "--from", "soonish"), "no date or time found"),
        (("slots", "haircut", "--from", "Tuesday 2026-12-02"), "it is Wed 2026-12-02"),
        (("appointments", "--status", "lost"), "there are: held, pending, confirmed"),
        (("appointments", "--from", "24.11.2026"), "a date is written YYYY-MM-DD"),
        (
            ("appointments", "--from", "2026-12-02", "--to", "2026-12-01"),
            "--to 2026-12-01 lies before --from 2026-12-02.",
        ),
        (("business", "check", "none.yaml", "--now", "2026-11-21T10:00"), "with offset"),
    ],
)
def test_wrong_words_are_told_with_the_right_ones(
    shell: Shell, arguments: tuple[str, ...], said: str
) -> None:
    done = shell.run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_appointments_as_a_table(shell: Shell) -> None:
    assert shell.says("appointments") == "No appointments.\n"
    shell.book()
    header, row = shell.says("appointments").splitlines()
    assert header.split() == ["NUMBER", "WHEN", "STATUS", "SERVICE", "STAFF", "CUSTOMER"]
    assert row.split("  ")[0] == "1"
    for part in ("Tue 2026-11-24 10:00", "confirmed", "Haircut", "Anna", "customer 1"):
        assert part in row


def test_which_appointments_are_shown(shell: Shell) -> None:
    shell.book()
    second = shell.book(when="Wed 2026-11-25 10:00")
    shell.call("cancel_appointment", {"appointment": second, "reason": None})
    shell.json("tools", "confirm", "--as", "7")

    def numbers(*options: str) -> list[int]:
        return [row["number"] for row in shell.json("appointments", "--json", *options)]

    assert numbers() == [1]
    assert numbers("--all") == [1, 2]
    assert numbers("--status", "cancelled") == [2]
    assert numbers("--from", "2026-11-25", "--to", "2026-11-25") == [2]
    assert numbers("--to", "2026-11-24") == [1]
    assert numbers("--as", "7", "--all") == [1, 2]
    assert numbers("--as", "8", "--all") == []
    assert numbers("--now", "2026-11-24T10:44:00+01:00") == [1]
    assert numbers("--now", "2026-11-24T10:45:00+01:00") == []
    [row] = shell.json("appointments", "--json")
    assert (row["starts_at"], row["local"]) == ("2026-11-24T09:00:00Z", "Tue 2026-11-24 10:00")
