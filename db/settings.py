"""How to reach the database. Read from the environment and `.env`; see `.env.example`."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DRIVER = "postgresql+asyncpg"


class DatabaseSettings(BaseSettings):
    """Connection and pool settings.

    An empty variable counts as not set, so that a line left blank in `.env` does no harm.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # a wrong value may be a secret
        allow_inf_nan=False,
    )

    database_url: Annotated[SecretStr | None, NoDecode] = Field(
        default=None,
        description="PostgreSQL 15 or later, as postgresql://user:password@host:5432/name."
        " Empty = the embedded server in ASSISTANT_DATA_DIR.",
    )
    db_pool_size: int = Field(
        default=10, ge=1, le=500, description="Connections kept open by one process."
    )
    db_max_overflow: int = Field(
        default=20, ge=0, le=500, description="More connections opened under load."
    )
    db_pool_timeout: float = Field(
        default=30, gt=0, le=600, description="Seconds to wait for a free connection."
    )
    db_pool_recycle: int = Field(
        default=3600, ge=-1, le=86400, description="Seconds after which a connection is replaced."
    )
    db_pool_pre_ping: bool = Field(default=True, description="Test a connection before it is used.")
    db_lock_timeout: float = Field(
        default=2, gt=0, le=60, description="Seconds a transaction waits for a lock."
    )
    db_statement_timeout: float = Field(
        default=10, gt=0, le=600, description="Seconds a statement may run."
    )
    db_statement_cache: bool = Field(
        default=True,
        description="Keep prepared statements, and listen for work; false behind PgBouncer in"
        " transaction mode: then work is looked for once a second.",
    )

    @field_validator("database_url", mode="before")
    @classmethod
    def _use_asyncpg(cls, value: Any) -> Any:
        raw = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not isinstance(raw, str) or not raw:
            return value
        scheme, separator, rest = raw.partition("://")
        if not separator or scheme not in ("postgres", "postgresql", DRIVER):
            raise ValueError("must start with postgresql://")
        return SecretStr(_checked(f"{DRIVER}://{rest}"))

    @property
    def database_url_str(self) -> str:
        """The URL for SQLAlchemy, password included: never log it."""
        if self.database_url is None:
            raise ValueError("DATABASE_URL is not set; example: postgresql://user:pw@localhost/db")
        return self.database_url.get_secret_value()


def _checked(url: str) -> str:
    # In here: a program without DATABASE_URL needs not wait for SQLAlchemy to answer --help.
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        make_url(url)
    except (ArgumentError, ValueError):
        wrong = True
    else:
        wrong = False
    if wrong:  # not in the except block: the original error may hold the password
        raise ValueError("must look like postgresql://user:password@host:5432/name")
    return url


@lru_cache(maxsize=1)
def get_database_settings() -> DatabaseSettings:
    """Return the settings of this process, read once."""
    return DatabaseSettings()
