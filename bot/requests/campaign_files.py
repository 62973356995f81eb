"""A campaign as one ZIP: its plan, every text as .md, .txt and .docx, prompts, pictures, the board as a table, and the
audit.
"""

from __future__ import annotations

import csv
import io
import logging
import zipfile
from collections.abc import Iterator, Sequence

from bot.content import Content
from bot.errors import FileError
from bot.exports import export_content
from bot.exports._parts import escape_formula
from bot.replies.files import file_name

from .campaigns import PICTURE_SUFFIX, PLAN, CampaignItem, CampaignOverview

log = logging.getLogger(__name__)

_FORMATS = ("md", "txt", "docx")


def build_archive(
    overview: CampaignOverview, table: Sequence[Sequence[str]], board: bytes, audit: bytes, locale: str
) -> bytes:
    """Build the ZIP. `table` holds the board's rows with headings, `board` its picture, `audit` the audit entries,
    empty to leave out.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("brief.txt", overview.campaign.brief)
        archive.writestr("board.csv", _render_csv(table))
        archive.writestr("pictures/board.png", board)
        if audit:
            archive.writestr("audit.jsonl", audit)
        for item in overview.items:
            for name, body in _render_files(item, locale):
                archive.writestr(name, body)
    return buffer.getvalue()


def _render_files(item: CampaignItem, locale: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and body of each file of one text."""
    if item.asset is None:
        return
    stem, content = _format_stem(item), Content(item.asset.text, item.asset.parts)
    for ending in _FORMATS:
        try:
            yield f"{stem}.{ending}", export_content(ending, item.asset.title, content, locale)
        except FileError as error:
            log.info("a text is not in the archive as .%s: %s", ending, type(error).__name__)
    if body := _render_picture(item, content):
        yield f"pictures/{stem.rpartition('/')[2]}.png", body


def _format_stem(item: CampaignItem) -> str:
    if item.piece.name == PLAN:
        return "plan"
    prompt = item.piece.name.endswith(PICTURE_SUFFIX)
    place = file_name(item.piece.name.removesuffix(PICTURE_SUFFIX))
    return f"{'image-prompts' if prompt else 'texts'}/{item.piece.number:02}-{place}"


def _render_picture(item: CampaignItem, content: Content) -> bytes:
    """Return a text's drawing as PNG; empty for none."""
    try:
        if "svg" in content.parts:
            return export_content("png", item.piece.name, content)
    except FileError:
        log.info("a picture is not in the archive")
    return b""


def _render_csv(table: Sequence[Sequence[str]]) -> bytes:
    """Return UTF-8 with a byte order mark, as spreadsheets expect; cells are protected against formulas."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([escape_formula(cell) for cell in row] for row in table)
    return file.getvalue().encode("utf-8-sig", "replace")
