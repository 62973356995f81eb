"""`describe`: describes a picture; `picture`: alters one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console

from bot.configured_engines import build_engines, build_image_engine, build_vision
from bot.content import Alteration
from bot.documents.materials import MAX_BYTES, check_file, read_picture
from bot.documents.pictures import ENDINGS
from bot.engines import Engines
from bot.engines.images import build_part_finder
from bot.engines.images._png import convert_to_png
from bot.errors import FileError, RefusedError
from bot.images.alteration import describe_alteration, plan_alteration
from bot.images.description import NO_VISION_OPERATOR, describe_picture
from bot.images.studio import EDIT_UNSUPPORTED
from bot.runtime.files import read_file, write_file
from bot.settings import Settings


async def describe(settings: Settings, file: Path, language: str) -> None:
    """Print the description of a picture.

    Raises:
        FileError: the file cannot be read.
        RefusedError: no vision model is set.
        EngineError: the model fails.
    """
    body = read_file(file, MAX_BYTES + 1)
    check_file(file.name, len(body), "", ENDINGS)
    async with Engines(build_engines(settings)) as engines:
        engine = build_vision(settings, engines)
        if engine is None:
            raise RefusedError(NO_VISION_OPERATOR)
        async with Engines([engine]):
            description = await describe_picture(engine, await read_picture(file.name, body), language)
    console = Console()
    for name, text in (
        ("Alternative text", description.alt_text),
        ("Prompt", description.prompt),
        ("Words in the picture", description.text),
    ):
        if text:
            console.print(f"{name}: {text}", markup=False, soft_wrap=True)


async def alter(settings: Settings, file: Path, out: Path, alteration: Alteration, prompt: str, seed: int) -> None:
    """Write alterations of a picture; several are numbered.

    Raises:
        FileError: a file cannot be read or written.
        RefusedError: the engine does not support the alteration.
        EngineError: the engine fails.
    """
    engine = build_image_engine(settings)
    if engine is None or alteration.way not in engine.traits.ways:
        raise RefusedError(EDIT_UNSUPPORTED)
    try:
        source = await asyncio.to_thread(convert_to_png, read_file(file, MAX_BYTES + 1))
    except (ValueError, OSError) as error:
        raise FileError("{name} is not a picture that can be read.", name=str(file)) from error
    parts, mask = build_part_finder(settings.images_parts), None
    if alteration.way == "change" and parts is not None and not engine.traits.by_words:
        mask = await parts.find_mask(source, alteration.part)
    plan = plan_alteration(alteration, source, {"prompt": prompt}, seed, engine.traits, mask)
    console = Console()
    async with engine:
        for number, edit in enumerate(plan.edits, 1):
            body = await engine.edit(edit)
            name = out if len(plan.edits) == 1 else out.with_stem(f"{out.stem}-{number}")
            write_file(name, body)
            console.print(
                f"{name}: {describe_alteration(plan.message, alteration.way, source, body)}",
                markup=False,
                soft_wrap=True,
            )
