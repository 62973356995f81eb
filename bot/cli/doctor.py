"""`quillmate doctor`: checks everything that the bot needs, and suggests remedies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import discord
from rich.console import Console

from bot.checks.units import format_count
from bot.configured_engines import build_engines, build_image_engine, build_reviser, build_sound_engines, build_vision
from bot.engines import Ask, Engines
from bot.engines.embedded import count_threads
from bot.engines.images import build_part_finder
from bot.engines.remote import parse_addresses
from bot.errors import QuillmateError
from bot.grants import reads_messages
from bot.images.description import describe_picture
from bot.models import ModelShelf
from bot.models.offers import find_catalogue_offers, find_models, format_offers
from bot.moderation.service import FAILURES, build_service
from bot.runtime.credentials import mask_credentials, mask_setting
from bot.runtime.data_folder import check_writable
from bot.settings import Settings
from bot.store import open_store
from storage import owner_rows
from storage.crypto import describe_lost_keys
from storage.database import REVISION
from storage.errors import DAMAGED

_MIN_FREE_BYTES = 1_000_000_000
# Discord's interaction tokens expire by its clock; a few seconds' difference does no harm.
_MAX_CLOCK_SECONDS = 5.0
_DAMAGED_ROWS_REMEDY = (
    "Another program changed or moved them: they are not shown, and their owners are notified. Restore a backup of the "
    "database, or ignore this."
)


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """The result of a check. `remedy` is empty if nothing is wrong."""

    name: str
    detail: str
    remedy: str = ""


async def run_checks(settings: Settings, *, offline: bool = False) -> int:
    """Run all checks and print a line for each; return 0 if all pass, else 1."""
    checks: list[Callable[[], Awaitable[DoctorFinding]]] = [
        lambda: check_database(settings),
        lambda: check_key(settings),
        lambda: check_pending_jobs(settings),
        lambda: check_model(settings),
        *([lambda: check_images(settings)] if settings.images else []),
        *([lambda: check_sound(settings, "Hearing")] if settings.hearing else []),
        *([lambda: check_sound(settings, "Speech")] if settings.speech else []),
        *([lambda: check_sound(settings, "Music")] if settings.music else []),
        *([lambda: check_reviser(settings)] if settings.reviser else []),
        *([lambda: check_vision(settings)] if settings.vision else []),
        *([lambda: check_moderation(settings)] if settings.moderation != "rules" and not offline else []),
        lambda: check_disk(settings),
    ]
    if not offline:
        checks[:0] = [lambda: check_token(settings), check_clock]
    console = Console()
    failure_count = 0
    for check in checks:
        finding = await check()
        failure_count += bool(finding.remedy)
        console.print(
            mask_credentials(f"{'✗' if finding.remedy else '✓'} {finding.name}: {finding.detail}"),
            markup=False,
            soft_wrap=True,
        )
        if finding.remedy:
            console.print(mask_credentials(f"  → {finding.remedy}"), markup=False, soft_wrap=True)
    return 1 if failure_count else 0


async def check_token(settings: Settings) -> DoctorFinding:
    """Check whether Discord accepts the token."""
    value = settings.token.get_secret_value().strip()
    remedy = "Get one at https://discord.com/developers/applications, under Bot, Reset Token, and set DISCORD_TOKEN."
    if not value:
        return DoctorFinding("Token", "DISCORD_TOKEN is not set; only the preview and the command line work", remedy)
    if not value.isprintable():
        return DoctorFinding("Token", "it contains a line break or another character that no token has", remedy)
    client = discord.Client(intents=discord.Intents.none())
    try:
        await asyncio.wait_for(client.login(value), 15)
        hidden = "" if reads_messages(client.application_flags) else "; it cannot see replies to answers of commands"
        return DoctorFinding("Token", f"Discord knows it as {client.user}{hidden}")
    except discord.LoginFailure:
        return DoctorFinding("Token", "Discord refused it", remedy)
    except (aiohttp.ClientError, TimeoutError, discord.HTTPException):
        return DoctorFinding("Token", "Discord cannot be reached", "Check the network and any proxy or firewall.")
    finally:
        await client.close()


async def check_clock() -> DoctorFinding:
    """Check whether this machine's clock agrees with Discord's."""
    remedy = "Turn on time synchronisation (for example: timedatectl set-ntp true)."
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.head(discord.http.Route.BASE) as answer,
        ):
            discord_time = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return DoctorFinding(
            "Clock", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC; could not be compared with Discord's"
        )
    difference = abs((datetime.now(UTC) - discord_time).total_seconds())
    return DoctorFinding(
        "Clock", f"{difference:.0f} s from Discord's", remedy if difference > _MAX_CLOCK_SECONDS else ""
    )


async def check_database(settings: Settings) -> DoctorFinding:
    """Check whether the database is intact, readable and writable."""
    database_name = "QUILLMATE_DATABASE"
    try:
        opened = open_store(settings)
        database_name = opened.database.display_url
        async with opened as store:
            revision = await store.database.read_revision()
            damage = await store.database.find_damage()
            changed = await owner_rows.count_damaged_by_table(store.database) if not damage else {}
    except QuillmateError as error:
        return DoctorFinding("Database", database_name, str(error))
    if damage:
        return DoctorFinding("Database", f"{database_name}: {damage.splitlines()[0][:120]}", DAMAGED)
    if changed:
        damaged_rows = ", ".join(f"{format_count(count, 'row')} of {table}" for table, count in changed.items())
        return DoctorFinding("Database", f"{database_name}: {damaged_rows} cannot be opened", _DAMAGED_ROWS_REMEDY)
    return DoctorFinding("Database", f"{database_name}, tables at {revision}")


async def check_key(settings: Settings) -> DoctorFinding:
    """Check whether the operator's key decrypts the data."""
    try:
        store = open_store(settings)
    except QuillmateError as error:
        return DoctorFinding("Key", "it cannot be used", str(error))
    keys = store.database.keys
    try:
        is_current = await store.database.read_revision() == REVISION
        lost_keys = await store.database.owners.list_lost() if is_current else {}
        unsettled = await store.database.owners.count_pending_erasures() if is_current else 0
    except QuillmateError:
        lost_keys, unsettled = {}, 0  # Faults of the database are a separate finding.
    finally:
        await store.database.close()
    if lost_keys:
        owner_ids = [one for those in lost_keys.values() for one in those]
        return DoctorFinding(
            "Key", f"{' and '.join(lost_keys)} is lost", describe_lost_keys(list(lost_keys), keys.location, owner_ids)
        )
    if not keys.has_key:
        return DoctorFinding("Key", f"will be made for the first user, in {keys.location}")
    rotation_hint = ", with older ones: quillmate db rotate-key" if keys.has_older_keys else ""
    parents_hint = f", and one of {keys.parents.file.name} with each backup" if keys.parents else ""
    erasure_hint = (
        f"; remains of {format_count(unsettled, 'forgotten person', 'forgotten people')} are still to be overwritten"
        if unsettled
        else ""
    )
    advice = f"Keep a copy of it, separate from the database backups{parents_hint}{erasure_hint}"
    return DoctorFinding("Key", f"{keys.current_id} in {keys.location}{rotation_hint}. {advice}")


