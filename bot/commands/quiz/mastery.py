"""Mastery by objective: a table in words, a picture, and a file. Teachers see all, others their own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.client import Interaction, build_member
from bot.commands._components import PersistentItem, refuse_while_stopping
from bot.commands._questions import build_framed_view, build_page_buttons, file_view
from bot.content import Content
from bot.exports import export_content
from bot.exports._drawing import render_png
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.ledger import plain
from bot.team.classroom.board import MAX_COLUMNS, MAX_ROWS, WIDTH, MasteryCell, draw_heat_map
from bot.team.classroom.mastery import KNOWN_THRESHOLD, MAX_ANSWERS, OPEN_THRESHOLD, Record, count_right, estimate

from .live import get_live
from .views import PAGE

TABLE, PICTURE, FILE = "table", "picture", "file"
FORMS = {TABLE: "as text", PICTURE: "as a picture", FILE: "as a table (.csv)"}
_SILENT = discord.AllowedMentions.none()
_NOTHING = "Nothing is known yet. The data comes from quizzes played here and from homework."
_NOTHING_ALONE = "Nothing is known yet. The data comes from quizzes you practise."
_TOLD = (
    "The percentage shows how likely it is that the objective is known, based on the last {last} answers. "
    "Answers that are easy to guess count less, newer answers count more."
)


@dataclass(frozen=True, slots=True)
class MasteryTable:
    """Mastery records by user, in a server or of one user."""

    records: Mapping[str, Record]
    guild_id: str
    teaches: bool
    locale: str

    @property
    def objectives(self) -> list[str]:
        """Return all objectives, in alphabetical order."""
        return sorted({name for record in self.records.values() for name in record}, key=str.casefold)

    @property
    def rows(self) -> list[tuple[str, str, Sequence[int]]]:
        """Return objectives with users and their answers, lowest mastery first."""
        found = [
            (objective, user_id, record[objective])
            for objective in self.objectives
            for user_id, record in self.records.items()
            if objective in record
        ]
        return sorted(found, key=lambda one: (one[0].casefold(), estimate(one[2]), one[1]))


class MasteryButton(
    PersistentItem[discord.ui.Button[Any]], template=r"quillmastery:(?P<form>table|picture|file):(?P<page>-?\d{1,3}):\w"
):
    """Leads to another page or form."""

    def __init__(self, form: str, page: str) -> None:
        super().__init__(discord.ui.Button(custom_id=_build_id(form, int(page), "x")))
        self._form, self._page = form, int(page)

    async def act(self, interaction: Interaction) -> None:
        """Replace the shown page; a file is sent separately."""
        refuse_while_stopping(interaction)
        known = await _load_mastery(interaction)
        if self._form == FILE:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await _send_file(interaction, known)
            return
        await interaction.response.defer()
        view, files = await _build_page(interaction, known, self._form, self._page)
        await interaction.edit_original_response(view=view, attachments=files, allowed_mentions=_SILENT)


def _build_id(form: str, page: int, place: str) -> str:
    return f"quillmastery:{form}:{page}:{place}"


async def show_mastery(interaction: Interaction, form: str) -> None:
    """Show mastery privately: everyone's to teachers, else the user's own."""
    known = await _load_mastery(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    if form == FILE and known.records:
        await _send_file(interaction, known)
        return
    view, files = await _build_page(interaction, known, form if known.records else TABLE, 0)
    await interaction.followup.send(view=view, files=files, ephemeral=True, allowed_mentions=_SILENT)


async def _load_mastery(interaction: Interaction) -> MasteryTable:
    guild_id = str(interaction.guild_id or "")
    records, teaches = await interaction.client.app.classroom.load_mastery(guild_id, build_member(interaction.user))
    return MasteryTable(
        {who: record for who, record in records.items() if record}, guild_id, teaches, interaction.locale.value
    )


async def _build_page(
    interaction: Interaction, known: MasteryTable, form: str, page: int
) -> tuple[discord.ui.LayoutView, list[discord.File]]:
    locale = known.locale
    heading = f"### {translate('Who knows what' if known.teaches else 'What you know', locale)}"
    if not known.records:
        nothing = _NOTHING if known.guild_id else _NOTHING_ALONE
        return build_framed_view([f"{heading}\n{translate(nothing, locale)}"], []), []
    told = f"-# {translate(_TOLD, locale).format(last=MAX_ANSWERS)}"
    if form == PICTURE:
        return await _build_picture_page(interaction, known, page, heading, told)
    pages = max(1, -(-len(known.rows) // PAGE))
    page = max(0, min(page, pages - 1))
    lines: list[str] = []
    last = ""
    for objective, user_id, answers in known.rows[page * PAGE : (page + 1) * PAGE]:
        if objective != last:
            lines.append(f"**{plain(objective)}**")
            last = objective
        lines.append(_format_line(user_id, answers, known))
    heading = f"{heading} · {page + 1}/{pages}" if pages > 1 else heading
    return build_framed_view([heading, "\n".join(lines), told], [_build_navigation(known, TABLE, page, pages)]), []


def _format_line(user_id: str, answers: Sequence[int], known: MasteryTable) -> str:
    share = estimate(answers)
    sign = "🔵" if share >= KNOWN_THRESHOLD else "🟠" if share < OPEN_THRESHOLD else "⚪"
    who = f"<@{user_id}> · " if known.teaches else ""
    counted = translate("{right} of {all} right", known.locale).format(right=count_right(answers), all=len(answers))
    return f"{sign} {who}{share:.0%} · {counted}"


def _build_navigation(known: MasteryTable, form: str, page: int, pages: int) -> list[discord.ui.Button[Any]]:
    locale = known.locale
    other, sign = (TABLE, "📋") if form == PICTURE else (PICTURE, "🖼️")
    label = translate("As text" if form == PICTURE else "As a picture", locale)
    places = iter("ba")
    return [
        *build_page_buttons(page, pages, lambda number: _build_id(form, number, next(places))),
        discord.ui.Button(label=label, emoji=sign, custom_id=_build_id(other, 0, "o")),
        discord.ui.Button(label=translate("Table (.csv)", locale), emoji="📊", custom_id=_build_id(FILE, 0, "f")),
    ]


async def _build_picture_page(
    interaction: Interaction, known: MasteryTable, page: int, heading: str, told: str
) -> tuple[discord.ui.LayoutView, list[discord.File]]:
    locale, people = known.locale, list(known.records)
    names = await _load_names(interaction, known)
    people.sort(key=lambda one: names[one].casefold())
    down, across = -(-len(people) // MAX_ROWS), -(-len(known.objectives) // MAX_COLUMNS)
    pages = down * across
    page = max(0, min(page, pages - 1))
    row, column = page // across * MAX_ROWS, page % across * MAX_COLUMNS
    shown, columns = people[row : row + MAX_ROWS], known.objectives[column : column + MAX_COLUMNS]
    cells = [[_format_cell(known.records[who].get(column), locale) for column in columns] for who in shown]
    title = translate("Who knows what" if known.teaches else "What you know", locale)
    plain_told = translate(_TOLD, locale).format(last=MAX_ANSWERS)
    svg = draw_heat_map(title, plain_told, [names[who] for who in shown], columns, cells)
    body = await asyncio.to_thread(render_png, svg, WIDTH)
    words = [
        f"{names[who]}: " + ", ".join(f"{one} {cell.text}" for one, cell in zip(columns, line, strict=True) if cell)
        for who, line in zip(shown, cells, strict=True)
    ]
    picture = attachment("mastery.png", body, "\n".join([title, *words])[:1024])
    heading = f"{heading} · {page + 1}/{pages}" if pages > 1 else heading
    return build_framed_view([heading, told], [_build_navigation(known, PICTURE, page, pages)], picture), [picture]


def _format_cell(answers: Sequence[int] | None, locale: str) -> MasteryCell | None:
    if not answers:
        return None
    detail = translate("{right} of {all} right", locale).format(right=count_right(answers), all=len(answers))
    return MasteryCell(estimate(answers), f"{estimate(answers):.0%}", detail)


async def _load_names(interaction: Interaction, known: MasteryTable) -> dict[str, str]:
    if not known.teaches:
        return dict.fromkeys(known.records, interaction.user.display_name)
    return await get_live(interaction.client).names(known.guild_id, list(known.records), known.locale)


async def _send_file(interaction: Interaction, known: MasteryTable) -> None:
    """Send a table of all privately."""
    locale, names = known.locale, await _load_names(interaction, known)
    columns = [translate(one, locale) for one in ("Name", "Objective", "Estimate", "Right", "Answers")]
    rows = [
        [names[user_id], objective, f"{estimate(answers):.2f}", str(count_right(answers)), str(len(answers))]
        for objective, user_id, answers in known.rows
    ]
    body = export_content("csv", "mastery", Content("", {"columns": columns, "rows": rows}), locale)
    view = file_view(translate(_TOLD, locale).format(last=MAX_ANSWERS), "mastery.csv")
    await interaction.followup.send(
        view=view, file=attachment("mastery.csv", body), ephemeral=True, allowed_mentions=_SILENT
    )
