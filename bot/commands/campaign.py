"""/campaign: a thread from one brief with a plan, every text as a message to review, and a board that always shows how it stands."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.client import Interaction, QuillmateBot, member_of, whisper
from bot.errors import Phrase, QuillmateError, RefusedError
from bot.generation.changes import changes
from bot.kinds.campaign import places, places_in
from bot.locales import said, translate
from bot.replies.delivery import is_temporary
from bot.replies.files import attachment, file_name
from bot.replies.ledger import changed_in_words
from bot.replies.traffic import paced
from bot.replies.views import note_view
from bot.requests.campaign_files import zipped
from bot.requests.campaigns import IMAGE_PROMPTS, MOST_PLACES, Campaigns, GoneError, Standing
from bot.team.workspace.auditing import Wanted
from bot.team.workspace.roles import Act, Member
from storage.audit import Event
from storage.campaigns import Campaign, Piece
from storage.owners import guild_of

from ._campaigns import PAGE, beside, board_file, board_picture, board_table, board_view, list_view, reworded_view
from ._components import Form, Found
from ._intake import brief_of
from ._lending import choices
from ._requests import new_seed
from ._review import review_view

log = logging.getLogger(__name__)

# Campaigns of which something waits are looked for so often; a board is edited so often at most.
LOOK_SECONDS, BOARD_SECONDS = 20.0, 3.0
_SILENT = discord.AllowedMentions.none()
_MOST_BRIEF, _MOST_NAME, _LOOKED_THROUGH, _MOST_OFFERED = 4000, 90, 200, 100
_CLOCKS = timedelta(minutes=1)
# What Discord says of a thread that was put away.
_ARCHIVED = 50083
_USUAL = ("email", "instagram", "landing_page")
_NOWHERE = "I can open campaigns in channels and forums of servers that I was added to, and not here."
_NOT_WRITING = "You may not open threads in that channel. Choose another one."
_CANNOT_OPEN = "I may not open threads in that channel. Choose another one, or ask who manages this server to let me."
_NO_SUCH_PLACE = "I know none of these places. I know {known}."
_BEGUN = "Your campaign is here: {thread}"
_REDOING = "I write {count} of them anew. What was approved stays as a version of its own."
_AGAIN = "I try {count} of them again."
_NO_CAMPAIGN = "There is no campaign in this thread. Name one, or see /campaign show."
_THREAD_GONE = "The thread of the campaign “{title}” is gone, so I make nothing more for it. Its texts are in /library."
_TOO_LARGE = "The archive has {size} MB, and this server takes {most} MB. Take its texts out of /library one by one."
_STOPPING = "I am being restarted. Try again in a minute."

Opener = discord.TextChannel | discord.ForumChannel


@app_commands.guild_only()
class CampaignCommands(
    commands.GroupCog, group_name="campaign", group_description="A plan and all its texts from one brief"
):
    """Opens campaigns, and has their pieces made, those too that an earlier process left."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot
        self._working: dict[str, asyncio.Task[None]] = {}
        # Those whose thread this process is opening right now.
        self.opening: set[str] = set()

    async def cog_unload(self) -> None:
        """Ends with the bot; what is not through is made by the next process."""
        self.looking.cancel()
        for task in self._working.values():
            task.cancel()
        await asyncio.gather(*self._working.values(), return_exceptions=True)

    @classmethod
    def of(cls, bot: QuillmateBot) -> CampaignCommands:
        """The one of a client."""
        found = bot.get_cog(cls.__cog_name__)
        assert isinstance(found, CampaignCommands)
        return found

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Begins to look."""
        if not self.looking.is_running():
            self.looking.start()

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Ends a campaign whose thread somebody deletes."""
        campaigns = self._bot.desk.campaigns
        campaign = await campaigns.shown_in(str(payload.guild_id), str(payload.thread_id))
        if campaign is not None:
            await self.end(campaign)

    @app_commands.command(name="new", description="Begin a campaign: a plan and all its texts from one brief")
    @app_commands.describe(
        brief="What it is for, whom, when; you can also write it in the form that follows",
        channels="What it is to have, such as Instagram, email, landing page; those that the brief names when left out",
        where="The channel or forum that its thread is opened in; this channel when left out",
    )
    async def new(
        self,
        interaction: Interaction,
        brief: app_commands.Range[str, 0, _MOST_BRIEF] | None = None,
        channels: app_commands.Range[str, 0, 300] | None = None,
        where: Opener | None = None,
    ) -> None:
        """Asks what it is to have, with what the brief names chosen already."""
        await _allow(interaction, Act.FILE, Act.MAKE)
        place = _place(interaction, where)
        text = brief_of(brief) if brief and brief.strip() else ""
        chosen = places_in(channels or text)
        if channels and not chosen:
            raise RefusedError(_NO_SUCH_PLACE, known=list(places().values()))
        await interaction.response.send_modal(NewForm(text, chosen, place.id, interaction.locale.value))

    @app_commands.command(name="brief", description="Change the brief of a campaign and see what is stale then")
    @app_commands.describe(campaign="Which one; that of this thread when left out")
    async def brief(self, interaction: Interaction, campaign: str | None = None) -> None:
        """Asks for the changed brief."""
        await _ask_for_brief(interaction, (await _named(interaction, campaign)).id)

    @app_commands.command(name="show", description="See the campaigns of this server and how they stand")
    async def show(self, interaction: Interaction) -> None:
        """Shows the newest to whoever asks alone."""
        await _show_list(interaction, 0)

    @app_commands.command(name="zip", description="Get a campaign as one .zip: plan, texts, prompts, pictures, board")
    @app_commands.describe(campaign="Which one; that of this thread when left out")
    async def archive(self, interaction: Interaction, campaign: str | None = None) -> None:
        """Gives it to whoever asks alone."""
        await _give_zip(interaction, (await _named(interaction, campaign)).id)

    @brief.autocomplete("campaign")
    @archive.autocomplete("campaign")
    async def _titles(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        try:
            found = await _campaigns(interaction).all(*_who(interaction))
        except RefusedError:
            return []
        return choices([one.title for one in found[:_MOST_OFFERED]], current)

    @tasks.loop(seconds=LOOK_SECONDS)
    async def looking(self) -> None:
        """Goes on with what waits."""
        await self.look()

    async def look(self) -> None:
        """Begins to make what waits of each campaign that this process is not at yet."""
        bot = self._bot
        try:
            if bot.stopping or not await bot.desk.in_charge():
                return
            for campaign in await bot.desk.campaigns.unfinished():
                if campaign.id not in self._working and campaign.id not in self.opening:
                    self._working[campaign.id] = asyncio.create_task(self._work(campaign), name=campaign.id)
        except QuillmateError as error:
            log.warning("no campaigns taken up: %s", type(error).__name__)

    async def idle(self) -> None:
        """Waits until nothing is made any more."""
        while self._working:
            await asyncio.gather(*self._working.values(), return_exceptions=True)

    async def _work(self, campaign: Campaign) -> None:
        board = Board.of(self._bot)
        try:
            if not campaign.thread_id:  # The process that began it has ended before it was open.
                campaign = await _taken_up(board, campaign)
            await self._bot.desk.campaigns.work(campaign, board, lambda: self._bot.stopping)
        except GoneError:
            await self.end(campaign, closed=True)
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("a campaign is left for later: %s", type(error).__name__)
        except Exception:
            log.exception("a campaign is left for later")
        finally:
            self._working.pop(campaign.id, None)

    async def end(self, campaign: Campaign, *, closed: bool = False) -> None:
        """Ends a campaign whose thread is gone, and tells who began it."""
        if not await self._bot.desk.campaigns.close(campaign) and not closed:
            return
        if campaign.given_by is None:
            return
        note = said(Phrase(_THREAD_GONE, title=campaign.title), campaign.locale)
        try:
            there = await self._bot.create_dm(discord.Object(int(campaign.given_by)))
            await there.send(view=note_view(note, locale=campaign.locale), allowed_mentions=_SILENT)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("that a thread is gone could not be told: %s", type(error).__name__)


class Board(commands.Cog, name="CampaignBoard"):
    """Keeps each campaign's board as it stands, whatever is done with a text of it and wherever, and shows its pieces."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot
        self._waiting: dict[tuple[str, str], Phrase | None] = {}
        self._at: dict[tuple[str, str], float] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        bot.app.recorder.listen(self._noted)

    async def cog_unload(self) -> None:
        """Ends with the bot: what was not shown by then is shown at the next change."""
        for task in self._tasks:
            task.cancel()

    @classmethod
    def of(cls, bot: QuillmateBot) -> Board:
        """The board of a client."""
        found = bot.get_cog(cls.__cog_name__)
        assert isinstance(found, Board)
        return found

    async def _noted(self, event: Event) -> None:
        if not event.about:
            return
        campaigns, guild_id = self._bot.desk.campaigns, guild_of(event.owner_id)
        piece = await campaigns.piece_of(guild_id, event.about)
        campaign = await campaigns.known(guild_id, piece.campaign_id if piece else event.about)
        if campaign is not None:
            self.soon(campaign)

    def soon(self, campaign: Campaign, note: Phrase | None = None) -> None:
        """Shows a campaign as it stands soon; of many changes at once what has come of all of them."""
        key = campaign.guild_id, campaign.id
        if key in self._waiting:
            self._waiting[key] = note
            return
        self._waiting[key] = note
        task = asyncio.create_task(self._show(key), name="board shown")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _show(self, key: tuple[str, str]) -> None:
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                wait = self._at.get(key, -BOARD_SECONDS) + BOARD_SECONDS - time.monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
                note = self._waiting.pop(key, None)  # What changes from here on is shown once more.
                await self._shown(*key, note)
                self._at[key] = time.monotonic()
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("a board could not be shown: %s", type(error).__name__)
        except Exception:
            log.exception("a board could not be shown")
        finally:
            if key not in self._waiting and not lock.locked():
                self._locks.pop(key, None)

    async def _shown(self, guild_id: str, campaign_id: str, note: Phrase | None) -> None:
        campaign = await self._bot.desk.campaigns.known(guild_id, campaign_id)
        if campaign is None or campaign.state == "closed" or not campaign.board_id:
            return
        server = self._bot.get_guild(int(guild_id))
        if server is None or server.unavailable:
            return
        view, file = await self._drawn(campaign, note)
        thread = self._bot.get_partial_messageable(int(campaign.thread_id), guild_id=server.id)
        message = thread.get_partial_message(int(campaign.board_id))
        call = await self._bot.app.pacer.turn(self._bot.app.pacer.edit_window(thread.id))
        try:
            with paced(call):
                await message.edit(view=view, attachments=[file], allowed_mentions=_SILENT)
        except discord.NotFound:
            await self._put_back(campaign)
        except discord.HTTPException as error:
            if error.code != _ARCHIVED:
                raise
            place = server.get_thread(thread.id) or await server.fetch_channel(thread.id)
            if isinstance(place, discord.Thread) and not place.locked:
                await place.edit(archived=False)
                file.reset()
                await message.edit(view=view, attachments=[file], allowed_mentions=_SILENT)
        finally:
            self._bot.app.pacer.answered(call)

    async def _put_back(self, campaign: Campaign) -> None:
        """Posts a board anew that somebody has deleted; where its thread is gone, ends the campaign."""
        try:
            place = await self._thread(campaign)
        except GoneError:
            await CampaignCommands.of(self._bot).end(campaign)
            return
        view, file = await self._drawn(campaign)
        message = await place.send(view=view, files=[file], allowed_mentions=_SILENT)
        await self._bot.desk.campaigns.opened(campaign, campaign.thread_id, str(message.id))

    async def _drawn(
        self, campaign: Campaign, note: Phrase | None = None
    ) -> tuple[discord.ui.LayoutView, discord.File]:
        standing, locale = await self._bot.desk.campaigns.standing(campaign), self._locale(campaign)
        picture = await board_picture(standing, await names_of(self._bot, standing), locale)
        file = board_file(standing, picture, locale)
        return board_view(standing, file, locale, note), file

    def _locale(self, campaign: Campaign) -> str:
        """The language of what everybody reads."""
        server = self._bot.get_guild(int(campaign.guild_id))
        return server.preferred_locale.value if server else campaign.locale

    async def open(self, campaign: Campaign) -> Campaign:
        """Opens the thread of a campaign, or finds the one that an earlier process opened; its first message is the board.

        Raises:
            GoneError: its channel is gone.
            RefusedError: the bot may not open threads there.
        """
        server = self._bot.get_guild(int(campaign.guild_id))
        place = server.get_channel(int(campaign.channel_id)) if server else None
        if server is None or not isinstance(place, Opener):
            raise GoneError
        view, file = await self._drawn(campaign)
        name, thread = (campaign.title or "…")[:_MOST_NAME], _opened_before(server, place, campaign)
        message: discord.Message | None = None
        try:
            if thread is not None:
                message = await _find(self._bot, thread, f":{campaign.id}")
            elif isinstance(place, discord.ForumChannel):
                tags = place.available_tags[:1] if place.flags.require_tag else []
                made = await place.create_thread(
                    name=name, view=view, files=[file], applied_tags=tags, allowed_mentions=_SILENT
                )
                thread, message = made.thread, made.message
            else:
                thread = await place.create_thread(name=name, type=discord.ChannelType.public_thread)
            message = message or await thread.send(view=view, files=[file], allowed_mentions=_SILENT)
        except discord.Forbidden:
            raise RefusedError(_CANNOT_OPEN) from None
        return await self._bot.desk.campaigns.opened(campaign, str(thread.id), str(message.id))

    async def show(self, campaign: Campaign, piece: Piece, *, again: bool) -> None:
        """Posts a piece in its thread; `again` where an earlier try may have: then that is looked for.

        Raises:
            GoneError: the thread is gone, or the bot may not write there any more.
        """
        seen = await self._bot.app.reviewing.shown(campaign.guild_id, piece.asset_id)
        if seen is None or seen.asset.shown_as:
            return
        thread, locale = await self._thread(campaign), self._locale(campaign)
        message = await _find(self._bot, thread, f":{piece.asset_id}") if again else None
        if message is None:
            view = review_view(seen, locale, *beside(piece, locale))
            call = await self._bot.app.pacer.turn(self._bot.app.pacer.post_window(thread.id))
            try:
                with paced(call), _gone():
                    message = await thread.send(view=view, nonce=f"c{piece.id}"[:25], allowed_mentions=_SILENT)
            finally:
                self._bot.app.pacer.answered(call)
        await self._bot.app.reviewing.posted(campaign.guild_id, piece.asset_id, str(thread.id), str(message.id))

    async def _thread(self, campaign: Campaign) -> discord.Thread:
        server = self._bot.get_guild(int(campaign.guild_id))
        if server is None:
            raise GoneError
        thread_id = int(campaign.thread_id)
        with _gone():
            place = server.get_thread(thread_id) or await server.fetch_channel(thread_id)
        if not isinstance(place, discord.Thread):
            raise GoneError
        return place


async def _taken_up(board: Board, campaign: Campaign) -> Campaign:
    """Opens a campaign that an earlier process has kept; raises GoneError where it may not."""
    try:
        return await board.open(campaign)
    except RefusedError as error:
        raise GoneError from error


@contextlib.contextmanager
def _gone() -> Any:
    """Turns what Discord says of a thread that is not there, or not open to the bot, into that it is gone."""
    try:
        yield
    except discord.HTTPException as error:
        if is_temporary(error.status):
            raise
        log.info("a thread takes no message", extra={"status": error.status, "code": error.code})
        raise GoneError from error


def _opened_before(server: discord.Guild, place: Opener, campaign: Campaign) -> discord.Thread | None:
    """The thread that an earlier process has opened for a campaign without noting it."""
    name, since = (campaign.title or "…")[:_MOST_NAME], campaign.created_at - _CLOCKS
    for thread in server.threads:
        mine = thread.parent_id == place.id and thread.owner_id == server.me.id and thread.name == name
        if mine and thread.created_at is not None and thread.created_at >= since:
            return thread
    return None


async def _find(bot: QuillmateBot, thread: discord.Thread, ending: str) -> discord.Message | None:
    """The bot's message in a thread with a button whose custom id ends so."""
    with _gone():
        async for message in thread.history(limit=_LOOKED_THROUGH, oldest_first=True):
            if bot.user and message.author.id == bot.user.id and f'{ending}"' in str(_ids(message)):
                return message
    return None


def _ids(message: discord.Message) -> str:
    """The custom ids of a message's buttons, each in quotation marks."""
    found: list[str] = []
    pending: list[Any] = [one.to_dict() for one in message.components]
    while pending:
        part = pending.pop()
        found.append(f'"{part.get("custom_id", "")}"')
        pending += [one for one in part.get("components") or () if isinstance(one, dict)]
    return " ".join(found)


async def names_of(bot: QuillmateBot, standing: Standing) -> dict[str, str]:
    """What people are called in their server to whom something of a campaign is assigned."""
    server, names = bot.get_guild(int(standing.campaign.guild_id)), dict[str, str]()
    for user_id in {one.assigned for one in standing.lines if one.assigned} if server else ():
        with contextlib.suppress(discord.HTTPException):
            member = server.get_member(int(user_id)) or await server.fetch_member(int(user_id))  # type: ignore[union-attr]
            names[user_id] = member.display_name
    return names


class NewForm(Form):
    """Asks for the brief of a campaign, and what it is to have."""

    def __init__(self, brief: str, chosen: Sequence[str], channel_id: int, locale: str) -> None:
        super().__init__(title=translate("A new campaign", locale))
        self._channel_id = channel_id
        self.brief: discord.ui.TextInput[NewForm] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, default=brief or None, max_length=_MOST_BRIEF
        )
        self.add_item(discord.ui.Label(text=translate("What it is for, whom, when", locale), component=self.brief))
        offered = {**places(locale.partition("-")[0]), IMAGE_PROMPTS: translate("Prompts for pictures", locale)}
        known = chosen[:MOST_PLACES]
        self.places: discord.ui.Select[NewForm] = discord.ui.Select(
            required=False, min_values=0, max_values=MOST_PLACES + 1
        )
        for name, title in offered.items():
            self.places.add_option(
                label=title[:100], value=name, default=bool(known) and name in (*known, IMAGE_PROMPTS)
            )
        label, empty = translate("What it is to have", locale), translate("Empty: what the brief names", locale)
        self.add_item(discord.ui.Label(text=label, description=empty, component=self.places))

    async def act(self, interaction: Interaction) -> None:
        """Opens it."""
        if interaction.client.stopping:
            raise RefusedError(_STOPPING)
        brief = brief_of(self.brief.value)
        chosen = list(self.places.values) or [*(places_in(brief)[:MOST_PLACES] or _USUAL), IMAGE_PROMPTS]
        await _open(interaction, brief, chosen, self._channel_id)


