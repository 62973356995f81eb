"""A responsive search ad as Google Ads Editor imports it: one row, its headlines and descriptions in numbered columns.

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
# The minimum and maximum numbers of an ad of this sort.
_HEADLINES, _DESCRIPTIONS = (3, 15), (2, 4)
_FIXED = ("Campaign", "Ad group", "Ad type", "Status", "Final URL")
_HEADING = [
    *_FIXED,
    *(f"Headline {number}" for number in range(1, _HEADLINES[1] + 1)),
    *(f"Description {number}" for number in range(1, _DESCRIPTIONS[1] + 1)),
]


def fits(content: Content) -> bool:
    """Whether it is a search ad with as many headlines and descriptions as Google requires."""
    enough = ((get_texts(content, name), least) for name, (least, _) in _load_ad_limits().items())
    return content.parts.get("network") == "google_ads" and all(len(found) >= least for found, least in enough)


def _load_ad_limits() -> dict[str, tuple[int, int]]:
    return {"headlines": _HEADLINES, "descriptions": _DESCRIPTIONS}


def export(title: str, content: Content) -> bytes:
    """Return UTF-8 with a byte order mark; paused, so that an import publishes nothing."""
    link = str(content.parts.get("link") or "")
    row = [title, title, "Responsive search ad", "Paused", link]
    for name, (_, most) in _load_ad_limits().items():
        # A space works as well as an apostrophe, and Google trims it.
        found = [escape_formula(text, " ") for text in get_texts(content, name)[:most]]
        row += [*found, *[""] * (most - len(found))]
    file = io.StringIO(newline="")
    csv.writer(file).writerows([_HEADING, row])
    body = file.getvalue().encode("utf-8-sig")
    assert list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))) == [_HEADING, row]
    return body
