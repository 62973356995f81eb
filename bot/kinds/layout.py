"""A layout: the regions of a page or screen as a wireframe. A model names them, code places and draws them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, build_absence_check, build_presence_check
from bot.checks.svg import escape_text, sanitise
from bot.composition.colours import ensure_contrast, find_min_contrast, find_nearest_name, find_wanted_colours
from bot.composition.dialects import MAX_ALT_TEXT_CHARACTERS
from bot.composition.drawing import join_paragraphs
from bot.composition.sketches import RegionBox, draw_region, find_max_page_share, find_min_weight
from bot.content import Assignment, Choice, Composer, Content, Count, Kind, Size
from bot.reading.surrounding_labels import translate_label_around_prompt


@dataclass(frozen=True, slots=True)
class LayoutPage:
    """A medium: pixels of its page, and the columns of its grid."""

    width: int
    height: int
    columns: int


# iPhone and Android screens are near 9:16, desktop ones 16:9; print is A4 at 150 dots an inch.
PAGES = {"mobile": LayoutPage(360, 640, 4), "desktop": LayoutPage(1440, 810, 12), "print": LayoutPage(1240, 1754, 6)}
COLUMNS = Count(1, 24, 12, ("column", "col"))


class LayoutRegion(BaseModel):
    """A box of the page. Regions narrower than the page are placed side by side."""

    name: Annotated[str, Size(24, low=2)]
    holds: Annotated[str, Size(60, low=4)]
    width: Annotated[str, Choice(("full", "half", "third", "quarter"))]
    height: Annotated[str, Choice(("small", "medium", "large"))]


class Layout(BaseModel):
    """What a model writes: where the page is viewed, its orientation and the columns of its grid, then the regions in
    reading order.
    """

    viewport: Annotated[str, Choice(tuple(PAGES))]
    shape: Annotated[str, Choice(("usual", "landscape", "portrait", "square"))] = "usual"
    columns: Annotated[str, Choice(tuple(map(str, range(1, 25)))), COLUMNS]
    regions: Annotated[
        list[LayoutRegion], Count(3, 14, 6, ("region", "section", "box", "block", "area", "zone", "panel"))
    ]


_SHARES = {"full": 1.0, "half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4}
_TALL = {"small": 1.0, "medium": 2.0, "large": 3.5}
# Synonymous names are shown as the best-known one.
_ROLES = {
    "button": "cta_button",
    "call to action": "cta",
    "call-to-action": "cta",
    "submit": "cta_submit",
    "buy": "cta_buy",
    "picture": "image",
    "photo": "image_photo",
    "navigation": "nav",
    "navigation bar": "nav_bar",
    "menu": "nav_menu",
    "top bar": "header_top_bar",
    "fecha": "date",
    "datum": "date",
    "data": "date",
    "precio": "price",
    "prix": "price",
    "preis": "price",
    "preço": "price",
    "personas": "people",
    "personnes": "people",
    "personen": "people",
    "pessoas": "people",
    "botón": "cta_button",
    "bouton": "cta_button",
    "knopf": "cta_button",
    "botão": "cta_button",
    "imagen": "image",
    "bild": "image",
    "foto": "image",
    "título": "title",
    "titre": "title",
    "titel": "title",
    "mapa": "map",
    "karte": "map",
    "carte": "map",
}
_GAP = 8


def format_identifier(text: str) -> str:
    """Return the name of a region as an identifier: "Opening hours" becomes "opening_hours", "button" becomes "cta_button"."""
    said = re.sub(r"^(?:a|an|the|one|big|large|small)\s+", "", text.strip().casefold())
    return re.sub(r"\W+", "_", _ROLES.get(said, said)).strip("_")


def choose_page(output: Layout, assignment: Assignment) -> LayoutPage:
    """Return the page in pixels with its grid: the medium's, in the shape that the brief names or the model chose."""
    usual = PAGES.get(output.viewport, PAGES["desktop"])
    width, height = usual.width, usual.height
    if ratio := assignment.requirements.ratio or ((1, 1) if output.shape == "square" else None):
        height = round(width * ratio[1] / ratio[0])
    elif (output.shape == "landscape" and height > width) or (output.shape == "portrait" and width > height):
        width, height = height, width
    columns = int(output.columns) if output.columns.isdecimal() else usual.columns
    return LayoutPage(width, height, min(max(columns, COLUMNS.low), COLUMNS.high))


def place_regions(regions: list[LayoutRegion], page: LayoutPage) -> list[RegionBox]:
    """Return the regions as boxes on whole columns, row by row, filling the page without leaving it."""
    rows: list[list[LayoutRegion]] = []
    for region in regions:
        share = _SHARES.get(region.width, 1.0)
        row = rows[-1] if rows else []
        taken = sum(_SHARES.get(one.width, 1.0) for one in row)
        if row and taken + share <= 1.01 and len(row) < page.columns:
            row.append(region)
        else:
            rows.append([region])
    boxes, y = [], _GAP
    for row, height in zip(rows, _compute_heights(rows, page), strict=True):
        shares = [_SHARES.get(one.width, 1.0) for one in row]
        spans = _compute_spans(shares, page.columns)
        column = (page.width - _GAP) / page.columns
        at = 0
        for one, span in zip(row, spans, strict=True):
            x = round(_GAP + at * column)
            width = round(span * column) - _GAP
            boxes.append(RegionBox(format_identifier(one.name), one.holds, x, y, width, height))
            at += span
        y += height + _GAP
    return boxes


