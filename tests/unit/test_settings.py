"""Settings: what is read, what is refused and how, and that no secret is ever shown."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from assistant.model.port import ModelSettings
from assistant.settings import (
    Settings,
    SettingsError,
    env_example,
    get_settings,
    load_settings,
)
from assistant.settings_help import GROUPS

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "987654321:AAF-0123456789abcdefghijklmnopqrstu"
KEY = "sk-proj-abcdefgh12345678"
PASSWORD = "p4ss+word%21"
DATABASE = f"postgresql://alice:{PASSWORD}@db.example:5432/shop"
SECRETS = (TOKEN, TOKEN.split(":")[1], KEY, PASSWORD, "p4ss+word!", "hook-secret-1")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from the environment of whoever runs the tests, nor from their `.env`."""
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write_env(**variables: str) -> None:
    Path(".env").write_text("".join(f"{n}={v}\n" for n, v in variables.items()), "utf-8")


def refused(**variables: str) -> str:
    write_env(**variables)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.__context__ is None  # the values in pydantic's own error are gone
    return str(caught.value)


def test_without_any_configuration_the_defaults_serve() -> None:
    settings = load_settings()
    assert settings.telegram_bot_token is None
    assert settings.model_settings() is None
    assert (settings.db_pool_size, settings.db_max_overflow) == (10, 20)
    assert (settings.db_pool_timeout, settings.db_pool_recycle) == (30, 3600)
    assert settings.db_pool_pre_ping
    assert settings.business_file.is_file()
    assert settings.assistant_data_dir == Path(".data")


def test_everything_can_be_set_in_the_file(tmp_path: Path) -> None:
    write_env(
        TELEGRAM_BOT_TOKEN=TOKEN,
        TELEGRAM_API_BASE_URL="http://127.0.0.1:8081/",
        TELEGRAM_WEBHOOK_URL="https://bot.example/hook/",
        TELEGRAM_WEBHOOK_SECRET="hook-secret-1",
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL="http://127.0.0.1:9000/v1/",
        OPENAI_MODEL="big",
        OPENAI_FALLBACK_MODEL="none",
        OPENAI_API="CHAT",
        OPENAI_REASONING_EFFORT="default",
        OPENAI_TEMPERATURE="0.3",
        OPENAI_ATTEMPT_TIMEOUT="7.5",
        OPENAI_MAX_ATTEMPTS="2",
        ASSISTANT_BUSINESS="my-shop",
        ASSISTANT_NOW="2026-11-21T09:00:00+01:00",
        ASSISTANT_ADMIN_IDS="1, 22,333",
        ASSISTANT_PROMPTS_DIR=str(tmp_path),
        DATABASE_URL=DATABASE,
        LOG_LEVEL="Warning",
    )
    settings = load_settings()
    assert settings.model_settings() == ModelSettings(
        api_key=KEY,
        base_url="http://127.0.0.1:9000/v1",
        model="big",
        fallback_model=None,
        api="chat",
        attempt_timeout_seconds=7.5,
        max_attempts=2,
        temperature=0.3,
        reasoning_effort=None,
    )
    assert settings.telegram_api_base_url == "http://127.0.0.1:8081"
    assert settings.telegram_webhook_url == "https://bot.example/hook"
    assert settings.assistant_now == dt.datetime(2026, 11, 21, 8, tzinfo=dt.UTC)
    assert settings.assistant_admin_ids == (1, 22, 333)
    assert settings.assistant_prompts_dir == tmp_path
    assert settings.database_url_str.startswith("postgresql+asyncpg://alice:")
    assert settings.log_level == "warning"
    assert set(SECRETS) <= set(settings.secret_values())


