"""The pages of /setup and /settings: a section's introduction, its current values, and the menus that change them."""

from __future__ import annotations

from itertools import chain

import discord

from bot.commands.workspace.menus import ROW_BUILDERS, build_button, build_channel_rows, build_menu
from bot.commands.workspace.sections import (
    SECTION_FORMATTERS,
    SECTIONS,
    SETTINGS,
    SETUP,
    TITLES,
    format_channel,
    format_unmentionable_note,
)
from bot.commands.workspace.state import WorkspaceState
from bot.locales import translate
from bot.replies.views import COLOURS, ActionRow, Layout
from bot.team.workspace.roles import Role
from bot.team.workspace.settings import ChannelSettings, ReviewRules

# The last page of /setup.
SUMMARY = "summary"
ABOUT = {
    "languages": "I write in the main language, or in one of the others if the request is in that language. "
    "A language set in someone's profile takes priority.",
    "channels": (
        "Choose a channel to set what it is for. A mention or /ask there then makes exactly that, in the "
        "voice you choose."
    ),
    "voices": "The persona and brand I write with for people who have not chosen one. Add this server's own with "
    "/persona lend and /brand lend.",
    "roles": "Editors ask for texts and schedule them, reviewers approve them, viewers only read. Owners can do "
    "all of that and change these settings, as can everybody who can manage this server.",
    "review": "How many people must approve a team text before it can go out, and where reviews are shown. "
    "Authors cannot approve their own texts unless you let them.",
    "limits": "I accept this many requests, then refuse more until some of that time has passed. A quota is "
    "how much people can use in a day or a month: requests, tokens or money.",
    "timezone": "The time zone sets what “tomorrow” and “at nine” mean here for people who have not chosen one. "
    "The country sets the public holidays in the calendar for brands that have no country of their "
    "own.",
}


def build_page(state: WorkspaceState, mode: str, section: str, channel_id: str = "") -> discord.ui.LayoutView:
    """Build a step of /setup or a part of /settings: its introduction, the current values, and the menus that change
    them.

    If `section` is unknown, the page lists all settings. With `channel_id`, it has that channel's settings.
    """
    locale, view = state.locale, Layout()
    container = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    view.add_item(container)
    if section not in SECTIONS:
        container.add_item(discord.ui.TextDisplay("\n".join(_format_overview(state, is_summary=section == SUMMARY))))
        view.add_item(_build_section_menu(locale))
        return view
    step_line = f"-# {SECTIONS.index(section) + 1}/{len(SECTIONS)}\n" if mode == SETUP else ""
    lines = [f"{step_line}### {translate(TITLES[section], locale)}", f"-# {translate(ABOUT[section], locale)}"]
    if channel_id:
        lines = [
            f"{step_line}### <#{channel_id}>",
            *format_channel(state.settings.channels.get(channel_id, ChannelSettings()), state),
        ]
    else:
        lines += SECTION_FORMATTERS[section](state) or [translate("Nothing has been set yet.", locale)]
        lines += format_unmentionable_note(state) if section == "review" else []
    container.add_item(discord.ui.TextDisplay("\n".join(filter(None, lines))))
    rows = build_channel_rows(state, mode, channel_id) if channel_id else ROW_BUILDERS[section](state, mode)
    for row in rows:
        # A menu that shows a choice hides what it is for.
        if label := getattr(row.children[0], "placeholder", ""):
            view.add_item(discord.ui.TextDisplay(f"-# {label}"))
        view.add_item(row)
    view.add_item(_build_navigation(state, mode, section, for_channel=bool(channel_id)))
    return view


def _format_overview(state: WorkspaceState, *, is_summary: bool) -> list[str]:
    """Format all settings by section."""
    locale = state.locale
    title = "That's how I'll work here" if is_summary else "How I work in this server"
    lines = [f"### {translate(title, locale)}"]
    if state.unreadable:
        warning = (
            "I cannot read the old settings because somebody changed them in my database. What you set now "
            "replaces them."
        )
        lines.append(translate(warning, locale))
    for section in SECTIONS:
        values = SECTION_FORMATTERS[section](state) or [translate("nothing set", locale)]
        lines += [f"**{translate(TITLES[section], locale)}**", *values]
    if is_summary:
        lines.append(
            f"-# {translate('Change any of it later with /settings, or walk through it again with /setup.', locale)}"
        )
    return lines


def _build_navigation(state: WorkspaceState, mode: str, section: str, *, for_channel: bool) -> ActionRow:
    """Build the navigation buttons: back and next in /setup, back to the overview in /settings."""
    locale = state.locale
    if for_channel:
        return ActionRow(build_button(mode, "go", translate("All channels", locale), section))
    if mode == SETTINGS:
        return ActionRow(build_button(mode, "go", translate("All settings", locale), SUMMARY))
    index = SECTIONS.index(section)
    back_buttons = [build_button(mode, "go", translate("Back", locale), SECTIONS[index - 1])] if index else []
    next_section = next(iter(SECTIONS[index + 1 :]), SUMMARY)
    label = "Next" if _is_set(state, section) else "Skip"
    return ActionRow(
        *chain(back_buttons, [build_button(mode, "go", translate(label, locale), next_section, main=True)])
    )


def _is_set(state: WorkspaceState, section: str) -> bool:
    """Return whether an owner has set something in a section."""
    if section == "review":
        return state.settings.review_rules != ReviewRules() or bool(state.settings.review_channel)
    if section == "roles":
        return bool(any(state.settings.roles.values()) or state.settings.default_role is not Role.EDITOR)
    return (
        bool(state.own_limits or state.settings.quotas)
        if section == "limits"
        else bool(SECTION_FORMATTERS[section](state))
    )


def _build_section_menu(locale: str) -> ActionRow:
    sections = [(section, translate(TITLES[section], locale)) for section in SECTIONS]
    return build_menu(SETTINGS, "change", translate("What would you like to change?", locale), sections, [])
