"""A lead sheet as a page of notes, engraved by Verovio if installed: pip install 'quillmate[music]'."""

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
    # A section begins a line however short the one before it is.
    "svgViewBox": True,
    "svgRemoveXlink": True,
    "svgHtml5": False,
    "breaks": "smart",
    "breaksSmartSb": 0.0,
}
# How far a section's name is above its chords, its left position on the page, and the extra width of its frame.
_ABOVE, _LEFT, _EXTRA_WIDTH = 140, 20, 0.18

_SVG = "{http://www.w3.org/2000/svg}"
# Music font characters (SMuFL) that occur among words, and their equivalents in other fonts.
_SIGNS = {
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
    """Whether it is a lead sheet and Verovio is installed."""
    return find_spec("verovio") is not None and musicxml.fits(content)


def export(title: str, content: Content) -> bytes:
    """Return one page, as tall as the song is."""
    return engrave(title, content, header="auto")


def engrave(title: str, content: Content, *, header: Literal["auto", "none"]) -> bytes:
    """Return the page with or without its title."""
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    # Verovio keeps the font path per thread, and sets it only for the importing one.
    verovio.setDefaultResourcePath(str(resources.files(verovio) / "data"))
    engraver = verovio.toolkit()
    engraver.setOptions(_OPTIONS | {"header": header})
    assert engraver.loadData(musicxml.export(title, content).decode())
    assert engraver.getPageCount() == 1
    return _make_portable(str(engraver.renderToSVG(1)))


def _make_portable(svg: str) -> bytes:
    """Return the page for programs without a music font: characters among words in Unicode, positions where all programs
    expect them.
    """
    from lxml import etree

    root = etree.fromstring(svg.encode())
    for text in root.iter(f"{_SVG}text", f"{_SVG}tspan"):
        text.text = "".join(_SIGNS.get(sign, sign) for sign in text.text or "") or None
        text.attrib.pop("font-family", None)
        for title in text.findall(f"{_SVG}title"):
            text.remove(title)
        if text.tag == f"{_SVG}text" and text.get("x") is None and (first := text.find(f"{_SVG}tspan")) is not None:
            for name in ("x", "y", "text-anchor"):
                if name in first.attrib:
                    text.set(name, first.attrib.pop(name))
    # Verovio centres them on the first note, where long ones leave the page and all touch the chord.
    for section in root.iterfind(f".//{_SVG}g[@class='reh']"):
        frame = section.find(f"{_SVG}rect")
        assert frame is not None
        left, width = float(frame.get("x")), float(frame.get("width"))
        # It is measured in a narrower font than it is written in.
        left, width = left - _EXTRA_WIDTH / 2 * width, (1 + _EXTRA_WIDTH) * width
        frame.attrib.update({"x": f"{left:.0f}", "width": f"{width:.0f}"})
        section.set("transform", f"translate({_LEFT - left:.0f} {-_ABOVE})")
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return made
