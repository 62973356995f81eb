"""What users take from a result: its text to copy, and files, the likeliest first."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.content import COPY, Content, Kind
from bot.errors import FileError
from bot.exports import ExportFormat, export_content, find_fitting_formats, find_named_formats, load_formats
from bot.exports.txt import to_plain_text
from bot.locales import translate, translate_error
from bot.markup import parse_document, render_formulas
from bot.reading.surrounding_labels import format_part_name
from bot.reading.titles import find_title

from .files import attachment
from .split import fence_text, split

# The action of a button, its label and its emoji.
Button = tuple[str, str, str]
COPY_BUTTON: Button = (COPY, "Copy", "📋")
# All other files, behind the likeliest.
DOWNLOAD: Button = ("file", "Download", "⬇️")
# Posts the text later; only for texts that are published as they are.
SCHEDULE: Button = ("plan", "Schedule…", "🗓️")
# Plays the questions or the case; only for kinds that have some.
PLAY: Button = ("play", "Play…", "🎮")
_PLAYABLE_KINDS = ("quiz", "scenario")
_POSTABLE_FAMILIES = ("marketing", "education", "media", "text")
# The number of likeliest files with a button on the result itself, limited by a message's width.
MAX_QUICK_BUTTONS = 2
_FILE_PREFIX = "file-"
# Discord's limit for a message, and for a code block in it, in characters.
_MAX_MESSAGE_CHARACTERS, _MAX_BLOCK_CHARACTERS = 2000, 1980
# Characters of a text's title that a file of it is named after.
_MAX_TITLE_CHARACTERS = 50
# More messages are harder to copy than one file.
MAX_COPY_MESSAGES = 4
_IN_ORDER = "Copy one by one: {places}"
# What Discord does not show as written: markup anywhere, and the marks of a heading, list or quote.
_FORMATTED = re.compile(r"[*_~`|\\<\[]|^(?:#{1,3} |-# |>|[-+] |\d+\. |[ \t])", re.MULTILINE)


def list_downloads(kind: Kind, content: Content) -> list[str]:
    """Return COPY and the names of the formats that fit a content, likeliest first."""
    fit = [one.name for one in find_fitting_formats(content, kind.exports)]
    return list(dict.fromkeys([*_select_likeliest(kind, fit), COPY, *fit]))


def list_quick_downloads(kind: Kind, content: Content) -> list[str]:
    """Return the downloads that have a button of their own."""
    fit = [one.name for one in find_fitting_formats(content, kind.exports)]
    return _select_likeliest(kind, fit)[:MAX_QUICK_BUTTONS] or [COPY]


def _select_likeliest(kind: Kind, fit: list[str]) -> list[str]:
    return [name for name in kind.likely_exports if name == COPY or name in fit]


def build_quick_buttons(kind: Kind, content: Content) -> tuple[Button, ...]:
    """Build the buttons of the likeliest files."""
    files = {one.name: (format_file_action(one.name), one.label, one.emoji) for one in load_formats().values()}
    return tuple(files[name] for name in list_quick_downloads(kind, content) if name != COPY)


def is_playable(kind: Kind) -> bool:
    """Return whether a kind has questions or a case to play."""
    return kind.name in _PLAYABLE_KINDS


def is_postable(kind: Kind) -> bool:
    """Return whether a kind is published as it is, and so can be scheduled."""
    return kind.family in _POSTABLE_FAMILIES


def format_file_action(format_name: str) -> str:
    """Return the action of the button for a format's file."""
    return f"{_FILE_PREFIX}{format_name}"


def parse_file_action(action: str) -> str:
    """Return the format of a file button; empty for other buttons."""
    return action.removeprefix(_FILE_PREFIX) if action.startswith(_FILE_PREFIX) else ""


@dataclass(frozen=True, slots=True)
class CopyText:
    """A text to copy; `part` names the field it is pasted into, empty for the full text."""

    part: str
    text: str


def list_copy_texts(kind: Kind, content: Content) -> list[CopyText]:
    """Return the texts to copy from a content: its parts, or the full text without markup."""
    pieces = [
        CopyText(part, text)
        for name in kind.pasted_parts
        for part, text in _iterate_texts(name, content.parts.get(name))
    ]
    if 0 < len(pieces) <= MAX_COPY_MESSAGES:
        return pieces
    return [CopyText("", to_plain_text(render_formulas(content.text)))]


