"""Builds XML documents and the zip packages of them that learning platforms import."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

# A fixed time of modification, so that the same quiz gives the same bytes.
_MODIFIED_AT = (2020, 1, 1, 0, 0, 0)


def create_root(namespace: str, name: str, **attributes: str) -> Any:
    """Return the root of a document in a default namespace."""
    from lxml import etree

    return etree.Element(f"{{{namespace}}}{name}", attributes, nsmap={None: namespace})


def add_element(parent: Any, name: str, text: str | Mapping[str, str] | None = None, **attributes: str) -> Any:
    """Add a child in its parent's namespace and return it.

    Instead of a text, a mapping has attributes whose names are no Python identifiers.
    """
    from lxml import etree

    other_attributes = text if isinstance(text, Mapping) else {}
    child = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}", {**attributes, **other_attributes})
    child.text = text if isinstance(text, str) else None
    return child


def serialise(root: Any) -> bytes:
    """Return a document as UTF-8."""
    from lxml import etree

    xml: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=False)
    return xml


def pack_zip(files: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of files by name."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _MODIFIED_AT), content, zipfile.ZIP_DEFLATED)
    return body.getvalue()
