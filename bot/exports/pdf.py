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
from typing import Any

from bot.content import Content
from bot.errors import FileError

from . import score, staves
from ._blocks import TextBlock, TextRun, parse_blocks, parse_runs, strip_marks
from ._paper import format_for_paper, is_answer_key, is_writing_line

LABEL = "PDF"
_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
_PAGE = """#set document(title: {title})
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
# A question, which stays with its options, and an option.
_BOLD_LINE = re.compile(r"\*\*[^*]+\*\*")
_OPTION = re.compile(r"[A-Z]\) ")
_NUMBERED = re.compile(r"\d{1,3}[.)] ")
# Indentation per list level.
_INDENT = 1.5
# The maximum numbers of rows and characters of a table that is kept on one page with its heading.
_MAX_UNBROKEN_ROWS, _MAX_UNBROKEN_CHARACTERS = 8, 1_500
# Characters without a glyph of their own: controls, joiners, variation selectors.
_INVISIBLE = ("Cc", "Cf", "Mn", "Zs", "Zl", "Zp")


def export(title: str, content: Content) -> bytes:
    """Return an A4 document; the answer key of a quiz has a page of its own.

    Raises:
        FileError: the text has characters that no font has.
    """
    import typst

    parts = parse_blocks(format_for_paper(content))
    if not parts or parts[0].sort != "heading":
        parts.insert(0, TextBlock("heading", title, 1))
    shown = "\n".join(
        [one.text if one.sort == "code" else strip_marks(one.text) for one in parts]
        + [strip_marks(cell) for one in parts for row in one.rows for cell in row]
    )
    check_signs(shown)
    head = _PAGE.format(title=quote_string(title), fonts=format_families(), direction=get_direction(shown))
    parts[0] = replace(parts[0], level=1)
    set_parts = _typeset_blocks(parts)
    source = head + "\n\n".join([*set_parts[:1], *_engrave_score(title, content), *set_parts[1:]]) + "\n"
    body: bytes = typst.compile(source.encode(), font_paths=_load_fonts(), ignore_system_fonts=True, format="pdf")
    assert _collect_words(shown) <= _PageLetters(read(body)), "a word is missing"
    return body


def _engrave_score(title: str, content: Content) -> list[str]:
    """Return the score of a lead sheet, as wide as the page or as tall."""
    if not staves.fits(content):
        return []
    # The document already has a title.
    page = staves.draw_page(score.engrave(title, content, header="none"))
    width, height = (int.from_bytes(page[at : at + 4]) for at in (16, 20))
    data = base64.b64encode(page).decode()
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image href="data:image/png;base64,{data}" width="{width}" height="{height}"/></svg>'
    )
    fitted = "width: 100%" if height < 1.4 * width else "height: 220mm"
    told = quote_string(" · ".join(f"{name}: {content.parts[name]}" for name in ("title", "key", "metre", "bpm")))
    return [f'#align(center, image(bytes({quote_string(picture)}), format: "svg", {fitted}, alt: {told}))']


def read(body: bytes) -> list[str]:
    """Return the text of each page."""
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]


class _PageLetters:
    """The letters of pages without spaces, since some scripts break lines anywhere."""

    def __init__(self, pages: list[str]) -> None:
        self._text = re.sub(r"\s", "", unicodedata.normalize("NFKC", "".join(pages)))

    def __ge__(self, words: set[str]) -> bool:
        return all(word in self._text for word in words)


def _collect_words(text: str) -> set[str]:
    """Return words of scripts that a PDF's text preserves; others are stored as glyphs, whose order a reader may not
    restore.
    """
    found = re.findall(r"[A-Za-zÀ-ɏΑ-ωА-я0-9\u3041-\u30ff\u4e00-\u9fff]+", text)
    return {unicodedata.normalize("NFKC", word) for word in found}


def _typeset_blocks(parts: list[TextBlock]) -> list[str]:
    """Return the blocks in Typst markup; consecutive joined lines make one paragraph."""
    found = list[tuple[int, str]]()
    for before, one in zip([None, *parts], parts, strict=False):
        follows = before is not None and one.joined and (_is_plain(before) or before.sort == "bullet")
        if follows and _is_plain(one):
            found[-1] = found[-1][0], f"{found[-1][1]} #linebreak() {_typeset_line(one.text)}"
        else:
            found.append((one.level if one.sort in ("bullet", "text") else 0, _typeset_block(one)))
    return [f"#block(inset: (left: {_INDENT * (deep - 1)}em))[{shown}]" if deep > 1 else shown for deep, shown in found]


def _is_plain(block: TextBlock) -> bool:
    """Whether a line has no special form on the page."""
    own = is_answer_key(block.text) or is_writing_line(block.text) or _BOLD_LINE.fullmatch(block.text)
    return block.sort == "text" and not (own or _OPTION.match(block.text) or _NUMBERED.match(block.text))


def _typeset_block(block: TextBlock) -> str:
    match block.sort:
        case "heading" if not is_answer_key(block.text):
            return f"#heading(level: {block.level})[{_typeset_line(block.text)}]"
        case "bullet":
            return f"- {_typeset_line(block.text)}"
        case "code":
            lines = ' + "\n" + '.join(map(quote_string, block.text.split("\n")))
            return f"#raw({lines}, block: true)"
        case "table":
            columns = max(map(len, block.rows))
            heads, *rows = (
                "".join(f"[{_typeset_line(cell)}], " for cell in (*row, *[""] * (columns - len(row))))
                for row in block.rows
            )
            table = f"#table(columns: ({'1fr, ' * columns}), table.header({heads}), {''.join(rows)})"
            # A short table is not split; a long one repeats its heading on each page, and never leaves it without rows.
            is_short = len(block.rows) <= _MAX_UNBROKEN_ROWS and len(table) < _MAX_UNBROKEN_CHARACTERS
            return f"#block(breakable: false)[{table}]" if is_short else table
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


def _typeset_line(text: str) -> str:
    return "".join(map(_typeset_run, parse_runs(text)))


def _typeset_run(one: TextRun) -> str:
    shown = " #linebreak() ".join(f"#({quote_string(line)})" for line in one.text.split("\n"))
    for is_so, function in ((one.struck, "strike"), (one.slanted, "emph"), (one.bold, "strong")):
        shown = f"#{function}[{shown}]" if is_so else shown
    return shown


def quote_string(text: str) -> str:
    """Return a text as a Typst string, in which nothing is markup."""
    text = re.sub(r"[\x00-\x1f\x7f]", " ", text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def get_direction(text: str) -> str:
    """Return the direction of most of a text, in Typst's terms."""
    leaning = [unicodedata.bidirectional(sign) for sign in text]
    right = sum(one in ("R", "AL") for one in leaning)
    return "rtl" if right > sum(one == "L" for one in leaning) else "ltr"


