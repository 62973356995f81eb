"""The buttons of the profile's pages, as they are shown; what each does stands with the commands."""

from __future__ import annotations

import discord

# What a button does, and of what: a section, a profile, or where a page starts.
TEMPLATE = r"quillprofile:(?P<action>[a-z]+):(?P<of>[\w-]{0,40})"


def custom_id(action: str, of: str = "") -> str:
    """The custom id that the button of an action is found by."""
    return f"quillprofile:{action}:{of}"


def button(
    action: str, of: str, words: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[discord.ui.LayoutView]:
    """A button with some words on it."""
    return discord.ui.Button(label=words, style=style, custom_id=custom_id(action, of))
