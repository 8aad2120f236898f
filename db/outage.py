"""Says in the log that something is away, and that it is back: once each, however often tried."""

from __future__ import annotations

from typing import Any

import structlog

logger = structlog.get_logger(__name__)


class Outage:
    """What is tried again and again while it is away.

    Args:
        event: name of the line when it goes away.
        over: name of the line when it is back.
    """

    def __init__(self, event: str, over: str) -> None:
        self._event, self._over = event, over
        self._lasts = False

    def goes_on(self, **facts: Any) -> None:
        """Note that it is away; only the first time in a row is worth a line.

        Args:
            facts: of the line: why.
        """
        if not self._lasts:
            logger.warning(self._event, **facts)
        self._lasts = True

    def is_over(self) -> None:
        """Note that it is there."""
        if self._lasts:
            logger.info(self._over)
        self._lasts = False
