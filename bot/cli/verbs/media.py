"""Verbs of sound, pictures and design."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ._app import app, load_settings, load_settings_and_secure_data, run_async


@app.command(epilog="Example: `quillmate hear voice-message.ogg`")
def hear(
    file: Annotated[Path, typer.Argument(help="A voice message or other audio file: .ogg, .mp3, .wav or .flac.")],
) -> None:
    """Transcribe an audio file. Needs QUILLMATE_HEARING."""
    from bot.cli.sound import hear_file

    run_async(hear_file(load_settings_and_secure_data(), file))


@app.command(epilog="Example: `quillmate speak letter.md letter.mp3`")
def speak(
    file: Annotated[Path, typer.Argument(help="The text to read: .txt or .md.")],
    out: Annotated[Path, typer.Argument(help="The audio file to write: .wav or .mp3.")],
    language: Annotated[str, typer.Option(help="The language of the text, such as de; detected by default.")] = "",
) -> None:
    """Read a text aloud into an audio file. Needs QUILLMATE_SPEECH."""
    from bot.cli.sound import speak_file

    run_async(speak_file(load_settings_and_secure_data(), file, out, language))


@app.command(epilog="Example: `quillmate play 'calm piano, soft pad' out.wav --seconds 10`")
def play(
    words: Annotated[str, typer.Argument(help="The prompt: genre, mood, tempo, instruments.")],
    out: Annotated[Path, typer.Argument(help="The audio file to write: .wav or .mp3.")],
    seconds: Annotated[int, typer.Option(help="The length in seconds.", min=1, max=30)] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same music.", min=0)] = 0,
) -> None:
    """Make music from a prompt. Needs QUILLMATE_MUSIC."""
    from bot.cli.sound import compose_music

    run_async(compose_music(load_settings_and_secure_data(), words, out, seconds=seconds, seed=seed))


@app.command("brand-sheet", epilog="Example: `quillmate brand-sheet bakery.toml sheet.png`")
def brand_sheet(
    file: Annotated[Path, typer.Argument(help="A brand exported with /brand export: .json or .toml.")],
    out: Annotated[
        Path, typer.Argument(help="The file to write: .png, .md, or just the colours as .css or .json (design tokens).")
    ],
) -> None:
    """Put a brand on one page: its colours, readable combinations, words, links and legal lines."""
    from bot.cli.design import write_sheet

    write_sheet(file, out)


@app.command(epilog="Example: `quillmate palette 'warm, a bakery, #7a3e1d' --out palette.png`")
def palette(
    words: Annotated[str, typer.Argument(help="A mood, a trade, or a colour by name or as #RRGGBB.")],
    out: Annotated[Path | None, typer.Option(help="A file to write: .png, .css, .gpl, .json or .md.")] = None,
    language: Annotated[str, typer.Option(help="The language of the colour names: en, de, es, fr, pt.")] = "en",
) -> None:
    """Make a palette of colours that are readable together, with their contrast by WCAG 2.2."""
    from bot.cli.design import make_palette

    print(make_palette(words, out, language))


@app.command(epilog="Example: `quillmate describe photo.jpg`")
def describe(
    file: Annotated[Path, typer.Argument(help="A .png, .jpg or .webp file.")],
    language: Annotated[str, typer.Option(help="The language of the alternative text: en, de, es, fr, pt.")] = "en",
) -> None:
    """Describe a picture: alternative text, and a prompt for one like it. Needs QUILLMATE_VISION."""
    from bot.cli.pictures import describe

    run_async(describe(load_settings(None), file, language))


class PictureAction(StrEnum):
    """The action on a picture."""

    VARY = "vary"
    CHANGE = "change"
    ENLARGE = "enlarge"
    WIDEN = "widen"


@app.command(
    epilog="Example: `quillmate picture fox.png storm.png --do change --part sky --into 'storm clouds' --prompt 'a fox'`"
)
def picture(
    file: Annotated[Path, typer.Argument(help="A .png, .jpg or .webp file.")],
    out: Annotated[Path, typer.Argument(help="The .png file to write.")],
    do: Annotated[
        PictureAction, typer.Option(help="Make variations, change a part, enlarge or widen the picture.")
    ] = PictureAction.VARY,
    prompt: Annotated[str, typer.Option(help="What the picture shows.")] = "",
    part: Annotated[str, typer.Option(help="The part to change, such as sky or background.")] = "",
    into: Annotated[str, typer.Option(help="What that part should become.")] = "",
    seed: Annotated[int, typer.Option(help="With a local model, the same seed gives the same picture.", min=0)] = 0,
) -> None:
    """Make a picture from another one, if the service in QUILLMATE_IMAGES supports it."""
    from bot.cli.pictures import alter
    from bot.content import Alteration

    if do is PictureAction.CHANGE and not (part and into):
        raise typer.BadParameter("--do change needs --part and --into")
    run_async(alter(load_settings(None), file, out, Alteration(do.value, file.name, part, into), prompt, seed))
