"""/quota: shows what the user has left of a server's quotas and when they reset, and lets owners set them."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.admission.limits import SUBJECTS, describe_limits
from bot.admission.quotas import MEASURES, PERIOD_LABELS, PERIODS, Quota, QuotaUsage, format_amount
from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.errors import Phrase, RefusedError
from bot.interactions.quotas import MAX_AMOUNT, MEASURE_NAMES, WAYS, format_quota, parse_quota
from bot.locales import localize, translate
from bot.team.workspace.roles import Permission
from storage.byte_limits import MEGABYTE
from storage.owners import is_workspace, workspace

PERIOD_NAMES = {"day": "Per day", "month": "Per month"}


class QuotaCommands(commands.GroupCog, group_name="quota", group_description="How much I can be used per day or month"):
    """Commands for quotas."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._app = bot.app

    @app_commands.command(name="show", description="See how much you have used, what is left and when it resets")
    async def show(self, interaction: Interaction) -> None:
        """Show the user's quotas in an ephemeral message."""
        await whisper(interaction, await self._format_page(interaction))

    @app_commands.command(name="set", description="Set how much people in this server can use me")
    @app_commands.describe(
        what="What to count",
        per="Over which period",
        most="How much; money is in the currency of my prices; 0 for unlimited",
        role="For each member with this role, instead of what everybody gets",
        together="For the server as a whole, not for each person",
        then="What happens when it is used up",
    )
    @app_commands.choices(
        what=[app_commands.Choice(name=MEASURE_NAMES[name], value=name) for name in MEASURES],
        per=[app_commands.Choice(name=PERIOD_NAMES[name], value=name) for name in PERIODS],
        then=[app_commands.Choice(name=label, value=value) for value, label in WAYS.items()],
    )
    @app_commands.guild_only()
    async def set(
        self,
        interaction: Interaction,
        what: str,
        per: str,
        most: app_commands.Range[float, 0, MAX_AMOUNT],
        role: discord.Role | None = None,
        together: bool = False,
        then: str = "hard",
    ) -> None:
        """Set a quota of the server, on behalf of an owner; an amount of zero removes it.

        Raises:
            RefusedError: the user is not an owner, or the quota is invalid.
        """
        role_id = str(role.id) if role else ""
        quota = parse_quota(what, per, most, role_id=role_id, together=together, hard=(then == "hard"))
        guild_id = str(interaction.guild_id)
        await self._app.quotas.set_quota(guild_id, build_member(interaction.user), quota)
        await whisper(interaction, await self._format_page(interaction))

    @commands.Cog.listener()
    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """Delete the quotas of a deleted role."""
        await self._app.workspaces.remove_role_quotas(str(role.guild.id), str(role.id))

    async def _format_page(self, interaction: Interaction) -> str:
        """Format what is left of the user's quotas, what they have used, and, for owners, all quotas of the server."""
        app, locale = self._app, interaction.locale.value
        guild_id, member = str(interaction.guild_id or ""), build_member(interaction.user)
        lines = [f"### {translate('What you have left', locale)}"]
        if guild_id:
            quota_usages = await app.quotas.list_usages(guild_id, member)
            lines += [f"- {self._format_remaining(usage, locale)}" for usage in quota_usages]
            if not quota_usages:
                lines.append(translate("This server has no quotas.", locale))
        amounts_by_period = await app.quotas.load_usage(guild_id, member.user_id)
        lines.append(f"**{translate('What you have used', locale)}**")
        for period, label in (("day", "Today"), ("month", "This month")):
            amounts = amounts_by_period["person", period]
            parts = [format_amount(measure, getattr(amounts, measure), app.settings.currency) for measure in MEASURES]
            lines.append(f"- {translate(label, locale)}: {', '.join(localize(part, locale) for part in parts)}")
        lines.append(f"**{translate('Storage', locale)}**")
        lines.append(f"- {translate('You', locale)}: {await self._format_storage_use(member.user_id, locale)}")
        if guild_id:
            lines.append(
                f"- {translate('This server', locale)}: {await self._format_storage_use(workspace(guild_id), locale)}"
            )
        if guild_id and await self._can_set_quotas(guild_id, interaction):
            lines += await self._format_all_quotas(guild_id, locale)
        limit_texts = [
            ", ".join(localize(phrase, locale) for phrase in describe_limits(app.rate_limiter.operator_limits, subject))
            for subject in (SUBJECTS if guild_id else ("person",))
        ]
        if any(limit_texts):
            message = Phrase("My operator's limits: {limits}", limits="; ".join(filter(None, limit_texts)))
            lines.append(f"-# {localize(message, locale)}")
        lines.append(f"-# {translate('Days and months start at midnight UTC.', locale)}")
        return "\n".join(lines)

    async def _format_storage_use(self, owner_id: str, locale: str) -> str:
        """Format the storage that an owner uses, and its maximum if there is one."""
        settings = self._app.settings
        max_megabytes = settings.keep_server_mb if is_workspace(owner_id) else settings.keep_person_mb
        used_megabytes = await self._app.servers.count_bytes(owner_id) / MEGABYTE
        return localize(
            Phrase(
                "{used:.1f} MB of {most:,} MB" if max_megabytes else "{used:.1f} MB",
                used=used_megabytes,
                most=max_megabytes,
            ),
            locale,
        )

    async def _can_set_quotas(self, guild_id: str, interaction: Interaction) -> bool:
        try:
            await self._app.workspaces.require(guild_id, build_member(interaction.user), Permission.CONFIGURE)
        except RefusedError:
            return False
        return True

    async def _format_all_quotas(self, guild_id: str, locale: str) -> list[str]:
        """Format all quotas of the server, one per line; without any, a hint how to set one."""
        quotas = sorted((await self._app.workspaces.load_settings(guild_id)).quotas, key=lambda quota: quota.key)
        if not quotas:
            return [
                f"-# {translate('Set a daily or monthly quota for each person, a role or the server with /quota set.', locale)}"
            ]
        quota_texts = (format_quota(quota, self._app.settings.currency, locale) for quota in quotas)
        return [f"**{translate('All quotas in this server', locale)}**", *(f"- {text}" for text in quota_texts)]

    def _format_remaining(self, usage: QuotaUsage, locale: str) -> str:
        remaining = max(0, usage.quota.most - usage.used)
        message = Phrase(
            "{left} of {most} {span}, resets {when}",
            left=self._format_amount(usage.quota, remaining, locale),
            most=self._format_amount(usage.quota, usage.quota.most, locale),
            span=Phrase(PERIOD_LABELS[usage.quota.per]),
            when=f"<t:{int(usage.resets_at.timestamp())}:R>",
        )
        server_note = f" ({translate('for the whole server', locale)})" if usage.quota.subject == "server" else ""
        return f"{localize(message, locale)}{server_note}"

    def _format_amount(self, quota: Quota, amount: int, locale: str) -> str:
        return localize(format_amount(quota.measure, amount, self._app.settings.currency), locale)


async def setup(bot: QuillmateBot) -> None:
    """Add the commands."""
    await bot.add_cog(QuotaCommands(bot))
