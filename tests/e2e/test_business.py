"""`assistant business` as an owner types it, and what docs/business.md says about it.

Most commands run inside the test's process: only the process's start would be the same again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from assistant import logs
from assistant.cli import main
from assistant.yaml_tree import parse
from booking.appointment import Appointment
from booking.business_file import BusinessFile
from db.session import Database
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock, load_example, settings_for
from tests.e2e.harness import NOW, ROOT, environment, program_in, query, run

GUIDE = (ROOT / "docs" / "business.md").read_text("utf-8")
BARBER = ROOT / "examples" / "barber.yaml"
SHORTER = 'sat: "10:00-16:00"'
SATURDAY_17 = dt.datetime(2026, 11, 28, 16, 0, tzinfo=dt.UTC)  # 17:00 in Berlin


def blocks(kind: str) -> list[str]:
    """The fenced blocks of one kind in the guide."""
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Business = Callable[..., Done]


@pytest.fixture
def business(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Business:
    """Run `assistant business ...` in an empty folder; `types` is what is typed on a terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("ASSISTANT_NOW", NOW)
    monkeypatch.setattr(logs, "configure_logs", lambda **_: None)  # would outlive the test

    def command(*arguments: str, types: str | None = None) -> Done:
        keyboard = io.StringIO(types or "")
        monkeypatch.setattr(keyboard, "isatty", lambda: types is not None, raising=False)
        monkeypatch.setattr(sys, "stdin", keyboard)
        monkeypatch.setattr(sys, "argv", ["assistant", "business", *arguments])
        with pytest.raises(SystemExit) as end, capture_logs():
            main()
        return Done(int(end.value.code or 0), *capsys.readouterr())

    return command


@pytest.fixture
def shop(database_url: str) -> str:
    """The example shop with Ada's appointment on a Saturday at 17:00: its database."""

    async def book(uow: UnitOfWork) -> Appointment:
        who = await uow.customers.create_customer(1, first_name="Ada")
        anna = uow.business.resources[0].id
        row = await uow.appointments.create_appointment(
            who.id, starts_at=SATURDAY_17, service="haircut", staff_id=anna
        )
        assert isinstance(row, Appointment)
        return row

    async def fill() -> None:
        database = Database(settings_for(database_url))
        store = Store(database, MovableClock())
        founded = (await store.apply_business(load_example())).after
        assert founded is not None
        await store.run(founded, book)
        await database.close()

    asyncio.run(fill())
    return database_url


@pytest.fixture
def shorter(tmp_path: Path) -> Path:
    """The example shop with a shorter Saturday and a dearer haircut."""
    text = BARBER.read_text("utf-8").replace('sat: "10:00-18:00"', SHORTER, 1)
    path = tmp_path / "my-business.yaml"
    path.write_text(text.replace("price: 35", "price: 40"), "utf-8")
    return path


def revision(url: str) -> int:
    return int(query(url, "SELECT revision FROM businesses")[0]["revision"])


