"""What a brief lists: the columns of a table, the criteria of a rubric, the parts of a page. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from .lexicon import expanded
from .wording import MOST_READ, pattern_in

# Words that an entry of a list has at most.
_LONGEST = 4
_BREAK = r"(?<!\s)\s*+(?:[,、،]|/|&|\+|(?<!\w)(?:<listing.and>)(?!\w))\s*+"
_ARTICLE = r"^(?:<listing.article>)(?:\s+|(?<=['’]))"
_NUMBER = re.compile(r"\d|\bmax\b")
# What may stand behind an entry of a list: a remark in brackets, a choice of yes and no, a scale.
_REMARK = re.compile(
    r"(?<=\w) \([^()\n]{1,40}\)(?=[,;.]|$)| (?:[yjso]|yes|ja|s[ií]|sim|oui)/(?:n|no|nein|n[aã]o|non)(?=[,;.]|$)"
    r"| \d{1,4} ?[-–] ?\d{1,4}(?=[,;.]|$)",
    re.IGNORECASE | re.MULTILINE,
)
# Behind these words a brief lists what there is, where two things or more stand with a comma between them.
_WITH = r"(?<!\w)(?:<listing.with>)\s+(?:(?:<listing.article>)\s+)?([^.:;\n]*[,、،][^.:;\n]*)"


@cache
def _behind(nouns: str) -> re.Pattern[str]:
    names = "|".join(map(re.escape, expanded(nouns))) if nouns else r"[\w)]"
    return re.compile(rf"(?:{names})\s*(?:\(\w+\)\s*)?[:(=：（]\s*([^.:;!?\n()。：；！？（）]+)", re.IGNORECASE)


def listed(brief: str, nouns: str = "") -> list[str]:
    """What a brief lists after one of some nouns: "columns: name, age and city" gives the three. Without nouns, after any colon.

    Empty when it lists fewer than two things.
    """
    found = _behind(nouns).search(_without_remarks(brief[:MOST_READ], nouns))
    return entries_of(found[1]) if found else []


def _without_remarks(text: str, nouns: str) -> str:
    """The text without what a list says of its entries: "columns: returned at (time), damaged y/n, rating 1-5" names three."""
    opened = re.search(r"[:=：]", text)
    if not nouns or opened is None:
        return text
    return text[: opened.end()] + without_remarks(text[opened.end() :])


def without_remarks(text: str) -> str:
    """The entries of a list without what is said of each: "returned at (time), damaged y/n"."""
    return _REMARK.sub("", text[:MOST_READ])


def listed_with(brief: str) -> list[str]:
    """What a brief lists behind "with" or "showing": "a page with hero, map and form"; empty when it is fewer than two things."""
    found = pattern_in(brief, _WITH).search(brief[:MOST_READ])
    return entries_of(found[1]) if found else []


def listed_between_commas(brief: str, about_form: Iterable[re.Pattern[str]]) -> list[str]:
    """Short pieces between commas that name things: "landing page, 12 columns, hero, features" gives the last two."""
    patterns = tuple(about_form)
    pieces = [piece.strip() for piece in re.split(r"[,\n]", brief[:MOST_READ])[1:]]
    named = [
        piece
        for piece in pieces
        if piece and not re.search(r"\d", piece) and not any(pattern.search(piece) for pattern in patterns)
    ]
    return entries_of(", ".join(named)) if len(named) > 1 else []


def entries_of(text: str) -> list[str]:
    """The entries of a list; none where they are fewer than two."""
    breaks, article = pattern_in(text, _BREAK), pattern_in(text, _ARTICLE)
    kept = [article.sub("", piece.strip()) for piece in breaks.split(text)]
    kept = [piece for piece in kept if piece and len(piece.split()) <= _LONGEST and not _NUMBER.search(piece)]
    return list(dict.fromkeys(kept)) if len(kept) > 1 else []
