"""Image engines: one module per provider, found by the prefix of its setting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal, Protocol, Self

from bot.engines._http import OtherServerError, retry_deadline
from bot.engines.failures import (
    build_busy_phrase,
    build_refused_key_phrase,
    build_unknown_model_phrase,
    build_unreachable_phrase,
)
from bot.engines.providers import require_provider
from bot.errors import EngineError, Phrase, QuillmateError, SettingsError
from bot.runtime.credentials import mask_setting
from personas import plugins

log = logging.getLogger(__name__)
# Discord accepts attachments of 10 MiB.
MAX_PICTURE_BYTES = 9_500_000
# The ratio of width to height up to which most models do not repeat the scene.
MAX_ASPECT_RATIO = 2.4
_OTHER_SERVER_MESSAGE = (
    "{engine} answered with a link to another server, which I do not follow. My operator should set it up to "
    "send the picture itself."
)
# Prompt dialects (bot/composition/dialects.py) by a part of a model's name; the first match counts.
_DIALECTS = {
    "gpt-image": "gpt_image",
    "dall-e": "dalle",
    "flux": "flux",
    "sd3": "sd3",
    "stable-diffusion-3": "sd3",
    "xl": "sdxl",
    "v1-5": "sd15",
    "sd15": "sd15",
    "sd1.5": "sd15",
    "stable-diffusion-v1": "sd15",
}

# Kinds of edits: another version of a picture, a changed part, more pixels, wider sides.
EditWay = Literal["vary", "change", "enlarge", "widen"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to draw. `weighted` is the prompt with weights, such as "(fox:1.2)", for models that support them."""

    prompt: str
    weighted: str = ""
    negative_prompt: str = ""
    width: int = 1024
    height: int = 1024
    seed: int = 0
    # Whether the background is transparent, if the model supports that.
    transparent: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of the `source`, a PNG. `picture` describes the result.

    `mask` is a PNG of the source's size, white where the source is redrawn and black where it stays; without one, all of it is
    redrawn. For models that edit by words, `part` names what is changed, and `into` what it becomes.
    """

    way: EditWay
    source: bytes
    picture: Picture
    mask: bytes | None = None
    part: str = ""
    into: str = ""


@dataclass(frozen=True, slots=True)
class ImageTraits:
    """What a model can do: its prompt `dialect`, whether it supports prompt weights, how many pictures it draws at once.

    `ways` are the edits that it supports; it finds the part to change by a mask, or `by_words`. `widest` is the largest ratio of
    width to height that it draws.
    """

    dialect: str = "sdxl"
    weights: bool = False
    streams: int = 1
    ways: frozenset[EditWay] = frozenset()
    by_words: bool = False
    widest: float = MAX_ASPECT_RATIO


class ImageProvider(Protocol):
    """The interface of an image provider."""

    label: str
    traits: ImageTraits

    async def check(self) -> str:
        """Return a short status for `quillmate doctor`, or raise as `make`."""

    async def make(self, picture: Picture) -> bytes:
        """Return the picture as PNG, JPEG or WebP.

        Raises:
            EngineError, DrawingDeclined, HttpServerError, or the errors of its transport.
        """

    async def edit(self, edit: Edit) -> bytes:
        """Return the edited picture as PNG, JPEG or WebP. Raises as `make`."""

    async def close(self) -> None:
        """Release the model."""


class PartFinder(Protocol):
    """Finds parts of pictures by words."""

    async def find_mask(self, picture: bytes, words: str) -> bytes | None:
        """Return the mask of a part of a PNG that words name: a PNG, white where the part is; None if it is not found.

        Raises:
            EngineError: the model cannot be loaded.
        """

    async def check(self) -> str:
        """Return a short status for `quillmate doctor`, or raise as `find_mask`."""


class DrawingDeclined(Exception):  # noqa: N818 - it is an answer
    """The model, or a filter of its server, declines to draw this."""


class ImageEngine:
    """A provider with its time limit and error messages. Use as `async with`."""

    def __init__(self, provider: ImageProvider, *, name: str, timeout: float = 120) -> None:
        self._provider, self._timeout = provider, timeout
        self.name = name
        self._slots = asyncio.Semaphore(provider.traits.streams)

    @property
    def label(self) -> str:
        """The name shown to users."""
        return self._provider.label

    @property
    def traits(self) -> ImageTraits:
        """What the model can do."""
        return self._provider.traits

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._provider.close()

    async def make(self, picture: Picture) -> bytes:
        """Return the picture as a PNG that is small enough for Discord.

        Raises:
            EngineError: the provider cannot be reached or loaded, does not answer in time, fails or declines.
        """
        from ._png import convert_to_png

        if not self.traits.weights:
            picture = replace(picture, weighted="")
        async with self._slots, self._translate_errors():
            body = await self._provider.make(picture)
            return await asyncio.to_thread(convert_to_png, body)
        raise AssertionError  # The context manager lets no error pass silently.

    async def edit(self, edit: Edit) -> bytes:
        """Return the edited picture as a PNG that is small enough for Discord. Raises as `make`."""
        from ._png import convert_to_png

        assert edit.way in self.traits.ways
        if not self.traits.weights:
            edit = replace(edit, picture=replace(edit.picture, weighted=""))
        async with self._slots, self._translate_errors():
            body = await self._provider.edit(edit)
            # An enlarged picture is shrunk in small steps, to lose little of it.
            return await asyncio.to_thread(convert_to_png, body, scale=0.875 if edit.way == "enlarge" else 0.5)
        raise AssertionError

    async def check(self) -> str:
        """Return a short status.

        Raises:
            EngineError: the provider cannot be used; the message says what to do.
        """
        async with self._translate_errors():
            return await self._provider.check()
        raise AssertionError

    @asynccontextmanager
    async def _translate_errors(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._timeout) as timeout:
                retry_deadline.set(timeout.when() or float("inf"))
                yield
        except QuillmateError:
            raise
        except TimeoutError as error:
            message = Phrase(
                "{engine} did not draw within {seconds} seconds. Try again in a moment.",
                engine=self.label,
                seconds=round(self._timeout),
            )
            raise EngineError(message) from error
        except Exception as error:  # Providers have their own errors; users get a message, and the log has the details.
            log.warning("image engine failed", exc_info=error, extra={"engine": self.name})
            raise EngineError(_build_failure_phrase(self.label, error)) from error


def _build_failure_phrase(label: str, error: Exception) -> Phrase:
    if isinstance(error, DrawingDeclined):
        return Phrase("{engine} declined to draw this. Put it in other words.", engine=label)
    if isinstance(error, OtherServerError):
        return Phrase(_OTHER_SERVER_MESSAGE, engine=label)
    match getattr(error, "status", None):
        case 401 | 403:
            return build_refused_key_phrase(label, "QUILLMATE_IMAGES_KEY")
        case 404:
            return build_unknown_model_phrase(label, "QUILLMATE_IMAGES, QUILLMATE_IMAGES_URL")
        case 429:
            return build_busy_phrase(label)
    if "Connect" in type(error).__name__:
        return build_unreachable_phrase(label)
    return Phrase("{engine} could not draw this. Try again in a moment.", engine=label)


def detect_dialect(model: str, default: str) -> str:
    """Return the prompt dialect that a model's name reveals, else the default."""
    name = model.casefold()
    return next((dialect for part, dialect in _DIALECTS.items() if part in name), default)


