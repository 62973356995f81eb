"""/data: makes up tables, modelled on an uploaded table or from a description."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.admission.quotas import QuotaNotification
from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.documents.materials import check_file
from bot.documents.sheets import ENDINGS
from bot.errors import FileError, Phrase, QuillmateError, RefusedError
from bot.interactions.components import PersistentItem, refuse_while_stopping
from bot.interactions.job_messages import JobMessages
from bot.interactions.own_message import require_editable_message
from bot.interactions.periodic import PeriodicCog
from bot.interactions.requests import generate_seed
from bot.interactions.side_calls import admit_side_call, send_quota_notifications
from bot.locales import localize, translate
from bot.replies.files import attachment
from bot.replies.synthetic_tables import (
    delivered_view,
    describe_chart,
    format_note,
    progress_view,
    report_view,
    saved_view,
)
from bot.replies.views import note_view
from bot.requests.intake import clean_brief, clean_text
from bot.requests.resumable import Workers
from bot.requests.synthetic_tables import KIND
from bot.synthesis.learning import Method, TrainingProgress
from bot.synthesis.personal_data import parse_personal_columns
from bot.synthesis.table import Table, render_csv
from bot.synthesis.worker import TableOrder
from storage.table_jobs import TableJob

if TYPE_CHECKING:
    from bot.synthesis.schema import TableSchema

log = logging.getLogger(__name__)

# Interval of searches for tables that an earlier process left, in seconds.
LOOK_SECONDS = 5.0
# Minimum interval between edits of a progress message, in seconds.
PROGRESS_SECONDS = 5.0
# Maximum rows in Discord; the command line generates more.
MAX_ROWS = 50_000
_SILENT = discord.AllowedMentions.none()
_TOO_LARGE = "That file is {size:.1f} MB, but Discord accepts at most {most:.0f} MB here. Ask for fewer rows."
_MORE_ROWS = "More made-up rows: {rows:,}. None of them is a copy of a real one."
_MORE_PRIVATE_ROWS = "More made-up rows: {rows:,}. They were not compared with the real ones, so some may be identical."
_MEGABYTE = 1024 * 1024
# Discord's default limit for files, in bytes.
_DEFAULT_MAX_SIZE = 10 * _MEGABYTE
Rows = app_commands.Range[int, 1, MAX_ROWS]
Seed = app_commands.Range[int, 1, 2_000_000_000]


class DataCommands(PeriodicCog, commands.GroupCog, group_name="data", group_description="Tables of made-up rows"):
    """The commands for synthetic tables, and the loop that learns tables, including those that an earlier process left."""

    SECONDS = LOOK_SECONDS
    IS_WORK = True

    def __init__(self, bot: QuillmateBot) -> None:
        super().__init__(bot)
        self._messages = TableMessages(bot)
        self.workers = Workers(self._work)

    async def cog_unload(self) -> None:
        """Stop the work; the next process learns the pending tables."""
        await super().cog_unload()
        await self.workers.end()

    @app_commands.command(name="make", description="Learn from a .csv or .xlsx file and make up similar rows")
    @app_commands.describe(
        table="A .csv or .xlsx file with headings in the first row",
        rows="How many rows to make up; if empty, as many as the table has",
        model="How to learn the table; auto chooses for you",
        seed="The same number gives the same rows",
        leave_out="Columns to leave out, separated by commas",
        personal="Columns about people, to make up: name, contact=phone number",
        keep_real="Columns that keep their real values, separated by commas",
        rules="What must hold in every row: end >= start; tax = net * 19 %; city, postcode",
        condition="Which rows you want: age > 60 and sex = F, or in words",
        epsilon="Limit on what any row reveals (differential privacy); 1 is typical; always uses the copula model",
        keep_as="Save what was learnt under this name, to use with /data more",
        entity="For sequences (rnn): the column saying who or what a row belongs to, such as a patient or machine",
        time="For sequences (rnn): the column with the time of each row, a date or a number",
    )
    async def make(
        self,
        interaction: Interaction,
        table: discord.Attachment,
        rows: Rows | None = None,
        model: Method = Method.AUTO,
        seed: Seed = 1,
        leave_out: app_commands.Range[str, 0, 1000] = "",
        condition: app_commands.Range[str, 0, 500] = "",
        epsilon: app_commands.Range[float, 0.0, 100.0] = 0.0,
        keep_as: app_commands.Range[str, 0, 60] = "",
        entity: app_commands.Range[str, 0, 100] = "",
        time: app_commands.Range[str, 0, 100] = "",
        personal: app_commands.Range[str, 0, 1000] = "",
        keep_real: app_commands.Range[str, 0, 1000] = "",
        rules: app_commands.Range[str, 0, 1000] = "",
    ) -> None:
        """Store the table and start learning it."""
        check_file(table.filename, table.size, table.content_type or "", ENDINGS)
        require_editable_message(interaction)
        refuse_while_stopping(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        personal_columns = _format_list(personal)
        parse_personal_columns(personal_columns)
        keep_as = " ".join(keep_as.split())
        order = TableOrder(
            table.filename[-80:],
            rows or 0,
            model.value,
            seed,
            _format_list(leave_out),
            condition.strip(),
            epsilon,
            keep=bool(keep_as),
            locale=interaction.locale.value,
            entity=entity.strip(),
            time=time.strip(),
            personal=personal_columns,
            real=_format_list(keep_real),
            rules=_format_list(rules, ";"),
        )
        notifications = await self._open_job(interaction, table, order, keep_as)
        await interaction.delete_original_response()
        await send_quota_notifications(interaction, notifications)
        await self.run_once()

    async def _open_job(
        self, interaction: Interaction, table: discord.Attachment, order: TableOrder, keep_as: str
    ) -> list[QuotaNotification]:
        """Store the job and post its progress message; return the quota notifications."""
        tables = self._bot.desk.synthetic_tables
        job, notifications = await tables.open(
            str(interaction.id),
            partial(_read_body, table),
            order,
            build_member(interaction.user),
            kept_as=keep_as,
            guild_id=str(interaction.guild_id or ""),
            channel_id=str(interaction.channel_id),
            locale=interaction.locale.value,
            is_under_way=self._bot.is_under_way,
        )
        assert isinstance(interaction.channel, discord.abc.Messageable)
        # A separate message, as a response cannot be edited after 15 minutes.
        try:
            message = await interaction.channel.send(
                view=progress_view(job, None, job.locale), allowed_mentions=_SILENT
            )
            await tables.set_message(job, str(message.id))
        except BaseException:  # Including cancellation: a job without a message would never be shown.
            await tables.abandon(job)
            raise
        return notifications

    @app_commands.command(name="more", description="Make up more rows from a table you saved")
    @app_commands.describe(
        model="The name of a table you saved",
        rows="How many rows to make up",
        condition="Which rows you want: age > 60 and sex = F, or in words",
        seed="The same number gives the same rows",
    )
    async def more(
        self,
        interaction: Interaction,
        model: str,
        rows: Rows = 100,
        condition: app_commands.Range[str, 0, 500] = "",
        seed: Seed | None = None,
    ) -> None:
        """Generate more rows from a saved model and send them in an ephemeral message."""
        refuse_while_stopping(interaction)
        user_id, tables = str(interaction.user.id), self._bot.desk.synthetic_tables
        saved_models = [job for job in await tables.list_saved(user_id) if job.state == "kept"]
        job = next((job for job in saved_models if model in (job.id, job.kept_as)), None)
        if job is None:
            raise RefusedError("You have no saved table with that name. Use /data list to see yours.")
        async with admit_side_call(interaction, KIND) as notifications:
            await interaction.response.defer(ephemeral=True, thinking=True)
            report, body = await tables.more(job, rows=rows, seed=seed or generate_seed(), condition=condition.strip())
        _refuse_large(len(body), interaction.filesize_limit)
        name, locale = _build_file_name(job, "more"), interaction.locale.value
        file = attachment(name, body, translate("A table of made-up rows", locale))
        message = Phrase(_MORE_PRIVATE_ROWS if report["epsilon"] else _MORE_ROWS, rows=report["rows"])
        view = note_view(localize(message, locale))
        view.add_item(discord.ui.File(f"attachment://{file.filename}"))
        await interaction.followup.send(view=view, file=file, ephemeral=True)
        await send_quota_notifications(interaction, notifications)

    @more.autocomplete("model")
    async def _suggest_models(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        saved_models = await self._bot.desk.synthetic_tables.list_saved(str(interaction.user.id))
        matches = [job for job in saved_models if job.state == "kept" and current.casefold() in job.kept_as.casefold()]
        return [app_commands.Choice(name=job.kept_as, value=job.id) for job in matches][:25]

    @app_commands.command(name="list", description="See and delete the tables you saved")
    async def list(self, interaction: Interaction) -> None:
        """List the user's saved models in an ephemeral message."""
        saved_models = await self._bot.desk.synthetic_tables.list_saved(str(interaction.user.id))
        await whisper(interaction, saved_view(saved_models, interaction.locale.value))

    @app_commands.command(name="invent", description="Make up a table from a description, without a file")
    @app_commands.describe(
        columns="How many of what, a colon, then columns: 200 patients: age, sex, ICD-10 code, HbA1c, visits",
        rows="How many rows to make up",
        seed="The same number gives the same rows",
    )
    async def invent(
        self,
        interaction: Interaction,
        columns: app_commands.Range[str, 1, 4000],
        rows: Rows | None = None,
        seed: Seed = 1,
    ) -> None:
        """Generate a table from a description."""
        # Imported on first use, as it loads numpy.
        from bot.synthesis.schema import build_schema

        schema, locale = build_schema(clean_text(clean_brief(columns))), interaction.locale.value
        count = rows or schema.row_count
        if count > MAX_ROWS:
            raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=MAX_ROWS, count=count)
        async with admit_side_call(interaction, KIND) as notifications:
            await interaction.response.defer(thinking=True)
            table, body = await asyncio.to_thread(_invent_table, schema, count, seed)
        _refuse_large(len(body), interaction.filesize_limit)
        file = attachment("made-up.csv", body, translate("A table of made-up rows", locale))
        view = note_view(format_note(table.row_count, len(table.columns), schema.notes, locale), locale=locale)
        view.add_item(discord.ui.File(f"attachment://{file.filename}"))
        await interaction.followup.send(view=view, file=file, allowed_mentions=_SILENT)
        await send_quota_notifications(interaction, notifications)

    async def run_once(self) -> None:
        """Start learning each due table that this process is not working on yet."""
        bot = self._bot
        try:
            if bot.works and not bot.stopping and await bot.desk.holds_lease():
                self.workers.take_up(await bot.desk.synthetic_tables.list_unfinished())
        except QuillmateError as error:
            log.warning("could not look for unfinished tables: %s", type(error).__name__)

    async def wait_until_idle(self) -> None:
        """Wait until this process is working on no table."""
        await self.workers.wait_idle()

    async def _work(self, job: TableJob) -> None:
        try:
            async with self._bot.desk.hold_claim(job.id) as has_claim:
                tables = self._bot.desk.synthetic_tables
                finished_job = await tables.work(job, self._messages, lambda: self._bot.stopping) if has_claim else None
                if finished_job is not None:
                    await self._messages.settle(finished_job)
        except QuillmateError as error:
            log.warning("a table will be retried later: %s", type(error).__name__)
        except Exception:  # The edge of a task: the next run tries again.
            log.exception("a table will be retried later")


