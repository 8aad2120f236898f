"""What `POST /v1/chat/completions` refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)

from .errors import (
    ApiError,
    JsonObject,
    empty_array,
    integer_too_small,
    missing_parameter,
    pattern_mismatch,
    string_too_long,
)
from .shapes import check
from .strict import (
    Limits,
    check_common,
    check_json_format,
    check_name,
    function_names,
    is_reasoning_model,
)
from .usage import prompt_bytes, tokens_of

MAX_CALL_ID = 40
_AUTHOR_PATTERN = r"^[^\s<|\\/>]+$"


def check_chat(body: JsonObject, limits: Limits) -> bytes:
    """Raise `ApiError` unless the original would take the request; the prompt otherwise.

    Returns:
        The prompt's canonical bytes, static part first, for counting tokens.
    """
    for name in ("model", "messages"):
        if body.get(name) is None or body[name] == "":
            raise missing_parameter(name)
    streaming = body.get("stream")
    check(
        CompletionCreateParamsStreaming if streaming else CompletionCreateParamsNonStreaming,
        body,
        "",
    )
    model = str(body["model"])
    if not limits.knows(model):
        raise ApiError(
            f"The model `{model}` does not exist or you do not have access to it.",
            status=404,
            code="model_not_found",
        )
    check_common(body, tool_path=".function")
    _check_options(body, model)
    _check_tool_use(body, model)
    messages = body["messages"]
    assert isinstance(messages, list)
    if not messages:
        raise empty_array("messages")
    for index, message in enumerate(messages):
        _check_message(message, f"messages[{index}]")
    _check_pairs(messages)
    prompt = prompt_bytes([body.get("tools") or [], *messages])
    used = tokens_of(prompt)
    if used > limits.context_tokens:
        raise ApiError(
            f"This model's maximum context length is {limits.context_tokens} tokens. However, "
            f"your messages resulted in {used} tokens. Please reduce the length of the messages.",
            param="messages",
            code="context_length_exceeded",
        )
    return prompt


def _check_options(body: JsonObject, model: str) -> None:
    for name in ("max_tokens", "max_completion_tokens", "n"):
        value = body.get(name)
        if isinstance(value, int) and value < 1:
            raise integer_too_small(name, 1, value)
    if is_reasoning_model(model):
        if body.get("max_tokens") is not None:
            raise ApiError(
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                param="max_tokens",
                code="unsupported_parameter",
            )
        for name in ("temperature", "top_p"):
            value = body.get(name)
            if value is not None and value != 1:
                raise ApiError(
                    f"Unsupported value: '{name}' does not support {value} with this model. "
                    "Only the default (1) value is supported.",
                    param=name,
                    code="unsupported_value",
                )
    fmt = body.get("response_format")
    if isinstance(fmt, dict) and fmt.get("type") == "json_schema":
        check_json_format(fmt["json_schema"], "response_format.json_schema")


def _check_tool_use(body: JsonObject, model: str) -> None:
    tools = body.get("tools")
    if tools == []:
        raise empty_array("tools")
    choice = body.get("tool_choice")
    if not tools:
        for name in ("tool_choice", "parallel_tool_calls"):
            if body.get(name) is not None:
                raise ApiError(
                    f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are "
                    "specified.",
                    param=name,
                )
        return
    if is_reasoning_model(model) and body.get("reasoning_effort") != "none":
        raise ApiError(
            f"Function tools with reasoning_effort are not supported for {model} in "
            "/v1/chat/completions. To use function tools, use /v1/responses or set "
            "reasoning_effort to 'none'.",
            param="reasoning_effort",
        )
    if isinstance(choice, dict) and choice.get("type") == "function":
        wanted = choice["function"]["name"]
        if wanted not in function_names(body, ".function"):
            raise ApiError(
                f"Invalid value for 'tool_choice': function '{wanted}' not found in 'tools'.",
                param="tool_choice",
            )


def _check_message(message: Mapping[str, Any], path: str) -> None:
    content = message.get("content")
    calls = message.get("tool_calls")
    if content == []:
        raise empty_array(f"{path}.content")
    if calls == []:
        raise empty_array(f"{path}.tool_calls")
    name = message.get("name")
    if name is not None and not re.fullmatch(_AUTHOR_PATTERN, name):
        raise pattern_mismatch(f"{path}.name", _AUTHOR_PATTERN)
    if message["role"] != "assistant":
        return
    if (
        content is None
        and not calls
        and not any(message.get(other) for other in ("refusal", "audio", "function_call"))
    ):
        raise ApiError(
            "Invalid value for 'content': expected a string, got null.", param=f"{path}.content"
        )
    for index, call in enumerate(calls or []):
        where = f"{path}.tool_calls[{index}]"
        if len(call["id"]) > MAX_CALL_ID:
            raise string_too_long(f"{where}.id", MAX_CALL_ID, len(call["id"]))
        if call["type"] == "function":
            check_name(call["function"]["name"], f"{where}.function.name")


def _check_pairs(messages: list[Any]) -> None:
    pending: dict[str, None] = {}
    in_answers = False
    for index, message in enumerate(messages):
        if message["role"] == "tool":
            if not in_answers:
                raise ApiError(
                    "Invalid parameter: messages with role 'tool' must be a response to a "
                    "preceeding message with 'tool_calls'.",
                    param=f"messages.[{index}].role",
                )
            if message["tool_call_id"] not in pending:
                raise ApiError(
                    "Invalid parameter: 'tool_call_id' of "
                    f"'{message['tool_call_id']}' not found in 'tool_calls' of previous message.",
                    param=f"messages[{index}].tool_call_id",
                )
            del pending[message["tool_call_id"]]
            continue
        _refuse_unanswered(pending, f"messages.[{index}].role")
        calls = message.get("tool_calls") or []
        ids = [call["id"] for call in calls]
        if len(set(ids)) != len(ids):
            raise ApiError(
                "Invalid parameter: duplicate 'id' in 'tool_calls' of one message.",
                param=f"messages[{index}].tool_calls",
            )
        pending = dict.fromkeys(ids)
        in_answers = bool(calls)
    _refuse_unanswered(pending, f"messages.[{len(messages)}].role")


def _refuse_unanswered(pending: Mapping[str, None], param: str) -> None:
    if pending:
        raise ApiError(
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            f"{', '.join(pending)}",
            param=param,
        )
