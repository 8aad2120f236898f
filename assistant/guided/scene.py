"""Who is answered, and in which words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from assistant.guided.actions import Press, Verb
from assistant.labels import day_label, on_day_label
from assistant.messages import Button
from assistant.texts import Texts
from assistant.wording import Writer
from booking.business import Business
from tools.support.context import ToolContext


@dataclass(frozen=True, slots=True)
class Scene:
    """Who is answered, and in which words: what every message below needs."""

    ctx: ToolContext
    texts: Texts

    @property
    def business(self) -> Business:
        return self.ctx.business

    @property
    def language(self) -> str:
        return self.ctx.language

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that a text is read in, the likeliest first."""
        return tuple(dict.fromkeys((self.language, "en", *self.business.languages)))

    def say(self, key: str, **values: object) -> str:
        """Return a text in the reader's language."""
        return self.texts.say(key, self.language, **values)

    def button(self, key: str, action: str | Verb) -> Button:
        """Return a button whose label is a text without values."""
        verb = Press(action).encode() if isinstance(action, Verb) else action
        return Button(label=self.say(key), action=verb)

    def day(self, date: dt.date) -> str:
        """Return a local date in full: "Tuesday, 24 November"."""
        return day_label(date, self.language, today=self.ctx.today)

    def on_day(self, date: dt.date) -> str:
        """Return when something is: "on Tuesday, 24 November"."""
        return on_day_label(date, self.language, today=self.ctx.today)

    def writer(self) -> Writer:
        """Return what words the facts of an appointment."""
        ctx = self.ctx
        return Writer(ctx.business, ctx.language, self.texts, ctx.clock.now(), ctx.customer.zone)
