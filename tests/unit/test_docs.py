"""The code in the guides is run as it stands."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path

import pytest

from tools.support.contract import Effect, Tool
from tools.support.registry import tools_in

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "tools.md"
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
