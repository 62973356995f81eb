"""A script in Fountain, the plain-text format that screenwriting programs read."""

from __future__ import annotations

import re

from bot.content import Content

from ._screenplay import ScreenplayParagraph, build_screenplay, is_script

LABEL = "Screenplay (Fountain)"
SIGN = "🎬"
# What begins emphasis, a note or a comment.
_MARKUP = re.compile(r"[*_]|\[\[|/\*")
_FORCING_MARKS = {"Scene Heading": ".", "Action": "!", "Character": "@"}


def fits(content: Content) -> bool:
    """Whether a content is a script."""
    return is_script(content)


def export(title: str, content: Content) -> bytes:
    """Return UTF-8 with a title page."""
    name = " ".join(str(content.parts.get("title") or title).split())
    blocks = [f"Title: {name}"]
    for paragraph_type, text in build_screenplay(content):
        if paragraph_type in ("Dialogue", "Parenthetical"):
            blocks[-1] += f"\n{_escape_markup(text)}"
        else:
            blocks.append(_format_paragraph((paragraph_type, text)))
    return ("\n\n".join(blocks) + "\n").encode()


def _format_paragraph(paragraph: ScreenplayParagraph) -> str:
    """Return a paragraph, with its type's mark if programs would take the text for another type."""
    paragraph_type, text = paragraph
    match paragraph_type:
        case "Scene Heading":
            is_recognisable = text.startswith(("INT.", "EXT."))
        case "Action":
            is_recognisable = text[:1].isalpha() and text != text.upper()
        case _:
            is_prefix = text.startswith(("INT", "EXT", "EST", "I/E"))
            is_recognisable = text[:1].isalpha() and text.isupper() and not is_prefix
    return f"{'' if is_recognisable else _FORCING_MARKS[paragraph_type]}{_escape_markup(text)}"


def _escape_markup(text: str) -> str:
    """Return the text so that nothing in it begins emphasis, a note or a comment."""
    return _MARKUP.sub(
        lambda match: "[ [" if match[0] == "[[" else match[0].replace("*", "\\*").replace("_", "\\_"), text
    )
