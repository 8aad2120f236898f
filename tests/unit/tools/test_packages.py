"""Tools that other packages bring: found by their entry points, refused by name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import tools
from tools.support.contract import Audience
from tools.support.lint import ToolContractError
from tools.support.registry import ENTRY_POINTS, discover

TOOL = '''
from tools.support.contract import Effect, ToolArgs, ToolResult, tool
from tools.support.context import ToolContext

class Args(ToolArgs):
    """No arguments."""

class Weather(ToolResult):
    """The weather."""
    sky: str

@tool(effect=Effect.READ)
async def NAME(ctx: ToolContext, args: Args) -> Weather:
    """Tell the weather."""
    return Weather(sky="blue")
'''


class Packages:
    """A folder on sys.path into which packages are installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, source: str, *, value: str = "weather_tools", name: str = "weather") -> None:
        """Write a module and the metadata that an installer writes."""
        (self.folder / "weather_tools.py").write_text(source, encoding="utf-8")
        info = self.folder / "booking_weather-1.2.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: booking-weather\nVersion: 1.2\n", encoding="utf-8"
        )
        (info / "entry_points.txt").write_text(
            f"[{ENTRY_POINTS}]\n{name} = {value}\n", encoding="utf-8"
        )


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packages:
    """An empty folder for packages."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "weather_tools", raising=False)
    return Packages(tmp_path)


@pytest.fixture(autouse=True)
def _forget() -> None:
    sys.modules.pop("weather_tools", None)


def test_the_group_is_the_documented_one() -> None:
    assert ENTRY_POINTS == "booking_assistant.tools"


def test_an_installed_packages_tool_is_found_and_offered(packages: Packages) -> None:
    assert "get_weather" not in discover()
    packages.install(TOOL.replace("NAME", "get_weather"))
    registry = discover()
    assert "get_weather" in {tool.name for tool in registry.offered_to(Audience.CUSTOMER)}
    assert list(registry) == sorted(registry)


WHERE = "package booking-weather 1.2, entry point weather = "


@pytest.mark.parametrize(
    ("source", "value", "said"),
    [
        ("import no_such_module", "weather_tools", "can't be imported: ModuleNotFoundError"),
        ("1 / 0", "weather_tools", "can't be imported: ZeroDivisionError.*pip uninstall booking-"),
        ("def (", "weather_tools", "can't be imported: SyntaxError"),
        ("raise SystemExit(0)", "weather_tools", "can't be imported: SystemExit"),
        ("", "nowhere_at_all", "can't be imported: ModuleNotFoundError"),
        ("", "weather_tools:missing", "can't be imported: AttributeError"),
        (
            TOOL.replace("NAME", "get_weather"),
            "weather_tools:get_weather",
            "names no module.*write `weather = package.module`",
        ),
        ("", "weather_tools", "the module defines no tool"),
        (
            "from tools.get_services import get_services",
            "weather_tools",
            "one that is only imported doesn't count",
        ),
        (
            TOOL.replace("NAME", "get_weather").replace('"""Tell the weather."""', ""),
            "weather_tools",
            "weather_tools.py, line 12: tool get_weather: there is no docstring",
        ),
    ],
)
def test_a_package_that_does_not_load_stops_the_start_and_is_named(
    packages: Packages, source: str, value: str, said: str
) -> None:
    packages.install(source, value=value)
    with pytest.raises(ToolContractError, match=f"(?s)^{WHERE}{value}: .*{said}"):
        discover()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import no_such_module", ", line 1: .*: ModuleNotFoundError: No module named"),
        ("x = 1\nint('y')", ", line 2: the file can't be imported: ValueError: .*mend it, or"),
        ("raise SystemExit", ", line 1: the file can't be imported: SystemExit"),
        ("def (", ": the file can't be imported: SyntaxError: .*broken_tool.py, line 1"),
        (
            TOOL.replace("NAME", "get_weather").replace('"""No arguments."""', "day: type"),
            ", line [0-9]+: the file can't be imported: Pydantic",
        ),
    ],
)
def test_a_file_that_can_not_be_imported_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, said: str
) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "broken_tool.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(tools, "__path__", [*tools.__path__, str(tmp_path / "tools")])
    with pytest.raises(ToolContractError, match=f"(?s)^tools/broken_tool.py{said}"):
        discover()


def test_a_package_can_not_replace_a_tool(packages: Packages) -> None:
    packages.install(TOOL.replace("NAME", "get_customer"))
    said = "tool get_customer: two tools have this name: tools.get_customer and weather_tools"
    with pytest.raises(ToolContractError, match=said):
        discover()
