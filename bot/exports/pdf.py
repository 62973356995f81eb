"""PDF typeset by Typst, with fonts from packages: the same on every machine, in every script they cover."""

from __future__ import annotations

import base64
import io
import json
import re
import unicodedata
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from bot.content import Content
from bot.errors import FileError

from . import score, staves
from ._blocks import TextBlock, TextRun, parse_blocks, parse_runs, strip_marks
from ._paper import format_for_paper, is_answer_key, is_writing_line

LABEL = "PDF"
# The second comes with the extra "pdf", as the typesetter does.
_FONT_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
_TYPESETTING_PACKAGES = ("typst", "fontTools")
_PREAMBLE = """#set document(title: {title})
#set page(paper: "a4", margin: 25mm, numbering: "1")
#set text(font: {fonts}, size: 11pt, dir: {direction})
#set par(leading: 0.75em, spacing: 1.1em)
#set heading(bookmarked: true)
#show table.cell.where(y: 0): strong
#set table(inset: 7pt, stroke: 0.5pt + luma(160), fill: (_, y) => if y == 0 {{ luma(235) }})
#show heading: set block(above: 1.5em, below: 0.8em)
#show heading.where(level: 1): it => block(below: 1.2em, width: 100%, stroke: (bottom: 1pt), inset: (bottom: 8pt), text(20pt, it.body))
#show heading.where(level: 2): set text(15pt)
#show raw: set text(font: ("DejaVu Sans Mono", ..{fonts}), size: 10pt)
"""
# A line that is entirely bold, such as a quiz's question, which stays with the options below it.
_BOLD_LINE = re.compile(r"\*\*[^*]+\*\*")
_OPTION = re.compile(r"[A-Z]\) ")
_NUMBERED = re.compile(r"\d{1,3}[.)] ")
# Indentation per list level, in em.
_INDENT = 1.5
# Larger tables may break across pages.
_MAX_UNBROKEN_ROWS, _MAX_UNBROKEN_CHARACTERS = 8, 1_500
# Unicode categories of characters without a glyph of their own: controls, joiners, combining marks, spaces.
_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Mn", "Zs", "Zl", "Zp")


def export(title: str, content: Content) -> bytes:
    """Return an A4 document; the answer key of a quiz begins a new page.

    Raises:
        FileError: the text has characters that no font has, or the typesetter is not installed.
    """
    blocks = parse_blocks(format_for_paper(content))
    if not blocks or blocks[0].type != "heading":
        blocks.insert(0, TextBlock("heading", title, 1))
    visible_text = "\n".join(
        [block.text if block.type == "code" else strip_marks(block.text) for block in blocks]
        + [strip_marks(cell) for block in blocks for row in block.rows for cell in row]
    )
    check_characters(visible_text)
    preamble = _PREAMBLE.format(
        title=quote_string(title), fonts=format_font_families(), direction=detect_direction(visible_text)
    )
    blocks[0] = replace(blocks[0], level=1)
    heading, *others = _typeset_blocks(blocks)
    source = preamble + "\n\n".join([heading, *_typeset_score(title, content), *others]) + "\n"
    (body,) = typeset(source, "pdf")
    # Without spaces, since some scripts break lines anywhere.
    letters = re.sub(r"\s", "", unicodedata.normalize("NFKC", "".join(read(body))))
    assert all(word in letters for word in _collect_words(visible_text)), "a word is missing"
    return body


def _typeset_score(title: str, content: Content) -> list[str]:
    """Return the score of a lead sheet in Typst markup, as wide as the page or 220 mm tall; empty for other contents."""
    if not staves.fits(content):
        return []
    # The document already has a title.
    png = staves.render_page(score.engrave(title, content, header="none"))
    # The PNG's header has the width and height at these offsets.
    width, height = (int.from_bytes(png[offset : offset + 4]) for offset in (16, 20))
    data = base64.b64encode(png).decode()
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image href="data:image/png;base64,{data}" width="{width}" height="{height}"/></svg>'
    )
    size = "width: 100%" if height < 1.4 * width else "height: 220mm"
    description = " · ".join(f"{name}: {content.parts[name]}" for name in ("title", "key", "metre", "bpm"))
    image = f'image(bytes({quote_string(svg)}), format: "svg", {size}, alt: {quote_string(description)})'
    return [f"#align(center, {image})"]


