"""What people take away of a result: its text to be copied, and files, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.content import COPY, Content, Kind
from bot.exports import fitting, formats
from bot.exports.txt import plain

from .split import fenced, split

# What a button does, its label and its emoji.
Button = tuple[str, str, str]
# What stands below every result, after what is likely to be taken away of it.
COPY_BUTTON: Button = (COPY, "Copy", "📋")
LASTING: tuple[Button, ...] = (("file", "Download", "⬇️"), ("up", "", "👍"), ("down", "", "👎"))
# So many of the likeliest takes are one click on the result itself: a row holds five buttons.
QUICK = 5 - len(LASTING)
_FILE = "file-"
# Characters that a message holds, and a code block in it.
_MESSAGE, _BLOCK = 2000, 1980
# More messages than these are harder to copy than one file.
MOST_COPIES = 4
# What Discord shows in another way than it is written: its marks anywhere, and what makes a heading, list or quote of a line.
_MARKED = re.compile(r"[*_~`|\\<\[]|^(?:#{1,3} |-# |>|[-+] |\d+\. |[ \t])", re.MULTILINE)


def takes(kind: Kind, content: Content) -> list[str]:
    """COPY and the names of the formats that hold a content of a kind, the likeliest first."""
    fit = [one.name for one in fitting(content, kind.exports)]
    return list(dict.fromkeys([*_likeliest(kind, fit), COPY, *fit]))


def quick_takes(kind: Kind, content: Content) -> list[str]:
    """The takes that are one click away."""
    fit = [one.name for one in fitting(content, kind.exports)]
    return _likeliest(kind, fit)[:QUICK] or [COPY]


def _likeliest(kind: Kind, fit: list[str]) -> list[str]:
    return [name for name in kind.likeliest if name == COPY or name in fit]


def take_buttons(kind: Kind, content: Content) -> tuple[Button, ...]:
    """The row of a result of which something is to be taken away, or that is to be voted on."""
    files = {one.name: (file_action(one.name), one.label, one.sign) for one in formats().values()}
    return (*({COPY: COPY_BUTTON, **files}[name] for name in quick_takes(kind, content)), *LASTING)


def file_action(format_name: str) -> str:
    """What the button does that gives a file of a format at once."""
    return f"{_FILE}{format_name}"


def format_in(action: str) -> str:
    """The format whose file a button gives at once; empty for other buttons."""
    return action.removeprefix(_FILE) if action.startswith(_FILE) else ""


def to_copy(kind: Kind, content: Content) -> list[str]:
    """The texts that are copied from a content, each to be pasted as it stands: its pieces, or the whole without marks."""
    pieces = [one.strip() for name in kind.copied for one in _texts(content.parts.get(name)) if one.strip()]
    if 0 < len(pieces) <= MOST_COPIES:
        return pieces
    return [content.text if kind.plain else plain(content.text)]


def _texts(part: Any) -> Iterator[str]:
    match part:
        case str():
            yield part
        case list():
            for one in part:
                yield from _texts(one)
        case dict():
            for one in part.values():
                yield from _texts(one)


def copies(kind: Kind, content: Content) -> list[str]:
    """The messages that a content is copied from; empty where they would be too many, and a file is better.

    What is shown as it is written stands alone, as phones copy a message with all of its marks. What is not stands in a code block.
    """
    texts = to_copy(kind, content)
    shown = [message for text in texts for message in _messages(text)]
    # What has its own place is pasted there at once, so it is never cut.
    cut = len(shown) > len(texts) and bool(kind.copied)
    return shown if len(shown) <= MOST_COPIES and not cut else []


def _messages(text: str) -> list[str]:
    if len(text) <= _MESSAGE and not _MARKED.search(text):
        return [text]
    return [fenced(piece) for piece in split(text, _BLOCK)]
