"""Views of a bulk sheet: its columns and the brief's placeholders, samples, progress, and the sheet of results."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.checks import Check
from bot.content import Content, Result
from bot.errors import Phrase
from bot.exports._parts import escape_formula
from bot.exports.xlsx import save_workbook, write_cell
from bot.generation.findings import describe_check
from bot.kinds import find_kind
from bot.locales import localize, translate, translate_plural
from bot.markup import shorten
from storage.bulk import BulkJob, BulkRow, SampleCosts
from storage.generations import Generation

from .result_views import faults_line
from .views import Item, Layout, note_view

# The length of a progress bar.
_BAR_SQUARES = 20
_MAX_MENU_OPTIONS = 25
# Columns per menu page; two options are reserved for the current choice and the link to the next page.
_MAX_PAGE_COLUMNS = _MAX_MENU_OPTIONS - 2
# Value prefix of the options that go to another page.
PAGE_VALUE_PREFIX = "quillmate:page:"
# Length of a sample in the view; the sheet has all of it.
_MAX_SAMPLE_CHARACTERS = 900
_MAX_BRIEF_CHARACTERS = 700
_SHOW_MINUTES_FROM_SECONDS, _SHOW_HOURS_FROM_SECONDS = 100, 5_400

# Buttons by action, with label and emoji.
BUTTONS = {
    "sample": ("Make three samples", "🧪"),
    "brief": ("Edit the brief…", "✏️"),
    "cancel": ("Cancel", "🛑"),
    "start": ("Make the rest", "▶️"),
    "give": ("Get the sheet", "📄"),
    "pause": ("Pause", "⏸️"),
    "resume": ("Resume", "▶️"),
    "retry": ("Retry the failed rows", "🔁"),
}

_PRIMARY_ACTIONS = ("sample", "start", "give", "resume")

Rows = Sequence[tuple[BulkRow, Generation | None]]


def button_id(action: str, job_id: str) -> str:
    """Return the custom id of a sheet's button."""
    return f"quillbulk:{action}:{job_id}"


