"""A layout: the regions of a page or screen as a wireframe. A model names them, code places and draws them."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form, listed, listed_between_commas, listed_with, pattern_of
from bot.checks import Check, free_of, holding
from bot.checks.svg import sanitised, written
from bot.checks.terms import norm
from bot.content import Assignment, Content, Count, Example, Kind, OneOf, Size
from bot.kinds._colours import colours_in, least_contrast, readable_on
from bot.kinds._dialects import ALT_TEXT
from bot.kinds._labels import label_around
from bot.kinds._shared import bounds, paragraphs
from bot.kinds._sketches import Box, is_field, least_weight, most_of_page, sketched


class Region(BaseModel):
    """A box of the page. Regions that are not as wide as the page stand side by side."""

    name: Annotated[str, Size(24, least=2, form="phrase")]
    holds: Annotated[str, Size(60, least=4, form="phrase")]
    width: Annotated[str, OneOf(("full", "half", "third", "quarter"))]
    height: Annotated[str, OneOf(("small", "medium", "large"))]


class Layout(BaseModel):
    """What a model writes: the regions in reading order."""

    regions: Annotated[list[Region], Count(3, 14, 6, ("region", "section", "box", "block", "area", "zone", "panel"))]


@dataclass(frozen=True, slots=True)
class Page:
    """A medium: pixels of its page, and the columns of its grid."""

    width: int
    height: int
    columns: int


# iPhone and Android screens are near 9:16, desktop ones 16:9; print is A4 at 150 dots an inch.
PAGES = {"mobile": Page(360, 640, 4), "desktop": Page(1440, 810, 12), "print": Page(1240, 1754, 6)}
# Where a page is seen, by what briefs call that.
_MEDIA = {
    "mobile": "mobile|phone(s)|smartphone|iphone|android|app|story|handy|móvil|movil|celular|téléphone|telefone|ponsel|hp|layar hp"
    "|スマホ|携帯|アプリ|جوال|الهاتف|मोबाइल|फ़ोन|फोन",
    "print": "print(ed)|poster(s)|flyer(s)|leaflet(s)|brochure(s)|a3|a4|a5|a6|letter size|letterhead|page of (a|the) (book|magazine|newsletter)"
    "|magazine|newspaper|menu card|handout|worksheet|programme|program|booklet|postcard|invitation|folder|plakat|cartel|affiche|cartaz"
    "|folleto|dépliant|faltblatt|पोस्टर|ملصق|ポスター|チラシ",
}
COLUMNS = Count(1, 24, 12, ("column", "col"))
_SHARES = {"full": 1.0, "half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4}
_TALL = {"small": 1.0, "medium": 2.0, "large": 3.5}
# Names that say the same are shown by the one that everybody knows.
_ROLES = {
    "button": "cta_button", "call to action": "cta", "call-to-action": "cta", "submit": "cta_submit", "buy": "cta_buy", "picture": "image",
    "photo": "image_photo", "navigation": "nav", "navigation bar": "nav_bar", "menu": "nav_menu", "top bar": "header_top_bar",
    "fecha": "date", "datum": "date", "data": "date", "precio": "price", "prix": "price", "preis": "price", "preço": "price",
    "personas": "people", "personnes": "people", "personen": "people", "pessoas": "people", "botón": "cta_button",
    "bouton": "cta_button", "knopf": "cta_button", "botão": "cta_button", "imagen": "image", "bild": "image", "foto": "image",
    "título": "title", "titre": "title", "titel": "title", "mapa": "map", "karte": "map", "carte": "map",
}  # fmt: skip
_GAP = 8
# What stands between commas and names no part of the page.
_FORM = (
    *_MEDIA.values(),
    "landscape|querformat|apaisado|paysage|horizontal|square|portrait|column(s)|col(s)|spalte(n)|columna(s)|colonne(s)|coluna(s)|kolom|カラム"
    "|desktop|tablet|no|grid|wireframe|please|pls",
)


def identifier(text: str) -> str:
    """The name of a region as an identifier: "Opening hours" gives "opening_hours", "button" gives "cta_button"."""
    said = re.sub(r"^(?:a|an|the|one|big|large|small)\s+", "", text.strip().casefold())
    return re.sub(r"\W+", "_", _ROLES.get(said, said)).strip("_")


def viewport_of(assignment: Assignment) -> str:
    """Where the page will be seen, as the brief says it; on a desktop when it does not."""
    return next(iter(assignment.reading.chosen("medium")), "desktop")


def page_of(assignment: Assignment) -> Page:
    """The page in pixels with its grid: the medium's, in the shape and with the columns that the brief wants."""
    usual = PAGES[viewport_of(assignment)]
    width, height, columns = usual.width, usual.height, usual.columns
    if ratio := assignment.wishes.ratio or ((1, 1) if assignment.reading.shape == "square" else None):
        height = round(width * ratio[1] / ratio[0])
    elif assignment.reading.shape == "landscape" and height > width:
        width, height = height, width
    if "column" in assignment.wishes.counts:
        columns = bounds(COLUMNS, assignment.wishes)[0]
    return Page(width, height, columns)


