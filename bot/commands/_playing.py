"""What a quiz's Play… leads to: whether it is played here, practised alone, or learnt."""

from __future__ import annotations

import discord

from bot.client import Interaction
from bot.locales import translate
from bot.replies.views import Layout, note_view

_ASKED = (
    "I can ask these questions here, for everybody who sees this channel, against the clock; or you alone, in a direct message, "
    "without a clock; or teach you: with hints, and again when each is due."
)


def ways_view(generation_id: str, locale: str, *, in_server: bool) -> Layout:
    """Asks how somebody would like to play a quiz of which the result is named."""
    view = note_view(translate(_ASKED, locale), locale=locale)
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    if in_server:
        row.add_item(_button("here", translate("Play here", locale), "🎮", generation_id))
    row.add_item(_button("alone", translate("Practise alone", locale), "✏️", generation_id))
    row.add_item(_button("learn", translate("Learn it", locale), "🎓", generation_id))
    view.add_item(row)
    return view


def _button(how: str, label: str, sign: str, generation_id: str) -> discord.ui.Button[discord.ui.LayoutView]:
    return discord.ui.Button(label=label, emoji=sign, custom_id=f"quillquizfrom:{how}:{generation_id}")


async def ask_how(interaction: Interaction, generation_id: str) -> None:
    """Asks whoever pressed Play… alone."""
    view = ways_view(generation_id, interaction.locale.value, in_server=interaction.guild_id is not None)
    await interaction.response.send_message(view=view, ephemeral=True)
