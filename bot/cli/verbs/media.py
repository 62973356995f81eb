"""Verbs of sound, pictures and design."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ._app import app, load_settings, load_settings_and_secure_data, run_async


@app.command(epilog="Example: `quillmate hear voice-message.ogg`")
def hear(
    file: Annotated[Path, typer.Argument(help="A voice message or other sound: .ogg, .mp3, .wav, .flac.")],
) -> None:
    """Print what is said in a file of sound. Needs QUILLMATE_HEARING."""
    from bot.cli.sound import hear_file

    run_async(hear_file(load_settings_and_secure_data(), file))


@app.command(epilog="Example: `quillmate speak letter.md letter.mp3`")
def speak(
    file: Annotated[Path, typer.Argument(help="The text: .txt or .md.")],
    out: Annotated[Path, typer.Argument(help="What to write: .wav or .mp3.")],
    language: Annotated[str, typer.Option(help="Its language, such as de; found out where it is left out.")] = "",
) -> None:
    """Read a text aloud into a file of sound. Needs QUILLMATE_SPEECH."""
    from bot.cli.sound import speak_file

    run_async(speak_file(load_settings_and_secure_data(), file, out, language))


@app.command(epilog="Example: `quillmate play 'calm piano, soft pad' out.wav --seconds 10`")
def play(
    words: Annotated[str, typer.Argument(help="The prompt: genre, mood, tempo, instruments.")],
    out: Annotated[Path, typer.Argument(help="What to write: .wav or .mp3.")],
    seconds: Annotated[int, typer.Option(help="How long it lasts.", min=1, max=30)] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same music.", min=0)] = 0,
) -> None:
    """Make music of a prompt. Needs QUILLMATE_MUSIC."""
    from bot.cli.sound import play_words

    run_async(play_words(load_settings_and_secure_data(), words, out, seconds=seconds, seed=seed))


@app.command("brand-sheet", epilog="Example: `quillmate brand-sheet bakery.toml sheet.png`")
def brand_sheet(
    file: Annotated[Path, typer.Argument(help="A brand as /brand export gives it: .json or .toml.")],
    out: Annotated[
        Path, typer.Argument(help="What to write: .png, .md, or its colours as .css or .json (design tokens).")
    ],
) -> None:
    """Set a brand on one page: its colours, which of them can be read on which, its words, links and legal lines."""
    from bot.cli.design import write_sheet

    write_sheet(file, out)


@app.command(epilog="Example: `quillmate palette 'warm, a bakery, #7a3e1d' --out palette.png`")
def palette(
    words: Annotated[str, typer.Argument(help="A mood, a trade, or a colour by its name or as #RRGGBB.")],
    out: Annotated[Path | None, typer.Option(help="A file to write: .png, .css, .gpl, .json or .md.")] = None,
    language: Annotated[str, typer.Option(help="What colours are called in: en, de, es, fr, pt.")] = "en",
) -> None:
    """Make colours that can be read on each other, and tell their contrast by WCAG 2.2."""
    from bot.cli.design import make_palette

    print(make_palette(words, out, language))


@app.command(epilog="Example: `quillmate describe photo.jpg`")
def describe(
    file: Annotated[Path, typer.Argument(help="A .png, .jpg or .webp.")],
    language: Annotated[str, typer.Option(help="Of the alternative text: en, de, es, fr, pt.")] = "en",
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
    file: Annotated[Path, typer.Argument(help="A .png, .jpg or .webp.")],
    out: Annotated[Path, typer.Argument(help="The .png to write.")],
    do: Annotated[
        PictureAction, typer.Option(help="Variations, a part changed, larger, or wider.")
    ] = PictureAction.VARY,
    prompt: Annotated[str, typer.Option(help="What the picture shows.")] = "",
    part: Annotated[str, typer.Option(help="Which part is changed, such as sky or background.")] = "",
    into: Annotated[str, typer.Option(help="What that part becomes.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed draws the same with a local model.", min=0)] = 0,
) -> None:
    """Make a picture of another, where QUILLMATE_IMAGES can."""
    from bot.cli.pictures import alter
    from bot.content import Alteration

    if do is PictureAction.CHANGE and not (part and into):
        raise typer.BadParameter("--do change needs --part and --into")
    run_async(alter(load_settings(None), file, out, Alteration(do.value, file.name, part, into), prompt, seed))
