"""What people see of a sheet: its columns and blanks, samples, how far it is, and the sheet of results."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.checks import Check
from bot.content import Content, Result
from bot.errors import Phrase
from bot.exports._parts import harmless
from bot.exports.xlsx import put, saved
from bot.generation.findings import describe_check
from bot.kinds import kind_named
from bot.locales import localize, translate, translate_plural
from storage.bulk import BulkJob, BulkRow, Sampled
from storage.generations import Generation

from .views import Item, Layout, faults_line, note_view

# A bar of progress has so many squares.
_SQUARES = 20
_MENU = 25
# Columns on a page of a menu: it has room for what is chosen, and for what turns the page, as well.
_A_PAGE = _MENU - 2
# What an option begins with that turns to a page.
TO_PAGE = "quillmate:page:"
# Characters of a sample that are shown; the sheet has all of it.
_MAX_SAMPLE = 900
_MAX_BRIEF = 700
_IN_MINUTES, _IN_HOURS = 100, 5_400

# What a button does, with its label and emoji.
BUTTONS = {
    "sample": ("Make three samples", "🧪"), "brief": ("Edit the brief…", "✏️"), "cancel": ("Cancel", "🛑"),
    "start": ("Make the rest", "▶️"), "give": ("Get the sheet", "📄"), "pause": ("Pause", "⏸️"),
    "resume": ("Resume", "▶️"), "retry": ("Retry the failed rows", "🔁"),
}  # fmt: skip

_FORWARD = ("sample", "start", "give", "resume")

Rows = Sequence[tuple[BulkRow, Generation | None]]


def button_id(action: str, job_id: str) -> str:
    """The custom id of a button of a sheet."""
    return f"quillbulk:{action}:{job_id}"


def columns_view(job: BulkJob, blanks: Sequence[str], locale: str, turned: tuple[int, int] = (0, 0)) -> Layout:
    """A new sheet: which column fills which blank, to be chosen where that is not plain.

    `turned` is the place of a blank, and the page of columns that its menu shows; the other menus show their first one.
    """
    lines = [
        _title(job, locale),
        localize(Phrase("{kind} from this brief:", kind=Phrase(kind_named(job.kind).title)), locale),
        f">>> {_shortened(discord.utils.escape_markdown(job.brief), _MAX_BRIEF)}",
    ]
    view = note_view("\n".join(lines), locale=locale)
    if not blanks:
        none = "The brief has no {blanks}, so each row is added below it."
        view.add_item(_small(localize(Phrase(none, blanks="{blanks}"), locale)))
    for place, blank in enumerate(blanks):
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=f"quillbulkcolumn:{place}:{job.id}",
            placeholder=translate("Which column is “{blank}”?", locale).format(blank=blank)[:150],
        )
        chosen = job.columns.get(blank)
        page = turned[1] if turned[0] == place else 0
        for heading in offered_columns(job.headings, chosen, page):
            menu.add_option(label=f"{{{blank}}} ← {heading}"[:100], value=heading[:100], default=heading == chosen)
        if len(job.headings) > _MENU:
            following = (page + 1) % -(-len(job.headings) // _A_PAGE)
            first, last = following * _A_PAGE + 1, min(len(job.headings), (following + 1) * _A_PAGE)
            more = localize(
                Phrase("Other columns: {first} to {last} of {all}", first=first, last=last, all=len(job.headings)),
                locale,
            )
            menu.add_option(label=more[:100], emoji="▶️", value=f"{TO_PAGE}{following}")
        view.add_item(discord.ui.ActionRow(menu))
    view.add_item(_row(job, locale, "sample", "brief", "cancel"))
    return view


def offered_columns(headings: Sequence[str], chosen: str | None, page: int) -> list[str]:
    """The columns that a menu offers: what is chosen, and all others, or a page of them where they are more than it has room for."""
    if len(headings) > _MENU:
        headings = headings[page * _A_PAGE : (page + 1) * _A_PAGE]
    return list(dict.fromkeys([*([chosen] if chosen else []), *headings]))


def samples_view(job: BulkJob, rows: Rows, left: Sampled, cost: str, locale: str) -> Layout:
    """The first texts, and what all others take."""
    view = note_view(
        f"{_title(job, locale)}\n{translate('Here are the first rows. Have a look before I make the rest:', locale)}"
    )
    for row, kept in rows:
        heading = (
            f"**{row.number}.** {_shortened(discord.utils.escape_markdown(' · '.join(filter(None, row.cells))), 120)}"
        )
        view.add_item(discord.ui.TextDisplay(f"{heading}\n{_sample(row, kept, locale)}"))
    others = job.rows - len(rows)
    if others:
        more = translate_plural(
            others, "One more row takes about {time}.", "The remaining {count} rows take about {time}.", locale
        )
        view.add_item(_small(f"{more.format(count=others, time=in_words(left.seconds, locale))} {cost}"))
    view.add_item(_row(job, locale, "start" if others else "give", "brief", "cancel"))
    return view


def progress_view(job: BulkJob, counts: Mapping[str, int], left: Sampled, note: Phrase | None, locale: str) -> Layout:
    """How far it is, as a bar and in figures, with what it waits for."""
    through = counts.get("done", 0) + counts.get("failed", 0)
    squares = through * _SQUARES // max(1, job.rows)
    share = localize(Phrase("Rows: {through} of {rows}", through=through, rows=job.rows), locale)
    failed = counts.get("failed", 0)
    words = [share]
    if failed:
        words.append(translate_plural(failed, "{count} failed", "{count} failed", locale).format(count=failed))
    if job.state == "running" and left.seconds:
        words.append(translate("about {time} left", locale).format(time=in_words(left.seconds, locale)))
    lines = [_title(job, locale), f"`{'█' * squares}{'░' * (_SQUARES - squares)}` {' · '.join(words)}"]
    if job.state == "sampling":
        lines.append(translate("Making three samples…", locale))
    if job.state == "paused":
        lines.append(translate("Paused.", locale))
    if job.state == "cancelled":
        lines.append(translate("Cancelled. Finished texts are kept.", locale))
    if note is not None:
        lines.append(localize(note, locale))
    view = note_view("\n".join(lines), locale=locale)
    match job.state:
        case "running":
            view.add_item(_row(job, locale, "pause", "cancel"))
        case "paused":
            view.add_item(_row(job, locale, "resume", "cancel"))
        case "sampling":
            view.add_item(_row(job, locale, "cancel"))
        case "done" if failed:
            view.add_item(_row(job, locale, "retry"))
    return view


def in_words(seconds: float, locale: str) -> str:
    """About how long something takes."""
    if seconds < _IN_MINUTES:
        return localize(Phrase("{seconds} s", seconds=max(5, round(seconds / 5) * 5)), locale)
    if seconds < _IN_HOURS:
        return localize(Phrase("{minutes} min", minutes=round(seconds / 60)), locale)
    hours, rest = divmod(round(seconds / 60), 60)
    return localize(Phrase("{hours} h {minutes} min", hours=hours, minutes=rest), locale)


def results_sheet(job: BulkJob, rows: Rows, locale: str) -> tuple[str, bytes]:
    """The name and bytes of the sheet as it came, with each row's text, its parts, and what was checked."""
    names = _part_names(rows)
    heads = [
        *job.headings, translate("Text", locale), *names, translate("Checks passed", locale), translate("Checks failed", locale),
        translate("Why nothing was made", locale),
    ]  # fmt: skip
    table = [heads, *([*row.cells, *_made(row, kept, names, locale)] for row, kept in rows)]
    stem, _, ending = job.name.rpartition(".")
    body = _csv(table, job.delimiter) if ending.casefold() == "csv" else _xlsx(table)
    return f"{stem or 'sheet'}-texts.{'csv' if ending.casefold() == 'csv' else 'xlsx'}", body


