"""The edition that is in force: the folder's newest good one, under what admins published.

A changed file is noticed at the beginning of a turn, within a second. Published versions belong to
an edition of the business (its `revision` grows with each publishing), so that every process reads
them on its next turn, and no turn pays for a query that nothing happened for.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from assistant.prompts.loader import Prompt, PromptBook, parse_prompt
from assistant.prompts.problems import Problem
from assistant.script import Script, check_script, edition_of, files_of, read_folder
from assistant.texts import Texts
from booking.business import Business
from db.errors import DatabaseError
from db.repositories.prompts import PromptVersion
from db.store import Store

logger = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
# A file this young may still be being written: a mistake in it isn't told yet, and an edit that
# left size and time stamp as they were would be missed without reading it.
SETTLE_SECONDS = 1.5

Signature = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """An edition that can't be used.

    Args:
        name: the edition of the folder, or the published version.
        problems: all of them.
        published: whether it is a published version and not the folder.
    """

    name: str
    problems: tuple[Problem, ...]
    published: bool = False


OnBroken = Callable[[Business, Broken, Texts], Awaitable[None]]


class Scripts(Protocol):
    """Gives a turn its edition: `Editions`, or a `Script` that never changes."""

    async def of(self, business: Business) -> Script:
        """Return the edition in force for a business; a turn asks once, at its beginning."""
        ...


async def _nobody(business: Business, broken: Broken, texts: Texts) -> None:
    """Without a listener a broken edition is only logged."""


class Editions:
    """A prompts folder that may change while the assistant runs, and what was published over it.

    Args:
        folder: as docs/prompts.md describes it.
        poll_seconds: how often, at most, the folder is looked at.
        settle_seconds: how old a file must be before a mistake in it counts.

    Raises:
        ScriptError: the folder can't be used to begin with.
    """

    def __init__(
        self,
        folder: Path,
        *,
        poll_seconds: float = POLL_SECONDS,
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        self._folder = folder
        self._store: Store | None = None
        self._on_broken: OnBroken = _nobody
        self._poll_seconds = poll_seconds
        self._settle_seconds = settle_seconds
        self._signature = _signature(folder)
        self.latest = Script.load(folder)
        self._seen = self.latest.edition
        self._looked_at = time.monotonic()
        self._lock = asyncio.Lock()
        self._broken: Broken | None = None
        self._told: set[tuple[int, str]] = set()
        self._published: dict[int, tuple[int, tuple[PromptVersion, ...]]] = {}
        self._composed: dict[int, tuple[Script, tuple[PromptVersion, ...], Script, list[Broken]]]
        self._composed = {}

    def connect(self, store: Store, on_broken: OnBroken = _nobody) -> None:
        """Let published versions win over the folder from now on.

        Args:
            store: where they are.
            on_broken: told once per business and broken edition; awaited within the turn.
        """
        self._store = store
        self._on_broken = on_broken

    async def of(self, business: Business) -> Script:
        """Return the edition in force for a business.

        Raises:
            DatabaseUnavailableError: published versions could not be read.
        """
        await self._look()
        base, broken = self.latest, self._broken
        script, failed = self._compose(business, base, await self._versions(business))
        for each in (*([broken] if broken else ()), *failed):
            await self._tell(business, each, script.texts)
        return script

    async def _tell(self, business: Business, broken: Broken, texts: Texts) -> None:
        if (business.id, broken.name) in self._told:
            return
        try:
            await self._on_broken(business, broken, texts)
        except DatabaseError as error:  # no reason to leave a customer without an answer
            logger.warning("broken_prompts_not_told", version=broken.name, error=str(error))
        else:
            self._told.add((business.id, broken.name))

    async def _look(self) -> None:
        async with self._lock:
            now = time.monotonic()
            if now - self._looked_at < self._poll_seconds:
                return
            await asyncio.to_thread(self._reload)
            self._looked_at = now

    def _reload(self) -> None:
        """Read the folder again where it may have changed; runs in a thread."""
        signature = _signature(self._folder)
        young = self._is_young(signature)
        if signature == self._signature and not young:
            return
        files = read_folder(self._folder)
        edition = edition_of(files)
        if edition == self._seen:
            self._signature = signature
            return
        script, problems = check_script(files, self._folder)
        if script is None and young:
            return  # looked at again with the next poll
        self._signature, self._seen = signature, edition
        if script is not None:
            self.latest, self._broken = script, None
            logger.info("prompts_reloaded", edition=edition)
            return
        fatal = tuple(problem for problem in problems if problem.fatal)
        self._broken = Broken(edition, fatal)
        logger.error(
            "prompts_broken",
            edition=edition,
            in_force=self.latest.edition,
            problems=[str(problem) for problem in fatal],
        )

    def _is_young(self, signature: Signature) -> bool:
        # In the file system's time, which is what the time stamps are in.
        newest = max((changed for _, changed, _, _ in signature), default=0) / 1e9
        return 0 <= time.time() - newest < self._settle_seconds

    async def _versions(self, business: Business) -> tuple[PromptVersion, ...]:
        if self._store is None:
            return ()
        known = self._published.get(business.id)
        if known is not None and known[0] == business.revision:
            return known[1]
        versions = tuple(await self._store.run(business, lambda uow: uow.prompts.active()))
        self._published[business.id] = (business.revision, versions)
        return versions

    def _compose(
        self, business: Business, base: Script, versions: tuple[PromptVersion, ...]
    ) -> tuple[Script, list[Broken]]:
        if not versions:
            return base, []
        known = self._composed.get(business.id)
        if known is not None and known[0] is base and known[1] == versions:
            return known[2], known[3]
        script, broken = with_versions(base, versions)
        for each in broken:
            logger.error(
                "published_prompt_broken",
                version=each.name,
                problems=[str(problem) for problem in each.problems],
            )
        self._composed[business.id] = (base, versions, script, broken)
        return script, broken


def with_versions(base: Script, versions: Sequence[PromptVersion]) -> tuple[Script, list[Broken]]:
    """Return a script with some prompts in place of the files', and those that can't be used.

    A published version was good when it was published; the program may have changed since.
    """
    prompts: dict[str, Prompt] = {}
    broken: list[Broken] = []
    for version in versions:
        prompt, problems = parse_prompt(version.text, name=version.name, file=version.version)
        if prompt is None:
            broken.append(Broken(version.version, tuple(problems), published=True))
        else:
            prompts[version.name] = prompt
    book = PromptBook(
        system=prompts.get("system", base.prompts.system),
        envelope=prompts.get("envelope", base.prompts.envelope),
    )
    return dataclasses.replace(base, prompts=book), broken


def _signature(folder: Path) -> Signature:
    """Return name, time of change (ns), size and inode of each file that can be read."""
    found = []
    for path in files_of(folder):
        try:
            stat = path.stat()
        except OSError:
            continue
        found.append((path.name, stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(found)


class LatestTexts(Texts):
    """The newest good texts at each word: for what is said outside of turns.

    Args:
        editions: whose.
    """

    def __init__(self, editions: Editions) -> None:
        self._editions = editions

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are texts in, English first, then by code."""
        return self._editions.latest.texts.languages

    def resolve(self, language: str | None) -> str:
        """Return the language whose texts serve `language`; see `Texts.resolve`."""
        return self._editions.latest.texts.resolve(language)

    def say(self, key: str, language: str | None, /, **values: object) -> str:
        """Return one text with its placeholders filled; see `Texts.say`."""
        return self._editions.latest.texts.say(key, language, **values)
