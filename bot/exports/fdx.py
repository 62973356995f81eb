"""A script for Final Draft."""

from __future__ import annotations

from typing import Any

from bot.content import Content

from ._scenes import is_script, screenplay

LABEL = "Screenplay (Final Draft)"
SIGN = "🎬"


def fits(content: Content) -> bool:
    """It is a script."""
    return is_script(content)


def export(title: str, content: Content) -> bytes:
    """The paragraphs in Final Draft's own form, with a title page."""
    from lxml import etree

    root = etree.Element("FinalDraft", {"DocumentType": "Script", "Template": "No", "Version": "1"})
    body = etree.SubElement(root, "Content")
    for sort, text in screenplay(content):
        _paragraph(body, text, Type=sort)
    page = etree.SubElement(etree.SubElement(root, "TitlePage"), "Content")
    _paragraph(page, " ".join(str(content.parts.get("title") or title).split()), Alignment="Center", Type="General")
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=False, pretty_print=True)
    return made


def _paragraph(parent: Any, text: str, **attributes: str) -> None:
    from lxml import etree

    etree.SubElement(etree.SubElement(parent, "Paragraph", attributes), "Text").text = text
