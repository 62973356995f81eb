"""Settings: the only reader of the environment and of quillmate.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bot.admission.limits import DEFAULT_LIMITS, format_limits, parse_limits
from bot.admission.prices import DEFAULT_MINUTES, Prices, parse_minutes, parse_prices
from bot.errors import SettingsError
from bot.runtime.credentials import mask_setting
from bot.runtime.shards import parse_shards

FILE = Path("quillmate.toml")
# A host that webhooks may be sent to: with an optional scheme, "*." for all subdomains, and an optional port.
_HOST_PATTERN = re.compile(r"(?:https?://)?(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?")

_MAX_PORT = 65_535


class Settings(BaseSettings):
    """Every setting. Environment variables have the prefix QUILLMATE_, quillmate.toml uses the names below.

    The token is DISCORD_TOKEN in both.
    """

    model_config = SettingsConfigDict(env_prefix="QUILLMATE_", extra="forbid", frozen=True, populate_by_name=True)

    token: SecretStr = Field(SecretStr(""), validation_alias="DISCORD_TOKEN")
    """Discord's bot token."""
    data: Path = Field(default_factory=lambda: platformdirs.user_data_path("quillmate"))
    """Folder for database, pending jobs and caches."""
    database: str = ""
    """SQLAlchemy URL; empty for SQLite in the data folder."""
    key: SecretStr = SecretStr("")
    """Operator's key, 32 bytes in base64, that encrypts user data; empty for a file in the data folder."""
    parents: Path | None = None
    """File of the keys that wrap users' keys; empty for one in the data folder, or none where QUILLMATE_KEY is
    shared by several machines."""
    engine: Annotated[tuple[str, ...], NoDecode] = ("embedded",)
    """Models in the order they are tried, comma-separated."""
    engine_url: str = ""
    """Address of an OpenAI-compatible server, with its /v1; several with a comma between, "*2" behind one that takes twice as many."""
    engine_key: SecretStr = SecretStr("")
    """Key for the models' API."""
    reviser: str = ""
    """Model that revises a text with failed checks: openai:MODEL or another as for the engine; empty for the writer itself."""
    reviser_url: str = ""
    """Address of an OpenAI-compatible server for it, with its /v1; several as for the engine."""
    reviser_key: SecretStr = SecretStr("")
    """Key for that model's API."""
    images: str = ""
    """Engine that draws pictures: openai:MODEL, automatic1111, comfyui or diffusers:FOLDER; empty for prompts only."""
    images_url: str = ""
    """Address of the image server, where it is not the default; with its /v1 for openai."""
    images_key: SecretStr = SecretStr("")
    """Key for the image server; "name:password" for automatic1111."""
    hearing: str = ""
    """What hears voice messages: openai:MODEL, whisper (the best model that hears and is here), whisper:NAME or whisper:FILE; empty
    for nothing."""
    speech: Annotated[tuple[str, ...], NoDecode] = ()
    """Engines that read texts aloud: openai:MODEL, or transformers:FOLDER, comma-separated for several languages; empty for
    nothing."""
    voice: str = ""
    """Voice of openai:MODEL, such as alloy."""
    music: str = ""
    """Engine that makes music: musicgen:FOLDER_OR_NAME; empty for prompts only."""
    sound_url: str = ""
    """Address of a server for transcription or speech, where it is not OpenAI's own, with its /v1."""
    sound_key: SecretStr = SecretStr("")
    """Key for that server."""
    images_parts: str = ""
    """A CLIPSeg model, by folder or name, that finds parts of pictures by words where the image engine wants masks; empty for the
    places that have names, such as the sky."""
    vision: str = ""
    """Model that reads users' pictures: openai:MODEL or another as for the engine, "engine" for the first engine; empty
    for nothing."""
    vision_url: str = ""
    """Address of an OpenAI-compatible server for it, with its /v1."""
    vision_key: SecretStr = SecretStr("")
    """Key for that model's API."""
    moderation: str = "rules"
    """Moderation of briefs and results: "rules", "model" to ask the writing model as well, or openai[:MODEL] for a server."""
    moderation_url: str = ""
    """Address of a server with OpenAI's /moderations, with its /v1, where it is not OpenAI's own."""
    moderation_key: SecretStr = SecretStr("")
    """Key for that server."""
    embeddings: str = "auto"
    """"auto" compares texts by meaning where the first engine is local, "all" always, "none" never."""
    timeout: float = Field(120, gt=0, le=870)
    """Timeout of a server call in seconds, and the longest pause of a local model."""
    grace: float = Field(20, ge=0, le=300)
    """Seconds that running requests get to finish when the bot is stopped."""
    slot: str = "0"
    """Name of this process among those that share a database; after a restart it resumes the requests of this name."""
    shards: str = ""
    """Shards of Discord's that this process serves, such as "0-3/16", or "ordinal 4/16" for four by the number that the host name
    ends in; empty for all that Discord recommends."""
    keep_results_days: int = Field(0, ge=0, le=36500)
    """Days that results are kept; 0 for as long as their owner's data."""
    keep_unseen_days: int = Field(365, ge=0, le=36500)
    """Days without activity after which a user is erased; 0 for never."""
    keep_person_mb: int = Field(50, ge=0, le=1_000_000)
    """Megabytes of results and documents kept for one user: beyond it, the oldest results that are not voted on, starred or
    given go first, documents beyond it are refused; 0 for any number."""
    keep_server_mb: int = Field(500, ge=0, le=1_000_000)
    """Megabytes of assets and documents kept for one server; 0 for any number."""
    limits: str = DEFAULT_LIMITS
    """Request limits, such as "person 10/minute, server 600/hour"; "none" for any number."""
    prices: str = ""
    """Price of a million tokens, read and written, such as "openai:gpt-5=1.25/10, openai:gpt-5-mini=0.25/2"; nothing for what is not
    named, as for a model in this process."""
    currency: str = "USD"
    """Currency of those prices, by its three letters."""
    minutes_saved: str = DEFAULT_MINUTES
    """Minutes saved by an accepted text, by family, as used by `/stats`."""
    webhook_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    webhook_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """Hosts that servers may send webhooks to, comma-separated: example.com, *.example.com, http://host for one without TLS; none
    when empty."""
    calendar_url: str = ""
    """Public address of servers' calendar feeds: https://example.com/quillmate; none when empty."""
    calendar_listen: str = "127.0.0.1:8090"
    """Address and port that the feeds are served at, for a reverse proxy with the certificate."""
    watch_listen: str = ""
    """Address and port of metrics and health for monitoring, such as 127.0.0.1:9100; none when empty."""
    mcp_token: SecretStr = SecretStr("")
    """The bearer token that clients of `quillmate mcp --listen` send, at least 16 characters."""
    otlp: str = Field("", validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    """OpenTelemetry collector that traces are sent to over HTTP, such as http://127.0.0.1:4318; none when empty."""
    log: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR. Briefs and results are never logged."""

    @field_validator("data", mode="before")
    @classmethod
    def _validate_folder(cls, value: Any) -> Any:
        """Refuse an empty path, which would mean the working folder."""
        if not str(value).strip():
            raise ValueError("should name a folder; leave it out for the default one")
        return Path(value).expanduser() if isinstance(value, str | Path) else value

    @field_validator("parents", mode="before")
    @classmethod
    def _validate_file(cls, value: Any) -> Any:
        if not isinstance(value, str | Path):
            return value
        if not str(value).strip():
            return None
        file = Path(value).expanduser()
        if file.is_dir():
            raise ValueError("should name a file, not a folder")
        return file

    @field_validator("engine", mode="before")
    @classmethod
    def _split_engines(cls, value: Any) -> Any:
        if not isinstance(value, str | list | tuple):
            raise ValueError("should name a model such as embedded or openai:gpt-5")
        return tuple(filter(None, (part.strip() for part in value.split(",")))) if isinstance(value, str) else value

    @field_validator("webhook_networks", mode="before")
    @classmethod
    def _parse_networks(cls, value: Any) -> Any:
        given = filter(None, (part.strip() for part in value.split(","))) if isinstance(value, str) else value
        try:
            # `ip_network` would accept a number as an address.
            return tuple(ip_network(str(one)) for one in given)
        except (ValueError, TypeError):
            raise ValueError("should name networks such as 10.20.0.0/16 or fd00:1::/32") from None

    @field_validator("calendar_url")
    @classmethod
    def _validate_public_address(cls, value: str) -> str:
        address = value.strip().rstrip("/")
        if address and not re.fullmatch(r"https?://[^\s?#]{1,300}", address):
            raise ValueError("should be an address such as https://example.com/quillmate")
        return address

    @field_validator("calendar_listen", "watch_listen")
    @classmethod
    def _validate_listen_address(cls, value: str, info: ValidationInfo) -> str:
        if not value.strip() and info.field_name == "watch_listen":
            return ""
        host, _, port = value.strip().rpartition(":")
        if not host or not port.isdigit() or int(port) > _MAX_PORT:
            raise ValueError("should be an address and a port such as 127.0.0.1:8090")
        return value.strip()

    @field_validator("webhook_hosts", mode="before")
    @classmethod
    def _parse_hosts(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = filter(None, (part.strip() for part in value.split(",")))
        if not isinstance(value, Iterable):
            raise ValueError("should name hosts such as example.com, *.example.com or http://host:8080")
        hosts = tuple(str(one).casefold() for one in value)
        if any(not _HOST_PATTERN.fullmatch(one) for one in hosts):
            raise ValueError("should name hosts such as example.com, *.example.com or http://host:8080")
        return hosts

    @field_validator("engine")
    @classmethod
    def _require_engine(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("should name a model such as embedded or openai:gpt-5")
        return value

    @field_validator(
        "engine_url",
        "reviser",
        "reviser_url",
        "images",
        "images_url",
        "hearing",
        "voice",
        "music",
        "sound_url",
        "images_parts",
        "vision",
        "vision_url",
        "database",
        "embeddings",
        "slot",
        "otlp",
        "log",
        "moderation",
        "moderation_url",
    )
    @classmethod
    def _strip(cls, value: str) -> str:
        return value.strip()

    @field_validator("limits")
    @classmethod
    def _validate_limits(cls, value: str) -> str:
        return format_limits(parse_limits(value))

    @field_validator("shards")
    @classmethod
    def _validate_shards(cls, value: str) -> str:
        parse_shards(value)
        return value.strip()

    @field_validator("prices")
    @classmethod
    def _validate_prices(cls, value: str) -> str:
        parse_prices(value)
        return value.strip()

    @field_validator("currency")
    @classmethod
    def _validate_currency(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Z]{3}", value.strip().upper()):
            raise ValueError("should be a currency's three letters, such as USD")
        return value.strip().upper()

    @field_validator("minutes_saved")
    @classmethod
    def _validate_minutes(cls, value: str) -> str:
        parse_minutes(value)
        return value

    @field_validator("speech", mode="before")
    @classmethod
    def _split_speech(cls, value: Any) -> Any:
        if not isinstance(value, str | list | tuple):
            raise ValueError("should name a speech model such as openai:tts-1")
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(filter(None, (str(part).strip() for part in parts)))

    @field_validator("engine_url", "reviser_url")
    @classmethod
    def _validate_addresses(cls, value: str) -> str:
        for part in value.split(",") if value else ():
            cls._validate_address(re.sub(r"\s*\*\s*\d{1,3}\s*$", "", part).strip() or part)
        return value

    @field_validator("images_url", "sound_url", "vision_url", "moderation_url", "otlp")
    @classmethod
    def _validate_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]", value):
            raise ValueError("should begin with http:// or https://")
        if value and not _is_address(value):
            raise ValueError("should be an address such as http://127.0.0.1:8000/v1")
        return value

    @field_validator("embeddings")
    @classmethod
    def _validate_embeddings(cls, value: str) -> str:
        if value not in ("auto", "all", "none"):
            raise ValueError("should be auto, all or none")
        return value

    @field_validator("moderation")
    @classmethod
    def _validate_moderation(cls, value: str) -> str:
        if not re.fullmatch(r"rules|model|openai(?::\S+)?", value):
            raise ValueError("should be rules, model or openai:MODEL")
        return value

    @field_validator("slot")
    @classmethod
    def _validate_slot(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", value):
            raise ValueError("should be a word of letters, digits, - and _")
        return value

    @field_validator("log")
    @classmethod
    def _validate_log_level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("should be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources in order: arguments, the environment, quillmate.toml in the working folder."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, FILE)

    @cached_property
    def database_url(self) -> str:
        """The database of profiles and results."""
        return self.database or f"sqlite:///{self.data / 'quillmate.db'}"

    @property
    def models(self) -> Path:
        """The folder of downloaded models."""
        return self.data / "models"

    @cached_property
    def jobs_url(self) -> str:
        """The database of pending jobs: the same server as the main database, else a file of its own."""
        if self.database.startswith("postgres"):
            url = "postgresql+psycopg://" + self.database.partition("://")[2]
            return re.sub(r"(?<=[?&])ssl=", "sslmode=", url)  # The drivers name the parameter differently.
        return f"sqlite:///{self.data / 'jobs.db'}"

    @cached_property
    def token_prices(self) -> Prices:
        """The prices of tokens."""
        return Prices(parse_prices(self.prices), self.currency)

    @property
    def wants_embeddings(self) -> bool:
        """Whether texts are compared by meaning, which takes 120 MB: with "auto" only where no capable model can be
        asked.
        """
        local = self.engine[0].startswith(("embedded", "transformers"))
        return self.embeddings != "none" and (self.embeddings != "auto" or local)


def _is_address(text: str) -> bool:
    """Return whether an address has a host, a valid port and only valid characters."""
    try:
        found = urlsplit(text)
        return bool(found.hostname) and found.port != 0 and text.isprintable() and " " not in text
    except ValueError:
        return False


def load(**overrides: Any) -> Settings:
    """Load the settings.

    Raises:
        SettingsError: a value is invalid; the message names the setting, the value and what is allowed.
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] == "extra_forbidden":
            known = ", ".join(str(one.validation_alias or name) for name, one in Settings.model_fields.items())
            raise SettingsError(f"{FILE} has a setting {mask_setting(name)[:40]}; it knows {known}.") from None
        setting = "DISCORD_TOKEN" if "TOKEN" in name.upper() else f"QUILLMATE_{name.upper()}"
        setting = name.upper() if name.upper().startswith("OTEL_") else setting
        problem = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
        secret = any(word in setting for word in ("TOKEN", "KEY"))
        value = "not usable" if secret else f'"{mask_setting(str(first["input"])[:200])[:80]}"'
        raise SettingsError(f"{setting} is {value}; it {problem}.") from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"quillmate.toml cannot be read: {mask_setting(str(error))}.") from error
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"QUILLMATE_DATA is {settings.data}, which cannot be created or written: {error.strerror}."
        ) from error
    return settings
