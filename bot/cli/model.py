"""What `quillmate model` does, and what `quillmate preview --model` gets before it begins."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from bot.app import adopt_after_trial
from bot.engines import build
from bot.engines.bench import measure_speeds
from bot.engines.embedded import Embedded, count_threads, list_gpus
from bot.errors import QuillmateError, SettingsError
from bot.models import Model, ModelChoice, ModelShelf, find_model, get_default_model, load_hearing_models, load_models
from bot.models.catalogue import format_size
from bot.models.fetch import fetch_model
from bot.models.machine import MIN_SPEED, choose_best_model, estimate_speed, get_available_memory, is_within_memory
from bot.models.offers import ModelOffer, find_catalogue_offers, find_models, load_services
from bot.models.shelf import ENGINE
from bot.models.sources import AddressSource, FileSource, ModelSource, ProgressCallback, list_sources
from bot.settings import Settings

# What stands for the best model that is here, where a name is asked for.
BEST = "best"
# What `preview --model` calls whatever "embedded" stands for; the catalogue's default is got where only the small one is here.
DEFAULT = "default"
# Words a token of English, and tokens of a post of 60 words, for who thinks in posts.
_WORDS_A_TOKEN, _POST = 0.75, 85


def choose_model(settings: Settings) -> int:
    """Shows what could write here; on a terminal asks for one, tries it with a sentence, and keeps it.

    Raises:
        QuillmateError: it cannot be had or does not write; the one before stays.
    """
    shelf, cores = ModelShelf(settings.models), count_threads()
    offers = [*asyncio.run(find_models(os.environ)), *find_catalogue_offers(shelf, cores)]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "model", "where", ""):
        table.add_column(heading, overflow="fold")
    for number, one in enumerate(offers, 1):
        table.add_row(str(number), one.title, *_where(one, cores))
    table.add_row("k", "another service", "", "with a key that you type in")
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    console.print(table)
    console.print(
        f"{_in_use(settings, shelf.writing(), shelf.service)} Nothing was sent anywhere to find these, and none is used before "
        "you choose it.", soft_wrap=True,
    )  # fmt: skip
    if not sys.stdin.isatty():
        return 0
    said = input("Number of the model that is to write (Enter keeps the one in use): ").strip().lower()
    if not said:
        return 0
    if said == "k":
        chosen: ModelChoice | Model = _asked_for_key()
    elif said.isdigit() and 0 < int(said) <= len(offers):
        offer = offers[int(said) - 1]
        chosen = offer.model or offer.choice or get_default_model()
    else:
        raise SettingsError(f'"{said[:40]}" is none of the numbers.')
    if isinstance(chosen, Model) and not shelf.has(chosen):
        fetch(chosen, shelf, list_sources(chosen))
    asyncio.run(_kept(settings, shelf, chosen))
    return 0


async def _kept(settings: Settings, shelf: ModelShelf, chosen: ModelChoice | Model) -> None:
    name = chosen.title if isinstance(chosen, Model) else chosen.model
    print(f"Trying {name} with one sentence …", flush=True)
    engine, trial = await adopt_after_trial(settings, shelf, chosen)
    await engine.close()
    print(
        f"“{trial.sentence}”\n{name} writes from the next start on, about {trial.words_per_second:.0f} words a second."
    )


def _asked_for_key() -> ModelChoice:
    """A service, a key and a model, as they are typed."""
    for number, one in enumerate(load_services(), 1):
        print(f"{number:>3}  {one.title}")
    said = input("Number of the service: ").strip()
    if not said.isdigit() or not 0 < int(said) <= len(load_services()):
        raise SettingsError(f'"{said[:40]}" is none of the numbers.')
    service = load_services()[int(said) - 1]
    key = getpass(f"Key for {service.title} (it is not shown): ").strip()
    if not key:
        raise SettingsError("Without a key nothing is changed.")
    return service.choice(input(f"Model (Enter for {service.model}): ").strip(), key)


def _where(offer: ModelOffer, cores: int) -> tuple[str, str]:
    """Where a model runs, and what it takes to have it."""
    if offer.choice is not None:
        return (offer.where, f"key in {offer.choice.key_name}" if offer.choice.key_name else "on this machine")
    assert offer.model is not None
    speed = f"about {estimate_speed(offer.model, cores) * _WORDS_A_TOKEN:.0f} words a second"
    return "on this machine", speed if offer.is_here else f"{offer.model.size} to download, {speed}"


def list_models(settings: Settings) -> int:
    """Prints every model with its size, whether it fits this machine, and which is here, in use, and the best to get."""
    shelf, memory, cores = ModelShelf(settings.models), get_available_memory(), count_threads()
    writing, best = shelf.writing(memory), choose_best_model(load_models(), memory, cores)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "size", "memory", "here?", "languages", "good for", "tried", "licence"):
        table.add_column(heading, overflow="fold")
    for model in load_models():
        languages = " ".join(model.languages[:8]) + (" …" if len(model.languages) > 8 else "") or "a hundred"
        table.add_row(
            model.name, model.size, f"{model.memory:g} GB", _state(model, shelf, memory, cores),
            languages, model.good_for, "yes" if model.tried else "no", model.licence, style="bold" if model == writing else "",
        )  # fmt: skip
    for model in load_hearing_models():
        here = (
            "here" if shelf.has(model) else "fits" if is_within_memory(model, memory) else "too large for this machine"
        )
        told = f"hears: {model.good_for}"
        table.add_row(model.name, model.size, f"{model.memory:g} GB", here, "a hundred", told, "no", model.licence)
    # Piped into another program, no row is broken or shortened.
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    console.print(table)
    said = f"This machine: {format_size(memory)} of memory, {cores} {'core' if cores == 1 else 'cores'}. "
    said += f"{_in_use(settings, writing, shelf.service)} "
    if best and not shelf.has(best):
        said += f"The best for it is {best.title}: quillmate model get {best.name} ({best.size})."
    console.print(said.strip(), soft_wrap=True)
    return 0


def _state(model: Model, shelf: ModelShelf, memory: int, cores: int) -> str:
    if model == shelf.writing(memory):
        return "in use"
    if shelf.has(model):
        return "here" if is_within_memory(model, memory) else "here, but too large for this machine"
    if not is_within_memory(model, memory):
        return "too large for this machine"
    if model == choose_best_model(load_models(), memory, cores):
        return "fits, the best for this machine"
    speed = estimate_speed(model, cores)
    return "fits" if speed >= MIN_SPEED else f"fits, but slow without a GPU (about {speed:.1g} tokens/s)"


def _in_use(settings: Settings, writing: Model, service: ModelChoice | None = None) -> str:
    """Which model writes, and which setting says otherwise."""
    first = settings.engine[0]
    if first == ENGINE and service is not None:
        return f"In use: {service.model}{f' at {service.url}' if service.url else ''}."
    if first == ENGINE:
        return f"In use: {writing.title}."
    return f"In use: {first}, as QUILLMATE_ENGINE says; {ENGINE} would be {writing.title}."


def get_model(settings: Settings, name: str, *, file: Path | None = None, mirror: str = "") -> int:
    """Gets a model, from the usual places or from where one says.

    Raises:
        QuillmateError: it cannot be got, or there is no such model.
    """
    model, shelf = find_model(name) if name else get_default_model(), ModelShelf(settings.models)
    if model.shipped:
        print(f"{model.title} comes with Quillmate: there is nothing to get.")
        return 0
    if shelf.has(model):
        print(f"{model.title} is here already: {shelf.path_of(model)}")
        return 0
    own = [FileSource(file)] if file else [AddressSource(mirror)] if mirror else []
    fetch(model, shelf, own or list_sources(model))
    writing = shelf.writing()
    if model.hears:
        hears = settings.hearing.startswith("whisper")
        print(
            "From its next start on Quillmate hears with the best that is here."
            if hears
            else "Set QUILLMATE_HEARING to whisper to have voice messages understood with it."
        )
    elif writing != model:
        print(f"{writing.title} stays in use. To change that, run: quillmate model use {model.name}")
    elif settings.engine[0] != ENGINE:
        print(f"QUILLMATE_ENGINE is {settings.engine[0]}. Set it to {ENGINE} to write with {model.title}.")
    else:
        print(f"From its next start on Quillmate writes with {model.title}.")
    return 0


def fetch(model: Model, shelf: ModelShelf, sources: Sequence[ModelSource]) -> None:
    """Says what comes, how large it is and under which licence, and gets it, with a bar on a terminal.

    Raises:
        QuillmateError: it cannot be got.
    """
    licence = f"{model.licence} ({model.terms})" if model.terms else model.licence
    print(f"Getting {model.title}: {model.size}, {licence}, into {shelf.folder}", flush=True)
    if not is_within_memory(model, memory := get_available_memory()):
        print(
            f"It needs {model.memory:g} GB beside Quillmate, and this machine has {format_size(memory)}: it may not run here."
        )
    began = time.monotonic()
    with _progress() as tell:
        path = fetch_model(model, shelf, sources, tell)
    print(f"{model.title} is here: {path} ({time.monotonic() - began:.0f} s; its SHA-256 is right)")


class _Telling:
    """Shows each piece of work as a bar; on no terminal its name alone."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @contextmanager
    def __call__(self, doing: str, total: int | None) -> Iterator[ProgressCallback]:
        if self._progress.disable:
            print(f"{doing} …", file=sys.stderr, flush=True)
        task = self._progress.add_task(doing, total=total)
        try:
            yield lambda there: self._progress.update(task, completed=there)
        finally:
            self._progress.remove_task(task)


