"""/limits: how much may be asked for in a server, shown to all and set by those who manage it."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.admission.limits import SPANS, SUBJECTS, Limits, in_words, parsed, refuse_higher, stricter, written
from bot.client import Interaction, QuillmateBot, whisper
from bot.errors import RefusedError
from bot.locales import said, translate

_LABELS = {"person": "A person", "channel": "A channel", "server": "The server"}
_CHOICES = [app_commands.Choice(name=_LABELS[subject], value=subject) for subject in SUBJECTS]
_PER = [app_commands.Choice(name=name, value=name) for name in SPANS]


@app_commands.guild_only()
class LimitCommands(
    commands.GroupCog, group_name="limits", group_description="How much may be asked of me in this server"
):
    """The limits of a server; those who manage it lower them."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._app = bot.app

    @app_commands.command(name="show", description="How much may be asked of me in this server")
    async def show(self, interaction: Interaction) -> None:
        """Tells the limits that hold here."""
        await whisper(interaction, _page(await self._in_force(interaction), interaction.locale.value))

    @app_commands.command(name="set", description="Change how much may be asked of me in this server")
    @app_commands.describe(
        who="Whose requests are counted",
        most="How many are taken; 0 for what whoever runs me has set",
        per="In which time",
    )
    @app_commands.choices(who=_CHOICES, per=_PER)
    async def set(
        self, interaction: Interaction, who: str, per: str, most: app_commands.Range[int, 0, 100_000] = 0
    ) -> None:
        """Sets one limit.

        Raises:
            RefusedError: it is above the operator's, or not theirs to set.
        """
        if not interaction.permissions.manage_guild:
            raise RefusedError("Only those who may manage this server decide that.")
        operators, retention = self._app.gate.operators, self._app.store.retention
        guild_id, name = str(interaction.guild_id), (who, per)
        if most:
            refuse_higher({name: most}, operators)
        own = dict(_own(await retention.limits(guild_id)))
        if most:
            own[name] = most
        else:
            own.pop(name, None)
        await retention.set_limits(guild_id, written(own) if own else "")
        await whisper(interaction, _page(await self._in_force(interaction), interaction.locale.value))

    async def _in_force(self, interaction: Interaction) -> Limits:
        own = await self._app.store.retention.limits(str(interaction.guild_id))
        return stricter(self._app.gate.operators, _own(own))


def _own(text: str) -> Limits:
    return parsed(text) if text else {}


def _page(limits: Limits, locale: str) -> str:
    lines = [f"### {translate('Requests that I take in this server', locale)}"]
    for subject in SUBJECTS:
        figures = ", ".join(said(phrase, locale) for phrase in in_words(limits, subject))
        lines.append(f"- {translate(_LABELS[subject], locale)}: {figures or translate('any number', locale)}")
    return "\n".join(lines)


async def setup(bot: QuillmateBot) -> None:
    """Adds the commands."""
    await bot.add_cog(LimitCommands(bot))
