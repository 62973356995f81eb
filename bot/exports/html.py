"""A wireframe as a web page: its regions on the page's grid, as a starting point. No script, no external resources.

Screen readers can navigate it: one main part, named landmarks, a heading for each region.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from bot.content import Content

LABEL = "Web page (HTML)"
# Elements by the meaning of a region; all others are sections. What precedes and follows the main part are those
# of these at the page's beginning and end.
_ELEMENTS = {"header": "header", "nav": "nav", "footer": "footer"}
_BEFORE, _AFTER = ("header", "nav"), ("footer",)
_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ --ink: {ink}; --ground: {ground}; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.4 system-ui, sans-serif; }}
main {{ display: contents; }}
h1 {{ position: absolute; clip-path: inset(50%); width: 1px; height: 1px; margin: 0; overflow: hidden; white-space: nowrap; }}
.page {{ display: grid; grid-template-columns: repeat({columns}, 1fr); gap: 16px; max-width: {width}px; margin: auto; padding: 16px; }}
.page [data-region] {{ border: 2px solid; border-radius: 4px; padding: 12px; }}
.page .button {{ background: var(--ink); color: var(--ground); display: grid; place-content: center; text-align: center; }}
.name {{ margin: 0; font-size: 1rem; font-weight: 600; }}
.holds {{ margin: 0; font-size: .875rem; }}
@media (max-width: 600px) {{ .page.wide {{ display: block; }} .page.wide [data-region] {{ margin-bottom: 16px; }} }}
</style>
</head>
<body>
<div class="page{wide}">
{regions}
</div>
</body>
</html>
"""


def fits(content: Content) -> bool:
    """Whether it is a layout: regions on a page."""
    return bool(content.parts.get("regions") and content.parts.get("columns"))


def export(title: str, content: Content) -> bytes:
    """Return a page with regions in the grid's columns, one below the other on a phone."""
    from lxml import html

    parts = content.parts
    columns, width = int(parts["columns"]), int(parts["width"])
    ink, ground, *_ = parts["colors"]
    rows = sorted({region["y"] for region in parts["regions"]})
    elements = _choose_elements(parts["regions"])
    regions = [
        _format_region(one, element, rows.index(one["y"]) + 1, width / columns)
        for one, element in zip(parts["regions"], elements, strict=True)
    ]
    body = _PAGE.format(
        title=escape(title),
        language=content.language,
        ink=ink,
        ground=ground,
        columns=columns,
        width=width,
        wide=" wide" if parts["viewport"] != "mobile" else "",
        regions=_format_page_body(title, regions, elements),
    ).encode()
    read = html.document_fromstring(body.decode())
    assert len(read.xpath("//*[@data-region]")) == len(regions), "a region is missing"
    assert not read.xpath("//script")
    return body


def _choose_elements(regions: Sequence[dict[str, Any]]) -> list[str]:
    """Return the element of each region: one header and one footer at the edges of the page, as they are its landmarks."""
    named = [_choose_element(str(one["name"])) for one in regions]
    first = next((at for at, name in enumerate(named) if name not in _BEFORE), len(named))
    last = len(named) - next((at for at, name in enumerate(reversed(named)) if name not in _AFTER), len(named))
    kept = list[str]()
    for at, name in enumerate(named):
        is_own = name == "nav" or (name == "header" and at < first) or (name == "footer" and at >= last)
        kept.append(name if is_own and (name == "nav" or name not in kept) else "section")
    return kept


def _choose_element(name: str) -> str:
    return next((element for word, element in _ELEMENTS.items() if word in name.split("_")), "section")


def _format_page_body(title: str, regions: Sequence[str], elements: Sequence[str]) -> str:
    """Return the regions, with the main part around those between the page's beginning and end."""
    first = next((at for at, name in enumerate(elements) if name not in _BEFORE), len(elements))
    last = len(elements) - next((at for at, name in enumerate(reversed(elements)) if name not in _AFTER), len(elements))
    last = max(first, last)
    heading = f"<h1>{escape(title)}</h1>"
    return "\n".join([*regions[:first], "<main>", heading, *regions[first:last], "</main>", *regions[last:]])


def _format_region(region: dict[str, Any], element: str, row: int, column: float) -> str:
    name = str(region["name"])
    first = round(region["x"] / column) + 1
    span = max(1, round(region["width"] / column))
    sort = ' class="button"' if name.startswith("cta") else ""
    holds = f'<p class="holds">{escape(str(region["holds"]))}</p>' if region.get("holds") else ""
    style = f"grid-column: {first} / span {span}; grid-row: {row}; min-height: {int(region['height'])}px"
    shown = escape(name.replace("_", " "))
    # Several navigation regions are distinguished by their names.
    label = f' aria-label="{shown}"' if element == "nav" else ""
    heading = f'<h2 class="name">{shown}</h2>'
    return f'<{element} data-region="{escape(name)}"{sort}{label} style="{style}">{heading}{holds}</{element}>'
