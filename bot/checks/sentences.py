"""Texts as sentences. Pure."""

from __future__ import annotations

import re

# What ends a sentence, with the space behind it. A sign does so only before white space or the end, so that 12.50 and
# cafe.example stay whole; those of scripts that have one for nothing else, also of scripts without spaces, do so anywhere.
# Each character is looked at once: no run of signs is gone over again from within itself.
_END = re.compile(r"(?:(?<![.!?])[.!?]++[\"'”’)\]]*+(?=\s|$)|[。！？।؟]++[\"'”’)\]」』）]*+|\n)\s*+")


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, each with the space behind it, so that joined they give the text again."""
    parts, start = [], 0
    for end in _END.finditer(text):
        if text[start : end.start()].strip():
            parts.append(text[start : end.end()])
            start = end.end()
    return [*parts, text[start:]] if text[start:] else parts
