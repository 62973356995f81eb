"""The Discord client: loads commands, accepts requests, and handles errors."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.admission.fair import Urgency
from bot.admission.limits import LimitError
from bot.admission.quotas import QuotaError, QuotaNotification
from bot.app import App
from bot.content import Request
from bot.errors import UNHEARD, QuillmateError, RefusedError
from bot.extensions import list_extensions, load_plugin_commands
from bot.grants import INTENTS, PERMISSIONS, reads_messages
from bot.locales import Translator, translate, translate_error
from bot.moderation import DespairError
from bot.moderation.helplines import find_region
from bot.replies.address import Address, find_locale, find_server_locale
from bot.replies.delivery import Show, deliver, describe_refusal, is_temporary
from bot.replies.surface import Surface, direct_surface, note_surface
from bot.replies.traffic import build_trace
from bot.replies.views import note_view, note_views
from bot.requests.answers import build_job
from bot.requests.members import add_place
from bot.requests.members import build_member as build_member
from bot.runtime import metrics
from bot.runtime.active_requests import record_acknowledgement
from bot.runtime.lease import Lease
from bot.runtime.logs import request_id
from bot.runtime.shards import Shards
from bot.team.workspace.roles import Member
from personas import plugins
from personas.profile import Profile
from storage.alerts import report_unwritable
from storage.errors import StorageError
from storage.owner_keys import begin, begun_at

log = logging.getLogger(__name__)
Interaction = discord.Interaction["QuillmateBot"]
# Discord's error code for an interaction that was not acknowledged within 3 s.
_UNKNOWN_INTERACTION = 10062
_SILENT = discord.AllowedMentions.none()
# Name prefixes of discord.py's event tasks, and how long a stop waits for those.
_EVENT_TASK_PREFIXES = ("discord.py: ", "CommandTree-", "discord-ui-")
_EVENTS_TIMEOUT_SECONDS = 3.0
_STOPPING = "I am restarting. Try again in a minute; I will still answer what you asked before."


class CommandTree(app_commands.CommandTree["QuillmateBot"]):
    """The command tree, with the handler of command errors."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Refuse new interactions while the bot is stopping; autocompletion stays empty."""
        request_id.set(str(interaction.id))
        begin()
        if not self.client.stopping:
            return True
        if interaction.type is not discord.InteractionType.autocomplete:
            await whisper(interaction, translate(_STOPPING, interaction.locale.value))
        return False

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Show the user privately what went wrong."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await self.client.report(interaction, cause)


async def whisper(interaction: Interaction, message: str | discord.ui.LayoutView, *, wrong: bool = False) -> None:
    """Show a text or view to the acting user only; a long text is split into several messages or a file.

    Falls back to a direct message where the interaction has expired.
    """
    locale = interaction.locale.value
    if isinstance(message, str):
        views, whole = note_views(message, wrong=wrong, locale=locale)
    else:
        views, whole = [message], ()
    places: list[Show] = [partial(_respond, interaction), interaction.client.direct(interaction).finish]
    for view in views:
        if await deliver(view, list(whole), locale, places) == 0:
            continue
        if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
            with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
                await interaction.delete_original_response()  # Otherwise it shows "thinking…" forever.
        return


async def _respond(interaction: Interaction, view: discord.ui.LayoutView, files: Sequence[discord.File]) -> None:
    if interaction.response.is_done():
        await interaction.followup.send(view=view, files=list(files), ephemeral=True, allowed_mentions=_SILENT)
    else:
        await interaction.response.send_message(view=view, files=list(files), ephemeral=True, allowed_mentions=_SILENT)


