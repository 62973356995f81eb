"""Ads as Meta's Ads Manager imports them in bulk: a row an ad, tabs between the cells, UTF-16 as it exports them itself.

Columns as in exported files of Ads Manager; everything about money and audience is left to be filled in there.
"""

from __future__ import annotations

import csv
import io

from bot.content import Content

from ._parts import harmless, texts

LABEL = "Meta Ads Manager"
SIGN = "📊"
ENDING = "csv"
_HEADING = ["Campaign Name", "Ad Set Name", "Ad Name", "Ad Status", "Title", "Body", "Link Description", "Link"]


def fits(content: Content) -> bool:
    """It is an ad for Facebook or Instagram with a headline."""
    return content.parts.get("network") == "meta_ads" and bool(texts(content, "headlines"))


def export(title: str, content: Content) -> bytes:
    """An ad for each headline, the texts and descriptions in turn; paused, so that nothing is published by an import."""
    descriptions = texts(content, "descriptions") or [""]
    bodies = texts(content, "primary_texts") or [str(content.parts.get("primary_text") or "")]
    link = str(content.parts.get("link") or "")
    rows = [_HEADING]
    for number, headline in enumerate(texts(content, "headlines")):
        cells = [headline, bodies[number % len(bodies)], descriptions[number % len(descriptions)], link]
        rows.append([title, title, f"{title} {number + 1}", "PAUSED", *(harmless(cell, " ") for cell in cells)])
    file = io.StringIO(newline="")
    csv.writer(file, delimiter="\t").writerows(rows)
    made = file.getvalue().encode("utf-16")
    assert list(csv.reader(io.StringIO(made.decode("utf-16"), newline=""), delimiter="\t")) == rows
    return made