async def check_pending_jobs(settings: Settings) -> DoctorFinding:
    """Check whether the file of pending jobs can be read and written."""
    file = settings.data / "jobs.db"
    if not settings.jobs_url.startswith("sqlite") or not file.exists():
        return DoctorFinding(
            "Pending jobs", "kept in the database" if settings.jobs_url.startswith("postgres") else "none yet"
        )
    try:
        with contextlib.closing(sqlite3.connect(file, timeout=5)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            is_intact = connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
    except sqlite3.Error as error:
        return DoctorFinding(
            "Pending jobs", f"{file}: {error}", "Give Quillmate's user write access to it, or move it away."
        )
    return DoctorFinding(
        "Pending jobs", str(file), "" if is_intact else "It is damaged: move it away; its pending jobs are lost."
    )


async def check_model(settings: Settings) -> DoctorFinding:
    """Check whether the first model writes, on each of its servers."""
    urls = [url for url, _ in parse_addresses(settings.engine_url)] or [""]
    try:
        for url in urls:
            async with Engines(build_engines(settings.model_copy(update={"engine_url": url}))) as engines:
                answer = await engines.first.complete(_build_greeting())
                label, small = engines.first.label, engines.first.traits.small
    except QuillmateError as error:
        where = f" at {mask_setting(url)}" if len(urls) > 1 else ""
        return DoctorFinding("Model", mask_setting(", ".join(settings.engine)) + where, str(error))
    better = await _suggest_better_model(settings) if small else ""
    servers = f" on {len(urls)} servers" if len(urls) > 1 else ""
    return DoctorFinding("Model", (f"{label} writes" if answer.strip() else f"{label} answers") + servers + better)


async def check_reviser(settings: Settings) -> DoctorFinding:
    """Check whether the model for revisions writes."""
    try:
        engine = build_reviser(settings)
        assert engine is not None
        async with Engines([engine]):
            await engine.complete(_build_greeting())
    except QuillmateError as error:
        return DoctorFinding("Reviser", mask_setting(settings.reviser), str(error))
    return DoctorFinding("Reviser", f"{engine.label} writes")


def _build_greeting() -> Ask:
    from langchain_core.messages import HumanMessage

    return Ask([HumanMessage("Say hello.")], None, 20, 8, 0)


async def _suggest_better_model(settings: Settings) -> str:
    """Suggest a better model: one already available, else the catalogue's best for this machine; "" if there is none."""
    if found := format_offers(await find_models(os.environ)):
        return f"; {found}"
    best = next(
        (one for one in find_catalogue_offers(ModelShelf(settings.models), count_threads()) if not one.is_here), None
    )
    return f"; a better one ({best.title}, {best.model.size}): quillmate model" if best and best.model else ""


async def check_images(settings: Settings) -> DoctorFinding:
    """Check whether the drawing engine can be reached."""
    try:
        engine = build_image_engine(settings)
        assert engine is not None
        parts = build_part_finder(settings.images_parts)
        async with engine:
            said = await engine.check()
        return DoctorFinding("Images", f"{said}; {await parts.check()}" if parts else said)
    except QuillmateError as error:
        return DoctorFinding("Images", mask_setting(settings.images), str(error))


async def check_sound(settings: Settings, what: str) -> DoctorFinding:
    """Check whether an engine for hearing, speech or music can be used."""
    setting = {"Hearing": settings.hearing, "Speech": ", ".join(settings.speech), "Music": settings.music}[what]
    said = []
    try:
        sound_engines = build_sound_engines(settings)
        for engine in {"Hearing": sound_engines.hearing, "Speech": sound_engines.speech, "Music": sound_engines.music}[
            what
        ]:
            async with engine:
                said.append(await engine.check())
        return DoctorFinding(what, ", ".join(said))
    except QuillmateError as error:
        return DoctorFinding(what, mask_setting(setting), str(error))


async def check_moderation(settings: Settings) -> DoctorFinding:
    """Check whether the moderation service answers."""
    service_name = mask_setting(settings.moderation)
    try:
        async with Engines(build_engines(settings)) as engines:
            service = build_service(settings, engines)
            assert service is not None
            await service.category("We open at nine.")
    except QuillmateError as error:
        return DoctorFinding("Moderation", service_name, str(error))
    except FAILURES as error:
        remedy = "Check QUILLMATE_MODERATION_URL and QUILLMATE_MODERATION_KEY. Until it answers, only the rules apply."
        return DoctorFinding("Moderation", f"{service_name} does not answer ({type(error).__name__})", remedy)
    return DoctorFinding("Moderation", f"{service_name} answers")


# The side of a white test picture.
_SQUARE_PIXELS = 32


async def check_vision(settings: Settings) -> DoctorFinding:
    """Check whether the vision model describes a picture."""
    from io import BytesIO

    from PIL import Image

    picture = BytesIO()
    Image.new("RGB", (_SQUARE_PIXELS, _SQUARE_PIXELS), "white").save(picture, "JPEG")
    try:
        async with Engines(build_engines(settings)) as engines:
            engine = build_vision(settings, engines)
            assert engine is not None
            async with Engines([engine]):
                await describe_picture(engine, picture.getvalue())
    except QuillmateError as error:
        return DoctorFinding("Vision", mask_setting(settings.vision), str(error))
    return DoctorFinding("Vision", f"{engine.label} sees pictures")


async def check_disk(settings: Settings) -> DoctorFinding:
    """Check whether the disk has free space and is writable."""
    free = shutil.disk_usage(settings.data).free
    remedy = f"Free up some space on the disk of {settings.data}." if free < _MIN_FREE_BYTES else ""
    try:
        check_writable(settings.data)
    except QuillmateError as error:
        return DoctorFinding("Disk", f"{free / 1e9:.1f} GB free", str(error))
    return DoctorFinding("Disk", f"{free / 1e9:.1f} GB free at {settings.data}", remedy)
