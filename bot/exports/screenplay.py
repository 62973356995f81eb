"""A script laid out as a printed screenplay: typewriter font, names above the dialogue, about a page per minute."""

from __future__ import annotations

from bot.content import Content

from ._screenplay import ScreenplayParagraph, build_screenplay, is_script
from .pdf import check_characters, detect_direction, format_font_families, quote_string, read, typeset

LABEL = "Screenplay (PDF)"
SIGN = "🎬"
ENDING = "pdf"
_LEFT_MARGIN_INCHES = 1.5
# A paragraph's distance from the left edge of the page and its width, in inches, by industry convention.
_POSITIONS = {
    "Scene Heading": (1.5, 6.0),
    "Action": (1.5, 6.0),
    "Character": (3.7, 3.3),
    "Parenthetical": (3.1, 2.5),
    "Dialogue": (2.5, 3.5),
}
_PREAMBLE = """#set document(title: {title})
#set page(paper: "us-letter", margin: (left: 1.5in, right: 1in, top: 1in, bottom: 1in), header: context {{
  if counter(page).get().first() > 1 {{ align(right, counter(page).display("1.")) }} }})
#set text(font: ("DejaVu Sans Mono", {fonts}), size: 11.5pt, dir: {direction})
#set par(leading: 0.5em, spacing: 1em)
#align(center, block(below: 2em, text(weight: "bold", {title})))
"""


def fits(content: Content) -> bool:
    """Whether a content is a script."""
    return is_script(content)


def export(title: str, content: Content) -> bytes:
    """Return a PDF in US letter format.

    Raises:
        FileError: the script has characters that no font has, or the typesetter is not installed.
    """
    name, paragraphs = str(content.parts.get("title") or title), build_screenplay(content)
    visible_text = "\n".join([name, *(text for _, text in paragraphs)])
    check_characters(visible_text)
    preamble = _PREAMBLE.format(
        title=quote_string(name),
        fonts=format_font_families().strip("()").rstrip(","),
        direction=detect_direction(visible_text),
    )
    source = preamble + "\n".join(map(_typeset_paragraph, paragraphs)) + "\n"
    (body,) = typeset(source, "pdf")
    assert read(body), "it has no pages"
    return body


def _typeset_paragraph(paragraph: ScreenplayParagraph) -> str:
    """Return a paragraph in Typst markup; a name stays on the page of its dialogue, a scene heading on that of its scene."""
    paragraph_type, text = paragraph
    left, width = _POSITIONS[paragraph_type]
    indent = left - _LEFT_MARGIN_INCHES
    space_below = "0.45em" if paragraph_type in ("Character", "Parenthetical") else "1.1em"
    is_sticky = "true" if paragraph_type in ("Scene Heading", "Character", "Parenthetical") else "false"
    string = f"strong({quote_string(text)})" if paragraph_type == "Scene Heading" else quote_string(text)
    layout = f"inset: (left: {indent:.1f}in), width: {indent + width:.1f}in, below: {space_below}, sticky: {is_sticky}"
    return f"#block({layout}, {string})"
