"""A storyboard: shots with size, camera, time, picture and sound, and a prompt for an image model for each of them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form, kept_out_in_english
from bot.checks import AskedBy, Check, bounded, differing
from bot.checks.terms import norm
from bot.content import MOST_MINUTES, Assignment, Content, Count, Example, Kind, OneOf, Size
from bot.kinds._dialects import DIALECTS, PLACES, Scene, film_ratio
from bot.kinds._labels import label, label_around
from bot.kinds._shared import paragraphs, seconds_of, shared_out, span

# From far to near, as people on a set call them, and how an image model is told of each.
SIZES = {
    "extreme wide": "extreme wide shot", "wide": "wide shot", "full": "full shot", "medium": "medium shot", "close-up": "close-up",
    "extreme close-up": "extreme close-up",
}  # fmt: skip
MOVES = ("static", "pan", "tilt", "dolly in", "dolly out", "tracking", "crane", "handheld", "zoom")
USUAL_SECONDS = 30
# What nobody draws in a frame of a storyboard.
_USUAL_OUT = ("text", "watermark", "split screen")
# Behind "close-up of" it begins no sentence.
_ARTICLE = re.compile(r"^(?:A|An|The)(?= )")


class Shot(BaseModel):
    """One shot."""

    size: Annotated[str, OneOf(tuple(SIZES))]
    move: Annotated[str, OneOf(MOVES)]
    seen: Annotated[str, Size(110, least=8, nouns=("picture",), form="phrase")]
    heard: Annotated[str, Size(110, least=3, nouns=("sound",), form="phrase")]
    image_prompt: Annotated[str, Size(130, least=10, form="phrase")]


# As briefs call them in the languages of the bot, beside what those call scenes.
_SHOTS = ("shot", "frame", "panel", "scene", "image", "cuadro", "vignette", "plano", "quadro")


class Storyboard(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(60, least=4)]
    style: Annotated[str, Size(50, least=4, form="phrase")]
    shots: Annotated[list[Shot], Count(2, 12, 6, _SHOTS)]


def seconds_wanted(assignment: Assignment) -> int:
    """How long the film lasts."""
    return seconds_of(assignment, USUAL_SECONDS)


def compose(output: Storyboard, assignment: Assignment) -> Content:
    """The shots with their times, more of it where more is heard, and below them a prompt for each."""
    total = seconds_wanted(assignment)
    times = shared_out(total, [len(shot.heard.split()) + 4 for shot in output.shots])
    made = [_compiled(shot, output.style, assignment) for shot in output.shots]
    shown, shots, at = list[str](), list[dict[str, Any]](), 0
    for number, (shot, seconds, one) in enumerate(zip(output.shots, times, made, strict=True), 1):
        size, move = label(shot.size, assignment), label(shot.move, assignment)
        clock = span(at, at + seconds, assignment)
        shown.append(f"**{number}. {clock}** · {size} · {move}\n*{shot.seen}*\n🔊 {shot.heard}")
        shots.append(
            {"number": number, "size": shot.size, "move": shot.move, "seconds": seconds, "seen": shot.seen}
            | {"heard": shot.heard, "image_prompt": one["raw"]}
        )
        at += seconds
    target = assignment.place
    heading = f"**{label_around('Image prompts', assignment)} ({DIALECTS[target].title})**"
    fence = "\n".join(f"{shot['number']}. {shot['image_prompt']}" for shot in shots)
    settings = dict(made[0]) if made else {"prompt": "", "negative_prompt": ""}
    parts: dict[str, Any] = {
        **settings, "raw": "\n".join(one["raw"] for one in made), "variants": [one["prompt"] for one in made], "target": target,
        "title": output.title, "style": output.style, "shots": shots, "drawn": [shot.image_prompt for shot in output.shots], "seconds": sum(times), "ratio": list(film_ratio(assignment)),
        "alt_text": "; ".join(f"{shot['number']}: {shot['seen']}" for shot in shots),
    }  # fmt: skip
    return Content(paragraphs(f"## {output.title}", *shown, f"{heading}\n```\n{fence}\n```" if shots else ""), parts)


def _compiled(shot: Shot, style: str, assignment: Assignment) -> dict[str, Any]:
    """The shot's prompt in the dialect of the model that is to draw it; all have one style and one seed, so that they match."""
    terms = (
        f"{SIZES.get(shot.size, shot.size)} of {_ARTICLE.sub(lambda found: found[0].lower(), shot.image_prompt)}",
        style,
    )
    scene = Scene(
        terms=tuple(term.strip(" .,") for term in terms if term.strip(" .,")),
        palette=(),
        text="",
        keep_out=kept_out_in_english(assignment.brief),
        ratio=film_ratio(assignment),
        seed=assignment.request.seed,
        usual=_USUAL_OUT,
    )
    return DIALECTS[assignment.place].compiled(assignment.place, scene)


