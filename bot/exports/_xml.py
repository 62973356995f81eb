"""XML and packages of it, as learning platforms import them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

# Zip archives store a time; a fixed one makes the same quiz the same file.
_TIME = (2020, 1, 1, 0, 0, 0)


def create_root(space: str, name: str, **attributes: str) -> Any:
    """Return the root of a document in a namespace."""
    from lxml import etree

    return etree.Element(f"{{{space}}}{name}", attributes, nsmap={None: space})


def add_element(parent: Any, name: str, text: str | Mapping[str, str] | None = None, **attributes: str) -> Any:
    """Add a child in its parent's namespace, with a text, or with attributes whose names are not valid in Python."""
    from lxml import etree

    more = dict(text) if isinstance(text, Mapping) else {}
    child = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}", {**attributes, **more})
    child.text = text if isinstance(text, str) else None
    return child


def serialise(root: Any) -> bytes:
    """Return the document as bytes."""
    from lxml import etree

    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=False)
    return made


def pack_zip(files: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of files."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), content, zipfile.ZIP_DEFLATED)
    return body.getvalue()
