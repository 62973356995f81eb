"""PDF, set by Typst, with fonts from packages: the same on every machine, in every script that they hold."""

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
from ._blocks import Block, Run, bare, blocks, runs
from ._paper import is_answer_key, is_writing_line, on_paper

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
# How far each list within a list stands in.
_IN = 1.5
# Rows of a table, with its heads, that stay on one page, where they have no more signs than this.
_NOT_TORN, _MAX_NOT_TORN = 8, 1_500
# What shows nothing itself: controls, joiners, marks that choose a form.
_INVISIBLE = ("Cc", "Cf", "Mn", "Zs", "Zl", "Zp")


def export(title: str, content: Content) -> bytes:
    """An A4 document; the answer key of a quiz has a page of its own.

    Raises:
        FileError: the text has signs that no font has.
    """
    import typst

    parts = blocks(on_paper(content))
    if not parts or parts[0].sort != "heading":
        parts.insert(0, Block("heading", title, 1))
    shown = "\n".join(
        [one.text if one.sort == "code" else bare(one.text) for one in parts]
        + [bare(cell) for one in parts for row in one.rows for cell in row]
    )
    check_signs(shown)
    head = _PAGE.format(title=quoted(title), fonts=families(), direction=direction_of(shown))
    parts[0] = replace(parts[0], level=1)
    set_parts = _lined(parts)
    source = head + "\n\n".join([*set_parts[:1], *_engraved(title, content), *set_parts[1:]]) + "\n"
    body: bytes = typst.compile(source.encode(), font_paths=_fonts(), ignore_system_fonts=True, format="pdf")
    assert _words(shown) <= _letters(read(body)), "a word is missing"
    return body


def _engraved(title: str, content: Content) -> list[str]:
    """The notes of a lead sheet, as wide as the page or as tall."""
    if not staves.fits(content):
        return []
    # The document has its title already.
    page = staves.drawn(score.engraved(title, content, header="none"))
    width, height = (int.from_bytes(page[at : at + 4]) for at in (16, 20))
    data = base64.b64encode(page).decode()
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image href="data:image/png;base64,{data}" width="{width}" height="{height}"/></svg>'
    )
    fitted = "width: 100%" if height < 1.4 * width else "height: 220mm"
    told = quoted(" · ".join(f"{name}: {content.parts[name]}" for name in ("title", "key", "metre", "bpm")))
    return [f'#align(center, image(bytes({quoted(picture)}), format: "svg", {fitted}, alt: {told}))']


def read(body: bytes) -> list[str]:
    """The text of each page."""
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]


class _letters:  # noqa: N801 - stands to the right of "<=" as a set of words would
    """Pages' letters without spaces, since lines break anywhere in some scripts."""

    def __init__(self, pages: list[str]) -> None:
        self._text = re.sub(r"\s", "", unicodedata.normalize("NFKC", "".join(pages)))

    def __ge__(self, words: set[str]) -> bool:
        return all(word in self._text for word in words)


def _words(text: str) -> set[str]:
    """Words of scripts that a PDF's text keeps as they are; others are kept by glyphs, whose order a reader may not undo."""
    found = re.findall(r"[A-Za-zÀ-ɏΑ-ωА-я0-9\u3041-\u30ff\u4e00-\u9fff]+", text)
    return {unicodedata.normalize("NFKC", word) for word in found}


def _lined(parts: list[Block]) -> list[str]:
    """The blocks as Typst's; lines of text that stand right below each other make one paragraph."""
    found = list[tuple[int, str]]()
    for before, one in zip([None, *parts], parts, strict=False):
        follows = before is not None and one.joined and (_is_plain(before) or before.sort == "bullet")
        if follows and _is_plain(one):
            found[-1] = found[-1][0], f"{found[-1][1]} #linebreak() {_inline(one.text)}"
        else:
            found.append((one.level if one.sort in ("bullet", "text") else 0, _block(one)))
    return [f"#block(inset: (left: {_IN * (deep - 1)}em))[{shown}]" if deep > 1 else shown for deep, shown in found]


def _is_plain(block: Block) -> bool:
    """Whether a line is none that has a form of its own on the page."""
    own = is_answer_key(block.text) or is_writing_line(block.text) or _BOLD_LINE.fullmatch(block.text)
    return block.sort == "text" and not (own or _OPTION.match(block.text) or _NUMBERED.match(block.text))