def examine(output: Storyboard, content: Content, assignment: Assignment) -> list[Check]:
    """The shots fill the time, and no two show the same."""
    wanted = seconds_wanted(assignment)
    asked_by: AskedBy = "brief" if assignment.reading.lasting else "kind"
    seen = [norm(shot.seen) for shot in output.shots]
    return [
        bounded("seconds", content.parts["seconds"], wanted, wanted, "seconds", asked_by=asked_by),
        differing("shots", len(set(seen)), len(seen), path="shots"),
    ]


KIND = Kind(
    name="storyboard",
    family="media",
    title="Storyboard",
    description="Shots with size, camera move, seconds, picture and sound, and an image prompt for each.",
    output=Storyboard,
    prompt="Write a storyboard. The shots follow each other as one story. `seen` is what the camera sees, `heard` is what is said "
    "or heard meanwhile. `image_prompt` says in English what an image model is to draw: who or what, doing what, where, in what light; "
    "name people and things by how they look each time, as each picture is drawn alone. `style` is one English phrase for all.",
    examples=(
        Example(
            "storyboard for a 20 second clip on mending a kite, 3 shots",
            Storyboard(
                title="Up again",
                style="ink and wash, soft greys",
                shots=[
                    Shot(
                        size="wide",
                        move="static",
                        seen="a torn red kite hangs in a bare tree",
                        heard="wind, one crow",
                        image_prompt="a torn red kite caught in a bare tree on a hill, grey morning sky",
                    ),
                    Shot(
                        size="close-up",
                        move="dolly in",
                        seen="two hands stretch tape over the tear",
                        heard="GRANDFATHER: Press hard, then count to ten.",
                        image_prompt="an old man's hands pressing tape onto a red kite on a kitchen table, lamp light",
                    ),
                    Shot(
                        size="full",
                        move="tracking",
                        seen="a girl runs and the kite climbs behind her",
                        heard="laughter, the line hums",
                        image_prompt="a girl in a yellow coat running across a meadow, a red kite rising behind her, clear sky",
                    ),
                ],
            ),
        ),
        Example(
            "vertical storyboard for our soup stall, 12 seconds, 2 shots, for flux",
            Storyboard(
                title="Ladle first",
                style="warm 35mm photograph, shallow focus",
                shots=[
                    Shot(
                        size="extreme close-up",
                        move="tilt",
                        seen="steam rises from a copper ladle",
                        heard="a lid rattles",
                        image_prompt="a copper ladle full of orange soup, steam rising, dark kitchen behind",
                    ),
                    Shot(
                        size="medium",
                        move="handheld",
                        seen="the cook hands a bowl over the counter",
                        heard="COOK: Mind your fingers, it is proper hot.",
                        image_prompt="a smiling cook in a blue apron handing a bowl of soup over a wooden market counter",
                    ),
                ],
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    places=PLACES,
    facts=False,
    minutes=(1, MOST_MINUTES),
    seconds=2,
    words=(60, 120, 240),
    in_english=("style", "image_prompt"),
    form=Form("shot", lasts=True, timed=True, shaped=True, titles=("shot list", "storyboard")),
    likeliest=("contact", "copy"),
)
