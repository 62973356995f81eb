"""From a prompt to pictures: in which dialect it is written, what the engine is asked for, and where pictures are kept."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Any

from bot.content import Alteration, Assignment, Checkpoint, Content
from bot.engines.images import ImageEngine, Parts, Picture, Way
from bot.errors import EngineError, Phrase, RefusedError
from bot.kinds._dialects import is_weighted, ratio_of, size_of
from bot.locales import translate

from .pictures import Pictures

# Of a grid's prompts so many are drawn.
MAX_PICTURES = 4
# What asks for a picture that has no ground, in five languages; "no background music" asks for none.
_NO_GROUND = re.compile(
    r"\btransparent\w{0,2} (?:background|backdrop|png|hintergrund|grund)\b|\b(?:fond|arrière-plan|fondo|fundo) transparente?\b"
    r"|\bpng transparente?\b|\bfreigestellt\w{0,2}\b"
    r"|\b(?:no|without(?: an?| any)?|ohne|sans|sin|sem) (?:background|backdrop|hintergrund|fond|arrière-plan|fondo|fundo)\b"
    r"(?!\s(?!and\b|und\b|et\b|y\b|e\b)\w)",
    re.IGNORECASE,
)
# The format that a storyboard's frames are in.
BOARD = "contact"
CONNECT = "Paste the prompt into an image model, or ask the people who run this bot to connect an image service."
# For an operator who reads it, as on the preview's page.
CONNECT_YOURS = (
    "Paste the prompt into an image model, or connect an image service so that I can draw pictures here "
    "(docs/models.md)."
)
# Told while a prompt is written.
DRAWS_NOTHING = "I can write the prompt, but I have no model to draw the picture."
CANNOT = "The current image model cannot do that to a picture."
GONE = "I no longer have that picture. Press Another for a new one."


@dataclass(frozen=True, slots=True)
class Studio:
    """Draws, where there is an engine that can; each picture is drawn once, also when the process dies after it.

    `read_by_operator` says that whoever reads the answers runs the bot, and is told what to set; `parts` finds parts of pictures by
    words, for engines that want masks.
    """

    pictures: Pictures
    engine: ImageEngine | None = None
    read_by_operator: bool = False
    parts: Parts | None = None

    def connect(self, locale: str) -> str:
        """How pictures are had where nothing draws."""
        return translate(CONNECT_YOURS if self.read_by_operator else CONNECT, locale)

    async def drawn(
        self, content: Content, assignment: Assignment, checkpoint: Checkpoint
    ) -> tuple[list[bytes], Phrase | None]:
        """The pictures as PNG, and a sentence where they are not all that was asked for."""
        assert self.engine is not None
        owner = assignment.request.user_id
        made: list[bytes] = []
        for number, picture in enumerate(pictures_of(content, assignment), 1):
            # A checkpoint's value is kept with the job, so the picture itself is a file beside it.
            step = self._step(partial(self.engine.make, picture), owner, file_name(assignment.request.id, number))
            kept = await checkpoint(f"picture {number}", step)
            if "failed" in kept:
                return made, Phrase.from_json(kept["failed"])
            body = await self.pictures.read(owner, kept["file"])
            if body is None:
                return made, Phrase(GONE)
            made.append(body)
        return made, None

    def ways(self, content: Content) -> frozenset[Way]:
        """What can be done to what was drawn of a content; nothing to the frames of a storyboard."""
        if self.engine is None or not is_drawn(content) or content.parts.get("shots"):
            return frozenset()
        return self.engine.traits.ways

    async def altered(
        self, wanted: Alteration, content: Content, owner: str, request_id: str, seed: int, checkpoint: Checkpoint
    ) -> tuple[list[bytes], Phrase]:
        """What an engine makes of a picture that is kept, as PNG, and what was done. What has failed after the first is left out.

        Raises:
            EngineError: nothing was drawn.
            RefusedError: the picture is not kept any more, or that cannot be done to it.
        """
        from .altering import altered, told_of  # With what reads pictures, which takes memory.

        engine = self.engine
        if engine is None or wanted.way not in engine.traits.ways:
            raise RefusedError(CANNOT)
        source = await self.pictures.read(owner, wanted.source)
        if source is None:
            raise RefusedError(GONE)
        found = None
        if wanted.way == "change" and self.parts is not None and not engine.traits.by_words:
            found = await self.parts.mask(source, wanted.part)
        planned = await asyncio.to_thread(altered, wanted, source, content.parts, seed, engine.traits, found)
        made: list[bytes] = []
        for number, edit in enumerate(planned.edits, 1):
            draw = self._step(partial(engine.edit, edit), owner, file_name(request_id, number))
            kept = await checkpoint(f"picture {number}", draw)
            if "failed" in kept:
                if made:
                    break
                raise EngineError(Phrase.from_json(kept["failed"]))
            body = await self.pictures.read(owner, kept["file"])
            if body is None:
                raise RefusedError(GONE)
            made.append(body)
        return made, await asyncio.to_thread(told_of, planned.told, wanted.way, source, made[0])

    async def kept(self, owner: str, request_id: str, content: Content) -> list[bytes | None]:
        """What was drawn of each shot of a storyboard, as long as it is kept; None for a shot that has no picture."""
        numbers = range(1, len(content.parts["shots"]) + 1)
        return [await self.pictures.read(owner, file_name(request_id, number)) for number in numbers]

    def _step(
        self, make: Callable[[], Awaitable[bytes]], owner: str, name: str
    ) -> Callable[[], Awaitable[dict[str, Any]]]:
        """Draws and keeps a picture; gives the file's name, or the sentence why there is none."""

        async def draw() -> dict[str, Any]:
            try:
                body = await make()
            except EngineError as error:
                return {"failed": error.phrase.to_json()}
            return {"file": await self.pictures.keep(owner, name, body)}

        return draw


