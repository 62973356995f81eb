"""A storyboard: shots with size, camera, time, picture and sound, and an image prompt for each of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.composition.dialects import DIALECTS, PLACES, choose_ratio, find_dialect, reduce_ratio
from bot.composition.prompts import split_flags
from bot.composition.script_parts import build_seconds_part
from bot.composition.shots import parse_storyboard
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document


class StoryboardShot(BaseModel):
    """One shot."""

    number: int = 0
    size: str = ""
    move: str = ""
    seconds: int = 0
    seen: Annotated[str, Size(nouns=("picture",))] = ""
    heard: Annotated[str, Size(nouns=("sound",))] = ""
    image_prompt: Annotated[str, Size(nouns=("image prompt",))] = ""


# The names briefs use in the bot's languages, in addition to those of scenes.
_SHOTS = ("shot", "frame", "panel", "scene", "image", "cuadro", "vignette", "plano", "quadro")


class Storyboard(BaseModel):
    """The parsed storyboard. `prompt` is that of the first shot, `variants` are those of all, `raw` is ready to paste."""

    title: Annotated[str, Size(nouns=("title",))] = ""
    style: str = ""
    shots: Annotated[list[StoryboardShot], Count(nouns=_SHOTS)] = []
    seconds: int = 0
    ratio: list[int] = []
    prompt: str = ""
    variants: list[str] = []
    raw: str = ""
    target: str = ""
    alt_text: str = ""


def build_task(assignment: Assignment) -> str:
    """Describe what each shot needs in addition if the brief names the model that will draw it."""
    if not (dialect := find_dialect(assignment)):
        return ""
    language = "" if dialect.multilingual else " in English"
    return f"Each shot has an image prompt{language} for {dialect.title} ({dialect.prompt_form}) that draws this frame alone."


def read(document: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the shots, and the image prompt of each."""
    board = parse_storyboard(document)
    if not board.shots:
        return {}
    ratio, target = board.aspect_ratio or choose_ratio(assignment, (16, 9)), assignment.place
    prompts = [str(shot.get("image_prompt") or shot.get("seen", "")) for shot in board.shots]
    parts: dict[str, Any] = {
        "shots": board.shots,
        "ratio": list(reduce_ratio(ratio)),
        **build_seconds_part(board.seconds),
    }
    parts |= {name: said for name, said in (("title", board.title), ("style", board.style)) if said}
    if all(prompts):
        parts |= {
            "prompt": split_flags(prompts[0])[0],
            "variants": [split_flags(one)[0] for one in prompts],
            "raw": "\n".join(prompts),
            "target": target,
        }
        parts |= DIALECTS[target].build_size_parts(ratio) if target in DIALECTS else {}
        parts |= {"negative_prompt": board.negative_prompt} if board.negative_prompt else {}
    seen = (f"{shot['number']}: {shot['seen']}" for shot in board.shots if shot.get("seen"))
    return parts | {"alt_text": "; ".join(seen)}


KIND = Kind(
    name="storyboard",
    family="media",
    title="Storyboard",
    description="Shots with framing, camera move, duration, picture and sound, each with an image prompt.",
    task=build_task,
    layout="Give each shot a heading with its time, as in (0:00–0:04), and below it size, camera, picture, sound and an image "
    "prompt, each in a line after its name.",
    parts=Storyboard,
    read=read,
    places=PLACES,
    form=Form("shot", lasts=True, timed=True, shaped=True),
    likely_exports=("contact", "copy"),
)