def read(body: bytes) -> list[str]:
    """Return the text of each page."""
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]


def _collect_words(text: str) -> set[str]:
    """Return the words in scripts whose letters can be read back from a PDF; of others it has glyphs, in an order that a reader
    may not restore.
    """
    words = re.findall(r"[A-Za-zÀ-ɏΑ-ωА-я0-9\u3041-\u30ff\u4e00-\u9fff]+", text)
    return {unicodedata.normalize("NFKC", word) for word in words}


def _typeset_blocks(blocks: list[TextBlock]) -> list[str]:
    """Return the blocks in Typst markup, indented by list level; consecutive lines of verse become one paragraph."""
    levels, pieces = list[int](), list[str]()
    for previous, block in zip([None, *blocks], blocks, strict=False):
        joins = previous is not None and block.joins_previous and (_is_plain(previous) or previous.type == "bullet")
        if joins and _is_plain(block):
            pieces[-1] += f" #linebreak() {_typeset_line(block.text)}"
        else:
            levels.append(block.level if block.type in ("bullet", "text") else 0)
            pieces.append(_typeset_block(block))
    return [
        f"#block(inset: (left: {_INDENT * (level - 1)}em))[{piece}]" if level > 1 else piece
        for level, piece in zip(levels, pieces, strict=True)
    ]


def _is_plain(block: TextBlock) -> bool:
    """Whether a block is a line that is typeset as ordinary text."""
    if block.type != "text" or is_answer_key(block.text) or is_writing_line(block.text):
        return False
    return not (_BOLD_LINE.fullmatch(block.text) or _OPTION.match(block.text) or _NUMBERED.match(block.text))


def _typeset_block(block: TextBlock) -> str:
    match block.type:
        case "heading" if not is_answer_key(block.text):
            return f"#heading(level: {block.level})[{_typeset_line(block.text)}]"
        case "bullet":
            return f"- {_typeset_line(block.text)}"
        case "code":
            lines = ' + "\n" + '.join(map(quote_string, block.text.split("\n")))
            return f"#raw({lines}, block: true)"
        case "table":
            return _typeset_table(block)
        case _ if is_answer_key(block.text):
            return f"#pagebreak(weak: true)\n#heading(level: 2)[{_typeset_line(strip_marks(block.text))}]"
        case _ if is_writing_line(block.text):
            return "#block(above: 2.4em, below: 1.6em, line(length: 100%, stroke: 0.5pt + luma(120)))"
        case _ if _BOLD_LINE.fullmatch(block.text):
            return f"#block(above: 1.5em, below: 0.7em, sticky: true)[{_typeset_line(block.text)}]"
        case _ if _OPTION.match(block.text):
            return f"#block(above: 0.85em, below: 0.85em, inset: (left: 1.5em))[{_typeset_line(block.text)}]"
        case _:
            return _typeset_line(block.text)


def _typeset_table(block: TextBlock) -> str:
    """Return a table. A short one is not broken; a long one repeats its header row on each page."""
    columns = max(map(len, block.rows))
    header, *rows = (
        "".join(f"[{_typeset_line(cell)}], " for cell in (*row, *[""] * (columns - len(row)))) for row in block.rows
    )
    table = f"#table(columns: ({'1fr, ' * columns}), table.header({header}), {''.join(rows)})"
    is_short = len(block.rows) <= _MAX_UNBROKEN_ROWS and len(table) < _MAX_UNBROKEN_CHARACTERS
    return f"#block(breakable: false)[{table}]" if is_short else table


