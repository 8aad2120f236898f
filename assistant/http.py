"""The HTTP server of a process: health checks, metrics, and routes that a channel adds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from assistant.health import Health, Readiness
from assistant.start_errors import StartError

# Larger than any update of Telegram: https://core.telegram.org/bots/api#update
MAX_BODY = 1 << 20
# How long open requests may still take at the end; the stop as a whole is over within 10 s.
_FAREWELL_SECONDS = 1.5

# The body and its content type.
Exposition = Callable[[], Awaitable[tuple[bytes, str]]]


def build_http(health: Health, metrics: Exposition | None = None) -> web.Application:
    """Build the server's application.

    Args:
        health: answers /health/ready.
        metrics: what /metrics shows; None = there is no such page.
    """

    async def live(_: web.Request) -> web.Response:
        return web.json_response({"status": "live"})

    async def ready(_: web.Request) -> web.Response:
        report = await health.report()
        body = {
            "status": report.readiness.value,
            "checks": {
                name: {"ok": check.ok, "detail": check.detail}
                for name, check in report.checks.items()
            },
        }
        away = report.readiness is Readiness.NOT_READY
        return web.json_response(body, status=503 if away else 200)

    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)
    if metrics is not None:
        exposition = metrics

        async def show(_: web.Request) -> web.Response:
            body, content_type = await exposition()
            return web.Response(body=body, headers={"Content-Type": content_type})

        app.router.add_get("/metrics", show)
    return app


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve an application while the body runs.

    At the end no new connection is taken, open requests are answered, and only then the
    application's `on_cleanup` runs: pools that requests use are closed after this.

    Args:
        port: 0 = any.

    Yields:
        The port.

    Raises:
        StartError: the address is taken, or isn't one of this machine.
    """
    # No access log: the path of the webhook is a secret.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_FAREWELL_SECONDS)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise StartError(
                f"ASSISTANT_HTTP_PORT: can't listen on {host}:{port} ({error.strerror})."
                " Another process may have it: choose another port, or 0 for none."
            ) from None
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
