"""A drawing as SVG, for printing and editing."""

from __future__ import annotations

from bot.content import Content

from ._drawing import get_drawing

LABEL = "Drawing (SVG)"
SIGN = "🖼️"


def fits(content: Content) -> bool:
    """Whether a content has a drawing."""
    return bool(content.parts.get("svg"))


def export(title: str, content: Content) -> bytes:
    """Return the sanitised drawing as an XML document."""
    from lxml import etree

    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{get_drawing(content)}\n'.encode()
    assert etree.fromstring(body).get("viewBox")
    return body
