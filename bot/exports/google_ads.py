"""A responsive search ad as Google Ads Editor imports it: one row, with numbered columns for its headlines and descriptions.

Columns: support.google.com/google-ads/editor/answer/57747, read 2026-11-25.
"""

from __future__ import annotations

import csv
import io

from bot.content import Content

from ._parts import escape_formula, get_texts

LABEL = "Google Ads Editor"
SIGN = "📊"
ENDING = "csv"
_MIN_HEADLINES, _MAX_HEADLINES = 3, 15
_MIN_DESCRIPTIONS, _MAX_DESCRIPTIONS = 2, 4
_HEADING = [
    "Campaign",
    "Ad group",
    "Ad type",
    "Status",
    "Final URL",
    *(f"Headline {number}" for number in range(1, _MAX_HEADLINES + 1)),
    *(f"Description {number}" for number in range(1, _MAX_DESCRIPTIONS + 1)),
]


def fits(content: Content) -> bool:
    """Whether a content is a search ad with as many headlines and descriptions as Google requires."""
    return (
        content.parts.get("network") == "google_ads"
        and len(get_texts(content, "headlines")) >= _MIN_HEADLINES
        and len(get_texts(content, "descriptions")) >= _MIN_DESCRIPTIONS
    )


def export(title: str, content: Content) -> bytes:
    """Return UTF-8 with a byte order mark; paused, so that an import publishes nothing."""
    link = str(content.parts.get("link") or "")
    row = [title, title, "Responsive search ad", "Paused", link]
    for name, column_count in (("headlines", _MAX_HEADLINES), ("descriptions", _MAX_DESCRIPTIONS)):
        # A space works as well as an apostrophe, and Google trims it.
        texts = [escape_formula(text, " ") for text in get_texts(content, name)[:column_count]]
        row += [*texts, *[""] * (column_count - len(texts))]
    file = io.StringIO(newline="")
    csv.writer(file).writerows([_HEADING, row])
    body = file.getvalue().encode("utf-8-sig")
    assert list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))) == [_HEADING, row]
    return body
