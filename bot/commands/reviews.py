"""The buttons of reviews, shown with a text in the library and in its public message."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import discord

from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.content import Request
from bot.errors import RefusedError
from bot.interactions.components import (
    UNSAVED_SECONDS,
    EditAgainButton,
    Form,
    PersistentItem,
    refuse_while_stopping,
)
from bot.interactions.library import build_entry_view, get_library
from bot.interactions.posts.planning import open_plan_form
from bot.interactions.requests import submit_once
from bot.interactions.review import format_instruction_lines, get_reviews, versions_view
from bot.interactions.review_messages import ReviewMessages, find_message, get_guild_and_member, show_to_channel
from bot.locales import translate, translate_error
from bot.replies.ledger import plain
from bot.replies.views import note_view
from bot.requests.changes import build_change_request
from bot.requests.intake import clean_brief, clean_text
from bot.team.review.service import MAX_FEEDBACK_CHARACTERS, MAX_TEXT_CHARACTERS, ConflictError
from bot.team.review.steps import Step
from bot.team.review.views import ReviewView
from storage.generations import Generation
from storage.owners import workspace
from storage.reviews import ReviewedAsset

log = logging.getLogger(__name__)

_SILENT = discord.AllowedMentions.none()
_ASSET = r"(?P<asset_id>[0-9a-f]{1,40})"
# Discord's code for an existing thread.
_THREAD_EXISTS = 160004
_MAX_NAME = 90
_TOO_LONG = (
    "That text has {count:,} characters, but a form fits only {most:,}. Submit a shorter one to the team instead."
)
_NO_MESSAGE = "It has no message to comment on yet. Submit it for review first."
_NO_THREADS = "I am not allowed to open threads in that channel. Somebody who manages the server can change that."
_COMMENT_LINK = "Comment on it here: {thread}"
_UNSAVED_INPUT = "Your changes were not saved. Here is what you wrote:"
_EDIT_AGAIN = "Your changes were not saved. Press Edit again to apply them to the text as it is now."
_UNKNOWN = "That button no longer works."
_NOT_A_MEMBER = "Only members of this server can be assigned."


class ReviewButton(
    PersistentItem[discord.ui.Button[Any]],
    template=rf"quillreview:(?P<action>[a-z]{{1,12}}):(?P<version>\d{{1,9}}):{_ASSET}",
):
    """A button of a review. Its custom id has the version that was shown, so that no other version is approved by mistake."""

    def __init__(self, action: str, version: str, asset_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillreview:{action}:{version}:{asset_id}"))
        self._action, self._version, self._asset_id = action, int(version), asset_id

    async def act(self, interaction: Interaction) -> None:
        """Run the button's action; the service refuses it to members who may not."""
        locale, asset_id, version = interaction.locale.value, self._asset_id, self._version
        refuse_while_stopping(interaction)
        match self._action:
            case "submit":
                await _take_step(interaction, asset_id, Step.SUBMIT, version)
            case "approve":
                await _take_step(interaction, asset_id, Step.APPROVE, version)
            case "unapprove":
                await _take_step(interaction, asset_id, Step.UNAPPROVE, version)
            case "withdraw":
                await _take_step(interaction, asset_id, Step.WITHDRAW, version)
            case "ask":
                review_view = await self._load_view(interaction, Step.REQUEST_CHANGES)
                await interaction.response.send_modal(AskModal(review_view.asset.id, version, locale))
            case "assign":
                review_view = await self._load_view(interaction, Step.ASSIGN)
                await interaction.response.send_modal(
                    AssignModal(review_view.asset.id, version, review_view.review.assigned, locale)
                )
            case "edit":
                review_view = await self._load_view(interaction, Step.EDIT)
                if len(review_view.asset.text) > MAX_TEXT_CHARACTERS:
                    raise RefusedError(_TOO_LONG, count=len(review_view.asset.text), most=MAX_TEXT_CHARACTERS)
                await interaction.response.send_modal(EditModal(asset_id, version, review_view.asset.text, locale))
            case "redo":
                await _rewrite(interaction, asset_id, version)
            case "versions":
                await _show_versions(interaction, asset_id, 0)
            case "plan":
                review_view = await self._load_view(interaction, Step.SCHEDULE)
                await open_plan_form(interaction, review_view.asset.text, asset=f"{asset_id}:{version}")
            case "comment":
                await _link_thread(interaction, asset_id)
            case _:
                raise RefusedError(_UNKNOWN)

    async def _load_view(self, interaction: Interaction, step: Step) -> ReviewView:
        """Return the review after checking that the user can take a step on the version that was shown.

        Raises:
            ConflictError: another member has changed the text in the meantime.
            RefusedError: the user may not take the step.
        """
        return await get_reviews(interaction).check_step(
            *get_guild_and_member(interaction), self._asset_id, step, self._version
        )


