"""An OpenTelemetry collector for traces by OTLP over HTTP, strict about form and names.

https://opentelemetry.io/docs/specs/otlp/ and https://opentelemetry.io/docs/specs/semconv/gen-ai/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # ships no types
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes

from tests.fakes.receiver import Answer, OddityError, Receiver

_GEN_AI = {
    value
    for name, value in vars(gen_ai_attributes).items()
    if name.startswith("GEN_AI_") and isinstance(value, str)
}
# By gen_ai.operation.name: what the conventions require, and how the span is called.
_REQUIRED = {
    "chat": ({"gen_ai.provider.name", "gen_ai.request.model"}, "chat {gen_ai.request.model}"),
    "execute_tool": ({"gen_ai.tool.name"}, "execute_tool {gen_ai.tool.name}"),
}
# Opt-in: they hold what people said.
_CONTENT = {
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.prompt",
    "gen_ai.completion",
    "gen_ai.system_instructions",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
}


@dataclass(frozen=True)
class Span:
    """A span that came in; `links` name others by trace and span."""

    name: str
    kind: str
    id: str
    trace: str
    parent: str
    attributes: dict[str, Any]
    events: tuple[tuple[str, dict[str, Any]], ...]
    failed: bool
    nanoseconds: int
    links: tuple[tuple[str, str], ...] = ()


class FakeCollector(Receiver):
    """Takes traces.

    Attributes:
        spans: in the order in which they came, which is that of their ends.
        resource: the attributes of whoever sent the last ones.
        wanted_headers: that each request must carry.
    """

    most_bytes = 4 << 20

    def __init__(self) -> None:
        super().__init__()
        self.spans: list[Span] = []
        self.resource: dict[str, Any] = {}
        self.wanted_headers: dict[str, str] = {}

    @property
    def endpoint(self) -> str:
        """The address that a program is given."""
        return f"http://127.0.0.1:{self.port}"

    def named(self, name: str) -> list[Span]:
        """Return the spans of a name."""
        return [span for span in self.spans if span.name == name]

    def under(self, span: Span) -> list[Span]:
        """Return the spans right below one."""
        return [each for each in self.spans if each.parent == span.id]

    def take(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Take an export request."""
        if path != "/v1/traces":
            raise OddityError(404, f"no such path: {path}")
        if headers.get("content-type") != "application/x-protobuf":
            raise OddityError(415, f"content type {headers.get('content-type')}")
        if any(headers.get(name) != value for name, value in self.wanted_headers.items()):
            raise OddityError(401, "a header is missing")
        request = ExportTraceServiceRequest()
        try:
            request.ParseFromString(body)
        except DecodeError:
            raise OddityError(400, "no export request") from None
        for resource in request.resource_spans:
            self.resource = _attributes(resource.resource.attributes)
            if "service.name" not in self.resource:
                raise OddityError(400, "a resource without a name")
            for scope in resource.scope_spans:
                self.spans += [_span(each) for each in scope.spans]
        answer: bytes = ExportTraceServiceResponse().SerializeToString()
        return 200, "application/x-protobuf", answer


def _span(wire: WireSpan) -> Span:
    if len(wire.trace_id) != 16 or not any(wire.trace_id):
        raise OddityError(400, "no trace id")
    if len(wire.span_id) != 8 or not any(wire.span_id) or len(wire.parent_span_id) not in (0, 8):
        raise OddityError(400, "no span id")
    nanoseconds = wire.end_time_unix_nano - wire.start_time_unix_nano
    if not wire.name or not wire.start_time_unix_nano or nanoseconds < 0:
        raise OddityError(400, "no name, or no times")
    if any(len(each.trace_id) != 16 or len(each.span_id) != 8 for each in wire.links):
        raise OddityError(400, "a link that names no span")
    span = Span(
        name=wire.name,
        kind=WireSpan.SpanKind.Name(wire.kind).removeprefix("SPAN_KIND_").lower(),
        id=wire.span_id.hex(),
        trace=wire.trace_id.hex(),
        parent=wire.parent_span_id.hex(),
        attributes=_attributes(wire.attributes),
        events=tuple((each.name, _attributes(each.attributes)) for each in wire.events),
        failed=wire.status.code == Status.STATUS_CODE_ERROR,
        nanoseconds=nanoseconds,
        links=tuple((each.trace_id.hex(), each.span_id.hex()) for each in wire.links),
    )
    _judge(span)
    return span


def _judge(span: Span) -> None:
    """Hold a span against the conventions for generative AI."""
    names = {name for name in span.attributes if name.startswith("gen_ai.")}
    if unknown := names - _GEN_AI:
        raise OddityError(400, f"no such attributes: {unknown}")
    if content := names & _CONTENT:
        raise OddityError(400, f"content: {content}")
    if not names:
        return
    operation = span.attributes.get("gen_ai.operation.name")
    if operation not in _REQUIRED:
        raise OddityError(400, f"{span.name}: operation {operation}")
    required, called = _REQUIRED[operation]
    if missing := required - names:
        raise OddityError(400, f"{span.name}: without {missing}")
    for name in required:
        called = called.replace(f"{{{name}}}", str(span.attributes[name]))
    if span.name != called:
        raise OddityError(400, f"{span.name} should be called {called}")
    if span.failed and "error.type" not in span.attributes:
        raise OddityError(400, f"{span.name}: failed without error.type")


def _attributes(pairs: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in pairs:
        assert isinstance(pair, KeyValue)
        if pair.key in found:
            raise OddityError(400, f"{pair.key} is there twice")
        found[pair.key] = _value(pair.value)
    return found


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind is None:
        raise OddityError(400, "an attribute without a value")
    found = getattr(value, kind)
    return [_value(each) for each in found.values] if kind == "array_value" else found
