"""Markdown, as it is shown."""

from __future__ import annotations

from bot.content import Content

from ._blocks import opened

LABEL = "Markdown"


def export(title: str, content: Content) -> bytes:
    """UTF-8; spoilers, which only Discord knows, are opened."""
    text = opened(content.text)
    heading = "" if text.startswith("#") else f"# {title}\n\n"
    body = f"{heading}{text}\n".encode()
    assert body.decode().strip().endswith(text.strip())
    return body
