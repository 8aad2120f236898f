"""Whether a process can do its work: one check a part, each with a word for a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from assistant.model.circuit import CircuitBreaker, CircuitState
from db.errors import DatabaseError
from db.migrate import head_revision, present_revision
from db.session import Database

PING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """The state of one part.

    Args:
        ok: whether it works.
        detail: in a few words, without secrets and without what customers wrote.
        serious: whether the process can't do its work while this is not ok.
    """

    ok: bool
    detail: str
    serious: bool = True


class Readiness(StrEnum):
    """What the checks come to."""

    READY = "ready"
    DEGRADED = "degraded"  # customers are served, though not as they should be
    NOT_READY = "not_ready"


@dataclass(frozen=True, slots=True)
class Report:
    """All checks by name."""

    checks: dict[str, Check]

    @property
    def readiness(self) -> Readiness:
        """The worst of the checks."""
        failed = [check for check in self.checks.values() if not check.ok]
        if any(check.serious for check in failed):
            return Readiness.NOT_READY
        return Readiness.DEGRADED if failed else Readiness.READY


Probe = Callable[[], Awaitable[Check]]


class Health:
    """Asks every part of a process how it is.

    Args:
        probes: by name, in the order in which they are shown. They must not raise.
    """

    def __init__(self, probes: dict[str, Probe]) -> None:
        self._probes = probes

    async def report(self) -> Report:
        """Ask all of them, one after the other: together they'd take as many connections."""
        return Report({name: await probe() for name, probe in self._probes.items()})


async def database_check(database: Database) -> Check:
    """Return whether the database answers within `PING_SECONDS`, and had room lately."""
    try:
        await database.ping(PING_SECONDS)
    except DatabaseError:
        return Check(False, "the database doesn't answer")
    if database.is_full():
        return Check(False, "its disk is full: make room where PostgreSQL keeps its data")
    return Check(True, "answers")


async def migrations_check(database: Database) -> Check:
    """Return whether the schema is the one that this version of the program was made for."""
    wanted = head_revision()
    try:
        present = await present_revision(database.engine, PING_SECONDS)
    except DatabaseError:
        return Check(False, "unknown: the database doesn't answer")
    if present == wanted:
        return Check(True, f"at {wanted}")
    return Check(False, f"at {present or 'nothing'}, this version needs {wanted}")


def model_check(circuit: CircuitBreaker | None) -> Check:
    """Return whether the model is asked; without it the guided flow serves, so never serious."""
    if circuit is None:
        return Check(True, "no model is set up: the guided flow answers", serious=False)
    state, reason = circuit.state, circuit.reason
    if state is CircuitState.CLOSED or reason is None:
        return Check(True, f"circuit {state.value}", serious=False)
    words = f"circuit {state.value} ({reason.kind.value}): the guided flow answers"
    return Check(False, words, serious=False)
