"""Adapts simcord's page to Quillmate: different wording, translated for the reader, and text-only pages.

All other differences are in playground.js, typing.js and playground.css. The developer tools under "More" stay English.
"""

from __future__ import annotations

import re
from functools import partial
from html import escape

from bot.locales import LANGUAGES, translate

_HEAD = '<link rel="icon" type="image/svg+xml" href="/quillmate.svg"><link rel="stylesheet" href="/playground.css">'
_SCRIPTS = '<script src="/playground.js" defer></script><script src="/typing.js" defer></script>'
# Markup in simcord 3.2's index.html, and its replacement.
_MARKS = (
    ("<title>SimCord Preview</title>", "<title>Quillmate</title>"),
    ("</head>", f"{_HEAD}{_SCRIPTS}</head>"),
    (
        '<span class="brand-mark" aria-hidden="true">S</span>',
        '<img class="brand-mark" src="/quillmate.svg" alt="">',
    ),
    ("<strong>SimCord</strong>", "<strong>Quillmate</strong>"),
    (' title="Publish the latest scenario state to this preview. This is not guaranteed live sync."', ""),
)
# Where words occur in it, the original, and the replacement.
_WORDS = (
    ('aria-label="{}"', "SimCord preview", "Playground"),
    ("<small>{}</small>", "Preview", "Playground"),
    ('aria-expanded="false">{}</button>', "Messages", "Channels"),
    ('aria-label="{}"', "Message navigation", "Channels"),
    ('viewer-control">{}', "Viewing as", "You are"),
    ('aria-label="{}"', "Viewing as", "You are"),
    ("{}</button>", "Refresh preview", "Refresh"),
    ("<summary>{}</summary>", "More", "More"),
    ("{}</button>", "End preview session", "End the playground"),
    (
        ">{}</p>",
        "No messages in this channel.",
        "Nothing here yet. Type “/” for the commands, or @Quillmate and what you need.",
    ),
    ('aria-label="{}"', "Conversation", "Conversation"),
    ('aria-label="{}"', "Preview viewport", "Conversation"),
    (">{}</button>", "Load earlier messages", "Load earlier messages"),
    (">{}</button>", "Newer messages", "Newer messages"),
    (">{}</button>", "New messages · jump to latest", "New messages · jump to latest"),
    ('aria-label="{}"', "Cancel reply", "Cancel reply"),
    ('for="channel-composer-input">{}</label>', "Message", "Message"),
    ('placeholder="{}"', "Message", "Message"),
    (">{}</button>", "Send", "Send"),
    ('aria-label="{}"', "Dialog", "Dialog"),
)
# Quoted words in simcord's scripts and styles and in ours; a pair has the replacement second.
_REPLACEMENTS: dict[str, tuple[str | tuple[str, str], ...]] = {
    "messages.js": (
        "{name} used", "Edited {time}", "(edited)", "Only you can see this", "Thinking…", "Reply", "Edit", "Delete", "Pin", "Unpin",
        "Actions for {writer}",
    ),
    "composer.js": (
        "Message {channel}", "Edit message", "Replying to {author}: {excerpt}", "Save", "Send", "{label} message (Enter)",
        "Cancel edit", "Cancel reply",
    ),
    "commands.js": (
        "OPTIONS", "OPTIONS MATCHING {current}", "OPTIONS MATCHING {value}", "OPTIONS MATCHING {input}",
        "MEMBERS", "CHANNELS", "options", "more", "+{count} optional", "Application commands",
        "Show {app} commands", "Exit command mode", "Loading commands",
        "Commands are unavailable", "No options match", "Choose file", "This field is required.", "Choose an available option.",
        "Enter a valid value.",
        ("Value length is outside the allowed range.", "This is too short or too long."), "This file type is not allowed.",
    ),
    "components.js": (
        "This form will be submitted to {form}. Do not share passwords or other sensitive information.",
        ("Close modal", "Close window"), "Cancel", "Submit",
    ),
    "modal.js": (
        "This field is required.", "Enter no more than {most} characters.", "Choose at least one value.", "Choose one option.",
    ),
    "selects.js": (
        ("SimCord selection draft", "Your choice"), ("SimCord selection draft actions", "Your choice"), "Apply", "Cancel",
        "Select an option", "No available options", "Clear selection",
        ("{picked} selected. Choose {least}–{greatest} options.", "Selected: {picked} (min. {least}, max. {greatest})"),
    ),
    "media.js": ("Download {file}", ("Open {image} in image preview", "View {image} larger"), ("Close image preview", "Close image")),
    "surfaces.js": ("Delete this message? This cannot be undone.",),
    "text.js": ("Reveal spoiler",),
    "playground.js": (
        "List of messages", "Channels", "Apps", "Connection lost. Trying again…",
        "The playground has ended. Start it again in the terminal.", "That did not work. Try again.",
        "Choose another model", "Copy",
    ),
    "typing.js": ("People",),
    "playground.css": ("Ctrl+Enter sends.",),
}  # fmt: skip
# What simcord's scripts have in place of the names in braces.
_VALUES = {
    "name": "${invoker}", "channel": "${channel.glyph}${channel.name}", "label": "${sendLabel}", "count": "${optional}",
    "author": '${reply.author?.name || "Unknown author"}', "excerpt": '${String(reply.excerpt || "").slice(0, 100)}',
    "writer": '${message.author?.name || "message"}', "app": "${identity.name}", "most": "${component.max_length}",
    "current": "${current.toUpperCase()}", "value": "${field.value.toUpperCase()}", "input": "${input.value.toUpperCase()}",
    "picked": "${selected.length}", "least": "${minimum}", "greatest": "${maximum}",
    "time": "${absoluteTime(message.edited_timestamp, options)}",
    "form": '${modal.application_name || "this application"}', "image": '${label || "image"}', "file": "${label}",
}  # fmt: skip


