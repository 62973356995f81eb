"""The progress of pupils with homework, shown to teachers as a page and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from bot.client import Interaction, build_member, whisper
from bot.commands.quiz.live import get_live
from bot.commands.quiz.views import ROWS_PER_PAGE, format_due_line
from bot.content import Content
from bot.errors import Phrase, RefusedError
from bot.exports import export_content
from bot.interactions.questions import build_framed_view, build_page_buttons
from bot.locales import localize, translate
from bot.replies.files import attachment
from bot.replies.ledger import plain
from bot.replies.views import file_view
from bot.team.classroom.quiz_run import Run
from bot.team.classroom.self_paced_quizzes import HomeworkProgress
from storage.games import StoredGame

_SILENT = discord.AllowedMentions.none()
# Maximum pupils chosen at once: Discord's limit for a menu.
MAX_SELECTED_PUPILS = 25


async def show_progress(interaction: Interaction, name: str | None) -> None:
    """Show each pupil's progress with the homework of a title or id; without a name, with the newest.

    Raises:
        RefusedError: the user is no teacher, or there is no such homework.
    """
    assignments = await interaction.client.app.self_paced_quizzes.list_homework(
        str(interaction.guild_id or ""), build_member(interaction.user)
    )
    query = (name or "").strip().casefold()
    for homework in assignments:
        if not query or query in (homework.id, _get_title(homework).casefold()):
            await whisper(interaction, await build_progress_view(interaction, homework.id, 0))
            return
    if query:
        raise RefusedError('There is no homework called "{name}" here.', name=query[:60])
    raise RefusedError("No homework is set in this server. Set some with /quiz homework.")


async def suggest_homework(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Suggest the server's homework whose title contains the current input."""
    try:
        assignments = await interaction.client.app.self_paced_quizzes.list_homework(
            str(interaction.guild_id or ""), build_member(interaction.user)
        )
    except RefusedError:
        return []
    query = current.strip().casefold()
    matches = [homework for homework in assignments if query in _get_title(homework).casefold()]
    return [app_commands.Choice(name=_get_title(homework)[:100], value=homework.id) for homework in matches[:25]]


def _get_title(homework: StoredGame) -> str:
    return str(homework.value.get("title", ""))