def _iterate_texts(name: str, part: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts of a part, each with the name of its innermost field."""
    match part:
        case str() if part.strip():
            # An email is written in Markdown but pasted as plain text.
            yield name, to_plain_text(part) if name == "body" else part.strip()
        case list():
            for one in part:
                yield from _iterate_texts(name, one)
        case dict():
            for inner, one in part.items():
                yield from _iterate_texts(inner, one)


def build_copy_messages(kind: Kind, content: Content) -> list[str]:
    """Return the messages to copy a content from; empty where they would be too many, and a file is better.

    A text that Discord shows as written stands alone, as phones copy messages with their markup. Others are in code
    blocks.
    """
    texts = list_copy_texts(kind, content)
    messages = [message for one in texts for message in _split_messages(one.text)]
    # A part is pasted into its field at once, so it is never split.
    cut = len(messages) > len(texts) and bool(kind.pasted_parts)
    return messages if len(messages) <= MAX_COPY_MESSAGES and not cut else []


def describe_copy_order(kind: Kind, content: Content, locale: str) -> str:
    """Return what the messages are, in order, where each has a field of its own; empty where that is obvious.

    It precedes the messages, as anything inside them would be copied too.
    """
    places = _name_places(list_copy_texts(kind, content), locale)
    places_text = " · ".join(f"{number}. {place}" for number, place in enumerate(places, 1))
    return f"-# {translate(_IN_ORDER, locale).format(places=places_text)}" if places else ""


def join_copy_texts(kind: Kind, content: Content, locale: str) -> str:
    """Join all texts to copy, each below the name of its field."""
    texts = list_copy_texts(kind, content)
    places = _name_places(texts, locale)
    blocks = [f"{place}:\n{one.text}" for place, one in zip(places, texts, strict=True)] if places else []
    return "\n\n".join(blocks or [one.text for one in texts])


def _name_places(texts: Sequence[CopyText], locale: str) -> list[str]:
    """Return the names of the texts' fields; empty where they are all the same, as the posts of a thread."""
    parts = [one.part for one in texts]
    return [format_part_name(part, locale.partition("-")[0]) for part in parts] if len(set(parts)) > 1 else []


def _split_messages(text: str) -> list[str]:
    if len(text) <= _MAX_MESSAGE_CHARACTERS and not _FORMATTED.search(text):
        return [text]
    return [fence_text(piece) for piece in split(text, _MAX_BLOCK_CHARACTERS)]


async def render_file(
    file_format: ExportFormat, kind: Kind, content: Content, result_id: str, locale: str
) -> discord.File:
    """Render a result as a file. Raises FileError if that is not possible."""
    # In a thread, as loading the fonts of a PDF takes half a second the first time.
    body = await asyncio.to_thread(export_content, file_format.name, translate(kind.title, locale), content, locale)
    return attachment(build_file_name(kind, content, result_id, file_format.suffix, locale), body)


async def render_requested_files(
    request: str, kind: Kind, content: Content, result_id: str, locale: str
) -> tuple[list[discord.File], list[str]]:
    """Render the files that a request names ("as a Word file"), and say which of them are not possible."""
    files, problems = list[discord.File](), list[str]()
    for file_format in find_named_formats(request):
        try:
            files.append(await render_file(file_format, kind, content, result_id, locale))
        except FileError as error:
            problems.append(translate_error(error, locale))
    return files, problems


def build_file_name(kind: Kind, content: Content, result_id: str, suffix: str, locale: str) -> str:
    """Build a file name from the text's title or first line, or from its kind if it begins with a list or a table; the id
    tells versions apart.
    """
    lines = parse_document(content.text).lines
    first_line = lines[0].text if lines and lines[0].sort in ("heading", "text") else ""
    title = find_title(first_line, content.parts, _MAX_TITLE_CHARACTERS).rstrip("…")
    return f"{title or translate(kind.title, locale)} {result_id[-6:]}.{suffix}"
