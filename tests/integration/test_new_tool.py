"""`assistant tools new`: what it writes passes lint, types and its own test as it stands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant import scaffold
from assistant.cli import app

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project with tools and tests of its own; the rest is the real one."""
    for name in ("assistant", "booking", "db", "examples", "prompts"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in (
        "pyproject.toml",
        *(f"tests/{n}.py" for n in ("conftest", "founding", "recycling")),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    return tmp_path


def run(project: Path, *arguments: str) -> None:
    """Run a Python program in the project; its output is the error where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_written_passes_every_check(project: Path) -> None:
    written = [
        *scaffold.new_tool("get_news", root=project),
        *scaffold.new_tool("update_name", write=True, root=project),
        *scaffold.new_tool("x" * scaffold.MAX_NAME, root=project),
        *scaffold.new_tool("y" * scaffold.MAX_NAME, write=True, root=project),
    ]
    tools = [
        str(path) for path in written if path.parent.name == "tools" and "tests" not in str(path)
    ]
    files = [str(path) for path in written]
    run(project, "ruff", "check", *files)
    run(project, "ruff", "format", "--check", *files)
    assert (len(tools), len(files)) == (4, 8)
    run(project, "mypy", "--cache-dir", str(ROOT / ".mypy_cache"), *tools)
    run(project, "pytest", "-q", "-p", "no:xdist", "tests/integration/tools")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("GetNews", "use small letters"),
        ("get-news", "use small letters"),
        ("x" * 33, "at most 32"),
        ("", "use small letters"),
        ("../evil", "use small letters"),
        ("class", "reserved word"),
        ("support", "reserved word"),
        ("json", "reserved word"),
        ("render", "reserved word"),
        ("get_services", "there is a tool get_services already"),
    ],
)
def test_names_that_can_not_be_used(project: Path, name: str, said: str) -> None:
    with pytest.raises(scaffold.ScaffoldError, match=said):
        scaffold.new_tool(name, root=project)


def test_nothing_is_written_over(project: Path) -> None:
    tool, test = scaffold.new_tool("get_news", root=project)
    tool.unlink()
    test.write_text("mine")
    with pytest.raises(scaffold.ScaffoldError, match=r"test_get_news\.py is there already"):
        scaffold.new_tool("get_news", root=project)
    assert test.read_text() == "mine"
    assert not tool.exists()


def test_the_command_tells_what_it_wrote(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaffold.new_tool, "__kwdefaults__", {"write": False, "root": project})
    done = CliRunner().invoke(app, ["tools", "new", "get_news", "--write"])
    assert done.exit_code == 0
    assert str(project / "tools" / "get_news.py") in done.stdout
    assert "Effect.WRITE" in (project / "tools" / "get_news.py").read_text()
    again = CliRunner().invoke(app, ["tools", "new", "get_news"])
    assert again.exit_code == 2
    assert "is there already; nothing was changed" in again.stderr
