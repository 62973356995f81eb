"""A wireframe as a web page: its regions on the page's grid, to start building from. No script, nothing from elsewhere."""

from __future__ import annotations

from html import escape
from typing import Any

from bot.content import Content

LABEL = "Web page (HTML)"
# Elements that say what a region is; all others are sections.
_ELEMENTS = {"header": "header", "nav": "nav", "footer": "footer", "sidebar": "aside", "aside": "aside"}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ --ink: {ink}; --ground: {ground}; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.4 system-ui, sans-serif; }}
.page {{ display: grid; grid-template-columns: repeat({columns}, 1fr); gap: 16px; max-width: {width}px; margin: auto; padding: 16px; }}
.page > * {{ border: 2px solid; border-radius: 4px; padding: 12px; }}
.page > .button {{ background: var(--ink); color: var(--ground); display: grid; place-content: center; text-align: center; }}
.name {{ margin: 0; font-size: 1rem; font-weight: 600; }}
.holds {{ margin: 0; font-size: .875rem; }}
@media (max-width: 600px) {{ .page.wide {{ display: block; }} .page.wide > * {{ margin-bottom: 16px; }} }}
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
    """It is a layout: regions on a page."""
    return bool(content.parts.get("regions") and content.parts.get("columns"))


def export(title: str, content: Content) -> bytes:
    """A page whose regions stand in the grid's columns, one below the other on a phone."""
    from lxml import html

    parts = content.parts
    columns, width = int(parts["columns"]), int(parts["width"])
    ink, ground, *_ = parts["colors"]
    rows = sorted({region["y"] for region in parts["regions"]})
    regions = [_region(one, rows.index(one["y"]) + 1, width / columns) for one in parts["regions"]]
    body = _PAGE.format(
        title=escape(title), ink=ink, ground=ground, columns=columns, width=width,
        wide=" wide" if parts["viewport"] != "mobile" else "", regions="\n".join(regions),
    ).encode()  # fmt: skip
    read = html.document_fromstring(body.decode())
    assert len(read.xpath("//*[@data-region]")) == len(regions), "a region is missing"
    assert not read.xpath("//script")
    return body


def _region(region: dict[str, Any], row: int, column: float) -> str:
    name = str(region["name"])
    first = round(region["x"] / column) + 1
    span = max(1, round(region["width"] / column))
    element = next((element for word, element in _ELEMENTS.items() if word in name.split("_")), "section")
    sort = ' class="button"' if name.startswith("cta") else ""
    holds = f'<p class="holds">{escape(str(region["holds"]))}</p>' if region.get("holds") else ""
    style = f"grid-column: {first} / span {span}; grid-row: {row}; min-height: {int(region['height'])}px"
    shown = escape(name.replace("_", " "))
    return (
        f'<{element} data-region="{escape(name)}"{sort} style="{style}"><p class="name">{shown}</p>{holds}</{element}>'
    )