def test_check_tells_mistakes_and_ends_with_2(tmp_path: Path) -> None:
    [broken] = blocks("yaml broken")
    (tmp_path / "broken.yaml").write_text(broken, "utf-8")
    done = run("business", "check", "broken.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr in blocks("text")


def test_check_needs_no_database_and_nothing_heavy(tmp_path: Path) -> None:
    heavy = ["aiogram", "openai", "sqlalchemy", "alembic", "asyncpg", "babel"]
    script = (
        "import sys\n"
        "from assistant.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    for arguments in (["check", str(BARBER)], ["schema"]):
        done = subprocess.run(
            [sys.executable, "-c", script, "business", *arguments],
            cwd=tmp_path,
            env=environment(DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"),
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.stdout.endswith("\n[]\n"), done.stderr


def test_apply_refuses_a_file_with_mistakes(
    business: Business, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "f.yaml").write_text(BARBER.read_text("utf-8") + "polcy: {}\n", "utf-8")
    done = business("apply", "f.yaml")
    assert done.returncode == 2
    assert "unknown key 'polcy'; did you mean policy?" in done.stderr


def test_the_first_file_founds_the_only_business(database_url: str, tmp_path: Path) -> None:
    """The example shop isn't there before it."""
    clinic = str(ROOT / "examples" / "clinic.yaml")
    done = run("business", "apply", clinic, cwd=tmp_path, DATABASE_URL=database_url)
    assert done.stdout == (
        "lakeside-clinic: a new business with 2 services\n"
        "Applied: lakeside-clinic is edition 1 now.\n"
    )
    listed = run("business", "list", cwd=tmp_path, DATABASE_URL=database_url)
    assert listed.stdout == "lakeside-clinic  edition 1  (default)\n"


def test_what_would_no_longer_fit_is_shown_and_needs_a_yes(
    business: Business, shop: str, shorter: Path
) -> None:
    [shown] = [block for block in blocks("text") if "edition 1 → 2" in block]
    dry = business("apply", shorter.name, "--dry-run")
    assert dry.returncode == 0
    assert dry.stdout == f"{shown}Nothing was changed: this was a dry run.\n"
    asked = business("apply", shorter.name)
    assert (asked.returncode, asked.stdout) == (1, shown)
    assert asked.stderr.endswith("Nothing was changed. To apply it all the same, add --yes.\n")
    assert revision(shop) == 1
    sure = business("apply", shorter.name, "--yes")
    assert (sure.returncode, revision(shop)) == (0, 2)
    assert sure.stdout == f"{shown}Applied: northside-barbers is edition 2 now.\n"
    again = business("apply", shorter.name)
    assert again.stdout == "northside-barbers: nothing to change, edition 2\n"
    assert revision(shop) == 2


def test_what_harms_nobody_is_applied_without_asking_in_a_script(
    business: Business, shop: str, tmp_path: Path
) -> None:
    dearer = BARBER.read_text("utf-8").replace("price: 35", "price: 40")
    (tmp_path / "f.yaml").write_text(dearer, "utf-8")
    done = business("apply", "f.yaml")
    assert (done.returncode, revision(shop)) == (0, 2)
    assert "~ service haircut, price: 35.00 EUR → 40.00 EUR" in done.stdout


@pytest.mark.parametrize(
    ("answer", "code", "edition"), [("n", 1, 1), ("", 1, 1), ("y", 0, 2), ("Yes", 0, 2)]
)
def test_on_a_terminal_it_asks(
    business: Business, shop: str, shorter: Path, answer: str, code: int, edition: int
) -> None:
    done = business("apply", shorter.name, types=f"{answer}\n")
    assert "Apply it? [y/N]" in done.stderr
    assert (done.returncode, revision(shop)) == (code, edition)


def test_what_changed_while_one_thought_is_shown_again(
    business: Business, shop: str, shorter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first yes comes after another edition; it isn't for that one."""
    apply = Store.apply_business
    calls = []

    async def slow(store: Store, file: BusinessFile, **options: object) -> object:
        calls.append(options)
        if len(calls) == 2:
            other = load_example().model_copy(update={"zone": "Europe/Vienna"})
            await apply(store, other)
        return await apply(store, file, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "apply_business", slow)
    done = business("apply", shorter.name, types="y\ny\n")
    assert (done.returncode, revision(shop)) == (0, 3)
    assert done.stdout.count("Meanwhile something has changed") == 1
    assert "~ zone: Europe/Vienna → Europe/Berlin" in done.stdout
    assert done.stderr.count("Apply it?") == 2


def test_export_gives_the_file_back_and_names_what_there_is(business: Business, shop: str) -> None:
    done = business("export", "--business", "none")
    assert done.returncode == 2
    assert "There is no business 'none'; there are: northside-barbers." in done.stderr
    exported = BusinessFile.model_validate(parse(business("export").stdout).data)
    assert exported == load_example()


# --- the guide


def test_every_command_of_the_guide_runs(database_url: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    program_in(tmp_path)
    commands = [line for block in blocks("bash") for line in block.splitlines()]
    assert len(commands) == 13
    for line in commands:
        done = subprocess.run(
            line,
            shell=True,
            cwd=tmp_path,
            env=environment(DATABASE_URL=database_url),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    assert revision(database_url) == 1
    schema = (tmp_path / "business.schema.json").read_text("utf-8")
    assert schema == (ROOT / "docs" / "business.schema.json").read_text("utf-8")


def test_the_file_of_the_guide_is_valid_and_names_every_part(tmp_path: Path) -> None:
    [example] = blocks("yaml")
    (tmp_path / "f.yaml").write_text(example, "utf-8")
    done = run("business", "check", "f.yaml", "--now", "2026-11-21T10:00:00Z", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    file = BusinessFile.model_validate(parse(example).data)
    assert file.model_fields_set == set(BusinessFile.model_fields)