def asked_for(assignment: Assignment) -> list[str]:
    """The regions that the brief lists."""
    brief = assignment.brief
    told = listed(brief) or listed_with(brief) or listed_between_commas(brief, map(pattern_of, _FORM))
    return list(dict.fromkeys(filter(None, map(identifier, told))))[:14]


def complete(data: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    """The regions that the brief lists and those that were written, each once; what was asked for is never left out."""
    asked = asked_for(assignment)
    output = Layout.model_validate(data)
    written = {identifier(region.name): region for region in output.regions if identifier(region.name)}
    least, most = assignment.wishes.counts.get("region", (3, 9))
    regions: dict[str, Region] = {}
    for name in asked:
        known = next((one for other, one in written.items() if name in other or other in name), None)
        label = name.replace("_", " ")
        button = name.startswith("cta")
        plain = Region(name=name, holds=label, width="full", height="small" if button else "medium")
        regions[name] = known.model_copy(update={"name": name}) if known else plain
    extra = {name: one for name, one in written.items() if not any(name in got or got in name for got in regions)}
    wanted = max(len(asked), least, min(5, most))
    room = (wanted if asked else max(least, most)) - len(regions)
    before = [one for name, one in extra.items() if name.startswith(("header", "nav", "logo", "title"))][: max(room, 0)]
    rest = [one for name, one in extra.items() if one not in before][: max(room - len(before), 0)]
    made = [*before, *regions.values(), *rest]
    for name in ("header", "content", "footer", "cta"):
        if len(made) < wanted and name not in {identifier(one.name) for one in made}:
            made.append(Region(name=name, holds=name, width="full", height="small"))
    return {"regions": [one.model_dump() for one in _side_by_side(made[:14], viewport_of(assignment))]}


def _side_by_side(regions: list[Region], viewport: str) -> list[Region]:
    """Fields that follow each other share a row where there is room, as in any form."""
    widths = {2: "half", 3: "third", 4: "quarter"}
    made: list[Region] = []
    for field, group in itertools.groupby(regions, lambda one: is_field(one.name, one.holds) and one.width == "full"):
        run = list(group)
        width = widths.get(len(run)) if field and viewport != "mobile" else None
        made += [one.model_copy(update={"width": width}) for one in run] if width else run
    return made


def placed(regions: list[Region], page: Page) -> list[Box]:
    """The regions as boxes on whole columns, row by row, that fill the page and stay within it."""
    rows: list[list[Region]] = []
    for region in regions:
        share = _SHARES.get(region.width, 1.0)
        if (
            rows
            and sum(_SHARES.get(one.width, 1.0) for one in rows[-1]) + share <= 1.01
            and len(rows[-1]) < page.columns
        ):
            rows[-1].append(region)
        else:
            rows.append([region])
    boxes, y = [], _GAP
    for row, height in zip(rows, _heights(rows, page), strict=True):
        shares = [_SHARES.get(one.width, 1.0) for one in row]
        spans = _spans(shares, page.columns)
        column = (page.width - _GAP) / page.columns
        at = 0
        for one, span in zip(row, spans, strict=True):
            x = round(_GAP + at * column)
            width = round(span * column) - _GAP
            boxes.append(Box(identifier(one.name), one.holds, x, y, width, height))
            at += span
        y += height + _GAP
    return boxes


def _spans(shares: list[float], columns: int) -> list[int]:
    """Whole columns for each region of a row, one at least, near to its share."""
    spans = [1] * len(shares)
    wanted = [columns * share / sum(shares) for share in shares]
    while sum(spans) < columns:
        spans[max(range(len(spans)), key=lambda at: wanted[at] - spans[at])] += 1
    return spans


def _heights(rows: list[list[Region]], page: Page) -> list[int]:
    """Each row's share of the page by how tall its regions should be; slim ones leave theirs to the others."""
    room = page.height - _GAP * (len(rows) + 1)
    weights = [
        max(max(_TALL.get(one.height, 2.0), least_weight(identifier(one.name), one.holds)) for one in row)
        for row in rows
    ]
    most = [max(most_of_page(identifier(one.name), one.holds) for one in row) * page.height for row in rows]
    slim = [weight * room / sum(weights) > limit for weight, limit in zip(weights, most, strict=True)]
    left = room - sum(limit for limit, is_slim in zip(most, slim, strict=True) if is_slim)
    others = sum(weight for weight, is_slim in zip(weights, slim, strict=True) if not is_slim)
    return [
        max(8, int(limit if is_slim else left * weight / others))
        for weight, limit, is_slim in zip(weights, most, slim, strict=True)
    ]


def drawn(boxes: list[Box], page: Page, ink: str, ground: str, alt_text: str) -> str:
    """The wireframe as SVG: boxes with what usually stands for their contents, and escaped names."""
    size = max(11, min(page.width, page.height) // 42)
    shapes = [f'<rect width="{page.width}" height="{page.height}" fill="{ground}"/>']
    for box in boxes:
        shapes.append(sketched(box, size, ink, ground))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {page.width} {page.height}" width="{page.width}" '
        f'height="{page.height}" role="img" aria-label="{written(alt_text)}">{"".join(shapes)}</svg>'
    )


def compose(output: Layout, assignment: Assignment) -> Content:
    """The wireframe with its measures, region by region."""
    page, viewport = page_of(assignment), viewport_of(assignment)
    boxes = placed(output.regions, page)
    told = colours_in(assignment.brief) or [one.hex for one in assignment.book.palette[:2]]
    ground = told[1] if len(told) > 1 else "#FFFFFF"
    ink = readable_on(told[0] if told else "#222222", ground, least_contrast(assignment.brief))
    names = [one.name for one in output.regions] if assignment.as_written else [box.name for box in boxes]
    at = label_around("at", assignment)
    lines = [
        f"{n}. **{name}**: {box.holds} ({box.width} x {box.height} {at} {box.x}, {box.y})"
        for n, (name, box) in enumerate(zip(names, boxes, strict=True), 1)
    ]
    alt_text = f"Wireframe, {viewport}: {', '.join(box.name.replace('_', ' ') for box in boxes)}"
    if len(alt_text) > ALT_TEXT:
        alt_text = alt_text[:ALT_TEXT].rpartition(",")[0]
    svg = sanitised(drawn(boxes, page, ink, ground, alt_text))
    medium, columns = label_around(viewport.capitalize(), assignment), label_around("columns", assignment)
    about = f"{medium}, {page.width} x {page.height}, {page.columns} {columns}"
    parts = {
        "regions": [
            {"name": b.name, "holds": b.holds, "x": b.x, "y": b.y, "width": b.width, "height": b.height} for b in boxes
        ],
        "viewport": viewport, "columns": page.columns, "width": page.width, "height": page.height,
        "colors": list(dict.fromkeys([ink, ground, *told[2:]])), "alt_text": alt_text, "svg": svg,
    }  # fmt: skip
    return Content(paragraphs(f"## {label_around('Wireframe', assignment)}\n{about}", "\n".join(lines)), parts)


def examine(_output: Layout, content: Content, assignment: Assignment) -> list[Check]:
    """All regions stand within the page, and what the brief lists is there."""
    page = page_of(assignment)
    boxes = content.parts["regions"]
    outside = [b["name"] for b in boxes if b["x"] + b["width"] > page.width or b["y"] + b["height"] > page.height]
    names = {box["name"] for box in boxes}
    missing = [name for name in asked_for(assignment) if name not in names]
    if assignment.as_written:  # "opening hours" is there as "hours", and a form as what it holds.
        told = norm(" ".join(f"{box['name']} {box['holds']}" for box in boxes)).replace("_", " ")
        missing = [name for name in missing if not any(part in told for part in name.split("_") if len(part) > 2)]
    return [
        free_of("within the page", outside),
        holding(
            "regions asked for", missing, len(asked_for(assignment)), "regions", asked_by="brief", repairable=False
        ),
    ]


KIND = Kind(
    name="layout",
    family="image",
    title="Layout",
    description="A wireframe: regions with positions and sizes, as picture, SVG and web page.",
    output=Layout,
    prompt="Plan the regions of a page from top to bottom. Names are one or two English words. Say in a few words what each "
    "region holds, without writing its text.",
    examples=(
        Example(
            "wireframe of a recipe page, desktop: title, picture, ingredients, steps",
            Layout(
                regions=[
                    Region(name="header", holds="logo and search", width="full", height="small"),
                    Region(name="title", holds="name of the dish and time", width="full", height="small"),
                    Region(name="image", holds="photo of the dish", width="half", height="large"),
                    Region(name="ingredients", holds="list with amounts", width="half", height="large"),
                    Region(name="steps", holds="numbered steps", width="full", height="medium"),
                ]
            ),
        ),
        Example(
            "flyer layout for a yard sale",
            Layout(
                regions=[
                    Region(name="headline", holds="what happens, in large type", width="full", height="medium"),
                    Region(name="image", holds="drawing of a full table", width="full", height="large"),
                    Region(name="date", holds="day and time", width="half", height="small"),
                    Region(name="place", holds="street and small map", width="half", height="small"),
                    Region(name="contact", holds="phone number", width="full", height="small"),
                ]
            ),
        ),
    ),
    compose=compose,
    counted=(COLUMNS,),
    examine=examine,
    complete=complete,
    facts=False,
    exports=("png", "html", "svg", "md", "txt"),
    form=Form("block", shaped=True, choices={"medium": _MEDIA}, describing=True),
    likeliest=("png", "svg", "html"),
)