def build_part_finder(source: str) -> PartFinder | None:
    """Build the part finder with a model's folder or name; None if that is empty."""
    if not source:
        return None
    from ._clipseg import ClipSegPartFinder

    return ClipSegPartFinder(source)


def _list_built_in() -> list[str]:
    return [module.name for module in iter_modules(__path__) if not module.name.startswith("_")]


def load_plugin_image_engines() -> dict[str, Any]:
    """Return the modules of plugins that draw, by the prefix of their settings."""
    return plugins.load("images", require_provider, _list_built_in())


def build_images(name: str, *, url: str = "", key: str = "", timeout: float = 120) -> ImageEngine:
    """Build the engine for a setting such as "automatic1111" or "openai:gpt-image-1".

    Raises:
        SettingsError: no provider has that name, or the name of a model is missing.
    """
    prefix, _, model = name.partition(":")
    plugin_modules = load_plugin_image_engines()
    known = sorted({*_list_built_in(), *plugin_modules})
    if prefix not in known:
        raise SettingsError(
            f'QUILLMATE_IMAGES is "{mask_setting(name[:80])}"; it should begin with one of {", ".join(known)}.'
        )
    module = plugin_modules[prefix] if prefix in plugin_modules else import_module(f"{__name__}.{prefix}")
    return ImageEngine(module.provider(model, url=url.rstrip("/"), key=key), name=name, timeout=timeout)
