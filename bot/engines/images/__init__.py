"""Servers and models that draw. One file a provider; a provider is found by what its setting begins with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal, Protocol, Self

from bot.engines import busy, not_known, not_reached, refused_key, require_provider
from bot.engines._http import ElsewhereError, deadline
from bot.errors import EngineError, Phrase, QuillmateError, SettingsError
from bot.runtime.credentials import mask_setting
from personas import plugins

log = logging.getLogger(__name__)
# Bytes of a picture: Discord takes attachments of 10 MiB.
MAX_BYTES = 9_500_000
_ELSEWHERE = (
    "{engine} answered with a link to another server, which I do not follow. My operator should set it up to "
    "send the picture itself."
)
# What tells from a model's name how it wants to be spoken to; the first that occurs counts. See bot/kinds/_dialects.py.
_DIALECTS = {
    "gpt-image": "gpt_image", "dall-e": "dalle", "flux": "flux", "sd3": "sd3", "stable-diffusion-3": "sd3", "xl": "sdxl",
    "v1-5": "sd15", "sd15": "sd15", "sd1.5": "sd15", "stable-diffusion-v1": "sd15",
}  # fmt: skip


# What can be done to a picture that is there: others like it, a part of it another way, more pixels, more to its sides.
Way = Literal["vary", "change", "enlarge", "widen"]


# So many times as wide as high most models draw without the scene beginning anew.
WIDEST = 2.4


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to be drawn. `weighted` is the prompt with weights such as "(fox:1.2)", for models that read them."""

    prompt: str
    weighted: str = ""
    negative_prompt: str = ""
    width: int = 1024
    height: int = 1024
    seed: int = 0
    # Whether it has no ground, where the model can draw so.
    transparent: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be done to a picture, the `source`, as PNG. `picture` is what shall come of it, in words and in pixels.

    `mask` is a PNG as large as the source, white where it is drawn anew and black where it stays, None where all of it is.
    `part` and `into` say in words what is changed, and to what, for models that are told so.
    """

    way: Way
    source: bytes
    picture: Picture
    mask: bytes | None = None
    part: str = ""
    into: str = ""


@dataclass(frozen=True, slots=True)
class ImageTraits:
    """How a model is spoken to (`dialect`), whether it reads weights in prompts, and how many pictures it draws at once.

    `ways` are what it can do to a picture that is there; it finds the part to be changed by the mask, or `by_words`. It draws
    pictures that are up to `widest` times as wide as high.
    """

    dialect: str = "sdxl"
    weights: bool = False
    streams: int = 1
    ways: frozenset[Way] = frozenset()
    by_words: bool = False
    widest: float = WIDEST


class ImageProvider(Protocol):
    """What a provider's file gives."""

    label: str
    traits: ImageTraits

    async def check(self) -> str:
        """Says in a few words that it can be reached, for `quillmate doctor`."""

    async def make(self, picture: Picture) -> bytes:
        """The picture, in any format that is usual.

        Raises:
            EngineError, Declined, ServerError, or what its transport raises.
        """

    async def edit(self, edit: Edit) -> bytes:
        """The picture that comes of one of its `ways`, in any format that is usual. Raises as `make`."""

    async def close(self) -> None:
        """Lets it go."""


class Parts(Protocol):
    """Finds parts of pictures by words."""

    async def mask(self, picture: bytes, words: str) -> bytes | None:
        """The mask of what words name in a PNG, as PNG, white where it is; None where it is not seen there.

        Raises:
            EngineError: it cannot be looked for.
        """

    async def check(self) -> str:
        """Says in a few words that it is there, for `quillmate doctor`."""


class Declined(Exception):  # noqa: N818 - it is an answer
    """The server will not draw this."""


