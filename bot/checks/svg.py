"""Sanitise SVG drawings, so that they run, load and reference nothing and have a bounded size."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from bot.errors import FileError

MAX_BYTES, MAX_ELEMENTS, MAX_DEPTH = 200_000, 4_000, 20
# The maximum ratio of the sides, so that a rendered picture has a bounded size.
MAX_RATIO = 8.0
_NAMESPACE = "http://www.w3.org/2000/svg"
_ELEMENTS = frozenset(
    ["svg", "g", "rect", "circle", "ellipse", "line", "polyline", "polygon", "path", "text", "tspan", "title", "desc"]
)
_ATTRIBUTES = frozenset(
    {
        "viewBox",
        "width",
        "height",
        "x",
        "y",
        "dx",
        "dy",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "d",
        "points",
        "transform",
        "fill",
        "fill-rule",
        "fill-opacity",
        "stroke",
        "stroke-width",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-opacity",
        "opacity",
        "font-family",
        "font-size",
        "font-weight",
        "text-anchor",
        "letter-spacing",
        "role",
        "aria-label",
    }
)
# Values that may contain a reference, also hidden by escapes or comments.
_REFERENCE = re.compile(r"url|src|:|\\|/\*|@", re.IGNORECASE)
_FREE_TEXT_ATTRIBUTES = frozenset(["aria-label"])
_NON_XML_CHARACTERS = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape_text(text: str) -> str:
    """Escape a text for an element or an attribute of SVG."""
    return escape(_NON_XML_CHARACTERS.sub("", text), {'"': "&quot;"})


def sanitise(svg: str) -> str:
    """Return the drawing reduced to known shapes, texts and attributes.

    Raises:
        FileError: it is no SVG, has a document type or no usable size, or is too large.
    """
    from lxml import etree

    if len(svg.encode("utf-8", "replace")) > MAX_BYTES:
        raise FileError("This drawing is larger than {most} kB.", most=MAX_BYTES // 1000)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(svg.encode(), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise FileError("This drawing is not a valid SVG.") from error
    if root.tag != f"{{{_NAMESPACE}}}svg" or root.getroottree().docinfo.doctype:
        raise FileError("This drawing is not a plain SVG.")
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise FileError("This drawing has more than {most:,} shapes.", most=MAX_ELEMENTS)
    _prune(root, 1)
    parse_size(root.get("viewBox", ""))
    etree.cleanup_namespaces(root)
    return str(etree.tostring(root, encoding="unicode"))


def parse_size(view_box: str) -> tuple[float, float]:
    """Parse the width and height of a drawing from its view box.

    Raises:
        FileError: the view box is missing, damaged, too large or too narrow.
    """
    try:
        *_, width, height = [float(number) for number in re.split(r"[\s,]+", view_box.strip())]
    except ValueError:
        width = height = 0.0
    if not (0 < width < 1e6 and 0 < height < 1e6 and max(width, height) <= MAX_RATIO * min(width, height)):
        raise FileError("This drawing does not have a usable size.")
    return width, height


def _prune(element: object, depth: int) -> None:
    """Remove unknown attributes, and elements with their content that are unknown or nested too deeply."""
    from lxml import etree

    assert isinstance(element, etree._Element)
    for name, value in list(element.attrib.items()):
        if name not in _ATTRIBUTES or (name not in _FREE_TEXT_ATTRIBUTES and _REFERENCE.search(value)):
            del element.attrib[name]
    for child in list(element):
        name = etree.QName(child) if isinstance(child.tag, str) else None
        if name is None or name.namespace != _NAMESPACE or name.localname not in _ELEMENTS or depth >= MAX_DEPTH:
            element.remove(child)
        else:
            _prune(child, depth + 1)