def check_signs(text: str) -> None:
    """Verify that every character of a text can be shown.

    Raises:
        FileError: some cannot.
    """
    text.encode()
    visible = {sign for sign in text if unicodedata.category(sign) not in _INVISIBLE}
    missing = sorted(sign for sign in visible if ord(sign) not in _load_known_signs())
    if missing:
        raise FileError("My .pdf fonts have no characters for {signs}.", signs=" ".join(missing[:5]))


def _find_font_files() -> list[Path]:
    folders = []
    for package in _PACKAGES:
        found = find_spec(package)
        if found is None or found.origin is None:
            raise FileError(
                "The fonts for .pdf are missing. My operator can install them: pip install {package}.",
                package=package.replace("_", "-"),
            )
        folders.append(Path(found.origin).parent)
    return [file for folder in folders for file in sorted(folder.glob("*.tt[fc]"))]


def find_font_folders() -> list[str]:
    """Return the folders of the fonts."""
    return sorted({str(file.parent) for file in _find_font_files()})


@cache
def _load_fonts() -> Any:
    import typst

    return typst.Fonts(font_paths=find_font_folders(), include_system_fonts=False)


@cache
def _load_known_signs() -> frozenset[int]:
    return frozenset(sign for signs in _load_signs_by_family().values() for sign in signs)


@cache
def format_families() -> str:
    """Return the families' names as a Typst array; the first with a glyph is used, so Latin precedes all others."""
    order = ("Noto Sans", "Noto Sans CJK SC")
    names = sorted(
        _load_signs_by_family(), key=lambda name: (name != order[0], name == order[1], "Emoji" in name, name)
    )
    return json.dumps(names).replace("[", "(").replace("]", ",)")


@cache
def _load_signs_by_family() -> dict[str, frozenset[int]]:
    from fontTools.ttLib import TTCollection, TTFont

    found: dict[str, frozenset[int]] = {}
    for file in _find_font_files():
        with TTCollection(file, lazy=True) if file.suffix == ".ttc" else TTFont(file, lazy=True) as opened:
            for face in getattr(opened, "fonts", [opened]):
                name = str(face["name"].getBestFamilyName())
                # Other countries' faces have the same characters in other shapes.
                if "CJK" not in name or name.endswith("SC"):
                    found[name] = found.get(name, frozenset()) | frozenset(face.getBestCmap())
    return found