@contextmanager
def _progress() -> Iterator[_Telling]:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        yield _Telling(progress)


def use_model(settings: Settings, name: str) -> int:
    """Chooses the model that writes from the next start on; "best" for the best that is here.

    Raises:
        QuillmateError: it is not here, or there is no such model.
    """
    shelf = ModelShelf(settings.models)
    model = None if name.strip().lower() == BEST else find_model(name)
    if model is not None and model.hears:
        raise SettingsError(f"{model.title} hears and does not write. Set QUILLMATE_HEARING to whisper:{model.name}.")
    if model is not None and not shelf.has(model):
        raise SettingsError(f"{model.title} is not here yet. Run: quillmate model get {model.name}")
    shelf.choose(model)
    writing = shelf.writing()
    if settings.engine[0] == ENGINE:
        print(f"From its next start on Quillmate writes with {writing.title}.")
    else:
        print(f"QUILLMATE_ENGINE is {settings.engine[0]}. Set it to {ENGINE} to write with {writing.title}.")
    return 0


def remove_model(settings: Settings, name: str) -> int:
    """Deletes a model's file, and what was begun of it.

    Raises:
        QuillmateError: it comes with Quillmate, or there is no such model.
    """
    model, shelf = find_model(name), ModelShelf(settings.models)
    if model.shipped:
        raise SettingsError(f"{model.title} comes with Quillmate and stays.")
    chosen = shelf.chosen
    freed = shelf.remove(model)
    if chosen == model:
        shelf.choose(None)
    left = f"{format_size(freed)} are free again" if freed else "There was nothing of it"
    print(f"{left}. {_in_use(settings, shelf.writing())}")
    return 0


