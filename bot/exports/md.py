"""Markdown, as the text was written."""

from __future__ import annotations

from bot.content import Content

from ._blocks import open_spoilers

LABEL = "Markdown"
NAMES = ("Markdown",)


def export(title: str, content: Content) -> bytes:
    """Return UTF-8, with the title as a heading unless the text begins with one. Spoilers are opened."""
    text = open_spoilers(content.text)
    heading = "" if text.startswith("#") else f"# {title}\n\n"
    body = f"{heading}{text}\n".encode()
    assert body.decode().strip().endswith(text.strip())
    return body
