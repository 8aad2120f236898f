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


def test_the_table_of_rules_names_code_and_tests_that_exist() -> None:
    files = {path.stem: path for path in (ROOT / "tests").rglob("test_*.py")}
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in (ROOT / "docs" / "booking-rules.md").read_text("utf-8").splitlines()
        if line.startswith("| ")
    ][2:]
    assert rows
    for rule, code, test in rows:
        file, _, name = test.partition("::")
        assert (ROOT / code).is_file(), rule
        source = files[f"test_{file}"].read_text("utf-8")
        assert re.search(rf"def {name}\(", source), rule
