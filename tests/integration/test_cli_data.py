"""Import and export: all lines or none, a repeat changes nothing, what goes out comes back in."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from icalendar import Calendar

from tests.conftest import ROOT, Server
from tests.e2e.harness import query
from tests.integration.cli_support import Shell

CUSTOMERS = """\
key,telegram_id,first_name,last_name,phone,email,language
c-1,7,Ada,Lovelace,+49 30 777,ada@example.org,en
c-2,,Grace,"Hopper, Amazing",'+1 555 0100,,
"""
APPOINTMENTS = """\
key,customer_key,customer_telegram_id,service,start,end,staff,status,price,currency,notes
a-1,c-1,,haircut,2026-11-24 10:00,,anna,,,,window seat
a-2,c-2,,Haircut,2026-11-24T11:15+01:00,,Anna,confirmed,12.50,EUR,
a-3,,7,beard-trim,2026-10-01 09:00,2026-10-01 09:40,boris,,,,
a-4,c-2,,haircut,2026-10-01 10:00,,anna,no_show,,,
a-5,c-2,,haircut,2026-12-24 10:00,,anna,cancelled,,,
"""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> Shell:
    """A command line on an empty database, where the example shop is loaded at first use."""
    return Shell(monkeypatch, database_url, tmp_path)


@pytest.fixture
def imported(shell: Shell) -> Shell:
    """The same with two customers and their appointments."""
    customers = shell.write("customers.csv", CUSTOMERS)
    assert shell.says("import", "customers", customers).startswith("2 new, 0 changed")
    appointments = shell.write("appointments.csv", APPOINTMENTS)
    assert shell.says("import", "appointments", appointments).startswith("5 new, 0 changed")
    return shell


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def state(url: str) -> list[tuple[object, ...]]:
    rows = query(
        url,
        "SELECT external_id, customer_id, status, starts_at, duration_minutes, price_minor, notes,"
        " version FROM appointments ORDER BY id",
    )
    return [tuple(row.values()) for row in rows]


def test_what_is_to_come_is_booked_and_what_is_over_is_history(
    imported: Shell, database_url: str
) -> None:
    rows = query(
        database_url,
        "SELECT a.external_id, a.status, a.duration_minutes, a.price_minor, a.cancelled_by,"
        " count(o.id) AS occupied FROM appointments a LEFT JOIN occupancies o"
        " ON o.appointment_id = a.id GROUP BY a.business_id, a.id ORDER BY a.id",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("a-1", "confirmed", 45, 3500, None, 1),
        ("a-2", "confirmed", 45, 1250, None, 1),  # off the grid: the owner may
        ("a-3", "completed", 40, 2000, None, 0),
        ("a-4", "no_show", 45, 3500, None, 0),
        ("a-5", "cancelled", 45, 3500, "owner", 0),
    ]
    actors = query(database_url, "SELECT DISTINCT actor FROM appointment_events")
    assert [row["actor"] for row in actors] == ["owner"]
    assert query(database_url, "SELECT 1 FROM outbox") == []


def test_a_repeat_changes_nothing(imported: Shell, database_url: str) -> None:
    before = state(database_url)
    assert imported.says("import", "customers", "customers.csv") == (
        "0 new, 0 changed, 2 as they were\n"
    )
    assert imported.says("import", "appointments", "appointments.csv") == (
        "0 new, 0 changed, 5 as they were\n"
    )
    assert state(database_url) == before


def test_customers_are_changed_where_a_line_says_more(imported: Shell, database_url: str) -> None:
    file = imported.write("more.csv", "key,telegram_id,phone,first_name\nc-2,8,,Gracie\n")
    assert imported.says("import", "customers", file) == "0 new, 1 changed, 0 as they were\n"
    [row] = query(
        database_url,
        "SELECT telegram_id, first_name, last_name, phone FROM customers WHERE external_id = 'c-2'",
    )
    assert tuple(row.values()) == (8, "Gracie", "Hopper, Amazing", "+1 555 0100")


def test_a_dry_run_checks_and_changes_nothing(shell: Shell, database_url: str) -> None:
    file = shell.write("customers.csv", CUSTOMERS)
    said = shell.says("import", "customers", file, "--dry-run")
    assert said == "2 new, 0 changed, 0 as they were (only checked)\n"
    assert query(database_url, "SELECT 1 FROM customers") == []


WRONG = """\
key,customer_key,customer_telegram_id,service,start,staff,status,price,currency
b-1,c-1,,haircut,2026-11-25 10:00,anna,,,
b-2,c-1,,haircut,2026-11-24 10:30,anna,,,
b-3,c-1,,massage,2026-11-25 12:00,,,,
b-4,nobody,,haircut,2026-11-25 12:00,,,,
b-5,c-1,,haircut,tomorrow,,,,
b-6,c-1,,haircut,2027-03-28 02:30,,,,
b-7,c-1,,haircut,2027-10-31 02:30,,,,
b-8,c-1,,haircut,2026-11-25 13:00,olga,,,
b-9,c-1,,haircut,2026-11-25 13:00,,completed,,
b-10,c-1,,haircut,2026-10-01 13:00,,pending,,
b-11,c-1,,haircut,2026-10-01 13:00,,,12.345,EUR
b-12,,x,haircut,2026-10-01 13:00,,,,
b-13,,,haircut,2026-10-01 13:00,,,,
b-1,c-1,,haircut,2026-10-01 13:00,,,,
b-14,c-1,,haircut,2026-11-21 09:45,,confirmed,,
a-1,c-1,,haircut,2026-11-26 10:00,,,,
"""


def test_every_mistake_is_named_and_nothing_is_imported(imported: Shell, database_url: str) -> None:
    before = state(database_url)
    file = imported.write("wrong.csv", WRONG)
    lines = imported.says("import", "appointments", file, code=2).splitlines()
    expected = [
        ("line 3, start", "can't be booked (slot_taken); free: Tue 2026-11-24"),
        ("line 4, service", "there is no service 'massage'; there are: haircut"),
        ("line 5, customer_key", "there is no such customer"),
        ("line 6, start", "'tomorrow' is no time"),
        ("line 7, start", "2027-03-28T01:30:00+01:00 or 2027-03-28T03:30:00+02:00"),
        ("line 8, start", "2027-10-31T02:30:00+02:00 or 2027-10-31T02:30:00+01:00"),
        ("line 9, staff", "nobody 'olga' gives haircut; there are: anna, boris"),
        ("line 10, status", "'completed' can't be imported for what is to come"),
        ("line 11, status", "'pending' can't be imported for what is over"),
        ("line 12, price", "'12.345' is no price in EUR"),
        ("line 13, customer_telegram_id", "'x' is no Telegram id"),
        ("line 14, customer_key", "give a customer_key or a customer_telegram_id"),
        ("line 15, key", "'b-1' is in line 2 too"),
        ("line 16, start", "is going on right now"),
        ("line 17, key", "is appointment 1 here, with another customer, service or start"),
    ]
    for line, (where, what) in zip(lines, expected, strict=True):
        assert line.startswith(f"wrong.csv, {where}: ")
        assert what in line
    assert state(database_url) == before


def test_mistakes_of_customers_are_named(imported: Shell) -> None:
    file = imported.write(
        "wrong.csv",
        "key,telegram_id,email,zone,phone\n,,a@b.c,,\nx,1,nonsense,,\ny,2,,Europe/Berln,\n"
        "z,3,,,call me\nc-2,7,,,\nc-9,7,,,\n",
    )
    lines = imported.says("import", "customers", file, code=2).splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "wrong.csv, line 2, key",
        "wrong.csv, line 3, email",
        "wrong.csv, line 4, zone",
        "wrong.csv, line 5, phone",
        "wrong.csv, line 6, telegram_id",
        "wrong.csv, line 7, telegram_id",
    ]
    assert "did you mean Europe/Berlin" in lines[2]


def test_a_file_that_isnt_there_or_is_none(shell: Shell) -> None:
    done = shell.run("import", "customers", "none.csv")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "none.csv can't be read: No such file" in done.stderr
    done = shell.run("import", "customers", shell.write("odd.csv", "colour\nred\n"))
    assert done.exit_code == 2
    assert "odd.csv, line 1: there is no column colour" in done.stderr


def test_an_export_read_back_changes_nothing(imported: Shell, database_url: str) -> None:
    imported.book(when="Wed 2026-11-25 15:00")  # made here, without a key of elsewhere
    before = state(database_url)
    for what in ("customers", "appointments"):
        imported.says("export", what, "--output", f"{what}-out.csv", "--bom")
        said = imported.says("import", what, f"{what}-out.csv")
        assert said.startswith("0 new, 0 changed")
    assert state(database_url) == before


def test_an_export_is_read_back_whatever_has_begun_waits_or_is_gone(
    imported: Shell, database_url: str
) -> None:
    """What couldn't be imported anew is known by its key and passed over."""
    imported.call(
        "create_appointment",
        {"service": "colouring", "when": "Wed 2026-11-25 15:00", "staff": "anna", "notes": None},
    )
    imported.json("tools", "confirm", "--as", "7")  # a request that waits for the owner
    example = (ROOT / "examples" / "barber.yaml").read_text("utf-8")
    left = example.replace("staff: [anna, boris]", "staff: [boris]")
    imported.says("business", "apply", imported.write("left.yaml", left), "--yes")
    before = state(database_url)
    now = "2026-11-24T10:15:00+01:00"  # a-1 is in the chair
    imported.says("export", "appointments", "--output", "out.csv", "--now", now)
    said = imported.says("import", "appointments", "out.csv", "--now", now)
    assert said.startswith("0 new, 0 changed, 6 as they were")
    assert state(database_url) == before


