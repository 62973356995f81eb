"""What people take away of a result: its text to be copied, and files, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content import COPY, Content, Kind
from bot.exports import fitting, formats
from bot.exports.txt import plain
from bot.kinds._labels import named
from bot.locales import translate

from .split import fenced, split

# What a button does, its label and its emoji.
Button = tuple[str, str, str]
COPY_BUTTON: Button = (COPY, "Copy", "📋")
# All other takes, behind the likeliest.
DOWNLOAD: Button = ("file", "Download", "⬇️")
# Posts it later; only what is read as it is.
SCHEDULE: Button = ("plan", "Schedule…", "🗓️")
# Plays the questions or the case; only what has some.
PLAY: Button = ("play", "Play…", "🎮")
_PLAYED = ("quiz", "scenario")
_POSTED = ("marketing", "education", "media", "text")
# So many of the likeliest takes are one click on the result itself: as wide as a message has room for.
QUICK = 2
_FILE = "file-"
# Characters that a message holds, and a code block in it.
_MESSAGE, _BLOCK = 2000, 1980
# More messages than these are harder to copy than one file.
MAX_COPIES = 4
_IN_ORDER = "To copy one by one: {places}"
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
    return [name for name in kind.likely_exports if name == COPY or name in fit]


def quick_buttons(kind: Kind, content: Content) -> tuple[Button, ...]:
    """Buttons of the likeliest files."""
    files = {one.name: (file_action(one.name), one.label, one.sign) for one in formats().values()}
    return tuple(files[name] for name in quick_takes(kind, content) if name != COPY)


def is_played(kind: Kind) -> bool:
    """Whether it has questions or a case that are played."""
    return kind.name in _PLAYED


def is_posted(kind: Kind) -> bool:
    """Whether it is read as it is, and so may be posted later."""
    return kind.family in _POSTED


def file_action(format_name: str) -> str:
    """What the button does that gives a file of a format at once."""
    return f"{_FILE}{format_name}"


def format_in(action: str) -> str:
    """The format whose file a button gives at once; empty for other buttons."""
    return action.removeprefix(_FILE) if action.startswith(_FILE) else ""


@dataclass(frozen=True, slots=True)
class Copied:
    """A text that is copied as it stands; `part` names the place that it is pasted into, empty where it is the whole."""

    part: str
    text: str


def to_copy(kind: Kind, content: Content) -> list[Copied]:
    """The texts that are copied from a content: its pieces, or the whole without marks."""
    pieces = [Copied(part, text) for name in kind.pasted_parts for part, text in _texts(name, content.parts.get(name))]
    if 0 < len(pieces) <= MAX_COPIES:
        return pieces
    return [Copied("", plain(content.text))]


def _texts(name: str, part: Any) -> Iterator[tuple[str, str]]:
    """The texts of a part, each with the name of its innermost field."""
    match part:
        case str() if part.strip():
            # A mail is written in Markdown and pasted where that is none.
            yield name, plain(part) if name == "body" else part.strip()
        case list():
            for one in part:
                yield from _texts(name, one)
        case dict():
            for inner, one in part.items():
                yield from _texts(inner, one)


def copies(kind: Kind, content: Content) -> list[str]:
    """The messages that a content is copied from; empty where they would be too many, and a file is better.

    What is shown as it is written stands alone, as phones copy a message with all of its marks. What is not stands in a code block.
    """
    texts = to_copy(kind, content)
    shown = [message for one in texts for message in _messages(one.text)]
    # What has its own place is pasted there at once, so it is never cut.
    cut = len(shown) > len(texts) and bool(kind.pasted_parts)
    return shown if len(shown) <= MAX_COPIES and not cut else []


def order_of_copies(kind: Kind, content: Content, locale: str) -> str:
    """What the messages are, in their order, where each is pasted into a place of its own; empty where that goes without saying.

    It stands before them: whatever stands in one of them would be copied with it.
    """
    places = _places(to_copy(kind, content), locale)
    told = " · ".join(f"{number}. {place}" for number, place in enumerate(places, 1))
    return f"-# {translate(_IN_ORDER, locale).format(places=told)}" if places else ""


def copied_text(kind: Kind, content: Content, locale: str) -> str:
    """All that is copied as one text, where each has a place of its own below what that is called."""
    texts = to_copy(kind, content)
    places = _places(texts, locale)
    blocks = [f"{place}:\n{one.text}" for place, one in zip(places, texts, strict=True)] if places else []
    return "\n\n".join(blocks or [one.text for one in texts])


def _places(texts: Sequence[Copied], locale: str) -> list[str]:
    """What the places of texts are called; empty where they are all alike, as the posts of a thread."""
    parts = [one.part for one in texts]
    return [named(part, locale.partition("-")[0]) for part in parts] if len(set(parts)) > 1 else []


def _messages(text: str) -> list[str]:
    if len(text) <= _MESSAGE and not _MARKED.search(text):
        return [text]
    return [fenced(piece) for piece in split(text, _BLOCK)]
