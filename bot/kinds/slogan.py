"""Slogans and taglines: short lines to choose from."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document, Line
from bot.reading.labels import OTHER_PART, Labels, find_labelled_cells, find_labelled_texts
from bot.reading.lines import keep_outer_entries, strip_decoration
from bot.reading.lists import parse_points

_NOUNS = ("slogan", "tagline", "tag line", "motto", "claim", "strapline", "catchphrase", "line")
# The maximum number of characters of a slogan outside a list.
_MAX_SLOGAN_CHARACTERS = 120


class Slogans(BaseModel):
    """The lines to choose from."""

    variants: Annotated[
        # The empty noun takes limits that name no part: a brief for slogans means each of them.
        list[Annotated[str, Size(nouns=("slogan", "")), Size(unit="words", nouns=("slogan", ""))]],
        Count(nouns=_NOUNS),
    ] = []


_LABELS = Labels(
    slogan="|".join(
        (
            *_NOUNS,
            "Slogans",
            "taglines",
            "mottos",
            "claims",
            "Option",
            "lema",
            "eslogan",
            "eslóganes",
            "devise",
            "lema",
            "Version",
        )
    ),
    other="why|Notes|note|rationale|explanation|warum|hinweis|favourite|favorite|my pick|recommendation|empfehlung",
)
_REASON = re.compile(r"\s[*_](?![*_])([^*_\n]{2,200})[*_]$")
# What stands between a bold beginning and the rest of its line, if they are not one sentence.
_SEPARATORS = frozenset(":–—-(→|•·")
_WITHIN = '"“„«'
_CLOSING = '"”“»'


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the slogans without the remarks on them."""
    visible_lines = [line for line in document.lines if line.sort in ("text", "item") and not _is_aside(line)]
    found = [_clean_line(line) for line in keep_outer_entries([line for line in visible_lines if line.sort == "item"])]
    if not found:
        labelled_cells = [cell for part, cell in find_labelled_cells(document, _LABELS) if part == "slogan"]
        labelled_entries = [
            text
            for labelled_text in find_labelled_texts(document, _LABELS)
            if labelled_text.part == "slogan"
            for text in labelled_text.entries
        ]
        # A slogan may be bold: only a marked or labelled heading is one.
        found = (
            labelled_cells
            or labelled_entries
            or parse_points(visible_lines)
            or [_clean_line(line) for line in visible_lines if len(line.text) <= _MAX_SLOGAN_CHARACTERS]
        )
    variants = [labelled_text for labelled_text in dict.fromkeys(found) if labelled_text]
    return {"variants": variants} if variants else {}


def _is_aside(line: Line) -> bool:
    known = _LABELS.match_line(line)
    return known is not None and known[0] == OTHER_PART


def _clean_line(line: Line) -> str:
    """Return a slogan without quotation marks, number and reason."""
    text = line.numbered[1] if line.sort == "text" else line.text
    known = _LABELS.match_line(line)
    if known and known[0] == "slogan" and known[1]:
        text = known[1]
    elif line.lead and line.rest and (separator := text[len(line.lead.rstrip(" :")) :].lstrip()[:1]) in _SEPARATORS:
        # "**Playful:** Bread with a view" names a mood, "**Bread with a view** – for the window" a slogan.
        is_label = separator == ":" and (line.lead.endswith(":") or " " not in line.lead)
        text = line.rest if is_label else line.lead
    elif (found := _REASON.search(line.source)) and (cut := len(found[1].strip("*_ "))):
        # Trailing italics give a slogan's purpose.
        text = text[: max(0, len(text) - cut)].rstrip(" –—-") or text
    elif text[:1] in _WITHIN and (end := next((at for at, sign in enumerate(text[1:], 1) if sign in _CLOSING), 0)) > 1:
        text = text[1:end]
    return strip_decoration(text)


KIND = Kind(
    name="slogan",
    family="marketing",
    title="Slogan",
    description="Slogans, taglines and mottos: short lines to choose from.",
    task="One a line.",
    read=read,
    parts=Slogans,
    form=Form("tagline"),
    likely_exports=("copy", "docx"),
    pasted_parts=("variants",),
)
