"""A script as screenplays are printed: a typewriter's letters, who speaks above what is said, a page about a minute."""

from __future__ import annotations

from functools import cache
from typing import Any

from bot.content import Content

from ._scenes import Paragraph, is_script, screenplay
from .pdf import check_signs, direction_of, families, font_folders, quoted, read

LABEL = "Screenplay (PDF)"
SIGN = "🎬"
ENDING = "pdf"
# Inches from the left edge of the page, and how wide a paragraph is, as the trade sets them.
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
    """It is a script."""
    return is_script(content)


def export(title: str, content: Content) -> bytes:
    """The pages.

    Raises:
        FileError: the script has signs that no font has.
    """
    import typst

    name, paragraphs = str(content.parts.get("title") or title), screenplay(content)
    shown = "\n".join([name, *(text for _, text in paragraphs)])
    check_signs(shown)
    head = _PAGE.format(title=quoted(name), fonts=families().strip("()").rstrip(","), direction=direction_of(shown))
    source = head + "\n".join(map(_set, paragraphs)) + "\n"
    body: bytes = typst.compile(source.encode(), font_paths=_fonts(), ignore_system_fonts=True, format="pdf")
    assert read(body), "it has pages"
    return body


def _set(paragraph: Paragraph) -> str:
    """A paragraph where the trade puts it; a name stays with what is said."""
    sort, text = paragraph
    left, width = _PLACES[sort]
    near = "0.45em" if sort in ("Character", "Parenthetical") else "1.1em"
    written = f"strong({quoted(text)})" if sort == "Scene Heading" else quoted(text)
    stays = "true" if sort in ("Scene Heading", "Character", "Parenthetical") else "false"
    return f"#block(inset: (left: {left - 1.5:.1f}in), width: {left - 1.5 + width:.1f}in, below: {near}, sticky: {stays}, {written})"


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(font_paths=font_folders(), include_system_fonts=False, include_embedded_fonts=True)
