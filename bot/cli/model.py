"""The verbs `quillmate model …`, and the model download of `quillmate preview --model`."""

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

from bot.configured_engines import adopt_after_trial
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

# Denotes the best downloaded model.
BEST_MODEL = "best"
# Denotes the embedded model for `preview --model`; the catalogue's default is downloaded if only the small one is available.
DEFAULT_MODEL = "default"
# English words per token, and tokens of a post of 60 words.
_WORDS_PER_TOKEN, _POST_TOKENS = 0.75, 85


def choose_model(settings: Settings) -> int:
    """Show the available models; on a terminal ask for one, try it with a sentence, and store the choice.

    Raises:
        QuillmateError: the model cannot be obtained or does not write; the previous one stays.
    """
    shelf, cores = ModelShelf(settings.models), count_threads()
    offers = [*asyncio.run(find_models(os.environ)), *find_catalogue_offers(shelf, cores)]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "model", "where", ""):
        table.add_column(heading, overflow="fold")
    for number, one in enumerate(offers, 1):
        table.add_row(str(number), one.title, *_describe_place(one, cores))
    table.add_row("k", "another service", "", "with a key that you enter")
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    console.print(table)
    console.print(
        f"{_describe_active_model(settings, shelf.writing(), shelf.service)} "
        "These were found without sending anything anywhere, and none is used until you choose it.",
        soft_wrap=True,
    )
    if not sys.stdin.isatty():
        return 0
    answer = input("Number of the model to write with (Enter keeps the one in use): ").strip().lower()
    if not answer:
        return 0
    if answer == "k":
        selected: ModelChoice | Model = _ask_for_service()
    elif answer.isdigit() and 0 < int(answer) <= len(offers):
        offer = offers[int(answer) - 1]
        selected = offer.model or offer.choice or get_default_model()
    else:
        raise SettingsError(f'"{answer[:40]}" is not one of the numbers.')
    if isinstance(selected, Model) and not shelf.has(selected):
        fetch(selected, shelf, list_sources(selected))
    asyncio.run(_try_and_store(settings, shelf, selected))
    return 0


async def _try_and_store(settings: Settings, shelf: ModelShelf, selected: ModelChoice | Model) -> None:
    name = selected.title if isinstance(selected, Model) else selected.model
    print(f"Trying {name} with one sentence …", flush=True)
    engine, trial = await adopt_after_trial(settings, shelf, selected)
    await engine.close()
    print(f"“{trial.sentence}”\n{name} writes from now on, at about {trial.words_per_second:.0f} words a second.")


def _ask_for_service() -> ModelChoice:
    """Ask for a service, a key and a model."""
    for number, one in enumerate(load_services(), 1):
        print(f"{number:>3}  {one.title}")
    answer = input("Number of the service: ").strip()
    if not answer.isdigit() or not 0 < int(answer) <= len(load_services()):
        raise SettingsError(f'"{answer[:40]}" is not one of the numbers.')
    service = load_services()[int(answer) - 1]
    key = getpass(f"Key for {service.title} (hidden): ").strip()
    if not key:
        raise SettingsError("No key entered; nothing was changed.")
    return service.choice(input(f"Model (Enter for {service.model}): ").strip(), key)


def _describe_place(offer: ModelOffer, cores: int) -> tuple[str, str]:
    """Describe where a model runs, and its speed, size or key."""
    if offer.choice is not None:
        return (offer.where, f"key in {offer.choice.key_name}" if offer.choice.key_name else "on this machine")
    assert offer.model is not None
    speed = f"about {estimate_speed(offer.model, cores) * _WORDS_PER_TOKEN:.0f} words a second"
    return "on this machine", speed if offer.is_here else f"{offer.model.size} to download, {speed}"


