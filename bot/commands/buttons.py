"""The buttons of results: all for their owners, the read-only ones also for others."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.client import Interaction, QuillmateBot
from bot.content import Content, Request
from bot.errors import RefusedError
from bot.generation.faults import FAULTS, NATURAL
from bot.generation.recall import LONGER, SHORTER
from bot.generation.tastes import QUICK_INSTRUCTIONS
from bot.interactions.components import Form, PersistentItem, refuse_while_stopping
from bot.interactions.downloads import DownloadMenu, offer_downloads, send_copy, send_file, send_parameters
from bot.interactions.library import give_to_library, show_versions
from bot.interactions.picture_buttons import alter_picture, restore_pictures
from bot.interactions.playing import ask_mode
from bot.interactions.posts.planning import open_plan_form
from bot.interactions.requests import generate_seed, submit_once
from bot.interactions.results import load_own_result, load_result
from bot.interactions.review_messages import submit_result
from bot.interactions.taste import (
    ReasonMenu,
    record_vote,
    show_learnt_entries,
    show_reasons,
    undo_entry,
    use_variant,
)
from bot.kinds import find_kind, load_kinds
from bot.locales import translate
from bot.replies.downloads import (
    parse_file_action,
)
from bot.replies.result_views import build_picture_buttons, more_view, parse_picture_action
from bot.replies.views import CANCEL, button_id
from bot.requests.changes import build_answer_request, build_change_request, build_retry_request
from bot.requests.intake import clean_brief
from storage.generations import Generation

_TEMPLATE = r"quill:(?P<action>[a-z0-9_-]+):(?P<generation_id>[\w-]{1,40})"
VARIANT_COUNT = 3
_NOT_WAITING = "There is nothing to cancel. Only the person who asked can cancel it, and only until it is finished."


class ResultButton(PersistentItem[discord.ui.Button[Any]], template=_TEMPLATE):
    """A button of a result; its custom id names the action."""

    def __init__(self, action: str, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=button_id(action, generation_id)))
        self._action, self._result_id = action, generation_id

    async def act(self, interaction: Interaction) -> None:
        """Run the button's action."""
        refuse_while_stopping(interaction)
        if self._action == "undo":
            await undo_entry(interaction, self._result_id)
            return
        if self._action == CANCEL:
            await _cancel(interaction, self._result_id)
            return
        generation = await load_result(interaction, self._result_id)
        match self._action:
            case "copy":
                await send_copy(interaction, generation)
            case action if parse_file_action(action):
                await send_file(interaction, generation, parse_file_action(action))
            case "file":
                await offer_downloads(interaction, generation)
            case "params":
                await send_parameters(interaction, generation)
            case "up" | "down":
                await record_vote(interaction, generation, 1 if self._action == "up" else -1)
            case "why":
                await show_reasons(interaction, generation)
            case "history":
                await show_versions(interaction, generation.id)
            case "more":
                await _show_more(interaction, generation)
            case "submit":
                await submit_result(interaction, generation)
            case "keep":
                await give_to_library(interaction, generation.id)
            case "learnt":
                await show_learnt_entries(interaction, generation)
            case "plan":
                await open_plan_form(interaction, generation.text, generation.id)
            case "play":
                await ask_mode(interaction, generation.id, is_case=generation.kind == "scenario")
            case "use":
                await use_variant(interaction, generation)
            case "check":
                await _proofread(interaction, generation)
            case action if action.startswith("fix-"):
                await _apply_check(interaction, generation, action)
            case _:
                await self._change(interaction, generation)

    async def _change(self, interaction: Interaction, generation: Generation) -> None:
        await load_own_result(interaction, generation.id)
        if altering := parse_picture_action(self._action):
            await alter_picture(interaction, generation, *altering)
            return
        request_id = str(interaction.id)
        match self._action:
            case "retry":
                request = build_retry_request(generation, request_id)
            case "again":
                request = build_change_request(generation, request_id)
            case "shorter":
                request = build_change_request(generation, request_id, instruction=SHORTER)
            case "longer":
                request = build_change_request(generation, request_id, instruction=LONGER)
            case "variants":
                request = build_change_request(generation, request_id, variants=VARIANT_COUNT)
            case "change":
                await interaction.response.send_modal(ChangeModal(generation, interaction.locale.value))
                return
            case "answer":
                await interaction.response.send_modal(AnswerModal(generation, interaction.locale.value))
                return
            case action if action.startswith("answer-"):
                answers = generation.why.get("answers", ())[int(action[7:]) : int(action[7:]) + 1]
                request = build_answer_request(generation, request_id, "".join(answers))
            case action if action.startswith("redo-"):
                faults = [name for name in FAULTS if name in action.split("-")]
                if "untrue" in faults:
                    await interaction.response.send_modal(UntrueModal(generation, faults, interaction.locale.value))
                    return
                request = build_redo_request(generation, request_id, faults)
            case action if action.startswith("kind-") and action[5:] in load_kinds():
                request = replace(Request.from_json(generation.request), id=request_id, kind=action[5:])
            case _:
                raise RefusedError("That button no longer works.")
        await submit_once(interaction, request, f"{self._action}:{generation.id}")


