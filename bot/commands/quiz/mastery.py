"""What everybody knows by objective: a table in words, a picture, and a file. Teachers see all, others their own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.client import Interaction, build_member
from bot.commands._components import Found, refuse_while_stopping
from bot.commands._questions import file_view, framed, turning
from bot.content import Content
from bot.exports import export_content
from bot.exports._drawing import render_png
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.ledger import plain
from bot.team.classroom.board import MAX_COLUMNS, MAX_ROWS, WIDTH, MasteryCell, draw_heat_map
from bot.team.classroom.mastery import KNOWN_THRESHOLD, MAX_ANSWERS, OPEN_THRESHOLD, Record, count_right, estimate

from .live import live_of
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
class Known:
    """What is known of people by their ids, in a server or of one person alone."""

    records: Mapping[str, Record]
    guild_id: str
    teaches: bool
    locale: str

    @property
    def objectives(self) -> list[str]:
        """All that was asked about, in the order of the alphabet."""
        return sorted({name for record in self.records.values() for name in record}, key=str.casefold)

    @property
    def rows(self) -> list[tuple[str, str, Sequence[int]]]:
        """Objectives with people and their answers, what is least known first."""
        found = [
            (objective, user_id, record[objective])
            for objective in self.objectives
            for user_id, record in self.records.items()
            if objective in record
        ]
        return sorted(found, key=lambda one: (one[0].casefold(), estimate(one[2]), one[1]))


class MasteryButton(
    Found[discord.ui.Button[Any]], template=r"quillmastery:(?P<form>table|picture|file):(?P<page>-?\d{1,3}):\w"
):
    """Leads to another page or form of what is known."""

    def __init__(self, form: str, page: str) -> None:
        super().__init__(discord.ui.Button(custom_id=_id(form, int(page), "x")))
        self._form, self._page = form, int(page)

    async def act(self, interaction: Interaction) -> None:
        """Shows it in the place of what was there; a file beside it."""
        refuse_while_stopping(interaction)
        known = await _looked_up(interaction)
        if self._form == FILE:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await _send_file(interaction, known)
            return
        await interaction.response.defer()
        view, files = await _page(interaction, known, self._form, self._page)
        await interaction.edit_original_response(view=view, attachments=files, allowed_mentions=_SILENT)


def _id(form: str, page: int, place: str) -> str:
    return f"quillmastery:{form}:{page}:{place}"


async def show_mastery(interaction: Interaction, form: str) -> None:
    """Shows what is known to whoever asks alone: everybody's to teachers, else their own."""
    known = await _looked_up(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    if form == FILE and known.records:
        await _send_file(interaction, known)
        return
    view, files = await _page(interaction, known, form if known.records else TABLE, 0)
    await interaction.followup.send(view=view, files=files, ephemeral=True, allowed_mentions=_SILENT)


async def _looked_up(interaction: Interaction) -> Known:
    guild_id = str(interaction.guild_id or "")
    records, teaches = await interaction.client.app.classroom.load_mastery(guild_id, build_member(interaction.user))
    return Known(
        {who: record for who, record in records.items() if record}, guild_id, teaches, interaction.locale.value
    )


async def _page(
    interaction: Interaction, known: Known, form: str, page: int
) -> tuple[discord.ui.LayoutView, list[discord.File]]:
    locale = known.locale
    heading = f"### {translate('Who knows what' if known.teaches else 'What you know', locale)}"
    if not known.records:
        nothing = _NOTHING if known.guild_id else _NOTHING_ALONE
        return framed([f"{heading}\n{translate(nothing, locale)}"], []), []
    told = f"-# {translate(_TOLD, locale).format(last=MAX_ANSWERS)}"
    if form == PICTURE:
        return await _picture_page(interaction, known, page, heading, told)
    pages = max(1, -(-len(known.rows) // PAGE))
    page = max(0, min(page, pages - 1))
    lines: list[str] = []
    last = ""
    for objective, user_id, answers in known.rows[page * PAGE : (page + 1) * PAGE]:
        if objective != last:
            lines.append(f"**{plain(objective)}**")
            last = objective
        lines.append(_line(user_id, answers, known))
    heading = f"{heading} · {page + 1}/{pages}" if pages > 1 else heading
    return framed([heading, "\n".join(lines), told], [_ways(known, TABLE, page, pages)]), []


def _line(user_id: str, answers: Sequence[int], known: Known) -> str:
    share = estimate(answers)
    sign = "🔵" if share >= KNOWN_THRESHOLD else "🟠" if share < OPEN_THRESHOLD else "⚪"
    who = f"<@{user_id}> · " if known.teaches else ""
    counted = translate("{right} of {all} right", known.locale).format(right=count_right(answers), all=len(answers))
    return f"{sign} {who}{share:.0%} · {counted}"


def _ways(known: Known, form: str, page: int, pages: int) -> list[discord.ui.Button[Any]]:
    locale = known.locale
    other, sign = (TABLE, "📋") if form == PICTURE else (PICTURE, "🖼️")
    label = translate("As text" if form == PICTURE else "As a picture", locale)
    places = iter("ba")
    return [
        *turning(page, pages, lambda number: _id(form, number, next(places))),
        discord.ui.Button(label=label, emoji=sign, custom_id=_id(other, 0, "o")),
        discord.ui.Button(label=translate("Table (.csv)", locale), emoji="📊", custom_id=_id(FILE, 0, "f")),
    ]


async def _picture_page(
    interaction: Interaction, known: Known, page: int, heading: str, told: str
) -> tuple[discord.ui.LayoutView, list[discord.File]]:
    locale, people = known.locale, list(known.records)
    names = await _names(interaction, known)
    people.sort(key=lambda one: names[one].casefold())
    down, across = -(-len(people) // MAX_ROWS), -(-len(known.objectives) // MAX_COLUMNS)
    pages = down * across
    page = max(0, min(page, pages - 1))
    row, column = page // across * MAX_ROWS, page % across * MAX_COLUMNS
    shown, columns = people[row : row + MAX_ROWS], known.objectives[column : column + MAX_COLUMNS]
    cells = [[_cell(known.records[who].get(one), locale) for one in columns] for who in shown]
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
    return framed([heading, told], [_ways(known, PICTURE, page, pages)], picture), [picture]


def _cell(answers: Sequence[int] | None, locale: str) -> MasteryCell | None:
    if not answers:
        return None
    detail = translate("{right} of {all} right", locale).format(right=count_right(answers), all=len(answers))
    return MasteryCell(estimate(answers), f"{estimate(answers):.0%}", detail)


async def _names(interaction: Interaction, known: Known) -> dict[str, str]:
    if not known.teaches:
        return dict.fromkeys(known.records, interaction.user.display_name)
    return await live_of(interaction.client).names(known.guild_id, list(known.records), known.locale)


async def _send_file(interaction: Interaction, known: Known) -> None:
    """Sends a table of all to whoever asks alone."""
    locale, names = known.locale, await _names(interaction, known)
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
