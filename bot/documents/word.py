"""The text of a .docx: all of its text, once, in the order that it is read in."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

# A .docx is a zip: what it says it unpacks to may be so large at most, and so many times its own size.
_MAX_UNPACKED = 64 * 1024 * 1024
_MAX_RATIO = 120
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}


class OversizedError(Exception):
    """It unpacks to far more than it should hold."""


def text_of_docx(body: bytes) -> str:
    """Headers, then paragraphs and tables as they follow each other, then footnotes and footers. Headings begin with "#".

    A row of a table is a line. Text boxes stand where they are anchored, footnotes behind the text.

    Raises:
        OversizedError: it unpacks to too much.
        Exception: it is no Word file, or damaged.
    """
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _MAX_UNPACKED or unpacked > _MAX_RATIO * len(body):
            raise OversizedError
        return _read(archive)


def _read(archive: zipfile.ZipFile) -> str:
    [main] = _related(archive, "").get("officeDocument") or _missing("document")
    related = _related(archive, main)
    headings = {
        _attribute(style, "styleId")
        for part in related.get("styles", ())
        for style in _named(_xml(archive, part), "style")
        if any(_attribute(name, "val").casefold().startswith(("heading", "title")) for name in _named(style, "name"))
    }
    root = _xml(archive, main)
    if _local(root) != "document":
        _missing("document")
    lines = list(_blocks(root, headings))
    notes = [line for kind in ("footnotes", "endnotes") for line in _notes(archive, related.get(kind, ()), root, kind)]
    around = {
        kind: [_around(archive, part, headings) for part in related.get(kind, ())] for kind in ("header", "footer")
    }
    # Each section may have its own, and often they are the same.
    parts = [*dict.fromkeys(around["header"]), "\n".join(lines), "\n".join(notes), *dict.fromkeys(around["footer"])]
    return "\n".join(part for part in parts if part.strip())


def _around(archive: zipfile.ZipFile, part: str, headings: set[str]) -> str:
    return "\n".join(line for line in _blocks(_xml(archive, part), headings) if line.strip())


def _notes(archive: zipfile.ZipFile, parts: list[str] | tuple[()], root: Any, kind: str) -> Iterator[str]:
    """Footnotes or endnotes, in the order that the text refers to them."""
    found = {
        _attribute(note, "id"): note
        for part in parts
        for note in _xml(archive, part)
        if _local(note) in ("footnote", "endnote")
    }
    for reference in _named(root, *(name for name, which in _NOTES.items() if which == kind)):
        note = found.pop(_attribute(reference, "id"), None)
        if note is not None and (text := " ".join(_blocks(note, set())).strip()):
            yield text


def _blocks(element: Any, headings: set[str]) -> Iterator[str]:
    """The lines of what holds paragraphs and tables."""
    for child in element:
        match _local(child):
            case "p":
                yield from _paragraph(child, headings)
            case "tbl":
                yield from _rows(child, headings)
            case "Fallback" | "del" | "moveFrom" | "":  # The same once more for older programs; what was deleted.
                continue
            case _:
                yield from _blocks(child, headings)


def _rows(table: Any, headings: set[str]) -> Iterator[str]:
    """A line a row. Merged cells are one, and what goes on a row further down holds nothing of its own."""
    for row in _nearest(table, "tr", "tbl"):
        cells = (
            " ".join(" ".join(line.split()) for line in _blocks(cell, headings)) for cell in _nearest(row, "tc", "tbl")
        )
        if line := " | ".join(cell.strip() for cell in cells if cell.strip()):
            yield line


def _paragraph(paragraph: Any, headings: set[str]) -> Iterator[str]:
    boxes: list[Any] = []
    text = "".join(_runs(paragraph, boxes))
    styles = {
        _attribute(style, "val")
        for one in paragraph
        if _local(one) == "pPr"
        for style in one
        if _local(style) == "pStyle"
    }
    yield f"# {text}" if text.strip() and styles & headings else text
    for box in boxes:
        yield from _blocks(box, headings)


def _runs(element: Any, boxes: list[Any]) -> Iterator[str]:
    for child in element:
        name = _local(child)
        if name == "t":
            yield child.text or ""
        elif name in _SIGNS:
            yield _SIGNS[name]
        elif name == "txbxContent":
            boxes.append(child)
        elif name not in ("Fallback", "del", "moveFrom", "pPr", "rPr", "") and not _is_hidden(child):
            yield from _runs(child, boxes)


def _is_hidden(run: Any) -> bool:
    """Whether Word shows a run to nobody who reads the document."""
    marks = [mark for one in run if _local(one) == "rPr" for mark in one if _local(mark) in ("vanish", "webHidden")]
    return any(_attribute(mark, "val") not in ("0", "false", "off") for mark in marks)


def _nearest(element: Any, name: str, other: str) -> Iterator[Any]:
    """Those of a name below an element, not those inside of each other or of `other`."""
    for child in element:
        if _local(child) == name:
            yield child
        elif _local(child) not in (other, "del", "Fallback"):
            yield from _nearest(child, name, other)


def _related(archive: zipfile.ZipFile, part: str) -> dict[str, list[str]]:
    """The parts that a part names, by what they are to it."""
    folder, name = posixpath.split(part)
    listed = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, list[str]] = {}
    for one in _xml(archive, listed) if listed in archive.namelist() else ():
        if isinstance(one.tag, str) and one.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
            if target in archive.namelist():
                found.setdefault(one.get("Type", "").rpartition("/")[2], []).append(target)
    return found


def _xml(archive: zipfile.ZipFile, part: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(archive.read(part), parser)


def _named(element: Any, *names: str) -> Iterator[Any]:
    yield from (one for one in element.iter() if _local(one) in names)


def _local(element: Any) -> str:
    """The name without its namespace, of which there are two for the same."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _attribute(element: Any, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _missing(what: str) -> Any:
    raise ValueError(f"there is no {what}")