async def _take_step(interaction: Interaction, asset_id: str, step: Step, version: int, **details: Any) -> None:
    """Take a step and show the new status; on a conflict, also show what another member did first."""
    await interaction.response.defer()
    reviewing, note, input_text = (
        get_reviews(interaction),
        "",
        str(details.get("text") or details.get("feedback") or ""),
    )
    try:
        await reviewing.take_step(*get_guild_and_member(interaction), asset_id, step, version, **details)
    except ConflictError as error:
        note = translate_error(error, interaction.locale.value)
    if step is Step.SUBMIT and not note:
        note = await show_to_channel(interaction, asset_id)
    if interaction.message is not None and interaction.message.flags.ephemeral:
        viewer = await get_library(interaction).load_viewer(*get_guild_and_member(interaction))
        entry = await get_library(interaction).load_entry(viewer, (workspace(viewer.guild_id), asset_id))
        view = await build_entry_view(interaction, entry, f"⚠ {note}" if note else "")
        await interaction.edit_original_response(view=view, allowed_mentions=_SILENT)
    else:
        ReviewMessages.of(interaction.client).refresh_soon(str(interaction.guild_id), asset_id)
    if note and input_text:
        await _show_conflict(interaction, asset_id, step, note, input_text)
    elif note and not (interaction.message is not None and interaction.message.flags.ephemeral):
        await whisper(interaction, note)


async def _show_conflict(interaction: Interaction, asset_id: str, step: Step, message: str, input_text: str) -> None:
    """Report a conflict without losing the input: an edited text can be opened again in a form for the current version, other
    input is quoted.
    """
    locale = interaction.locale.value
    review_view = await get_reviews(interaction).load_view(*get_guild_and_member(interaction), asset_id)
    if step is not Step.EDIT or Step.EDIT not in review_view.available_steps:
        await whisper(interaction, f"{message}\n{translate(_UNSAVED_INPUT, locale)}\n{plain(input_text)}")
        return
    view = note_view(f"{message}\n{translate(_EDIT_AGAIN, locale)}", wrong=True, locale=locale)
    view.hold(UNSAVED_SECONDS)
    form = EditModal(asset_id, review_view.review.version, input_text, locale)
    view.add_item(discord.ui.ActionRow(EditAgainButton(form, locale)))
    await whisper(interaction, view)


class AskModal(Form):
    """Ask what should change."""

    def __init__(self, asset_id: str, version: int, locale: str) -> None:
        super().__init__(title=translate("What should change?", locale))
        self._asset_id, self._version = asset_id, version
        self.words: discord.ui.TextInput[AskModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            max_length=MAX_FEEDBACK_CHARACTERS,
            placeholder=translate("Mention the free coffee.", locale),
        )
        label = translate("What to change in the next version", locale)
        self.add_item(discord.ui.Label(text=label, component=self.words))

    async def act(self, interaction: Interaction) -> None:
        """Request the changes."""
        await _take_step(
            interaction,
            self._asset_id,
            Step.REQUEST_CHANGES,
            self._version,
            feedback=clean_text(clean_brief(self.words.value)),
        )


class AssignModal(Form):
    """Ask for the assignee of a text; an empty choice clears it."""

    def __init__(self, asset_id: str, version: int, assigned: str, locale: str) -> None:
        super().__init__(title=translate("Who is responsible for it?", locale))
        self._asset_id, self._version = asset_id, version
        default_values = [discord.SelectDefaultValue.from_user(discord.Object(int(assigned)))] if assigned else []
        self.person: discord.ui.UserSelect[AssignModal] = discord.ui.UserSelect(
            required=False, default_values=default_values
        )
        self.add_item(discord.ui.Label(text=translate("An editor or reviewer", locale), component=self.person))

    async def act(self, interaction: Interaction) -> None:
        """Assign the text."""
        member = next(iter(self.person.values), None)
        if member is not None and (not isinstance(member, discord.Member) or member.bot):
            raise RefusedError(_NOT_A_MEMBER)
        assignee = build_member(member) if member else None
        await _take_step(interaction, self._asset_id, Step.ASSIGN, self._version, assignee=assignee)


class EditModal(Form):
    """Ask for the text of the next version."""

    def __init__(self, asset_id: str, version: int, text: str, locale: str) -> None:
        super().__init__(title=translate("The next version", locale))
        self._asset_id, self._version = asset_id, version
        self.text: discord.ui.TextInput[EditModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=MAX_TEXT_CHARACTERS, default=text
        )
        self.add_item(discord.ui.Label(text=translate("The text", locale), component=self.text))

    async def act(self, interaction: Interaction) -> None:
        """Create the version."""
        text = clean_text(self.text.value)
        if not text:
            raise RefusedError("The text is empty. Write one.")
        await _take_step(interaction, self._asset_id, Step.EDIT, self._version, text=text)


