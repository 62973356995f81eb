"""The engines that the settings name, and the model that an operator chooses."""

from __future__ import annotations

import os

from bot import engines as engine_room
from bot.engines import Engine, Engines
from bot.engines.images import ImageEngine, build_images
from bot.engines.sound import SoundEngines, build_hearing, build_music, build_speech
from bot.engines.trial import Trial, run_trial
from bot.errors import Phrase, SettingsError
from bot.models import Model, ModelChoice, ModelShelf
from bot.models.machine import get_available_memory, is_within_memory
from bot.models.shelf import ENGINE
from bot.runtime.credentials import mask_setting
from bot.settings import Settings


def build_engines(settings: Settings) -> list[Engine]:
    """Build the engines of the settings, in order.

    Raises:
        SettingsError: no provider knows a name's form.
    """
    shelf, engines = ModelShelf(settings.models), []
    options = {"url": settings.engine_url, "key": settings.engine_key.get_secret_value()}
    for name in settings.engine:
        if name == ENGINE and (chosen := shelf.service):
            engines.append(build_engine(shelf, chosen, settings.timeout))
            continue
        engine = engine_room.build(shelf.engine_name(name), timeout=settings.timeout, **options)
        engine.name = name  # Requests in progress refer to it, even when another model has taken its place.
        engines.append(engine)
    return engines


def build_engine(shelf: ModelShelf, chosen: ModelChoice | Model, timeout: float) -> Engine:
    """Build the engine of a chosen model, with a timeout in seconds for each call."""
    if isinstance(chosen, ModelChoice):
        return engine_room.build(chosen.engine, url=chosen.url, key=chosen.secret(os.environ), timeout=timeout)
    engine = engine_room.build(shelf.engine_name(f"{ENGINE}:{chosen.name}"), timeout=timeout)
    engine.name = ENGINE
    return engine


async def adopt_after_trial(settings: Settings, shelf: ModelShelf, chosen: ModelChoice | Model) -> tuple[Engine, Trial]:
    """Test a model with one sentence; if it writes, choose it. Returns its open engine.

    Raises:
        SettingsError: a setting overrides the choice, or the machine is too small for the model.
        EngineError: it does not write.
    """
    if settings.engine != (ENGINE,):
        named = mask_setting(", ".join(settings.engine))
        raise SettingsError(
            Phrase(
                "QUILLMATE_ENGINE is set to {engine} and overrides what is chosen here. Remove it from the "
                "environment or from quillmate.toml first.",
                engine=named,
            )
        )
    if isinstance(chosen, Model) and not is_within_memory(chosen, memory := get_available_memory()):
        raise SettingsError(
            Phrase(
                (
                    "{model} needs {needed:.0f} GB of memory in addition to Quillmate, but this machine has only "
                    "{here:.0f} GB."
                ),
                model=chosen.title,
                needed=chosen.memory,
                here=memory / 1e9,
            )
        )
    engine = build_engine(shelf, chosen, settings.timeout)
    try:
        trial = await run_trial(engine)
        shelf.choose(chosen)
    except BaseException:  # Also a cancellation: nothing else closes the engine.
        await engine.close()
        raise
    return engine, trial


def build_reviser(settings: Settings) -> Engine | None:
    """Build the model that revises others' texts, None where the settings name none.

    Raises:
        SettingsError: no provider knows the name's form.
    """
    if not settings.reviser:
        return None
    options = {"url": settings.reviser_url, "key": settings.reviser_key.get_secret_value()}
    engine = engine_room.build(settings.reviser, timeout=settings.timeout, **options)
    engine.setting = "QUILLMATE_REVISER"
    return engine


def build_vision(settings: Settings, engines: Engines) -> Engine | None:
    """Build the model that reads pictures, None where the settings name none.

    Raises:
        SettingsError: no provider knows a name's form.
    """
    if settings.vision in ("", "engine"):
        return engines.first if settings.vision else None
    options = {"url": settings.vision_url, "key": settings.vision_key.get_secret_value()}
    engine = engine_room.build(settings.vision, timeout=settings.timeout, **options)
    engine.setting = "QUILLMATE_VISION"
    return engine


def build_image_engine(settings: Settings) -> ImageEngine | None:
    """Build the engine that draws, None where the settings name none.

    Raises:
        SettingsError: no provider has that name.
    """
    if not settings.images:
        return None
    key = settings.images_key.get_secret_value()
    return build_images(settings.images, url=settings.images_url, key=key, timeout=settings.timeout)


def build_sound_engines(settings: Settings) -> SoundEngines:
    """Build the engines that transcribe, speak and make music, as the settings name them.

    Raises:
        SettingsError: no provider has that name.
    """
    url, key, timeout = settings.sound_url, settings.sound_key.get_secret_value(), settings.timeout
    hearing = (
        [build_hearing(settings.hearing, url=url, key=key, models=settings.models, timeout=timeout)]
        if settings.hearing
        else []
    )
    speech = build_speech(settings.speech, url=url, key=key, voice=settings.voice, timeout=timeout)
    music = [build_music(settings.music, timeout=timeout)] if settings.music else []
    return SoundEngines(hearing, speech, music)
