"""The embedded PostgreSQL: what it serves, where it lies, and what it says when it cannot."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from db.embedded import EmbeddedPostgres, EmbeddedUnavailable, account, address, find_binaries
from tests.integration.embedded_support import (
    FAST,
    eventually,
    fetch,
    is_gone,
    open_folder,
    run,
    start,
)


@pytest.fixture
def new_dir() -> Iterator[Path]:
    """A data folder that is not there yet."""
    with open_folder() as outer:
        yield outer / "pg"


@pytest.fixture(scope="module")
def made_dir() -> Iterator[Path]:
    with open_folder() as outer:
        start(outer / "pg").stop()
        yield outer / "pg"


@pytest.fixture
def data_dir(made_dir: Path) -> Iterator[Path]:
    """A data folder with a server's files, and nobody who runs or uses it before and after."""
    yield made_dir
    eventually(lambda: is_gone(made_dir))


@pytest.fixture
def server(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    with start(data_dir) as running:
        yield running


def test_first_start_makes_a_database_and_a_later_one_finds_its_rows(new_dir: Path) -> None:
    said: list[str] = []
    with EmbeddedPostgres.start(new_dir, progress=said.append) as server:
        run(server.url(), "CREATE TABLE note (body text)", "INSERT INTO note VALUES ('a')")
    assert is_gone(new_dir)
    assert len(said) == 1
    assert str(new_dir) in said[0]

    with EmbeddedPostgres.start(new_dir, progress=said.append) as server:
        assert [tuple(row) for row in run(server.url(), "SELECT body FROM note")] == [("a",)]
    assert len(said) == 1


async def test_url_serves_sqlalchemy_and_letters_of_every_alphabet(
    server: EmbeddedPostgres,
) -> None:
    engine = create_async_engine(server.url().replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.connect() as connection:
        answer = await connection.execute(
            text(
                "SELECT current_user, lower('Ж'), upper('ё'), 'Жанна' ILIKE 'жАН%', "
                "'ж' ~* 'Ж', current_setting('server_encoding'), current_setting('TimeZone')"
            )
        )
        assert tuple(answer.one()) == ("assistant", "ж", "Ё", True, True, "UTF8", "UTC")
    await engine.dispose()


def test_application_role_has_no_power_over_row_level_security(server: EmbeddedPostgres) -> None:
    role = (
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication, "
        "rolcanlogin FROM pg_roles WHERE rolname = current_user"
    )
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'assistant'"
    hidden = (
        "CREATE TABLE secret (body text)",
        "INSERT INTO secret VALUES ('x')",
        "ALTER TABLE secret ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE secret FORCE ROW LEVEL SECURITY",
        "SELECT * FROM secret",
    )
    assert tuple((run(server.url(), role))[0]) == (*(False,) * 5, True)
    assert run(server.url(), owner)[0][0] == "assistant"
    assert run(server.url(), *hidden) == []
    assert len(run(server.admin_url("assistant"), "SELECT * FROM secret")) == 1


def test_password_is_required_and_kept_private(server: EmbeddedPostgres) -> None:
    for role, url in (("assistant", server.url()), ("postgres", server.admin_url())):
        password = (server.home / f"{role}.password").read_text().strip()
        assert password in url
        with pytest.raises(asyncpg.InvalidPasswordError):
            run(url.replace(password, "guessed"), "SELECT 1")
        assert stat.S_IMODE((server.home / f"{role}.password").stat().st_mode) == 0o600
    stored = "SELECT rolpassword FROM pg_authid WHERE rolpassword NOT LIKE 'SCRAM-SHA-256$%'"
    assert run(server.admin_url(), stored) == []
    rules = "SELECT DISTINCT auth_method FROM pg_hba_file_rules"
    assert [row[0] for row in run(server.admin_url(), rules)] == ["scram-sha-256"]
    listens = run(server.url(), "SELECT current_setting('listen_addresses')")
    assert listens[0][0] == ""


async def test_databases_are_made_from_a_template_and_dropped(server: EmbeddedPostgres) -> None:
    await fetch(server.url(), "CREATE TABLE note AS SELECT 7 AS number")
    server.create_database('odd "name"', template="assistant")
    copied = server.url('odd "name"')
    assert (await fetch(copied, "SELECT number FROM note"))[0][0] == 7
    await fetch(copied, "DROP TABLE note")
    server.drop_database('odd "name"')
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await fetch(copied, "SELECT 1")
    with pytest.raises(asyncpg.DuplicateDatabaseError):
        server.create_database("assistant")


def test_rest_of_a_killed_first_start_is_removed(new_dir: Path) -> None:
    rest = new_dir / "cluster.new-killed" / "data"
    rest.mkdir(parents=True)
    new_dir.chmod(0o711)
    (rest / "PG_VERSION").write_text("18\n")
    with start(new_dir):
        assert [entry.name for entry in new_dir.glob("cluster*")] == ["cluster"]


@pytest.mark.parametrize("name", ["long" * 30, "имя с пробелом, и запятой"])
def test_socket_moves_aside_when_its_path_cannot_be_used(new_dir: Path, name: str) -> None:
    folder = new_dir / name
    with start(folder) as server:
        aside = Path(address.Address.load(server.home).host)  # type: ignore[union-attr]
        assert not aside.is_relative_to(new_dir)
        assert stat.S_IMODE(aside.stat().st_mode) == 0o700
        with start(folder) as joined:
            assert joined.url() == server.url()
        assert run(server.url(), "SELECT 1")[0][0] == 1
    assert not aside.exists()


def test_without_unix_sockets_a_port_of_this_machine_serves(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "_has_unix_sockets", lambda: False)
    with start(data_dir) as server:
        assert "@127.0.0.1:" in server.url()
        assert run(server.url(), "SELECT current_user")[0][0] == "assistant"
        with pytest.raises(asyncpg.InvalidPasswordError):
            run(server.url().replace("assistant:", "assistant:x"), "SELECT 1")
        with start(data_dir) as joined:
            assert joined.url() == server.url()


def test_configured_folder_without_programs_is_named(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(EmbeddedUnavailable, match=str(tmp_path)):
        EmbeddedPostgres.start(data_dir, binaries=tmp_path)
    assert find_binaries(find_binaries().parent) == find_binaries()
    with pytest.raises(EmbeddedUnavailable, match="No PostgreSQL 3 programs"):
        find_binaries(major=3)


def test_data_of_another_major_version_is_refused_in_clear_words(data_dir: Path) -> None:
    with start(data_dir) as server:
        version = server.home / "cluster" / "PG_VERSION"
    made_by = version.read_text()
    version.write_text("15\n")
    with pytest.raises(EmbeddedUnavailable, match=r"was made by PostgreSQL 15.*are version \d\d"):
        EmbeddedPostgres.start(data_dir, binaries=find_binaries())
    version.write_text(made_by)


def test_failed_start_tells_what_postgres_said(data_dir: Path) -> None:
    with pytest.raises(EmbeddedUnavailable, match="invalid value for parameter"):
        EmbeddedPostgres.start(data_dir, settings={**FAST, "max_connections": "plenty"})
    with start(data_dir) as server:
        # The log begins anew with every start, so that it does not grow for ever.
        assert "invalid value" not in (server.home / "postgres.log").read_text()


def test_folder_closed_to_the_servers_account_is_left_as_it_is(
    new_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = new_dir.parent / "base"
    monkeypatch.setattr(account, "FALLBACK_BASES", (new_dir / "absent" / "base", base))
    closed = new_dir / "closed"
    closed.mkdir(parents=True)
    new_dir.chmod(0o711)
    closed.chmod(0o700)
    installed = find_binaries().parent
    package = closed / installed.parent.name
    programs = package / installed.name
    shutil.copytree(installed, programs, ignore=shutil.ignore_patterns("include"))
    libraries = installed.parent.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, closed / libraries.name)

    said: list[str] = []
    for _ in range(2):
        with EmbeddedPostgres.start(
            closed / "pg", binaries=programs, settings=FAST, progress=said.append
        ) as server:
            home = server.home
            assert run(server.url(), "SELECT 1")[0][0] == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    as_root = os.geteuid() == 0
    assert home.is_relative_to(base if as_root else closed)
    assert any("cannot reach" in line for line in said) == as_root
    assert sum("Copying" in line for line in said) == int(as_root)
