"""The Discord client: commands, the one door for requests, the one error handler."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, cast

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.admission.fair import Urgency
from bot.admission.limits import LimitError
from bot.admission.quotas import QuotaError, QuotaNotification
from bot.app import App
from bot.checks.language import identify_language
from bot.content import Request
from bot.errors import UNHEARD, QuillmateError, RefusedError
from bot.locales import LANGUAGES, Translator, error_text, translate
from bot.moderation import DespairError
from bot.moderation.helplines import region_of
from bot.replies.address import Address
from bot.replies.delivery import Show, deliver, is_temporary, refusal_in_words
from bot.replies.surface import Surface, direct_surface, note_surface
from bot.replies.traffic import counted
from bot.replies.views import note_view, note_views
from bot.requests.answers import build_job
from bot.requests.members import build_member as build_member
from bot.runtime import metrics
from bot.runtime.lease import Lease
from bot.runtime.logs import request_id
from bot.runtime.progress import acknowledged
from bot.runtime.shards import Shards
from bot.team.workspace.roles import Member
from personas.profile import Profile
from storage.alerts import unwritable
from storage.errors import StorageError
from storage.owner_keys import begin, begun_at

log = logging.getLogger(__name__)

# The package whose modules are found and loaded; this one imports none of them, as each of them imports this one.
COMMANDS = "bot.commands"
Interaction = discord.Interaction["QuillmateBot"]
# What Discord says of an interaction that was not acknowledged within 3 s.
_UNKNOWN_INTERACTION = 10062
_SILENT = discord.AllowedMentions.none()
# How discord.py names tasks that do something about an event, and how long a stop waits for those.
_OF_EVENTS = ("discord.py: ", "CommandTree-", "discord-ui-")
_EVENTS_SECONDS = 3.0
_STOPPING = "I am restarting. Try again in a minute; I will still answer what you asked before."
PERMISSIONS = discord.Permissions(
    send_messages=True, send_messages_in_threads=True, create_private_threads=True, send_polls=True, embed_links=True,
    attach_files=True, read_message_history=True, view_channel=True, create_public_threads=True,
)  # fmt: skip


class Tree(app_commands.CommandTree["QuillmateBot"]):
    """The commands, with the one handler of their errors."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Takes nothing new while the bot is stopping; autocompletion just stays empty."""
        request_id.set(str(interaction.id))
        begin()
        if not self.client.stopping:
            return True
        if interaction.type is not discord.InteractionType.autocomplete:
            await whisper(interaction, translate(_STOPPING, interaction.locale.value))
        return False

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Tells the person, privately, what happened."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await self.client.report(interaction, cause)


async def whisper(interaction: Interaction, said: str | discord.ui.LayoutView, *, wrong: bool = False) -> None:
    """Says something, or shows a view, that only the person who acted sees; all of a long text, in several messages or a file.

    Where an interaction takes it no more, it is a private message.
    """
    locale = interaction.locale.value
    if isinstance(said, str):
        views, whole = note_views(said, wrong=wrong, locale=locale)
    else:
        views, whole = [said], ()
    places: list[Show] = [partial(_respond, interaction), interaction.client.direct(interaction).finish]
    for view in views:
        if await deliver(view, list(whole), locale, places) == 0:
            continue
        if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
            with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
                await interaction.delete_original_response()  # Else it says "thinking…" for good.
        return


async def _respond(interaction: Interaction, view: discord.ui.LayoutView, files: Sequence[discord.File]) -> None:
    if interaction.response.is_done():
        await interaction.followup.send(view=view, files=list(files), ephemeral=True, allowed_mentions=_SILENT)
    else:
        await interaction.response.send_message(view=view, files=list(files), ephemeral=True, allowed_mentions=_SILENT)


# What is listened to: channels and roles, messages that name the bot, votes. Each more is a stream of events for every server, such as
# of who types, and a part of the cache.
INTENTS = discord.Intents(guilds=True, messages=True, polls=True)