def _compute_spans(shares: list[float], columns: int) -> list[int]:
    """Return the columns of each region in a row, at least one, near to its share."""
    spans = [1] * len(shares)
    wanted = [columns * share / sum(shares) for share in shares]
    while sum(spans) < columns:
        spans[max(range(len(spans)), key=lambda at: wanted[at] - spans[at])] += 1
    return spans


def _compute_heights(rows: list[list[LayoutRegion]], page: LayoutPage) -> list[int]:
    """Return each row's share of the page by the heights its regions need; slim ones leave theirs to the others."""
    room = page.height - _GAP * (len(rows) + 1)
    tall = [[(one, format_identifier(one.name)) for one in row] for row in rows]
    weights = [
        max(max(_TALL.get(one.height, 2.0), find_min_weight(name, one.holds)) for one, name in row) for row in tall
    ]
    most = [max(find_max_page_share(name, one.holds) for one, name in row) * page.height for row in tall]
    slim = [weight * room / sum(weights) > limit for weight, limit in zip(weights, most, strict=True)]
    left = room - sum(limit for limit, is_slim in zip(most, slim, strict=True) if is_slim)
    others = sum(weight for weight, is_slim in zip(weights, slim, strict=True) if not is_slim)
    return [
        max(8, int(limit if is_slim else left * weight / others))
        for weight, limit, is_slim in zip(weights, most, slim, strict=True)
    ]


def draw_wireframe(boxes: list[RegionBox], page: LayoutPage, ink: str, ground: str, alt_text: str) -> str:
    """Return the wireframe as SVG: boxes with typical symbols for their contents, and escaped names."""
    size = max(11, min(page.width, page.height) // 42)
    shapes = [f'<rect width="{page.width}" height="{page.height}" fill="{ground}"/>']
    for box in boxes:
        shapes.append(draw_region(box, size, ink, ground))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {page.width} {page.height}" width="{page.width}" '
        f'height="{page.height}" role="img" aria-label="{escape_text(alt_text)}">{"".join(shapes)}</svg>'
    )


def compose(output: Layout, assignment: Assignment) -> Content:
    """Compose the wireframe with its dimensions, region by region."""
    page, viewport = choose_page(output, assignment), output.viewport
    boxes = place_regions(output.regions, page)
    told = find_wanted_colours(assignment.brief) or [one.hex for one in assignment.book.palette[:2]]
    ground = told[1] if len(told) > 1 else "#FFFFFF"
    ink = ensure_contrast(told[0] if told else "#222222", ground, find_min_contrast(assignment.brief))
    at = translate_label_around_prompt("at", assignment)
    lines = [
        f"{n}. **{one.name.replace('_', ' ')}**: {box.holds} ({box.width} x {box.height} {at} {box.x}, {box.y})"
        for n, (one, box) in enumerate(zip(output.regions, boxes, strict=True), 1)
    ]
    alt_text = f"Wireframe, {viewport}: {', '.join(box.name.replace('_', ' ') for box in boxes)}"
    if len(alt_text) > MAX_ALT_TEXT_CHARACTERS:
        alt_text = alt_text[:MAX_ALT_TEXT_CHARACTERS].rpartition(",")[0]
    svg = sanitise(draw_wireframe(boxes, page, ink, ground, alt_text))
    medium, columns = (
        translate_label_around_prompt(viewport.capitalize(), assignment),
        translate_label_around_prompt("columns", assignment),
    )
    about = f"{medium}, {page.width} x {page.height}" + (f", {page.columns} {columns}" if page.columns > 1 else "")
    parts = {
        "regions": [
            {"name": b.name, "holds": b.holds, "x": b.x, "y": b.y, "width": b.width, "height": b.height} for b in boxes
        ],
        "viewport": viewport,
        "columns": page.columns,
        "width": page.width,
        "height": page.height,
        "colors": list(dict.fromkeys([ink, ground, *told[2:]])),
        "alt_text": alt_text,
        "svg": svg,
    }
    return Content(
        join_paragraphs(f"## {translate_label_around_prompt('Wireframe', assignment)}\n{about}", "\n".join(lines)),
        parts,
    )


def examine(_output: Layout, content: Content, assignment: Assignment) -> list[Check]:
    """Check that all regions are within the page, and that it uses the two colours that the brief names."""
    width, height = content.parts["width"], content.parts["height"]
    boxes = content.parts["regions"]
    outside = [b["name"] for b in boxes if b["x"] + b["width"] > width or b["y"] + b["height"] > height]
    named = find_wanted_colours(assignment.brief)
    missing = [find_nearest_name(colour) for colour in named[2:]]
    return [
        build_absence_check("within the page", outside),
        *([build_presence_check("colours in it", missing, len(named), asked_by="brief")] if named else []),
    ]


KIND = Kind(
    name="layout",
    family="image",
    title="Layout",
    description="A wireframe with the position and size of each area, as an image, SVG and web page.",
    task="The regions of a page from top to bottom, with all that the request names; those narrower than the page stand side by side. "
    "Names are one or two English words; `holds` says in a few words what stands there, without writing its text.",
    composer=Composer(output=Layout, compose=compose, examine=examine),
    exports=("png", "html", "svg", "md", "txt"),
    form=Form("block", shaped=True, describing=True),
    likely_exports=("png", "svg", "html"),
)
