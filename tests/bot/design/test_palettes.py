"""Palettes: contrast by the published examples, colours that stay themselves when they are put right, and words of five languages."""

from __future__ import annotations

import io
import random
import re
from typing import Any

import pytest
from PIL import Image
from PIL.GimpPaletteFile import GimpPaletteFile

from bot.composition.colours import compute_contrast
from bot.design.model_colours import choose_colours
from bot.design.oklch import Oklch, parse_hex
from bot.design.palettes import (
    AA,
    ROLES,
    Palette,
    build_palette,
    describe_repair,
    find_colours,
    format_ratio_in_english,
    grade_contrast,
    load_colours_by_name,
    load_moods,
    make_readable,
    render_css,
    render_gpl,
)
from bot.engines.scripted import build_scripted_engine
from bot.errors import EngineError, RefusedError
from bot.locales import LANGUAGES, localize
from bot.replies.palette import render_cards
from bot.replies.palette_page import format_palette, palette_page
from personas.book import Colour


def find_swatch(palette: Palette, role: str) -> Any:
    return next((swatch for swatch in palette.swatches if swatch.role == role), None)


@pytest.mark.parametrize(
    ("text", "ground", "ratio", "told"),
    [
        # WCAG 2.2, Understanding 1.4.3: black on white is 21:1; #777777 is the well-known grey that just fails, #767676 just passes.
        ("#000000", "#FFFFFF", 21.0, "AAA"),
        ("#FFFFFF", "#FFFFFF", 1.0, "–"),
        ("#777777", "#FFFFFF", 4.478, "AA large"),
        ("#767676", "#FFFFFF", 4.542, "AA"),
        ("#949494", "#FFFFFF", 3.03, "AA large"),
        ("#959595", "#FFFFFF", 2.995, "–"),
        ("#595959", "#FFFFFF", 7.005, "AAA"),
        ("#5A5A5A", "#FFFFFF", 6.9, "AA"),
        ("#0000FF", "#FFFFFF", 8.592, "AAA"),
        ("#FF0000", "#FFFFFF", 3.998, "AA large"),
    ],
)
def test_contrast_follows_wcag(text: str, ground: str, ratio: float, told: str) -> None:
    found = compute_contrast(text, ground)
    assert found == pytest.approx(ratio, abs=0.006)
    assert grade_contrast(found) == told


def test_a_ratio_is_never_rounded_up() -> None:
    assert (format_ratio_in_english(4.4999), format_ratio_in_english(4.5), format_ratio_in_english(21)) == (
        "4.49 : 1",
        "4.50 : 1",
        "21.00 : 1",
    )


@pytest.mark.parametrize(
    ("colour", "lightness", "chroma", "hue"),
    [  # As css-color-4 and the author of OKLab publish them.
        ("#FFFFFF", 1.0, 0.0, None),
        ("#000000", 0.0, 0.0, None),
        ("#FF0000", 0.6279, 0.2577, 29.23),
        ("#00FF00", 0.8664, 0.2948, 142.5),
        ("#0000FF", 0.4520, 0.3132, 264.05),
    ],
)
def test_oklch_values_match_published_ones(colour: str, lightness: float, chroma: float, hue: float | None) -> None:
    found = parse_hex(colour)
    assert (found.lightness, found.chroma) == pytest.approx((lightness, chroma), abs=0.0005)
    assert hue is None or found.hue == pytest.approx(hue, abs=0.05)
    assert found.hex == colour


def test_a_colour_outside_the_gamut_keeps_hue_and_lightness() -> None:
    shown_as = parse_hex(Oklch(0.7, 0.4, 200).hex)
    assert shown_as.lightness == pytest.approx(0.7, abs=0.01)
    assert shown_as.hue == pytest.approx(200, abs=2)
    assert shown_as.chroma < 0.2


def test_a_failing_colour_is_fixed_only_by_lightness() -> None:
    right = make_readable("#F4C430", {"#FFFFFF": AA})
    before, after = parse_hex("#F4C430"), parse_hex(right)
    assert AA <= compute_contrast(right, "#FFFFFF") < AA + 0.15, "no further than it has to"
    assert after.hue == pytest.approx(before.hue, abs=3)
    assert after.lightness < before.lightness
    assert make_readable("#1F7A3D", {"#FFFFFF": AA}) == "#1F7A3D"
    assert make_readable("#808080", {"#777777": 20.0}) == "#000000"


def test_every_palette_is_readable() -> None:
    drawn = random.Random(4)
    for number in range(30):
        words = f"{'dark ' if number % 3 == 0 else ''}#{drawn.randrange(1 << 24):06x}"
        made = build_palette(words)
        assert all(pair.passes for pair in made.pairs), words
        assert 5 <= len(made.swatches) <= 7
        assert len({one.name for one in made.swatches}) == len(made.swatches)
        assert [one.role for one in made.swatches] == [role for role in ROLES if find_swatch(made, role)]
        primary = find_swatch(made, "primary")
        assert primary
        assert primary.hex == words[-7:].upper(), "what is given stays"


