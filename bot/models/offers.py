"""Models that can write here: those found on this machine, those with keys in the environment, and the catalogue's.

Nothing leaves the machine to find them, and none is used unless a user chooses it.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pydantic import BaseModel, ConfigDict

from .catalogue import Model, load_models
from .choice import ModelChoice
from .machine import choose_best_model, get_available_memory, is_within_memory
from .shelf import ModelShelf

# Servers on the same machine answer at once, or do not exist.
_SECONDS = 1.0
_MAX_ANSWER = 1_000_000
# The maximum number of models offered per server.
_MAX_MODELS = 8
# The maximum number of models named in a line.
_MAX_LISTED_MODELS = 3
# Substrings in the names of models that do not write.
_EXCLUDED_NAME_PARTS = ("embed", "bge-", "rerank", "whisper", "clip", "minilm")


class ModelService(BaseModel):
    """A row of services.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    key: str
    model: str
    url: str = ""

    def choice(self, model: str = "", key: str = "") -> ModelChoice:
        """Return one of its models, with a key or with that of the environment."""
        return ModelChoice(f"{self.name}:{model or self.model}", self.url, key, "" if key else self.key)


@dataclass(frozen=True, slots=True)
class ModelServer:
    """A program that serves models on this machine: its default port, and the path and parser of its list."""

    title: str
    port: int
    path: str
    names: Callable[[Any], Sequence[str]]


def _parse_openai_models(answer: Any) -> list[str]:
    return [str(one["id"]) for one in answer["data"]]


def _parse_ollama_models(answer: Any) -> list[str]:
    """Return the names, largest first, as it probably writes best."""
    return [str(one["name"]) for one in sorted(answer["models"], key=lambda one: -int(one.get("size") or 0))]


SERVERS = (
    ModelServer("Ollama", 11434, "/api/tags", _parse_ollama_models),
    ModelServer("LM Studio", 1234, "/v1/models", _parse_openai_models),
    ModelServer("llama.cpp", 8080, "/v1/models", _parse_openai_models),
    ModelServer("vLLM", 8000, "/v1/models", _parse_openai_models),
)


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """A model that could write: behind a `choice`, or a `model` of the catalogue, which `is_here` or has to be fetched first.

    `where` says where it runs, for users.
    """

    title: str
    where: str
    choice: ModelChoice | None = None
    model: Model | None = None
    is_here: bool = True

    @property
    def id(self) -> str:
        """Its identifier in a menu."""
        return f"model:{self.model.name}" if self.model else f"{self.where}|{self.choice.engine}" if self.choice else ""


@cache
def load_services() -> tuple[ModelService, ...]:
    """Return every service, in the order in which they are offered."""
    text = (files(__package__) / "services.toml").read_text("utf-8")
    return tuple(ModelService.model_validate(row) for row in tomllib.loads(text)["service"])


def find_services_with_keys(environment: Mapping[str, str]) -> list[ModelService]:
    """Return the services whose keys an environment has."""
    return [one for one in load_services() if environment.get(one.key, "").strip()]


def format_offers(offers: Sequence[ModelOffer]) -> str:
    """Return a line on the models found, for operators; empty if there are none."""
    named = ", ".join(f"{one.title} ({one.where})" for one in offers[:_MAX_LISTED_MODELS])
    more = f" and {len(offers) - _MAX_LISTED_MODELS} more" if len(offers) > _MAX_LISTED_MODELS else ""
    return (
        f"found beside it: {named}{more}. Choose one with `quillmate model`; until then, none is used."
        if offers
        else ""
    )


async def find_models(environment: Mapping[str, str], servers: Sequence[ModelServer] = SERVERS) -> list[ModelOffer]:
    """Return the available models: of servers on this machine, then of services with a key."""
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        found = await asyncio.gather(*(_fetch_server_models(session, one, environment) for one in servers))
    keyed = [ModelOffer(one.model, one.title, one.choice()) for one in find_services_with_keys(environment)]
    return [*(offer for offers in found for offer in offers), *keyed]


async def _fetch_server_models(
    session: aiohttp.ClientSession, server: ModelServer, environment: Mapping[str, str]
) -> list[ModelOffer]:
    port = _get_ollama_port(environment) if server.title == "Ollama" else server.port
    address = f"http://127.0.0.1:{port}"
    try:
        async with session.get(f"{address}{server.path}", allow_redirects=False) as answer:
            if answer.status != 200:
                return []
            body = await answer.content.read(_MAX_ANSWER)
        import pydantic_core

        names = server.names(pydantic_core.from_json(body))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError):
        return []  # Another program listens there, or none.
    writing = [one for one in names if not any(word in one.lower() for word in _EXCLUDED_NAME_PARTS)]
    return [
        ModelOffer(name.rpartition("/")[2], server.title, ModelChoice(f"openai:{name}", f"{address}/v1"))
        for name in writing[:_MAX_MODELS]
    ]


def _get_ollama_port(environment: Mapping[str, str]) -> int:
    """Return its default port, or the one in OLLAMA_HOST."""
    host = environment.get("OLLAMA_HOST", "")
    try:
        return urlsplit(host if "//" in host else f"//{host}").port or 11434
    except ValueError:
        return 11434


def find_catalogue_offers(shelf: ModelShelf, cores: int, memory: int | None = None) -> list[ModelOffer]:
    """Return the catalogue's models that are here and fit this machine, and the best one for it if that is not here yet."""
    room = get_available_memory() if memory is None else memory
    here = [one for one in reversed(load_models()) if shelf.has(one) and is_within_memory(one, room)]
    best = choose_best_model(load_models(), room, cores)
    more = [ModelOffer(best.title, "", model=best, is_here=False)] if best and not shelf.has(best) else []
    return [*more, *(ModelOffer(one.title, "", model=one) for one in here)]
