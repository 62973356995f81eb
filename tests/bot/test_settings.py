"""Settings from arguments, the environment and quillmate.toml, and the sentence for a wrong one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, load


@pytest.fixture(autouse=True)
def clean_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("QUILLMATE_") or name == "DISCORD_TOKEN":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUILLMATE_DATA", str(tmp_path / "data"))


def test_every_setting_has_a_default(tmp_path: Path) -> None:
    settings = load()
    assert settings.engine == ("embedded",)
    assert settings.token.get_secret_value() == ""
    assert settings.database_url == f"sqlite:///{tmp_path / 'data' / 'quillmate.db'}"
    assert settings.jobs_url == f"sqlite:///{tmp_path / 'data' / 'jobs.db'}"
    assert (tmp_path / "data").is_dir()


def test_the_default_data_folder_follows_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUILLMATE_DATA")
    assert Settings().data.name == "quillmate"


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("QUILLMATE_ENGINE", "openai:gpt-5, embedded,", "engine", ("openai:gpt-5", "embedded")),
        ("QUILLMATE_ENGINE_URL", "http://a/v1", "engine_url", "http://a/v1"),
        ("QUILLMATE_IMAGES", " openai:gpt-image-1 ", "images", "openai:gpt-image-1"),
        ("QUILLMATE_IMAGES_URL", "http://127.0.0.1:7860", "images_url", "http://127.0.0.1:7860"),
        ("QUILLMATE_TIMEOUT", "30", "timeout", 30.0),
        ("QUILLMATE_TIMEOUT", "870", "timeout", 870.0),
        ("QUILLMATE_GRACE", "0", "grace", 0.0),
        ("QUILLMATE_LOG", "debug", "log", "DEBUG"),
        ("QUILLMATE_EMBEDDINGS", "none", "embeddings", "none"),
        ("QUILLMATE_UNKNOWN", "x", "log", "INFO"),
    ],
)
def test_settings_are_read_from_the_environment(
    name: str, value: str, field: str, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(load(), field) == read


def test_settings_are_read_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "quillmate.toml").write_text(
        'DISCORD_TOKEN = "t"\nengine = ["a:b", "embedded"]\ntimeout = 9\nlog = "error"\n'
    )
    settings = load()
    assert settings.token.get_secret_value() == "t"
    assert (settings.engine, settings.timeout, settings.log) == (("a:b", "embedded"), 9.0, "ERROR")


def test_arguments_override_the_environment_and_that_overrides_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "quillmate.toml").write_text('timeout = 1\ngrace = 1\nlog = "ERROR"\n')
    monkeypatch.setenv("QUILLMATE_TIMEOUT", "2")
    monkeypatch.setenv("QUILLMATE_GRACE", "2")
    settings = load(timeout=3)
    assert (settings.timeout, settings.grace, settings.log) == (3.0, 2.0, "ERROR")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("QUILLMATE_ENGINE", ",", 'QUILLMATE_ENGINE is ","; it should name a model such as embedded or openai:gpt-5.'),
        ("QUILLMATE_TIMEOUT", "0", 'QUILLMATE_TIMEOUT is "0"; it should be greater than 0.'),
        ("QUILLMATE_TIMEOUT", "871", 'QUILLMATE_TIMEOUT is "871"; it should be less than or equal to 870.'),
        ("QUILLMATE_TIMEOUT", "soon", 'QUILLMATE_TIMEOUT is "soon"; it should be a valid number'),
        (
            "QUILLMATE_IMAGES_URL",
            "localhost",
            'QUILLMATE_IMAGES_URL is "localhost"; it should begin with http:// or https://.',
        ),
        ("QUILLMATE_ENGINE_URL", "10.0.0.5:8000", 'QUILLMATE_ENGINE_URL is "10.0.0.5:8000"; it should begin with http'),
        ("QUILLMATE_GRACE", "-1", 'QUILLMATE_GRACE is "-1"; it should be greater than or equal to 0.'),
        ("QUILLMATE_SLOT", "a b", 'QUILLMATE_SLOT is "a b"; it should be a word of letters, digits, - and _.'),
        ("QUILLMATE_LOG", "loud", 'QUILLMATE_LOG is "loud"; it should be DEBUG, INFO, WARNING or ERROR.'),
        ("QUILLMATE_LOG", "x" * 500, 'QUILLMATE_LOG is "' + "x" * 80 + '"; it should'),
    ],
)
def test_an_invalid_value_is_named(name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value).startswith(sentence)
    assert "\n" not in str(told.value)


# BUG: the sentence shows the value, which is a secret here.
@pytest.mark.parametrize(
    ("name", "shown"), [("DISCORD_TOKEN", "DISCORD_TOKEN"), ("engine_key", "QUILLMATE_ENGINE_KEY")]
)
def test_an_invalid_secret_is_not_shown(name: str, shown: str, tmp_path: Path) -> None:
    (tmp_path / "quillmate.toml").write_text(f"{name} = 123456789\n")
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value).startswith(f"{shown} ")
    assert "123456789" not in str(told.value)


def test_an_invalid_model_name_is_reported(tmp_path: Path) -> None:
    (tmp_path / "quillmate.toml").write_text("engine = 5\n")
    with pytest.raises(SettingsError, match='QUILLMATE_ENGINE is "5"; it should name a model such as embedded'):
        load()


def test_secrets_are_hidden_in_representations() -> None:
    assert "sesame" not in repr(load(engine_key="sesame", token="sesame"))


@pytest.mark.parametrize("name", ["enginge", "QUILLMATE_ENGINE", "token_"])
def test_an_unknown_setting_in_the_file_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "quillmate.toml").write_text(f'{name} = "embedded"\n')
    with pytest.raises(SettingsError, match=rf"^quillmate\.toml has a setting {name}; it knows DISCORD_TOKEN, data, "):
        load()


@pytest.mark.parametrize("body", [b"timeout = ", b"\xff\xfe", b"[[["])
def test_a_malformed_file_is_reported(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "quillmate.toml").write_bytes(body)
    with pytest.raises(SettingsError, match=r"quillmate\.toml cannot be read: "):
        load()


def test_a_data_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match=r"QUILLMATE_DATA is .*file.*, which cannot be created or written: "):
        load(data=tmp_path / "file" / "below")


@pytest.mark.parametrize("driver", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_jobs_are_stored_in_the_same_server_database(driver: str) -> None:
    settings = load(database=f"{driver}://u:p@h/q")
    assert settings.database_url == f"{driver}://u:p@h/q"
    assert settings.jobs_url == "postgresql+psycopg://u:p@h/q"
    assert load(database="postgresql://h/q?a=b&ssl=require").jobs_url == "postgresql+psycopg://h/q?a=b&sslmode=require"


@pytest.mark.parametrize(
    ("engine", "embeddings", "wanted"),
    [
        ("embedded", "auto", True),
        ("transformers:x", "auto", True),
        ("openai:x", "auto", False),
        ("openai:x,embedded", "auto", False),
        ("embedded", "none", False),
        ("openai:x", "all", True),
    ],
)
def test_embeddings_are_loaded_depending_on_engine_and_setting(engine: str, embeddings: str, wanted: bool) -> None:
    assert load(engine=engine, embeddings=embeddings).wants_embeddings is wanted


@pytest.mark.parametrize("given", ["5", "10.0.0.1/8", "intranet", 5, True, [5.5]])
def test_invalid_webhook_networks_are_refused(given: object) -> None:
    with pytest.raises(SettingsError, match="networks such as"):
        load(webhook_networks=given)


def test_intranet_networks_can_be_allowed_for_webhooks() -> None:
    assert [str(one) for one in load(webhook_networks="10.20.0.0/16, fd00:1::/32").webhook_networks] == [
        "10.20.0.0/16",
        "fd00:1::/32",
    ]
