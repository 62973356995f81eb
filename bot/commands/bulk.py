"""/bulk: writes a text for each row of a sheet: samples first, then the rest with a progress bar, and a sheet of results."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.client import Interaction, QuillmateBot, build_member
from bot.documents.materials import check_file, read_sheet
from bot.documents.sheets import ENDINGS, MAX_CELL
from bot.errors import Phrase, QuillmateError, RefusedError
from bot.interactions.components import Form, PersistentItem, refuse_while_stopping
from bot.interactions.figures import format_money
from bot.interactions.job_messages import JobMessages
from bot.interactions.own_message import require_editable_message
from bot.interactions.periodic import PeriodicCog
from bot.interactions.requests import generate_seed
from bot.kinds import load_kinds
from bot.locales import localize, translate
from bot.replies.bulk import PAGE_VALUE_PREFIX, build_results_sheet, columns_view, progress_view, samples_view
from bot.replies.files import attachment
from bot.replies.views import Layout
from bot.requests.blanks import find_blanks
from bot.requests.bulk_sheets import SAMPLES, estimate_remaining, is_over
from bot.requests.intake import MAX_CHARACTERS, clean_brief
from bot.requests.resumable import Workers
from storage.bulk import RUNNING_STATES, BulkJob, SampleCosts

log = logging.getLogger(__name__)

# Interval of searches for sheets that an earlier process left, in seconds.
LOOK_SECONDS = 5.0
# Minimum interval between edits of a progress message, in seconds.
PROGRESS_SECONDS = 5.0
# Labels of the ways to handle cells that are too long.
LONG_CELL_CHOICES = {"skip": "skip that row", "shorten": "shorten the cell"}
_SILENT = discord.AllowedMentions.none()
_LOCAL_MODEL = "This costs nothing but time: the model runs on the same machine as I do."
_USAGE_ESTIMATE = "That will use about {tokens:,} tokens of {engine}."
_COST_ESTIMATE = "That will use about {tokens:,} tokens of {engine} and cost {amount}."


class BulkCommand(PeriodicCog):
    """The command that accepts sheets, and the loop that writes their rows, including those that an earlier process left."""

    SECONDS = LOOK_SECONDS
    IS_WORK = True

    def __init__(self, bot: QuillmateBot) -> None:
        super().__init__(bot)
        self._messages = SheetMessages(bot)
        self.workers = Workers(self._work)

    async def cog_unload(self) -> None:
        """Stop the work; the next process writes the pending rows."""
        await super().cog_unload()
        await self.workers.end()

    @app_commands.command(name="bulk", description="Write a text for each row of a .csv or .xlsx file")
    @app_commands.describe(
        brief="What to make from each row, with headings in braces: A text for {product}, {price}",
        sheet="A .csv or .xlsx file with headings in the first row",
        kind="What kind of text each row becomes",
        long_cells="What to do with cells of more than 2,000 characters; if empty, I refuse the file",
    )
    @app_commands.choices(
        long_cells=[app_commands.Choice(name=label, value=name) for name, label in LONG_CELL_CHOICES.items()]
    )
    async def bulk(
        self,
        interaction: Interaction,
        brief: app_commands.Range[str, 1, MAX_CHARACTERS],
        sheet: discord.Attachment,
        kind: str,
        long_cells: str | None = None,
    ) -> None:
        """Read the sheet, and ask which column fills each blank."""
        check_file(sheet.filename, sheet.size, sheet.content_type or "", ENDINGS)
        require_editable_message(interaction)
        text = clean_brief(brief)
        await interaction.response.defer(ephemeral=True, thinking=True)
        body, user_id = await sheet.read(), str(interaction.user.id)
        content_type = sheet.content_type or ""
        table = await read_sheet(
            sheet.filename, body, content_type, user_id=user_id, cut=long_cells in LONG_CELL_CHOICES
        )
        if long_cells == "shorten":
            table = replace(table, rows=tuple(tuple(cell[:MAX_CELL] for cell in row) for row in table.rows))
        job = await self._bot.desk.bulk.open(
            str(interaction.id),
            table,
            build_member(interaction.user),
            name=sheet.filename[:80],
            brief=text,
            kind=kind,
            guild_id=str(interaction.guild_id or ""),
            channel_id=str(interaction.channel_id),
            locale=interaction.locale.value,
            seed=generate_seed(),
        )
        view = columns_view(job, find_blanks(job.brief), job.locale)
        assert isinstance(interaction.channel, discord.abc.Messageable)
        # A separate message, as a response cannot be edited after 15 minutes.
        message = await interaction.channel.send(view=view, allowed_mentions=_SILENT)
        await self._bot.desk.bulk.set_message(job, str(message.id))
        await interaction.delete_original_response()

    @bulk.autocomplete("kind")
    async def _suggest_kinds(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        locale, query = interaction.locale.value, current.casefold()
        titles = {kind.name: translate(kind.title, locale) for kind in load_kinds().values()}
        matches = {name: title for name, title in titles.items() if query in f"{title} {name}".casefold()}
        return [app_commands.Choice(name=title, value=name) for name, title in matches.items()][:25]

    async def run_once(self) -> None:
        """Start work on each due sheet that this process is not working on yet."""
        bot = self._bot
        try:
            if bot.works and not bot.stopping and await bot.desk.holds_lease():
                self.workers.take_up(await bot.desk.bulk.list_unfinished())
        except QuillmateError as error:
            log.warning("could not look for unfinished sheets: %s", type(error).__name__)

    async def wait_until_idle(self) -> None:
        """Wait until this process is working on no sheet."""
        await self.workers.wait_idle()

    async def _work(self, job: BulkJob) -> None:
        try:
            async with self._bot.desk.hold_claim(job.id) as has_claim:
                finished_job = (
                    await self._bot.desk.bulk.work(job, self._messages, lambda: self._bot.stopping)
                    if has_claim
                    else None
                )
                if finished_job is not None:
                    await self._messages.settle(finished_job)
        except QuillmateError as error:
            log.warning("a sheet will be retried later: %s", type(error).__name__)
            # Such as a full disk: the job resumes by itself, and its message says why it is waiting.
            with contextlib.suppress(QuillmateError):
                await self._messages.show(job, error.phrase)
        except Exception:  # The edge of a task: the next run tries again.
            log.exception("a sheet will be retried later")


class SheetMessages:
    """The progress messages of sheets."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot, self._messages = bot, JobMessages(bot, PROGRESS_SECONDS)

    async def show(self, job: BulkJob, note: Phrase | None = None) -> None:
        """Update a job's progress bar, within Discord's rate limits."""
        if self._messages.is_due(job):
            await self._messages.show_progress(job, await self.build_view(job, note))

    async def settle(self, job: BulkJob) -> None:
        """Show that a job is done, paused or cancelled; unlike progress, this update is never skipped."""
        bulk, files = self._bot.desk.bulk, list[discord.File]()
        view = await self.build_view(job)
        if is_over(job):
            name, body = await asyncio.to_thread(build_results_sheet, job, await bulk.results(job), job.locale)
            files = [
                attachment(name, body, translate("The sheet with the text for each row and its checks", job.locale))
            ]
            view.add_item(discord.ui.File(f"attachment://{files[0].filename}"))
        await self._messages.show_outcome(job, view, files)

    async def build_view(self, job: BulkJob, note: Phrase | None = None) -> Layout:
        """Build the view of a job in its current state."""
        bulk = self._bot.desk.bulk
        if job.state == "draft":
            return columns_view(job, find_blanks(job.brief), job.locale)
        counts = await bulk.counts(job)
        remaining = estimate_remaining(job, counts)
        if job.state == "sampled":
            rows = [result for result in await bulk.results(job) if result[0].number <= SAMPLES]
            return samples_view(job, rows, remaining, _format_cost(self._bot, remaining, job.locale), job.locale)
        if note is None and job.note:
            note = Phrase.from_json(dict(job.note))
        return progress_view(job, counts, remaining, note, job.locale)


