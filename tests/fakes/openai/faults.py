"""Answers that aren't a model's output: HTTP errors in OpenAI's shapes."""

from __future__ import annotations

from aiohttp import web

from .answers import Failed, HtmlPage, HttpError, Plain, QuotaExhausted, RateLimited
from .errors import ApiError

_HTML = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    "<body><h1>Checking your browser before accessing the site.</h1></body></html>"
)
_KINDS = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "unsupported_country_region_territory"),
    404: ("invalid_request_error", "model_not_found"),
    408: ("timeout", None),
    409: ("conflict", None),
    429: ("requests", "rate_limit_exceeded"),
}


def respond(problem: ApiError) -> web.Response:
    """The HTTP response of an error."""
    return web.json_response(problem.body(), status=problem.status, headers=problem.headers)


def fault_response(answer: Plain) -> web.Response | None:
    """The HTTP response a scripted fault stands for, or None for any other answer."""
    match answer:
        case HttpError():
            return _http_error(answer)
        case RateLimited(retry_after):
            headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
            return respond(
                ApiError(
                    "Rate limit reached for requests. Please try again later.",
                    status=429,
                    kind="requests",
                    code="rate_limit_exceeded",
                    headers=headers,
                )
            )
        case QuotaExhausted():
            return respond(
                ApiError(
                    "You exceeded your current quota, please check your plan and billing details.",
                    status=429,
                    kind="insufficient_quota",
                    code="insufficient_quota",
                )
            )
        case HtmlPage(status):
            return web.Response(text=_HTML, status=status, content_type="text/html")
        case Failed(code, message):
            return respond(ApiError(message, status=500, kind="server_error", code=code))
        case _:
            return None


def _http_error(answer: HttpError) -> web.Response:
    headers = {} if answer.retry_after is None else {"Retry-After": f"{answer.retry_after:g}"}
    if isinstance(answer.body, str):
        return web.Response(text=answer.body, status=answer.status, headers=headers)
    if answer.body is not None:
        return web.json_response(dict(answer.body), status=answer.status, headers=headers)
    kind, code = _KINDS.get(answer.status, ("server_error", None))
    return respond(
        ApiError(
            f"The server answers with HTTP {answer.status}, as scripted.",
            status=answer.status,
            kind=kind,
            code=answer.code or code,
            headers=headers,
        )
    )