async def _rewrite(interaction: Interaction, asset_id: str, version: int) -> None:
    """Submit a change request with the requested changes; its result becomes the next version."""
    guild_id, member = get_guild_and_member(interaction)
    review_view, revises = await get_reviews(interaction).prepare_revision(guild_id, member, asset_id, version)
    assert review_view.change_request is not None
    source = await interaction.client.app.results.find(review_view.asset.source_id or "", member.user_id)
    is_own = source is not None and source.user_id == member.user_id
    earlier = _find_source_result(review_view.asset, source if is_own else None, member.user_id)
    request = build_change_request(earlier, str(interaction.id), note=clean_brief(review_view.change_request.words))
    request = replace(request, revises=revises, parent_id=request.parent_id if is_own else None, of_others=True)
    await submit_once(interaction, request, f"redo:{version}:{asset_id}")


def _find_source_result(asset: ReviewedAsset, source: Generation | None, user_id: str) -> Generation:
    """Return the result to change: the author's own or, for other members, one rebuilt from the asset."""
    if source is not None:
        return replace(source, text=asset.text, parts=asset.parts, checks=asset.checks)
    request = Request.from_json({"brief": "", **asset.request, "id": asset.id, "user_id": user_id, "kind": asset.kind})
    return Generation(
        asset.id,
        user_id,
        asset.kind,
        request.to_json(),
        asset.text,
        asset.parts,
        asset.checks,
        persona="",
        engine="",
        seed=0,
        seconds=0.0,
    )


async def _link_thread(interaction: Interaction, asset_id: str) -> None:
    """Send a link to the thread of a review's message; create the thread if there is none.

    Raises:
        RefusedError: the review has no message, or the bot may not create threads there.
    """
    review_view = await get_reviews(interaction).load_view(*get_guild_and_member(interaction), asset_id)
    server = interaction.guild
    message = await find_message(server, review_view.asset.channel_id, review_view.asset.message_id) if server else None
    if server is None or message is None:
        raise RefusedError(_NO_MESSAGE)
    thread_id = message.id
    if isinstance(message.channel, discord.Thread):
        thread_id = message.channel.id
    elif message.thread is None and server.get_thread(message.id) is None:
        try:
            await message.create_thread(name=(review_view.asset.title or "…")[:_MAX_NAME])
        except discord.Forbidden:
            raise RefusedError(_NO_THREADS) from None
        except discord.HTTPException as error:
            if error.code != _THREAD_EXISTS:
                raise
    await whisper(interaction, translate(_COMMENT_LINK, interaction.locale.value).format(thread=f"<#{thread_id}>"))


async def _show_versions(interaction: Interaction, asset_id: str, number: int, *, replace: bool = False) -> None:
    """Show a page of a text's versions; `replace` edits the current page instead of sending a message."""
    reviewing, guild_and_member = get_reviews(interaction), get_guild_and_member(interaction)
    versions = await reviewing.list_versions(*guild_and_member, asset_id)
    feedback = await reviewing.load_feedback(*guild_and_member, asset_id)
    view = versions_view(versions, feedback, asset_id, number, interaction.locale.value)
    if replace:
        await interaction.response.edit_message(view=view, allowed_mentions=_SILENT)
    else:
        await whisper(interaction, view)


class RevisionsButton(
    PersistentItem[discord.ui.Button[Any]], template=rf"quillrevisions:(?P<number>\d{{1,3}}):(?P<way>back|on):{_ASSET}"
):
    """A button that turns the page of a text's versions."""

    def __init__(self, number: str, way: str, asset_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillrevisions:{number}:{way}:{asset_id}"))
        self._number, self._asset_id = int(number), asset_id

    async def act(self, interaction: Interaction) -> None:
        """Show the other page in place of the current one."""
        await _show_versions(interaction, self._asset_id, self._number, replace=True)


class RevisionButton(PersistentItem[discord.ui.Button[Any]], template=rf"quillrevision:(?P<number>\d{{1,4}}):{_ASSET}"):
    """A button that shows an earlier version of a text."""

    def __init__(self, number: str, asset_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillrevision:{number}:{asset_id}"))
        self._number, self._asset_id = int(number), asset_id

    async def act(self, interaction: Interaction) -> None:
        """Show the version in an ephemeral message."""
        reviewing, guild_and_member = get_reviews(interaction), get_guild_and_member(interaction)
        versions = await reviewing.list_versions(*guild_and_member, self._asset_id)
        version = next((version for version in versions if version.number == self._number), None)
        if version is None:
            raise RefusedError("I no longer have that version.")
        feedback = await reviewing.load_feedback(*guild_and_member, self._asset_id)
        lines = format_instruction_lines(feedback.get(self._number, ()), interaction.locale.value)
        await whisper(interaction, "\n".join([*lines, *([""] if lines else []), version.text]))


async def setup(bot: QuillmateBot) -> None:
    """Register the buttons, so that old ones work, too, and keep the messages of reviews up to date."""
    bot.add_dynamic_items(ReviewButton, RevisionsButton, RevisionButton)
    await bot.add_cog(ReviewMessages(bot))