def file_name(request_id: str, number: int) -> str:
    """The name that the picture of a number, from 1, of a request is kept by."""
    return f"{request_id}-{number}.png"


def is_drawn(content: Content) -> bool:
    """Whether an image model is to draw it: it holds a prompt, and no drawing of our own."""
    return "prompt" in content.parts and "target" in content.parts and "svg" not in content.parts


def boarded(content: Content, pictures: Sequence[bytes | None]) -> Content:
    """A storyboard with a frame for each shot: the picture that was drawn of it, else an empty one."""
    ratio, shots = content.parts["ratio"], content.parts["shots"]
    frames = [_picture_in_svg(body, ratio) if body else "" for _, body in zip_longest(shots, pictures[: len(shots)])]
    return replace(content, parts={**content.parts, "frames": frames})


def _picture_in_svg(body: bytes, ratio: Sequence[int]) -> str:
    """A picture as SVG of a shape, filled by it."""
    width, height = 160 * ratio[0], 160 * ratio[1]
    data = base64.b64encode(body).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image href="data:image/png;base64,{data}" width="{width}" height="{height}" preserveAspectRatio="xMidYMid slice"/></svg>'
    )


def spoken_to(assignment: Assignment, engine: ImageEngine | None) -> Assignment:
    """The assignment in the dialect of the engine that will draw it, unless the brief names another."""
    dialect = engine.traits.dialect if engine else ""
    if assignment.requirements.place or dialect not in assignment.kind.places:
        return assignment
    return replace(assignment, requirements=replace(assignment.requirements, place=dialect))


def pictures_of(content: Content, assignment: Assignment) -> list[Picture]:
    """What is to be drawn: one picture, the first few of several, or each shot of a storyboard.

    All have the same seed, so that they can be compared.
    """
    parts = content.parts
    prompts: Sequence[str] = parts.get("variants") or [parts["prompt"]]
    weighted = is_weighted(parts)
    width, height = _pixels(parts, assignment)
    seed, without = int(parts.get("seed", assignment.request.seed)), str(parts.get("negative_prompt", ""))
    asked = bool(_NO_GROUND.search(assignment.brief))
    return [
        Picture(
            prompt,
            prompt if weighted else "",
            without,
            width,
            height,
            seed,
            transparent=asked or bool(_NO_GROUND.search(prompt)),
        )
        for prompt in prompts[: len(parts.get("shots", ())) or MAX_PICTURES]
    ]


def _pixels(parts: Mapping[str, Any], assignment: Assignment) -> tuple[int, int]:
    if parts.get("width"):
        return int(parts["width"]), int(parts["height"])
    if found := re.fullmatch(r"(\d{1,5})x(\d{1,5})", str(parts.get("size", ""))):
        return int(found[1]), int(found[2])
    width, height = parts.get("ratio") or ratio_of(assignment)
    return size_of((width, height))
