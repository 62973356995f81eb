"""Makes the pictures of docs/ that show drawings and pages, from worked examples: `python -m benchmarks.pictures`.

A page is turned into pixels by pdftoppm (poppler-utils).
"""

from __future__ import annotations

import asyncio
import io
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from bot.content import Content, Remembered, Request
from bot.engines import Engines, Traits
from bot.engines.scripted import scripted
from bot.exports import export
from bot.generation.pipeline import Pipeline
from bot.generation.recall import assign
from bot.kinds import all_kinds, kind_named
from bot.replies.gallery import gallery
from personas.persona import builtin
from personas.profile import Profile

# What a capable model might say for the parts of the campaign.
SAID: dict[str, dict[str, Any]] = {
    "social_post": {
        "text": "Frost is coming, and brakes do not like it. Bring your bike for a winter check: chain, lights, tyres, "
        "twenty minutes. You wait with a coffee, and ride home safe."
    },
    "email": {
        "subject": "Your bike before the first frost",
        "preheader": "Twenty minutes, a coffee, and brakes that hold.",
        "greeting": "Hello riders,",
        "body": [
            "You brought your bike to us last winter, so you hear of it first: the winter checks begin in December. We look "
            "at brakes, chain, lights and tyres while you wait.",
            "Reply with a day that suits you and we keep a slot. Bring a friend if you like.",
        ],
    },
    "image_prompt": {
        "subject": "a mechanic spinning the wheel of a bicycle on a stand",
        "setting": "small workshop with fogged windows, first snow outside",
        "style": "linocut print with rough edges",
        "composition": "low angle, the wheel in the middle",
    },
}
DOCS = Path(__file__).parents[1] / "docs"
BAKERY = Profile(organisation="Fern & Fog")


def worked(kind: str, brief: str, example: int = 0) -> Content:
    """What a kind makes of a worked example and a brief."""
    known = kind_named(kind)
    assignment = assign(Request("docs", "docs", brief, kind=kind), Remembered(BAKERY))
    data = known.complete(known.examples[example].output.model_dump(), assignment)
    return known.compose(known.output.model_validate(data), assignment)


def drawn(kind: str, brief: str, example: int, width: int) -> Image.Image:
    picture = Image.open(io.BytesIO(export("png", kind, worked(kind, brief, example)))).convert("RGB")
    return picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)


def whole(kind: str, brief: str) -> Content:
    """What comes of a brief whose every part is written as the worked examples are."""

    def obliging(messages: Sequence[Any]) -> dict[str, Any] | str:
        if messages[-1].text.startswith("You rewrite one part"):
            return str(messages[-1].text.partition("\nText: ")[2].rpartition("\n\nFault: ")[0])
        asked = next(one for one in all_kinds().values() if (one.craft or one.prompt) in messages[0].text)
        said = asked.examples[0].output.model_dump(mode="json") | SAID.get(asked.name, {})
        return str(said["text"]) if asked.plain else said

    assignment = assign(Request("docs", "docs", brief, kind=kind), Remembered(BAKERY))
    (result,) = asyncio.run(Pipeline(Engines([scripted(obliging, traits=Traits())])).run(assignment))
    return result.content


def pages(kind: str, content: Content, share: float = 0.5) -> Image.Image:
    """The upper parts of a PDF's first two pages, side by side."""
    body = export("pdf", kind_named(kind).title, content)
    shown = []
    for number in (1, 2):
        made = subprocess.run(
            ["pdftoppm", "-r", "80", "-png", "-f", str(number), "-l", str(number)],
            input=body,
            capture_output=True,
            check=True,
        )
        page = Image.open(io.BytesIO(made.stdout)).convert("RGB")
        shown.append(page.crop((0, 0, page.width, round(page.height * share))))
    whole = Image.new("RGB", (sum(page.width for page in shown) + 12, shown[0].height), "#999999")
    whole.paste(shown[0], (0, 0))
    whole.paste(shown[1], (shown[0].width + 12, 0))
    return whole


if __name__ == "__main__":
    (DOCS / "personas.png").write_bytes(gallery(list(builtin().values())))
    drawn("logo", "round mark for our bakery, wheat, with our name, rust and cream", 1, 512).save(DOCS / "logo.png")
    wireframe = (
        "wireframe of a booking page on desktop: header, hero image, date, people, price, reviews, map, button, footer"
    )
    drawn("layout", wireframe, 0, 1200).save(DOCS / "wireframe.png")
    pages("quiz", worked("quiz", "magnets, 3 questions")).save(DOCS / "quiz.png")
    campaign = (
        "4 week campaign for our winter bike checks on instagram, linkedin and email, from 1 December, budget 300"
    )
    pages("campaign", whole("campaign", campaign), 1.0).save(DOCS / "campaign.png")
