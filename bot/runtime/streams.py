"""The standard streams as a person's terminal has them: what it has no sign for is written in signs that it has."""

from __future__ import annotations

import codecs
import io
import json
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any, TextIO

_SIGNS = "quillmate.signs"
# What Unicode itself does not take apart into plainer signs, or not so that it can be read.
_SPELT = {
    "‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‹": "'", "›": "'",
    "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-", "•": "*", "·": "*", "×": "x", "→": "->", "←": "<-", "▶": ">", "≤": "<=",
    "≥": ">=", "≠": "!=", "⁄": "/", "✓": "+", "✔": "+", "✅": "+", "✗": "x", "❌": "x", "⚠": "!", "€": "EUR", "£": "GBP",
    "ß": "ss", "æ": "ae", "Æ": "AE",
    "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "│": "|", "─": "-", "█": "#", "░": ".", "\N{VARIATION SELECTOR-16}": "",
    "\N{ZERO WIDTH JOINER}": "", "\N{ZERO WIDTH SPACE}": "", "\N{SOFT HYPHEN}": "",
}  # fmt: skip


def use_signs_there_are() -> None:
    """From now on the standard streams of this process take all that is written, whatever their encoding has no sign for."""
    codecs.register_error(_SIGNS, _in_signs)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_SIGNS)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def write_row(row: Any, out: TextIO) -> None:
    """Writes an object as a line of JSON: its text as it is, or in JSON's own escapes where the stream has no sign for it."""
    line = json.dumps(row, ensure_ascii=False)
    try:
        line.encode(out.encoding or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(row)
    out.write(f"{line}\n")
    out.flush()


def read_rows(stdin: TextIO) -> Iterator[str]:
    """The lines of standard input, as they come: UTF-8, as JSON is, and where a line is none in the terminal's own encoding."""
    if not isinstance(stdin, io.TextIOWrapper):
        yield from stdin
        return
    for line in stdin.buffer:
        try:
            yield line.decode("utf-8-sig")
        except UnicodeDecodeError:
            yield line.decode(stdin.encoding, "replace")


def _in_signs(error: UnicodeError) -> tuple[str, int]:
    """What is written in place of signs that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_spelt(sign, error.encoding) for sign in lacking), error.end


def _spelt(sign: str, encoding: str) -> str:
    apart = sign if sign in _SPELT else unicodedata.normalize("NFKD", sign)
    spelt = "".join(_SPELT.get(one, one) for one in apart if not unicodedata.combining(one))
    return spelt if _has(spelt, encoding) else "?"


def _has(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
