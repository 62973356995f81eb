"""Views of synthetic tables: progress, the result, and saved models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.errors import Phrase
from bot.locales import localize, translate
from bot.synthesis.learning import TrainingProgress
from storage.table_jobs import TableJob

from .bulk import format_duration
from .views import Layout, note_view

_BAR_SQUARES = 20
_WAITING = "Waiting for another table to finish…"
_STARTING = "Reading the table and starting to learn from it…"
_PROGRESS = "Epoch {epoch} of {epochs} · at most about {time} left"
_CANCELLED = "Cancelled. Nothing was saved."
_SAVED = "The model is saved as {name}. Make more rows with /data more, or delete it with /data list."
_SUMMARY = (
    "{rows:,} made-up rows, learnt from {learnt:,} real ones with the model {model}. Copies among them: {copied:,}."
)
_NOISY_SUMMARY = "{rows:,} made-up rows, learnt with noise from about {learnt:,} real ones with the model {model}."
_REPORT_SENT = (
    "The report compares with the real rows, so I sent it only to the person who sent the table, in a direct message."
)
_REPORT_UNSENT = (
    "The report compares with the real rows, so it is only for the person who sent the table. I could not send "
    "it to them, because they do not accept my direct messages."
)
_ALT = (
    "Chart: the made-up rows are {overall:.0%} similar to the real ones overall; decision trees tell them "
    "apart with {apart:.2f} ({best:.1f} is best)."
)
_NONE = "You have none yet. /data make learns from a table and saves the model under the name you give it."
_DISCLAIMER = "Everything here is made up: {rows:,} rows, {columns:,} columns."


def button_id(action: str, job_id: str) -> str:
    """Return the custom id of a table's button."""
    return f"quilldata:{action}:{job_id}"


def progress_view(job: TableJob, progress: TrainingProgress | None, locale: str, *, waits: bool = False) -> Layout:
    """Build the view of a table's progress, with a button that cancels it; or why it failed."""
    lines = [_format_title(job.name)]
    if job.state == "cancelled":
        lines.append(translate(_CANCELLED, locale))
    elif job.state == "failed" and job.note:
        lines.append(localize(Phrase.from_json(dict(job.note)), locale))
    elif progress is not None:
        squares = progress.epoch * _BAR_SQUARES // max(1, progress.epochs)
        time = format_duration(progress.seconds, locale)
        progress_text = localize(Phrase(_PROGRESS, epoch=progress.epoch, epochs=progress.epochs, time=time), locale)
        lines.append(f"`{'█' * squares}{'░' * (_BAR_SQUARES - squares)}` {progress_text}")
    else:
        lines.append(translate(_WAITING if waits else _STARTING, locale))
    view = note_view("\n".join(lines), locale=locale)
    if job.state in ("draft", "learning"):
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        row.add_item(
            discord.ui.Button(label=translate("Cancel", locale), emoji="🛑", custom_id=button_id("cancel", job.id))
        )
        view.add_item(row)
    return view


def delivered_view(
    job: TableJob,
    about: Mapping[str, Any],
    files: Sequence[discord.File],
    locale: str,
    *,
    is_report_sent: bool | None = None,
) -> Layout:
    """Build the view of a finished table: the report's sentences, its chart and the files. `is_report_sent` says
    whether a private report could be sent to the owner, None where it is shown here.
    """
    lines = _format_report(job, about, locale)
    if job.kept_as:
        lines.append(localize(Phrase(_SAVED, name=discord.utils.escape_markdown(job.kept_as)), locale))
    if is_report_sent is not None:
        lines.append(translate(_REPORT_SENT if is_report_sent else _REPORT_UNSENT, locale))
    return _build_view(lines, files, locale)


def report_view(job: TableJob, about: Mapping[str, Any], files: Sequence[discord.File], locale: str) -> Layout:
    """Build a report that only the table's owner may see."""
    return _build_view(_format_report(job, about, locale), files, locale)


def _format_report(job: TableJob, about: Mapping[str, Any], locale: str) -> list[str]:
    text = _SUMMARY if "copied" in about else _NOISY_SUMMARY
    lead = Phrase(text, **{name: about[name] for name in ("rows", "learnt", "model", "copied") if name in about})
    phrases = [Phrase.from_json(one) for one in (*about["sentences"], *about["notes"])]
    sentences = (f"- {discord.utils.escape_markdown(localize(one, locale))}" for one in phrases)
    return [_format_title(job.name), localize(lead, locale), *sentences]


def _build_view(lines: Sequence[str], files: Sequence[discord.File], locale: str) -> Layout:
    view = note_view("\n".join(lines), locale=locale)
    for file in files:
        if file.filename.endswith(".png"):
            gallery = discord.ui.MediaGallery[Any]()
            gallery.add_item(media=f"attachment://{file.filename}", description=file.description)
            view.add_item(gallery)
        else:
            view.add_item(discord.ui.File(f"attachment://{file.filename}"))
    return view


def describe_chart(about: Mapping[str, Any], locale: str) -> str:
    """Describe the chart of the report in words."""
    return localize(Phrase(_ALT, overall=about["overall"], apart=about["told_apart"], best=0.5), locale)


def saved_view(saved: Sequence[TableJob], locale: str) -> Layout:
    """Build the list of a user's models, each with a button that deletes it or cancels learning."""
    heading = f"### {translate('Your made-up tables', locale)}"
    if not saved:
        return note_view(f"{heading}\n{translate(_NONE, locale)}")
    view = note_view(heading)
    for job in saved:
        name = discord.utils.escape_markdown(job.kept_as or job.name)
        learns = "" if job.state == "kept" else f" · {translate('still learning', locale)}"
        action = "delete" if job.state == "kept" else "cancel"
        label = translate("Delete" if job.state == "kept" else "Cancel", locale)
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=label, style=discord.ButtonStyle.secondary, custom_id=button_id(action, job.id)
        )
        words = f"**{name}**{learns}\n-# {discord.utils.escape_markdown(job.name)}"
        view.add_item(discord.ui.Section(discord.ui.TextDisplay(words), accessory=button))
    return view


def format_note(rows: int, columns: int, notes: Sequence[Phrase], locale: str) -> str:
    """Format the note about a table made from words."""
    return "\n".join(
        [
            localize(Phrase(_DISCLAIMER, rows=rows, columns=columns), locale),
            *(f"-# {localize(one, locale)}" for one in notes),
        ]
    )


def _format_title(name: str) -> str:
    return f"### {discord.utils.escape_markdown(name)}"