def translate_index(html: str, locale: str = "en") -> str:
    """Return simcord's index.html with Quillmate's name, logo and words, in the language of a locale.

    Raises:
        LookupError: another version of simcord has different text there.
    """
    marks = ('<html lang="en">', f'<html lang="{_choose_language(locale)}">'), *_MARKS
    words = ((where.format(theirs), where.format(escape(translate(ours, locale)))) for where, theirs, ours in _WORDS)
    for theirs, ours in (*marks, *words):
        if html.count(theirs) != 1:
            raise LookupError(f"simcord's page has {theirs!r} {html.count(theirs)} times, not once")
        html = html.replace(theirs, ours)
    return html


def translate_file(name: str, text: str, locale: str) -> str:
    """Return a script or style of the page with its words in the language of a locale.

    Raises:
        LookupError: another version of simcord has different text there.
    """
    for theirs, ours in map(_split_replacement, _REPLACEMENTS.get(name, ())):
        text, found = _build_quoted_pattern(theirs).subn(
            partial(_quote_words, translate(ours, locale).format(**_VALUES)), text
        )
        if not found:
            raise LookupError(f"{name} does not say {theirs!r}")
    return text


def _build_quoted_pattern(words: str) -> re.Pattern[str]:
    """Return a pattern for words in quotation marks; those that name values in template quotes."""
    marks = "`" if "{" in words else "\"'"
    return re.compile(rf"([{marks}])(\s*){re.escape(words.format(**_VALUES))}(\s*)\1")


def _quote_words(words: str, found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}{words}{found[3]}{found[1]}"


def list_page_words() -> list[str]:
    """Return all words of the page, its own and simcord's, in English."""
    return [
        *(ours for *_, ours in _WORDS),
        *(_split_replacement(words)[1] for said in _REPLACEMENTS.values() for words in said),
    ]


def _split_replacement(said: str | tuple[str, str]) -> tuple[str, str]:
    """Return the original and its replacement, in English."""
    return said if isinstance(said, tuple) else (said, said)


def _choose_language(locale: str) -> str:
    language = locale.partition("-")[0]
    return language if language in LANGUAGES else "en"


def render_text_page(locale: str, title: str, *paragraphs: str) -> str:
    """Return a self-contained text page, for when no other may be shown."""
    heading = escape(translate(title, locale))
    text = "".join(f"<p>{escape(translate(paragraph, locale))}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="{_choose_language(locale)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{heading} – Quillmate</title>{_HEAD}</head>"
        f'<body class="playground-words"><main><img src="/quillmate.svg" alt=""><h1>{heading}</h1>{text}</main></body></html>'
    )
