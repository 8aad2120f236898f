"""OpenAI's error answers, in the shape and wording of the original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

JsonObject = dict[str, object]


class ApiError(Exception):
    """An HTTP error answer with OpenAI's JSON body.

    Args:
        message: what the caller reads.
        status: HTTP status.
        kind: the body's `type`, for instance `invalid_request_error`.
        param: path of the offending field, or None.
        code: machine-readable code, or None where the original sends null.
        headers: extra response headers, for instance `Retry-After`.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.param = param
        self.code = code
        self.headers = dict(headers or {})

    def body(self) -> JsonObject:
        """The JSON body: `{"error": {message, type, param, code}}`."""
        return {
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }
        }


def quoted_list(values: Sequence[object]) -> str:
    """Join values as the original does: `'a', 'b', and 'c'`."""
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 2:
        return "".join(quoted)
    if len(quoted) == 2:
        return f"{quoted[0]} and {quoted[1]}"
    return f"{', '.join(quoted[:-1])}, and {quoted[-1]}"


def unknown_parameter(path: str) -> ApiError:
    """A field the endpoint doesn't know."""
    return ApiError(f"Unknown parameter: '{path}'.", param=path, code="unknown_parameter")


def missing_parameter(path: str) -> ApiError:
    """A field that must be there."""
    return ApiError(
        f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter"
    )


def invalid_type(path: str, expected: str, got: str) -> ApiError:
    """A value of the wrong JSON type; `expected` and `got` carry their article."""
    return ApiError(
        f"Invalid type for '{path}': expected {expected}, but got {got} instead.",
        param=path,
        code="invalid_type",
    )


def invalid_value(path: str, value: object, supported: Sequence[object]) -> ApiError:
    """A value outside an enumeration."""
    return ApiError(
        f"Invalid value: '{value}'. Supported values are: {quoted_list(supported)}.",
        param=path,
        code="invalid_value",
    )


def empty_array(path: str) -> ApiError:
    """An array that must hold something."""
    return ApiError(
        f"Invalid '{path}': empty array. Expected an array with minimum length 1, "
        "but got an empty array instead.",
        param=path,
        code="empty_array",
    )


def array_too_long(path: str, limit: int, length: int) -> ApiError:
    """An array with more items than the endpoint takes."""
    return ApiError(
        f"Invalid '{path}': array too long. Expected an array with maximum length {limit}, "
        f"but got an array with length {length} instead.",
        param=path,
        code="array_above_max_length",
    )


def string_too_long(path: str, limit: int, length: int) -> ApiError:
    """A string with more characters than the endpoint takes."""
    return ApiError(
        f"Invalid '{path}': string too long. Expected a string with maximum length {limit}, "
        f"but got a string with length {length} instead.",
        param=path,
        code="string_above_max_length",
    )


def integer_too_small(path: str, minimum: int, value: int) -> ApiError:
    """An integer under the endpoint's minimum."""
    return ApiError(
        f"Invalid '{path}': integer below minimum value. Expected a value >= {minimum}, "
        f"but got {value} instead.",
        param=path,
        code="integer_below_min_value",
    )


def pattern_mismatch(path: str, pattern: str) -> ApiError:
    """A string outside the endpoint's pattern."""
    return ApiError(
        f"Invalid '{path}': string does not match pattern. "
        f"Expected a string that matches the pattern '{pattern}'.",
        param=path,
        code="invalid_value",
    )
