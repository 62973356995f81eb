"""A script as printed screenplays look: typewriter font, speakers above their lines, about a minute per page."""

from __future__ import annotations

from functools import cache
from typing import Any

from bot.content import Content

from ._screenplay import ScreenplayParagraph, build_screenplay, is_script
from .pdf import check_signs, find_font_folders, format_families, get_direction, quote_string, read

LABEL = "Screenplay (PDF)"
SIGN = "🎬"
ENDING = "pdf"
# Inches from the left edge of the page, and the width of a paragraph, by industry convention.
_PLACES = {
    "Scene Heading": (1.5, 6.0),
    "Action": (1.5, 6.0),
    "Character": (3.7, 3.3),
    "Parenthetical": (3.1, 2.5),
    "Dialogue": (2.5, 3.5),
}
_PAGE = """#set document(title: {title})
#set page(paper: "us-letter", margin: (left: 1.5in, right: 1in, top: 1in, bottom: 1in), header: context {{
  if counter(page).get().first() > 1 {{ align(right, counter(page).display("1.")) }} }})
#set text(font: ("DejaVu Sans Mono", {fonts}), size: 11.5pt, dir: {direction})
#set par(leading: 0.5em, spacing: 1em)
#align(center, block(below: 2em, text(weight: "bold", {title})))
"""


def fits(content: Content) -> bool:
    """Whether it is a script."""
    return is_script(content)


def export(title: str, content: Content) -> bytes:
    """Return the pages.

    Raises:
        FileError: the script has characters that no font has.
    """
    import typst

    name, paragraphs = str(content.parts.get("title") or title), build_screenplay(content)
    shown = "\n".join([name, *(text for _, text in paragraphs)])
    check_signs(shown)
    head = _PAGE.format(
        title=quote_string(name), fonts=format_families().strip("()").rstrip(","), direction=get_direction(shown)
    )
    source = head + "\n".join(map(_typeset_paragraph, paragraphs)) + "\n"
    body: bytes = typst.compile(source.encode(), font_paths=_load_fonts(), ignore_system_fonts=True, format="pdf")
    assert read(body), "it has pages"
    return body


def _typeset_paragraph(paragraph: ScreenplayParagraph) -> str:
    """Typeset a paragraph in its conventional position; a name stays with its lines."""
    sort, text = paragraph
    left, width = _PLACES[sort]
    near = "0.45em" if sort in ("Character", "Parenthetical") else "1.1em"
    written = f"strong({quote_string(text)})" if sort == "Scene Heading" else quote_string(text)
    stays = "true" if sort in ("Scene Heading", "Character", "Parenthetical") else "false"
    return f"#block(inset: (left: {left - 1.5:.1f}in), width: {left - 1.5 + width:.1f}in, below: {near}, sticky: {stays}, {written})"


@cache
def _load_fonts() -> Any:
    import typst

    return typst.Fonts(font_paths=find_font_folders(), include_system_fonts=False, include_embedded_fonts=True)
