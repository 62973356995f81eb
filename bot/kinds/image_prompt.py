"""A prompt for an image model in that model's dialect, with the picture's aspect ratio."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.composition.dialects import DIALECTS, PLACES, SENTENCES_FORM, choose_ratio, find_dialect, find_ratio
from bot.composition.prompts import build_prompt_parts, parse_prompts
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document


class ImagePrompt(BaseModel):
    """The parsed prompt.

    `raw` is the prompt with its parameters, ready to paste; `variants` are the prompts if there are several.
    """

    prompt: Annotated[str, Size(nouns=("prompt",))] = ""
    variants: Annotated[list[str], Count(nouns=("prompt", "variant"))] = []
    raw: str = ""
    negative_prompt: Annotated[str, Size(nouns=("negative prompt",))] = ""
    width: int = 0
    height: int = 0
    size: str = ""
    ratio: list[int] = []
    seed: int = 0
    target: str = ""
    alt_text: Annotated[str, Size(nouns=("alt text",))] = ""


def build_task(assignment: Assignment) -> str:
    """Return the task: a prompt in the dialect of the model that the brief names, else of the engine that will draw it, else in
    plain sentences.
    """
    if not (dialect := find_dialect(assignment)):
        return f"{SENTENCES_FORM.capitalize()}."
    language = "" if dialect.multilingual else ", in English whatever the language of the request"
    return f"A prompt for {dialect.title}{language}: {dialect.prompt_form}."


def read(document: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the prompts, the negative prompt, the aspect ratio, the size in the model's terms, and the alternative text."""
    found = parse_prompts(document)
    if not found.prompts:
        return {}
    model = assignment.place
    ratio = (
        found.aspect_ratio or assignment.requirements.ratio or find_ratio(found.prompts[0]) or choose_ratio(assignment)
    )
    parts = {**build_prompt_parts(found, ratio), "target": model}
    parts |= DIALECTS[model].build_size_parts(ratio) if model in DIALECTS else {}
    parts |= {"alt_text": found.alt_text} if found.alt_text else {}
    return parts | ({"seed": found.seed} if found.seed is not None else {})


KIND = Kind(
    name="image_prompt",
    family="image",
    title="Image prompt",
    description="A prompt for SDXL, Midjourney, FLUX, DALL-E and others, ready to paste.",
    task=build_task,
    parts=ImagePrompt,
    read=read,
    places=PLACES,
    form=Form("image", ("image",), shaped=True, describing=True),
    pasted_parts=("raw", "negative_prompt"),
)
