"""/profile show: the pages of the profile, with their buttons."""

from __future__ import annotations

import discord

from bot.commands.profile.buttons import build_button
from bot.commands.profile.fields import format_values
from bot.locales import translate
from bot.people.profiles import MAIN_NAME, VoiceNames, list_profile_names
from bot.replies.ledger import CHOICES, SECTIONS, format_origin, format_place, label, plain
from bot.replies.split import split
from bot.replies.views import COLOURS, MAX_PAGE_CHARACTERS, MAX_PIECE_CHARACTERS, Layout, note_view
from personas.ledger import ME, KnownProfile
from storage.choices import Choices


def build_pages(
    known_profile: KnownProfile, choices: Choices, voices: VoiceNames, counts: tuple[int, int], locale: str
) -> list[discord.ui.LayoutView]:
    """Build the profile: each section with its button, and actions below; as text on several pages if it is long.

    `counts` has the numbers of results and of votes.
    """
    profile_name = list_profile_names(choices).get(choices.profile, MAIN_NAME)
    heading = f"### {translate('Your profile', locale)}" + (f"\n-# {plain(profile_name)}" if choices.profiles else "")
    results, votes = counts
    footer = f"-# {translate('Saved results', locale)}: {results} · {translate('Votes', locale)}: {votes}"
    if not choices.learning:
        footer += f" · {translate('Learning is paused', locale)}"
    parts = [(section, _format_section(section, known_profile, voices, locale)) for section in SECTIONS]
    other_texts = []
    if "notes" in known_profile.sources:
        other_texts.append(_format_field("notes", known_profile, voices, locale))
    for section_text, name in (("Persona", voices.persona), ("Brand voice", voices.brand)):
        if name:
            other_texts.append(f"**{translate(section_text, locale)}**\n{plain(name)}")
    text = "\n".join(filter(None, (*(section_text for _, section_text in parts), *other_texts)))
    if not text:
        other_texts = [
            translate(
                "Nothing yet. /profile edit takes a minute, and everything I write will sound more like you.", locale
            )
        ]
    if len(text) > MAX_PAGE_CHARACTERS:
        first_page, *other_pages = [
            note_view(piece) for piece in split("\n".join((heading, text, footer)), MAX_PIECE_CHARACTERS)
        ]
        _add_actions(first_page, locale, choices)
        return [first_page, *other_pages]
    view = Layout()
    container = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    view.add_item(container)
    container.add_item(discord.ui.TextDisplay(heading))
    for section, section_text in parts:
        edit_button = build_button("edit", section.replace(" ", "-"), translate("Edit", locale))
        section_heading = f"**{translate(section.capitalize(), locale)}**"
        container.add_item(
            discord.ui.Section(discord.ui.TextDisplay(section_text or f"{section_heading}\n–"), accessory=edit_button)
        )
    for section_text in other_texts:
        container.add_item(discord.ui.TextDisplay(section_text))
    container.add_item(discord.ui.TextDisplay(footer))
    _add_actions(view, locale, choices)
    return [view]


def _add_actions(view: discord.ui.LayoutView, locale: str, choices: Choices) -> None:
    """Add the row of actions on the profile."""
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    learning = ("pause", "Pause learning") if choices.learning else ("resume", "Resume learning")
    for action, words in (
        ("correct", "Correct"),
        ("history", "History"),
        ("export", "Export"),
        ("profiles", "Switch"),
        learning,
    ):
        row.add_item(build_button(action, "", translate(words, locale)))
    view.add_item(row)


def _format_section(section: str, known_profile: KnownProfile, voices: VoiceNames, locale: str) -> str:
    """Format the fields of a section; empty if none has a value."""
    names = [name for name, *_ in SECTIONS[section]]
    lines = [
        _format_field(name, known_profile, voices, locale)
        for name in names
        if name in known_profile.sources and format_values(known_profile, [name])[name]
    ]
    return f"**{translate(section.capitalize(), locale)}**\n" + "\n".join(lines) if lines else ""


def _format_field(name: str, known_profile: KnownProfile, voices: VoiceNames, locale: str) -> str:
    """Format a field with its value, and with its origin unless the user stated it with the scope "everywhere"."""
    entry = known_profile.sources.get(name)
    note = ""
    if entry is not None and (entry.origin != "told" or entry.scope != ME):
        place = format_place(entry.scope, locale, voices.brands)
        note = f" · {format_origin(entry.origin, entry.evidence, locale)} · {place}"
    text = format_values(known_profile, [name])[name].replace("\n", ", ")
    value = translate(text, locale) if name in CHOICES else plain(text)
    return f"-# {label(name, locale)}{note}\n{value}"
