"""Views and texts of a scenario in play: roles, lines, the remaining time, and the debrief."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.errors import Phrase
from bot.locales import localize, translate, translate_plural
from bot.replies.ledger import plain
from bot.simulation.case import Role
from bot.simulation.play import NARRATOR, Judgement, Line, Play, compute_deadline, count_turns_left, find_quote

from .views import Item, Layout, note_view

SIGNS: Mapping[str, str] = {"met": "✅", "partly": "🟡", "missed": "⬜"}
VERDICTS: Mapping[str, str] = {"met": "Reached", "partly": "Partly", "missed": "Not yet"}
_MADE_UP = "This is a role play. A model makes up what I say, so it is not advice."
_BY_WORDS = "Judged by the words you used, not by their meaning, so it can be wrong."
_BY_MODEL = "Judged by a model, which can be wrong. Every quote is something you said."
_HOW_TO_WRITE = "Answer with the button or reply to my message. I cannot read other messages here."
_HOW_TO_WRITE_DIRECTLY = "Just write; I answer in my role."
_TAKE = "Take a role, then press Begin. I play the ones nobody takes."
_FOR_YOU = "Only you can see this. Reveal what you are hiding only when someone asks the right question."
_UNPLAYED = "It was ended before it began."
_MAX_BUTTONS = 20
_MAX_ROW_BUTTONS = 5
Button = discord.ui.Button[Any]


def _button(play_id: str, action: str, label: str, sign: str = "", *, primary: bool = False) -> Button:
    style = discord.ButtonStyle.primary if primary else discord.ButtonStyle.secondary
    return discord.ui.Button(
        label=label[:80], emoji=sign or None, custom_id=f"quillplay:{action}:{play_id}", style=style
    )


def build_rows(buttons: Sequence[Button]) -> list[Item]:
    """Arrange buttons in rows."""
    return [
        discord.ui.ActionRow(*buttons[at : at + _MAX_ROW_BUTTONS]) for at in range(0, len(buttons), _MAX_ROW_BUTTONS)
    ]


def clock_line(play: Play, locale: str) -> str:
    """Return how much time is left."""
    if play.paused_at is not None:
        return translate("The clock is stopped.", locale)
    due = compute_deadline(play)
    if due is not None:
        return localize(Phrase("Time is up {when}.", when=discord.utils.format_dt(due, "R")), locale)
    if play.case.minutes:
        return translate_plural(play.case.minutes, "{count} minute", "{count} minutes", locale).format(
            count=play.case.minutes
        )
    left = count_turns_left(play)
    return translate_plural(left, "{count} turn left", "{count} turns left", locale).format(count=left)


def case_text(play: Play, locale: str, *, over: bool = False) -> str:
    """Return the case as shown to players: without what others hide, unless it is over."""
    case = play.case
    blocks = [f"### 🎭 {plain(case.title)}", plain(case.situation)]
    visible_facts = [fact for fact in case.facts if fact.text not in case.situation and (over or not fact.hidden)]
    facts = [f"- {plain(fact.text)}" for fact in visible_facts]
    if facts:
        blocks.append("\n".join([f"**{translate('The facts', locale)}**", *facts]))
    goals = [f"- {plain(one.text)}" for one in case.objectives if not one.hidden]
    blocks.append("\n".join([f"**{translate('Your goals', locale)}**", *goals]))
    return "\n\n".join(blocks)


def lobby_view(play: Play, play_id: str, locale: str, names: Mapping[str, str]) -> Layout:
    """Build the case with its roles, before it starts. `names` maps players' ids to mentions."""
    view = note_view(case_text(play, locale), locale=locale)
    lines = []
    for role in play.case.roles:
        player = play.players.get(role.name)
        who = names.get(player, translate("a person", locale)) if player else translate("I", locale)
        lines.append(f"- **{plain(role.name)}**: {who}")
    header = "\n".join(
        [
            *lines,
            f"-# {clock_line(play, locale).rstrip('.')} · {translate(_TAKE, locale)}",
            f"-# {translate(_MADE_UP, locale)}",
        ]
    )
    view.add_item(discord.ui.TextDisplay(header))
    roles = [_button(play_id, f"role{at}", role.name, "🎭") for at, role in enumerate(play.case.roles[:_MAX_BUTTONS])]
    build_controls = [
        _button(play_id, "begin", translate("Begin", locale), "▶️", primary=True),
        _button(play_id, "end", translate("End", locale), "⏹️"),
    ]
    for row in [*build_rows(roles), *build_rows(build_controls)]:
        view.add_item(row)
    return view


def role_text(play: Play, name: str, locale: str) -> str:
    """Return the private brief of a role: what it wants, and what it hides."""
    role = next(one for one in play.case.roles if one.name == name)
    blocks = ["\n".join([f"### 🎭 {plain(role.name)}", *_format_role(role)])]
    hidden = [] if role.yours else [f"- {plain(fact.text)}" for fact in play.case.facts if fact.hidden]
    if hidden:
        blocks.append("\n".join([f"**{translate('What only you know', locale)}**", *hidden]))
    return "\n\n".join([*blocks, f"-# {translate(_FOR_YOU, locale)}"])


