"""A script in Fountain, the plain text that screenwriting programs read."""

from __future__ import annotations

import re

from bot.content import Content

from ._screenplay import ScreenplayParagraph, build_screenplay, is_script

LABEL = "Screenplay (Fountain)"
SIGN = "🎬"
_MARKS = re.compile(r"[*_]|\[\[|/\*")


def fits(content: Content) -> bool:
    """Whether it is a script."""
    return is_script(content)


def export(title: str, content: Content) -> bytes:
    """Return UTF-8 with a title page; ambiguous paragraphs are marked with their type."""
    name = " ".join(str(content.parts.get("title") or title).split())
    blocks, paragraphs = [f"Title: {name}"], build_screenplay(content)
    for sort, text in paragraphs:
        if sort in ("Dialogue", "Parenthetical"):
            blocks[-1] += f"\n{_escape_marks(text)}"
        else:
            blocks.append(_mark_paragraph((sort, text)))
    return ("\n\n".join(blocks) + "\n").encode()


def _mark_paragraph(paragraph: ScreenplayParagraph) -> str:
    sort, text = paragraph
    sign = {"Scene Heading": ".", "Action": "!", "Character": "@"}[sort]
    match sort:
        case "Scene Heading":
            plain = text.startswith(("INT.", "EXT."))
        case "Action":
            plain = text[:1].isalpha() and text != text.upper()
        case _:
            plain = text[:1].isalpha() and text.isupper() and not text.startswith(("INT", "EXT", "EST", "I/E"))
    return f"{'' if plain else sign}{_escape_marks(text)}"


def _escape_marks(text: str) -> str:
    """Return the text with a backslash before each character that would begin emphasis, a note or a comment."""
    return _MARKS.sub(
        lambda found: "".join(f"\\{sign}" if sign in "*_" else sign for sign in found[0]).replace("[[", "[ ["), text
    )