class BulkButton(PersistentItem[discord.ui.Button[Any]], template=r"quillbulk:(?P<action>[a-z]+):(?P<job_id>\w{1,40})"):
    """A button of a sheet."""

    def __init__(self, action: str, job_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillbulk:{action}:{job_id}"))
        self._action, self._job_id = action, job_id

    async def act(self, interaction: Interaction) -> None:
        """Run the action; only for the owner of the sheet."""
        refuse_while_stopping(interaction)
        bulk, cog = interaction.client.desk.bulk, _get_cog(interaction)
        job = await interaction.client.desk.bulk.job(self._job_id, str(interaction.user.id))
        match self._action:
            case "brief":
                await interaction.response.send_modal(BriefForm(job, interaction.locale.value))
                return
            case "sample":
                job = await bulk.sample(job)
            case "start" | "give":
                job = await bulk.start(job)
            case "pause":
                job = await bulk.pause(job)
            case "resume":
                job = await bulk.resume(job)
            case "retry":
                job = await bulk.retry(job)
            case "cancel":
                job = await bulk.cancel(job)
                cog.workers.stop(job.id)
            case _:
                raise RefusedError("That button no longer works.")
        await _show_job(interaction, job)
        if is_over(job):
            await cog.workers.wait_ended(job.id)  # So that the sheet has all finished rows.
            await SheetMessages(interaction.client).settle(job)
        elif job.state in RUNNING_STATES:
            await cog.run_once()


class ColumnMenu(
    PersistentItem[discord.ui.Select[Any]], template=r"quillbulkcolumn:(?P<place>\d{1,2}):(?P<job_id>\w{1,40})"
):
    """The menu that chooses the column for a blank."""

    def __init__(self, place: str, job_id: str) -> None:
        super().__init__(discord.ui.Select(custom_id=f"quillbulkcolumn:{place}:{job_id}"))
        self._place, self._job_id = int(place), job_id

    async def act(self, interaction: Interaction) -> None:
        """Store the chosen column, or show another page of columns."""
        job = await interaction.client.desk.bulk.job(self._job_id, str(interaction.user.id))
        value = next(iter(self.item.values), "")
        if value.startswith(PAGE_VALUE_PREFIX) and job.state == "draft":
            column_page = (self._place, int(value.removeprefix(PAGE_VALUE_PREFIX)))
            view = columns_view(job, find_blanks(job.brief), job.locale, column_page)
            await interaction.response.edit_message(view=view, attachments=[], allowed_mentions=_SILENT)
            return
        heading = next((name for name in job.headings if name[:100] == value), value)
        await _show_job(interaction, await interaction.client.desk.bulk.choose(job, self._place, heading))


class BriefForm(Form):
    """Ask for another brief."""

    def __init__(self, job: BulkJob, locale: str) -> None:
        super().__init__(title=translate("Edit the brief", locale))
        self._job = job
        self.brief: discord.ui.TextInput[BriefForm] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, default=job.brief[:4000], max_length=4000
        )
        label = translate("The brief; headings in braces are filled in", locale)
        self.add_item(discord.ui.Label(text=label, component=self.brief))

    async def act(self, interaction: Interaction) -> None:
        """Replace the brief."""
        brief = clean_brief(self.brief.value)
        await _show_job(interaction, await interaction.client.desk.bulk.reword(self._job, brief))


