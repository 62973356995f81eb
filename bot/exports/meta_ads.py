"""Ads as Meta's Ads Manager imports them in bulk: a row per ad, tab-separated and in UTF-16 like its own exports.

The columns are those of files that Ads Manager exported; budget and audience have to be set there.
"""

from __future__ import annotations

import csv
import io

from bot.content import Content

from ._parts import escape_formula, get_texts

LABEL = "Meta Ads Manager"
SIGN = "📊"
ENDING = "csv"
_HEADING = ["Campaign Name", "Ad Set Name", "Ad Name", "Ad Status", "Title", "Body", "Link Description", "Link"]


def fits(content: Content) -> bool:
    """Whether a content is an ad for Facebook or Instagram with a headline."""
    return content.parts.get("network") == "meta_ads" and bool(get_texts(content, "headlines"))


def export(title: str, content: Content) -> bytes:
    """Return an ad per headline, its text and description taken in turn; paused, so that an import publishes nothing."""
    descriptions = get_texts(content, "descriptions") or [""]
    primary_texts = get_texts(content, "primary_texts") or [str(content.parts.get("primary_text") or "")]
    link = str(content.parts.get("link") or "")
    rows = [_HEADING]
    for number, headline in enumerate(get_texts(content, "headlines")):
        primary_text = primary_texts[number % len(primary_texts)]
        cells = [headline, primary_text, descriptions[number % len(descriptions)], link]
        rows.append([title, title, f"{title} {number + 1}", "PAUSED", *(escape_formula(cell, " ") for cell in cells)])
    file = io.StringIO(newline="")
    csv.writer(file, delimiter="\t").writerows(rows)
    body = file.getvalue().encode("utf-16")
    assert list(csv.reader(io.StringIO(body.decode("utf-16"), newline=""), delimiter="\t")) == rows
    return body
