"""/persona use, list and show: the voice that writes."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from personas.persona import builtin, persona

DEFAULT = "default"


class PersonaCommands(commands.GroupCog, group_name="persona", group_description="The voice I write in"):
    """Choosing a voice for all that follows."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._profiles = bot.app.store.profiles

    @app_commands.command(name="use", description="Choose the voice that writes for you")
    @app_commands.describe(name="A persona, or default for the one that fits each kind")
    async def use(self, interaction: Interaction, name: str) -> None:
        """Chooses a persona, or goes back to the default of each kind."""
        user_id = str(interaction.user.id)
        if name.strip().casefold() == DEFAULT:
            await self._profiles.use_persona(user_id, None)
            await whisper(interaction, "From now on each kind is written in the voice that fits it.")
            return
        chosen = persona(name)
        await self._profiles.use_persona(user_id, chosen.name)
        await whisper(interaction, f"From now on the {chosen.title} writes for you. {chosen.summary}")

    @use.autocomplete("name")
    async def _names(self, _interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = {known.name: known.title for known in builtin().values()} | {DEFAULT: "Default"}
        wanted = current.casefold()
        return [
            app_commands.Choice(name=title, value=name) for name, title in names.items() if wanted in title.casefold()
        ]

    @app_commands.command(name="list", description="See the voices there are")
    async def list_(self, interaction: Interaction) -> None:
        """All personas with a line each."""
        chosen = await self._profiles.persona(str(interaction.user.id))
        lines = [
            f"**{known.title}** {'(yours)' if known.name == chosen else ''}\n-# {known.summary}"
            for known in builtin().values()
        ]
        await whisper(interaction, "\n".join(["### Personas", *lines]))

    @app_commands.command(name="show", description="See how a voice writes")
    @app_commands.describe(name="A persona")
    async def show(self, interaction: Interaction, name: str) -> None:
        """What a persona does and does not do."""
        known = persona(name)
        do = "\n".join(f"- {line}" for line in known.do)
        dont = "\n".join(f"- {line}" for line in known.dont)
        await whisper(
            interaction, f"### {known.title}\n{known.voice}\n**It likes to**\n{do}\n**It never does**\n{dont}"
        )

    @show.autocomplete("name")
    async def _known(self, _interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return _matching(current)


def _matching(current: str) -> list[app_commands.Choice[str]]:
    wanted = current.casefold()
    fitting = (known for known in builtin().values() if wanted in known.title.casefold())
    return [app_commands.Choice(name=known.title, value=known.name) for known in fitting]


async def setup(bot: QuillmateBot) -> None:
    """Adds the commands."""
    await bot.add_cog(PersonaCommands(bot))
