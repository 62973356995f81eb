"""A script in Fountain, the plain text that screenwriting programs read."""

from __future__ import annotations

import re

from bot.content import Content

from ._scenes import Paragraph, is_script, screenplay

LABEL = "Screenplay (Fountain)"
SIGN = "🎬"
_MARKS = re.compile(r"[*_]|\[\[|/\*")


def fits(content: Content) -> bool:
    """It is a script."""
    return is_script(content)


def export(title: str, content: Content) -> bytes:
    """UTF-8 with a title page; what might be read as another sort of paragraph is marked for what it is."""
    name = " ".join(str(content.parts.get("title") or title).split())
    blocks, paragraphs = [f"Title: {name}"], screenplay(content)
    for sort, text in paragraphs:
        if sort in ("Dialogue", "Parenthetical"):
            blocks[-1] += f"\n{_escaped(text)}"
        else:
            blocks.append(_marked((sort, text)))
    return ("\n\n".join(blocks) + "\n").encode()


def _marked(paragraph: Paragraph) -> str:
    sort, text = paragraph
    sign = {"Scene Heading": ".", "Action": "!", "Character": "@"}[sort]
    match sort:
        case "Scene Heading":
            plain = text.startswith(("INT.", "EXT."))
        case "Action":
            plain = text[:1].isalpha() and text != text.upper()
        case _:
            plain = text[:1].isalpha() and text.isupper() and not text.startswith(("INT", "EXT", "EST", "I/E"))
    return f"{'' if plain else sign}{_escaped(text)}"


def _escaped(text: str) -> str:
    """The text with a backslash before each sign that would begin emphasis, a note or a comment."""
    return _MARKS.sub(
        lambda found: "".join(f"\\{sign}" if sign in "*_" else sign for sign in found[0]).replace("[[", "[ ["), text
    )
