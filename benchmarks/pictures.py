"""Make the pictures of docs/ that show drawings and pages, from the good texts of tests/data/texts: `python -m benchmarks.pictures`.

A page is rendered to pixels by pdftoppm (poppler-utils).
"""

from __future__ import annotations

import asyncio
import io
import subprocess
from pathlib import Path

from PIL import Image

from bot.content import Content, MemorySnapshot, Request
from bot.engines import Engines, Traits
from bot.engines.scripted import build_scripted_engine
from bot.exports import export_content
from bot.generation.pipeline import Pipeline
from bot.generation.recall import assign
from bot.kinds import find_kind
from bot.replies.gallery import render_gallery
from personas.persona import load_builtin
from personas.profile import Profile
from tests.writing import good_answer

DOCS = Path(__file__).parents[1] / "docs"
BAKERY = Profile(organisation="Fern & Fog")


def write_content(kind: str, brief: str) -> Content:
    """Write a content for a brief with a model that answers with the good text of the kind."""
    assignment = assign(Request("docs", "docs", brief, kind=kind), MemorySnapshot(BAKERY))
    (result,) = asyncio.run(Pipeline(Engines([build_scripted_engine(good_answer, traits=Traits())])).run(assignment))
    return result.content


def draw_picture(kind: str, brief: str, width: int) -> Image.Image:
    """Draw the picture of a brief in this width."""
    picture = Image.open(io.BytesIO(export_content("png", kind, write_content(kind, brief)))).convert("RGB")
    return picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)


def render_pages(kind: str, content: Content, share: float = 0.5) -> Image.Image:
    """Render the upper parts of a PDF's first two pages side by side."""
    body = export_content("pdf", find_kind(kind).title, content)
    shown = []
    for number in (1, 2):
        page = subprocess.run(
            ["pdftoppm", "-r", "80", "-png", "-f", str(number), "-l", str(number)],
            input=body,
            capture_output=True,
            check=True,
        )
        picture = Image.open(io.BytesIO(page.stdout)).convert("RGB")
        shown.append(picture.crop((0, 0, picture.width, round(picture.height * share))))
    whole = Image.new("RGB", (sum(page.width for page in shown) + 12, shown[0].height), "#999999")
    whole.paste(shown[0], (0, 0))
    whole.paste(shown[1], (shown[0].width + 12, 0))
    return whole


if __name__ == "__main__":
    (DOCS / "personas.png").write_bytes(render_gallery(list(load_builtin().values())))
    draw_picture("logo", "round mark for our bakery, wheat, with our name, rust and cream", 512).save(DOCS / "logo.png")
    wireframe = (
        "wireframe of a booking page on desktop: header, hero image, date, people, price, reviews, map, button, footer"
    )
    draw_picture("layout", wireframe, 1200).save(DOCS / "wireframe.png")
    render_pages("quiz", write_content("quiz", "magnets")).save(DOCS / "quiz.png")
    campaign = (
        "4 week campaign for our winter bike checks on instagram, linkedin and email, from 1 December, budget 300"
    )
    render_pages("campaign", write_content("campaign", campaign), 1.0).save(DOCS / "campaign.png")