async def _open(interaction: Interaction, brief: str, chosen: Sequence[str], channel_id: int) -> None:
    """Keeps a campaign, opens its thread, and has it made."""
    campaigns, cog = _campaigns(interaction), CampaignCommands.of(interaction.client)
    guild_id, member = _who(interaction)
    server = interaction.guild
    place = server.get_channel(channel_id) if server else None
    if not isinstance(place, Opener) or server is None or not isinstance(interaction.user, discord.Member):
        raise RefusedError(_NOWHERE)
    _refuse_where_closed(place, interaction.user, server.me)
    campaign_id = str(interaction.id)
    cog.opening.add(campaign_id)
    try:
        await interaction.response.defer(ephemeral=True, thinking=True)
        campaign = await campaigns.begin(
            campaign_id, guild_id, member, brief, chosen,
            channel_id=str(channel_id), locale=interaction.locale.value, seed=new_seed(),
        )  # fmt: skip
        try:
            campaign = await Board.of(interaction.client).open(campaign)
        except (GoneError, RefusedError):
            await campaigns.drop(campaign)
            raise RefusedError(_CANNOT_OPEN) from None
    finally:
        cog.opening.discard(campaign_id)
    await whisper(interaction, said(Phrase(_BEGUN, thread=f"<#{campaign.thread_id}>"), interaction.locale.value))
    await cog.look()


