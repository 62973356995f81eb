"""/profile switch and pause: which profile is in use, and whether it learns."""

from __future__ import annotations

import secrets
from dataclasses import replace

import discord

from bot.client import Interaction, whisper
from bot.errors import RefusedError
from bot.locales import translate
from bot.replies.ledger import plain
from bot.replies.views import note_view
from storage.profiles import Choices

from .buttons import button

MAIN = "main"
_MOST = 10


async def offer_profiles(interaction: Interaction) -> None:
    """Asks which profile is to be used."""
    locale = interaction.locale.value
    choices = await interaction.client.app.store.profiles.choices(str(interaction.user.id))
    view = note_view(translate("Which profile? /profile switch makes a new one.", locale))
    names = names_of(choices)
    for start in range(0, len(names), 5):
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        for profile_id, name in list(names.items())[start : start + 5]:
            one = button("switch", profile_id, name[:80])
            one.disabled = profile_id == choices.profile
            row.add_item(one)
        view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


def names_of(choices: Choices) -> dict[str, str]:
    """The names of all profiles by id; the first has none of its own."""
    return {"": MAIN, **choices.profiles}


def named(choices: Choices, name: str) -> str | None:
    """The id of the profile of that name, whatever its case; None where there is none."""
    wanted = name.casefold()
    return next((one for one, known in names_of(choices).items() if known.casefold() == wanted), None)


async def switch(interaction: Interaction, wanted: str, *, known_only: bool = False) -> None:
    """Uses a profile by its id, or by its name, which makes a new one where there is none.

    Raises:
        RefusedError: there is none of that id, or there are too many.
    """
    locale, user_id = interaction.locale.value, str(interaction.user.id)
    made = secrets.token_hex(4)

    def change(choices: Choices) -> Choices:
        names = names_of(choices)
        if known_only:
            if wanted not in names:
                raise RefusedError("There is no such profile any more.")
            return choices.using(wanted)
        same = named(choices, wanted)
        if same is not None:
            return choices.using(same)
        if len(names) >= _MOST:
            said = "You have {count} profiles; at most {most} fit. Use or delete one of {names}."
            raise RefusedError(said, count=len(names), most=_MOST, names=", ".join(names.values()))
        return replace(choices, profiles={**choices.profiles, made: wanted}).using(made)

    chosen = await interaction.client.app.store.profiles.choose(user_id, change)
    said = "A new profile, in use from now on:" if chosen.profile == made else "In use from now on:"
    await whisper(interaction, f"{translate(said, locale)} {plain(names_of(chosen)[chosen.profile])}")


async def set_learning(interaction: Interaction, on: bool) -> None:
    """Stops learning, or goes on with it."""
    locale = interaction.locale.value
    await interaction.client.app.store.profiles.choose(
        str(interaction.user.id), lambda choices: replace(choices, learning=on)
    )
    if on:
        await whisper(interaction, translate("I learn from what you do again.", locale))
        return
    view = note_view(translate("Paused: I learn nothing from what you do. What I know stays.", locale))
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    row.add_item(button("resume", "", translate("Go on learning", locale)))
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)
