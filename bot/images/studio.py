"""The studio, which draws and alters the pictures of contents and stores them."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Any

from bot.composition.dialects import MAX_ALT_TEXT_CHARACTERS, choose_ratio, compute_size, has_weights
from bot.content import Alteration, Assignment, Checkpoint, Content
from bot.engines.images import EditWay, ImageEngine, PartFinder, Picture
from bot.errors import EngineError, Phrase, RefusedError
from bot.locales import translate
from bot.markup import shorten

from .pictures import PictureStore

# Pictures drawn of a grid of prompts.
MAX_GRID_PICTURES = 4
# A request for a transparent background, in five languages; "no background music" is none.
_TRANSPARENT_BACKGROUND = re.compile(
    r"\btransparent\w{0,2} (?:background|backdrop|png|hintergrund|grund)\b|\b(?:fond|arrière-plan|fondo|fundo) transparente?\b"
    r"|\bpng transparente?\b|\bfreigestellt\w{0,2}\b"
    r"|\b(?:no|without(?: an?| any)?|ohne|sans|sin|sem) (?:background|backdrop|hintergrund|fond|arrière-plan|fondo|fundo)\b"
    r"(?!\s(?!and\b|und\b|et\b|y\b|e\b)\w)",
    re.IGNORECASE,
)
# The name of the export format with a storyboard's frames.
STORYBOARD_FORMAT = "contact"
CONNECT = "Paste the prompt into an image model, or ask the people who run this bot to connect an image service."
# For operators, for example in the preview.
CONNECT_OPERATOR = (
    "Paste the prompt into an image model, or connect an image service so that I can draw pictures here "
    "(docs/models.md)."
)
# Shown while a prompt is written.
DRAWS_NOTHING = "I can write the prompt, but I have no model to draw the picture."
EDIT_UNSUPPORTED = "The current image model cannot do that to a picture."
PICTURE_EXPIRED = "I no longer have that picture. Press Another for a new one."


@dataclass(frozen=True, slots=True)
class Studio:
    """Draws pictures if there is an engine; each is drawn once, even if the process dies afterwards.

    With `read_by_operator` the operator reads the answers, which then say what to configure. `part_finder` finds parts of
    pictures by words, for engines that need masks.
    """

    pictures: PictureStore
    engine: ImageEngine | None = None
    read_by_operator: bool = False
    part_finder: PartFinder | None = None

    def describe_connection(self, locale: str) -> str:
        """Return the advice on how to get pictures without an engine."""
        return translate(CONNECT_OPERATOR if self.read_by_operator else CONNECT, locale)

    async def draw(
        self, content: Content, assignment: Assignment, checkpoint: Checkpoint
    ) -> tuple[list[bytes], Phrase | None]:
        """Draw the pictures of a content; return them as PNG, and why some are missing, None if none are."""
        assert self.engine is not None
        owner = assignment.request.user_id
        bodies: list[bytes] = []
        for number, picture in enumerate(build_pictures(content, assignment), 1):
            # A checkpoint's value is stored with the job, so the picture itself is a separate file.
            step = self._build_step(partial(self.engine.make, picture), owner, file_name(assignment.request.id, number))
            outcome = await checkpoint(f"picture {number}", step)
            if "failed" in outcome:
                return bodies, Phrase.from_json(outcome["failed"])
            body = await self.pictures.read(owner, outcome["file"])
            if body is None:
                return bodies, Phrase(PICTURE_EXPIRED)
            bodies.append(body)
        return bodies, None

    def list_edit_ways(self, content: Content) -> frozenset[EditWay]:
        """Return the possible alterations of a content's picture; none for storyboards."""
        if self.engine is None or not needs_drawing(content) or content.parts.get("shots"):
            return frozenset()
        return self.engine.traits.ways

    async def alter(
        self, alteration: Alteration, content: Content, owner: str, request_id: str, seed: int, checkpoint: Checkpoint
    ) -> tuple[list[bytes], Phrase]:
        """Alter a stored picture; return the results as PNG, and a message. Failures after the first result are left out.

        Raises:
            EngineError: nothing was drawn.
            RefusedError: the picture is not stored any more, or the alteration is not possible.
        """
        from .alteration import describe_alteration, plan_alteration  # Imported here because it needs memory.

        engine = self.engine
        if engine is None or alteration.way not in engine.traits.ways:
            raise RefusedError(EDIT_UNSUPPORTED)
        source = await self.pictures.read(owner, alteration.source)
        if source is None:
            raise RefusedError(PICTURE_EXPIRED)
        mask = None
        if alteration.way == "change" and self.part_finder is not None and not engine.traits.by_words:
            mask = await self.part_finder.find_mask(source, alteration.part)
        plan = await asyncio.to_thread(plan_alteration, alteration, source, content.parts, seed, engine.traits, mask)
        bodies: list[bytes] = []
        for number, edit in enumerate(plan.edits, 1):
            draw = self._build_step(partial(engine.edit, edit), owner, file_name(request_id, number))
            outcome = await checkpoint(f"picture {number}", draw)
            if "failed" in outcome:
                if bodies:
                    break
                raise EngineError(Phrase.from_json(outcome["failed"]))
            body = await self.pictures.read(owner, outcome["file"])
            if body is None:
                raise RefusedError(PICTURE_EXPIRED)
            bodies.append(body)
        return bodies, await asyncio.to_thread(describe_alteration, plan.message, alteration.way, source, bodies[0])

    async def load_frames(self, owner: str, request_id: str, content: Content) -> list[bytes | None]:
        """Return the stored picture of each shot of a storyboard, None for a shot without one."""
        numbers = range(1, len(content.parts["shots"]) + 1)
        return [await self.pictures.read(owner, file_name(request_id, number)) for number in numbers]

    def _build_step(
        self, make: Callable[[], Awaitable[bytes]], owner: str, name: str
    ) -> Callable[[], Awaitable[dict[str, Any]]]:
        """Build the step that draws and stores a picture; it returns the file's name, or why there is none."""

        async def draw() -> dict[str, Any]:
            try:
                body = await make()
            except EngineError as error:
                return {"failed": error.phrase.to_json()}
            return {"file": await self.pictures.save(owner, name, body)}

        return draw


