"""Read the text of a .docx in reading order, each part of it once."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

# The largest declared size of an unpacked .docx, which is a zip archive, absolute and relative to the file.
_MAX_UNPACKED_BYTES = 64 * 1024 * 1024
_MAX_RATIO = 120
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_NOTE_KINDS_BY_REFERENCE = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}


class OversizedError(Exception):
    """The file unpacks to far more than it should contain."""


def read_docx(body: bytes) -> str:
    """Return the text of headers, then paragraphs and tables in order, then footnotes and footers. Headings begin with "#".

    A row of a table is a line. Text boxes come where they are anchored, footnotes after the text.

    Raises:
        OversizedError: it unpacks to too much.
        Exception: it is not a Word file, or damaged.
    """
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _MAX_UNPACKED_BYTES or unpacked > _MAX_RATIO * len(body):
            raise OversizedError
        return _read_archive(archive)


def _read_archive(archive: zipfile.ZipFile) -> str:
    [main] = _load_relations(archive, "").get("officeDocument") or _raise_missing("document")
    related = _load_relations(archive, main)
    headings = {
        _get_attribute(style, "styleId")
        for part in related.get("styles", ())
        for style in _iter_named(_parse_xml(archive, part), "style")
        if any(
            _get_attribute(name, "val").casefold().startswith(("heading", "title"))
            for name in _iter_named(style, "name")
        )
    }
    root = _parse_xml(archive, main)
    if _local_name(root) != "document":
        _raise_missing("document")
    lines = list(_iter_lines(root, headings))
    notes = [
        line for kind in ("footnotes", "endnotes") for line in _iter_notes(archive, related.get(kind, ()), root, kind)
    ]
    margins = {
        kind: [_read_header_or_footer(archive, part, headings) for part in related.get(kind, ())]
        for kind in ("header", "footer")
    }
    # Each section may have its own headers and footers, often the same.
    parts = [*dict.fromkeys(margins["header"]), "\n".join(lines), "\n".join(notes), *dict.fromkeys(margins["footer"])]
    return "\n".join(part for part in parts if part.strip())


def _read_header_or_footer(archive: zipfile.ZipFile, part: str, headings: set[str]) -> str:
    return "\n".join(line for line in _iter_lines(_parse_xml(archive, part), headings) if line.strip())


def _iter_notes(archive: zipfile.ZipFile, parts: list[str] | tuple[()], root: Any, kind: str) -> Iterator[str]:
    """Yield footnotes or endnotes in the order of their references."""
    notes = {
        _get_attribute(note, "id"): note
        for part in parts
        for note in _parse_xml(archive, part)
        if _local_name(note) in ("footnote", "endnote")
    }
    for reference in _iter_named(
        root, *(name for name, note_kind in _NOTE_KINDS_BY_REFERENCE.items() if note_kind == kind)
    ):
        note = notes.pop(_get_attribute(reference, "id"), None)
        if note is not None and (text := " ".join(_iter_lines(note, set())).strip()):
            yield text


def _iter_lines(element: Any, headings: set[str]) -> Iterator[str]:
    """Yield the lines of an element that contains paragraphs and tables."""
    for child in element:
        match _local_name(child):
            case "p":
                yield from _iter_paragraph_lines(child, headings)
            case "tbl":
                yield from _iter_rows(child, headings)
            case "Fallback" | "del" | "moveFrom" | "":  # Duplicates for older programs, and deleted text.
                continue
            case _:
                yield from _iter_lines(child, headings)


def _iter_rows(table: Any, headings: set[str]) -> Iterator[str]:
    """Yield a line per row. Merged cells are one cell; continuations in later rows are empty."""
    for row in _iter_nearest(table, "tr", "tbl"):
        cells = (
            " ".join(" ".join(line.split()) for line in _iter_lines(cell, headings))
            for cell in _iter_nearest(row, "tc", "tbl")
        )
        if line := " | ".join(cell.strip() for cell in cells if cell.strip()):
            yield line


def _iter_paragraph_lines(paragraph: Any, headings: set[str]) -> Iterator[str]:
    boxes: list[Any] = []
    text = "".join(_iter_runs(paragraph, boxes))
    styles = {
        _get_attribute(style, "val")
        for properties in paragraph
        if _local_name(properties) == "pPr"
        for style in properties
        if _local_name(style) == "pStyle"
    }
    yield f"# {text}" if text.strip() and styles & headings else text
    for box in boxes:
        yield from _iter_lines(box, headings)


def _iter_runs(element: Any, boxes: list[Any]) -> Iterator[str]:
    for child in element:
        name = _local_name(child)
        if name == "t":
            yield child.text or ""
        elif name in _CHARACTERS:
            yield _CHARACTERS[name]
        elif name == "txbxContent":
            boxes.append(child)
        elif name not in ("Fallback", "del", "moveFrom", "pPr", "rPr", "") and not _is_hidden(child):
            yield from _iter_runs(child, boxes)


def _is_hidden(run: Any) -> bool:
    """Whether Word hides a run."""
    marks = [
        mark
        for properties in run
        if _local_name(properties) == "rPr"
        for mark in properties
        if _local_name(mark) in ("vanish", "webHidden")
    ]
    return any(_get_attribute(mark, "val") not in ("0", "false", "off") for mark in marks)


def _iter_nearest(element: Any, name: str, other: str) -> Iterator[Any]:
    """Yield the nearest descendants with a name; those nested in one another or in `other` are left out."""
    for child in element:
        if _local_name(child) == name:
            yield child
        elif _local_name(child) not in (other, "del", "Fallback"):
            yield from _iter_nearest(child, name, other)


def _load_relations(archive: zipfile.ZipFile, part: str) -> dict[str, list[str]]:
    """Return the parts that a part refers to, by relation."""
    folder, name = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    targets: dict[str, list[str]] = {}
    for relation in _parse_xml(archive, relations) if relations in archive.namelist() else ():
        if isinstance(relation.tag, str) and relation.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
            if target in archive.namelist():
                targets.setdefault(relation.get("Type", "").rpartition("/")[2], []).append(target)
    return targets


def _parse_xml(archive: zipfile.ZipFile, part: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(archive.read(part), parser)


def _iter_named(element: Any, *names: str) -> Iterator[Any]:
    yield from (descendant for descendant in element.iter() if _local_name(descendant) in names)


def _local_name(element: Any) -> str:
    """Return the name without its namespace, as there are two equivalent ones."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _get_attribute(element: Any, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _raise_missing(what: str) -> Any:
    raise ValueError(f"there is no {what}")