def _made(row: BulkRow, kept: Generation | None, names: Sequence[str], locale: str) -> list[str]:
    if kept is None:
        return ["", *([""] * len(names)), "", "", _failure(row, locale)]
    checks = [Check.from_json(one) for one in kept.checks]
    told = {
        passed: "; ".join(localize(describe_check(one), locale) for one in checks if one.passed is passed)
        for passed in (True, False)
    }
    parts = [value if isinstance(value := kept.parts.get(name), str) else "" for name in names]
    return [kept.text, *parts, told[True], told[False], ""]


def _failure(row: BulkRow, locale: str) -> str:
    match row.state:
        case "failed" if row.failure:
            return localize(Phrase.from_json(dict(row.failure)), locale)
        case "waiting":
            return translate("Cancelled before this row was reached.", locale)
        case _:
            return translate("That result is no longer kept.", locale)


def _part_names(rows: Rows) -> list[str]:
    """The parts of texts that are texts themselves, and more than the whole again."""
    found: dict[str, None] = {}
    for _, kept in rows:
        if kept is not None:
            found |= {
                name: None
                for name, value in kept.parts.items()
                if isinstance(value, str) and value not in ("", kept.text)
            }
    return list(found)


def _csv(table: Sequence[Sequence[str]], delimiter: str) -> bytes:
    """UTF-8 with a byte order mark, as a spreadsheet reads it, parted as it came; no cell is a formula."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([harmless(cell) for cell in row] for row in table)
    return file.getvalue().encode("utf-8-sig")


def _xlsx(table: Sequence[Sequence[str]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    for number, row in enumerate(table, 1):
        for column, value in enumerate(row, 1):
            cell = put(sheet, number, column, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
    for column in sheet.columns:
        sheet.column_dimensions[column[0].column_letter].width = 24
    sheet.freeze_panes = "A2"
    return saved(book)


def _sample(row: BulkRow, kept: Generation | None, locale: str) -> str:
    if kept is None:
        return f"✗ {_failure(row, locale)}"
    checks = tuple(map(Check.from_json, kept.checks))
    result = Result(
        kept.kind, Content(kept.text, kept.parts), checks, kept.persona, kept.engine, kept.seed, kept.seconds
    )
    faults = faults_line(result, locale=locale)
    return "\n".join([_shortened(kept.text, _MAX_SAMPLE), *([f"-# {faults}"] if faults else [])])


def _title(job: BulkJob, locale: str) -> str:
    rows = translate_plural(job.rows, "{count} row", "{count} rows", locale).format(count=job.rows)
    return f"### {discord.utils.escape_markdown(job.name)} · {rows}"


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most].rpartition(' ')[0] or text[:most]}…"


def _small(text: str) -> Item:
    return discord.ui.TextDisplay(f"-# {text}")


def _row(job: BulkJob, locale: str, *actions: str) -> Item:
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    for action in actions:
        label, emoji = BUTTONS[action]
        style = discord.ButtonStyle.primary if action in _FORWARD else discord.ButtonStyle.secondary
        custom_id = button_id(action, job.id)
        row.add_item(discord.ui.Button(label=translate(label, locale), emoji=emoji, style=style, custom_id=custom_id))
    return row
