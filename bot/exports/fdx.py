"""A script as a Final Draft document."""

from __future__ import annotations

from typing import Any

from bot.content import Content

from ._screenplay import build_screenplay, is_script

LABEL = "Screenplay (Final Draft)"
SIGN = "🎬"


def fits(content: Content) -> bool:
    """Whether a content is a script."""
    return is_script(content)


def export(title: str, content: Content) -> bytes:
    """Return the paragraphs in Final Draft's format, with a title page."""
    from lxml import etree

    root = etree.Element("FinalDraft", {"DocumentType": "Script", "Template": "No", "Version": "1"})
    body = etree.SubElement(root, "Content")
    for paragraph_type, text in build_screenplay(content):
        _add_paragraph(body, text, Type=paragraph_type)
    title_page = etree.SubElement(etree.SubElement(root, "TitlePage"), "Content")
    name = " ".join(str(content.parts.get("title") or title).split())
    _add_paragraph(title_page, name, Alignment="Center", Type="General")
    xml: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=False, pretty_print=True)
    return xml


def _add_paragraph(parent: Any, text: str, **attributes: str) -> None:
    from lxml import etree

    etree.SubElement(etree.SubElement(parent, "Paragraph", attributes), "Text").text = text
