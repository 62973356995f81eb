"""A prompt for a video model: one clip, in the dialect, length and size of the model that will make it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.composition.dialects import choose_ratio, find_nearest_size
from bot.composition.prompts import build_prompt_parts, parse_prompts
from bot.composition.video_dialects import VIDEO_DIALECTS, VIDEO_PLACES
from bot.content import Assignment, Kind, Size
from bot.markup import Document
from bot.reading.film import extract_time


class VideoPrompt(BaseModel):
    """The parsed prompt. `raw` is ready to paste; `variants` are the prompts if there are several."""

    prompt: Annotated[str, Size(nouns=("prompt",))] = ""
    variants: list[str] = []
    raw: str = ""
    negative_prompt: Annotated[str, Size(nouns=("negative prompt",))] = ""
    model: str = ""
    seconds: int = 0
    size: str = ""
    ratio: list[int] = []


_LINES = "in the language of the request, a labelled line each for the length in seconds and the format, such as 16:9."
_ANY = f"A paragraph of plain sentences and below it, all {_LINES}"


def build_task(assignment: Assignment) -> str:
    """Describe a prompt in the dialect of the model that the brief names or, without one, of the engine that will film it."""
    dialect = VIDEO_DIALECTS.get(assignment.place)
    if dialect is None:
        return _ANY
    lengths = ", ".join(map(str, dialect.lengths))
    return (
        f"A prompt for {dialect.title}, in English whatever the language of the request: {dialect.prompt_form}. Below it, {_LINES} "
        f"{dialect.title} makes clips of {lengths} seconds."
    )


def read(document: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the prompt, the negative prompt, and the length and size in the model's terms."""
    found = parse_prompts(document)
    if not found.prompts:
        return {}
    dialect, lasting = VIDEO_DIALECTS.get(assignment.place), assignment.reading.lasting
    seconds = extract_time(found.duration)[0].seconds or (float(lasting.seconds) if lasting else None)
    ratio = found.aspect_ratio or choose_ratio(assignment, (16, 9))
    parts = {**build_prompt_parts(found, ratio), "model": assignment.place}
    parts |= {"size": find_nearest_size(ratio, dialect.sizes)} if dialect else {}
    return parts | ({"seconds": dialect.find_clip_length(seconds) if dialect else round(seconds)} if seconds else {})


KIND = Kind(
    name="video_prompt",
    family="media",
    title="Video prompt",
    description="A prompt for Sora, Runway or Veo that fits the clip length and size of each.",
    task=build_task,
    parts=VideoPrompt,
    read=read,
    places=VIDEO_PLACES,
    exports=("md", "txt"),
    form=Form(lasts=True, timed=True, shaped=True, describing=True),
    pasted_parts=("raw", "negative_prompt"),
)
