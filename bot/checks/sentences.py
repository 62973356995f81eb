"""Split texts into sentences."""

from __future__ import annotations

import re

# The end of a sentence with its trailing space. Ambiguous signs count only before white space or the end, so that 12.50 and
# cafe.example stay intact; unambiguous ones of other scripts count anywhere. Possessive, so that no run of signs is
# rescanned.
_END = re.compile(r"(?:(?<![.!?])[.!?]++[\"'”’)\]]*+(?=\s|$)|[。！？।؟]++[\"'”’)\]」』）]*+|\n)\s*+")


def split_sentences(text: str) -> list[str]:
    """Split a text into sentences with their trailing space; joined they give the text again."""
    parts, start = [], 0
    for end in _END.finditer(text):
        if text[start : end.start()].strip():
            parts.append(text[start : end.end()])
            start = end.end()
    return [*parts, text[start:]] if text[start:] else parts
