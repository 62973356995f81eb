"""/webhook: lets owners manage the endpoints that are notified of approved and published texts, and delivers to them."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.errors import Phrase, QuillmateError, RefusedError
from bot.interactions.sharing import build_choices
from bot.locales import localize, translate
from bot.replies.ledger import day, plain
from bot.replies.views import note_view
from bot.team.webhooks.sender import MAX_URL_CHARACTERS
from bot.team.webhooks.webhooks import Webhooks
from bot.team.workspace.roles import Member
from storage.audit import AuditEntry
from storage.webhooks import Webhook

log = logging.getLogger(__name__)

# Interval of checks for deliveries to retry; new ones are sent immediately.
LOOK_SECONDS = 5.0
_SILENT = discord.AllowedMentions.none()
_ADDED = (
    "From now on, I'll notify {url} of what is approved and published here.\nIts secret, which I show only "
    "once: `{secret}`\nIt signs every message as Standard Webhooks describes; docs/teams.md explains how to "
    "check that."
)
_REMOVED = "I'll no longer notify {url}."
_TEST_WORKED = "The test worked: {url}"
_TEST_FAILED = "The test failed, {why}: {url}"
_NO_WEBHOOKS = "There are no webhooks yet. Set one up with /webhook add."
_PENDING = "{count} waiting to be sent"
_GAVE_UP = "gave up on {day}: {why}"


@app_commands.guild_only()
class WebhookCommands(
    commands.GroupCog, group_name="webhook", group_description="Notify other programs of what is approved and published"
):
    """Commands that manage webhooks, and the loop that sends deliveries."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot
        self._tasks: set[asyncio.Task[None]] = set()
        bot.app.recorder.add_listener(self._on_event)

    async def cog_unload(self) -> None:
        """Stop the deliveries; the next process sends the pending ones."""
        self._loop.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Start the loop."""
        if not self._loop.is_running():
            self._loop.start()

    @app_commands.command(name="add", description="Notify an address of what is approved and published here")
    @app_commands.describe(url="An address that starts with https://, on a host that my operator allows")
    async def add(self, interaction: Interaction, url: app_commands.Range[str, 1, MAX_URL_CHARACTERS]) -> None:
        """Add a webhook, and show its secret once."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        webhook = await _get_webhooks(interaction).add(*_get_guild_and_member(interaction), url.strip())
        message = Phrase(_ADDED, url=plain(webhook.url), secret=webhook.secret)
        await whisper(interaction, localize(message, interaction.locale.value))

    @app_commands.command(name="list", description="See the webhooks of this server and how they are doing")
    async def list_all(self, interaction: Interaction) -> None:
        """List the webhooks."""
        locale = interaction.locale.value
        webhooks = await _get_webhooks(interaction).list_webhooks(*_get_guild_and_member(interaction))
        lines = [_format_webhook(webhook, pending_count, locale) for webhook, pending_count in webhooks] or [
            translate(_NO_WEBHOOKS, locale)
        ]
        await whisper(interaction, "\n".join([f"### {translate('Webhooks', locale)}", *lines]))

    @app_commands.command(name="remove", description="Stop notifying an address")
    @app_commands.describe(url="Which one")
    async def remove(self, interaction: Interaction, url: str) -> None:
        """Remove a webhook."""
        webhook = await _get_webhooks(interaction).remove(*_get_guild_and_member(interaction), url)
        await whisper(interaction, localize(Phrase(_REMOVED, url=plain(webhook.url)), interaction.locale.value))

    @app_commands.command(name="test", description="Send a test to a webhook")
    @app_commands.describe(url="Which one")
    async def test(self, interaction: Interaction, url: str) -> None:
        """Send a test delivery, and report the outcome."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        webhook, failure = await _get_webhooks(interaction).test(*_get_guild_and_member(interaction), url)
        message = (
            Phrase(_TEST_FAILED, url=plain(webhook.url), why=failure)
            if failure
            else Phrase(_TEST_WORKED, url=plain(webhook.url))
        )
        await whisper(interaction, localize(message, interaction.locale.value), wrong=failure is not None)

    @remove.autocomplete("url")
    @test.autocomplete("url")
    async def _suggest_urls(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        try:
            webhooks = await _get_webhooks(interaction).list_webhooks(*_get_guild_and_member(interaction))
        except RefusedError:
            return []
        return build_choices([webhook.url for webhook, _ in webhooks], current)

    @tasks.loop(seconds=LOOK_SECONDS)
    async def _loop(self) -> None:
        """Send due deliveries periodically."""
        await self.run_once()

    async def run_once(self) -> None:
        """Send due deliveries, if this process is in charge."""
        try:
            if not self._bot.stopping and await self._bot.desk.holds_lease():
                await self._bot.app.webhooks.deliver(self._notify_author)
        except QuillmateError as error:
            log.warning("no webhooks sent: %s", type(error).__name__)
        except Exception:  # The loop continues.
            log.exception("no webhooks sent")

    async def _on_event(self, event: AuditEntry) -> None:
        if event.act in ("approve", "publish"):
            task = asyncio.create_task(self.run_once(), name="webhooks")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _notify_author(self, webhook: Webhook, reason: Phrase) -> None:
        """Notify the author of a webhook in a direct message that it was disabled; all owners see it in the list."""
        if webhook.created_by is None:
            return
        server = self._bot.get_guild(int(webhook.guild_id))
        locale = server.preferred_locale.value if server else "en"
        try:
            dm = await self._bot.create_dm(discord.Object(int(webhook.created_by)))
            view = note_view(localize(reason, locale), wrong=True, locale=locale)
            await dm.send(view=view, allowed_mentions=_SILENT)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("could not notify the author of a disabled webhook: %s", type(error).__name__)


def _format_webhook(webhook: Webhook, pending_count: int, locale: str) -> str:
    parts = [f"**{plain(webhook.url)}**", day(webhook.created_at)]
    if pending_count:
        parts.append(localize(Phrase(_PENDING, count=pending_count), locale))
    if webhook.failure:
        reason = Phrase.from_json(dict(webhook.failure["why"]))
        parts.append(f"⚠ {localize(Phrase(_GAVE_UP, day=day(str(webhook.failure['at'])), why=reason), locale)}")
    return " · ".join(parts)


def _get_guild_and_member(interaction: Interaction) -> tuple[str, Member]:
    return str(interaction.guild_id or ""), build_member(interaction.user)


def _get_webhooks(interaction: Interaction) -> Webhooks:
    return interaction.client.app.webhooks


async def setup(bot: QuillmateBot) -> None:
    """Add the commands, and start the delivery loop."""
    await bot.add_cog(WebhookCommands(bot))
