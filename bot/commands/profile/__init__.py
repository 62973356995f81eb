"""/profile: shows what the bot knows about a user and how it learnt it, and lets the user change it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.commands.profile.buttons import TEMPLATE, build_custom_id
from bot.commands.profile.fields import FieldMenu, ask_for_field, open_fields_form, parse_value
from bot.commands.profile.files import import_file, send_file
from bot.commands.profile.history import show_history
from bot.commands.profile.manage import confirm_delete, delete_profile, rename_profile
from bot.commands.profile.page import build_pages
from bot.commands.profile.places import PLACES, list_scopes, load_brand_names
from bot.commands.profile.switch import ask_for_profile, set_learning, switch_profile
from bot.errors import RefusedError
from bot.interactions import sharing
from bot.interactions.components import PersistentItem
from bot.interactions.forgetting import confirm_forget
from bot.interactions.taste import show_reasons
from bot.locales import translate
from bot.people.profiles import list_profile_names
from bot.replies.ledger import FIELDS, SECTIONS, format_place, format_value, label, plain
from bot.requests.intake import clean_text
from personas.ledger import ME
from personas.profile import clean_name


class ProfileButton(PersistentItem[discord.ui.Button[Any]], template=TEMPLATE):
    """A button of the profile's private pages."""

    def __init__(self, action: str, object_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=build_custom_id(action, object_id)))
        self._action, self._object_id = action, object_id

    async def act(self, interaction: Interaction) -> None:
        """Run the button's action."""
        match self._action:
            case "edit" if self._object_id.replace("-", " ") in SECTIONS:
                await open_fields_form(
                    interaction, [name for name, *_ in SECTIONS[self._object_id.replace("-", " ")]], (ME,)
                )
            case "correct":
                await ask_for_field(interaction)
            case "history":
                await show_history(interaction, int(self._object_id) if self._object_id.isdigit() else 0)
            case "export":
                await send_file(interaction)
            case "switch":
                await switch_profile(interaction, self._object_id, known_only=True)
            case "delete":
                await delete_profile(interaction, self._object_id)
            case "profiles":
                await ask_for_profile(interaction)
            case "pause" | "resume":
                await set_learning(interaction, self._action == "resume")
            case _:
                raise RefusedError("That button no longer works.")


