"""The preview is what the turn sends, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
import respx

from assistant.conversation import Conversation
from assistant.messages import Incoming, IncomingKind, Person
from assistant.model.chat_completions import ChatCompletionsModel
from assistant.model.openai_client import build_client
from assistant.model.port import ModelSettings
from assistant.model.responses import ResponsesModel
from assistant.preview import Preview, written
from assistant.script import SHIPPED, Script
from assistant.settings import load_settings
from assistant.turn.answer import TurnLimits
from assistant.turn.engine import TurnEngine
from booking.business import Business
from db.repositories.customers import Customer
from db.store import Store, UnitOfWork
from tools.support.registry import discover

URL = "https://model.test/v1"
CHANNEL = "terminal:test"
ANSWERS: dict[str, dict[str, Any]] = {
    "responses": {
        "status": "completed",
        "output": [
            {"type": "message", "content": [{"type": "output_text", "text": "How can I help?"}]}
        ],
    },
    "chat": {
        "choices": [{"message": {"content": "How can I help?"}, "finish_reason": "stop"}],
    },
}
PATHS = {"responses": "/responses", "chat": "/chat/completions"}


@pytest.mark.parametrize("api", ["responses", "chat"])
@pytest.mark.parametrize("model", ["gpt-6-luna", "some-other-model"])
async def test_the_preview_is_what_is_sent(
    store: Store, business: Business, api: Literal["responses", "chat"], model: str
) -> None:
    settings = ModelSettings(
        api_key="k", base_url=URL, api=api, model=model, temperature=0.3, reasoning_effort="low"
    )
    script, registry, limits = Script.load(SHIPPED), discover(), TurnLimits(max_output_tokens=321)
    preview = Preview(settings, registry, limits, history_turns=20)

    async def previewed(uow: UnitOfWork) -> str:
        customer = await uow.customers.get_customer_by_telegram_id(1)
        assert isinstance(customer, Customer)
        body = await preview.body(
            uow,
            "Haircut on Tuesday?",
            customer=customer,
            language="en",
            prompts=script.prompts,
            clock=store.clock,
        )
        return written(body)

    with respx.mock(base_url=URL) as router:
        route = router.post(PATHS[api]).mock(return_value=httpx.Response(200, json=ANSWERS[api]))
        client = build_client(settings, http_client=httpx.AsyncClient())
        adapter: Callable[..., Any] = ResponsesModel if api == "responses" else ChatCompletionsModel
        port = adapter(client, model=model, reasoning_effort="low", temperature=0.3)
        conversation = Conversation(
            store,
            {CHANNEL: business.id},
            script,
            TurnEngine(port, registry, script.texts, limits),
        )

        async def say(number: int, text: str) -> dict[str, Any]:
            incoming = Incoming(
                channel=CHANNEL,
                chat_id=1,
                update_id=number,
                person=Person(telegram_id=1, first_name="Ada", language_code="en"),
                kind=IncomingKind.TEXT,
                text=text,
                received_at=store.clock.now(),
            )
            await conversation.handle(incoming, inbox_ids=[])
            return json.loads(route.calls.last.request.content)  # type: ignore[no-any-return]

        await say(1, "Hello, what can I book with you?")
        shown = json.loads(await store.run(business, previewed))
        assert await say(2, "Haircut on Tuesday?") == shown
        await client.close()


def test_requests_can_be_built_without_a_key() -> None:
    settings = load_settings(env_file=None, openai_api="chat")
    assert settings.model_settings() is None
    assert settings.request_settings().api == "chat"
    assert settings.request_settings().api_key == ""


def test_building_a_request_needs_no_sdk(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = "import sys, assistant.preview; sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