def _typeset_line(text: str) -> str:
    return "".join(map(_typeset_run, parse_runs(text)))


def _typeset_run(run: TextRun) -> str:
    markup = " #linebreak() ".join(f"#({quote_string(line)})" for line in run.text.split("\n"))
    for is_set, function in ((run.strikethrough, "strike"), (run.italic, "emph"), (run.bold, "strong")):
        markup = f"#{function}[{markup}]" if is_set else markup
    return markup


def quote_string(text: str) -> str:
    """Return a text as a Typst string, in which nothing is markup; control characters become spaces."""
    text = re.sub(r"[\x00-\x1f\x7f]", " ", text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def detect_direction(text: str) -> str:
    """Return "rtl" if most letters of a text are written from right to left, else "ltr"."""
    classes = [unicodedata.bidirectional(character) for character in text]
    right_to_left = classes.count("R") + classes.count("AL")
    return "rtl" if right_to_left > classes.count("L") else "ltr"


def typeset(source: str, file_format: Literal["pdf", "png"], pixels_per_inch: int | None = None) -> list[bytes]:
    """Return the files of a document in Typst markup: one PDF, or a PNG per page. `check_characters` comes first."""
    import typst

    output: Any = typst.compile(
        source.encode(), font_paths=_load_fonts(), ignore_system_fonts=True, format=file_format, ppi=pixels_per_inch
    )
    return output if isinstance(output, list) else [output]


def check_characters(text: str) -> None:
    """Check that the fonts have every character of a text.

    Raises:
        FileError: they lack some, or the typesetter is not installed.
    """
    text.encode()
    if not all(map(find_spec, _TYPESETTING_PACKAGES)):
        raise FileError(
            "To make .pdf files I need other packages. My operator can install them (pip install 'quillmate[pdf]')."
        )
    visible = {character for character in text if unicodedata.category(character) not in _INVISIBLE_CATEGORIES}
    missing = sorted(character for character in visible if ord(character) not in _load_code_points())
    if missing:
        raise FileError("My .pdf fonts have no characters for {signs}.", signs=" ".join(missing[:5]))


def _find_font_files() -> list[Path]:
    specs = map(find_spec, _FONT_PACKAGES)
    folders = [Path(spec.origin).parent for spec in specs if spec and spec.origin]
    return [file for folder in folders for file in sorted(folder.glob("*.tt[fc]"))]


def find_font_folders() -> list[str]:
    """Return the folders that contain the fonts."""
    return sorted({str(file.parent) for file in _find_font_files()})


@cache
def _load_fonts() -> Any:
    import typst

    return typst.Fonts(font_paths=find_font_folders(), include_system_fonts=False)


@cache
def _load_code_points() -> frozenset[int]:
    return frozenset().union(*_load_code_points_by_family().values())


@cache
def format_font_families() -> str:
    """Return the names of the font families as a Typst array. Typst uses the first with a glyph, so Latin precedes all others."""
    latin, chinese = "Noto Sans", "Noto Sans CJK SC"
    names = sorted(
        _load_code_points_by_family(), key=lambda name: (name != latin, name == chinese, "Emoji" in name, name)
    )
    return json.dumps(names).replace("[", "(").replace("]", ",)")


@cache
def _load_code_points_by_family() -> dict[str, frozenset[int]]:
    from fontTools.ttLib import TTCollection, TTFont

    code_points: dict[str, frozenset[int]] = {}
    for file in _find_font_files():
        with TTCollection(file, lazy=True) if file.suffix == ".ttc" else TTFont(file, lazy=True) as font_file:
            for face in getattr(font_file, "fonts", [font_file]):
                family = str(face["name"].getBestFamilyName())
                # The CJK faces of other countries have the same characters in other shapes.
                if "CJK" not in family or family.endswith("SC"):
                    code_points[family] = code_points.get(family, frozenset()) | frozenset(face.getBestCmap())
    return code_points