def _format_role(role: Role) -> list[str]:
    return [f"{plain(role.name)} {plain(motive).rstrip('.')}." for motive in (role.wants, role.hides) if motive]


def started_view(play: Play, locale: str) -> Layout:
    """Build the case after it has started, or was ended before, without buttons."""
    text = case_text(play, locale)
    unplayed = play.state == "ended"
    return note_view(f"{text}\n\n-# {translate(_UNPLAYED, locale)}" if unplayed else text, locale=locale)


def lines_text(lines: Sequence[Line]) -> str:
    """Format the lines of the bot's roles and the narrator."""
    formatted = [
        f"*{plain(one.text)}*" if one.role == NARRATOR else f"**{plain(one.role)}:** {plain(one.text)}" for one in lines
    ]
    return "\n".join(formatted)


def turn_view(
    play: Play, play_id: str, lines: Sequence[Line], locale: str, *, is_dm: bool, ends: bool = False
) -> Layout:
    """Build the lines since the players' last turn, with the clock and controls; without these where it `ends`."""
    text = lines_text(lines)
    if ends:
        return note_view(text, locale=locale)
    how = translate(_HOW_TO_WRITE_DIRECTLY if is_dm else _HOW_TO_WRITE, locale)
    clock = clock_line(play, locale).rstrip(".")
    view = note_view(f"{text}\n-# {clock} · {how}" if play.turn_count == 0 else f"{text}\n-# {clock}", locale=locale)
    for row in build_rows(build_controls(play, play_id, locale)):
        view.add_item(row)
    return view


def build_controls(play: Play, play_id: str, locale: str) -> list[Button]:
    """Build the controls during a play."""
    if play.state == "paused":
        on = _button(play_id, "on", translate("Continue", locale), "▶️", primary=True)
        return [on, _button(play_id, "end", translate("End", locale), "⏹️")]
    return [
        _button(play_id, "say", translate("Answer…", locale), "💬", primary=True),
        _button(play_id, "hint", translate("Hint", locale), "💡"),
        _button(play_id, "pause", translate("Pause", locale), "⏸️"),
        _button(play_id, "end", translate("End", locale), "⏹️"),
    ]


def paused_view(play: Play, play_id: str, locale: str) -> Layout:
    """Build the note that the clock is stopped, with the controls."""
    view = note_view(translate("Paused. The clock is stopped until a player continues.", locale), locale=locale)
    for row in build_rows(build_controls(play, play_id, locale)):
        view.add_item(row)
    return view


def debrief_text(play: Play, locale: str) -> str:
    """Return how far each objective was reached, with the player's own words, next steps and questions."""
    heading = f"### 🧭 {translate('Debrief', locale)}: {plain(play.case.title)}"
    if not play.player_lines:
        return f"{heading}\n{translate('Nothing was said, so there is nothing to look back on.', locale)}"
    blocks = [heading, *(_format_judgement(one, play, locale) for one in play.judgements)]
    if play.case.questions:
        questions = [f"- {plain(one)}" for one in play.case.questions]
        blocks.append("\n".join([f"**{translate('To discuss', locale)}**", *questions]))
    blocks.append(f"-# {translate(_BY_WORDS if play.by_words else _BY_MODEL, locale)}")
    return "\n\n".join(blocks)


def _format_judgement(judged: Judgement, play: Play, locale: str) -> str:
    lines = [f"{SIGNS[judged.verdict]} **{translate(VERDICTS[judged.verdict], locale)}** · {plain(judged.objective)}"]
    if words := find_quote(judged, play):
        lines.append(f"> {plain(words)}")
    if judged.next:
        lines.append(f"➡️ {translate('Try next', locale)}: {plain(judged.next)}")
    return "\n".join(lines)


def debrief_view(play: Play, play_id: str, locale: str) -> Layout:
    """Build the debrief, with buttons for the transcript and another play."""
    view = note_view(debrief_text(play, locale), locale=locale)
    buttons = [
        _button(play_id, "file", translate("Transcript (.md)", locale), "📄"),
        _button(play_id, "again", translate("Play it again", locale), "🔁"),
    ]
    for row in build_rows(buttons):
        view.add_item(row)
    return view


def transcript_md(play: Play, locale: str) -> str:
    """Return a play as Markdown: the case, the lines, the debrief."""
    spoken = [f"*{one.text}*" if one.role == NARRATOR else f"**{one.role}:** {one.text}" for one in play.lines]
    played = "\n\n".join([case_text(play, locale, over=True), "---", *spoken])
    return (
        "\n\n".join(
            filter(None, [played, debrief_text(play, locale) if play.judgements else "", translate(_MADE_UP, locale)])
        )
        + "\n"
    )