class ProfileCommands(commands.GroupCog, group_name="profile", group_description="What I know about you"):
    """Commands for the user's own profile; there are none for another user's."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._profiles, self._results = bot.app.profiles, bot.app.results

    @app_commands.command(name="edit", description="Tell me who you are, who you write for and how you sound")
    @app_commands.describe(section="Which part of your profile", where="Where it applies")
    @app_commands.choices(section=[app_commands.Choice(name=name, value=name) for name in SECTIONS], where=PLACES)
    async def edit(self, interaction: Interaction, section: str = "about you", where: str = "me") -> None:
        """Open the form of a section, prefilled."""
        await open_fields_form(
            interaction, [name for name, *_ in SECTIONS[section]], await list_scopes(interaction, where)
        )

    @app_commands.command(name="correct", description="Correct something I know about you")
    @app_commands.describe(
        field="What is wrong", value="The right value; leave it empty to open a form", where="Where it applies"
    )
    @app_commands.choices(where=PLACES)
    async def correct(
        self, interaction: Interaction, field: str | None = None, value: str | None = None, where: str = "me"
    ) -> None:
        """Correct a field if its value is given, open its form, or ask for the field."""
        locale = interaction.locale.value
        if field is None:
            await ask_for_field(interaction)
            return
        names_by_label = {label(name, locale).casefold(): name for name in FIELDS} | {name: name for name in FIELDS}
        name = names_by_label.get(field.strip().casefold())
        if name is None:
            message = 'There is no field called "{name}". Choose one of {known}.'
            raise RefusedError(message, name=field[:40], known=", ".join(label(name, locale) for name in FIELDS))
        scopes = await list_scopes(interaction, where)
        if value is None:
            await open_fields_form(interaction, [name], scopes)
            return
        is_list = FIELDS[name][3]
        new_value = parse_value(name, clean_text(value.replace(";", "\n") if is_list else value, field=name), is_list)
        change = await self._profiles.state(str(interaction.user.id), {name: new_value}, scopes)
        if not change:
            await whisper(interaction, translate("I already know that.", locale))
            return
        confirmation = (
            f"{translate('Corrected', locale)}: {label(name, locale)} → {plain(format_value(new_value, name, locale))}"
        )
        await whisper(
            interaction, f"{confirmation}\n-# {format_place(scopes[0], locale, await load_brand_names(interaction))}"
        )

    @correct.autocomplete("field")
    async def _suggest_fields(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        labels = {name: label(name, interaction.locale.value) for name in FIELDS}
        names = [name for name, field_label in labels.items() if current.casefold() in field_label.casefold()]
        return [app_commands.Choice(name=labels[name], value=name) for name in names][:25]

    @app_commands.command(name="show", description="See everything I know about you")
    async def show(self, interaction: Interaction) -> None:
        """Show the profile as it applies in this channel privately, with buttons."""
        user_id, locale = str(interaction.user.id), interaction.locale.value
        scopes = await list_scopes(interaction, "channel")
        known_profile, choices = await self._profiles.load_scoped(user_id, scopes)
        voices = await self._profiles.load_voice_names(user_id, choices, sharing.list_scopes(interaction))
        counts = await self._results.count(user_id)
        first_page, *other_pages = build_pages(known_profile, choices, voices, counts, locale)
        await interaction.response.send_message(view=first_page, ephemeral=True)
        for page in other_pages:
            await interaction.followup.send(view=page, ephemeral=True)

    @app_commands.command(name="why", description="See what shaped your last result")
    async def why(self, interaction: Interaction) -> None:
        """Do the same as the button below the newest result."""
        await show_reasons(interaction, await self._results.get_newest(str(interaction.user.id)))

    @app_commands.command(name="history", description="See what I have learnt about you or you told me, and when")
    async def history(self, interaction: Interaction) -> None:
        """Show the ledger, newest first."""
        await show_history(interaction)

    @app_commands.command(name="export", description="Get your profile as a JSON file")
    async def export(self, interaction: Interaction) -> None:
        """Send the file privately."""
        await send_file(interaction)

    @app_commands.command(name="import", description="Fill your profile from a JSON file")
    @app_commands.describe(file="A JSON file in the format of /profile export")
    async def import_(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Import the file; fields that are not in it stay unchanged."""
        await import_file(interaction, file)

    @app_commands.command(name="switch", description="Switch to another of your profiles, or make a new one")
    @app_commands.describe(to="Its name, such as my café or my class")
    async def switch(self, interaction: Interaction, to: app_commands.Range[str, 1, 60]) -> None:
        """Use the profile with a name, created if it does not exist."""
        await switch_profile(interaction, _clean_profile_name(to))

    @app_commands.command(name="rename", description="Rename one of your profiles")
    @app_commands.describe(name="Its current name", to="Its new name")
    async def rename(
        self, interaction: Interaction, name: app_commands.Range[str, 1, 60], to: app_commands.Range[str, 1, 60]
    ) -> None:
        """Rename a profile; its contents stay the same."""
        await rename_profile(interaction, clean_name(name), _clean_profile_name(to))

    @app_commands.command(name="delete", description="Delete one of your profiles")
    @app_commands.describe(name="Its name")
    async def delete(self, interaction: Interaction, name: app_commands.Range[str, 1, 60]) -> None:
        """Ask for confirmation before a profile is deleted."""
        await confirm_delete(interaction, clean_name(name))

    @switch.autocomplete("to")
    @rename.autocomplete("name")
    @delete.autocomplete("name")
    async def _suggest_profiles(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = list_profile_names(await self._profiles.load_choices(str(interaction.user.id))).values()
        return [app_commands.Choice(name=name, value=name) for name in names if current.casefold() in name.casefold()]

    @app_commands.command(name="forget", description="Delete everything I store about you")
    async def forget(self, interaction: Interaction) -> None:
        """Do the same as /privacy forget."""
        await confirm_forget(interaction)

    @app_commands.command(name="pause", description="Stop learning from what you do")
    async def pause(self, interaction: Interaction) -> None:
        """Pause learning, with a button that resumes it."""
        await set_learning(interaction, False)


def _clean_profile_name(text: str) -> str:
    """Return a valid name for a profile.

    Raises:
        RefusedError: the name is empty, or contains a key or password.
    """
    name = clean_name(clean_text(text))
    if not name:
        raise RefusedError("Give the profile a name, such as my class.")
    return name


async def setup(bot: QuillmateBot) -> None:
    """Add the commands, and register the buttons of their pages, so that old ones work, too."""
    bot.add_dynamic_items(ProfileButton, FieldMenu)
    await bot.add_cog(ProfileCommands(bot))