def columns_view(job: BulkJob, placeholders: Sequence[str], locale: str, open_page: tuple[int, int] = (0, 0)) -> Layout:
    """Build the view of a new sheet: which column fills which placeholder, with a menu for each.

    `open_page` is the index of a placeholder and the page its menu shows; the other menus show their first page.
    """
    lines = [
        _format_title(job, locale),
        localize(Phrase("{kind} from this brief:", kind=Phrase(find_kind(job.kind).title)), locale),
        f">>> {shorten(discord.utils.escape_markdown(job.brief), _MAX_BRIEF_CHARACTERS)}",
    ]
    view = note_view("\n".join(lines), locale=locale)
    if not placeholders:
        no_placeholders = "The brief has no {blanks}, so each row is added below it."
        view.add_item(_build_subtext(localize(Phrase(no_placeholders, blanks="{blanks}"), locale)))
    for index, placeholder in enumerate(placeholders):
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=f"quillbulkcolumn:{index}:{job.id}",
            placeholder=translate("Which column is “{blank}”?", locale).format(blank=placeholder)[:150],
        )
        chosen = job.columns.get(placeholder)
        page = open_page[1] if open_page[0] == index else 0
        for heading in list_offered_columns(job.headings, chosen, page):
            menu.add_option(
                label=f"{{{placeholder}}} ← {heading}"[:100], value=heading[:100], default=heading == chosen
            )
        if len(job.headings) > _MAX_MENU_OPTIONS:
            next_page = (page + 1) % -(-len(job.headings) // _MAX_PAGE_COLUMNS)
            first, last = next_page * _MAX_PAGE_COLUMNS + 1, min(len(job.headings), (next_page + 1) * _MAX_PAGE_COLUMNS)
            more = localize(
                Phrase("Other columns: {first} to {last} of {all}", first=first, last=last, all=len(job.headings)),
                locale,
            )
            menu.add_option(label=more[:100], emoji="▶️", value=f"{PAGE_VALUE_PREFIX}{next_page}")
        view.add_item(discord.ui.ActionRow(menu))
    view.add_item(_build_row(job, locale, "sample", "brief", "cancel"))
    return view


def list_offered_columns(headings: Sequence[str], chosen: str | None, page: int) -> list[str]:
    """Return the columns of a menu: the current choice and all others, or one page of them."""
    if len(headings) > _MAX_MENU_OPTIONS:
        headings = headings[page * _MAX_PAGE_COLUMNS : (page + 1) * _MAX_PAGE_COLUMNS]
    return list(dict.fromkeys([*([chosen] if chosen else []), *headings]))


def samples_view(job: BulkJob, rows: Rows, remaining: SampleCosts, cost: str, locale: str) -> Layout:
    """Build the view of the first texts, with an estimate for the remaining ones."""
    view = note_view(
        f"{_format_title(job, locale)}\n{translate('Here are the first rows. Have a look before I make the rest:', locale)}"
    )
    for row, generation in rows:
        heading = (
            f"**{row.number}.** {shorten(discord.utils.escape_markdown(' · '.join(filter(None, row.cells))), 120)}"
        )
        view.add_item(discord.ui.TextDisplay(f"{heading}\n{_format_sample(row, generation, locale)}"))
    remaining_count = job.rows - len(rows)
    if remaining_count:
        more = translate_plural(
            remaining_count, "One more row takes about {time}.", "The remaining {count} rows take about {time}.", locale
        )
        view.add_item(
            _build_subtext(
                f"{more.format(count=remaining_count, time=format_duration(remaining.seconds, locale))} {cost}"
            )
        )
    view.add_item(_build_row(job, locale, "start" if remaining_count else "give", "brief", "cancel"))
    return view


def progress_view(
    job: BulkJob, counts: Mapping[str, int], remaining: SampleCosts, note: Phrase | None, locale: str
) -> Layout:
    """Build the progress view: a bar, counts, and `note`, the reason it is paused, if any."""
    finished = counts.get("done", 0) + counts.get("failed", 0)
    squares = finished * _BAR_SQUARES // max(1, job.rows)
    row_count_text = localize(Phrase("Rows: {through} of {rows}", through=finished, rows=job.rows), locale)
    failed = counts.get("failed", 0)
    status_parts = [row_count_text]
    if failed:
        status_parts.append(translate_plural(failed, "{count} failed", "{count} failed", locale).format(count=failed))
    if job.state == "running" and remaining.seconds:
        status_parts.append(
            translate("about {time} left", locale).format(time=format_duration(remaining.seconds, locale))
        )
    lines = [
        _format_title(job, locale),
        f"`{'█' * squares}{'░' * (_BAR_SQUARES - squares)}` {' · '.join(status_parts)}",
    ]
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
            view.add_item(_build_row(job, locale, "pause", "cancel"))
        case "paused":
            view.add_item(_build_row(job, locale, "resume", "cancel"))
        case "sampling":
            view.add_item(_build_row(job, locale, "cancel"))
        case "done" if failed:
            view.add_item(_build_row(job, locale, "retry"))
    return view


def format_duration(seconds: float, locale: str) -> str:
    """Format an approximate duration."""
    if seconds < _SHOW_MINUTES_FROM_SECONDS:
        return localize(Phrase("{seconds} s", seconds=max(5, round(seconds / 5) * 5)), locale)
    if seconds < _SHOW_HOURS_FROM_SECONDS:
        return localize(Phrase("{minutes} min", minutes=round(seconds / 60)), locale)
    hours, rest = divmod(round(seconds / 60), 60)
    return localize(Phrase("{hours} h {minutes} min", hours=hours, minutes=rest), locale)


def build_results_sheet(job: BulkJob, rows: Rows, locale: str) -> tuple[str, bytes]:
    """Return the name and bytes of the original sheet with each row's text, its parts and its checks."""
    part_names = _find_part_names(rows)
    headings = [
        *job.headings,
        translate("Text", locale),
        *part_names,
        translate("Checks passed", locale),
        translate("Checks failed", locale),
        translate("Why there is no text", locale),
    ]
    table = [
        headings,
        *([*row.cells, *_format_result(row, generation, part_names, locale)] for row, generation in rows),
    ]
    stem, _, extension = job.name.rpartition(".")
    body = _render_csv(table, job.delimiter) if extension.casefold() == "csv" else _render_xlsx(table)
    return f"{stem or 'sheet'}-texts.{'csv' if extension.casefold() == 'csv' else 'xlsx'}", body


def _format_result(row: BulkRow, generation: Generation | None, part_names: Sequence[str], locale: str) -> list[str]:
    if generation is None:
        return ["", *([""] * len(part_names)), "", "", _describe_failure(row, locale)]
    checks = [Check.from_json(check) for check in generation.checks]
    findings_by_passed = {
        passed: "; ".join(localize(describe_check(check), locale) for check in checks if check.passed is passed)
        for passed in (True, False)
    }
    parts = [value if isinstance(value := generation.parts.get(part_name), str) else "" for part_name in part_names]
    return [generation.text, *parts, findings_by_passed[True], findings_by_passed[False], ""]


def _describe_failure(row: BulkRow, locale: str) -> str:
    match row.state:
        case "failed" if row.failure:
            return localize(Phrase.from_json(dict(row.failure)), locale)
        case "waiting":
            return translate("Cancelled before this row was reached.", locale)
        case _:
            return translate("I no longer have that result.", locale)


def _find_part_names(rows: Rows) -> list[str]:
    """Return the names of parts that are texts and differ from the full text."""
    names: dict[str, None] = {}
    for _, generation in rows:
        if generation is not None:
            names |= {
                name: None
                for name, value in generation.parts.items()
                if isinstance(value, str) and value not in ("", generation.text)
            }
    return list(names)


def _render_csv(table: Sequence[Sequence[str]], delimiter: str) -> bytes:
    """Return UTF-8 with a byte order mark, as spreadsheets expect, with the original delimiter and without formulas."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([escape_formula(cell) for cell in row] for row in table)
    return file.getvalue().encode("utf-8-sig")


def _render_xlsx(table: Sequence[Sequence[str]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    for number, row in enumerate(table, 1):
        for column, value in enumerate(row, 1):
            cell = write_cell(sheet, number, column, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
    for column in sheet.columns:
        sheet.column_dimensions[column[0].column_letter].width = 24
    sheet.freeze_panes = "A2"
    return save_workbook(book)


def _format_sample(row: BulkRow, generation: Generation | None, locale: str) -> str:
    if generation is None:
        return f"✗ {_describe_failure(row, locale)}"
    checks = tuple(map(Check.from_json, generation.checks))
    result = Result(
        generation.kind,
        Content(generation.text, generation.parts),
        checks,
        generation.persona,
        generation.engine,
        generation.seed,
        generation.seconds,
    )
    faults = faults_line(result, locale=locale)
    return "\n".join([shorten(generation.text, _MAX_SAMPLE_CHARACTERS), *([f"-# {faults}"] if faults else [])])


def _format_title(job: BulkJob, locale: str) -> str:
    rows = translate_plural(job.rows, "{count} row", "{count} rows", locale).format(count=job.rows)
    return f"### {discord.utils.escape_markdown(job.name)} · {rows}"


def _build_subtext(text: str) -> Item:
    return discord.ui.TextDisplay(f"-# {text}")


def _build_row(job: BulkJob, locale: str, *actions: str) -> Item:
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    for action in actions:
        label, emoji = BUTTONS[action]
        style = discord.ButtonStyle.primary if action in _PRIMARY_ACTIONS else discord.ButtonStyle.secondary
        custom_id = button_id(action, job.id)
        row.add_item(discord.ui.Button(label=translate(label, locale), emoji=emoji, style=style, custom_id=custom_id))
    return row
