"""`/prompt`: admins see, change, check, publish and take back prompts from their own chat.

For everybody else the command doesn't exist. Who is an admin is decided by the chat alone: the
Telegram id that the channel vouches for, in a private chat, against ASSISTANT_ADMIN_IDS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.admin.prompt_drafts import (
    NAMES,
    book_with,
    difference,
    split_name,
    split_version,
    with_front_matter,
)
from assistant.admin.prompt_files import as_message, prompt_named, text_of
from assistant.labels import when_label
from assistant.messages import Incoming, Outgoing
from assistant.preview import SAMPLE_MESSAGE, Preview, written
from assistant.prompts.loader import Prompt, PromptError, parse_prompt, version_of
from assistant.prompts.problems import Problem, shortlisted
from assistant.prompts.render import system_prompt
from assistant.prompts.tokens import estimate
from assistant.script import Script
from assistant.voice import Downloads
from booking.refusals import Refusal
from db.repositories.prompts import PromptVersion
from db.store import UnitOfWork
from tools.support.context import ToolContext
from tools.support.contract import Outcome, ToolResult
from tools.support.outcomes import from_journal

COMMAND = "prompt"


class Told(ToolResult):
    """A reply, as the journal keeps it: a change that was committed is told as it was."""

    text: str


@dataclass(frozen=True, slots=True)
class PromptAdmin:
    """Answers `/prompt`.

    Args:
        admin_ids: Telegram ids.
        preview: builds requests.
        downloads: channels whose files can be fetched, by name.
    """

    admin_ids: Sequence[int]
    preview: Preview
    downloads: Mapping[str, Downloads] = field(default_factory=dict)

    async def command(
        self, ctx: ToolContext, incoming: Incoming, script: Script
    ) -> list[Outgoing] | None:
        """Answer an admin's command.

        Returns:
            None where it isn't one: another command, another person, or a chat with others in it.

        Raises:
            DatabaseUnavailableError: nothing was changed.
        """
        if incoming.command != COMMAND or not self._is_admins(incoming):
            return None
        if ctx.position in ctx.recorded:  # committed before a crash
            return [_told(ctx, script, from_journal(ctx.recorded[ctx.position]))]
        desk = await _Desk.open(ctx, script, self.preview)
        return await desk.answer(incoming.text)

    async def file(
        self, ctx: ToolContext, incoming: Incoming, script: Script
    ) -> list[Outgoing] | None:
        """Keep a prompt that an admin sends as a file: the same as `/prompt set`.

        Returns:
            None where it isn't one: another kind of file, another person, or a chat with others.

        Raises:
            DatabaseUnavailableError: nothing was changed.
        """
        file = incoming.file
        named = None if file is None else prompt_named(file)
        if file is None or named is None or not self._is_admins(incoming):
            return None
        if ctx.position in ctx.recorded:  # committed before a crash
            return [_told(ctx, script, from_journal(ctx.recorded[ctx.position]))]
        desk = await _Desk.open(ctx, script, self.preview)
        text = await text_of(file, self.downloads.get(incoming.channel))
        return await desk.keep_file(named, text)

    def _is_admins(self, incoming: Incoming) -> bool:
        person = incoming.person.telegram_id
        return person in self.admin_ids and incoming.chat_id == person


@dataclass(slots=True)
class _Desk:
    """One command of one admin."""

    ctx: ToolContext
    script: Script
    preview: Preview
    active: dict[str, PromptVersion]
    drafts: dict[str, PromptVersion]

    @classmethod
    async def open(cls, ctx: ToolContext, script: Script, preview: Preview) -> _Desk:
        async def read(uow: UnitOfWork) -> tuple[list[PromptVersion], list[PromptVersion]]:
            return await uow.prompts.active(), await uow.prompts.drafts()

        active, drafts = await ctx.store.run(ctx.business, read)
        return cls(ctx, script, preview, {v.name: v for v in active}, {v.name: v for v in drafts})

    async def answer(self, argument: str) -> list[Outgoing]:
        verb, _, rest = argument.strip().partition(" ")
        verb, newline, more = verb.partition("\n")
        rest = more + newline + rest if newline else rest
        name, text = split_name(rest)
        match verb.lower():
            case "show":
                return self._show(name, text)
            case "set" | "add" as how:
                return await self._write(name, text, add=how == "add")
            case "check":
                return self._check(name)
            case "diff":
                return self._diff(name)
            case "preview":
                return await self._preview(name, text)
            case "publish":
                return await self._publish(*split_version(rest))
            case "rollback":
                return await self._roll_back(name)
        return [self._overview()]

    # --- looking

    def _overview(self) -> Outgoing:
        lines = [self._say("prompt_title")]
        for name in NAMES:
            prompt = self._in_force(name)
            lines.append(
                self._say(
                    "prompt_line",
                    name=name,
                    version=prompt.version,
                    source=self._source(self.active.get(name), prompt),
                    size=len(prompt.source),
                    tokens=estimate(prompt.source),
                )
            )
        lines += [
            self._say(
                "prompt_line_draft",
                name=draft.name,
                version=draft.version,
                author=draft.author_telegram_id,
                when=self._when(draft),
            )
            for draft in self.drafts.values()
        ]
        return Outgoing(text="\n".join([*lines, "", self._say("prompt_help")]))

    def _show(self, name: str | None, text: str) -> list[Outgoing]:
        if name is None:
            return self._which("show")
        if text.strip().lower() != "draft":
            return [as_message(self._in_force(name).source, f"{name}.md")]
        kept = [as_message(draft.text, f"{name}.md") for draft in self._chosen(name)]
        return kept or self._no_draft(name)

    def _check(self, name: str | None) -> list[Outgoing]:
        drafts = self._chosen(name)
        if not drafts:
            return self._no_draft(name or NAMES[0])
        return [self._verdict(draft.name, draft.text) for draft in drafts]

    def _diff(self, name: str | None) -> list[Outgoing]:
        drafts = self._chosen(name)
        if drafts:
            return [self._changes(draft.name, draft.text) for draft in drafts]
        published = [v for n, v in self.active.items() if name in (None, n) and v.diff]
        shown = [as_message(version.diff, f"{version.name}.diff") for version in published]
        return shown or self._no_draft(name or NAMES[0])

    def _changes(self, name: str, source: str) -> Outgoing:
        told = self._difference(name, source) or self._say("prompt_unchanged", name=name)
        return as_message(told, f"{name}.diff")

    async def _preview(self, name: str | None, text: str) -> list[Outgoing]:
        book = self.script.prompts
        for draft in self._chosen(name):
            prompt, problems = self._parse(draft.name, draft.text)
            if prompt is None:
                return [self._broken(draft.name, problems)]
            book = book_with(book, prompt)
        ctx = self.ctx
        body = await ctx.store.run(
            ctx.business,
            lambda uow: self.preview.body(
                uow,
                text.strip() or SAMPLE_MESSAGE,
                customer=ctx.customer,
                language=ctx.language,
                prompts=book,
                clock=ctx.clock,
            ),
        )
        return [as_message(written(body), "request.json")]

    # --- changing

    async def keep_file(self, name: str, text: str | None) -> list[Outgoing]:
        """Keep a file's text as the draft of the prompt that the file is named after."""
        if name not in NAMES:
            return [Outgoing(text=self._say("prompt_file_which", example=f"{NAMES[0]}.md"))]
        if text is None or not text.strip():
            return [Outgoing(text=self._say("prompt_file_unreadable", name=name))]
        return await self._write(name, text, add=False)

    async def _write(self, name: str | None, text: str, *, add: bool) -> list[Outgoing]:
        if name is None:
            return self._which("add" if add else "set")
        if not text.strip():
            example = f"/{COMMAND} set {name} ..."
            return [Outgoing(text=self._say("prompt_no_text", example=example))]
        if add:
            draft = self.drafts.get(name)
            before = draft.text if draft is not None else self._in_force(name).source
            text = f"{before.rstrip()}\n{text.strip()}"
        source = with_front_matter(name, text.strip() + "\n", self._in_force(name))
        told = self._verdict(name, source, saved=True).text
        replaced = self.drafts.get(name)
        if replaced is not None and replaced.author_telegram_id != self._author:
            author, when = replaced.author_telegram_id, self._when(replaced)
            told += "\n" + self._say("prompt_draft_replaced", author=author, when=when)

        async def work(uow: UnitOfWork) -> Outcome:
            await uow.prompts.save_draft(
                name,
                source,
                version=version_of(name, source),
                author_telegram_id=self._author,
                diff=self._difference(name, source),
            )
            return Told(text=told)

        return [_told(self.ctx, self.script, await self.ctx.write(work))]

    async def _publish(self, name: str | None, version: str | None, note: str) -> list[Outgoing]:
        drafts = self._chosen(name)
        if not drafts:
            return self._no_draft(name or NAMES[0])
        if len(drafts) > 1:
            return self._which("publish")
        [draft] = drafts
        # Who says "publish" means the text they know: another admin's is named by its version.
        if draft.version != version and (version or draft.author_telegram_id != self._author):
            return [self._another(draft)]
        prompt, problems = self._parse(draft.name, draft.text)
        if prompt is None:
            return [self._broken(draft.name, problems)]
        if prompt.version == self._in_force(draft.name).version:
            return [Outgoing(text=self._say("prompt_unchanged", name=draft.name))]
        done = self._say(
            "prompt_published",
            name=draft.name,
            version=draft.version,
            example=f"/{COMMAND} rollback {draft.name}",
        )
        gone = self._say("prompt_draft_gone", name=draft.name)

        async def work(uow: UnitOfWork) -> Outcome:
            published = await uow.prompts.publish(draft.id, note=note.strip()[:500] or None)
            return Told(text=gone if published is None else done)

        return [_told(self.ctx, self.script, await self.ctx.write(work))]

    async def _roll_back(self, name: str | None) -> list[Outgoing]:
        versions = [v for n, v in self.active.items() if name in (None, n)]
        if not versions:
            named = name or ", ".join(NAMES)
            return [Outgoing(text=self._say("prompt_files_in_force", name=named))]
        if len(versions) > 1:
            return self._which("rollback")
        [version] = versions

        async def work(uow: UnitOfWork) -> Outcome:
            await uow.prompts.roll_back(version.id, by_telegram_id=self._author)
            now = next((v for v in await uow.prompts.active() if v.name == version.name), None)
            source, broken = self._say("prompt_source_files"), ""
            if now is not None and (problems := self._parse(now.name, now.text)[1]):
                said = self._say("prompt_version_broken", version=now.version)
                broken = f"\n{said}\n{shortlisted(problems)}"
            elif now is not None:
                source = self._published(now)
            told = self._say("prompt_rolled_back", name=version.name, source=source)
            return Told(text=told + broken)

        return [_told(self.ctx, self.script, await self.ctx.write(work))]

    # --- parts

    @property
    def _author(self) -> int:
        author = self.ctx.customer.telegram_id
        assert author is not None, "a customer who writes has the id they write with"
        return author

    def _say(self, key: str, **values: object) -> str:
        return self.script.texts.say(key, self.ctx.language, **values)

    def _in_force(self, name: str) -> Prompt:
        prompts = self.script.prompts
        return prompts.system if name == "system" else prompts.envelope

    def _chosen(self, name: str | None) -> list[PromptVersion]:
        return [draft for n, draft in self.drafts.items() if name in (None, n)]

    def _parse(self, name: str, text: str) -> tuple[Prompt | None, list[Problem]]:
        file = f"{name}.md"
        prompt, problems = parse_prompt(text, name=name, file=file)
        if prompt is not None and name == "system":
            try:
                self._as_sent(prompt)
            except PromptError as error:
                return None, [Problem(file, None, str(error))]
        return prompt, problems

    def _as_sent(self, system: Prompt) -> str:
        book = book_with(self.script.prompts, system)
        return system_prompt(self.ctx.business, book).text

    def _source(self, version: PromptVersion | None, prompt: Prompt) -> str:
        """Tell where the prompt in force comes from: a published one may be out of order."""
        if version is None or version.version != prompt.version:
            return self._say("prompt_source_files")
        return self._published(version)

    def _published(self, version: PromptVersion) -> str:
        author, when = version.author_telegram_id, self._when(version)
        return self._say("prompt_source_published", author=author, when=when)

    def _when(self, version: PromptVersion) -> str:
        at = version.published_at or version.created_at
        ctx = self.ctx
        return when_label(at, ctx.business.zone, ctx.language, now=ctx.clock.now())

    def _difference(self, name: str, source: str) -> str:
        return difference(name, source, self._in_force(name))

    def _verdict(self, name: str, source: str, *, saved: bool = False) -> Outgoing:
        prompt, problems = self._parse(name, source)
        if prompt is None:
            return self._broken(name, problems)
        tokens = estimate(prompt.source)
        if name == "system":  # as it is sent, with the business filled in
            tokens = estimate(self._as_sent(prompt))
        if saved:
            said = self._say("prompt_saved", name=name, version=prompt.version, tokens=tokens)
        else:
            said = self._say("prompt_fine", name=name, version=prompt.version, tokens=tokens)
        return Outgoing(text=said)

    def _another(self, draft: PromptVersion) -> Outgoing:
        said = self._say(
            "prompt_anothers_draft",
            name=draft.name,
            version=draft.version,
            author=draft.author_telegram_id,
            when=self._when(draft),
            diff=f"/{COMMAND} diff {draft.name}",
            publish=f"/{COMMAND} publish {draft.version}",
        )
        return Outgoing(text=said)

    def _broken(self, name: str, problems: Sequence[Problem]) -> Outgoing:
        return Outgoing(text=f"{self._say('prompt_problems', name=name)}\n{shortlisted(problems)}")

    def _which(self, verb: str) -> list[Outgoing]:
        example = f"/{COMMAND} {verb} {NAMES[0]}"
        return [Outgoing(text=self._say("prompt_which", example=example))]

    def _no_draft(self, name: str) -> list[Outgoing]:
        example = f"/{COMMAND} set {name} ..."
        return [Outgoing(text=self._say("prompt_no_draft", name=name, example=example))]


def _told(ctx: ToolContext, script: Script, outcome: Outcome) -> Outgoing:
    if isinstance(outcome, Refusal):
        return Outgoing(text=script.texts.say("unchanged_unavailable", ctx.language))
    return Outgoing(text=str(getattr(outcome, "text", "")))
