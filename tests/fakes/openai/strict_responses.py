"""What `POST /v1/responses` refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openai.types.responses import response_input_param
from openai.types.responses.easy_input_message_param import EasyInputMessageParam
from openai.types.responses.response_create_params import (
    ResponseCreateParamsNonStreaming,
    ResponseCreateParamsStreaming,
)
from openai.types.responses.response_output_message_param import ResponseOutputMessageParam

from .errors import (
    ApiError,
    JsonObject,
    empty_array,
    integer_too_small,
    missing_parameter,
    string_too_long,
)
from .shapes import Form, check
from .strict import Limits, check_common, check_json_format, function_names, is_reasoning_model
from .usage import prompt_bytes, tokens_of

MIN_OUTPUT_TOKENS = 16
MAX_CALL_ID = 64
_ID_PREFIXES = {"message": "msg", "function_call": "fc", "reasoning": "rs"}


def check_responses(body: JsonObject, limits: Limits) -> bytes:
    """Raise `ApiError` unless the original would take the request; the prompt otherwise.

    Returns:
        The prompt's canonical bytes, static part first, for counting tokens.
    """
    if not body.get("model"):
        raise missing_parameter("model")
    form = ResponseCreateParamsStreaming if body.get("stream") else ResponseCreateParamsNonStreaming
    check(form, body, "", _pick_message)
    model = str(body["model"])
    if not limits.knows(model):
        raise ApiError(
            f"The requested model '{model}' does not exist.", param="model", code="model_not_found"
        )
    check_common(body, tool_path="")
    _check_options(body, model)
    _check_tool_choice(body)
    _check_state(body)
    given = body.get("input")
    if given is None or given == []:
        raise ApiError(
            "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' "
            "must be provided.",
            param="input",
            code="missing_required_parameter",
        )
    items: list[Any] = given if isinstance(given, list) else [{"role": "user", "content": given}]
    for index, item in enumerate(items):
        _check_item(item, f"input[{index}]")
    _check_pairs(items)
    prompt = prompt_bytes([body.get("tools") or [], body.get("instructions"), *items])
    if tokens_of(prompt) > limits.context_tokens:
        raise ApiError(
            "Your input exceeds the context window of this model. "
            "Please adjust your input and try again.",
            param="input",
            code="context_length_exceeded",
        )
    return prompt


def _pick_message(path: str, value: Mapping[str, object]) -> Form | None:
    """Messages share one `type`: the role, and a list of parts, tell the shapes apart."""
    if not path.startswith("input[") or "." in path or "role" not in value:
        return None
    if value.get("type", "message") != "message":
        return None
    if value["role"] == "assistant" and isinstance(value.get("content"), list):
        return ResponseOutputMessageParam
    if "status" in value:
        return response_input_param.Message
    return EasyInputMessageParam


def _check_options(body: JsonObject, model: str) -> None:
    limit = body.get("max_output_tokens")
    if isinstance(limit, int) and limit < MIN_OUTPUT_TOKENS:
        raise integer_too_small("max_output_tokens", MIN_OUTPUT_TOKENS, limit)
    if is_reasoning_model(model):
        for name in ("temperature", "top_p"):
            if body.get(name) is not None:
                raise ApiError(
                    f"Unsupported parameter: '{name}' is not supported with this model.",
                    param=name,
                )
    text = body.get("text")
    fmt = text.get("format") if isinstance(text, dict) else None
    if isinstance(fmt, dict) and fmt.get("type") == "json_schema":
        check_json_format(fmt, "text.format")


def _check_tool_choice(body: JsonObject) -> None:
    choice = body.get("tool_choice")
    names = function_names(body, "")
    if choice == "required" and not body.get("tools"):
        raise ApiError(
            "Tool choice 'required' must be specified with 'tools' parameter.",
            param="tool_choice",
        )
    wanted: list[object] = []
    if isinstance(choice, dict) and choice.get("type") == "function":
        wanted = [choice["name"]]
    elif isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        wanted = [t.get("name") for t in choice["tools"] if t.get("type") == "function"]
    if any(name not in names for name in wanted):
        raise ApiError(
            "Tool choice 'function' not found in 'tools' parameter.", param="tool_choice"
        )


def _check_state(body: JsonObject) -> None:
    # Nothing is kept between requests, as with `store=false`: no earlier response exists.
    earlier = body.get("previous_response_id")
    if earlier is not None:
        raise ApiError(
            f"Previous response with id '{earlier}' not found.",
            param="previous_response_id",
            code="previous_response_not_found",
        )
    conversation = body.get("conversation")
    if conversation is not None:
        name = conversation.get("id") if isinstance(conversation, dict) else conversation
        raise ApiError(
            f"Conversation with id '{name}' not found.", status=404, param="conversation"
        )


def _check_item(item: Mapping[str, Any], path: str) -> None:
    kind = item.get("type", "message")
    if kind == "item_reference" or (kind == "reasoning" and not item.get("encrypted_content")):
        raise ApiError(
            f"Item with id '{item['id']}' not found. Items are not persisted when `store` is set "
            "to false. Try again with `store` set to true, or remove this item from your input.",
            status=404,
            param="input",
        )
    prefix = _ID_PREFIXES.get(kind)
    # Only items the model wrote carry an id of the service's making.
    if prefix and item.get("id") is not None and not str(item["id"]).startswith(prefix):
        raise ApiError(
            f"Invalid '{path}.id': '{item['id']}'. Expected an ID that begins with '{prefix}'.",
            param=f"{path}.id",
            code="invalid_value",
        )
    if kind == "message" and item["content"] == []:
        raise empty_array(f"{path}.content")
    if kind == "function_call_output" and item["output"] == []:
        raise empty_array(f"{path}.output")
    if kind in ("function_call", "function_call_output"):
        call_id = item["call_id"]
        if not call_id:
            raise ApiError(
                f"Invalid '{path}.call_id': empty string. Expected a string with minimum length 1, "
                "but got an empty string instead.",
                param=f"{path}.call_id",
                code="empty_string",
            )
        if len(call_id) > MAX_CALL_ID:
            raise string_too_long(f"{path}.call_id", MAX_CALL_ID, len(call_id))


def _check_pairs(items: list[Any]) -> None:
    open_calls: dict[str, None] = {}
    for index, item in enumerate(items):
        kind = item.get("type")
        if kind == "function_call":
            if any(
                other.get("type") == "function_call" and other["call_id"] == item["call_id"]
                for other in items[:index]
            ):
                raise ApiError(
                    f"Duplicate function call with call_id {item['call_id']}.", param="input"
                )
            open_calls[item["call_id"]] = None
        elif kind == "function_call_output":
            if item["call_id"] not in open_calls:
                raise ApiError(
                    f"No tool call found for function call output with call_id {item['call_id']}.",
                    param="input",
                )
            del open_calls[item["call_id"]]
    if open_calls:
        raise ApiError(
            f"No tool output found for function call {next(iter(open_calls))}.", param="input"
        )
