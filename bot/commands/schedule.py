"""/schedule: the command that schedules a post, the buttons of scheduled posts, and the loop that sends due ones."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import app_commands

from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.errors import QuillmateError, RefusedError
from bot.interactions.components import Form, PersistentItem, offer_again
from bot.interactions.library import get_library, load_viewer
from bot.interactions.periodic import PeriodicCog
from bot.interactions.posts.planned import format_zone_hint
from bot.interactions.posts.planning import (
    IF_LATE,
    PlanModal,
    build_actor,
    build_channel_select,
    build_post_actor,
    build_text_input,
    build_visibility_check,
    build_when_input,
    resolve_target,
    show_post,
)
from bot.interactions.posts.poster import ChannelPoster
from bot.locales import translate
from bot.replies.views import note_view
from bot.team.calendar.posts import POST_LATE, Target
from bot.team.calendar.zones import find_zone
from bot.team.review.steps import Step
from storage.entries import LibraryEntry
from storage.schedule import ScheduledPost

log = logging.getLogger(__name__)

# Interval of checks in seconds, and so the maximum delay of a post.
LOOK_SECONDS = 10.0
_CHOICES = [app_commands.Choice(name=label, value=value) for value, label in IF_LATE.items()]
_NO_RESULT = "You have no result to post yet. Give me a text, or press Schedule… below a result."
_BOTH = "Give me a text or choose an approved one, but not both."
_NOT_APPROVED = (
    'No text called "{name}" is approved here. To list approved texts, use /library with the status "approved".'
)
_NO_SUCH_ZONE = 'I know no time zone for "{place}". Name a large city near you, or a zone such as Europe/Berlin.'
# Maximum approved texts searched for a name, and suggested.
_MAX_SCANNED_TEXTS, _MAX_CHOICES = 100, 25
_TEMPLATE = r"quillplan:(?P<action>[a-z]+):(?P<entry_id>\w{1,40}):(?P<version>\d{1,9})(?::\d)?"


class ScheduleCommand(PeriodicCog):
    """The command that schedules posts, and the loop that sends them when they are due."""

    SECONDS = LOOK_SECONDS

    @app_commands.command(name="schedule", description="Post a text in a channel at a time you choose")
    @app_commands.describe(
        when="In your own words: tomorrow 9am, Friday 14:00, every Monday 8:00",
        channel="Where to post it; if empty, here",
        text="What to post; if empty, a form opens with your newest result",
        approved="Or one of the team's approved texts, exactly as approved",
        if_late="What to do if I am offline at that time",
    )
    @app_commands.choices(if_late=_CHOICES)
    async def schedule(
        self,
        interaction: Interaction,
        when: str,
        channel: discord.TextChannel | discord.Thread | None = None,
        text: str | None = None,
        approved: str | None = None,
        if_late: str = POST_LATE,
    ) -> None:
        """Schedule `text` or an approved text; without either, open the form with the user's newest result."""
        target = resolve_target(interaction, channel.id if channel else interaction.channel_id)
        result_id = asset = ""
        if approved is not None:
            if text is not None:
                raise RefusedError(_BOTH)
            text, asset = await _find_approved(interaction, approved)
        elif text is None:
            newest = await self._bot.app.results.list_newest(str(interaction.user.id))
            if not newest:
                raise RefusedError(_NO_RESULT)
            text, result_id = newest[0].text, newest[0].id
        channel_id = int(target.channel_id) if interaction.guild_id is not None else 0
        form = PlanModal(text, result_id, channel_id, interaction.locale.value, asset, when, if_late)
        if result_id:  # Which text that is, its author sees before it goes anywhere.
            await interaction.response.send_modal(form)
            return
        actor, calendar = await build_actor(interaction), self._bot.app.calendar
        try:
            post = await calendar.schedule(actor, target, when, text, if_late=if_late, asset=asset)
        except RefusedError as error:
            await offer_again(interaction, error, form)
            return
        await show_post(interaction, post, shows_zone=True)

    @schedule.autocomplete("approved")
    async def _suggest_approved(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        wanted, assets = current.strip().casefold(), await _list_approved(interaction)
        fitting = [asset for asset in assets if wanted in asset.title.casefold()]
        return [
            app_commands.Choice(name=(asset.title or asset.id)[:100], value=asset.id)
            for asset in fitting[:_MAX_CHOICES]
        ]

    async def run_once(self) -> int:
        """Send due posts, if this process is in charge of their slots; return how many were handled."""
        bot = self._bot
        if bot.stopping:
            return 0
        poster, slot = ChannelPoster(bot, bot.app.pacer, bot.app.workspaces), bot.app.settings.slot
        try:
            return await bot.app.due_posts.send_due(poster, slot, bot.desk.holds_lease, bot.serves)
        except QuillmateError as error:
            log.warning("nothing posted: %s", type(error).__name__)
        except Exception:  # The loop continues: a failing post keeps no other back.
            log.exception("nothing posted")
        return 0


async def _find_approved(interaction: Interaction, name: str) -> tuple[str, str]:
    """Return the approved text of a name or id, and a reference to its version.

    Raises:
        RefusedError: there is none, or the user may not schedule it.
    """
    query = name.strip().casefold()
    for asset in await _list_approved(interaction):
        if query in (asset.id.casefold(), asset.title.casefold(), asset.title[:100].casefold()):
            guild_id, member = str(interaction.guild_id), build_member(interaction.user)
            review_view = await interaction.client.app.reviewing.check_step(
                guild_id, member, asset.id, Step.SCHEDULE, asset.version
            )
            return review_view.asset.text, f"{asset.id}:{asset.version}"
    raise RefusedError(_NOT_APPROVED, name=name.strip()[:60])


async def _list_approved(interaction: Interaction) -> list[LibraryEntry]:
    return await get_library(interaction).list_approved(await load_viewer(interaction), _MAX_SCANNED_TEXTS)


class PlanButton(PersistentItem[discord.ui.Button[Any]], template=_TEMPLATE):
    """A button of a scheduled post; the id and version are in its custom id, so it works after a restart."""

    def __init__(self, action: str, entry_id: str, version: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillplan:{action}:{entry_id}:{version}"))
        self._action, self._entry_id, self._version = action, entry_id, int(version)

    async def act(self, interaction: Interaction) -> None:
        """Run the button's action, if the user may.

        Raises:
            RefusedError: the user may not change the post, or another member changed it first.
        """
        calendar, locale = interaction.client.app.calendar, interaction.locale.value
        actor = await build_actor(interaction)
        if self._action == "show":
            post = await calendar.load_visible(actor, self._entry_id, build_visibility_check(interaction))
            await show_post(interaction, post)
            return
        actor = await build_post_actor(interaction, await calendar.get(actor, self._entry_id))
        post = await calendar.load_changeable(actor, self._entry_id, self._version)
        match self._action:
            case "move":
                is_in_server = bool(post.guild_id) and post.guild_id == str(interaction.guild_id)
                await interaction.response.send_modal(MoveModal(post, locale, chooses_channel=is_in_server))
            case "zone":
                await interaction.response.send_modal(OwnZoneModal(post, locale))
            case "text":
                calendar.require_rewritable(post)
                await interaction.response.send_modal(TextModal(post, locale))
            case "skip":
                await show_post(interaction, await calendar.skip(actor, self._entry_id, self._version))
            case "cancel":
                cancelled_post = await calendar.cancel(actor, self._entry_id, self._version)
                await _tell_cancelled(interaction, cancelled_post)
            case _:
                raise RefusedError("That button no longer works.")


async def _tell_cancelled(interaction: Interaction, post: ScheduledPost) -> None:
    view = note_view(
        translate('Cancelled: "{title}" will not be posted.', interaction.locale.value).format(title=post.title)
    )
    if interaction.message is not None and interaction.message.flags.ephemeral:
        await interaction.response.edit_message(view=view)
    else:
        await whisper(interaction, view)


class MoveModal(Form):
    """Ask for another time, and in the post's server for another channel: elsewhere, the menu lists other channels."""

    def __init__(self, post: ScheduledPost, locale: str, *, chooses_channel: bool) -> None:
        super().__init__(title=translate("Reschedule", locale))
        self._post = post
        self.when = build_when_input(locale)
        label = "When (whole series: every Tuesday 9:00)" if post.rule else "When, in your own words"
        hint = format_zone_hint(post, locale)
        self.add_item(discord.ui.Label(text=translate(label, locale), description=hint, component=self.when))
        self.channel: discord.ui.ChannelSelect[MoveModal] | None = None
        if chooses_channel:
            self.channel = build_channel_select(int(post.channel_id))
            self.add_item(discord.ui.Label(text=translate("In which channel", locale), component=self.channel))

    async def act(self, interaction: Interaction) -> None:
        """Move the post."""
        target: Target | None = None
        if self.channel and self.channel.values and str(self.channel.values[0].id) != self._post.channel_id:
            target = resolve_target(interaction, self.channel.values[0].id)
        post = await interaction.client.app.calendar.move(
            await build_post_actor(interaction, self._post), self._post.id, self._post.version, self.when.value, target
        )
        await show_post(interaction, post)


class OwnZoneModal(Form):
    """Ask for the user's time zone, store it in their profile, and apply it to their scheduled post."""

    def __init__(self, post: ScheduledPost, locale: str) -> None:
        super().__init__(title=translate("Your time zone", locale))
        self._post = post
        self.place: discord.ui.TextInput[OwnZoneModal] = discord.ui.TextInput(max_length=60, placeholder="Berlin")
        label = translate("A large city in your time zone", locale)
        self.add_item(discord.ui.Label(text=label, component=self.place))

    async def act(self, interaction: Interaction) -> None:
        """Store it.

        Raises:
            RefusedError: the time zone is unknown, or the time is past there.
        """
        zone = find_zone(self.place.value)
        if not zone:
            raise RefusedError(_NO_SUCH_ZONE, place=self.place.value[:60])
        app, actor = interaction.client.app, await build_post_actor(interaction, self._post)
        await app.profiles.state(actor.user_id, {"timezone": zone})
        post = await app.calendar.move_to_zone(actor, self._post.id, self._post.version, zone)
        await show_post(interaction, post)


class TextModal(Form):
    """Ask for another text."""

    def __init__(self, post: ScheduledPost, locale: str) -> None:
        super().__init__(title=translate("Edit the text", locale))
        self._post = post
        self.text = build_text_input(post.text)
        label = "The text, for all later posts too" if post.rule else "The text"
        self.add_item(discord.ui.Label(text=translate(label, locale), component=self.text))

    async def act(self, interaction: Interaction) -> None:
        """Replace the text."""
        post = await interaction.client.app.calendar.rewrite(
            await build_post_actor(interaction, self._post), self._post.id, self._post.version, self.text.value
        )
        await show_post(interaction, post)


async def setup(bot: QuillmateBot) -> None:
    """Add the command and the loop, and make the buttons work, old ones too."""
    bot.add_dynamic_items(PlanButton)
    await bot.add_cog(ScheduleCommand(bot))