async def _show_job(interaction: Interaction, job: BulkJob) -> None:
    view = await SheetMessages(interaction.client).build_view(job)
    await interaction.response.edit_message(view=view, attachments=[], allowed_mentions=_SILENT)


def _get_cog(interaction: Interaction) -> BulkCommand:
    cog = interaction.client.get_cog(BulkCommand.__cog_name__)
    assert isinstance(cog, BulkCommand)
    return cog


def _format_cost(bot: QuillmateBot, sample_costs: SampleCosts, locale: str) -> str:
    """Format the cost of the pending rows, estimated from the samples."""
    engine = bot.app.engines.first
    if engine.traits.local:
        return translate(_LOCAL_MODEL, locale)
    if not sample_costs.cost:
        return localize(Phrase(_USAGE_ESTIMATE, tokens=sample_costs.tokens, engine=engine.name), locale)
    amount = format_money(sample_costs.cost, bot.app.settings.currency, locale)
    return localize(Phrase(_COST_ESTIMATE, tokens=sample_costs.tokens, engine=engine.name, amount=amount), locale)


async def setup(bot: QuillmateBot) -> None:
    """Add the command, and register its components, so that old ones work, too."""
    bot.add_dynamic_items(BulkButton, ColumnMenu)
    await bot.add_cog(BulkCommand(bot))
