"""Lists in a brief: the columns of a table, the criteria of a rubric, the parts of a page. Pure."""

from __future__ import annotations

import re

from .wording import MAX_READ, compile_for_text

# The maximum words of an entry.
_MAX_ENTRY_WORDS = 4
_BREAK = r"(?<!\s)\s*+(?:[,、،]|/|&|\+|(?<!\w)(?:<listing.and>)(?!\w))\s*+"
_ARTICLE = r"^(?:<listing.article>)(?:\s+|(?<=['’]))"
_NUMBER = re.compile(r"\d|\bmax\b")
# Remarks after an entry: text in brackets, a choice of yes and no, a scale.
_REMARK = re.compile(
    r"(?<=\w) \([^()\n]{1,40}\)(?=[,;.]|$)| (?:[yjso]|yes|ja|s[ií]|sim|oui)/(?:n|no|nein|n[aã]o|non)(?=[,;.]|$)"
    r"| \d{1,4} ?[-–] ?\d{1,4}(?=[,;.]|$)",
    re.IGNORECASE | re.MULTILINE,
)


def remove_remarks(text: str) -> str:
    """Return a list without the remarks on its entries: "returned at (time), damaged y/n"."""
    return _REMARK.sub("", text[:MAX_READ])


def split_entries(text: str) -> list[str]:
    """Return the entries of a list; empty if there are fewer than two."""
    breaks, article = compile_for_text(text, _BREAK), compile_for_text(text, _ARTICLE)
    kept = [article.sub("", piece.strip()) for piece in breaks.split(text)]
    kept = [piece for piece in kept if piece and len(piece.split()) <= _MAX_ENTRY_WORDS and not _NUMBER.search(piece)]
    return list(dict.fromkeys(kept)) if len(kept) > 1 else []
