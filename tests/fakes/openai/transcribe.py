"""The form of `POST /v1/audio/transcriptions`."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from aiohttp import BodyPartReader, web
from openai.types.audio.transcription_create_params import TranscriptionCreateParamsNonStreaming

from .errors import ApiError, JsonObject, invalid_value, missing_parameter, unknown_parameter
from .shapes import fields_of
from .strict import Limits

AUDIO_FORMATS = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
_FORMATS = ("json", "text", "srt", "verbose_json", "vtt", "diarized_json")


async def read_form(request: web.Request) -> JsonObject:
    """Read the multipart form.

    Returns:
        Field name -> text, a list of texts for `name[]`; `file` becomes
        `{"filename": str, "size": int}` with the size in bytes.
    """
    if not request.content_type.startswith("multipart/"):
        raise ApiError("Could not parse multipart form.", param=None)
    form: dict[str, Any] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ApiError("Could not parse multipart form.", param=None)
        if part.name == "file":
            data = await part.read()
            form["file"] = {"filename": part.filename or "", "size": len(data)}
        elif part.name.endswith("[]"):
            form.setdefault(part.name.removesuffix("[]"), []).append(await part.text())
        else:
            form[part.name] = await part.text()
    return form


def check_form(form: JsonObject, limits: Limits) -> None:
    """Raise `ApiError` unless the original would take the form."""
    known = fields_of(TranscriptionCreateParamsNonStreaming)
    for name in form:
        if name not in known:
            raise unknown_parameter(name)
    for name in ("file", "model"):
        if not form.get(name):
            raise missing_parameter(name)
    file: Any = form["file"]
    if PurePath(file["filename"]).suffix.removeprefix(".").lower() not in AUDIO_FORMATS:
        raise ApiError(f"Invalid file format. Supported formats: {list(AUDIO_FORMATS)}")
    if not file["size"]:
        raise ApiError(
            "Audio file is too short. Minimum audio length is 0.1 seconds.",
            param="file",
            code="audio_too_short",
        )
    if not limits.knows(str(form["model"])):
        raise ApiError(
            f"The model `{form['model']}` does not exist or you do not have access to it.",
            status=404,
            code="model_not_found",
        )
    _check_hints(form)
    fmt = form.get("response_format", "json")
    if fmt not in _FORMATS:
        raise invalid_value("response_format", fmt, _FORMATS)
    if fmt not in ("json", "text"):
        raise ApiError(
            f"response_format '{fmt}' is not compatible with model '{form['model']}'. "
            "Use 'json' or 'text' instead.",
            param="response_format",
            code="unsupported_value",
        )


def _check_hints(form: dict[str, Any]) -> None:
    """Refuse lists for models that don't take them, and what is no language's code.

    "Supported by `gpt-transcribe`" alone, says the SDK's description of both lists.
    """
    for name in ("keywords", "languages"):
        if name in form and not str(form["model"]).startswith("gpt-transcribe"):
            raise ApiError(
                f"'{name}' is not supported with model '{form['model']}'.",
                param=name,
                code="unsupported_parameter",
            )
    told = [*form.get("languages", ()), *([form["language"]] if "language" in form else [])]
    for language in told:
        if re.fullmatch("[a-z]{2}", language) is None:
            raise ApiError(f"Invalid language '{language}'.", param="language")
