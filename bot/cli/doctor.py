"""`quillmate doctor`: looks at everything that the bot needs and says what to do about what is wrong."""

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

from bot.app import build_engines, build_image_engine, build_reviser, build_sound_engines, build_vision
from bot.checks.units import format_count
from bot.engines import Ask, Engines
from bot.engines.embedded import count_threads
from bot.engines.images import build_parts
from bot.engines.remote import parse_addresses
from bot.errors import QuillmateError
from bot.images.description import describe_picture
from bot.models import ModelShelf
from bot.models.offers import find_catalogue_offers, find_models, format_offers
from bot.moderation.service import FAILURES, build_service
from bot.runtime.credentials import mask_credentials, mask_setting
from bot.settings import Settings, check_writable
from bot.store import open_store
from storage import owner_rows
from storage.crypto import describe_lost_keys
from storage.database import REVISION
from storage.errors import DAMAGED

_FREE_BYTES = 1_000_000_000
# Discord's tokens for interactions live by its clock; a few seconds off do no harm.
_CLOCK_SECONDS = 5.0
_CHANGED = (
    "Another program changed or moved them: they are shown to nobody, and their owners are told. Put a copy of the database "
    "back, or leave it at that."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found. `remedy` says what to do, empty where nothing is wrong."""

    name: str
    said: str
    remedy: str = ""


async def examine(settings: Settings, *, offline: bool = False) -> int:
    """Looks at everything and prints a line each; 0 when all is well, else 1."""
    looks: list[Callable[[], Awaitable[Finding]]] = [
        lambda: database(settings),
        lambda: key(settings),
        lambda: pending(settings),
        lambda: model(settings),
        *([lambda: images(settings)] if settings.images else []),
        *([lambda: sound(settings, "Hearing")] if settings.hearing else []),
        *([lambda: sound(settings, "Speech")] if settings.speech else []),
        *([lambda: sound(settings, "Music")] if settings.music else []),
        *([lambda: reviser(settings)] if settings.reviser else []),
        *([lambda: vision(settings)] if settings.vision else []),
        *([lambda: moderation(settings)] if settings.moderation != "rules" and not offline else []),
        lambda: disk(settings),
    ]
    if not offline:
        looks[:0] = [lambda: token(settings), clock]
    console = Console()
    wrong = 0
    for look in looks:
        finding = await look()
        wrong += bool(finding.remedy)
        console.print(
            mask_credentials(f"{'✗' if finding.remedy else '✓'} {finding.name}: {finding.said}"),
            markup=False,
            soft_wrap=True,
        )
        if finding.remedy:
            console.print(mask_credentials(f"  → {finding.remedy}"), markup=False, soft_wrap=True)
    return 1 if wrong else 0


async def token(settings: Settings) -> Finding:
    """Whether Discord takes the token."""
    value = settings.token.get_secret_value().strip()
    remedy = "Get one at https://discord.com/developers/applications, under Bot, Reset Token, and set DISCORD_TOKEN."
    if not value:
        return Finding("Token", "DISCORD_TOKEN is not set; only the preview and the command line work", remedy)
    if not value.isprintable():
        return Finding("Token", "it holds a line break or another mark that no token has", remedy)
    client = discord.Client(intents=discord.Intents.none())
    try:
        await asyncio.wait_for(client.login(value), 15)
        return Finding("Token", f"Discord knows it as {client.user}")
    except discord.LoginFailure:
        return Finding("Token", "Discord refused it", remedy)
    except (aiohttp.ClientError, TimeoutError, discord.HTTPException):
        return Finding("Token", "Discord cannot be reached", "Check the network and any proxy or firewall.")
    finally:
        await client.close()


async def clock() -> Finding:
    """Whether this machine's clock agrees with Discord's."""
    remedy = "Turn on time synchronisation (for example: timedatectl set-ntp true)."
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.head(discord.http.Route.BASE) as answer,
        ):
            theirs = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return Finding("Clock", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC; could not be compared with Discord's")
    apart = abs((datetime.now(UTC) - theirs).total_seconds())
    return Finding("Clock", f"{apart:.0f} s from Discord's", remedy if apart > _CLOCK_SECONDS else "")


async def database(settings: Settings) -> Finding:
    """Whether the database can be read, all of it, and written."""
    shown = "QUILLMATE_DATABASE"
    try:
        opened = open_store(settings)
        shown = opened.database.display_url
        async with opened as store:
            revision = await store.database.read_revision()
            damage = await store.database.find_damage()
            changed = await owner_rows.count_damaged_by_table(store.database) if not damage else {}
    except QuillmateError as error:
        return Finding("Database", shown, str(error))
    if damage:
        return Finding("Database", f"{shown}: {damage.splitlines()[0][:120]}", DAMAGED)
    if changed:
        told = ", ".join(f"{format_count(count, 'row')} of {table}" for table, count in changed.items())
        return Finding("Database", f"{shown}: {told} cannot be opened", _CHANGED)
    return Finding("Database", f"{shown}, tables at {revision}")


async def key(settings: Settings) -> Finding:
    """Whether the operator's key opens what people wrote."""
    try:
        store = open_store(settings)
    except QuillmateError as error:
        return Finding("Key", "it cannot be used", str(error))
    keys = store.database.keys
    try:
        newest = await store.database.read_revision() == REVISION
        lost = await store.database.owners.list_lost() if newest else {}
        unsettled = await store.database.owners.count_pending_erasures() if newest else 0
    except QuillmateError:
        lost, unsettled = {}, 0  # What is wrong with the database is a finding of its own.
    finally:
        await store.database.close()
    if lost:
        owner_ids = [one for those in lost.values() for one in those]
        return Finding("Key", f"{' and '.join(lost)} is lost", describe_lost_keys(list(lost), keys.location, owner_ids))
    if not keys.has_key:
        return Finding("Key", f"made with the first person, in {keys.location}")
    older = ", with older ones: quillmate db rotate-key" if keys.has_older_keys else ""
    with_copies = f", and of {keys.parents.file.name} with each copy of the database" if keys.parents else ""
    waiting = (
        f"; remains of {format_count(unsettled, 'forgotten person', 'forgotten people')} wait to be overwritten"
        if unsettled
        else ""
    )
    return Finding(
        "Key",
        f"{keys.current_id} in {keys.location}{older}. Keep a copy of it, apart from the database's{with_copies}{waiting}",
    )


async def pending(settings: Settings) -> Finding:
    """Whether the file of pending jobs can be read and written."""
    file = settings.data / "jobs.db"
    if not settings.jobs_url.startswith("sqlite") or not file.exists():
        return Finding(
            "Pending jobs", "kept in the database" if settings.jobs_url.startswith("postgres") else "none yet"
        )
    try:
        with contextlib.closing(sqlite3.connect(file, timeout=5)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            whole = connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
    except sqlite3.Error as error:
        return Finding(
            "Pending jobs", f"{file}: {error}", "Give Quillmate's user the right to write it, or move it away."
        )
    return Finding(
        "Pending jobs", str(file), "" if whole else "It is damaged: move it away; what was pending in it is lost."
    )


async def model(settings: Settings) -> Finding:
    """Whether the first model writes, on each of its servers."""
    urls = [url for url, _ in parse_addresses(settings.engine_url)] or [""]
    try:
        for url in urls:
            async with Engines(build_engines(settings.model_copy(update={"engine_url": url}))) as engines:
                written = await engines.first.complete(_greeting())
                label, small = engines.first.label, engines.first.traits.small
    except QuillmateError as error:
        where = f" at {mask_setting(url)}" if len(urls) > 1 else ""
        return Finding("Model", mask_setting(", ".join(settings.engine)) + where, str(error))
    better = await _better(settings) if small else ""
    servers = f" on {len(urls)} servers" if len(urls) > 1 else ""
    return Finding("Model", (f"{label} writes" if written.strip() else f"{label} answers") + servers + better)


async def reviser(settings: Settings) -> Finding:
    """Whether the model that revises writes."""
    try:
        engine = build_reviser(settings)
        assert engine is not None
        async with Engines([engine]):
            await engine.complete(_greeting())
    except QuillmateError as error:
        return Finding("Reviser", mask_setting(settings.reviser), str(error))
    return Finding("Reviser", f"{engine.label} writes")


def _greeting() -> Ask:
    from langchain_core.messages import HumanMessage

    return Ask([HumanMessage("Say hello.")], None, 20, 8, 0)


async def _better(settings: Settings) -> str:
    """What could write better: a model that is there already, else the catalogue's best for this machine; empty for neither."""
    if found := format_offers(await find_models(os.environ)):
        return f"; {found}"
    best = next(
        (one for one in find_catalogue_offers(ModelShelf(settings.models), count_threads()) if not one.is_here), None
    )
    return f"; a better one ({best.title}, {best.model.size}): quillmate model" if best and best.model else ""


async def images(settings: Settings) -> Finding:
    """Whether what draws can be reached."""
    try:
        engine = build_image_engine(settings)
        assert engine is not None
        parts = build_parts(settings.images_parts)
        async with engine:
            said = await engine.check()
        return Finding("Images", f"{said}; {await parts.check()}" if parts else said)
    except QuillmateError as error:
        return Finding("Images", mask_setting(settings.images), str(error))


async def sound(settings: Settings, what: str) -> Finding:
    """Whether what hears, speaks or plays can be used."""
    named = {"Hearing": settings.hearing, "Speech": ", ".join(settings.speech), "Music": settings.music}[what]
    said = []
    try:
        built = build_sound_engines(settings)
        for engine in {"Hearing": built.hearing, "Speech": built.speech, "Music": built.music}[what]:
            async with engine:
                said.append(await engine.check())
        return Finding(what, ", ".join(said))
    except QuillmateError as error:
        return Finding(what, mask_setting(named), str(error))


async def moderation(settings: Settings) -> Finding:
    """Whether who is asked besides the moderation rules answers."""
    shown = mask_setting(settings.moderation)
    try:
        async with Engines(build_engines(settings)) as engines:
            service = build_service(settings, engines)
            assert service is not None
            await service.category("We open at nine.")
    except QuillmateError as error:
        return Finding("Moderation", shown, str(error))
    except FAILURES as error:
        remedy = "Check QUILLMATE_MODERATION_URL and QUILLMATE_MODERATION_KEY. Until it answers, the rules hold alone."
        return Finding("Moderation", f"{shown} does not answer ({type(error).__name__})", remedy)
    return Finding("Moderation", f"{shown} answers")


# A white square, which a model that sees tells something of.
_SQUARE = 32


async def vision(settings: Settings) -> Finding:
    """Whether the model that is to see pictures sees one."""
    from io import BytesIO

    from PIL import Image

    shown = BytesIO()
    Image.new("RGB", (_SQUARE, _SQUARE), "white").save(shown, "JPEG")
    try:
        async with Engines(build_engines(settings)) as engines:
            engine = build_vision(settings, engines)
            assert engine is not None
            async with Engines([engine]):
                await describe_picture(engine, shown.getvalue())
    except QuillmateError as error:
        return Finding("Vision", mask_setting(settings.vision), str(error))
    return Finding("Vision", f"{engine.label} sees pictures")


async def disk(settings: Settings) -> Finding:
    """Whether there is room for the database to grow, and the right to."""
    free = shutil.disk_usage(settings.data).free
    remedy = f"Free some space where {settings.data} lies." if free < _FREE_BYTES else ""
    try:
        check_writable(settings)
    except QuillmateError as error:
        return Finding("Disk", f"{free / 1e9:.1f} GB free", str(error))
    return Finding("Disk", f"{free / 1e9:.1f} GB free at {settings.data}", remedy)