def test_several_bots_each_with_its_business() -> None:
    write_env(TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_BOTS="yoga=1:one-secret, clinic=2:two-secret,")
    settings = load_settings()
    assert settings.bots() == [(None, TOKEN), ("yoga", "1:one-secret"), ("clinic", "2:two-secret")]
    assert {"1:one-secret", "one-secret", "two-secret"} <= set(settings.secret_values())
    for wrong in ("yoga=1:one-secret,clinic=1:other", "1:one-secret", "Yoga!=1:one-secret"):
        assert "one-secret" not in refused(TELEGRAM_BOTS=wrong)


def test_an_empty_variable_counts_as_not_set() -> None:
    write_env(TELEGRAM_BOT_TOKEN="", OPENAI_FALLBACK_MODEL="", DB_POOL_SIZE="", ASSISTANT_NOW="")
    assert load_settings() == load_settings(env_file=None)
    assert load_settings().openai_fallback_model == "gpt-5.6-luna"


def test_the_environment_wins_over_the_file_and_overrides_over_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_env(LOG_LEVEL="error", OPENAI_MODEL="from-file", TURN_TIMEOUT="5")
    monkeypatch.setenv("OPENAI_MODEL", "from-environment")
    monkeypatch.setenv("LOG_LEVEL", "debug")
    settings = load_settings(log_level="warning", turn_timeout=None)
    assert settings.openai_model == "from-environment"
    assert settings.log_level == "warning"
    assert settings.turn_timeout == 5


def test_an_override_that_is_no_setting_is_a_defect() -> None:
    with pytest.raises(TypeError, match="log_levle"):
        load_settings(log_levle="info")


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        load_settings().log_level = "debug"  # type: ignore[misc]


def test_cached_access_reads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    get_settings.cache_clear()
    first = get_settings()
    monkeypatch.setenv("LOG_LEVEL", "error")
    assert get_settings() is first
    get_settings.cache_clear()
    assert get_settings().log_level == "error"
    get_settings.cache_clear()


WRONG = [
    ("DB_POOL_SIZE", "many", "a whole number from 1 to 500"),
    ("DB_POOL_SIZE", "0", "a whole number from 1 to 500"),
    ("DB_MAX_OVERFLOW", "2.5", "a whole number from 0 to 500"),
    ("DB_POOL_TIMEOUT", "nan", "a number above 0, at most 600"),
    ("DB_POOL_RECYCLE", "-2", "a whole number from -1 to 86400"),
    ("DB_POOL_PRE_PING", "perhaps", "true or false"),
    ("TELEGRAM_API_BASE_URL", "api.telegram.org", "an address such as https://"),
    ("TELEGRAM_API_BASE_URL", "ftp://api.telegram.org", "an address such as https://"),
    ("TELEGRAM_API_BASE_URL", "https://", "an address such as https://"),
    ("TELEGRAM_WEBHOOK_URL", "http://bot.example/x", "https:// only"),
    ("OPENAI_BASE_URL", "https://host:99999/v1", "an address such as https://"),
    ("OPENAI_BASE_URL", "https://host:port/v1", "an address such as https://"),
    ("OPENAI_BASE_URL", "https://my host/v1", "an address such as https://"),
    ("OPENAI_BASE_URL", "https://[::1/v1", "an address such as https://"),
    ("OPENAI_API", "both", "one of responses, chat"),
    ("OPENAI_REASONING_EFFORT", "hard", "one of none, minimal, low"),
    ("OPENAI_TEMPERATURE", "2.1", "a number from 0 to 2"),
    ("OPENAI_TEMPERATURE", "hot", "a number from 0 to 2"),
    ("OPENAI_MAX_OUTPUT_TOKENS", "15", "a whole number from 16 to 32768"),
    ("OPENAI_ATTEMPT_TIMEOUT", "0", "a number above 0, at most 600"),
    ("OPENAI_ATTEMPT_TIMEOUT", "inf", "a number above 0, at most 600"),
    ("OPENAI_MAX_ATTEMPTS", "99", "a whole number from 1 to 10"),
    ("TURN_MAX_MODEL_CALLS", "21", "a whole number from 1 to 20"),
    ("TURN_TIMEOUT", "45s", "a number above 0, at most 600"),
    ("TURN_HISTORY_TURNS", "-1", "a whole number from 0 to 200"),
    ("ASSISTANT_BUSINESS", "My Shop", "a slug"),
    ("ASSISTANT_BUSINESS_FILE", "nowhere.yaml", "a file that exists"),
    ("ASSISTANT_PROMPTS_DIR", "nowhere", "a folder that exists"),
    ("ASSISTANT_POSTGRES_BIN", "/nowhere/bin", "a folder that exists"),
    ("ASSISTANT_NOW", "2026-11-21T09:00:00", "add one, as in +01:00 or Z"),
    ("ASSISTANT_NOW", "2026-02-30T09:00:00Z", "not a date and time that exists"),
    ("ASSISTANT_NOW", "tomorrow", "a date and time with offset"),
    ("ASSISTANT_NOW", "1790000000", "a date and time with offset"),
    ("ASSISTANT_ADMIN_IDS", "1,@owner", "numbers with commas between them"),
    ("ASSISTANT_ADMIN_IDS", "1;2", "numbers with commas between them"),
    ("ASSISTANT_BURST_SECONDS", "11", "a number from 0 to 10"),
    ("LOG_LEVEL", "loud", "one of debug, info, warning, error"),
    ("LOG_FORMAT", "xml", "one of auto, console, json"),
]


