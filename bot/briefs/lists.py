"""What a brief lists: the columns of a table, the criteria of a rubric, the parts of a page. Pure."""

from __future__ import annotations

import re

from .wording import MAX_READ, pattern_in

# Words that an entry of a list has at most.
_MAX = 4
_BREAK = r"(?<!\s)\s*+(?:[,、،]|/|&|\+|(?<!\w)(?:<listing.and>)(?!\w))\s*+"
_ARTICLE = r"^(?:<listing.article>)(?:\s+|(?<=['’]))"
_NUMBER = re.compile(r"\d|\bmax\b")
# What may stand behind an entry of a list: a remark in brackets, a choice of yes and no, a scale.
_REMARK = re.compile(
    r"(?<=\w) \([^()\n]{1,40}\)(?=[,;.]|$)| (?:[yjso]|yes|ja|s[ií]|sim|oui)/(?:n|no|nein|n[aã]o|non)(?=[,;.]|$)"
    r"| \d{1,4} ?[-–] ?\d{1,4}(?=[,;.]|$)",
    re.IGNORECASE | re.MULTILINE,
)


def without_remarks(text: str) -> str:
    """The entries of a list without what is said of each: "returned at (time), damaged y/n"."""
    return _REMARK.sub("", text[:MAX_READ])


def entries_of(text: str) -> list[str]:
    """The entries of a list; none where they are fewer than two."""
    breaks, article = pattern_in(text, _BREAK), pattern_in(text, _ARTICLE)
    kept = [article.sub("", piece.strip()) for piece in breaks.split(text)]
    kept = [piece for piece in kept if piece and len(piece.split()) <= _MAX and not _NUMBER.search(piece)]
    return list(dict.fromkeys(kept)) if len(kept) > 1 else []
