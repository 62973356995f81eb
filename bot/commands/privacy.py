"""/privacy: view, export, delete or pause the user's stored data; for managers, the server's data and what is lent to it."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.interactions.forgetting import ForgetButton, ForgetServerButton, confirm_forget, confirm_forget_server
from bot.interactions.sharing import list_channel_ids, require_manager
from bot.locales import translate, translate_plural
from bot.replies.files import attachment
from storage.generations import MATERIAL_RETENTION_DAYS, MAX_RESULTS_WITH_MATERIAL

# Labels of the counts, in display order.
_LABELS = {
    "preferences": "Profile entries",
    "generations": "Results",
    "feedback": "Votes",
    "poll_votes": "Votes in open polls",
    "signals": "Clues about your taste",
    "documents": "Documents",
    "brands": "Brands",
    "own_personas": "Personas",
    "collections": "Collections of results",
    "schedule": "Scheduled posts",
    "games": "Quizzes and homework",
    "game_answers": "Answers in quizzes",
    "courses": "/learn courses",
    "plays": "Role-plays and interviews",
    "play_words": "What you said in role-plays and interviews",
    "mastery": "Progress by objective",
    "review_marks": "Approvals, assignments and requests for changes",
    "bulk_jobs": "Tables with a text for each row",
    "made_tables": "Tables that made-up rows are based on",
    "jobs": "Requests in the last hour",
    "pictures": "Pictures in the last day",
    "given": "Given to servers to keep",
    "assets": "In the team's library",
}
# Counts that /privacy show leaves out.
_HIDDEN_COUNTS = (
    "owners",
    "passages",
    "indexes",
    "bulk_rows",
    "made_table_parts",
    "departures",
    "assets",
    "aliases",
    "usage",
    "failed_checks",
    "admissions",
    "quota_notes",
    "notice_ways",
)
# The counts of a server's own data.
_SERVER_COUNTS = ("documents", "brands", "own_personas", "assets", "schedule", "games", "mastery")
_ACTIONS_HINT = (
    "/privacy export gets you everything, /privacy forget deletes it, /privacy pause stops me from storing more."
)
_PAUSED = (
    "Paused: I store nothing new about you, but still make what you ask for. /privacy forget deletes what I "
    "already have."
)


class PrivacyCommands(
    commands.GroupCog, group_name="privacy", group_description="See, export or delete the data I store about you"
):
    """Commands for the user's own data and for the server's; there are none for another user's."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._app, self._privacy = bot.app, bot.desk.privacy

    @app_commands.command(name="show", description="See how much I store about you, and for how long")
    async def show(self, interaction: Interaction) -> None:
        """Show counts and retention periods."""
        user_id, locale = str(interaction.user.id), interaction.locale.value
        counts = await self._privacy.count_all(user_id)
        lines = [f"### {translate('What I store about you', locale)}", *_format_counts(counts, locale)]
        if damaged_count := await self._privacy.count_damaged(user_id):
            singular = "{count} entry cannot be read: somebody changed it in my database."
            plural = "{count} entries cannot be read: somebody changed them in my database."
            lines.append(translate_plural(damaged_count, singular, plural, locale).format(count=damaged_count))
        if await self._privacy.is_paused(user_id):
            lines.append(translate(_PAUSED, locale))
        lines += [f"-# {line}" for line in (*self._format_storage_terms(locale), translate(_ACTIONS_HINT, locale))]
        await whisper(interaction, "\n".join(lines))

    def _format_storage_terms(self, locale: str) -> list[str]:
        """Format how the user's data is encrypted, how long it is stored, and how much, one sentence per line."""
        settings = self._app.settings
        lines = [translate("It is encrypted with a key used only for your data.", locale)]
        if settings.keep_results_days:
            days = settings.keep_results_days
            singular, plural = "Results are deleted after {days} day.", "Results are deleted after {days} days."
            lines.append(translate_plural(days, singular, plural, locale).format(days=days))
        if settings.keep_person_mb:
            limit_text = (
                "I keep up to {most} MB of your results; the oldest ones you have not voted on are deleted first."
            )
            lines.append(translate(limit_text, locale).format(most=settings.keep_person_mb))
        material_text = (
            "I keep the content of files you attached with your {count} newest large results for {days} "
            "days, so that I can make them again."
        )
        lines.append(
            translate(material_text, locale).format(count=MAX_RESULTS_WITH_MATERIAL, days=MATERIAL_RETENTION_DAYS)
        )
        if settings.keep_unseen_days:
            days = settings.keep_unseen_days
            singular = "If you do not use me for {days} day, everything is deleted."
            plural = "If you do not use me for {days} days, everything is deleted."
            lines.append(translate_plural(days, singular, plural, locale).format(days=days))
        return lines

    @app_commands.command(name="export", description="Get everything I store about you as a ZIP file")
    async def export(self, interaction: Interaction) -> None:
        """Send ZIP files that fit Discord's limit, each in an ephemeral message."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        parts, too_large_names = await self._privacy.export(str(interaction.user.id), interaction.filesize_limit)
        message = translate("Everything I store about you.", interaction.locale.value)
        await _send_export(interaction, parts, too_large_names, message=message, stem="quillmate")

    @app_commands.command(name="forget", description="Delete everything I store about you")
    async def forget(self, interaction: Interaction) -> None:
        """Ask for confirmation before everything is deleted."""
        await confirm_forget(interaction)

    @app_commands.command(name="pause", description="Pause: I store nothing new about you")
    async def pause(self, interaction: Interaction) -> None:
        """Pause storage: results are made as before, but not stored."""
        await self._privacy.pause(str(interaction.user.id))
        await whisper(interaction, translate(_PAUSED, interaction.locale.value))

    @app_commands.command(name="resume", description="End the pause: I store your results again")
    async def resume(self, interaction: Interaction) -> None:
        """Resume storage."""
        await self._privacy.resume(str(interaction.user.id))
        await whisper(interaction, translate("From now on, I'll store your results again.", interaction.locale.value))

    @app_commands.command(name="server", description="See how much I store about this server: counts, never texts")
    @app_commands.guild_only()
    async def server(self, interaction: Interaction) -> None:
        """Show counts to managers of the server."""
        locale = interaction.locale.value
        guild_id = require_manager(interaction)
        channel_ids = list_channel_ids(interaction.guild) if interaction.guild else ()
        counts, server_counts = await self._app.servers.count(guild_id, channel_ids)
        count_by_label = {
            "People": counts.users,
            "Results": counts.results,
            "Documents": counts.documents,
            "Brands": counts.brands,
            "Personas": counts.own_personas,
            "Profile entries": counts.preferences,
        }
        lines = [f"### {translate('What I store about this server', locale)}"]
        lines += [f"- {translate(label, locale)}: {count}" for label, count in count_by_label.items()]
        lines.append(f"**{translate('Of these, owned by the server itself', locale)}**")
        lines += [f"- {translate(_LABELS[name], locale)}: {server_counts[name]}" for name in _SERVER_COUNTS]
        hint = "/privacy server-export gives you what belongs to the server, /privacy server-forget deletes it."
        deletion_note = (
            "What members wrote belongs only to them, except what they gave to the server. If you remove me, "
            "the server's data is deleted after 30 days."
        )
        lines += [f"-# {translate(deletion_note, locale)}", f"-# {translate(hint, locale)}"]
        await whisper(interaction, "\n".join(lines))

    @app_commands.command(name="server-export", description="Get everything that belongs to this server as a ZIP file")
    @app_commands.guild_only()
    async def server_export(self, interaction: Interaction) -> None:
        """Send a manager ZIP files that fit Discord's limit, each in an ephemeral message."""
        guild_id = require_manager(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        parts, too_large_names = await self._privacy.export_workspace(guild_id, interaction.filesize_limit)
        message = translate("Everything that belongs to this server.", interaction.locale.value)
        await _send_export(interaction, parts, too_large_names, message=message, stem="server")

    @app_commands.command(name="server-forget", description="Delete everything that belongs to this server")
    @app_commands.guild_only()
    async def server_forget(self, interaction: Interaction) -> None:
        """Ask a manager for confirmation before everything that belongs to the server is deleted."""
        guild_id = require_manager(interaction, is_decision=True)
        await confirm_forget_server(interaction, guild_id)

    @app_commands.command(
        name="lending", description="Let members lend documents, brands and personas to channels here"
    )
    @app_commands.describe(allowed="Allow it or not; people who manage the server always can")
    @app_commands.guild_only()
    async def lending(self, interaction: Interaction, allowed: bool) -> None:
        """Allow members to lend to the server's channels, or stop allowing it."""
        guild_id = require_manager(interaction, is_decision=True)
        await self._app.servers.allow_sharing(guild_id, allowed=allowed)
        confirmation = (
            "Everybody can now lend documents, brands and personas to this server's channels. When I write "
            "for others there, I use what is lent as information, never as instructions."
            if allowed
            else "From now on, only people who can manage this server can lend things here. What is already "
            "lent stays until somebody removes it with /knowledge forget, /brand delete or /persona "
            "delete."
        )
        await whisper(interaction, translate(confirmation, interaction.locale.value))


async def _send_export(
    interaction: Interaction, parts: list[bytes], too_large_names: list[str], *, message: str, stem: str
) -> None:
    """Send the ZIP files of an export in ephemeral messages, then the names of files too large for one."""
    for number, body in enumerate(parts, 1):
        name = f"{stem}.zip" if len(parts) == 1 else f"{stem}-{number}-of-{len(parts)}.zip"
        await interaction.followup.send(message, file=attachment(name, body), ephemeral=True)
    if too_large_names:
        text = translate("Too large for Discord; ask my operator for: {files}", interaction.locale.value)
        await whisper(interaction, text.format(files=", ".join(too_large_names)), wrong=True)


def _format_counts(counts: dict[str, int], locale: str) -> list[str]:
    names = (name for name in _LABELS if name in counts and name not in _HIDDEN_COUNTS)
    return [f"- {translate(_LABELS[name], locale)}: {counts[name]}" for name in names]


async def setup(bot: QuillmateBot) -> None:
    """Add the commands, and register the buttons so that those in old messages still work."""
    bot.add_dynamic_items(ForgetButton, ForgetServerButton)
    await bot.add_cog(PrivacyCommands(bot))