class QuillmateBot(commands.AutoShardedBot):
    """The bot. It needs no privileged intent."""

    def __init__(
        self, app: App, *, lease: Lease | None = None, works: bool = True, hears: bool = True, **options: Any
    ) -> None:
        """Without `works` it takes requests and leaves them to other processes, without `hears` it never connects."""
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=INTENTS,
            allowed_mentions=_SILENT,
            help_command=None,
            tree_cls=Tree,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            max_messages=None,
            chunk_guilds_at_startup=False,
            http_trace=counted(app.pacer),
            **options,
        )
        self.app, self.works = app, works
        self.desk = app.desk(self, lease, works=works)
        self.stopping = False
        # `at_work` also where it hears nothing of Discord: requests come from other processes then.
        self.on_first_ready, self.at_work = asyncio.Event(), asyncio.Event()
        self._hears, self._heard = hears, cast("Shards | tuple[()] | None", None if lease is None else ())
        if lease is not None:
            parsers = self._connection.parsers
            parsers.update({name: partial(_while_held, lease, parse) for name, parse in parsers.items()})
        # Which request each button's press led to, so that a second press at once is not a second request.
        self.under_way: dict[str, str] = {}
        # The requests of interactions that are being taken right now.
        self._taking: set[str] = set()
        # What is asked of a model beside texts, by the id of each request.
        self.aside: set[str] = set()

    async def setup_hook(self) -> None:
        """Loads commands, takes up what an earlier process left, and tells Discord of commands that changed."""
        await self.tree.set_translator(Translator())
        for extension in extensions():
            await self.load_extension(extension)
        await self.app.hold(self.desk)
        if self._hears:
            await self._sync_if_changed()

    async def on_ready(self) -> None:
        """Once connected: loads what is slow, in the background."""
        if not self.on_first_ready.is_set():
            self.on_first_ready.set()
            log.info("ready", extra={"guilds": len(self.guilds)})
            self.begin()

    def begin(self) -> None:
        """Begins to work, once: loads what is slow, in the background."""
        if not self.at_work.is_set():
            self.at_work.set()
            if self.works:
                self.app.warm()
                self.dispatch("begin")

    def hear(self, shards: Shards) -> None:
        """Serves these shards from the next `connect` on; with a lease it serves nothing before."""
        self._heard = shards
        self.shard_ids, self.shard_count = list(shards.ids), shards.count

    def serves(self, guild_id: str) -> bool:
        """Whether this process is the one that hears of a server; of direct messages where there is no id."""
        return self._heard is None or guild_id in self._heard

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Errors in listeners; the person is told where the event is a message."""
        import sys

        error = sys.exc_info()[1]
        if error is None:
            return
        message = args[0] if args and isinstance(args[0], discord.Message) else None
        text = error_text(error, locale_of(message) if message else "en")
        if message is not None:
            await self.say(message, text, wrong=True)

    async def on_message(self, message: discord.Message, /) -> None:
        """Messages are handled by bot/commands/talk.py; there are no prefix commands."""

    async def report(self, interaction: Interaction, error: BaseException) -> None:
        """Tells somebody privately what went wrong; nothing where Discord has told them already that it came too late."""
        if isinstance(error, discord.NotFound) and error.code == _UNKNOWN_INTERACTION:
            log.warning("given up: it was acknowledged too late")
            return
        if isinstance(error, discord.HTTPException) and not is_temporary(error.status):
            log.warning("Discord refused an answer", extra={"status": error.status, "code": error.code})
            error = RefusedError(refusal_in_words(error.status))
        error = await self.caring(error, interaction.user.id, interaction.locale.value)
        wrong = not isinstance(error, DespairError)
        await whisper(interaction, error_text(error, interaction.locale.value), wrong=wrong)

    async def caring(self, error: BaseException, user_id: int, locale: str) -> BaseException:
        """The error; of somebody in despair with the help of their country, as their profile or their Discord names it."""
        if not isinstance(error, DespairError):
            return error
        profile = Profile()
        with contextlib.suppress(StorageError):
            profile = await self.app.profiles.load(str(user_id))
        # "en-US" is what Discord is set to all over the world, so it names no country.
        of_discord = region_of(locale=locale) if locale != "en-US" else ""
        region = region_of(locale=profile.locale, timezone=profile.timezone) or of_discord
        return DespairError(region=region, language=error.language)

    async def refuse_message(self, message: discord.Message, error: QuillmateError) -> None:
        """Tells somebody who wrote a message why nothing is made of it.

        Alone, where that can be, is told who is in despair, or whose quota is used up.
        """
        locale = locale_of(message)
        error = cast(QuillmateError, await self.caring(error, message.author.id, server_locale(message)))
        text = error_text(error, locale)
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
                log.info("no direct message can be sent")
        await self.say(message, text)

    async def say(self, message: discord.Message, text: str, *, wrong: bool = False) -> None:
        """Replies to a message with a note."""
        await self.reply(message, note_view(text, wrong=wrong, locale=locale_of(message)))

    async def reply(self, message: discord.Message, view: discord.ui.LayoutView) -> None:
        """Replies to a message with a view beside its answer; privately where its channel takes none."""
        address = Address(
            user_id=message.author.id,
            channel_id=message.channel.id,
            created=time.time(),
            locale=locale_of(message),
            message_id=message.id,
        )
        places = [one(self, address, self.app.pacer).finish for one in (note_surface, direct_surface)]
        await deliver(view, (), address.locale, places)

    def direct(self, interaction: Interaction) -> Surface:
        """The private messages of whoever acted."""
        address = Address(
            user_id=interaction.user.id,
            channel_id=interaction.channel_id or 0,
            created=time.time(),
            locale=interaction.locale.value,
            token=interaction.token,
        )
        return direct_surface(self, address, self.app.pacer)

    async def take(self, interaction: Interaction, request: Request, *, privately: bool = False) -> None:
        """The door for interactions: keeps the job, then acknowledges. Refuse before calling this.

        What is answered `privately` is shown to whoever acted alone.
        """
        if self.stopping:
            raise RefusedError(_STOPPING)
        request = placed(request, interaction.guild_id, interaction.channel_id, interaction.channel)
        address = Address(
            user_id=interaction.user.id,
            channel_id=interaction.channel_id or 0,
            created=_begun(),
            locale=interaction.locale.value,
            application_id=interaction.application_id,
            token=interaction.token,
        )
        self._taking.add(request.id)
        try:
            notes = await self._admit(request, build_member(interaction.user))
        except BaseException:
            self._taking.discard(request.id)
            raise
        ready = self.desk.answers.acknowledgements.setdefault(request.id, asyncio.Event())
        try:
            commanded = interaction.type is discord.InteractionType.application_command
            urgency = Urgency.COMMAND if commanded else Urgency.PRESS
            await self.desk.jobs.submit(
                request.id, request.user_id, build_job(request, address, notes, urgency), urgency
            )
            try:
                await interaction.response.defer(thinking=True, ephemeral=privately)
                acknowledged(request.id, time.time() - address.created)
            except discord.NotFound as error:
                if error.code != _UNKNOWN_INTERACTION:
                    raise
                # Discord has told them that nothing came: an answer in the channel half a minute later is to nothing they see.
                log.warning("given up: it was acknowledged too late")
                await self.desk.jobs.cancel(request.id, request.user_id, UNHEARD)
                await self.desk.answers.accounts.finish(request.id)
        finally:
            self._taking.discard(request.id)
            ready.set()
            self.desk.answers.acknowledgements.pop(request.id, None)

    def is_under_way(self, request_id: str) -> bool:
        """Whether a request is being taken or worked on."""
        desk = self.desk
        if request_id in self._taking or request_id in self.aside or desk.jobs.is_running(request_id):
            return True
        beside = (desk.bulk, desk.campaign_writing, desk.synthetic_tables)
        return any(request_id in one.under_way for one in beside)

    async def take_message(self, message: discord.Message, request: Request) -> None:
        """The door for messages: keeps the job; the answer itself is the acknowledgement."""
        after = request.before.text if request.before else request.earlier
        if self.stopping:
            raise RefusedError(_STOPPING)
        guild_id = message.guild.id if message.guild else None
        request = placed(request, guild_id, message.channel.id, message.channel)
        notes = await self._admit(request, build_member(message.author))
        address = Address(
            user_id=message.author.id,
            channel_id=message.channel.id,
            created=_begun(),
            locale=locale_of(message, after),
            message_id=message.id,
        )
        job = build_job(request, address, notes)
        await self.desk.jobs.submit(request.id, request.user_id, job, Urgency.COMMAND)

    async def _admit(self, request: Request, member: Member) -> list[QuotaNotification]:
        """Counts a request; gives what whoever asks is told once. Raises as `Door.admit` does."""
        request_id.set(request.id)
        try:
            return await self.desk.admission.admit(
                request, member, self.is_under_way, pending=lambda: self.desk.jobs.count_pending(request.user_id)
            )
        except RefusedError as error:
            metrics.REQUESTS.add(request.kind or "", "limited" if isinstance(error, LimitError) else "refused")
            raise

    async def stop(self, seconds: float) -> None:
        """Stops accepting, lets what runs finish for so long, and disconnects. The rest is taken up at the next start.

        What Discord has told by then is taken first, and nothing is left half told when the connection goes.
        """
        await self._events_done()
        self.stopping = True
        await self.end_work(seconds)
        for shard in self.shards.values():
            await shard.disconnect()
        await self._events_done()
        await self.close()

    async def _events_done(self) -> None:
        """Waits a moment for what is being done about events that have come."""
        current = asyncio.current_task()
        tasks = [one for one in asyncio.all_tasks() if one is not current and one.get_name().startswith(_OF_EVENTS)]
        if tasks:
            await asyncio.wait(tasks, timeout=_EVENTS_SECONDS)

    async def end_work(self, seconds: float) -> None:
        """Lets what runs finish for so long and hands back the rest; to be done before Discord is left."""
        await self.app.end_warming()
        await self.desk.end(seconds)

    @property
    def invite(self) -> str:
        """The address that adds the bot to a server."""
        client_id = self.application_id or 0
        return discord.utils.oauth_url(client_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands"))

    async def described(self) -> list[dict[str, Any]]:
        """The commands as Discord is told of them, with their descriptions in every language."""
        return [await one.get_translated_payload(self.tree, Translator()) for one in self.tree.get_commands()]

    async def _sync_if_changed(self) -> None:
        """Syncs the commands when they differ from those that were synced last; syncing is limited to 200 a day."""
        payload = await self.described()
        digest = hashlib.sha256(json.dumps([self.application_id, payload], sort_keys=True).encode()).hexdigest()
        file = self.app.settings.data / "synced-commands"
        if file.is_file() and file.read_text(encoding="ascii") == digest:
            return
        # `tree.sync` would put the same together once more.
        await self.http.bulk_upsert_global_commands(cast("int", self.application_id), payload=payload)
        try:
            file.write_text(digest, encoding="ascii")
        except OSError as error:  # It only syncs once more at the next start.
            unwritable("data", error)
        log.info("commands synced")


def _while_held(lease: Lease, parse: Callable[[Any], None], data: Any) -> None:
    """Takes an event unless the lease is over: then another process has the shard, and takes it."""
    if lease.left > 0 and not lease.lost.is_set():
        parse(data)


def extensions() -> list[str]:
    """The names of the modules with commands; those that begin with "_" are what these share."""
    package = find_spec(COMMANDS)
    assert package is not None
    found = iter_modules(package.submodule_search_locations)
    return [f"{COMMANDS}.{one.name}" for one in found if not one.name.startswith("_")]


def server_locale(message: discord.Message) -> str:
    """The language of the server that a message stands in; of a direct message English."""
    return message.guild.preferred_locale.value if message.guild else "en"


def locale_of(message: discord.Message, after: str = "") -> str:
    """The language that a message is answered in: the one that it, or the text that it goes on from, is in, else its server's.

    Discord tells no person's own with a message, and most servers were never set to theirs.
    """
    found, server = identify_language(message.content) or identify_language(after), server_locale(message)
    return found if found in ("en", *LANGUAGES) and found != server.partition("-")[0] else server


def _begun() -> float:
    """When whoever asks acted, in seconds since the epoch: what was begun before somebody was forgotten is not kept."""
    begun = begun_at.get()
    return begun.timestamp() if begun else time.time()


def placed(request: Request, guild_id: int | None, channel_id: int | None, channel: object) -> Request:
    """The request with the place it is asked in."""
    thread_of = str(channel.parent_id) if isinstance(channel, discord.Thread) else ""
    return replace(request, guild_id=str(guild_id or ""), channel_id=str(channel_id or ""), thread_of=thread_of)
