"""The refusals of the Bot API, in the shape and wording of the real server."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal that becomes ``{"ok": false, ...}``.

    Arguments: HTTP status, description as the real server words it, optional whole seconds to
    wait (status 429).
    """

    def __init__(self, status: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(f"{status} {description}")
        self.status = status
        self.description = description
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The JSON object that the client reads."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.status,
            "description": self.description,
        }
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(message: str) -> ApiError:
    """A 400. The real server lowers the first letter, unless the message is a CODE_LIKE_THIS."""
    if message[1:2].islower() or message[1:2] in {" ", "'"}:
        message = message[0].lower() + message[1:]
    return ApiError(400, f"Bad Request: {message}")


def blocked() -> ApiError:
    """The person has blocked the bot."""
    return ApiError(403, "Forbidden: bot was blocked by the user")


def too_many(retry_after: int) -> ApiError:
    """A 429 with the seconds to wait."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after)


def unauthorized() -> ApiError:
    """The token is not one of this server's."""
    return ApiError(401, "Unauthorized")


def not_found() -> ApiError:
    """No such method or file."""
    return ApiError(404, "Not Found")


def conflict(message: str) -> ApiError:
    """Two readers of one queue of updates."""
    return ApiError(409, f"Conflict: {message}")
