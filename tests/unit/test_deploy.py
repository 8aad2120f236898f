"""What `deploy/` says is so: names of metrics and settings, the image, who is open to whom.

Prometheus's own checks, and the alarms that are rung, are in `make deploy-check`.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, ProcessCollector

from assistant.cli import app
from assistant.metrics import Metrics
from assistant.model.port import Prices, Usage
from assistant.recorder import SendOutcome, ToolOutcome
from assistant.settings import Settings
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
DOCKERFILE = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text("utf-8"))
GUIDE = (ROOT / "docs" / "operations.md").read_text("utf-8")
# Looked up when it is scraped; tests/integration/test_metrics.py holds the page against the guide.
LOOKED_UP = set(
    re.findall(r"`(assistant_(?:inbox|outbox|reminders|pool|database|telegram|model)_\w+)`", GUIDE)
)


def parsed(path: str) -> Any:
    return yaml.safe_load((DEPLOY / path).read_text("utf-8"))


COMPOSE = parsed("compose.yaml")
SERVICES = COMPOSE["services"]
RULES = parsed("prometheus/alerts.yml")["groups"][0]["rules"]
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboards" / "assistant.json").read_text("utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in PANELS for target in panel["targets"]
]


def exposed() -> dict[str, set[str]]:
    """What a process shows: the names of its series, each with its labels."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    metrics = Metrics(registry, Prices(1, 1, 1))
    # What has labels shows nothing until it is used.
    metrics.turn("text", "answered", 1.0)
    metrics.tool("get_services", ToolOutcome.OK)
    metrics.refusal("past")
    metrics.model_call("model", Usage(1, 1, 1))
    metrics.model_error("quota")
    metrics.send("message", SendOutcome.SENT)
    found: dict[str, set[str]] = {name: set() for name in LOOKED_UP}
    for family in registry.collect():
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                found[sample.name] = set(sample.labels)
    return found


SERIES = exposed()
# Of what scrapes: not the program's.
OF_PROMETHEUS = {"up": {"job", "instance"}}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_is_asked_for_exists(expression: str) -> None:
    """An alarm on a metric that isn't there never rings; a panel on one stays empty."""
    known = SERIES | OF_PROMETHEUS
    bare = re.sub(r'"[^"]*"', '""', expression)
    asked = re.findall(r"\b(up|(?:assistant|process)_\w+)\b(?:\{([^}]*)\})?", bare)
    assert asked, expression
    used = set()
    for name, matchers in asked:
        assert name in known, name
        used = {part.split("=")[0].strip("!~ ") for part in matchers.split(",") if part}
        assert used <= known[name] | {"job", "instance"}, (name, used)
    by = re.findall(r"\bby \(([^)]*)\)", bare)
    for label in (label.strip() for part in by for label in part.split(",")):
        assert any(label in known[name] for name, _ in asked), (expression, label)


def test_each_alarm_is_explained_and_rung() -> None:
    cases = [
        (case["alertname"], bool(case["exp_alerts"]))
        for test in parsed("prometheus/alerts.test.yml")["tests"]
        for case in test["alert_rule_test"]
    ]
    for rule in RULES:
        name = rule["alert"]
        after = f" for {rule['for'][:-1]} min" if "for" in rule else ""
        assert f"| {name} | `{rule['expr']}`{after} |" in GUIDE, name
        assert (name, True) in cases, name  # it rings ...
        assert (name, False) in cases, name  # ... and was silent before
    assert len(re.findall(r"^\| Assistant\w+ \|", GUIDE, re.MULTILINE)) == len(RULES)


def test_the_dashboard_shows_every_metric() -> None:
    shown = " ".join(EXPRESSIONS)
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in SERIES if "assistant" in name}
    assert {name for name in families if name not in shown} == set()
    assert {panel["datasource"]["uid"] for panel in PANELS} == {
        parsed("grafana/provisioning/datasources/prometheus.yaml")["datasources"][0]["uid"]
    }
    # Nothing covers anything else.
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


