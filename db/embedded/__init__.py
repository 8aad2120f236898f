"""PostgreSQL from a wheel or a distribution, run by the application itself: no server to set up."""

from db.embedded.binaries import EmbeddedUnavailable, find_binaries
from db.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedUnavailable", "find_binaries"]
