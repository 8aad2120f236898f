"""The fake server itself: routes, authorization, recording, delivery."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Literal, Self, TypedDict, Unpack

from aiohttp import web

from .answers import (
    Output,
    Plain,
    Slow,
    Text,
    output_of,
)
from .delivery import deliver, read_json
from .errors import ApiError, JsonObject
from .faults import fault_response, respond
from .render import Frame
from .request import Endpoint, Request
from .script import Queue, Script, ScriptError, as_player
from .strict import Limits
from .strict_chat import check_chat
from .strict_responses import check_responses
from .transcribe import check_form, read_form
from .usage import PromptCache, Usage, tokens_of, written_tokens

ModelEndpoint = Literal["responses", "chat"]
_CHECKS: Mapping[ModelEndpoint, Callable[[JsonObject, Limits], bytes]] = {
    "responses": check_responses,
    "chat": check_chat,
}
#: Pieces that only a stream that was played to its end has.
_FINISHING = (b"event: response.output_text.done", b"data: [DONE]")


@dataclass(frozen=True)
class Recorded:
    """One request as it arrived, refused or not.

    Args:
        index: arrival number, from 0.
        endpoint: where it arrived.
        body: parsed JSON (for transcriptions the form); empty if there was none to parse.
        headers: header names in lower case.
    """

    index: int
    endpoint: Endpoint
    body: JsonObject
    headers: Mapping[str, str]

    @property
    def view(self) -> Request:
        """The endpoint-neutral view; only of requests to a model."""
        assert self.endpoint in ("responses", "chat"), f"{self.endpoint} has no conversation"
        endpoint: ModelEndpoint = "chat" if self.endpoint == "chat" else "responses"
        return Request(endpoint, self.index, self.body)


@dataclass(frozen=True)
class Refused:
    """One request that broke a rule of the API (scripted errors aren't refusals)."""

    path: str
    status: int
    message: str
    param: str | None
    code: str | None


class Options(TypedDict, total=False):
    """Options of `FakeOpenAI`; see there."""

    transcripts: Sequence[Plain]
    context_tokens: int
    extra_models: Sequence[str]
    api_key: str | None
    port: int


class FakeOpenAI:
    """A strict OpenAI server on loopback.

    Args:
        script: answers in order, or a callable from `Request` to an answer; None greets.
        transcripts: answers of the transcription endpoint, in order.
        context_tokens: context window in approximate tokens.
        extra_models: model names accepted beside those the installed SDK lists.
        api_key: the one key accepted; None accepts any that isn't empty.
        port: TCP port; 0 takes a free one.

    Attributes:
        requests: everything that arrived, in order.
        refused: requests that broke a rule of the API.
        unexpected: requests the script had no answer for; a test should find it empty.
    """

    def __init__(self, script: Script | None = None, **options: Unpack[Options]) -> None:
        self._player = as_player(script)
        self._transcripts = list(options.get("transcripts", ()))
        self._limits = Limits(
            context_tokens=options.get("context_tokens", 400_000),
            extra_models=frozenset(options.get("extra_models", ())),
        )
        self._api_key = options.get("api_key")
        self._wanted_port = options.get("port", 0)
        self._cache = PromptCache()
        # Ids must differ between two servers: a client may keep the first one's in its history.
        self._run = secrets.token_hex(4)
        self._runner: web.AppRunner | None = None
        self._port = 0
        self.requests: list[Recorded] = []
        self.refused: list[Refused] = []
        self.unexpected: list[str] = []

    @property
    def base_url(self) -> str:
        """What `OPENAI_BASE_URL` must hold, ending in `/v1`."""
        assert self._port, "the server isn't running"
        return f"http://127.0.0.1:{self._port}/v1"

    def play(self, script: Script) -> None:
        """Replace the script from the next request on."""
        self._player = as_player(script)

    def hear(self, *transcripts: Plain) -> None:
        """Replace what the transcription endpoint answers from the next request on."""
        self._transcripts = list(transcripts)

    @property
    def left(self) -> int:
        """Steps of a list script not played yet; 0 for a callable."""
        return self._player.left if isinstance(self._player, Queue) else 0

    async def start(self) -> None:
        """Listen on loopback."""
        app = web.Application(middlewares=[self._guard], client_max_size=32 * 2**20)
        app.router.add_post("/v1/responses", self._responses)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/audio/transcriptions", self._transcriptions)
        app.router.add_get("/v1/models", self._models)
        # A client that goes away, or the end of the test, must end a slow answer at once.
        self._runner = web.AppRunner(
            app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._wanted_port)
        await site.start()
        self._port = int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Stop listening and break open connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @classmethod
    @contextlib.contextmanager
    def in_thread(cls, script: Script | None = None, **options: Unpack[Options]) -> Iterator[Self]:
        """Run a server in a thread of its own, for tests that have no event loop."""
        server = cls(script, **options)
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="fake-openai", daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(server.start(), loop).result(timeout=30)
            yield server
        finally:
            asyncio.run_coroutine_threadsafe(server.close(), loop).result(timeout=30)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(timeout=30)
            loop.close()

    @web.middleware
    async def _guard(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Errors in OpenAI's shape, whoever raises them; everything else is noted and raised."""
        try:
            self._authorize(request)
            return await handler(request)
        except ApiError as problem:
            self.refused.append(
                Refused(request.path, problem.status, problem.message, problem.param, problem.code)
            )
            return respond(problem)
        except web.HTTPException as problem:
            wrong = ApiError(
                f"Invalid URL ({request.method} {request.path})"
                if problem.status == 404
                else f"Not allowed to {request.method} on {request.path} "
                "(HINT: Perhaps you meant to use a different HTTP method?)",
                status=problem.status,
            )
            self.refused.append(
                Refused(request.path, wrong.status, wrong.message, wrong.param, wrong.code)
            )
            return respond(wrong)
        except ScriptError as problem:
            self.unexpected.append(str(problem))
            # The SDK and its users may honour this header: retrying can't help here.
            headers = {"x-should-retry": "false"}
            return respond(
                ApiError(str(problem), status=500, kind="fake_script_error", headers=headers)
            )
        except Exception as problem:
            self.unexpected.append(f"{type(problem).__name__}: {problem}")
            raise

    def _authorize(self, request: web.Request) -> None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not key.strip():
            raise ApiError(
                "You didn't provide an API key. You need to provide your API key in an "
                "Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
                status=401,
                code="invalid_api_key",
            )
        if self._api_key is not None and key.strip() != self._api_key:
            raise ApiError(
                f"Incorrect API key provided: {key[:4]}***. You can find your API key at "
                "https://platform.openai.com/account/api-keys.",
                status=401,
                code="invalid_api_key",
            )

    def _record(self, request: web.Request, endpoint: Endpoint, body: JsonObject) -> Recorded:
        headers = {name.lower(): value for name, value in request.headers.items()}
        recorded = Recorded(len(self.requests), endpoint, body, headers)
        self.requests.append(recorded)
        return recorded

    async def _responses(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "responses")

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "chat")

    async def _models(self, request: web.Request) -> web.StreamResponse:
        self._record(request, "models", {})
        data = [
            {"id": name, "object": "model", "created": 1_750_000_000, "owned_by": "system"}
            for name in self._limits.model_names()
        ]
        return web.json_response({"object": "list", "data": data})

    async def _transcriptions(self, request: web.Request) -> web.StreamResponse:
        form = await read_form(request)
        recorded = self._record(request, "transcriptions", form)
        check_form(form, self._limits)
        if not self._transcripts:
            raise ScriptError(f"no transcript is left for request {recorded.index}")
        answer = self._transcripts.pop(0)
        fault = fault_response(answer)
        if fault is not None:
            return fault
        if not isinstance(answer, Text):
            raise ScriptError(f"{answer!r} can't answer a transcription")
        if form.get("response_format") == "text":
            return web.Response(text=answer.text + "\n")
        usage = {"type": "tokens", "input_tokens": 14, "output_tokens": tokens_of(answer.text)}
        usage["total_tokens"] = 14 + tokens_of(answer.text)
        return web.json_response({"text": answer.text, "usage": usage})

    async def _answer(
        self, http_request: web.Request, endpoint: ModelEndpoint
    ) -> web.StreamResponse:
        try:
            body = await read_json(http_request)
        except ApiError:
            self._record(http_request, endpoint, {})
            raise
        recorded = self._record(http_request, endpoint, body)
        prompt = _CHECKS[endpoint](body, self._limits)
        view = Request(endpoint, recorded.index, body)
        answer = self._player(view)
        if isinstance(answer, Slow):
            await asyncio.sleep(answer.seconds)
            answer = answer.then
        output = output_of(answer)
        if output is not None and output.calls:
            output = self._with_ids(view, output)
        return await deliver(http_request, view, self._frame(view, prompt, output), answer, output)

    def _with_ids(self, view: Request, output: Output) -> Output:
        if not view.tools:
            raise ScriptError(
                f"the script answers request {view.index} with a call of "
                f"{output.calls[0].name}, but the request offers no tools"
            )
        calls = tuple(
            replace(call, call_id=call.call_id or f"call_{self._run}{view.index:06d}{position}")
            for position, call in enumerate(output.calls)
        )
        return replace(output, calls=calls)

    def _frame(self, view: Request, prompt: bytes, output: Output | None) -> Frame:
        size = tokens_of(prompt)
        key = str(view.body.get("prompt_cache_key") or "")
        cached = self._cache.cached_tokens(view.model, key, prompt)
        usage = Usage(
            input=size,
            cached=cached,
            written=written_tokens(size, cached),
            output=tokens_of(output.bytes_out()) if output else 0,
        )
        return Frame(view.body, f"{self._run}{view.index:06d}", int(time.time()), usage)