class QuillmateBot(commands.AutoShardedBot):
    """The bot. It needs no privileged intent, and uses Message Content where the Developer Portal grants it: without it
    Discord hides the text of a reply to a command's response.
    """

    def __init__(
        self, app: App, *, lease: Lease | None = None, works: bool = True, hears: bool = True, **options: Any
    ) -> None:
        """Without `works` it leaves requests to other processes, without `hears` it never connects."""
        # discord.py reads this object when it connects, and only then.
        self._requested_intents = discord.Intents(**dict(INTENTS))
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=self._requested_intents,
            allowed_mentions=_SILENT,
            help_command=None,
            tree_cls=CommandTree,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            max_messages=None,
            chunk_guilds_at_startup=False,
            http_trace=build_trace(app.pacer),
            **options,
        )
        self.app, self.works = app, works
        self.desk = app.build_desk(self, lease, works=works)
        self.stopping = False
        # `at_work` is also set without a connection: requests then come from other processes.
        self.on_first_ready, self.at_work = asyncio.Event(), asyncio.Event()
        self._hears, self._heard = hears, cast("Shards | tuple[()] | None", None if lease is None else ())
        if lease is not None:
            parsers = self._connection.parsers
            parsers.update({name: partial(_parse_while_held, lease, parse) for name, parse in parsers.items()})
        # The request of each pressed button, so that a second press at once makes no second request.
        self.under_way: dict[str, str] = {}
        # Requests being accepted right now.
        self._accepting: set[str] = set()
        # Ids of requests that use a model outside of jobs.
        self.aside: set[str] = set()

    async def setup_hook(self) -> None:
        """Load commands, resume the requests of an earlier process, and sync changed commands."""
        self._requested_intents.message_content = reads_messages(self.application_flags)
        await self.tree.set_translator(Translator())
        for extension in list_extensions():
            await self.load_extension(extension)
        for name, extension in load_plugin_commands().items():
            try:
                await self.load_extension(extension)
            except Exception as error:  # A plugin never keeps the bot from starting.
                plugins.reject("commands", name, error)
        await self.app.hold(self.desk)
        if self._hears:
            await self._sync_if_changed()

    async def on_ready(self) -> None:
        """Start working once connected."""
        if not self.on_first_ready.is_set():
            self.on_first_ready.set()
            log.info("ready", extra={"guilds": len(self.guilds)})
            self.begin()

    def begin(self) -> None:
        """Start working, once: load slow parts in the background."""
        if not self.at_work.is_set():
            self.at_work.set()
            if self.works:
                self.app.warm()
                self.dispatch("begin")

    def hear(self, shards: Shards) -> None:
        """Serve these shards from the next `connect` on; with a lease it serves none before."""
        self._heard = shards
        self.shard_ids, self.shard_count = list(shards.ids), shards.count

    def serves(self, guild_id: str) -> bool:
        """Return whether this process receives the events of a server; without an id, of direct messages."""
        return self._heard is None or guild_id in self._heard

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Handle an error in a listener; where the event is a message, its author is notified."""
        import sys

        error = sys.exc_info()[1]
        if error is None:
            return
        message = args[0] if args and isinstance(args[0], discord.Message) else None
        text = translate_error(error, find_locale(message) if message else "en")
        if message is not None:
            await self.say(message, text, wrong=True)

    async def on_message(self, message: discord.Message, /) -> None:
        """Do nothing: bot/commands/talk.py handles messages, and there are no prefix commands."""

    async def report(self, interaction: Interaction, error: BaseException) -> None:
        """Show the user privately what went wrong, unless Discord has already reported a late acknowledgement."""
        if isinstance(error, discord.NotFound) and error.code == _UNKNOWN_INTERACTION:
            log.warning("given up: it was acknowledged too late")
            return
        if isinstance(error, discord.HTTPException) and not is_temporary(error.status):
            log.warning("Discord refused an answer", extra={"status": error.status, "code": error.code})
            error = RefusedError(describe_refusal(error.status))
        error = await self.add_help_line(error, interaction.user.id, interaction.locale.value)
        wrong = not isinstance(error, DespairError)
        await whisper(interaction, translate_error(error, interaction.locale.value), wrong=wrong)

    async def add_help_line(self, error: BaseException, user_id: int, locale: str) -> BaseException:
        """Return the error; for a user in despair, with the help line of the country in their profile or Discord
        locale.
        """
        if not isinstance(error, DespairError):
            return error
        profile = Profile()
        with contextlib.suppress(StorageError):
            profile = await self.app.profiles.load(str(user_id))
        # "en-US" is Discord's default all over the world, so it names no country.
        of_discord = find_region(locale=locale) if locale != "en-US" else ""
        region = find_region(locale=profile.locale, timezone=profile.timezone) or of_discord
        return DespairError(region=region, language=error.language)

    async def refuse_message(self, message: discord.Message, error: QuillmateError) -> None:
        """Tell the author of a message why it is refused.

        Messages about despair or a quota go to the author only, where possible.
        """
        locale = find_locale(message)
        error = cast(QuillmateError, await self.add_help_line(error, message.author.id, find_server_locale(message)))
        text = translate_error(error, locale)
        if not isinstance(error, DespairError | QuotaError):
            await self.say(message, text)
            return
        if message.guild is not None:
            try:
                await message.author.send(view=note_view(text), allowed_mentions=_SILENT)
                if isinstance(error, QuotaError):
                    return
                text = translate("I have sent you a direct message.", error.language)
            except discord.HTTPException:
                log.info("a direct message cannot be sent")
        await self.say(message, text)

    async def say(self, message: discord.Message, text: str, *, wrong: bool = False) -> None:
        """Reply to a message with a note."""
        await self.reply(message, note_view(text, wrong=wrong, locale=find_locale(message)))

    async def reply(self, message: discord.Message, view: discord.ui.LayoutView) -> None:
        """Reply to a message with a view; in a direct message where the channel refuses it."""
        address = Address(
            user_id=message.author.id,
            channel_id=message.channel.id,
            created=time.time(),
            locale=find_locale(message),
            message_id=message.id,
        )
        places = [one(self, address, self.app.pacer).finish for one in (note_surface, direct_surface)]
        await deliver(view, (), address.locale, places)

    def direct(self, interaction: Interaction) -> Surface:
        """Return the direct-message surface of the acting user."""
        address = Address(
            user_id=interaction.user.id,
            channel_id=interaction.channel_id or 0,
            created=time.time(),
            locale=interaction.locale.value,
            token=interaction.token,
        )
        return direct_surface(self, address, self.app.pacer)

    async def take(self, interaction: Interaction, request: Request, *, privately: bool = False) -> None:
        """Accept a request from an interaction: save the job, then acknowledge. Refuse before calling this.

        `privately` shows the answer to the acting user only.
        """
        if self.stopping:
            raise RefusedError(_STOPPING)
        request = add_place(request, interaction.guild_id, interaction.channel_id, interaction.channel)
        address = Address(
            user_id=interaction.user.id,
            channel_id=interaction.channel_id or 0,
            created=_find_start_time(),
            locale=interaction.locale.value,
            application_id=interaction.application_id,
            token=interaction.token,
        )
        self._accepting.add(request.id)
        try:
            notes = await self._admit(request, build_member(interaction.user))
        except BaseException:  # Also a cancellation: what is not admitted must not count as in progress.
            self._accepting.discard(request.id)
            raise
        ready = self.desk.answers.acknowledgements.setdefault(request.id, asyncio.Event())
        try:
            is_command = interaction.type is discord.InteractionType.application_command
            urgency = Urgency.COMMAND if is_command else Urgency.PRESS
            await self.desk.jobs.submit(
                request.id, request.user_id, build_job(request, address, notes, urgency), urgency
            )
            try:
                await interaction.response.defer(thinking=True, ephemeral=privately)
                record_acknowledgement(request.id, time.time() - address.created)
            except discord.NotFound as error:
                if error.code != _UNKNOWN_INTERACTION:
                    raise
                # Discord has already reported a failure to the user, so a later answer would refer to nothing.
                log.warning("given up: it was acknowledged too late")
                await self.desk.jobs.cancel(request.id, request.user_id, UNHEARD)
                await self.desk.answers.accounts.finish(request.id)
        finally:
            self._accepting.discard(request.id)
            ready.set()
            self.desk.answers.acknowledgements.pop(request.id, None)

    def is_under_way(self, request_id: str) -> bool:
        """Return whether a request is being accepted or is in progress."""
        desk = self.desk
        if request_id in self._accepting or request_id in self.aside or desk.jobs.is_running(request_id):
            return True
        long_jobs = (desk.bulk, desk.campaign_writing, desk.synthetic_tables)
        return any(request_id in jobs.active_request_ids for jobs in long_jobs)

    async def take_message(self, message: discord.Message, request: Request) -> None:
        """Accept a request from a message: save the job; the answer itself is the acknowledgement."""
        after = request.before.text if request.before else request.earlier
        if self.stopping:
            raise RefusedError(_STOPPING)
        guild_id = message.guild.id if message.guild else None
        request = add_place(request, guild_id, message.channel.id, message.channel)
        notes = await self._admit(request, build_member(message.author))
        address = Address(
            user_id=message.author.id,
            channel_id=message.channel.id,
            created=_find_start_time(),
            locale=find_locale(message, after),
            message_id=message.id,
        )
        job = build_job(request, address, notes)
        await self.desk.jobs.submit(request.id, request.user_id, job, Urgency.COMMAND)

    async def _admit(self, request: Request, member: Member) -> list[QuotaNotification]:
        """Count a request; return one-time notifications for its author. Raises like `AdmissionControl.admit`."""
        request_id.set(request.id)
        try:
            return await self.desk.admission.admit(
                request, member, self.is_under_way, pending=lambda: self.desk.jobs.count_pending(request.user_id)
            )
        except RefusedError as error:
            metrics.REQUESTS.add(request.kind or "", "limited" if isinstance(error, LimitError) else "refused")
            raise

    async def stop(self, seconds: float) -> None:
        """Stop accepting, let running work finish within a timeout, and disconnect. The rest resumes at the next
        start.

        Events received so far are handled first, and none is left half-handled when the connection closes.
        """
        await self._wait_for_events()
        self.stopping = True
        await self.end_work(seconds)
        for shard in self.shards.values():
            await shard.disconnect()
        await self._wait_for_events()
        await self.close()

    async def _wait_for_events(self) -> None:
        """Wait briefly for the handlers of received events."""
        current = asyncio.current_task()
        tasks = [
            one for one in asyncio.all_tasks() if one is not current and one.get_name().startswith(_EVENT_TASK_PREFIXES)
        ]
        if tasks:
            await asyncio.wait(tasks, timeout=_EVENTS_TIMEOUT_SECONDS)

    async def end_work(self, seconds: float) -> None:
        """Let running work finish within a timeout and hand back the rest; call before leaving Discord."""
        await self.app.end_warming()
        await self.desk.end(seconds)

    @property
    def invite(self) -> str:
        """The address that adds the bot to a server."""
        client_id = self.application_id or 0
        return discord.utils.oauth_url(client_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands"))

    async def describe_commands(self) -> list[dict[str, Any]]:
        """Return the commands as sent to Discord, with descriptions in every language."""
        return [await one.get_translated_payload(self.tree, Translator()) for one in self.tree.get_commands()]

    async def _sync_if_changed(self) -> None:
        """Sync the commands when they differ from the last sync; Discord allows 200 a day."""
        payload = await self.describe_commands()
        digest = hashlib.sha256(json.dumps([self.application_id, payload], sort_keys=True).encode()).hexdigest()
        file = self.app.settings.data / "synced-commands"
        if file.is_file() and file.read_text(encoding="ascii") == digest:
            return
        # `tree.sync` would build the same payload again.
        await self.http.bulk_upsert_global_commands(cast("int", self.application_id), payload=payload)
        try:
            file.write_text(digest, encoding="ascii")
        except OSError as error:  # It only syncs again at the next start.
            report_unwritable("data", error)
        log.info("commands synced")


def _parse_while_held(lease: Lease, parse: Callable[[Any], None], data: Any) -> None:
    """Handle an event unless the lease is over: another process then has the shard and handles it."""
    if lease.seconds_left > 0 and not lease.lost.is_set():
        parse(data)


def _find_start_time() -> float:
    """Return when the user acted, in seconds since the epoch: what began before their erasure is not stored."""
    started = begun_at.get()
    return started.timestamp() if started else time.time()