def list_models(settings: Settings) -> int:
    """Print all models with their size, whether they fit this machine, and which are downloaded, in use, or
    recommended.
    """
    shelf, memory, cores = ModelShelf(settings.models), get_available_memory(), count_threads()
    writing, best_model = shelf.writing(memory), choose_best_model(load_models(), memory, cores)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "size", "memory", "here?", "languages", "good for", "tried", "licence"):
        table.add_column(heading, overflow="fold")
    for model in load_models():
        languages = " ".join(model.languages[:8]) + (" …" if len(model.languages) > 8 else "") or "a hundred"
        table.add_row(
            model.name,
            model.size,
            f"{model.memory:g} GB",
            _describe_state(model, shelf, memory, cores),
            languages,
            model.good_for,
            "yes" if model.tried else "no",
            model.licence,
            style="bold" if model == writing else "",
        )
    for model in load_hearing_models():
        here = (
            "here" if shelf.has(model) else "fits" if is_within_memory(model, memory) else "too large for this machine"
        )
        purpose = f"hears: {model.good_for}"
        table.add_row(model.name, model.size, f"{model.memory:g} GB", here, "a hundred", purpose, "no", model.licence)
    # In a pipe, rows are neither wrapped nor shortened.
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    console.print(table)
    summary = f"This machine: {format_size(memory)} of memory, {cores} {'core' if cores == 1 else 'cores'}. "
    summary += f"{_describe_active_model(settings, writing, shelf.service)} "
    if best_model and not shelf.has(best_model):
        summary += f"The best fit is {best_model.title}: quillmate model get {best_model.name} ({best_model.size})."
    console.print(summary.strip(), soft_wrap=True)
    return 0


def _describe_state(model: Model, shelf: ModelShelf, memory: int, cores: int) -> str:
    if model == shelf.writing(memory):
        return "in use"
    if shelf.has(model):
        return "here" if is_within_memory(model, memory) else "here, but too large for this machine"
    if not is_within_memory(model, memory):
        return "too large for this machine"
    if model == choose_best_model(load_models(), memory, cores):
        return "fits; the best one for this machine"
    speed = estimate_speed(model, cores)
    return "fits" if speed >= MIN_SPEED else f"fits, but slow without a GPU (about {speed:.1g} tokens/s)"


def _describe_active_model(settings: Settings, writing: Model, service: ModelChoice | None = None) -> str:
    """Describe which model writes, and which setting overrides it."""
    first = settings.engine[0]
    if first == ENGINE and service is not None:
        return f"In use: {service.model}{f' at {service.url}' if service.url else ''}."
    if first == ENGINE:
        return f"In use: {writing.title}."
    return f"In use: {first}, set in QUILLMATE_ENGINE; {ENGINE} would use {writing.title}."


def get_model(settings: Settings, name: str, *, file: Path | None = None, mirror: str = "") -> int:
    """Download a model, from the default sources or from a given one.

    Raises:
        QuillmateError: the model is unknown or cannot be downloaded.
    """
    model, shelf = find_model(name) if name else get_default_model(), ModelShelf(settings.models)
    if model.shipped:
        print(f"{model.title} comes with Quillmate: there is nothing to download.")
        return 0
    if shelf.has(model):
        print(f"{model.title} is already here: {shelf.path_of(model)}")
        return 0
    own_sources = [FileSource(file)] if file else [AddressSource(mirror)] if mirror else []
    fetch(model, shelf, own_sources or list_sources(model))
    writing = shelf.writing()
    if model.hears:
        hears_locally = settings.hearing.startswith("whisper")
        print(
            "Quillmate will use the best installed speech model from its next start."
            if hears_locally
            else "Set QUILLMATE_HEARING to whisper to transcribe voice messages with it."
        )
    elif writing != model:
        print(f"{writing.title} stays in use. To change that, run: quillmate model use {model.name}")
    elif settings.engine[0] != ENGINE:
        print(f"QUILLMATE_ENGINE is {settings.engine[0]}. Set it to {ENGINE} to write with {model.title}.")
    else:
        print(f"Quillmate will write with {model.title} from now on.")
    return 0


def fetch(model: Model, shelf: ModelShelf, sources: Sequence[ModelSource]) -> None:
    """Print title, size and licence of a model, and download it, with a progress bar on a terminal.

    Raises:
        QuillmateError: the model cannot be downloaded.
    """
    licence = f"{model.licence} ({model.terms})" if model.terms else model.licence
    print(f"Downloading {model.title}: {model.size}, {licence}, into {shelf.folder}", flush=True)
    if not is_within_memory(model, memory := get_available_memory()):
        print(
            f"It needs {model.memory:g} GB in addition to Quillmate, and this machine has {format_size(memory)}: it may not run here."
        )
    started_at = time.monotonic()
    with _show_progress() as report:
        path = fetch_model(model, shelf, sources, report)
    print(f"{model.title} is ready: {path} ({time.monotonic() - started_at:.0f} s; its SHA-256 is correct)")