async def _show_more(interaction: Interaction, generation: Generation) -> None:
    """Show the user further actions on a result."""
    content = Content(generation.text, generation.parts)
    count = 0
    if edit_ways := interaction.client.app.studio.list_edit_ways(content):
        # Restoring deleted pictures from the message may take longer than Discord waits for a response.
        await interaction.response.defer(ephemeral=True, thinking=True)
        with contextlib.suppress(RefusedError):  # Deleted pictures cannot be changed.
            count = len(await restore_pictures(interaction, generation))
    view = more_view(
        find_kind(generation.kind),
        content,
        generation.id,
        interaction.locale.value,
        altering=build_picture_buttons(edit_ways, count),
        in_server=interaction.guild_id is not None,
    )
    if edit_ways:
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)


async def _proofread(interaction: Interaction, generation: Generation) -> None:
    """Request a check of a result by a model; only for its owner."""
    await load_own_result(interaction, generation.id)
    request = Request(
        id=str(interaction.id),
        user_id=str(interaction.user.id),
        brief="",
        kind=generation.kind,
        parent_id=generation.id,
        checks=True,
        seed=generate_seed(),
    )
    await submit_once(interaction, request, f"check:{generation.id}:{interaction.user.id}", privately=True)


async def _apply_check(interaction: Interaction, check: Generation, action: str) -> None:
    """Submit a request that fixes what a check found."""
    checking = interaction.client.desk.answers.proofread_jobs
    channel_id, user_id = str(interaction.channel_id or ""), str(interaction.user.id)
    request = await checking.build_fix_request(check.id, action, user_id, channel_id, str(interaction.id))
    await submit_once(interaction, request, f"{action}:{check.id}")


async def _cancel(interaction: Interaction, job_id: str) -> None:
    """Cancel a request of the user.

    Raises:
        RefusedError: the request is another user's, or already finished.
    """
    await interaction.response.defer()  # The request's own message reports the cancellation.
    if not await interaction.client.desk.jobs.cancel(job_id, str(interaction.user.id)):
        raise RefusedError(_NOT_WAITING)
    await interaction.client.desk.answers.accounts.finish(job_id)


class ChangeModal(Form):
    """Ask what should change."""

    def __init__(self, generation: Generation, locale: str) -> None:
        super().__init__(title=translate("What should change?", locale))
        self._generation = generation
        self.wish: discord.ui.TextInput[ChangeModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            max_length=1000,
            placeholder=translate("Mention the free coffee.", locale),
        )
        self.add_item(discord.ui.Label(text=translate("What you would like changed", locale), component=self.wish))

    async def act(self, interaction: Interaction) -> None:
        """Submit the instruction."""
        request = build_change_request(self._generation, str(interaction.id), note=clean_brief(self.wish.value))
        await interaction.client.take(interaction, request)


class AnswerModal(Form):
    """Ask for the answer to a writer's question."""

    def __init__(self, question: Generation, locale: str) -> None:
        super().__init__(title=translate("Your answer", locale))
        self._question = question
        self.words: discord.ui.TextInput[AnswerModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=1000
        )
        self.add_item(discord.ui.Label(text=translate("Your answer", locale), component=self.words))

    async def act(self, interaction: Interaction) -> None:
        """Continue with the answer."""
        request = build_answer_request(self._question, str(interaction.id), clean_brief(self.words.value))
        await interaction.client.take(interaction, request)


def build_redo_request(
    earlier: Generation, request_id: str, faults: Sequence[str], untrue_statement: str = ""
) -> Request:
    """Build a request for the same text without the given faults.

    If the text only sounds odd, or `untrue_statement` is given, it is edited; otherwise it is rewritten.
    """
    instruction = NATURAL if list(faults) == ["odd"] else ""
    request = build_change_request(earlier, request_id, note=untrue_statement, instruction=instruction)
    return replace(request, faults=tuple(dict.fromkeys([*request.faults, *faults])))


class UntrueModal(Form):
    """Ask for what is true instead, which is optional, before the text is rewritten."""

    def __init__(self, generation: Generation, faults: Sequence[str], locale: str) -> None:
        super().__init__(title=translate("What is not true?", locale))
        self._generation, self._faults = generation, tuple(faults)
        self.what: discord.ui.TextInput[UntrueModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            max_length=1000,
            required=False,
            placeholder=translate("We are closed on Mondays, not on Tuesdays.", locale),
        )
        self.add_item(discord.ui.Label(text=translate("What is true instead (optional)", locale), component=self.what))

    async def act(self, interaction: Interaction) -> None:
        """Submit the rewrite."""
        statement = clean_brief(self.what.value) if self.what.value.strip() else ""
        await interaction.client.take(
            interaction, build_redo_request(self._generation, str(interaction.id), self._faults, statement)
        )


class TuneMenu(PersistentItem[discord.ui.Select[Any]], template=r"quilltune:(?P<generation_id>[\w-]{1,40})"):
    """The menu of quick instructions below a result."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(discord.ui.Select(custom_id=f"quilltune:{generation_id}"))
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Submit the instruction."""
        generation = await load_own_result(interaction, self._result_id)
        name = next(iter(self.item.values), "")
        if name not in QUICK_INSTRUCTIONS:
            raise RefusedError("That option is no longer available.")
        request = build_change_request(generation, str(interaction.id), note=f"{QUICK_INSTRUCTIONS[name]}.")
        await submit_once(interaction, request, f"{name}:{generation.id}")


async def setup(bot: QuillmateBot) -> None:
    """Register the buttons and menus, so that old ones work, too."""
    bot.add_dynamic_items(ResultButton, DownloadMenu, ReasonMenu, TuneMenu)
