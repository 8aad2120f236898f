"""Voice messages: fetched from the channel, transcribed, and then a text like any other.

The transcript is kept in the turn's journal before anything is answered, so that a turn which is
found after a crash reads the same words and nothing is paid for twice. The sound itself is kept
nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import structlog

from assistant.labels import one_line
from assistant.messages import Incoming, Outgoing, Voice
from assistant.model.port import ModelError, Transcript, Usage
from assistant.recorder import Recorder
from assistant.texts import Texts
from booking.business import STAFF
from db.store import UnitOfWork
from tools.support.context import ToolContext

logger = structlog.get_logger(__name__)

# telegram rules, "people".
MAX_SECONDS = 120
MAX_BYTES = 20 * 1024 * 1024
# Of all of a message's attempts to be transcribed.
_TIMEOUT_SECONDS = 30.0
# Positions in the journal: apart from those of calls and writes.
_HEARD = 9_200
STEP = "voice"
_SHOWN_CHARACTERS = 300
_NOTHING = Transcript("")


class DownloadError(Exception):
    """A file couldn't be fetched from the channel; the message names no person."""


@runtime_checkable
class Downloads(Protocol):
    """A channel whose voice messages can be fetched."""

    async def download(self, file_id: str, *, max_bytes: int) -> bytes:
        """Return a file's contents.

        Raises:
            DownloadError: it isn't to be had, or has more bytes than that.
        """
        ...


class Hearing(Protocol):
    """What turns sound into text: `assistant.model.transcription.Transcriber`."""

    async def transcribe(
        self,
        audio: bytes,
        *,
        languages: tuple[str, ...],
        names: tuple[str, ...],
        timeout_seconds: float,
    ) -> Transcript:
        """Return what is said.

        Raises:
            ModelError: it couldn't be had.
        """
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a message's voice parts.

    Args:
        incoming: with their words in its text, and no voice parts any more.
        words: what was heard, for reading it back.
        usage: what hearing it cost now; what an earlier attempt heard costs nothing.
        unheard: key of the text that says why something wasn't; None = all of it was.
    """

    incoming: Incoming
    words: str
    unheard: str | None
    usage: Usage


class Listener:
    """Listens to the voice messages of some channels.

    Args:
        downloads: by the channel's name.
        hearing: None = nothing can be transcribed.
        is_away: whether the provider isn't worth asking now.
        recorder: takes note of what happens.
    """

    def __init__(
        self,
        downloads: Mapping[str, Downloads],
        hearing: Hearing | None,
        *,
        is_away: Callable[[], bool] = lambda: False,
        recorder: Recorder | None = None,
    ) -> None:
        self._downloads = downloads
        self._hearing = hearing
        self._is_away = is_away
        self._recorder = recorder or Recorder()

    @property
    def hears(self) -> bool:
        """Whether customers may be asked to speak."""
        return self._hearing is not None and bool(self._downloads)

    async def hear(self, ctx: ToolContext, incoming: Incoming) -> Heard:
        """Put the words of a message's voice parts into its text.

        Raises:
            DatabaseUnavailableError: a transcript couldn't be kept; handle the message again.
        """
        words: dict[int, str] = {}
        unheard, usage = None, Usage()
        for place, (update_id, voice) in enumerate(incoming.voices):
            text = ctx.heard.get(update_id)
            if text is None:
                heard, problem = await self._listen(ctx, incoming.channel, voice)
                text, unheard = heard.text, problem or unheard
                usage += heard.usage
                if text:
                    await _keep(ctx, _HEARD + place, update_id, text)
            if text:
                words[update_id] = text
        said = "\n".join(words.values())
        return Heard(incoming.with_words(words), said, unheard, usage)

    async def _listen(
        self, ctx: ToolContext, channel: str, voice: Voice
    ) -> tuple[Transcript, str | None]:
        """Return what one voice message says, or the key of the text that says why not."""
        if voice.seconds > MAX_SECONDS or (voice.size or 0) > MAX_BYTES:
            return _NOTHING, "voice_too_long"
        downloads = self._downloads.get(channel)
        if downloads is None or self._hearing is None or self._is_away():
            return _NOTHING, "voice_unavailable"
        try:
            audio = await downloads.download(voice.file_id, max_bytes=MAX_BYTES)
            heard = await self._hearing.transcribe(
                audio,
                languages=tuple(dict.fromkeys((ctx.language, *ctx.business.languages))),
                names=names_of(ctx),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
        except DownloadError as error:
            logger.warning("voice_download_failed", error=str(error))
            return _NOTHING, "voice_unavailable"
        except ModelError as error:
            self._recorder.model_error(error.kind.value)
            logger.warning("voice_not_transcribed", kind=error.kind.value, status=error.status)
            return _NOTHING, "voice_unavailable"
        self._recorder.transcribed(heard.model, heard.usage, voice.seconds)
        logger.info("voice_transcribed", seconds=voice.seconds, characters=len(heard.text))
        return heard, None if heard.text else "voice_not_understood"


async def _keep(ctx: ToolContext, position: int, update_id: int, text: str) -> None:
    """Keep a transcript in the turn's journal."""
    turn_id = ctx.turn_id
    if turn_id is None:
        return

    async def work(uow: UnitOfWork) -> None:
        if await ctx.may_write(uow):
            payload = {"update_id": update_id, "text": text}
            await uow.conversations.add_step(turn_id, position, STEP, payload)

    await ctx.store.run(ctx.business, work)


def names_of(ctx: ToolContext) -> tuple[str, ...]:
    """Return names that a customer may say: of services and of people, in their languages."""
    business = ctx.business
    languages = dict.fromkeys((ctx.language, *business.languages))
    named = [
        *(service.name for service in business.services if service.active),
        *(each.name for each in business.resources if each.active and each.kind == STAFF),
    ]
    return tuple(dict.fromkeys(one_line(name.get(code)) for code in languages for name in named))


def read_back(texts: Texts, language: str, words: str, messages: list[Outgoing]) -> list[Outgoing]:
    """Return an answer with what was heard said first, so that a mishearing is seen.

    Args:
        words: the transcript: data, which mustn't become formatting.
    """
    if not messages or not words:
        return messages
    shown = one_line(words)
    if len(shown) > _SHOWN_CHARACTERS:
        shown = shown[: _SHOWN_CHARACTERS - 1] + "…"
    notice = texts.say("voice_heard", language, text=shown)
    first = messages[0]
    if first.markdown:
        return [Outgoing(text=notice), *messages]
    return [first.model_copy(update={"text": f"{notice}\n\n{first.text}"}), *messages[1:]]
