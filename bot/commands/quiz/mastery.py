"""Mastery by objective, as text, as a picture and as a file. Teachers see everybody's, others only their own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.client import Interaction, build_member
from bot.commands.quiz.live import get_live
from bot.commands.quiz.views import ROWS_PER_PAGE
from bot.content import Content
from bot.exports import export_content
from bot.exports._drawing import render_png
from bot.interactions.components import PersistentItem, refuse_while_stopping
from bot.interactions.questions import build_framed_view, build_page_buttons
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.ledger import plain
from bot.replies.views import file_view
from bot.team.classroom.board import MAX_COLUMNS, MAX_ROWS, WIDTH, MasteryCell, draw_heat_map
from bot.team.classroom.mastery import KNOWN_THRESHOLD, MAX_ANSWERS, OPEN_THRESHOLD, Record, count_right, estimate

TABLE, PICTURE, FILE = "table", "picture", "file"
FORMS = {TABLE: "as text", PICTURE: "as a picture", FILE: "as a table (.csv)"}
_SILENT = discord.AllowedMentions.none()
_NO_DATA = "No data yet. It comes from quizzes played here and from homework."
_NO_OWN_DATA = "No data yet. It comes from quizzes you practise."
_EXPLANATION = (
    "The percentage shows how likely it is that the objective is known, based on the last {last} answers. "
    "Answers that are easy to guess count less, newer answers count more."
)


@dataclass(frozen=True, slots=True)
class MasteryTable:
    """The mastery records of users by id: all of a server, or only one user's."""

    records: Mapping[str, Record]
    guild_id: str
    teaches: bool
    locale: str

    @property
    def objectives(self) -> list[str]:
        """All objectives, in alphabetical order."""
        return sorted({name for record in self.records.values() for name in record}, key=str.casefold)

    @property
    def rows(self) -> list[tuple[str, str, Sequence[int]]]:
        """Return each objective, user id and answers, by objective, lowest mastery first."""
        rows = [
            (objective, user_id, record[objective])
            for objective in self.objectives
            for user_id, record in self.records.items()
            if objective in record
        ]
        return sorted(rows, key=lambda row: (row[0].casefold(), estimate(row[2]), row[1]))


class MasteryButton(
    PersistentItem[discord.ui.Button[Any]], template=r"quillmastery:(?P<form>table|picture|file):(?P<page>-?\d{1,3}):\w"
):
    """A button that leads to another page or format."""

    def __init__(self, form: str, page: str) -> None:
        super().__init__(discord.ui.Button(custom_id=_build_id(form, int(page), "x")))
        self._form, self._page = form, int(page)

    async def act(self, interaction: Interaction) -> None:
        """Show the other page in place of the current one, or send the file."""
        refuse_while_stopping(interaction)
        mastery = await _load_mastery(interaction)
        if self._form == FILE:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await _send_file(interaction, mastery)
            return
        await interaction.response.defer()
        view, files = await _build_page(interaction, mastery, self._form, self._page)
        await interaction.edit_original_response(view=view, attachments=files, allowed_mentions=_SILENT)


def _build_id(form: str, page: int, position: str) -> str:
    return f"quillmastery:{form}:{page}:{position}"


