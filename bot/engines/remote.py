"""Any model that LangChain's `init_chat_model` reaches, and any server of OpenAI's protocol by its URL: "provider:model"."""

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
    from ._servers import Servers

_WEIGHT = re.compile(r"(.+?)\s*\*\s*(\d{1,3})")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NAME = re.compile(r"[a-z0-9_]{1,40}:\S+")
# Providers whose clients try again by themselves.
_RETRYING = frozenset({"openai", "azure_openai", "anthropic", "deepseek", "groq", "xai"})


def provider(name: str, *, url: str, key: str) -> Remote:
    """The provider for "provider:model".

    Raises:
        SettingsError: the name has another form.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f'QUILLMATE_ENGINE is "{mask_setting(name[:80])}"; it should be embedded, embedded:FILE.gguf, transformers:NAME '
            "or provider:model."
        )
    return Remote(name, url=url, key=key)


class Remote:
    """A model behind an API: servers of one's own when there is a URL, or several, else the provider that LangChain knows by name."""

    def __init__(self, name: str, *, url: str = "", key: str = "") -> None:
        self._kind, _, self._model = name.partition(":")
        self._name, self.url, self._key = name, url.rstrip("/"), key
        self.label = self._model
        self.traits = Traits()
        self._own: ChatCompletions | Servers | None = None

    async def open(self) -> BaseChatModel:
        """Makes the client; nothing is sent yet."""
        if self.url:
            self._own = self._reached()
            return self._own
        return await asyncio.to_thread(self._known_to_langchain)

    async def close(self) -> None:
        """Closes the client's connections, where the client is our own."""
        if self._own is not None:
            await self._own.aclose()
            self._own = None

    @property
    def on_this_machine(self) -> bool:
        """Whether all its servers are on loopback."""
        return bool(self.url) and all(urlsplit(url).hostname in _LOOPBACK for url, _ in addresses(self.url))

    def arguments(self, ask: Ask) -> dict[str, Any]:
        """OpenAI's names, which LangChain maps for other providers; JSON mode where the provider has it."""
        arguments: dict[str, Any] = {"max_tokens": ask.max_tokens, "temperature": ask.temperature}
        if self._kind == "openai":
            arguments["seed"] = ask.seed
            if ask.schema is not None:
                form = {"name": "content", "schema": ask.schema}
                arguments["response_format"] = {"type": "json_schema", "json_schema": form}
        return arguments

    def _reached(self) -> ChatCompletions | Servers:
        from ._completions import ChatCompletions
        from ._servers import Server, Servers

        # Asking the environment for a proxy at each request reads files.
        key, trust_env = SecretStr(self._key or "none"), bool(getproxies())
        servers = [
            Server(ChatCompletions(model=self._model, base_url=url, api_key=key, trust_env=trust_env), weight)
            for url, weight in addresses(self.url)
        ]
        return Servers(servers=servers) if len(servers) > 1 else servers[0].model

    def _known_to_langchain(self) -> BaseChatModel:
        from langchain.chat_models import init_chat_model

        extra: dict[str, Any] = {"api_key": self._key} if self._key else {}
        if self._kind in _RETRYING:
            extra["max_retries"] = 0  # The engine tries again, for all of them alike and within its time limit.
        if self._kind == "openai" and not self._key and not os.environ.get("OPENAI_API_KEY"):
            raise EngineError(
                f"{self._model} needs a key. Set QUILLMATE_ENGINE_KEY, or QUILLMATE_ENGINE_URL for a server of your own."
            )
        try:
            reached: BaseChatModel = init_chat_model(self._model, model_provider=self._kind, **extra)
        except ImportError as error:
            raise EngineError(f'The engine "{self._name}" needs another package. {error}') from error
        except ValueError as error:
            # LangChain's own words may hold the key.
            raise EngineError(
                f'The engine "{self._name}" is not known to LangChain, or its key is missing. Check QUILLMATE_ENGINE and '
                "QUILLMATE_ENGINE_KEY."
            ) from error
        return reached


def addresses(text: str) -> list[tuple[str, int]]:
    """The addresses that a setting such as "http://a:8000/v1*2, http://b:8000/v1" names, each with its weight."""
    found = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        weighed = _WEIGHT.fullmatch(part)
        url, weight = (weighed[1], max(1, int(weighed[2]))) if weighed else (part, 1)
        found.append((url.rstrip("/"), weight))
    return found