class ImageEngine:
    """A provider with its time limit and sentences. Use as `async with`."""

    def __init__(self, provider: ImageProvider, *, name: str, timeout: float = 120) -> None:
        self._provider, self._timeout = provider, timeout
        self.name = name
        self._room = asyncio.Semaphore(provider.traits.streams)

    @property
    def label(self) -> str:
        """What users are told it is."""
        return self._provider.label

    @property
    def traits(self) -> ImageTraits:
        """What it can do."""
        return self._provider.traits

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._provider.close()

    async def make(self, picture: Picture) -> bytes:
        """The picture as PNG, small enough for Discord.

        Raises:
            EngineError: the server is missing, does not answer in time or refuses.
        """
        from ._png import png_of

        if not self.traits.weights:
            picture = replace(picture, weighted="")
        async with self._room, self._in_sentences():
            body = await self._provider.make(picture)
            return await asyncio.to_thread(png_of, body)
        raise AssertionError  # The context manager lets no error pass silently.

    async def edit(self, edit: Edit) -> bytes:
        """What comes of a picture, as PNG that is small enough for Discord. Raises as `make`."""
        from ._png import png_of

        assert edit.way in self.traits.ways
        if not self.traits.weights:
            edit = replace(edit, picture=replace(edit.picture, weighted=""))
        async with self._room, self._in_sentences():
            body = await self._provider.edit(edit)
            # In small steps: of what was made larger little is to be lost.
            return await asyncio.to_thread(png_of, body, shrunk=0.875 if edit.way == "enlarge" else 0.5)
        raise AssertionError

    async def check(self) -> str:
        """What can be said of it in a few words.

        Raises:
            EngineError: it cannot be used; the sentence says what to do.
        """
        async with self._in_sentences():
            return await self._provider.check()
        raise AssertionError

    @asynccontextmanager
    async def _in_sentences(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._timeout) as limit:
                deadline.set(limit.when() or float("inf"))
                yield
        except QuillmateError:
            raise
        except TimeoutError as error:
            late = Phrase(
                "{engine} did not draw within {seconds} seconds. Try again in a moment.",
                engine=self.label,
                seconds=round(self._timeout),
            )
            raise EngineError(late) from error
        except Exception as error:
            log.warning("image engine failed", exc_info=error, extra={"engine": self.name})
            raise EngineError(_failure(self.label, error)) from error


def _failure(label: str, error: Exception) -> Phrase:
    if isinstance(error, Declined):
        return Phrase("{engine} declined to draw this. Put it in other words.", engine=label)
    if isinstance(error, ElsewhereError):
        return Phrase(_ELSEWHERE, engine=label)
    match getattr(error, "status", None):
        case 401 | 403:
            return refused_key(label, "QUILLMATE_IMAGES_KEY")
        case 404:
            return not_known(label, "QUILLMATE_IMAGES, QUILLMATE_IMAGES_URL")
        case 429:
            return busy(label)
    if "Connect" in type(error).__name__:
        return not_reached(label)
    return Phrase("{engine} could not draw this. Try again in a moment.", engine=label)


def dialect_of(model: str, usual: str) -> str:
    """How a model wants to be spoken to, by its name; the usual where that does not tell."""
    name = model.casefold()
    return next((dialect for said, dialect in _DIALECTS.items() if said in name), usual)


def build_parts(source: str) -> Parts | None:
    """What finds parts of pictures by words, by a folder or the name of a model; None where none is named."""
    if not source:
        return None
    from ._clipseg import Parts as Found

    return Found(source)


def _list_built_in() -> list[str]:
    return [found.name for found in iter_modules(__path__) if not found.name.startswith("_")]


def load_plugin_image_engines() -> dict[str, Any]:
    """Load the modules of plugins that draw, by what settings begin with."""
    return plugins.load("images", require_provider, _list_built_in())


def build_images(name: str, *, url: str = "", key: str = "", timeout: float = 120) -> ImageEngine:
    """The engine that a setting such as "automatic1111" or "openai:gpt-image-1" names.

    Raises:
        SettingsError: no provider has that name, or it wants a model.
    """
    prefix, _, model = name.partition(":")
    brought = load_plugin_image_engines()
    known = sorted({*_list_built_in(), *brought})
    if prefix not in known:
        raise SettingsError(
            f'QUILLMATE_IMAGES is "{mask_setting(name[:80])}"; it should begin with one of {", ".join(known)}.'
        )
    module = brought[prefix] if prefix in brought else import_module(f"{__name__}.{prefix}")
    return ImageEngine(module.provider(model, url=url.rstrip("/"), key=key), name=name, timeout=timeout)
