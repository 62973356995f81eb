"""The standard streams of a terminal: characters that its encoding lacks are replaced by similar ones."""

from __future__ import annotations

import codecs
import io
import json
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any, TextIO

_ERROR_HANDLER = "quillmate.signs"
# Characters that Unicode does not decompose into simpler ones, or not readably.
_SPELLINGS = {
    "‘": "'",
    "’": "'",
    "‚": ",",
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "‹": "'",
    "›": "'",
    "‐": "-",
    "‑": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "•": "*",
    "·": "*",
    "×": "x",
    "→": "->",
    "←": "<-",
    "▶": ">",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "⁄": "/",
    "✓": "+",
    "✔": "+",
    "✅": "+",
    "✗": "x",
    "❌": "x",
    "⚠": "!",
    "€": "EUR",
    "£": "GBP",
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "ø": "o",
    "Ø": "O",
    "œ": "oe",
    "Œ": "OE",
    "│": "|",
    "─": "-",
    "█": "#",
    "░": ".",
    "\N{VARIATION SELECTOR-16}": "",
    "\N{ZERO WIDTH JOINER}": "",
    "\N{ZERO WIDTH SPACE}": "",
    "\N{SOFT HYPHEN}": "",
}


def replace_unencodable() -> None:
    """Make the standard streams of this process accept any text, whatever their encoding."""
    codecs.register_error(_ERROR_HANDLER, _replace_characters)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERROR_HANDLER)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def write_row(row: Any, out: TextIO) -> None:
    """Write an object as a line of JSON, escaped only where the stream cannot encode it."""
    line = json.dumps(row, ensure_ascii=False)
    try:
        line.encode(out.encoding or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(row)
    out.write(f"{line}\n")
    out.flush()


def read_rows(stdin: TextIO) -> Iterator[str]:
    """Yield the lines of standard input as they come: UTF-8, as JSON is, else in the terminal's encoding."""
    if not isinstance(stdin, io.TextIOWrapper):
        yield from stdin
        return
    for line in stdin.buffer:
        try:
            yield line.decode("utf-8-sig")
        except UnicodeDecodeError:
            yield line.decode(stdin.encoding, "replace")


def _replace_characters(error: UnicodeError) -> tuple[str, int]:
    """Return the replacement for characters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unencodable = error.object[error.start : error.end]
    return "".join(_spell(character, error.encoding) for character in unencodable), error.end


def _spell(character: str, encoding: str) -> str:
    decomposed = character if character in _SPELLINGS else unicodedata.normalize("NFKD", character)
    spelling = "".join(_SPELLINGS.get(one, one) for one in decomposed if not unicodedata.combining(one))
    return spelling if _can_encode(spelling, encoding) else "?"


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
