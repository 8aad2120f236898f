"""Traces in OpenTelemetry's words; imported only where an endpoint is set.

A turn is one trace: its transactions, its calls of the model and of tools; a delivery is another,
with a link to the work that put the message into the outbox.
Names and attributes of what the model does follow the semantic conventions for generative AI
(https://opentelemetry.io/docs/specs/semconv/gen-ai/), without any content: no prompt, no answer, no
arguments, and of an exception its type. Nothing here is global: the provider is this object's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.semconv._incubating.attributes import db_attributes as db
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes as gen_ai
from opentelemetry.semconv.attributes import error_attributes, service_attributes
from opentelemetry.trace import Link, Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import Connection, Engine, event
from structlog.contextvars import get_contextvars

from assistant.model.port import Usage
from assistant.recorder import Recorder, SendOutcome, Stage, ToolOutcome, Work
from db.session import TRACE

_PROVIDER = "openai"
# Where the collector is away, the end of the process waits no longer than this.
EXPORT_SECONDS = 2.0
# Of the log's context: numbers of ours. A chat's number is a person's, and stays here.
_IDS = ("turn_id", "update_id")
# https://www.w3.org/TR/trace-context/#traceparent-header
_W3C = TraceContextTextMapPropagator()
_TRACEPARENT = "traceparent"


@dataclass(slots=True)
class _Transaction:
    """One that is open."""

    span: Span
    statements: int = 0


class Tracing(Recorder):
    """Sends what happens to a collector, as spans, by OTLP over HTTP.

    Args:
        endpoint: base address of the collector; "/v1/traces" is added.
        headers: sent with each request, for instance a key.
        service: name of this service.
        version: of the program.
        model: that is asked first.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        headers: dict[str, str],
        service: str,
        version: str,
        model: str,
    ) -> None:
        resource = Resource.create(
            {
                service_attributes.SERVICE_NAME: service,
                service_attributes.SERVICE_VERSION: version,
            }
        )
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(
            f"{endpoint.rstrip('/')}/v1/traces", headers=headers, timeout=EXPORT_SECONDS
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("booking-assistant", version)
        self._model = model
        # Not in `Connection.info`, which can't be had once the connection is broken.
        self._open: WeakKeyDictionary[Connection, _Transaction] = WeakKeyDictionary()

    # --- what a piece of work is

    @contextmanager
    def span(self, what: Work | Stage, *, caused_by: str = "", **ids: int) -> Iterator[None]:
        """Open a span around the body, under the one that is open."""
        if what is Stage.DATABASE:
            yield  # each transaction has a span of its own: see `watch`
            return
        name, kind, attributes = self._opening(what)
        with (
            self._tracer.start_as_current_span(
                name,
                kind=kind,
                attributes=attributes | {f"assistant.{key}": value for key, value in ids.items()},
                links=_links(caused_by),
                record_exception=False,  # its words may be a customer's
                set_status_on_exception=False,
            ) as span,
            _known(span, what),
        ):
            try:
                yield
            except BaseException as error:
                if not _has_failed(span):  # what was noted says more
                    _fail(span, type(error).__qualname__)
                raise
            finally:
                if isinstance(what, Work):
                    _identify(span)

    def _opening(self, what: Work | Stage) -> tuple[str, SpanKind, dict[str, Any]]:
        if what is Stage.MODEL:
            return (
                f"{gen_ai.GenAiOperationNameValues.CHAT.value} {self._model}",
                SpanKind.CLIENT,
                {
                    gen_ai.GEN_AI_OPERATION_NAME: gen_ai.GenAiOperationNameValues.CHAT.value,
                    gen_ai.GEN_AI_PROVIDER_NAME: _PROVIDER,
                    gen_ai.GEN_AI_REQUEST_MODEL: self._model,
                },
            )
        if what is Stage.TOOLS:
            operation = gen_ai.GenAiOperationNameValues.EXECUTE_TOOL.value
            return (
                operation,
                SpanKind.INTERNAL,
                {
                    gen_ai.GEN_AI_OPERATION_NAME: operation,
                    gen_ai.GEN_AI_TOOL_TYPE: "function",
                },
            )
        kind = SpanKind.CONSUMER if what is Work.TURN else SpanKind.PRODUCER
        return what.value, kind, {}

    # --- what is noted while it is open

    def turn(self, kind: str, outcome: str, seconds: float) -> None:
        """Say how the turn ended."""
        span = _current()
        span.set_attributes({"assistant.turn.kind": kind, "assistant.turn.outcome": outcome})
        if outcome == ToolOutcome.FAILED.value:
            _fail(span, outcome)

    def stage(self, stage: Stage, seconds: float) -> None:
        """Note what no span shows: how long it waited before its work began."""
        if stage in (Stage.QUEUE_WAIT, Stage.DELIVERY):
            _current().set_attribute(f"assistant.{stage.value}_seconds", seconds)

    def tool(self, name: str, outcome: ToolOutcome) -> None:
        """Name the span of a call; one whose arguments were no good has none."""
        span = _current()
        if outcome is ToolOutcome.BAD_ARGUMENTS:
            span.add_event("bad_arguments", {gen_ai.GEN_AI_TOOL_NAME: name})
            return
        span.update_name(f"{gen_ai.GenAiOperationNameValues.EXECUTE_TOOL.value} {name}")
        span.set_attributes(
            {gen_ai.GEN_AI_TOOL_NAME: name, "assistant.tool.outcome": outcome.value}
        )
        if outcome in (ToolOutcome.FAILED, ToolOutcome.TIMEOUT):
            _fail(span, outcome.value)

    def refusal(self, code: str) -> None:
        """Note it at the turn."""
        _current().add_event("refusal", {"assistant.refusal.code": code})

    def model_call(self, model: str, usage: Usage) -> None:
        """Say what the call used."""
        _current().set_attributes(
            {
                gen_ai.GEN_AI_RESPONSE_MODEL: model,
                gen_ai.GEN_AI_USAGE_INPUT_TOKENS: usage.input_tokens,
                gen_ai.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: usage.cached_tokens,
                gen_ai.GEN_AI_USAGE_OUTPUT_TOKENS: usage.output_tokens,
            }
        )

    def transcribed(self, model: str, usage: Usage, seconds: float) -> None:
        """Note it at the turn: the conventions know no such operation yet."""
        noted: dict[str, str | float] = {
            gen_ai.GEN_AI_RESPONSE_MODEL: model,
            gen_ai.GEN_AI_USAGE_INPUT_TOKENS: usage.input_tokens,
            gen_ai.GEN_AI_USAGE_OUTPUT_TOKENS: usage.output_tokens,
            "assistant.voice_seconds": seconds,
        }
        _current().add_event("transcribed", noted)

    def model_error(self, kind: str) -> None:
        """Say why the call failed."""
        _fail(_current(), kind)

    def send(self, kind: str, outcome: SendOutcome) -> None:
        """Say how the delivery ended."""
        span = _current()
        span.update_name(f"{Work.DELIVERY.value} {kind}")
        span.set_attributes({"assistant.kind": kind, "assistant.delivery.outcome": outcome.value})
        if outcome in (SendOutcome.FAILED, SendOutcome.UNKNOWN):
            _fail(span, outcome.value)

    # --- transactions

    def watch(self, engine: Engine) -> None:
        """Open a span for each transaction of an engine that is a part of some work."""
        event.listen(engine, "begin", self._begin)
        event.listen(engine, "commit", partial(self._end, outcome="commit"))
        event.listen(engine, "rollback", partial(self._end, outcome="rollback"))
        event.listen(engine, "before_cursor_execute", self._count)

    def _begin(self, connection: Connection) -> None:
        if not _current().is_recording():
            return  # what a process does all the time, for nobody
        span = self._tracer.start_span(
            "transaction",
            kind=SpanKind.CLIENT,
            attributes={db.DB_SYSTEM_NAME: db.DbSystemNameValues.POSTGRESQL.value},
        )
        self._open[connection] = _Transaction(span)

    def _count(self, connection: Connection, *_: Any) -> None:
        transaction = self._open.get(connection)
        if transaction is not None:
            transaction.statements += 1

    def _end(self, connection: Connection, *, outcome: str) -> None:
        transaction = self._open.pop(connection, None)
        if transaction is not None:
            transaction.span.set_attributes(
                {
                    "assistant.transaction.outcome": outcome,
                    "assistant.transaction.statements": transaction.statements,
                }
            )
            transaction.span.end()

    def close(self) -> None:
        """Send what is left, and end."""
        self._provider.force_flush(int(EXPORT_SECONDS * 1000))
        self._provider.shutdown()


def _current() -> Span:
    return trace.get_current_span()


def _fail(span: Span, kind: str) -> None:
    span.set_status(StatusCode.ERROR)
    span.set_attribute(error_attributes.ERROR_TYPE, kind)


def _has_failed(span: Span) -> bool:
    return isinstance(span, ReadableSpan) and span.status.status_code is StatusCode.ERROR


@contextmanager
def _known(span: Span, what: Work | Stage) -> Iterator[None]:
    """Let what the body puts into the outbox name this piece of work."""
    if not isinstance(what, Work):
        yield
        return
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, trace.set_span_in_context(span))
    token = TRACE.set(carrier.get(_TRACEPARENT, ""))
    try:
        yield
    finally:
        TRACE.reset(token)


def _links(caused_by: str) -> list[Link]:
    """Return the link to a piece of work; none where it wasn't traced."""
    found = trace.get_current_span(_W3C.extract({_TRACEPARENT: caused_by}, Context()))
    context = found.get_span_context()
    return [Link(context)] if context.is_valid else []


def _identify(span: Span) -> None:
    """Give a span the numbers that the log's lines have."""
    bound = get_contextvars()
    for name in _IDS:
        if isinstance(bound.get(name), int):
            span.set_attribute(f"assistant.{name}", bound[name])
