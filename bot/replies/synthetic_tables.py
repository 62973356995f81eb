"""What people see of tables that rows are made up after: how far it is, what came of it, and which models are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.errors import Phrase
from bot.locales import localize, translate
from bot.synthesis.learning import Progress
from storage.made_tables import MadeTable

from .bulk import in_words
from .views import Layout, note_view

_SQUARES = 20
_WAITS = "Waiting for another table to finish…"
_BEGINS = "Reading the table and starting to learn from it…"
_FAR = "Epoch {epoch} of {epochs} · at most about {time} left"
_CANCELLED = "Cancelled. Nothing was kept."
_KEPT = "The model is saved as {name}. Make more rows with /data more, or delete it with /data list."
_LEAD = "{rows:,} made-up rows, learnt from {learnt:,} real ones with the model {model}. Copies among them: {copied:,}."
_LEAD_NOISY = "{rows:,} made-up rows, learnt with noise from about {learnt:,} real ones with the model {model}."
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
_FICTION = "Everything here is made up: {rows:,} rows, {columns:,} columns."


def button_id(action: str, job_id: str) -> str:
    """The custom id of a button of a table."""
    return f"quilldata:{action}:{job_id}"


def progress_view(job: MadeTable, progress: Progress | None, locale: str, *, waits: bool = False) -> Layout:
    """How far a table is, with a button that ends it; or why nothing came of it."""
    lines = [_title(job.name)]
    if job.state == "cancelled":
        lines.append(translate(_CANCELLED, locale))
    elif job.state == "failed" and job.note:
        lines.append(localize(Phrase.from_json(dict(job.note)), locale))
    elif progress is not None:
        squares = progress.epoch * _SQUARES // max(1, progress.epochs)
        time = in_words(progress.seconds, locale)
        far = localize(Phrase(_FAR, epoch=progress.epoch, epochs=progress.epochs, time=time), locale)
        lines.append(f"`{'█' * squares}{'░' * (_SQUARES - squares)}` {far}")
    else:
        lines.append(translate(_WAITS if waits else _BEGINS, locale))
    view = note_view("\n".join(lines), locale=locale)
    if job.state in ("draft", "learning"):
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        row.add_item(
            discord.ui.Button(label=translate("Cancel", locale), emoji="🛑", custom_id=button_id("cancel", job.id))
        )
        view.add_item(row)
    return view


def given_view(
    job: MadeTable, about: Mapping[str, Any], files: Sequence[discord.File], locale: str, *, reached: bool | None = None
) -> Layout:
    """What came of a table: the sentences of its report, the picture, and the files. `reached`: whether a report that is for its
    owner alone could be sent to them, None where it stands here.
    """
    lines = _told(job, about, locale)
    if job.kept_as:
        lines.append(localize(Phrase(_KEPT, name=discord.utils.escape_markdown(job.kept_as)), locale))
    if reached is not None:
        lines.append(translate(_REPORT_SENT if reached else _REPORT_UNSENT, locale))
    return _with_files(lines, files, locale)


def report_view(job: MadeTable, about: Mapping[str, Any], files: Sequence[discord.File], locale: str) -> Layout:
    """A report that is for a table's owner alone."""
    return _with_files(_told(job, about, locale), files, locale)


def _told(job: MadeTable, about: Mapping[str, Any], locale: str) -> list[str]:
    text = _LEAD if "copied" in about else _LEAD_NOISY
    lead = Phrase(text, **{name: about[name] for name in ("rows", "learnt", "model", "copied") if name in about})
    told = [Phrase.from_json(one) for one in (*about["sentences"], *about["notes"])]
    sentences = (f"- {discord.utils.escape_markdown(localize(one, locale))}" for one in told)
    return [_title(job.name), localize(lead, locale), *sentences]


def _with_files(lines: Sequence[str], files: Sequence[discord.File], locale: str) -> Layout:
    view = note_view("\n".join(lines), locale=locale)
    for file in files:
        if file.filename.endswith(".png"):
            gallery = discord.ui.MediaGallery[Any]()
            gallery.add_item(media=f"attachment://{file.filename}", description=file.description)
            view.add_item(gallery)
        else:
            view.add_item(discord.ui.File(f"attachment://{file.filename}"))
    return view


def alt(about: Mapping[str, Any], locale: str) -> str:
    """The picture of the report in words."""
    return localize(Phrase(_ALT, overall=about["overall"], apart=about["told_apart"], best=0.5), locale)


def kept_view(kept: Sequence[MadeTable], locale: str) -> Layout:
    """What somebody keeps, each with a button that deletes it or ends the learning."""
    heading = f"### {translate('Your made-up tables', locale)}"
    if not kept:
        return note_view(f"{heading}\n{translate(_NONE, locale)}")
    view = note_view(heading)
    for job in kept:
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


def fiction(rows: int, columns: int, notes: Sequence[Phrase], locale: str) -> str:
    """What is told of a table from words."""
    return "\n".join(
        [
            localize(Phrase(_FICTION, rows=rows, columns=columns), locale),
            *(f"-# {localize(one, locale)}" for one in notes),
        ]
    )


def _title(name: str) -> str:
    return f"### {discord.utils.escape_markdown(name)}"