async def build_progress_view(
    interaction: Interaction, homework_id: str, page: int, failure_text: str = ""
) -> discord.ui.LayoutView:
    """Build a page of the pupils' progress; `failure_text` lists those whom the homework could not be given to."""
    locale = interaction.locale.value
    _, run, pupils = await interaction.client.app.self_paced_quizzes.load_progress(
        homework_id, str(interaction.guild_id or ""), build_member(interaction.user)
    )
    page_count = max(1, -(-len(pupils) // ROWS_PER_PAGE))
    page = max(0, min(page, page_count - 1))
    finished_count = sum(pupil.run.is_over for pupil in pupils)
    summary = translate("Finished: {done} of {all}.", locale).format(done=finished_count, all=len(pupils))
    page_label = f" · {page + 1}/{page_count}" if page_count > 1 else ""
    texts = [f"### 📚 {plain(run.title)}{page_label}\n{format_due_line(run, locale)} {summary}"]
    lines = [
        _format_progress(pupil, interaction, locale)
        for pupil in pupils[page * ROWS_PER_PAGE : (page + 1) * ROWS_PER_PAGE]
    ]
    texts += ["\n".join(lines)] if lines else []
    if failure_text:
        texts.append(f"{translate('Could not be given to:', locale)}\n{failure_text[:1500]}")
    buttons = [
        *build_page_buttons(page, page_count, lambda page_number: f"quillhomework:page:{homework_id}:{page_number}"),
        _build_button(translate("Refresh", locale), "🔄", f"quillhomework:page:{homework_id}:{page}"),
        _build_button(translate("Results (.csv)", locale), "📊", f"quillhomework:csv:{homework_id}:0"),
        _build_button(translate("Withdraw", locale), "🗑️", f"quillhomework:back:{homework_id}:0"),
    ]
    view = build_framed_view(texts, [_drop_duplicates(buttons)])
    menu: discord.ui.UserSelect[Any] = discord.ui.UserSelect(
        custom_id=f"quillhomeworkfor:{homework_id}",
        min_values=1,
        max_values=MAX_SELECTED_PUPILS,
        placeholder=translate("Give it to more pupils", locale),
    )
    view.add_item(discord.ui.ActionRow(menu))
    return view


def confirm_withdraw_view(
    run: Run, pupils: Sequence[HomeworkProgress], homework_id: str, locale: str
) -> discord.ui.LayoutView:
    """Build the confirmation before homework is withdrawn, with how many answers are deleted."""
    message = translate(
        "Withdraw “{title}” from all pupils ({all})? So far {done} have finished it; all answers will be deleted.",
        locale,
    )
    finished_count = sum(pupil.run.is_over for pupil in pupils)
    question = message.format(title=plain(run.title), all=len(pupils), done=finished_count)
    row = [
        _build_button(
            translate("Delete for everybody", locale),
            "🗑️",
            f"quillhomework:sure:{homework_id}:0",
            style=discord.ButtonStyle.danger,
        ),
        _build_button(translate("Keep it", locale), "↩️", f"quillhomework:page:{homework_id}:0"),
    ]
    return build_framed_view([question], [row])


async def send_table(interaction: Interaction, homework_id: str) -> None:
    """Send a table privately: for each pupil and question, whether the first attempt was right."""
    guild_id, locale = str(interaction.guild_id or ""), interaction.locale.value
    _, run, pupils = await interaction.client.app.self_paced_quizzes.load_progress(
        homework_id, guild_id, build_member(interaction.user)
    )
    await interaction.response.defer(ephemeral=True, thinking=True)
    names = await get_live(interaction.client).names(guild_id, [pupil.user_id for pupil in pupils], locale)
    columns = [translate(heading, locale) for heading in ("Name", "Answered", "Right", "Finished", "Late")]
    columns += [f"{number}. {item.question.text}" for number, item in enumerate(run.items, 1)]
    rows = [_build_row(pupil, names[pupil.user_id], locale) for pupil in pupils]
    body = export_content("csv", run.title, Content("", {"columns": columns, "rows": rows}), locale)
    await interaction.followup.send(
        view=file_view(plain(run.title), "homework.csv"),
        file=attachment("homework.csv", body),
        ephemeral=True,
        allowed_mentions=_SILENT,
    )


def _build_row(pupil: HomeworkProgress, name: str, locale: str) -> list[str]:
    run = pupil.run
    finished = run.finished_at.isoformat(timespec="minutes") if run.finished_at else ""
    first_answers = [run.firsts.get(number) for number in range(len(run.items))]
    labels = {True: translate("right", locale), False: translate("wrong", locale), None: ""}
    late_text = translate("late", locale) if run.is_late else ""
    return [
        name,
        str(len(run.firsts)),
        str(run.score),
        finished,
        late_text,
        *(labels[answer] for answer in first_answers),
    ]


def _drop_duplicates(buttons: list[discord.ui.Button[Any]]) -> list[discord.ui.Button[Any]]:
    """Return the buttons without duplicate custom ids, which Discord refuses."""
    return list({button.custom_id: button for button in buttons}.values())


def _build_button(
    label: str, emoji: str, custom_id: str, *, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, emoji=emoji, custom_id=custom_id, style=style)


def _format_progress(pupil: HomeworkProgress, interaction: Interaction, locale: str) -> str:
    run = pupil.run
    score = translate("{right} of {all} right", locale).format(right=run.score, all=len(run.items))
    now = interaction.client.app.self_paced_quizzes.clock()
    if run.is_over:
        state = translate("finished late" if run.is_late else "finished", locale)
        emoji = "🟠" if run.is_late else "✅"
    else:
        is_late = run.due_at is not None and run.due_at < now
        state = localize(Phrase("{count} of {all} answered", count=len(run.firsts), all=len(run.items)), locale)
        state = f"{state}, {translate('late', locale)}" if is_late else state
        emoji = "🔴" if is_late else "▫️"
    return f"{emoji} <@{pupil.user_id}> · {state} · {score}" if run.firsts else f"{emoji} <@{pupil.user_id}> · {state}"
