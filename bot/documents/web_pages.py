"""Read the visible text of web pages, decoded as they declare."""

from __future__ import annotations

import contextlib
import re
import string

from bot.errors import FileError

# An XPath expression for the style of an element, in lower case without spaces.
_STYLE = f"translate(@style, '{string.ascii_uppercase} ', '{string.ascii_lowercase}')"
_HIDING_STYLES = (
    "display:none",
    "visibility:hidden",
    "visibility:collapse",
    "font-size:0",
    "opacity:0;",
    "color:transparent",
)
# Elements that a browser does not show.
_HIDDEN_ELEMENTS = (
    "//script|//style|//noscript|//template|//head|//iframe|//object|//svg|//*[@hidden or @aria-hidden='true']|//*["
    + " or ".join(f"contains(concat({_STYLE}, ';'), '{style}')" for style in _HIDING_STYLES)
    + "]"
)


def read_html(text: str) -> str:
    """Return the visible text of a page, without link addresses. Headings begin with "#".

    Raises:
        FileError: it is damaged.
    """
    from lxml import etree, html

    try:
        page = html.document_fromstring(_strip_declaration(text))
        for hidden in page.xpath(_HIDDEN_ELEMENTS):
            hidden.drop_tree()
        etree.strip_elements(page, etree.Comment, etree.ProcessingInstruction, with_tail=False)
        for element in page.iter("h1", "h2", "h3", "h4", "p", "li", "tr", "br", "div", "section", "blockquote"):
            mark = "# " if str(element.tag).startswith("h") else ""
            element.text = f"\n\n{mark}{(element.text or '').lstrip()}"
            element.tail = f"\n{element.tail or ''}"
        for cell in page.iter("td", "th"):  # Separates the words of two cells.
            cell.tail = f" {cell.tail or ''}"
        lines = (" ".join(line.split()) for line in str(page.text_content()).splitlines())
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    except Exception as error:  # lxml raises errors of many sorts on damaged files.
        raise FileError(
            "That .html file is damaged. Save the page again, or copy the text into a .txt file."
        ) from error


def decode_as_declared(body: bytes) -> str:
    """Decode a web page in the encoding that it declares; empty if it declares none that fits."""
    declaration = re.search(rb"""(?:charset|encoding)\s*=\s*["']?([\w-]+)""", body[:2048])
    if declaration and not body.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            return body.decode(declaration[1].decode("ascii"))
    return ""


def _strip_declaration(text: str) -> str:
    """Remove the declaration of an encoding, which lxml refuses in decoded text."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