def file_name(request_id: str, number: int) -> str:
    """Return the file name of a request's picture, numbered from 1."""
    return f"{request_id}-{number}.png"


def needs_drawing(content: Content) -> bool:
    """Whether an image model has to draw a content: it has a prompt, and no drawing made by code."""
    return "prompt" in content.parts and "target" in content.parts and "svg" not in content.parts


def describe_picture(parts: Mapping[str, Any], number: int = 1) -> str:
    """Return the alt text in a prompt's text, else the beginning of the prompt itself, of which `number` counts the variants from 1."""
    prompts: Sequence[str] = parts.get("variants") or [str(parts.get("prompt", ""))]
    prompt = prompts[min(number, len(prompts)) - 1]
    return str(parts.get("alt_text") or shorten(" ".join(prompt.split()), MAX_ALT_TEXT_CHARACTERS))


def add_frames(content: Content, pictures: Sequence[bytes | None]) -> Content:
    """Return a storyboard with a frame for each shot: its picture, or an empty one."""
    ratio, shots = content.parts["ratio"], content.parts["shots"]
    frames = [_render_frame(body, ratio) if body else "" for _, body in zip_longest(shots, pictures[: len(shots)])]
    return replace(content, parts={**content.parts, "frames": frames})


def _render_frame(body: bytes, ratio: Sequence[int]) -> str:
    """Render a picture as SVG that fills an aspect ratio."""
    width, height = 160 * ratio[0], 160 * ratio[1]
    data = base64.b64encode(body).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image href="data:image/png;base64,{data}" width="{width}" height="{height}" preserveAspectRatio="xMidYMid slice"/></svg>'
    )


def use_engine_dialect(assignment: Assignment, engine: ImageEngine | None) -> Assignment:
    """Return the assignment in the dialect of the engine, unless the brief names another."""
    dialect = engine.traits.dialect if engine else ""
    if assignment.requirements.place or dialect not in assignment.kind.places:
        return assignment
    return replace(assignment, requirements=replace(assignment.requirements, place=dialect))


def build_pictures(content: Content, assignment: Assignment) -> list[Picture]:
    """Build the pictures to be drawn: one, the first few of several, or each shot of a storyboard.

    All have the same seed, so that they are comparable.
    """
    parts = content.parts
    prompts: Sequence[str] = parts.get("variants") or [parts["prompt"]]
    is_weighted = has_weights(parts)
    width, height = _find_size(parts, assignment)
    seed, negative_prompt = int(parts.get("seed", assignment.request.seed)), str(parts.get("negative_prompt", ""))
    brief_wants_transparency = bool(_TRANSPARENT_BACKGROUND.search(assignment.brief))
    return [
        Picture(
            prompt,
            prompt if is_weighted else "",
            negative_prompt,
            width,
            height,
            seed,
            transparent=brief_wants_transparency or bool(_TRANSPARENT_BACKGROUND.search(prompt)),
        )
        for prompt in prompts[: len(parts.get("shots", ())) or MAX_GRID_PICTURES]
    ]


def _find_size(parts: Mapping[str, Any], assignment: Assignment) -> tuple[int, int]:
    if parts.get("width"):
        return int(parts["width"]), int(parts["height"])
    if match := re.fullmatch(r"(\d{1,5})x(\d{1,5})", str(parts.get("size", ""))):
        return int(match[1]), int(match[2])
    width, height = parts.get("ratio") or choose_ratio(assignment)
    return compute_size((width, height))
