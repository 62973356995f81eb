"""Models behind an API, "provider:model": of any provider that LangChain supports, or of an OpenAI-compatible server by URL."""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from pydantic import SecretStr

from bot.errors import EngineError, SettingsError
from bot.runtime.credentials import mask_setting

from . import Ask, Traits

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from ._completions import ChatCompletions
    from ._servers import ServerPool

_WEIGHTED_URL = re.compile(r"(.+?)\s*\*\s*(\d{1,3})")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SETTING = re.compile(r"[a-z0-9_]{1,40}:\S+")
# Providers whose clients retry by themselves.
_RETRYING_PROVIDERS = frozenset({"openai", "azure_openai", "anthropic", "deepseek", "groq", "xai"})


def provider(name: str, *, url: str, key: str) -> Remote:
    """Build the provider for "provider:model".

    Raises:
        SettingsError: the name has another form.
    """
    if not _SETTING.fullmatch(name):
        raise SettingsError(
            f'QUILLMATE_ENGINE is "{mask_setting(name[:80])}"; it should be embedded, embedded:FILE.gguf, transformers:NAME '
            "or provider:model."
        )
    return Remote(name, url=url, key=key)


class Remote:
    """A model of one or several OpenAI-compatible servers if `url` is set, else of a provider that LangChain supports."""

    def __init__(self, name: str, *, url: str = "", key: str = "") -> None:
        self._provider_name, _, self._model = name.partition(":")
        self._name, self.url, self._key = name, url.rstrip("/"), key
        self.label = self._model
        self.traits = Traits()
        self._client: ChatCompletions | ServerPool | None = None

    async def open(self) -> BaseChatModel:
        """Create the client; nothing is sent yet.

        Raises:
            EngineError: the provider is unknown, or its package or key is missing.
        """
        if self.url:
            self._client = self._build_client()
            return self._client
        return await asyncio.to_thread(self._build_langchain_model)

    async def close(self) -> None:
        """Close the connections to OpenAI-compatible servers."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    @property
    def on_this_machine(self) -> bool:
        """Whether all its servers are on loopback."""
        return bool(self.url) and all(urlsplit(url).hostname in _LOOPBACK for url, _ in parse_addresses(self.url))

    def arguments(self, ask: Ask) -> dict[str, Any]:
        """Return arguments by OpenAI's names, which LangChain maps for other providers; a seed and a schema only for OpenAI's API."""
        arguments: dict[str, Any] = {"max_tokens": ask.max_tokens, "temperature": ask.temperature}
        if self._provider_name == "openai":
            arguments["seed"] = ask.seed
            if ask.schema is not None:
                json_schema = {"name": "content", "schema": ask.schema}
                arguments["response_format"] = {"type": "json_schema", "json_schema": json_schema}
        return arguments

    def _build_client(self) -> ChatCompletions | ServerPool:
        from ._completions import ChatCompletions
        from ._servers import PooledServer, ServerPool

        # With `trust_env`, every request reads files to look up proxies.
        key, trust_env = SecretStr(self._key or "none"), bool(getproxies())
        servers = [
            PooledServer(ChatCompletions(model=self._model, base_url=url, api_key=key, trust_env=trust_env), weight)
            for url, weight in parse_addresses(self.url)
        ]
        return ServerPool(servers=servers) if len(servers) > 1 else servers[0].model

    def _build_langchain_model(self) -> BaseChatModel:
        from langchain.chat_models import init_chat_model

        options: dict[str, Any] = {"api_key": self._key} if self._key else {}
        if self._provider_name in _RETRYING_PROVIDERS:
            options["max_retries"] = (
                0  # The engine retries, in the same way for all providers and within its time limit.
            )
        if self._provider_name == "openai" and not self._key and not os.environ.get("OPENAI_API_KEY"):
            raise EngineError(
                f"{self._model} needs a key. Set QUILLMATE_ENGINE_KEY, or QUILLMATE_ENGINE_URL for a server of your own."
            )
        try:
            model: BaseChatModel = init_chat_model(self._model, model_provider=self._provider_name, **options)
        except ImportError as error:
            raise EngineError(f'The engine "{self._name}" needs another package. {error}') from error
        except ValueError as error:
            # LangChain's message may contain the key.
            raise EngineError(
                f'The engine "{self._name}" is not known to LangChain, or its key is missing. Check QUILLMATE_ENGINE and '
                "QUILLMATE_ENGINE_KEY."
            ) from error
        return model


def parse_addresses(text: str) -> list[tuple[str, int]]:
    """Return the URLs of a setting such as "http://a:8000/v1*2, http://b:8000/v1", each with its weight."""
    addresses = []
    for part in filter(None, map(str.strip, text.split(","))):
        match = _WEIGHTED_URL.fullmatch(part)
        url, weight = (match[1], max(1, int(match[2]))) if match else (part, 1)
        addresses.append((url.rstrip("/"), weight))
    return addresses
