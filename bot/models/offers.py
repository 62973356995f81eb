"""Models that can write here: those that are found on this machine, those whose keys are in the environment, and the catalogue's.

Nothing leaves the machine to find them, and none is used unless somebody chooses it.
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

from .catalogue import Model, all_models
from .choice import Choice
from .machine import best_for, fits, memory_here
from .shelf import Shelf

# Servers on the same machine answer at once, or are not there.
_SECONDS = 1.0
_MAX_ANSWER = 1_000_000
# Of each server so many models are offered.
_MAX_MODELS = 8
# So many are named in a line.
_MAX_NAMED = 3
# What names of models that do not write contain.
_NOT_WRITING = ("embed", "bge-", "rerank", "whisper", "clip", "minilm")


class Service(BaseModel):
    """A row of services.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    key: str
    model: str
    url: str = ""

    def choice(self, model: str = "", key: str = "") -> Choice:
        """One of its models, with a key or with that of the environment."""
        return Choice(f"{self.name}:{model or self.model}", self.url, key, "" if key else self.key)


@dataclass(frozen=True, slots=True)
class Server:
    """A program that serves models on this machine: its usual port, and where it lists them and how."""

    title: str
    port: int
    path: str
    names: Callable[[Any], Sequence[str]]


def _of_openai(answer: Any) -> list[str]:
    return [str(one["id"]) for one in answer["data"]]


def _of_ollama(answer: Any) -> list[str]:
    """The largest first: it is taken to write best."""
    return [str(one["name"]) for one in sorted(answer["models"], key=lambda one: -int(one.get("size") or 0))]


SERVERS = (
    Server("Ollama", 11434, "/api/tags", _of_ollama),
    Server("LM Studio", 1234, "/v1/models", _of_openai),
    Server("llama.cpp", 8080, "/v1/models", _of_openai),
    Server("vLLM", 8000, "/v1/models", _of_openai),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that could write: behind a `choice`, or a `model` of the catalogue, which `is_here` or has to be fetched first.

    `where` says where it runs, for people.
    """

    title: str
    where: str
    choice: Choice | None = None
    model: Model | None = None
    is_here: bool = True

    @property
    def id(self) -> str:
        """What tells it from the others, in a menu."""
        return f"model:{self.model.name}" if self.model else f"{self.where}|{self.choice.engine}" if self.choice else ""


@cache
def services() -> tuple[Service, ...]:
    """Every service, in the order in which they are offered."""
    text = (files(__package__) / "services.toml").read_text("utf-8")
    return tuple(Service.model_validate(row) for row in tomllib.loads(text)["service"])


def keys_in(environment: Mapping[str, str]) -> list[Service]:
    """The services whose keys an environment has."""
    return [one for one in services() if environment.get(one.key, "").strip()]


def in_a_line(offers: Sequence[Offer]) -> str:
    """What was found, for operators; empty for nothing."""
    named = ", ".join(f"{one.title} ({one.where})" for one in offers[:_MAX_NAMED])
    more = f" and {len(offers) - _MAX_NAMED} more" if len(offers) > _MAX_NAMED else ""
    return f"found beside it: {named}{more}. `quillmate model` chooses one; until then none is used." if offers else ""


async def find_models(environment: Mapping[str, str], servers: Sequence[Server] = SERVERS) -> list[Offer]:
    """The models that are there already: of servers on this machine, then of services with a key."""
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        found = await asyncio.gather(*(_models_of(session, one, environment) for one in servers))
    keyed = [Offer(one.model, one.title, one.choice()) for one in keys_in(environment)]
    return [*(offer for offers in found for offer in offers), *keyed]


async def _models_of(session: aiohttp.ClientSession, server: Server, environment: Mapping[str, str]) -> list[Offer]:
    port = _ollama_port(environment) if server.title == "Ollama" else server.port
    address = f"http://127.0.0.1:{port}"
    try:
        async with session.get(f"{address}{server.path}", allow_redirects=False) as answer:
            if answer.status != 200:
                return []
            body = await answer.content.read(_MAX_ANSWER)
        import pydantic_core

        names = server.names(pydantic_core.from_json(body))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError):
        return []  # Something else listens there, or nothing does.
    writing = [one for one in names if not any(word in one.lower() for word in _NOT_WRITING)]
    return [
        Offer(name.rpartition("/")[2], server.title, Choice(f"openai:{name}", f"{address}/v1"))
        for name in writing[:_MAX_MODELS]
    ]


def _ollama_port(environment: Mapping[str, str]) -> int:
    """Its usual port, or the one that OLLAMA_HOST names."""
    host = environment.get("OLLAMA_HOST", "")
    try:
        return urlsplit(host if "//" in host else f"//{host}").port or 11434
    except ValueError:
        return 11434


def of_catalogue(shelf: Shelf, cores: int, memory: int | None = None) -> list[Offer]:
    """The catalogue's models that are here and fit this machine, and the best one for it where that is not here yet."""
    room = memory_here() if memory is None else memory
    here = [one for one in reversed(all_models()) if shelf.has(one) and fits(one, room)]
    best = best_for(all_models(), room, cores)
    more = [Offer(best.title, "", model=best, is_here=False)] if best and not shelf.has(best) else []
    return [*more, *(Offer(one.title, "", model=one) for one in here)]
