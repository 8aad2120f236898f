"""The code in the guides is run as it stands."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path

import pytest

from tools.support.contract import Effect, Tool
from tools.support.registry import tools_in

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "tools.md"
_EXAMPLE = re.compile(r"`tools/(\w+)\.py`:\n\n```python\n(.*?)```", re.DOTALL)
EXAMPLES = dict(_EXAMPLE.findall(GUIDE.read_text("utf-8")))


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Run an example as the module that it would be."""
    module = types.ModuleType(f"tools.{name}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(EXAMPLES[name], str(GUIDE), "exec"), module.__dict__)
    [found] = tools_in(module)
    return found


def test_the_guide_has_a_read_tool_and_a_write_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    effects = {name: load(name, monkeypatch).effect for name in EXAMPLES}
    assert effects == {"get_opening_hours": Effect.READ, "update_phone": Effect.WRITE}


@pytest.mark.parametrize(("name", "lines"), [("get_opening_hours", 35), ("update_phone", 45)])
def test_the_examples_are_short(name: str, lines: int) -> None:
    assert len(EXAMPLES[name].splitlines()) <= lines


def rows_of(guide: str) -> list[list[str]]:
    """The rows of all tables of a guide, without their heads."""
    lines = (ROOT / "docs" / guide).read_text("utf-8").splitlines()
    heads = {number - 1 for number, line in enumerate(lines) if line.startswith("| ---")}
    return [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for number, line in enumerate(lines)
        if line.startswith("| ") and not line.startswith("| ---") and number not in heads
    ]


def is_a_test(named: str) -> bool:
    """Whether there is a test "file::name"."""
    file, _, name = named.partition("::")
    [path] = (ROOT / "tests").rglob(f"test_{file}.py")
    return re.search(rf"def {name}\(", path.read_text("utf-8")) is not None


def test_the_table_of_rules_names_code_and_tests_that_exist() -> None:
    rows = rows_of("booking-rules.md")
    assert rows
    for rule, code, test in rows:
        assert (ROOT / code).is_file(), rule
        assert is_a_test(test), rule


def test_the_tables_of_faults_name_what_exists() -> None:
    sources = [path for room in ("assistant", "db") for path in (ROOT / room).rglob("*.py")]
    code = "".join(path.read_text("utf-8") for path in sources)
    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")  # another test knows these
    rows = rows_of("faults.md")
    assert rows
    for fault, _, _, operator, test in rows:
        assert is_a_test(test), fault
        for name in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", operator):
            assert f'"{name}"' in code or name in operations, name
