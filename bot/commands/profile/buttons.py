"""The buttons of the profile's pages; their actions are in `ProfileButton`."""

from __future__ import annotations

import discord

# The action of a button and its object: a section, a profile, or the offset of a page.
TEMPLATE = r"quillprofile:(?P<action>[a-z]+):(?P<object_id>[\w-]{0,40})"


def build_custom_id(action: str, object_id: str = "") -> str:
    """Return the custom id of an action's button."""
    return f"quillprofile:{action}:{object_id}"


def build_button(
    action: str, object_id: str, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[discord.ui.LayoutView]:
    """Build a button with a label."""
    return discord.ui.Button(label=label, style=style, custom_id=build_custom_id(action, object_id))
