"""The verbs `generate`, `route` and `understand`, and what other verbs share with them; on the same generation code as
the bot.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.briefs import Form, extract_reading
from bot.configured_engines import build_engines, build_image_engine, build_reviser
from bot.content import Assignment, MemorySnapshot, Request, Result
from bot.documents.encodings import decode_text
from bot.documents.materials import MAX_CHARACTERS
from bot.engines import Engines
from bot.engines.embeddings import Embeddings
from bot.engines.images import ImageEngine, Picture
from bot.errors import FileError, RefusedError, SettingsError, describe_error
from bot.exports import export_content, find_format, load_formats
from bot.generation import findings
from bot.generation.pipeline import Pipeline
from bot.generation.recall import assign
from bot.generation.sources import UNCHECKED, is_unchecked
from bot.images.studio import (
    CONNECT_OPERATOR,
    STORYBOARD_FORMAT,
    add_frames,
    build_pictures,
    needs_drawing,
    use_engine_dialect,
)
from bot.kinds import find_kind, load_kinds
from bot.moderation.seam import build_moderation, check_assignment
from bot.requests.routing import Routing
from bot.runtime.files import read_file, write_file
from bot.runtime.streams import write_row
from bot.settings import Settings
from personas.habits import split_profile
from personas.profile import clean

# No encoding needs more bytes per character.
_MAX_BRIEF_BYTES = 4 * MAX_CHARACTERS


def validate_brief(brief: str) -> str:
    """Return the brief if it is not longer than an attached file may be.

    Raises:
        SettingsError: the brief is too long.
    """
    if len(brief) > MAX_CHARACTERS:
        raise SettingsError(f"The brief has {len(brief):,} characters; the limit is {MAX_CHARACTERS:,}. Shorten it.")
    return brief


def read_brief(stdin: TextIO) -> str:
    """Read the brief from standard input, in any known encoding.

    Raises:
        QuillmateError: the brief is too long, or no text.
    """
    body = stdin.buffer.read(_MAX_BRIEF_BYTES + 1) if isinstance(stdin, io.TextIOWrapper) else stdin.read().encode()
    if len(body) > _MAX_BRIEF_BYTES:
        raise SettingsError(f"The brief has more than {MAX_CHARACTERS:,} characters, which is the limit. Shorten it.")
    try:
        return decode_text(body).text
    except FileError as error:
        raise FileError("Standard input is not text in a known encoding. Use UTF-8.") from error


async def generate_one(
    settings: Settings, request: Request, profile_file: Path | None, *, as_json: bool, out: Path | None
) -> int:
    """Generate a text, print it, and write it to a file if requested."""
    memory = read_profile(profile_file) if profile_file else MemorySnapshot()
    request = replace(request, brief=validate_brief(clean(request.brief)))
    export_format = find_format(out.name) if out else None
    if out and export_format is None:
        endings = ", ".join(f".{one.suffix}" for one in load_formats().values())
        raise SettingsError(f"--out is {out.name}; it should end in {endings}.")
    images = build_image_engine(settings)
    assignment_without_profile = assign(request, memory)
    if not request.brief:
        raise SettingsError("The brief is empty; say in a few words what to write.")
    check_assignment(assignment_without_profile)  # Before loading a model.
    async with open_pipeline(settings) as pipeline:
        started = time.perf_counter()
        assignment = use_engine_dialect(await pipeline.build_assignment(request, memory), images)
        results = await pipeline.run(assignment)
        milliseconds = round(1000 * (time.perf_counter() - started))
    _print_results(results, request)
    if out and export_format:
        await _write_file(results[0], assignment, export_format.name, out, images)
    if as_json:
        row = result_to_json(results[0], milliseconds)
        if len(results) > 1:
            row["variants"] = [result.content.text for result in results]
        write_row(row, sys.stdout)
    return 0


def _print_results(results: Sequence[Result], request: Request) -> None:
    """Print texts to standard output, and what is to be known about them to standard error."""
    for number, result in enumerate(results, 1):
        if len(results) > 1:
            print(f"--- {number} ---")
        print(result.content.text, end="\n\n")
        if result.to_check:
            print(f"To check: {result.to_check}", file=sys.stderr)
        if result.note:
            print(result.note, file=sys.stderr)
        if failures := findings.list_failures(result.checks):
            print(f"Not as requested: {'; '.join(f'{what} ({who})' for what, who in failures)}.", file=sys.stderr)
    if is_unchecked(results[0], from_material=bool(request.material)):
        print(f"{UNCHECKED}.", file=sys.stderr)
    if len(results) < request.variants:
        print(f"{len(results)} of {request.variants} variants: the model came up with no more.", file=sys.stderr)


async def _write_file(
    result: Result, assignment: Assignment, format_name: str, out: Path, images: ImageEngine | None
) -> None:
    """Write a result as a file of a format, with the pictures that it needs.

    Raises:
        SettingsError: it is a picture, and nothing draws here.
        QuillmateError: the engine fails, or a file cannot be written.
    """
    content = result.content
    if images and format_name == STORYBOARD_FORMAT and needs_drawing(content):
        async with images:
            frames = [await images.make(picture) for picture in build_pictures(content, assignment)]
        content = add_frames(content, frames)
    if format_name == "png" and needs_drawing(content):
        if images is None:
            raise SettingsError(f"{out.name}: no image model is set up. {CONNECT_OPERATOR}")
        await _draw_pictures(images, build_pictures(content, assignment), out)
        return
    write_file(out, export_content(format_name, find_kind(result.kind).title, content))


async def _draw_pictures(images: ImageEngine, pictures: Sequence[Picture], out: Path) -> None:
    """Draw and write pictures; those of a grid after the first are numbered: x.png, x-2.png.

    Raises:
        QuillmateError: the engine fails, or a file cannot be written.
    """
    async with images:
        for number, picture in enumerate(pictures, 1):
            file = out if number == 1 else out.with_stem(f"{out.stem}-{number}")
            write_file(file, await images.make(picture))


async def route_lines(settings: Settings, lines: Iterable[str], out: TextIO) -> int:
    """Route each line as it is read."""
    failed = 0
    async with Engines(build_engines(settings), build_reviser(settings)) as engines:
        embeddings = _build_embeddings(settings)
        moderation = build_moderation(settings, engines, embeddings)
        routing = Routing(engines, embeddings, settings.data / "cache", moderation)
        await routing.warm()
        for line in lines:
            if not line.strip():
                continue
            started = time.perf_counter()
            try:
                text = json.loads(line)
                if not isinstance(text, str):
                    raise TypeError
                row = await routing.find(text)
            except (ValueError, TypeError, RecursionError):
                failed += 1
                row = {"kind": None, "confidence": 0.0, "candidates": [], "error": "This line is not a JSON string."}
            except RefusedError as error:
                failed += 1
                row = {"kind": None, "confidence": 0.0, "candidates": [], "error": describe_error(error)}
            row["ms"] = round(1000 * (time.perf_counter() - started), 1)
            write_row(row, out)
    return 1 if failed else 0


def understand_lines(lines: Iterable[str], out: TextIO) -> int:
    """Parse what each brief says about form, as it is read: {"id", "kind", "brief"} in, {"id", "reading", "ms"} out."""
    failed = 0
    for line in lines:
        if not line.strip():
            continue
        started = time.perf_counter()
        row: dict[str, Any] = {}
        try:
            data = json.loads(line)
            row["id"] = data.get("id")
            brief, kind = data["brief"], data.get("kind") or ""
            if not isinstance(brief, str) or not isinstance(kind, str):
                raise TypeError
            known = load_kinds().get(kind)
            row["reading"] = extract_reading(brief, known.brief_form if known else Form()).to_json()
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            failed += 1
            row["error"] = 'This line is not a JSON object with a "brief" and, if known, a "kind".'
        row["ms"] = round(1000 * (time.perf_counter() - started), 1)
        write_row(row, out)
    return 1 if failed else 0


def result_to_json(result: Result, milliseconds: int) -> dict[str, Any]:
    """Return the public JSON representation of a result."""
    return {
        "kind": result.kind,
        "text": result.content.text,
        "parts": result.content.parts,
        "checks": [check.to_json() for check in result.checks],
        "engine": result.engine,
        "seed": result.seed,
        "ms": milliseconds,
        "note": str(result.note or ""),
        "understood": [str(one) for one in result.understood],
        "unchecked": [str(one) for one in result.unchecked],
        "to_check": result.to_check,
        "calls": list(result.calls),
    }


def read_profile(file: Path) -> MemorySnapshot:
    """Read a user's profile from a JSON file.

    Raises:
        QuillmateError: the file cannot be read or has no valid profile.
    """
    return parse_profile(parse_json(read_text(file), file))


def parse_profile(data: Any) -> MemorySnapshot:
    """Parse a user's profile and habits from JSON.

    Raises:
        ProfileError: the profile is invalid.
    """
    profile, habits = split_profile(data)
    return MemorySnapshot(profile, habits=habits)


def read_text(file: Path) -> str:
    """Read a text file; print the encoding to standard error if it was guessed.

    Raises:
        FileError: the file cannot be read.
    """
    body = read_file(file)
    try:
        found = decode_text(body)
    except FileError as error:
        raise FileError(f"{file} is not text in a known encoding. Save it as UTF-8.") from error
    if found.guessed_encoding:
        print(
            f"{file} is not UTF-8; I read it as {found.guessed_encoding}. Save it as UTF-8 to be sure.",
            file=sys.stderr,
        )
    return found.text


def parse_json(text: str, file: Path, line: int | None = None) -> Any:
    """Parse JSON from a file or one of its lines.

    Raises:
        FileError: the text is not valid JSON.
    """
    where = f"Line {line} of {file}" if line else f"{file}"
    try:
        return json.loads(text)
    except RecursionError as error:
        raise FileError(f"{where} is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise FileError(f"{where} is not JSON: {error.msg} at character {error.pos + 1}.") from error
    except ValueError as error:  # Python rejects thousands of digits.
        raise FileError(f"{where} contains a number with far too many digits.") from error


def build_progress_bar() -> Progress:
    """Build a progress bar on standard error; silent without a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _build_embeddings(settings: Settings) -> Embeddings | None:
    return Embeddings() if settings.wants_embeddings else None


@asynccontextmanager
async def open_pipeline(settings: Settings) -> AsyncIterator[Pipeline]:
    """Open a pipeline whose first engine is loaded; show a status while that takes long."""
    async with Engines(build_engines(settings), build_reviser(settings)) as engines:
        console = Console(stderr=True)
        if console.is_terminal:
            with console.status(f"Loading {engines.first.label}…"):
                await asyncio.wait([engines.first.load()])
        yield Pipeline(engines, build_moderation(settings, engines, _build_embeddings(settings)))