class TableMessages:
    """The messages of tables, which show the progress and then the outcome."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot, self._messages = bot, JobMessages(bot, PROGRESS_SECONDS)

    async def show(self, job: TableJob, progress: TrainingProgress | None) -> None:
        """Update a job's progress, within Discord's rate limits."""
        if self._messages.is_due(job):
            await self._messages.show_progress(job, progress_view(job, progress, job.locale, waits=progress is None))

    async def settle(self, job: TableJob) -> None:
        """Show that a job was cancelled, or why it failed."""
        await self._messages.show_outcome(job, progress_view(job, None, job.locale))

    async def give(self, job: TableJob, figures: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
        """Send the table with its report."""
        guild = self._bot.get_guild(int(job.guild_id or 0))
        _refuse_large(
            sum(len(files[name]) for name in ("table", "png", "pdf")),
            guild.filesize_limit if guild else _DEFAULT_MAX_SIZE,
        )
        stem = job.name.rpartition(".")[0]
        # With differential privacy, only the owner gets the report, as it compares with the real rows.
        comparison = figures.get("compared", figures)
        table = attachment(
            _build_file_name(job, "made-up"), files["table"], translate("A table of made-up rows", job.locale)
        )
        report = [
            attachment(f"{stem}-report.png", files["png"], describe_chart(comparison, job.locale)),
            attachment(f"{stem}-report.pdf", files["pdf"], translate("The report on the made-up rows", job.locale)),
        ]
        if comparison is figures or not job.guild_id:
            attachments = [table, *report]
            await self._messages.show_outcome(
                job, delivered_view(job, comparison, attachments, job.locale), attachments
            )
            return
        report_sent = await self._messages.send_to_owner(job, report_view(job, comparison, report, job.locale), report)
        await self._messages.show_outcome(
            job, delivered_view(job, figures, [table], job.locale, is_report_sent=report_sent), [table]
        )


class DataButton(PersistentItem[discord.ui.Button[Any]], template=r"quilldata:(?P<action>[a-z]+):(?P<job_id>\w{1,40})"):
    """A button of a table."""

    def __init__(self, action: str, job_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quilldata:{action}:{job_id}"))
        self._action, self._job_id = action, job_id

    async def act(self, interaction: Interaction) -> None:
        """Cancel the learning or delete the model; only for the owner of the table."""
        refuse_while_stopping(interaction)
        tables, locale = interaction.client.desk.synthetic_tables, interaction.locale.value
        job = await tables.job(self._job_id, str(interaction.user.id))
        own_message = interaction.message is not None and str(interaction.message.id) == job.message_id
        match self._action:
            case "cancel":
                job = await tables.cancel(job)
                cog = interaction.client.get_cog(DataCommands.__cog_name__)
                assert isinstance(cog, DataCommands)
                cog.workers.stop(job.id)
                if not own_message:
                    await TableMessages(interaction.client).settle(job)
            case "delete":
                await tables.drop(job)
            case _:
                raise RefusedError("That button no longer works.")
        view = (
            progress_view(job, None, job.locale)
            if own_message
            else saved_view(await tables.list_saved(job.user_id), locale)
        )
        await interaction.response.edit_message(view=view, attachments=[], allowed_mentions=_SILENT)


def _format_list(text: str, separator: str = ",") -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())


async def _read_body(table: discord.Attachment) -> bytes:
    try:
        return await table.read()
    except discord.HTTPException:
        raise FileError("Discord no longer has that file. Attach it again.") from None


def _invent_table(schema: TableSchema, rows: int, seed: int) -> tuple[Table, bytes]:
    from bot.synthesis.schema import generate_table

    table = generate_table(schema, rows, seed)
    return table, render_csv(table)


def _build_file_name(job: TableJob, suffix: str) -> str:
    stem, _, ending = job.name.rpartition(".")
    return f"{stem}-{suffix}.{ending.casefold()}"


def _refuse_large(size: int, max_size: int) -> None:
    """Raise RefusedError if Discord would not accept files of that size."""
    if size > max_size:
        raise RefusedError(Phrase(_TOO_LARGE, size=size / _MEGABYTE, most=max_size / _MEGABYTE))


async def setup(bot: QuillmateBot) -> None:
    """Add the commands, and make their buttons work, old ones too."""
    bot.add_dynamic_items(DataButton)
    await bot.add_cog(DataCommands(bot))
