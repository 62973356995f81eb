"""Makes the pictures of docs/ that show drawings and pages, from worked examples: `python -m benchmarks.pictures`.

A page is turned into pixels by pdftoppm (poppler-utils).
"""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

from PIL import Image

from bot.content import Content, Request
from bot.exports import export
from bot.generation.recall import assign
from bot.kinds import kind_named
from personas.profile import Profile

DOCS = Path(__file__).parents[1] / "docs"
BAKERY = Profile(organisation="Fern & Fog")


def worked(kind: str, brief: str, example: int = 0) -> Content:
    """What a kind makes of a worked example and a brief."""
    known = kind_named(kind)
    assignment = assign(Request("docs", "docs", brief, kind=kind), BAKERY)
    data = known.complete(known.examples[example].output.model_dump(), assignment)
    return known.compose(known.output.model_validate(data), assignment)


def drawn(kind: str, brief: str, example: int, width: int) -> Image.Image:
    picture = Image.open(io.BytesIO(export("png", kind, worked(kind, brief, example)))).convert("RGB")
    return picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)


def pages(kind: str, brief: str) -> Image.Image:
    """The upper halves of a PDF's pages, side by side."""
    body = export("pdf", kind_named(kind).title, worked(kind, brief))
    shown = []
    for number in (1, 2):
        made = subprocess.run(
            ["pdftoppm", "-r", "80", "-png", "-f", str(number), "-l", str(number)],
            input=body,
            capture_output=True,
            check=True,
        )
        page = Image.open(io.BytesIO(made.stdout)).convert("RGB")
        shown.append(page.crop((0, 0, page.width, page.height // 2)))
    whole = Image.new("RGB", (sum(page.width for page in shown) + 12, shown[0].height), "#999999")
    whole.paste(shown[0], (0, 0))
    whole.paste(shown[1], (shown[0].width + 12, 0))
    return whole


if __name__ == "__main__":
    drawn("logo", "round mark for our bakery, wheat, with our name, rust and cream", 1, 512).save(DOCS / "logo.png")
    wireframe = (
        "wireframe of a booking page on desktop: header, hero image, date, people, price, reviews, map, button, footer"
    )
    drawn("layout", wireframe, 0, 1200).save(DOCS / "wireframe.png")
    pages("quiz", "magnets, 3 questions").save(DOCS / "quiz.png")
