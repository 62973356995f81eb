"""A wireframe as a web page with its regions on a grid, to start coding from. No scripts, no external resources.

Screen readers can navigate it: it has one main element, named landmarks, and a heading for each region.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from bot.content import Content

LABEL = "Web page (HTML)"
# Elements that are named after a word of a region's name; all other regions are sections.
_NAMED_ELEMENTS = ("header", "nav", "footer")
# Elements that stay outside the main element at the beginning and at the end of the page.
_LEADING_ELEMENTS, _TRAILING_ELEMENTS = ("header", "nav"), ("footer",)
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
    """Whether a content is a wireframe: regions on a grid."""
    return bool(content.parts.get("regions") and content.parts.get("columns"))


def export(title: str, content: Content) -> bytes:
    """Return a page with the regions in the grid's columns; on a phone they are below each other."""
    from lxml import html

    parts = content.parts
    columns, width = int(parts["columns"]), int(parts["width"])
    ink, ground, *_ = parts["colors"]
    rows = sorted({region["y"] for region in parts["regions"]})
    elements = _choose_elements(parts["regions"])
    regions = [
        _format_region(region, element, rows.index(region["y"]) + 1, width / columns)
        for region, element in zip(parts["regions"], elements, strict=True)
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
    document = html.document_fromstring(body.decode())
    assert len(document.xpath("//*[@data-region]")) == len(regions), "a region is missing"
    assert not document.xpath("//script")
    return body


def _choose_elements(regions: Sequence[dict[str, Any]]) -> list[str]:
    """Return the element of each region: `nav`, `header` for the first header at the beginning of the page, `footer` for the first
    footer at its end, and `section` for all others.
    """
    named_elements = [_find_named_element(str(region["name"])) for region in regions]
    main_start, main_end = _find_main(named_elements)
    elements = list[str]()
    for index, element in enumerate(named_elements):
        is_outside_main = index < main_start if element == "header" else index >= main_end
        is_landmark = element == "nav" or (is_outside_main and element not in elements)
        elements.append(element if is_landmark else "section")
    return elements


def _find_named_element(region_name: str) -> str:
    words = region_name.split("_")
    return next((element for element in _NAMED_ELEMENTS if element in words), "section")


def _find_main(elements: Sequence[str]) -> tuple[int, int]:
    """Return the range of the elements that belong in the main element: its start, and its exclusive end."""
    count = len(elements)
    start = next((index for index in range(count) if elements[index] not in _LEADING_ELEMENTS), count)
    end = next((index for index in range(count, 0, -1) if elements[index - 1] not in _TRAILING_ELEMENTS), 0)
    return start, end


def _format_page_body(title: str, regions: Sequence[str], elements: Sequence[str]) -> str:
    """Return the regions, those between the page's beginning and end in the main element."""
    start, end = _find_main(elements)
    heading = f"<h1>{escape(title)}</h1>"
    return "\n".join([*regions[:start], "<main>", heading, *regions[start:end], "</main>", *regions[end:]])


def _format_region(region: dict[str, Any], element: str, row: int, column_width: float) -> str:
    name = str(region["name"])
    column = round(region["x"] / column_width) + 1
    span = max(1, round(region["width"] / column_width))
    css_class = ' class="button"' if name.startswith("cta") else ""
    holds = f'<p class="holds">{escape(str(region["holds"]))}</p>' if region.get("holds") else ""
    style = f"grid-column: {column} / span {span}; grid-row: {row}; min-height: {int(region['height'])}px"
    title = escape(name.replace("_", " "))
    # Several navigation landmarks are distinguished by their labels.
    label = f' aria-label="{title}"' if element == "nav" else ""
    heading = f'<h2 class="name">{title}</h2>'
    return f'<{element} data-region="{escape(name)}"{css_class}{label} style="{style}">{heading}{holds}</{element}>'
