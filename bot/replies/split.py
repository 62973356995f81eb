"""Splits long texts where a reader would pause, without breaking code fences, words or joined emoji."""

from __future__ import annotations

import re

from bot.checks.units import GRAPHEME

_PARAGRAPH = re.compile(r"(\n{2,})")
_LINE = re.compile(r"(\n)")
_SENTENCE = re.compile(r"((?<=[.!?。！？])\s+)")
_WORD = re.compile(r"(\s+)")
_MAX_LANGUAGE = 12
# Code points of a joined emoji; the longest in use has 14.
_MAX_GRAPHEME = 64
_FENCE = re.compile(r"^(`{3,}|~{3,})(.*)$", re.MULTILINE)


def split(text: str, limit: int) -> list[str]:
    """Split a text into non-empty pieces of at most `limit` characters (code points).

    Together the pieces hold every character except the white space at the splits. A piece that ends inside a code
    fence is closed, and the next one reopens it.
    """
    if limit < 20:
        raise ValueError("a limit under 20 characters leaves no room for a code fence")
    pieces: list[str] = []
    rest = text.strip()
    while rest:
        if len(rest) <= limit:
            pieces.append(rest)
            break
        head, tail = _cut(rest, limit)
        fence = _find_open_fence(head)
        if fence:
            head, tail = _cut(rest, limit - 4)
            fence = _find_open_fence(head)
        if fence and tail.strip():
            head, tail = f"{head}\n{fence[:3]}", f"{fence}\n{tail}"
        pieces.append(head)
        rest = tail.strip("\n") if fence else tail.strip()
    return pieces


def _cut(text: str, limit: int) -> tuple[str, str]:
    for separator in (_PARAGRAPH, _LINE, _SENTENCE, _WORD):
        found = [match for match in separator.finditer(text, 0, limit + 1) if limit // 3 < match.start() <= limit]
        if found:
            return text[: found[-1].start()], text[found[-1].end() :]
    at = 0
    for cluster in GRAPHEME.finditer(text[: limit + _MAX_GRAPHEME]):
        if cluster.end() > limit:
            break
        at = cluster.end()
    at = at or limit
    return text[:at], text[at:]


def _find_open_fence(text: str) -> str:
    """Return the fence that a text leaves open, with its language; empty without one."""
    opened = ""
    for match in _FENCE.finditer(text):
        if not opened:
            language = match[2].strip()
            opened = match[1][:3] + (language if len(language) <= _MAX_LANGUAGE and " " not in language else "")
        elif match[1].startswith(opened[:3]) and not match[2].strip():
            opened = ""
    return opened


def fence_text(text: str) -> str:
    """Return the text in a code block whose fence is longer than any in the text, so that nothing in it ends the
    block.
    """
    longest = max((len(found) for found in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