class BriefForm(Form):
    """Asks for the changed brief of a campaign, as it was when the form was opened."""

    def __init__(self, campaign: Campaign, locale: str) -> None:
        super().__init__(title=translate("Change the brief", locale))
        self._campaign = campaign
        self.brief: discord.ui.TextInput[BriefForm] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, default=campaign.brief[:_MOST_BRIEF], max_length=_MOST_BRIEF
        )
        self.add_item(discord.ui.Label(text=translate("What it is for, whom, when", locale), component=self.brief))

    async def act(self, interaction: Interaction) -> None:
        """Marks what is stale then, and offers to have just that written anew."""
        brief, before, locale = brief_of(self.brief.value), self._campaign, interaction.locale.value
        await interaction.response.defer(ephemeral=True, thinking=True)
        standing = await _campaigns(interaction).reword(*_who(interaction), before.id, before.version, brief)
        changed = changed_in_words(changes(before.brief, brief))
        await whisper(interaction, reworded_view(standing, changed, locale))


class CampaignButton(
    Found[discord.ui.Button[Any]], template=r"quillcampaign:(?P<action>[a-z]{1,8}):(?P<campaign_id>\d{1,20})"
):
    """A button of a campaign."""

    def __init__(self, action: str, campaign_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillcampaign:{action}:{campaign_id}"))
        self._action, self._campaign_id = action, campaign_id

    async def act(self, interaction: Interaction) -> None:
        """Does what it says, for whoever may."""
        if interaction.client.stopping:
            raise RefusedError(_STOPPING)
        match self._action:
            case "brief":
                await _ask_for_brief(interaction, self._campaign_id)
            case "redo":
                await _redo(interaction, self._campaign_id)
            case "retry":
                await interaction.response.defer(ephemeral=True, thinking=True)
                count = await _campaigns(interaction).retry(*_who(interaction), self._campaign_id)
                await _go_on(interaction, Phrase(_AGAIN, count=count))
            case "zip":
                await _give_zip(interaction, self._campaign_id)
            case _:
                raise RefusedError("I do not know that button any more.")


class RedoButton(
    Found[discord.ui.Button[Any]], template=r"quillcampaignredo:(?P<number>\d{1,3}):(?P<campaign_id>\d{1,20})"
):
    """Has one text of a campaign written anew for the brief that it does not fit."""

    def __init__(self, number: str, campaign_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillcampaignredo:{number}:{campaign_id}"))
        self._number, self._campaign_id = int(number), campaign_id

    async def act(self, interaction: Interaction) -> None:
        """Has it written."""
        if interaction.client.stopping:
            raise RefusedError(_STOPPING)
        await _redo(interaction, self._campaign_id, [self._number])


class PagesButton(Found[discord.ui.Button[Any]], template=r"quillcampaigns:(?P<number>\d{1,4}):(?P<way>back|on)"):
    """Turns to a page of the campaigns of a server."""

    def __init__(self, number: str, way: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillcampaigns:{number}:{way}"))
        self._number = int(number)

    async def act(self, interaction: Interaction) -> None:
        """Shows it in place of the one that is there."""
        await _show_list(interaction, self._number, again=True)


async def _redo(interaction: Interaction, campaign_id: str, numbers: Sequence[int] | None = None) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    begun = await _campaigns(interaction).redo(*_who(interaction), campaign_id, numbers)
    await _go_on(interaction, Phrase(_REDOING, count=len(begun)))


async def _go_on(interaction: Interaction, told: Phrase) -> None:
    """Says what is done now, and begins with it."""
    await whisper(interaction, said(told, interaction.locale.value))
    await CampaignCommands.of(interaction.client).look()


async def _ask_for_brief(interaction: Interaction, campaign_id: str) -> None:
    campaign = await _campaigns(interaction).changeable(*_who(interaction), campaign_id)
    await interaction.response.send_modal(BriefForm(campaign, interaction.locale.value))


async def _show_list(interaction: Interaction, number: int, *, again: bool = False) -> None:
    campaigns, locale = _campaigns(interaction), interaction.locale.value
    found = await campaigns.all(*_who(interaction))
    pages = max(1, -(-len(found) // PAGE))
    number = min(number, pages - 1)
    standings = [await campaigns.standing(one) for one in found[number * PAGE : (number + 1) * PAGE]]
    view = list_view(standings, number, pages, locale)
    if again:
        await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
    else:
        await whisper(interaction, view)


async def _give_zip(interaction: Interaction, campaign_id: str) -> None:
    """The archive to whoever asks alone; what was done is in it for those who own the workspace."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    bot, locale, (guild_id, member) = interaction.client, interaction.locale.value, _who(interaction)
    standing = await _campaigns(interaction).look(guild_id, member, campaign_id)
    names = await names_of(bot, standing)
    picture = await board_picture(standing, names, locale)
    audit = b"".join(await _audit(interaction, standing))
    table = board_table(standing, names, locale)
    body = await asyncio.to_thread(zipped, standing, table, picture, audit, locale)
    most = interaction.guild.filesize_limit if interaction.guild else len(body)
    if len(body) > most:
        raise RefusedError(_TOO_LARGE, size=len(body) // 1_000_000 + 1, most=most // 1_000_000)
    name = f"{file_name(standing.campaign.title)[:60]}.zip"
    alt = translate("The campaign as one archive", locale)
    await interaction.followup.send(file=attachment(name, body, alt), ephemeral=True, allowed_mentions=_SILENT)


async def _audit(interaction: Interaction, standing: Standing) -> list[bytes]:
    """What was done with a campaign and its texts, for who owns the workspace; nothing for others."""
    guild_id, member = _who(interaction)
    abouts = [standing.campaign.id, *(one.piece.asset_id for one in standing.lines if one.piece.asset_id)]
    try:
        return [
            await interaction.client.app.auditing.export(guild_id, member, "jsonl", Wanted(about)) for about in abouts
        ]
    except RefusedError:
        return []


async def _named(interaction: Interaction, title: str | None) -> Campaign:
    """The campaign of a title, or of the thread where somebody acts.

    Raises:
        RefusedError: there is none.
    """
    guild_id, member = _who(interaction)
    found = await _campaigns(interaction).all(guild_id, member)
    if title:
        wanted = title.strip().casefold()
        known = next(
            (one for one in found if wanted in (one.id, one.title.casefold(), one.title[:100].casefold())), None
        )
        if known is None:
            raise RefusedError('There is nothing called "{name}" here.', name=title.strip()[:60])
        return known
    here = next((one for one in found if one.thread_id == str(interaction.channel_id)), None)
    if here is None:
        raise RefusedError(_NO_CAMPAIGN)
    return here


def _place(interaction: Interaction, where: Opener | None) -> Opener:
    """The channel or forum that a thread is opened in, for who may open one there.

    Raises:
        RefusedError: it is none, or they or the bot may not.
    """
    server, channel = interaction.guild, where or interaction.channel
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    place = server.get_channel(channel.id) if server and isinstance(channel, discord.abc.Snowflake) else None
    if server is None or not isinstance(place, Opener) or not isinstance(interaction.user, discord.Member):
        raise RefusedError(_NOWHERE)
    _refuse_where_closed(place, interaction.user, server.me)
    return place


def _refuse_where_closed(place: Opener, member: discord.Member, me: discord.Member) -> None:
    for who, why in ((member, _NOT_WRITING), (me, _CANNOT_OPEN)):
        rights = place.permissions_for(who)
        opens = rights.send_messages if isinstance(place, discord.ForumChannel) else rights.create_public_threads
        if not (rights.view_channel and opens and rights.send_messages_in_threads):
            raise RefusedError(why)


async def _allow(interaction: Interaction, *acts: Act) -> None:
    guild_id, member = _who(interaction)
    for act in acts:
        await interaction.client.app.workspaces.allow(guild_id, member, act)


def _who(interaction: Interaction) -> tuple[str, Member]:
    return str(interaction.guild_id or ""), member_of(interaction.user)


def _campaigns(interaction: Interaction) -> Campaigns:
    return interaction.client.desk.campaigns


async def setup(bot: QuillmateBot) -> None:
    """Adds the commands and the board, and makes old buttons work."""
    bot.add_dynamic_items(CampaignButton, RedoButton, PagesButton)
    await bot.add_cog(Board(bot))
    await bot.add_cog(CampaignCommands(bot))
