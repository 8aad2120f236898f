"""Voice messages over a real socket against the strict fake of OpenAI."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from assistant.model.factory import build_model
from assistant.model.port import ModelError, ModelErrorKind, ModelSettings, Transcript
from tests.fakes import openai as fake

KEY = "sk-test-1234567890"
SOUND = b"OggS" + b"\x00" * 500
NAMES = ("Haircut", "Anna", "Haircut")


@pytest.fixture
async def server() -> AsyncIterator[fake.FakeOpenAI]:
    async with fake.FakeOpenAI([]) as running:
        yield running


async def heard(
    server: fake.FakeOpenAI, *answers: fake.Plain, model: str = "gpt-transcribe", attempts: int = 2
) -> str:
    return (await transcript(server, *answers, model=model, attempts=attempts)).text


async def transcript(
    server: fake.FakeOpenAI, *answers: fake.Plain, model: str = "gpt-transcribe", attempts: int = 2
) -> Transcript:
    server.hear(*answers)
    connection = build_model(
        ModelSettings(
            api_key=KEY,
            base_url=server.base_url,
            transcribe_model=model,
            max_attempts=attempts,
            attempt_timeout_seconds=2,
        )
    )
    assert connection.transcriber is not None
    try:
        return await connection.transcriber.transcribe(
            SOUND, languages=("ru", "en", "ru"), names=NAMES, timeout_seconds=5
        )
    finally:
        await connection.aclose()


async def test_names_and_languages_go_with_the_sound(server: fake.FakeOpenAI) -> None:
    assert await heard(server, fake.Text(" A haircut with Anna. ")) == "A haircut with Anna."
    [request] = server.requests
    assert request.body["file"] == {"filename": "voice.ogg", "size": len(SOUND)}
    assert request.body["model"] == "gpt-transcribe"
    assert request.body["languages"] == ["ru", "en"]
    assert request.body["keywords"] == ["Haircut", "Anna"]


async def test_another_model_gets_one_language_and_a_prompt(server: fake.FakeOpenAI) -> None:
    assert await heard(server, fake.Text("Hi"), model="gpt-4o-mini-transcribe") == "Hi"
    [request] = server.requests
    assert (request.body["language"], request.body["prompt"]) == ("ru", "Haircut, Anna")
    assert server.refused == []


async def test_what_it_cost_is_told(server: fake.FakeOpenAI) -> None:
    found = await transcript(server, fake.Text("A haircut, please."))
    assert found.usage.input_tokens == 14
    assert found.usage.output_tokens > 0


async def test_silence_is_an_empty_text(server: fake.FakeOpenAI) -> None:
    assert await heard(server, fake.Text("")) == ""


@pytest.mark.parametrize("first", [fake.HttpError(500), fake.RateLimited(0)])
async def test_what_may_pass_is_asked_again(server: fake.FakeOpenAI, first: fake.Plain) -> None:
    assert await heard(server, first, fake.Text("Hi")) == "Hi"
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("answer", "kind", "requests"),
    [
        (fake.QuotaExhausted(), ModelErrorKind.QUOTA, 1),
        (fake.HttpError(401), ModelErrorKind.AUTH, 1),
        (fake.HtmlPage(200), ModelErrorKind.PROTOCOL, 2),
        (fake.HttpError(503), ModelErrorKind.SERVER, 2),
    ],
)
async def test_what_does_not_pass_is_an_error_without_the_key(
    server: fake.FakeOpenAI, answer: fake.Plain, kind: ModelErrorKind, requests: int
) -> None:
    with pytest.raises(ModelError) as caught:
        await heard(server, answer, answer)
    assert caught.value.kind is kind
    assert KEY not in str(caught.value)
    assert len(server.requests) == requests


async def test_none_switches_it_off() -> None:
    connection = build_model(ModelSettings(api_key=KEY, transcribe_model=None))
    assert connection.transcriber is None
    await connection.aclose()
