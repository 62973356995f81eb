"""What is told before a text is written, with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.locales import translate

from .views import button_id, note_view

# What can be chosen where something is told before a text is written: the button's action, its label and its emoji.
CHOICES = {
    "english": ("write-english", "Write it in English", "🇬🇧"),
    "add": ("write-add", "Add it…", "✏️"),
    "write": ("write-anyway", "Write it all the same", "▶️"),
}


def choice_view(text: str, choices: Sequence[str], job_id: str, locale: str = "en") -> discord.ui.LayoutView:
    """What somebody should know before their text is written, with a button for each thing they can do about it."""
    view, row = note_view(text), discord.ui.ActionRow[discord.ui.LayoutView]()
    for name in choices:
        action, label, emoji = CHOICES[name]
        row.add_item(
            discord.ui.Button(label=translate(label, locale), emoji=emoji, custom_id=button_id(action, job_id))
        )
    view.add_item(row)
    return view