@pytest.mark.parametrize(("name", "value", "words"), WRONG)
def test_a_wrong_value_is_named_with_what_it_holds_and_what_is_allowed(
    name: str, value: str, words: str
) -> None:
    first, line = refused(**{name: value}).splitlines()
    assert first == "The settings can't be used:"
    assert line.startswith(f"  {name} holds {value!r}; allowed: ")
    assert words in line


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TELEGRAM_BOT_TOKEN", "not-a-token-at-all", "digits, a colon"),
        ("TELEGRAM_BOT_TOKEN", f"{TOKEN} {TOKEN}", "digits, a colon"),
        ("TELEGRAM_WEBHOOK_SECRET", "hook secret!", "1 to 256 letters"),
        ("OPENAI_API_KEY", "sk-one sk-two", "a key without spaces"),
        ("DATABASE_URL", "mysql://alice:wonderland@db/shop", "must start with postgresql://"),
        ("DATABASE_URL", "alice:wonderland@db/shop", "must start with postgresql://"),
        ("DATABASE_URL", "postgresql://alice:wonderland@db:port/x", "must look like postgresql://"),
        ("DATABASE_URL", "postgresql://alice:wonder/land@db:99x/x", "must look like postgresql://"),
    ],
)
def test_a_wrong_secret_is_named_but_not_shown(name: str, value: str, words: str) -> None:
    text = refused(**{name: value})
    assert f"{name} holds a value that is not shown because it is secret; allowed: " in text
    assert words in text
    for piece in [value, *re.split(r"[\s:/@]+", value)]:
        assert len(piece) < 4 or piece in ("postgresql", "port") or piece not in text


@pytest.mark.parametrize(
    "value",
    [
        "https://alice:wonderland@host/v1",
        "https://wonderland@host/v1",
        "https://alice:wonder@wonderland@host/v1",
        "https://host/v1?key=wonderland",
        "ftp://alice:wonderland@host",
        f"https://host/bot{TOKEN}/?key=wonderland",
        f"{KEY}wonderland",
    ],
)
def test_a_secret_inside_another_value_is_not_shown_either(value: str) -> None:
    text = refused(OPENAI_BASE_URL=value)
    assert "OPENAI_BASE_URL holds" in text
    assert "wonderland" not in text
    assert TOKEN not in text
    assert KEY not in text


def test_all_wrong_values_are_listed_one_a_line() -> None:
    text = refused(LOG_LEVEL="loud", DB_POOL_SIZE="0", OPENAI_API="both", TURN_TIMEOUT="x" * 500)
    names = [line.split()[0] for line in text.splitlines()[1:]]
    assert sorted(names) == ["DB_POOL_SIZE", "LOG_LEVEL", "OPENAI_API", "TURN_TIMEOUT"]
    assert max(len(line) for line in text.splitlines()) < 200