async def show_mastery(interaction: Interaction, form: str) -> None:
    """Show mastery privately, as one of `FORMS`: everybody's to teachers, to others only their own."""
    mastery = await _load_mastery(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    if form == FILE and mastery.records:
        await _send_file(interaction, mastery)
        return
    view, files = await _build_page(interaction, mastery, form if mastery.records else TABLE, 0)
    await interaction.followup.send(view=view, files=files, ephemeral=True, allowed_mentions=_SILENT)


async def _load_mastery(interaction: Interaction) -> MasteryTable:
    guild_id = str(interaction.guild_id or "")
    records, teaches = await interaction.client.app.mastery_reports.load_mastery(
        guild_id, build_member(interaction.user)
    )
    return MasteryTable(
        {user_id: record for user_id, record in records.items() if record}, guild_id, teaches, interaction.locale.value
    )


async def _build_page(
    interaction: Interaction, mastery: MasteryTable, form: str, page: int
) -> tuple[discord.ui.LayoutView, list[discord.File]]:
    locale = mastery.locale
    heading = f"### {translate('Class progress' if mastery.teaches else 'Your progress', locale)}"
    if not mastery.records:
        empty_text = _NO_DATA if mastery.guild_id else _NO_OWN_DATA
        return build_framed_view([f"{heading}\n{translate(empty_text, locale)}"], []), []
    note = f"-# {translate(_EXPLANATION, locale).format(last=MAX_ANSWERS)}"
    if form == PICTURE:
        return await _build_picture_page(interaction, mastery, page, heading, note)
    page_count = max(1, -(-len(mastery.rows) // ROWS_PER_PAGE))
    page = max(0, min(page, page_count - 1))
    lines: list[str] = []
    last_objective = ""
    for objective, user_id, answers in mastery.rows[page * ROWS_PER_PAGE : (page + 1) * ROWS_PER_PAGE]:
        if objective != last_objective:
            lines.append(f"**{plain(objective)}**")
            last_objective = objective
        lines.append(_format_line(user_id, answers, mastery))
    heading = f"{heading} · {page + 1}/{page_count}" if page_count > 1 else heading
    return build_framed_view(
        [heading, "\n".join(lines), note], [_build_navigation(mastery, TABLE, page, page_count)]
    ), []


def _format_line(user_id: str, answers: Sequence[int], mastery: MasteryTable) -> str:
    share = estimate(answers)
    emoji = "🔵" if share >= KNOWN_THRESHOLD else "🟠" if share < OPEN_THRESHOLD else "⚪"
    mention = f"<@{user_id}> · " if mastery.teaches else ""
    right_count = translate("{right} of {all} right", mastery.locale).format(
        right=count_right(answers), all=len(answers)
    )
    return f"{emoji} {mention}{share:.0%} · {right_count}"


def _build_navigation(mastery: MasteryTable, form: str, page: int, page_count: int) -> list[discord.ui.Button[Any]]:
    locale = mastery.locale
    other_form, emoji = (TABLE, "📋") if form == PICTURE else (PICTURE, "🖼️")
    label = translate("As text" if form == PICTURE else "As a picture", locale)
    positions = iter("ba")
    return [
        *build_page_buttons(page, page_count, lambda number: _build_id(form, number, next(positions))),
        discord.ui.Button(label=label, emoji=emoji, custom_id=_build_id(other_form, 0, "o")),
        discord.ui.Button(label=translate("Table (.csv)", locale), emoji="📊", custom_id=_build_id(FILE, 0, "f")),
    ]


async def _build_picture_page(
    interaction: Interaction, mastery: MasteryTable, page: int, heading: str, note: str
) -> tuple[discord.ui.LayoutView, list[discord.File]]:
    locale, user_ids = mastery.locale, list(mastery.records)
    names = await _load_names(interaction, mastery)
    user_ids.sort(key=lambda user_id: names[user_id].casefold())
    row_pages, column_pages = -(-len(user_ids) // MAX_ROWS), -(-len(mastery.objectives) // MAX_COLUMNS)
    page_count = row_pages * column_pages
    page = max(0, min(page, page_count - 1))
    row, column = page // column_pages * MAX_ROWS, page % column_pages * MAX_COLUMNS
    page_ids, columns = user_ids[row : row + MAX_ROWS], mastery.objectives[column : column + MAX_COLUMNS]
    cells = [[_format_cell(mastery.records[user_id].get(column), locale) for column in columns] for user_id in page_ids]
    title = translate("Class progress" if mastery.teaches else "Your progress", locale)
    explanation = translate(_EXPLANATION, locale).format(last=MAX_ANSWERS)
    svg = draw_heat_map(title, explanation, [names[user_id] for user_id in page_ids], columns, cells)
    body = await asyncio.to_thread(render_png, svg, WIDTH)
    lines = [
        f"{names[user_id]}: "
        + ", ".join(f"{name} {cell.text}" for name, cell in zip(columns, row_cells, strict=True) if cell)
        for user_id, row_cells in zip(page_ids, cells, strict=True)
    ]
    picture = attachment("mastery.png", body, "\n".join([title, *lines])[:1024])
    heading = f"{heading} · {page + 1}/{page_count}" if page_count > 1 else heading
    return build_framed_view([heading, note], [_build_navigation(mastery, PICTURE, page, page_count)], picture), [
        picture
    ]


def _format_cell(answers: Sequence[int] | None, locale: str) -> MasteryCell | None:
    if not answers:
        return None
    detail = translate("{right} of {all} right", locale).format(right=count_right(answers), all=len(answers))
    return MasteryCell(estimate(answers), f"{estimate(answers):.0%}", detail)


async def _load_names(interaction: Interaction, mastery: MasteryTable) -> dict[str, str]:
    if not mastery.teaches:
        return dict.fromkeys(mastery.records, interaction.user.display_name)
    return await get_live(interaction.client).names(mastery.guild_id, list(mastery.records), mastery.locale)


async def _send_file(interaction: Interaction, mastery: MasteryTable) -> None:
    """Send the full table as a file, privately."""
    locale, names = mastery.locale, await _load_names(interaction, mastery)
    columns = [translate(heading, locale) for heading in ("Name", "Objective", "Estimate", "Right", "Answers")]
    rows = [
        [names[user_id], objective, f"{estimate(answers):.2f}", str(count_right(answers)), str(len(answers))]
        for objective, user_id, answers in mastery.rows
    ]
    body = export_content("csv", "mastery", Content("", {"columns": columns, "rows": rows}), locale)
    view = file_view(translate(_EXPLANATION, locale).format(last=MAX_ANSWERS), "mastery.csv")
    await interaction.followup.send(
        view=view, file=attachment("mastery.csv", body), ephemeral=True, allowed_mentions=_SILENT
    )
