"""Engraves a lead sheet as a page of sheet music with Verovio, if it is installed: pip install 'quillmate[music]'."""

from __future__ import annotations

from importlib import resources
from importlib.util import find_spec
from typing import Literal

from bot.content import Content

from . import musicxml

LABEL = "Sheet music (SVG)"
SIGN = "🎼"
ENDING = "svg"
_OPTIONS = {
    "pageWidth": 1800,
    "pageHeight": 60_000,
    "adjustPageHeight": True,
    "scale": 50,
    "footer": "none",
    "svgViewBox": True,
    "svgRemoveXlink": True,
    "svgHtml5": False,
    # Each section begins a new line, however short the previous line is.
    "breaks": "smart",
    "breaksSmartSb": 0.0,
}
# The position of a section's name, in the SVG's units: distance above the chords and from the page's left edge.
# The fraction by which its frame is widened.
_NAME_RAISE, _NAME_LEFT, _FRAME_WIDENING = 140, 20, 0.18

_SVG = "{http://www.w3.org/2000/svg}"
# Music characters (SMuFL) within text, and their equivalents in ordinary fonts.
_REPLACEMENTS = {
    "\uea64": "♭",
    "\uea65": "♮",
    "\uea66": "♯",
    "\ue260": "♭",
    "\ue261": "♮",
    "\ue262": "♯",
    "\ueca3": "𝅗𝅥",
    "\ueca5": "♩",
    "\ueca7": "♪",
    "\uecb7": ".",
}


def fits(content: Content) -> bool:
    """Whether a content is a lead sheet and Verovio is installed."""
    return find_spec("verovio") is not None and musicxml.fits(content)


def export(title: str, content: Content) -> bytes:
    """Return the song as an SVG of a single page of whatever height it needs."""
    return engrave(title, content, header="auto")


def engrave(title: str, content: Content, *, header: Literal["auto", "none"]) -> bytes:
    """Return the SVG of the page with or without its title."""
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    # Verovio's font path is per thread, and importing sets it only in the importing thread.
    verovio.setDefaultResourcePath(str(resources.files(verovio) / "data"))
    engraver = verovio.toolkit()
    engraver.setOptions(_OPTIONS | {"header": header})
    assert engraver.loadData(musicxml.export(title, content).decode())
    assert engraver.getPageCount() == 1
    return _make_portable(str(engraver.renderToSVG(1)))


def _make_portable(svg: str) -> bytes:
    """Make the SVG render alike without a music font: replace music characters within text, and put positions on the elements
    where all programs read them.
    """
    from lxml import etree

    root = etree.fromstring(svg.encode())
    for text in root.iter(f"{_SVG}text", f"{_SVG}tspan"):
        text.text = "".join(_REPLACEMENTS.get(character, character) for character in text.text or "") or None
        text.attrib.pop("font-family", None)
        for title in text.findall(f"{_SVG}title"):
            text.remove(title)
        if text.tag == f"{_SVG}text" and text.get("x") is None and (first := text.find(f"{_SVG}tspan")) is not None:
            for name in ("x", "y", "text-anchor"):
                if name in first.attrib:
                    text.set(name, first.attrib.pop(name))
    # Verovio centres section names over the first note, so long names run off the page and all of them touch the chords.
    for section in root.iterfind(f".//{_SVG}g[@class='reh']"):
        frame = section.find(f"{_SVG}rect")
        assert frame is not None
        left, width = float(frame.get("x")), float(frame.get("width"))
        # Verovio sizes the frame for a narrower font than the name is drawn in.
        left, width = left - _FRAME_WIDENING / 2 * width, (1 + _FRAME_WIDENING) * width
        frame.attrib.update({"x": f"{left:.0f}", "width": f"{width:.0f}"})
        section.set("transform", f"translate({_NAME_LEFT - left:.0f} {-_NAME_RAISE})")
    output: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return output