def bench_model(settings: Settings, name: str = "") -> int:
    """Loads a model that is here and prints how quickly it reads and writes.

    Raises:
        QuillmateError: it is not here, or cannot be loaded.
    """
    shelf = ModelShelf(settings.models)
    model = find_model(name) if name else shelf.writing()
    if model.hears:
        raise SettingsError(f"{model.title} hears and does not write: `quillmate hear FILE` tries it.")
    provider = build(shelf.engine_name(f"{ENGINE}:{model.name}")).provider
    assert isinstance(provider, Embedded)
    found = asyncio.run(measure_speeds(provider))
    on = "".join(f" and {gpu}" for gpu in list_gpus())
    print(
        f"{model.title} reads {found.read:.1f} and writes {found.written:.1f} tokens/s with {count_threads()} threads{on}, loaded in "
        f"{found.loading:.1f} s. A post of 60 words takes about {_POST / found.written:.0f} s to write."
    )
    return 0


def with_model(settings: Settings, name: str) -> Settings:
    """The settings with a model of the catalogue, which is got first where it is not here.

    "default" keeps what is set and what is here, and gets the catalogue's default where only the small one would write. What
    cannot be got is said in one sentence, and whatever is here writes.

    Raises:
        SettingsError: no model has that name.
    """
    shelf = ModelShelf(settings.models)
    if name.strip().lower() == DEFAULT:
        model = get_default_model()
        if settings.engine != (ENGINE,) or not shelf.writing().shipped or shelf.chosen or shelf.service:
            return settings
        if not is_within_memory(model, memory := get_available_memory()):
            print(
                f"This machine's {format_size(memory)} of memory are too few for {model.title}; {shelf.writing().title} writes."
            )
            return settings
        print(f"{model.title} writes drafts for an editor. `MODEL=small`, or `--model small`, goes without it.")
    else:
        model = find_model(name)
        if model.hears:
            raise SettingsError(
                f"{model.title} hears and does not write. Set QUILLMATE_HEARING to whisper:{model.name}."
            )
    if not shelf.has(model):
        try:
            fetch(model, shelf, list_sources(model))
        except QuillmateError as error:
            print(f"{error} Until then {shelf.writing().title} writes.", file=sys.stderr)
            return settings
    return settings.model_copy(update={"engine": (f"{ENGINE}:{model.name}",)})