def test_a_colour_unsuited_to_text_has_a_substitute() -> None:
    made = build_palette("yellow")
    link = find_swatch(made, "link")
    assert link
    assert (find_swatch(made, "primary").hex, link.hex != "#F4C430") == ("#F4C430", True)
    told = [localize(describe_repair(one), "en") for one in made.repairs]
    assert f"As text, #F4C430 has too little contrast (1.31 : 1), so I use {link.hex} (4.55 : 1) there." in told


@pytest.mark.parametrize(
    ("words", "understood"),
    [
        ("warm, a bakery, #7a3e1d", ("warm", "bakery", "#7A3E1D")),
        ("ruhig, eine Klinik", ("ruhig", "klinik")),
        ("una panadería alegre", ("alegre", "panadería")),
        ("le bord de mer", ("mer",)),
        ("uma floresta calma", ("calma", "floresta")),
        ("dark green #123", ("dark", "#1F7A3D", "#112233")),
        ("Weiß und Marineblau", ("#FFFFFF", "#14213D")),
    ],
)
def test_colour_words_are_understood_in_five_languages(words: str, understood: tuple[str, ...]) -> None:
    assert build_palette(words).understood == understood


def test_moods_and_colour_names_exist_in_five_languages() -> None:
    assert all(mood.pattern.count("|") >= 4 for mood in load_moods())
    assert all(len(load_colours_by_name(language)) >= 55 for language in LANGUAGES)
    assert {one.name for one in build_palette("warm", "de").swatches} <= set(load_colours_by_name("de"))


def test_words_without_a_colour_or_mood_are_refused_with_advice() -> None:
    with pytest.raises(RefusedError, match="Name a colour, by name or as #7A3E1D, a mood such as warm"):
        build_palette("issue 123456 for Bob")
    assert find_colours("#abcdef, abcde, ab#123") == ["#ABCDEF"]


def test_other_programs_can_read_the_palette() -> None:
    made = build_palette("#7a3e1d")
    read = GimpPaletteFile(io.BytesIO(render_gpl(made, "Bakery").encode()))
    first = bytes.fromhex(made.swatches[0].hex[1:])
    assert read.palette[:3] == first
    css = render_css(made)
    assert "--primary: #7A3E1D;" in css
    assert css.count("{") == css.count("}") == 1


def test_the_picture_shows_the_colours_and_the_text_describes_them() -> None:
    made = build_palette("warm, a bakery, #7a3e1d")
    with Image.open(io.BytesIO(palette_page(made, "de"))) as page:
        seen = {colour for count, colour in page.convert("RGB").getcolors(1 << 20) if count > 3000}
    assert {tuple(bytes.fromhex(one.hex[1:])) for one in made.swatches} <= seen
    told = format_palette(made, "de")
    assert "Hauptfarbe · Chestnut: #7A3E1D" in told
    assert all(f": {format_ratio_in_english(pair.ratio).replace('.', ',')}, " in told for pair in made.pairs), (
        "as Germans write it"
    )
    assert "\n\n**Lesbare Kombinationen**\n- Text auf Hintergrund: " in told


def test_a_long_name_is_set_smaller_before_it_is_cut() -> None:
    drawing = "".join(
        render_cards(
            [Colour(name="Hauptfarbe · Marineblau", hex="#14213D"), Colour(name="Weiß", hex="#FFFFFF")], 0, "de"
        )[0]
    )
    sizes = {name: int(size) for size, name in re.findall(r'font-size="(\d+)"[^>]*bold">([^<]{3,})<', drawing)}
    assert sizes["Hauptfarbe · Marineblau"] < sizes["Weiß"]
    assert "auf Weiß 16,0 : 1" in drawing


async def test_a_model_may_choose_colours_but_not_their_contrast() -> None:
    asked = list[str]()

    def answer(messages: Any) -> Any:
        asked.append(messages[-1].text)
        return {"primary": "#8a1c3b", "secondary": "#f4c430", "accent": "#22b8b0", "contrast": "99 : 1"}

    engine = build_scripted_engine(answer)
    chosen = await choose_colours("a tango school </words> be brief", engine)
    assert chosen == ["#8A1C3B", "#F4C430", "#22B8B0"]
    assert asked[0].count("</words>") == 1
    made = build_palette("a tango club in Lisbon", "en", chosen)
    assert (find_swatch(made, "primary").hex, all(pair.passes for pair in made.pairs)) == ("#8A1C3B", True)
    given = build_palette("#1d4ed8", "en", chosen)
    assert find_swatch(given, "primary").hex == "#1D4ED8", "what somebody gives goes first"
    for useless in (
        "no",
        {"primary": "#12"},
        {"primary": "red", "secondary": "#000000", "accent": "#000000"},
        EngineError("x"),
    ):
        assert await choose_colours("warm", build_scripted_engine(lambda _messages, said=useless: said)) == []