def _block(block: Block) -> str:
    match block.sort:
        case "heading" if not is_answer_key(block.text):
            return f"#heading(level: {block.level})[{_inline(block.text)}]"
        case "bullet":
            return f"- {_inline(block.text)}"
        case "code":
            lines = ' + "\n" + '.join(map(quoted, block.text.split("\n")))
            return f"#raw({lines}, block: true)"
        case "table":
            columns = max(map(len, block.rows))
            heads, *rows = (
                "".join(f"[{_inline(cell)}], " for cell in (*row, *[""] * (columns - len(row)))) for row in block.rows
            )
            table = f"#table(columns: ({'1fr, ' * columns}), table.header({heads}), {''.join(rows)})"
            # A short one is not torn; of a long one each page has the heads, and none has them alone.
            is_short = len(block.rows) <= _NOT_TORN and len(table) < _MAX_NOT_TORN
            return f"#block(breakable: false)[{table}]" if is_short else table
        case _ if is_answer_key(block.text):
            return f"#pagebreak(weak: true)\n#heading(level: 2)[{_inline(bare(block.text))}]"
        case _ if is_writing_line(block.text):
            return "#block(above: 2.4em, below: 1.6em, line(length: 100%, stroke: 0.5pt + luma(120)))"
        case _ if _BOLD_LINE.fullmatch(block.text):
            return f"#block(above: 1.5em, below: 0.7em, sticky: true)[{_inline(block.text)}]"
        case _ if _OPTION.match(block.text):
            return f"#block(above: 0.85em, below: 0.85em, inset: (left: 1.5em))[{_inline(block.text)}]"
        case _:
            return _inline(block.text)


def _inline(text: str) -> str:
    return "".join(map(_run, runs(text)))


def _run(one: Run) -> str:
    shown = " #linebreak() ".join(f"#({quoted(line)})" for line in one.text.split("\n"))
    for is_so, function in ((one.struck, "strike"), (one.slanted, "emph"), (one.bold, "strong")):
        shown = f"#{function}[{shown}]" if is_so else shown
    return shown


def quoted(text: str) -> str:
    """A text as a string of Typst's, in which nothing is markup."""
    text = re.sub(r"[\x00-\x1f\x7f]", " ", text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def direction_of(text: str) -> str:
    """The direction that most of a text is written in, as Typst calls it."""
    leaning = [unicodedata.bidirectional(sign) for sign in text]
    right = sum(one in ("R", "AL") for one in leaning)
    return "rtl" if right > sum(one == "L" for one in leaning) else "ltr"


def check_signs(text: str) -> None:
    """Makes sure that every sign of a text can be shown.

    Raises:
        FileError: some cannot.
    """
    text.encode()
    visible = {sign for sign in text if unicodedata.category(sign) not in _INVISIBLE}
    missing = sorted(sign for sign in visible if ord(sign) not in _known_signs())
    if missing:
        raise FileError("My .pdf fonts have no characters for {signs}.", signs=" ".join(missing[:5]))


def _files() -> list[Path]:
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


def font_folders() -> list[str]:
    """Where the fonts lie."""
    return sorted({str(file.parent) for file in _files()})


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(font_paths=font_folders(), include_system_fonts=False)


@cache
def _known_signs() -> frozenset[int]:
    return frozenset(sign for signs in _signs_by_family().values() for sign in signs)


@cache
def families() -> str:
    """The families' names as Typst's array; the first that has a sign shows it, so Latin stands before all others."""
    order = ("Noto Sans", "Noto Sans CJK SC")
    names = sorted(_signs_by_family(), key=lambda name: (name != order[0], name == order[1], "Emoji" in name, name))
    return json.dumps(names).replace("[", "(").replace("]", ",)")


@cache
def _signs_by_family() -> dict[str, frozenset[int]]:
    from fontTools.ttLib import TTCollection, TTFont

    found: dict[str, frozenset[int]] = {}
    for file in _files():
        with TTCollection(file, lazy=True) if file.suffix == ".ttc" else TTFont(file, lazy=True) as opened:
            for face in getattr(opened, "fonts", [opened]):
                name = str(face["name"].getBestFamilyName())
                # Other countries' faces have the same signs in other shapes.
                if "CJK" not in name or name.endswith("SC"):
                    found[name] = found.get(name, frozenset()) | frozenset(face.getBestCmap())
    return found
