"""/limits: shows the rate limits of a server to everybody, and lets its owners set them."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.admission.limits import SPANS, SUBJECTS, Limits, combine_limits, describe_limits
from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.locales import localize, translate
from bot.team.workspace.roles import Permission

_LABELS = {"person": "Each person", "channel": "Each channel", "server": "The server"}
_SUBJECT_CHOICES = [app_commands.Choice(name=_LABELS[subject], value=subject) for subject in SUBJECTS]
_PERIOD_CHOICES = [app_commands.Choice(name=name, value=name) for name in SPANS]


@app_commands.guild_only()
class LimitCommands(
    commands.GroupCog, group_name="limits", group_description="How many requests I accept in this server"
):
    """Commands for the rate limits of a server, which its owners can lower."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._app = bot.app

    @app_commands.command(name="show", description="How many requests I accept in this server")
    async def show(self, interaction: Interaction) -> None:
        """Show the limits in force."""
        await whisper(interaction, _format_limits(await self._load_limits(interaction), interaction.locale.value))

    @app_commands.command(name="set", description="Change how many requests I accept in this server")
    @app_commands.describe(
        who="Whose requests are counted",
        most="How many I accept; 0 for my operator's limit",
        per="Over which period",
    )
    @app_commands.choices(who=_SUBJECT_CHOICES, per=_PERIOD_CHOICES)
    async def set(
        self, interaction: Interaction, who: str, per: str, most: app_commands.Range[int, 0, 100_000] = 0
    ) -> None:
        """Set one limit.

        Raises:
            RefusedError: the limit exceeds the operator's, or the user may not set it.
        """
        workspaces, guild_id = self._app.workspaces, str(interaction.guild_id)
        member = build_member(interaction.user)
        await workspaces.require(guild_id, member, Permission.CONFIGURE)
        server_limits = {
            name: count for name, count in (await workspaces.load_limits(guild_id)).items() if name != (who, per)
        }
        await workspaces.set_limits(guild_id, member, {**server_limits, (who, per): most} if most else server_limits)
        await whisper(interaction, _format_limits(await self._load_limits(interaction), interaction.locale.value))

    async def _load_limits(self, interaction: Interaction) -> Limits:
        return combine_limits(
            self._app.rate_limiter.operator_limits, await self._app.workspaces.load_limits(str(interaction.guild_id))
        )


def _format_limits(limits: Limits, locale: str) -> str:
    lines = [f"### {translate('Request limits in this server', locale)}"]
    for subject in SUBJECTS:
        limits_text = ", ".join(localize(phrase, locale) for phrase in describe_limits(limits, subject))
        lines.append(f"- {translate(_LABELS[subject], locale)}: {limits_text or translate('unlimited', locale)}")
    return "\n".join(lines)


async def setup(bot: QuillmateBot) -> None:
    """Add the commands."""
    await bot.add_cog(LimitCommands(bot))
