"""Any model that LangChain's `init_chat_model` reaches, and any OpenAI-compatible server: "provider:model"."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from bot.errors import EngineError, SettingsError

from . import Ask, Traits
from .embedded import without_patterns

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from openai import DefaultAsyncHttpxClient

_NAME = re.compile(r"[a-z0-9_]+:\S+")


def provider(name: str, *, url: str, key: str) -> Remote:
    """The provider for "provider:model".

    Raises:
        SettingsError: the name has another form.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f'QUILLMATE_ENGINE is "{name}"; it should be embedded, embedded:FILE.gguf, transformers:NAME or provider:model.'
        )
    return Remote(name, url=url, key=key)


class Remote:
    """A model behind an API."""

    def __init__(self, name: str, *, url: str = "", key: str = "") -> None:
        self._name, self._url, self._key = name, url, key
        self.label = name.partition(":")[2]
        self.traits = Traits()
        self._http: DefaultAsyncHttpxClient | None = None

    async def open(self) -> BaseChatModel:
        """Makes the client; nothing is sent yet."""
        return await asyncio.to_thread(self._client)

    async def close(self) -> None:
        """Closes the client's connections, where the client is our own."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    def arguments(self, ask: Ask) -> dict[str, Any]:
        """OpenAI's names, which LangChain maps for other providers; JSON mode where the provider has it."""
        arguments: dict[str, Any] = {"max_tokens": ask.max_tokens, "temperature": ask.temperature}
        if self._name.startswith("openai:"):
            arguments["seed"] = ask.seed
            if ask.schema is not None:
                form = {"name": "content", "schema": without_patterns(ask.schema)}
                arguments["response_format"] = {"type": "json_schema", "json_schema": form}
        return arguments

    def _client(self) -> BaseChatModel:
        kind, _, model = self._name.partition(":")
        try:
            if kind == "openai":
                return self._openai(model)
            from langchain.chat_models import init_chat_model

            extra: dict[str, Any] = {"base_url": self._url} if self._url else {}
            if self._key:
                extra["api_key"] = self._key
            reached: BaseChatModel = init_chat_model(model, model_provider=kind, **extra)
            return reached
        except ImportError as error:
            raise EngineError(f'The engine "{self._name}" needs another package. {error}') from error
        except ValueError as error:
            # LangChain's own words may hold the key.
            raise EngineError(
                f'The engine "{self._name}" is not known to LangChain, or its key is missing. Check QUILLMATE_ENGINE and '
                "QUILLMATE_ENGINE_KEY."
            ) from error

    def _openai(self, model: str) -> BaseChatModel:
        # Straight from its package: `langchain` brings LangGraph along, which costs memory and half a second.
        from langchain_openai import ChatOpenAI
        from openai import DefaultAsyncHttpxClient

        if not self._url and not self._key:
            import os

            if not os.environ.get("OPENAI_API_KEY"):
                raise EngineError(
                    f"{model} needs a key. Set QUILLMATE_ENGINE_KEY, or QUILLMATE_ENGINE_URL for a server of your own."
                )
        extra: dict[str, Any] = {"base_url": self._url} if self._url else {}
        if self._key or self._url:
            extra["api_key"] = self._key or "none"
        self._http = DefaultAsyncHttpxClient()
        return ChatOpenAI(model=model, max_retries=1, stream_usage=False, http_async_client=self._http, **extra)