def test_seats_come_along(shell: Shell, database_url: str) -> None:
    shell.says("business", "apply", str(ROOT / "examples" / "yoga.yaml"))
    shell.says("import", "customers", shell.write("c.csv", CUSTOMERS))
    lines = (
        "key,customer_key,service,start,seats\n"
        "y-1,c-1,slow-evening,2026-11-24 19:30,3\n"
        "y-2,c-2,slow-evening,2026-10-06 19:30,2\n"
    )
    shell.says("import", "appointments", shell.write("a.csv", lines))
    told = rows_of(shell.says("export", "appointments"))
    assert {row["key"]: row["seats"] for row in told} == {"y-1": "3", "y-2": "2"}
    taken = query(database_url, "SELECT sum(units) AS units FROM occupancies WHERE active")
    assert taken == [{"units": 3}]
    wrong = lines.replace(",3\n", ",none\n").replace("y-1", "y-3")
    said = shell.says("import", "appointments", shell.write("w.csv", wrong), code=2)
    assert said == "w.csv, line 2, seats: 'none' is no number of seats: 1 or more\n"


def test_an_export_moves_to_another_database(
    imported: Shell, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported.book(when="Wed 2026-11-25 15:00")
    first = {what: imported.says("export", what) for what in ("customers", "appointments")}
    name = server.create()
    try:
        monkeypatch.setenv("DATABASE_URL", server.url(name))
        for what, text in first.items():
            file = imported.write(f"{what}-first.csv", text)
            assert "0 changed, 0 as they were" in imported.says("import", what, file)
        second = {what: imported.says("export", what) for what in first}
    finally:
        server.drop(name)
    assert second["customers"] == first["customers"]
    told = [
        [{k: v for k, v in row.items() if k not in ("number", "version")} for row in rows_of(text)]
        for text in (first["appointments"], second["appointments"])
    ]
    assert told[0] == told[1]


def test_a_key_of_another_database_is_not_taken_for_ones_own(
    shell: Shell, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first appointment of two databases of one business are two appointments."""
    shell.book(when="Wed 2026-11-25 15:00")
    [theirs] = rows_of(shell.says("export", "appointments"))
    name = server.create()
    try:
        monkeypatch.setenv("DATABASE_URL", server.url(name))
        assert shell.book(when="Thu 2026-11-26 15:00") == int(theirs["number"])
        columns = ("key", "customer_telegram_id", "service", "start")
        text = f"{','.join(columns)}\n{','.join(theirs[column] for column in columns)}\n"
        said = shell.says("import", "appointments", shell.write("theirs.csv", text))
    finally:
        server.drop(name)
    assert said == "1 new, 0 changed, 0 as they were\n"


def test_an_imported_booking_waits_for_nobodys_approval(imported: Shell) -> None:
    text = "key,customer_key,service,start\nz-1,c-2,colouring,2026-11-27 10:00\n"
    imported.says("import", "appointments", imported.write("more.csv", text))
    [row] = [r for r in imported.json("appointments", "--json") if r["service"] == "Colouring"]
    assert row["status"] == "confirmed"


def test_formulas_are_guarded_on_the_way_out(shell: Shell) -> None:
    shell.says("import", "customers", shell.write("c.csv", "key,first_name\nk,=HYPERLINK(1)\n"))
    [row] = rows_of(shell.says("export", "customers"))
    assert row["first_name"] == "'=HYPERLINK(1)"


def test_which_appointments_are_exported(imported: Shell) -> None:
    imported.call(
        "create_appointment",
        {"service": "haircut", "when": "Thu 2026-11-26 10:00", "staff": None, "notes": None},
    )
    keys = [row["key"] for row in rows_of(imported.says("export", "appointments"))]
    assert keys == ["a-3", "a-4", "a-1", "a-2", "a-5"]  # no hold
    window = ("--from", "2026-11-24", "--to", "2026-11-24")
    rows = rows_of(imported.says("export", "appointments", *window))
    assert [row["start"] for row in rows] == ["2026-11-24T10:00+01:00", "2026-11-24T11:15+01:00"]


def test_the_calendar_of_the_owner(imported: Shell) -> None:
    imported.says("export", "appointments", "--format", "ics", "-o", "out.ics")
    path = imported.folder / "out.ics"
    assert path.stat().st_mode & 0o777 == 0o600
    events = Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    assert [str(event["status"]) for event in events] == ["CONFIRMED"] * 4 + ["CANCELLED"]
    assert "Ada Lovelace" in str(events[2]["summary"])
    done = imported.run("export", "customers", "--format", "ics")
    assert (done.exit_code, done.stdout) == (2, "")
