"""A product description: a short introduction and what the product offers, point by point."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document, Line
from bot.reading.labels import Labels, find_labelled_cells, find_labelled_texts
from bot.reading.lines import is_heading_line, parse_link, unwrap_text
from bot.reading.lists import parse_points
from bot.reading.sections import parse_outline


class ProductDescription(BaseModel):
    """The fields of a shop or listing; `description` is the long text if it is labelled as one."""

    title: Annotated[str, Size(nouns=("title", "product name"))] = ""
    intro: Annotated[
        str,
        Size(nouns=("intro", "introduction", "paragraph")),
        Size(unit="words", nouns=("intro", "introduction", "paragraph")),
    ] = ""
    bullets: Annotated[
        list[Annotated[str, Size(nouns=("bullet",)), Size(unit="words", nouns=("bullet",))]],
        Count(nouns=("bullet", "bullet point", "point", "feature", "benefit", "highlight")),
    ] = []
    description: str = ""


_LABELS = Labels(
    title="Title|product title|product name|Headline|Name|produkttitel|produktname|título del producto|nombre del producto|titre du produit|"
    "nom du produit|título do produto|nome do produto|titel",
    intro="Intro|introduction|short description|kurzbeschreibung|einleitung|descripción corta|description courte|descrição curta",
    bullets="Bullets|bullet|bullet point|bullet points|key features|features|highlights|Benefits|about this item|What you get|at a glance|details|"
    "eigenschaften|auf einen blick|merkmale|vorteile|características|puntos clave|caractéristiques|points forts|destaques|stichpunkte",
    description="Description|product description|long description|full description|produktbeschreibung|descripción del producto|"
    "description du produit|descrição do produto",
    other="Button|cta|Call to action|tags|Keywords|seo title|meta description|Notes|note|price|preis|precio|prix|preço|care|"
    "search terms|backend keywords|specifications|specs|materials|Materials|shipping|size|Size",
)


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return title, introduction and points."""
    outline = parse_outline(document, _LABELS)
    labelled_texts = find_labelled_texts(document, _LABELS)
    first_by_part = {text.part: text for text in reversed(labelled_texts)}
    cells_by_part: dict[str, list[str]] = {}
    for part, cell in find_labelled_cells(document, _LABELS):
        cells_by_part.setdefault(part, []).append(cell)

    def get_source(part: str) -> str:
        return first_by_part[part].get_source(document) if part in first_by_part else ""

    def get_cell(*parts: str) -> str:
        return next((cells_by_part[part][0] for part in parts if part in cells_by_part), "")

    title = first_by_part["title"].text if "title" in first_by_part else outline.title.text if outline.title else ""
    labelled_points = [
        point for text in labelled_texts if text.part == "bullets" for point in _parse_section(text.lines, text.value)
    ]
    bullets = labelled_points or cells_by_part.get("bullets") or parse_points(document.lines)
    intro = get_source("intro") if "intro" in first_by_part else _read_intro(document, outline.opening, bullets)
    description = get_source("description")
    parts = {
        "title": title or get_cell("title"),
        "intro": intro or description or get_cell("intro", "description"),
        "bullets": bullets,
        "description": description,
    }
    return {name: part for name, part in parts.items() if part}


def _parse_section(lines: tuple[Line, ...], value: str) -> list[str]:
    """Return the points of a labelled section: the label's own text, else its list, else its lines."""
    return (
        [value] if value else parse_points(lines) or [line.text for line in lines if line.sort == "text" and line.text]
    )


def _read_intro(document: Document, opening: tuple[Line, ...], bullets: list[str]) -> str:
    """Return the paragraphs before the first point or label."""
    intro_lines: list[Line] = []
    for line in opening:
        if (
            line.sort in ("item", "row")
            or _LABELS.match_line(line)
            or (intro_lines and is_heading_line(document, line))
        ):
            break
        if parse_points([line]) or any(line.text.endswith(bullet) for bullet in bullets):
            break
        intro_lines.append(line)
    while intro_lines and parse_link(intro_lines[-1]):
        intro_lines.pop()
    return unwrap_text(document.get_source(intro_lines))


KIND = Kind(
    name="product_description",
    family="marketing",
    title="Product description",
    description="Text for a shop, menu or listing: a short introduction and bullet points.",
    read=read,
    parts=ProductDescription,
    places={
        "shop": (),
        "amazon": ("amazon",),
        "etsy": ("etsy",),
        "google_play": ("google play", "play store", "android"),
        "app_store": ("app store", "ios"),
    },
    form=Form("description", ("description", "tagline"), describing=True),
    likely_exports=("copy", "docx"),
)
