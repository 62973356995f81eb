"""Whatever Discord refuses, something arrives: the same place is offered plainer forms, then another place is asked.

The forms go from the view as it was made to one without files, to its text as a file, to a sentence. Which one is next
depends on what was refused: a smaller form opens no channel that is closed, and another channel takes no malformed view.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from enum import IntEnum

import aiohttp
import discord

from bot.locales import translate
from bot.runtime import metrics

from .files import attachment
from .views import Layout, note_view

log = logging.getLogger(__name__)

# Shows a view with its files in one place, in place of what was shown there before.
Show = Callable[[discord.ui.LayoutView, Sequence[discord.File]], Awaitable[None]]

# Discord's own trouble, and its rate limits, are not refusals: the same call may succeed later.
_SERVER_FAULTS, _LATER = 500, (408, 429)
# Statuses of a place that is gone or a token that has died, whatever is sent there.
_GONE = (401, 404)
_FORBIDDEN = 403
# Codes of places that are closed, whatever is sent there: https://docs.discord.com/developers/topics/opcodes-and-status-codes
# Missing access; no messages to this user; an archived thread; a thread that is locked.
_CLOSED = (50001, 50007, 50083, 160005)
_TEXT_FILE = "Answer.md"

WITHOUT_FILES = "Discord did not accept the files for this. You can still get the text with Download."
AS_FILE = "Discord did not accept the layout of my answer, so the text is in the file below."
SENTENCE = "I have an answer, but Discord does not accept it here. Ask me again in other words, or somewhere else."
TOO_LATE = "That took too long for Discord. Try again."
REFUSED = (
    "Discord did not accept what I wanted to send: it is too large or not allowed here. Try another format "
    "or another place."
)
ELSEWHERE = "I could not answer where you asked, so here is my answer."


class Form(IntEnum):
    """How much of a view is left."""

    WHOLE = 0
    WITHOUT_FILES = 1
    TEXT_FILE = 2
    SENTENCE = 3


def is_temporary(status: int) -> bool:
    """Whether the same call may succeed later: Discord's own trouble, and its rate limits."""
    return status >= _SERVER_FAULTS or status in _LATER


def refusal_in_words(status: int) -> str:
    """What is told of a call that Discord refused for good."""
    return TOO_LATE if status in _GONE else REFUSED


def plainer(form: Form, status: int, code: int, *, files: bool) -> Form | None:
    """The next form to be tried where one was refused with a status and Discord's code, None where the place is closed.

    `files` tells whether the whole form has some.
    """
    if status in _GONE or code in _CLOSED or is_temporary(status):
        return None
    if form is Form.WHOLE and files:
        return Form.WITHOUT_FILES
    if form is Form.TEXT_FILE:
        return Form.SENTENCE  # A file may be what is forbidden; a sentence takes the least.
    # What is forbidden here without files may be said whole elsewhere.
    return Form.TEXT_FILE if form < Form.TEXT_FILE and status != _FORBIDDEN else None


async def deliver(
    view: discord.ui.LayoutView, files: Sequence[discord.File], locale: str, places: Sequence[Show]
) -> int | None:
    """Shows a view in the first place that takes it or a plainer form of it; gives the place's number, None where none does."""
    last_hopes = list[int]()
    for number, place in enumerate(places):
        form: Form | None = Form.WHOLE
        while form is not None:
            refusal = await _refusal(place, *formed(view, files, form, locale), form)
            if refusal is None:
                return number
            if refusal[0] == _FORBIDDEN and refusal[1] not in _CLOSED and form is not Form.SENTENCE:
                last_hopes.append(number)
            form = plainer(form, *refusal, files=bool(files))
    for number in dict.fromkeys(last_hopes):
        if await _refusal(places[number], *formed(view, files, Form.SENTENCE, locale), Form.SENTENCE) is None:
            return number
    log.error("answer not delivered")
    metrics.UNDELIVERED.add()
    return None


async def _refusal(
    place: Show, view: discord.ui.LayoutView, files: Sequence[discord.File], form: Form
) -> tuple[int, int] | None:
    """Shows a view; gives the status and Discord's code with which it was refused, None where it was taken."""
    try:
        await place(view, files)
    except discord.HTTPException as error:
        refused = {"status": error.status, "code": error.code, "form": form.name.lower()}
        log.warning("Discord refused an answer", extra=refused)
        return error.status, error.code
    except (aiohttp.ClientError, OSError) as error:
        log.warning("Discord cannot be reached: %s", type(error).__name__)
        return _SERVER_FAULTS, 0
    return None


def formed(
    view: discord.ui.LayoutView, files: Sequence[discord.File], form: Form, locale: str
) -> tuple[discord.ui.LayoutView, list[discord.File]]:
    """A view and its files in a form; what was sent already can be sent again."""
    for file in files:
        file.reset()
    match form:
        case Form.WHOLE:
            return view, list(files)
        case Form.WITHOUT_FILES:
            return _without_files(view, translate(WITHOUT_FILES, locale)), []
        case Form.TEXT_FILE:
            note = note_view(translate(AS_FILE, locale), locale=locale)
            note.add_item(discord.ui.File(f"attachment://{_TEXT_FILE}"))
            return note, [attachment(_TEXT_FILE, _text(view, files))]
        case Form.SENTENCE:
            return note_view(translate(SENTENCE, locale), wrong=True, locale=locale), []


def told_elsewhere(view: discord.ui.LayoutView, locale: str) -> discord.ui.LayoutView:
    """The same view with a line that tells why it is not where it was asked for, where there is room for one."""
    line = discord.ui.TextDisplay[discord.ui.LayoutView](f"-# {translate(ELSEWHERE, locale)}")
    made = Layout()
    for item in [line, *view.children] if view.content_length() + len(line.content) <= 4000 else view.children:
        made.add_item(item)
    if view.timeout is not None:
        made.hold(view.timeout)
    return made


def _without_files(view: discord.ui.LayoutView, note: str) -> discord.ui.LayoutView:
    made = Layout()
    for child in view.children:
        if _is_file(child):
            continue
        if isinstance(child, discord.ui.Container):
            kept = [part for part in child.children if not _is_file(part)]
            made.add_item(discord.ui.Container(*kept, accent_colour=child.accent_colour))
        else:
            made.add_item(child)
    if made.content_length() + len(note) < 3990:
        made.add_item(discord.ui.TextDisplay(f"-# {note}"))
    if view.timeout is not None:
        made.hold(view.timeout)
    return made


def _is_file(item: discord.ui.Item[discord.ui.LayoutView]) -> bool:
    return isinstance(item, discord.ui.File | discord.ui.MediaGallery)


def _text(view: discord.ui.LayoutView, files: Sequence[discord.File]) -> bytes:
    """All of a text: the file with it that went along, else what the view shows."""
    for file in files:
        if file.filename.endswith((".md", ".txt")):
            return file.fp.read()
    shown = [item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)]
    return "\n\n".join(shown).encode("utf-8")