def test_a_file_that_cannot_be_read_is_named() -> None:
    Path(".env").write_bytes(b"LOG_LEVEL=\xff\xfe\n")
    with pytest.raises(SettingsError, match=r"\.env can't be read: it isn't UTF-8 text"):
        load_settings()


@pytest.mark.parametrize(
    ("text", "line"),
    [("A=1\nOPENAI_MODEL\n", 2), ('A=1\n\nTELEGRAM_BOT_TOKEN="12:ab\n', 3), ("=== \n", 1)],
)
def test_a_line_that_sets_nothing_is_named(text: str, line: int) -> None:
    Path(".env").write_text(text)
    with pytest.raises(SettingsError, match=rf"\.env, line {line} can't be read: write NAME=value"):
        load_settings()


def configured() -> Settings:
    return load_settings(
        env_file=None,
        telegram_bot_token=SecretStr(TOKEN),
        telegram_webhook_secret=SecretStr("hook-secret-1"),
        openai_api_key=SecretStr(KEY),
        database_url=SecretStr(DATABASE),
    )


def test_secrets_never_show(caplog: pytest.LogCaptureFixture) -> None:
    import logging

    settings = configured()
    with caplog.at_level("DEBUG"):
        logging.getLogger("test").info("settings: %s %r", settings, settings)
    shown = [
        str(settings),
        repr(settings),
        settings.model_dump_json(),
        str(settings.model_dump()),
        repr(settings.model_settings()),
        caplog.text,
    ]
    for text in shown:
        assert not [secret for secret in SECRETS if secret in text]


def test_even_pydantics_own_error_hides_what_was_put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk one two")
    monkeypatch.setenv("DATABASE_URL", f"mysql://alice:{PASSWORD}@db/shop")
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None)
    assert "sk one" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_misspelt_variables_are_pointed_out_without_their_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_env(TELEGRAM_TOKEN=TOKEN, ASSISTANT_COLOUR="red", LOGLEVEL="info", SHELL_THING="x")
    monkeypatch.setenv("OPENAI_KEY", KEY)
    monkeypatch.setenv("OPENAI_ORG_ID", "org")  # another program's
    found = Settings.unknown_variables()
    assert found == [
        "ASSISTANT_COLOUR is not a setting.",
        "LOGLEVEL is not a setting; did you mean LOG_LEVEL?",
        "OPENAI_KEY is not a setting; did you mean OPENAI_API_KEY?",
        "TELEGRAM_TOKEN is not a setting; did you mean TELEGRAM_BOT_TOKEN?",
    ]


def test_a_right_file_gets_no_warning() -> None:
    write_env(LOG_LEVEL="info", openai_model="x")
    assert Settings.unknown_variables() == []


def test_the_example_file_is_the_generated_one() -> None:
    assert (ROOT / ".env.example").read_text("utf-8") == env_example()
    printed = subprocess.run(
        [sys.executable, "-m", "assistant.settings"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout == env_example()
    assert printed.stderr == ""


def test_the_example_file_shows_every_setting_with_its_default() -> None:
    lines = re.findall(r"^#([A-Z_]+)=(.*)$", env_example(), re.MULTILINE)
    assert sorted(name.lower() for name, _ in lines) == sorted(Settings.model_fields)
    write_env(**dict(lines))
    assert load_settings() == load_settings(env_file=None)
    assert {
        line for line in env_example().splitlines() if line and not line.startswith("#")
    } == set()
    for name in Settings.model_fields:
        assert sum(name.startswith(prefixes) for _, prefixes in GROUPS) == 1


def test_every_setting_says_what_it_is_for() -> None:
    for name, info in Settings.model_fields.items():
        assert info.description, name
