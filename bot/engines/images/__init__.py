"""Drawing engines: one module per provider, found by the prefix of its setting."""

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
# Bytes of a picture: Discord accepts attachments of 10 MiB.
MAX_PICTURE_BYTES = 9_500_000
_ELSEWHERE = (
    "{engine} answered with a link to another server, which I do not follow. My operator should set it up to "
    "send the picture itself."
)
# Prompt dialects by a part of a model's name; the first match counts. See bot/composition/dialects.py.
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


# Edits of an existing picture: variations, a changed part, more pixels, wider sides.
EditWay = Literal["vary", "change", "enlarge", "widen"]


# Ratio of width to height up to which most models do not repeat the scene.
MAX_ASPECT_RATIO = 2.4


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to draw. `weighted` is the prompt with weights such as "(fox:1.2)", for models that support them."""

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
    """An edit of a picture, the `source`, as PNG. `picture` describes the result, in words and in pixels.

    `mask` is a PNG of the source's size, white where it is redrawn and black where it stays, None to redraw all of it.
    `part` and `into` say in words what is changed, and to what, for models that edit by words.
    """

    way: EditWay
    source: bytes
    picture: Picture
    mask: bytes | None = None
    part: str = ""
    into: str = ""


@dataclass(frozen=True, slots=True)
class ImageTraits:
    """The prompt `dialect` of a model, whether it supports prompt weights, and how many pictures it draws at once.

    `ways` are the edits it can do; it finds the part to change by the mask, or `by_words`. It draws pictures up to
    `widest` times as wide as high.
    """

    dialect: str = "sdxl"
    weights: bool = False
    streams: int = 1
    ways: frozenset[EditWay] = frozenset()
    by_words: bool = False
    widest: float = MAX_ASPECT_RATIO


class ImageProvider(Protocol):
    """The interface of a provider."""

    label: str
    traits: ImageTraits

    async def check(self) -> str:
        """Return a short status for `quillmate doctor` if it can be reached."""

    async def make(self, picture: Picture) -> bytes:
        """Return the picture, in any common format.

        Raises:
            EngineError, Declined, ServerError, or what its transport raises.
        """

    async def edit(self, edit: Edit) -> bytes:
        """Return the edited picture, in any common format. Raises as `make`."""

    async def close(self) -> None:
        """Release the model."""


class PartFinder(Protocol):
    """Finds parts of pictures by words."""

    async def find_mask(self, picture: bytes, words: str) -> bytes | None:
        """Return the mask of what words name in a PNG, as PNG, white where it is; None if it is not found.

        Raises:
            EngineError: it cannot be looked for.
        """

    async def check(self) -> str:
        """Return a short status for `quillmate doctor` if the model is available."""


class DrawingDeclined(Exception):  # noqa: N818 - it is an answer
    """The server declines to draw this."""


class ImageEngine:
    """A provider with its time limit and error messages. Use as `async with`."""

    def __init__(self, provider: ImageProvider, *, name: str, timeout: float = 120) -> None:
        self._provider, self._timeout = provider, timeout
        self.name = name
        self._room = asyncio.Semaphore(provider.traits.streams)

    @property
    def label(self) -> str:
        """The name shown to users."""
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
        """Return the picture as PNG, small enough for Discord.

        Raises:
            EngineError: the server is missing, does not answer in time or refuses.
        """
        from ._png import convert_to_png

        if not self.traits.weights:
            picture = replace(picture, weighted="")
        async with self._room, self._translate_errors():
            body = await self._provider.make(picture)
            return await asyncio.to_thread(convert_to_png, body)
        raise AssertionError  # The context manager lets no error pass silently.

    async def edit(self, edit: Edit) -> bytes:
        """Return the edited picture as PNG, small enough for Discord. Raises as `make`."""
        from ._png import convert_to_png

        assert edit.way in self.traits.ways
        if not self.traits.weights:
            edit = replace(edit, picture=replace(edit.picture, weighted=""))
        async with self._room, self._translate_errors():
            body = await self._provider.edit(edit)
            # Shrink an enlarged picture in small steps, to lose little of it.
            return await asyncio.to_thread(convert_to_png, body, shrunk=0.875 if edit.way == "enlarge" else 0.5)
        raise AssertionError

    async def check(self) -> str:
        """Return a short status.

        Raises:
            EngineError: it cannot be used; the sentence says what to do.
        """
        async with self._translate_errors():
            return await self._provider.check()
        raise AssertionError

    @asynccontextmanager
    async def _translate_errors(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._timeout) as limit:
                retry_deadline.set(limit.when() or float("inf"))
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
        except Exception as error:  # Providers have their own; users see one message, and the log has the details.
            log.warning("image engine failed", exc_info=error, extra={"engine": self.name})
            raise EngineError(_build_failure_phrase(self.label, error)) from error


def _build_failure_phrase(label: str, error: Exception) -> Phrase:
    if isinstance(error, DrawingDeclined):
        return Phrase("{engine} declined to draw this. Put it in other words.", engine=label)
    if isinstance(error, OtherServerError):
        return Phrase(_ELSEWHERE, engine=label)
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


def choose_dialect(model: str, usual: str) -> str:
    """Return the prompt dialect of a model by its name; `usual` if the name does not tell."""
    name = model.casefold()
    return next((dialect for said, dialect in _DIALECTS.items() if said in name), usual)


def build_parts(source: str) -> PartFinder | None:
    """Build the finder of parts from a folder or the name of a model; None if no source is given."""
    if not source:
        return None
    from ._clipseg import ClipSegPartFinder as Found

    return Found(source)


def _list_built_in() -> list[str]:
    return [found.name for found in iter_modules(__path__) if not found.name.startswith("_")]


def load_plugin_image_engines() -> dict[str, Any]:
    """Load the modules of plugins that draw, by what settings begin with."""
    return plugins.load("images", require_provider, _list_built_in())


def build_images(name: str, *, url: str = "", key: str = "", timeout: float = 120) -> ImageEngine:
    """Build the engine for a setting such as "automatic1111" or "openai:gpt-image-1".

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
