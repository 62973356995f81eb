"""Ensures that something arrives, whatever Discord refuses: plainer forms in the same place first, then another place.

The forms go from the full view to one without files, to its text as a file, to a sentence. The next one depends on the
refusal: a smaller form opens no closed channel, and another channel accepts no malformed view.
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

# Shows a view with its files in one place, replacing what was shown there before.
Show = Callable[[discord.ui.LayoutView, Sequence[discord.File]], Awaitable[None]]

# Server errors and rate limits are not refusals: the same call may succeed later.
_MIN_SERVER_ERROR, _RETRYABLE = 500, (408, 429)
# Statuses of a place that is gone or a token that has expired, whatever is sent.
_GONE = (401, 404)
_FORBIDDEN = 403
# Error codes of places that are closed, whatever is sent: https://docs.discord.com/developers/topics/opcodes-and-status-codes
# Missing access; cannot message this user; archived thread; locked thread.
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


class DeliveryForm(IntEnum):
    """How much of a view is left."""

    WHOLE = 0
    WITHOUT_FILES = 1
    TEXT_FILE = 2
    SENTENCE = 3


def is_temporary(status: int) -> bool:
    """Return whether the same call may succeed later: server errors and rate limits."""
    return status >= _MIN_SERVER_ERROR or status in _RETRYABLE


def describe_refusal(status: int) -> str:
    """Return the message for a call that Discord refused permanently."""
    return TOO_LATE if status in _GONE else REFUSED


def find_plainer_form(form: DeliveryForm, status: int, code: int, *, files: bool) -> DeliveryForm | None:
    """Return the next form to try after a refusal with a status and error code, None where the place is closed.

    `files` says whether the full form has any.
    """
    if status in _GONE or code in _CLOSED or is_temporary(status):
        return None
    if form is DeliveryForm.WHOLE and files:
        return DeliveryForm.WITHOUT_FILES
    if form is DeliveryForm.TEXT_FILE:
        return DeliveryForm.SENTENCE  # Files may be forbidden; a sentence needs the fewest permissions.
    # What is forbidden here without files may be shown in full elsewhere.
    return DeliveryForm.TEXT_FILE if form < DeliveryForm.TEXT_FILE and status != _FORBIDDEN else None


async def deliver(
    view: discord.ui.LayoutView, files: Sequence[discord.File], locale: str, places: Sequence[Show]
) -> int | None:
    """Show a view in the first place that accepts it or a plainer form; return the place's index, None for no place."""
    fallbacks = list[int]()
    for number, place in enumerate(places):
        form: DeliveryForm | None = DeliveryForm.WHOLE
        while form is not None:
            refusal = await _try_show(place, *build_form(view, files, form, locale), form)
            if refusal is None:
                return number
            if refusal[0] == _FORBIDDEN and refusal[1] not in _CLOSED and form is not DeliveryForm.SENTENCE:
                fallbacks.append(number)
            form = find_plainer_form(form, *refusal, files=bool(files))
    for number in dict.fromkeys(fallbacks):
        if (
            await _try_show(
                places[number], *build_form(view, files, DeliveryForm.SENTENCE, locale), DeliveryForm.SENTENCE
            )
            is None
        ):
            return number
    log.error("answer not delivered")
    metrics.UNDELIVERED.add()
    return None


async def _try_show(
    place: Show, view: discord.ui.LayoutView, files: Sequence[discord.File], form: DeliveryForm
) -> tuple[int, int] | None:
    """Show a view; return the status and error code of a refusal, None where it was accepted."""
    try:
        await place(view, files)
    except discord.HTTPException as error:
        refused = {"status": error.status, "code": error.code, "form": form.name.lower()}
        log.warning("Discord refused an answer", extra=refused)
        return error.status, error.code
    except (aiohttp.ClientError, OSError) as error:
        log.warning("Discord cannot be reached: %s", type(error).__name__)
        return _MIN_SERVER_ERROR, 0
    return None


def build_form(
    view: discord.ui.LayoutView, files: Sequence[discord.File], form: DeliveryForm, locale: str
) -> tuple[discord.ui.LayoutView, list[discord.File]]:
    """Return a view and its files in a form; files can be sent again."""
    for file in files:
        file.reset()
    match form:
        case DeliveryForm.WHOLE:
            return view, list(files)
        case DeliveryForm.WITHOUT_FILES:
            return _remove_files(view, translate(WITHOUT_FILES, locale)), []
        case DeliveryForm.TEXT_FILE:
            note = note_view(translate(AS_FILE, locale), locale=locale)
            note.add_item(discord.ui.File(f"attachment://{_TEXT_FILE}"))
            return note, [attachment(_TEXT_FILE, _extract_text(view, files))]
        case DeliveryForm.SENTENCE:
            return note_view(translate(SENTENCE, locale), wrong=True, locale=locale), []


def add_elsewhere_note(view: discord.ui.LayoutView, locale: str) -> discord.ui.LayoutView:
    """Return the view with a line that explains why it is not where it was asked for, where there is room."""
    line = discord.ui.TextDisplay[discord.ui.LayoutView](f"-# {translate(ELSEWHERE, locale)}")
    copy = Layout()
    for item in [line, *view.children] if view.content_length() + len(line.content) <= 4000 else view.children:
        copy.add_item(item)
    if view.timeout is not None:
        copy.hold(view.timeout)
    return copy


def _remove_files(view: discord.ui.LayoutView, note: str) -> discord.ui.LayoutView:
    copy = Layout()
    for child in view.children:
        if _is_file(child):
            continue
        if isinstance(child, discord.ui.Container):
            remaining = [part for part in child.children if not _is_file(part)]
            copy.add_item(discord.ui.Container(*remaining, accent_colour=child.accent_colour))
        else:
            copy.add_item(child)
    if copy.content_length() + len(note) < 3990:
        copy.add_item(discord.ui.TextDisplay(f"-# {note}"))
    if view.timeout is not None:
        copy.hold(view.timeout)
    return copy


def _is_file(item: discord.ui.Item[discord.ui.LayoutView]) -> bool:
    return isinstance(item, discord.ui.File | discord.ui.MediaGallery)


def _extract_text(view: discord.ui.LayoutView, files: Sequence[discord.File]) -> bytes:
    """Return the full text: that of an attached text file, else what the view shows."""
    for file in files:
        if file.filename.endswith((".md", ".txt")):
            return file.fp.read()
    texts = [item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)]
    return "\n\n".join(texts).encode("utf-8")