# --- the image


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} +(.*)$", DOCKERFILE, re.MULTILINE)


def test_the_image_is_slim_and_nobodys_root() -> None:
    bases = [line.split()[0] for line in instructions("FROM")]
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", bases[0])
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.*)$", final, re.MULTILINE) == ["10001:10001"]
    assert "RUN" not in final  # what installs stays in the first stage
    assert len(instructions("HEALTHCHECK")) == 1
    [install] = [line for line in instructions("RUN") if "runtime.lock" in line]
    assert "--require-hashes" in install
    assert "dev.lock" not in DOCKERFILE


def test_the_image_has_all_that_the_program_reads() -> None:
    copied = {
        source.split("/")[0]
        for line in instructions("COPY")
        if "--from" not in line
        for source in line.split()[:-1]
    }
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages | {"prompts", "examples", "pyproject.toml", "README.md"} <= copied
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    assert let_through == copied
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"


def test_the_health_check_asks_the_port_that_is_listened_on() -> None:
    environment = dict(
        pair.split("=", 1) for line in instructions("ENV") for pair in shlex.split(line)
    )
    assert environment["ASSISTANT_HTTP_HOST"] == "0.0.0.0"
    assert f":{environment['ASSISTANT_HTTP_PORT']}/health/live" in DOCKERFILE


# --- the services


def named_settings() -> Iterator[str]:
    yield from SERVICES["assistant"]["environment"]
    for line in instructions("ENV"):
        yield from (pair.split("=")[0] for pair in shlex.split(line))


def test_the_settings_are_settings() -> None:
    foreign = {"PATH", "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_CACHE_DIR", "PIP_ROOT_USER_ACTION"}
    foreign |= {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    known = {name.upper() for name in Settings.model_fields}
    assert set(named_settings()) - foreign <= known


def test_every_secret_comes_from_the_file_that_is_not_committed() -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    wanted = set(re.findall(r"\$\{(\w+)", text))
    example = (DEPLOY / "env.example").read_text("utf-8")
    assert wanted == set(re.findall(r"^(\w+)=$", example, re.MULTILINE))
    assert set(re.findall(r"\$\{(\w+):\?", text)) == wanted  # a missing one stops the start
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_two_processes_that_can_change_nothing() -> None:
    assistant = SERVICES["assistant"]
    assert assistant["deploy"]["replicas"] == 2
    assert (assistant["read_only"], assistant["cap_drop"]) == (True, ["ALL"])
    assert assistant["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_only_the_proxy_is_open_to_the_outside() -> None:
    for name, service in SERVICES.items():
        for port in service.get("ports", []):
            assert name == "proxy" or port.startswith("127.0.0.1:"), name
    caddy = (DEPLOY / "Caddyfile").read_text("utf-8")
    passed = re.findall(r"handle(?: (\S+))? \{\s+(\w+)", caddy)
    assert passed == [("/telegram/*", "reverse_proxy"), ("", "respond")]


def test_what_is_mounted_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            found = source in COMPOSE["volumes"] or (DEPLOY / source).exists()
            assert found, volume
        image = service["image"]
        assert "build" in service or re.search(r":v?\d", image), image  # no moving "latest"


# --- the guide


def test_the_guide_names_what_there_is() -> None:
    guide = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    files = re.findall(r"^\| `([^`]+)` \|", guide, re.MULTILINE)
    assert len(files) == 6
    assert [name for name in files if not (DEPLOY / name).exists()] == []
    copied = re.findall(r"^ *cp (\S+) (\S+)$", guide, re.MULTILINE)
    assert [target for _, target in copied] == [".env", "deploy/.env"]
    assert all((ROOT / source).is_file() for source, _ in copied)
    # After the service's name: a command of ours.
    ours = set(re.findall(r"^ *docker compose run .* assistant (\w+)", guide, re.MULTILINE))
    assert ours == {"business", "backup"}
    commands = {group.name for group in app.registered_groups}
    commands |= {each.callback.__name__ for each in app.registered_commands if each.callback}
    assert ours <= commands
