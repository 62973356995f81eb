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


def read(whole: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return title, introduction and points."""
    shown = parse_outline(whole, _LABELS)
    known = find_labelled_texts(whole, _LABELS)
    told = {one.part: one for one in reversed(known)}
    rows: dict[str, list[str]] = {}
    for part, cell in find_labelled_cells(whole, _LABELS):
        rows.setdefault(part, []).append(cell)
    title = told["title"].text if "title" in told else shown.title.text if shown.title else ""
    labelled_points = [text for one in known if one.part == "bullets" for text in _parse_section(one.lines, one.value)]
    bullets = labelled_points or rows.get("bullets") or parse_points(whole.lines)
    intro = told["intro"].get_source(whole) if "intro" in told else _read_intro(whole, shown.opening, bullets)
    long = told["description"].get_source(whole) if "description" in told else ""
    parts = {
        "title": title or next(iter(rows.get("title", ())), ""),
        "intro": intro or long or next(iter(rows.get("intro", rows.get("description", ()))), ""),
        "bullets": bullets,
        "description": long,
    }
    return {name: part for name, part in parts.items() if part}


def _parse_section(lines: tuple[Line, ...], value: str) -> list[str]:
    listed = parse_points(lines)
    return [value] if value else listed or [line.text for line in lines if line.sort == "text" and line.text]


def _read_intro(whole: Document, opening: tuple[Line, ...], bullets: list[str]) -> str:
    """Return the paragraphs before the first point or label."""
    kept: list[Line] = []
    for line in opening:
        if line.sort in ("item", "row") or _LABELS.match_line(line) or (kept and is_heading_line(whole, line)):
            break
        if parse_points([line]) or any(line.text.endswith(one) for one in bullets):
            break
        kept.append(line)
    while kept and parse_link(kept[-1]):
        kept.pop()
    return unwrap_text(whole.get_source(kept))


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
