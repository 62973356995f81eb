"""Ads as Meta's Ads Manager imports them in bulk: one row per ad, tab-separated cells, UTF-16 as in its own exports.

Columns as in exported files of Ads Manager; budget and audience are left to be filled in there.
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
    """Whether it is an ad for Facebook or Instagram with a headline."""
    return content.parts.get("network") == "meta_ads" and bool(get_texts(content, "headlines"))


def export(title: str, content: Content) -> bytes:
    """Return an ad for each headline, with the texts and descriptions in turn; paused, so that an import publishes nothing."""
    descriptions = get_texts(content, "descriptions") or [""]
    bodies = get_texts(content, "primary_texts") or [str(content.parts.get("primary_text") or "")]
    link = str(content.parts.get("link") or "")
    rows = [_HEADING]
    for number, headline in enumerate(get_texts(content, "headlines")):
        cells = [headline, bodies[number % len(bodies)], descriptions[number % len(descriptions)], link]
        rows.append([title, title, f"{title} {number + 1}", "PAUSED", *(escape_formula(cell, " ") for cell in cells)])
    file = io.StringIO(newline="")
    csv.writer(file, delimiter="\t").writerows(rows)
    made = file.getvalue().encode("utf-16")
    assert list(csv.reader(io.StringIO(made.decode("utf-16"), newline=""), delimiter="\t")) == rows
    return made
