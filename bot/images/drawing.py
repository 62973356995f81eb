"""From a prompt to pictures: in which dialect it is written, what the engine is asked for, and where pictures are kept.

Where nothing draws, a sketch says what the prompt describes.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Any

from bot.checks.svg import sanitised
from bot.content import Alteration, Assignment, Checkpoint, Content
from bot.engines.images import ImageEngine, Parts, Picture, Way
from bot.errors import EngineError, Phrase, RefusedError
from bot.images.sketch.plan import Place, Plan
from bot.images.sketch.reading import plan_of
from bot.images.sketch.sheet import Words, drawn, framed
from bot.kinds._dialects import is_weighted, ratio_of, size_of
from bot.locales import translate

from .pictures import Pictures

# Of a grid's prompts so many are drawn.
MOST_PICTURES = 4
# The format that a storyboard's frames are in.
BOARD = "contact"
CONNECT = (
    "No picture is drawn here: copy the prompt into an image model. Whoever runs me can connect one that draws here."
)
# For whoever runs the bot and reads it themselves, as on the preview's page.
CONNECT_YOURS = "For a picture, copy the prompt into an image model, or connect one: set QUILLMATE_IMAGES (README: Choosing a model)."
# Stands in every sketch and beside it.
SKETCHED = "Composition sketch: what the prompt describes, not a picture by an image model."
# What the formats of drawings are called where they hold a sketch.
SKETCH_LABELS = {"png": "Composition sketch (PNG)", "svg": "Composition sketch (SVG)"}
# What Discord takes as the description of a file.
_MOST_TOLD = 1_000
# Told while a prompt is written.
DRAWS_NOTHING = "I write the prompt; nothing here can draw the picture itself."
CANNOT = "What draws here now cannot do that to a picture."
GONE = "The picture is not kept any more. Press Vary for another."


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
        """What was drawn of each shot of a storyboard, as long as it is kept; None for a shot that is to be sketched."""
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
                return {"failed": error.said.as_json()}
            return {"file": await self.pictures.keep(owner, name, body)}

        return draw


def file_name(request_id: str, number: int) -> str:
    """The name that the picture of a number, from 1, of a request is kept by."""
    return f"{request_id}-{number}.png"


def is_drawn(content: Content) -> bool:
    """Whether an image model is to draw it: it holds a prompt, and no drawing of our own."""
    return "prompt" in content.parts and "target" in content.parts and "svg" not in content.parts


def sketched(content: Content, locale: str) -> Content:
    """The content with a composition sketch as its drawing and its alternative text; as it is where it holds no scene.

    A storyboard has a sketch for each of its shots.
    """
    if content.parts.get("shots"):
        return boarded(content, locale)
    if not is_drawn(content):
        return content
    plan, words = plan_of(_scene_of(content.parts)), _words(locale)
    told = _told(plan, words, locale)
    return replace(content, parts={**content.parts, "svg": sanitised(drawn(plan, words, told)), "alt_text": told})


def _scene_of(parts: Mapping[str, Any]) -> dict[str, Any]:
    """A prompt as a sketch is read from it: what its first sentence names is seen, the others say how."""
    first, _, rest = str(parts["prompt"]).partition(". ")
    kept_out = [one.strip() for one in str(parts.get("negative_prompt", "")).split(",") if one.strip()]
    return {"subject": first, "composition": rest, "keep_out": kept_out, "ratio": parts.get("ratio", (1, 1))}


def boarded(content: Content, locale: str, pictures: Sequence[bytes | None] = ()) -> Content:
    """A storyboard with a frame for each shot: the picture that was drawn of it, else a sketch."""
    ratio, words = content.parts["ratio"], _words(locale)
    shots = zip_longest(content.parts["shots"], pictures[: len(content.parts["shots"])])
    frames = list[str]()
    for shot, body in shots:
        subject = str(shot.get("image_prompt") or shot.get("seen", "")).partition(". ")[0]
        scene = {"subject": subject, "composition": shot.get("size", ""), "ratio": ratio}
        frames.append(_picture_in_svg(body, ratio) if body else sanitised(framed(plan_of(scene), words)))
    return replace(content, parts={**content.parts, "frames": frames})


def _picture_in_svg(body: bytes, ratio: Sequence[int]) -> str:
    """A picture as SVG of a shape, filled by it."""
    width, height = 160 * ratio[0], 160 * ratio[1]
    data = base64.b64encode(body).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image href="data:image/png;base64,{data}" width="{width}" height="{height}" preserveAspectRatio="xMidYMid slice"/></svg>'
    )


def _words(locale: str) -> Words:
    return Words(
        title=translate(SKETCHED, locale),
        shape=translate("Format", locale),
        light=translate("Light", locale),
        style=translate("Style", locale),
        palette=translate("Palette", locale),
        no=translate("Not in it", locale),
        free=translate("kept free", locale),
    )


def _told(plan: Plan, words: Words, locale: str) -> str:
    """The sketch for those who do not see it: what is seen and where, as far as the prompt tells that."""
    seen = [f"{one.name}{_at(one.place, locale)}" for one in (plan.subject, *plan.things)]
    named = ((words.light, plan.light), (words.palette, ", ".join(plan.palette)), (words.no, ", ".join(plan.keep_out)))
    text = [f"“{plan.text}”"] if plan.text else []
    told = "; ".join(
        [*seen, *filter(None, [plan.setting]), *text, *(f"{name}: {said}" for name, said in named if said)]
    )
    return f"{words.title} {told}."[:_MOST_TOLD]


def _at(place: Place, locale: str) -> str:
    """Where something is, in brackets."""
    told = (
        translate("on the left", locale) if place.across == "left" else "",
        translate("in the middle", locale) if place.across == "centre" else "",
        translate("on the right", locale) if place.across == "right" else "",
        translate("in the foreground", locale) if place.depth == "foreground" else "",
        translate("in the background", locale) if place.depth == "background" else "",
        translate("at the top", locale) if place.up == "top" else "",
        translate("at the bottom", locale) if place.up == "bottom" else "",
    )
    return f" ({', '.join(filter(None, told))})" if any(told) else ""


def spoken_to(assignment: Assignment, engine: ImageEngine | None) -> Assignment:
    """The assignment in the dialect of the engine that will draw it, unless the brief names another."""
    dialect = engine.traits.dialect if engine else ""
    if assignment.wishes.place or dialect not in assignment.kind.places:
        return assignment
    return replace(assignment, wishes=replace(assignment.wishes, place=dialect))


def pictures_of(content: Content, assignment: Assignment) -> list[Picture]:
    """What is to be drawn: one picture, the first few of several, or each shot of a storyboard.

    All have the same seed, so that they can be compared.
    """
    parts = content.parts
    prompts: Sequence[str] = parts.get("variants") or [parts["prompt"]]
    weighted = is_weighted(parts)
    width, height = _pixels(parts, assignment)
    seed, without = int(parts.get("seed", assignment.request.seed)), str(parts.get("negative_prompt", ""))
    return [
        Picture(prompt, prompt if weighted else "", without, width, height, seed)
        for prompt in prompts[: len(parts.get("shots", ())) or MOST_PICTURES]
    ]


def _pixels(parts: Mapping[str, Any], assignment: Assignment) -> tuple[int, int]:
    if parts.get("width"):
        return int(parts["width"]), int(parts["height"])
    if found := re.fullmatch(r"(\d{1,5})x(\d{1,5})", str(parts.get("size", ""))):
        return int(found[1]), int(found[2])
    width, height = parts.get("ratio") or ratio_of(assignment)
    return size_of((width, height))