class _DownloadProgress:
    """Shows a progress bar for each step; without a terminal only its name."""

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
def _show_progress() -> Iterator[_DownloadProgress]:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        yield _DownloadProgress(progress)


def use_model(settings: Settings, name: str) -> int:
    """Choose the model that writes from now on; "best" for the best one downloaded.

    Raises:
        QuillmateError: the model is unknown or not downloaded.
    """
    shelf = ModelShelf(settings.models)
    model = None if name.strip().lower() == BEST_MODEL else find_model(name)
    if model is not None and model.hears:
        raise SettingsError(
            f"{model.title} is for speech recognition and cannot write. Set QUILLMATE_HEARING to whisper:{model.name}."
        )
    if model is not None and not shelf.has(model):
        raise SettingsError(f"{model.title} is not here yet. Run: quillmate model get {model.name}")
    shelf.choose(model)
    writing = shelf.writing()
    if settings.engine[0] == ENGINE:
        print(f"Quillmate will write with {writing.title} from now on.")
    else:
        print(f"QUILLMATE_ENGINE is {settings.engine[0]}. Set it to {ENGINE} to write with {writing.title}.")
    return 0


def remove_model(settings: Settings, name: str) -> int:
    """Delete the file of a model, and partial downloads.

    Raises:
        QuillmateError: the model is unknown or comes with Quillmate.
    """
    model, shelf = find_model(name), ModelShelf(settings.models)
    if model.shipped:
        raise SettingsError(f"{model.title} comes with Quillmate and cannot be deleted.")
    selected = shelf.chosen
    freed_bytes = shelf.remove(model)
    if selected == model:
        shelf.choose(None)
    freed_text = f"{format_size(freed_bytes)} freed" if freed_bytes else "There was nothing to delete"
    print(f"{freed_text}. {_describe_active_model(settings, shelf.writing())}")
    return 0


def bench_model(settings: Settings, name: str = "") -> int:
    """Load a downloaded model and print its reading and writing speed.

    Raises:
        QuillmateError: the model is unknown or cannot be loaded.
    """
    shelf = ModelShelf(settings.models)
    model = find_model(name) if name else shelf.writing()
    if model.hears:
        raise SettingsError(
            f"{model.title} is for speech recognition and cannot write. Try it with `quillmate hear FILE`."
        )
    provider = build(shelf.engine_name(f"{ENGINE}:{model.name}")).provider
    assert isinstance(provider, Embedded)
    speeds = asyncio.run(measure_speeds(provider))
    on = "".join(f" and {gpu}" for gpu in list_gpus())
    print(
        f"{model.title} reads {speeds.read_rate:.1f} and writes {speeds.write_rate:.1f} tokens/s with {count_threads()} "
        f"threads{on}, loaded in {speeds.loading_seconds:.1f} s. "
        f"A post of 60 words takes about {_POST_TOKENS / speeds.write_rate:.0f} s to write."
    )
    return 0


def select_model(settings: Settings, name: str) -> Settings:
    """Return settings with a model of the catalogue, which is downloaded if necessary. "default" keeps the settings
    and the downloaded models, and downloads the catalogue's default if only the small one would write. If the
    download fails, a message is printed, and the models at hand write.

    Raises:
        SettingsError: the model is unknown.
    """
    shelf = ModelShelf(settings.models)
    if name.strip().lower() == DEFAULT_MODEL:
        model = get_default_model()
        if settings.engine != (ENGINE,) or not shelf.writing().shipped or shelf.chosen or shelf.service:
            return settings
        if not is_within_memory(model, memory := get_available_memory()):
            print(
                f"This machine's {format_size(memory)} of memory is too little for {model.title}; using {shelf.writing().title}."
            )
            return settings
        print(f"{model.title} writes drafts that need editing. `MODEL=small` or `--model small` starts without it.")
    else:
        model = find_model(name)
        if model.hears:
            raise SettingsError(
                f"{model.title} is for speech recognition and cannot write. Set QUILLMATE_HEARING to whisper:{model.name}."
            )
    if not shelf.has(model):
        try:
            fetch(model, shelf, list_sources(model))
        except QuillmateError as error:
            print(f"{error} Until then, {shelf.writing().title} writes.", file=sys.stderr)
            return settings
    return settings.model_copy(update={"engine": (f"{ENGINE}:{model.name}",)})
