"""Every unit is counted as its platform counts it."""

from __future__ import annotations

import unicodedata

import pytest

from bot.checks import units
from bot.checks.units import UNITS

FAMILY = "👨‍👩‍👧‍👦"
FLAG = "🇩🇪"
WAVE = "👋🏽"
E_ACUTE = "e\u0301"


@pytest.mark.parametrize(
    ("text", "characters", "graphemes", "size"),
    [
        ("", 0, 0, 0),
        ("  hello \n", 5, 5, 5),
        ("a b", 3, 3, 3),
        ("é", 1, 1, 2),
        (E_ACUTE, 1, 1, 3),
        ("日本語", 3, 3, 9),
        ("😀", 1, 1, 4),
        (FAMILY, 7, 1, 25),
        (FLAG, 2, 1, 8),
        (WAVE, 2, 1, 8),
        ("नमस्ते", 6, 3, 18),
        ("a\r\nb", 4, 3, 4),
    ],
)
def test_lengths_are_counted(text: str, characters: int, graphemes: int, size: int) -> None:
    assert units.count_characters(text) == characters
    assert units.count_graphemes(text) in {graphemes, graphemes + 1}, "Unicode versions differ on Indic conjuncts"
    assert units.count_utf8_bytes(text) == size


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("one", 1),
        ("one - two", 2),
        ("don't stop, now!", 3),
        ("9 to 5", 3),
        ("… — !", 0),
        ("well-known", 1),
        ("日本語です", 3),
        ("日本語です。", 3),
        ("東京 タワー", 3),
        ("привет мир", 2),
        ("مرحبا بالعالم", 2),
        ("We love 東京 and its many little parks", 8),
    ],
)
def test_words_are_counted(text: str, count: int) -> None:
    assert units.count_words(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        (" abc\n", 3),
        (E_ACUTE, 1),
        ("日本", 4),
        ("かな!", 5),
        ("한국", 4),
        ("привет", 6),
        ("مرحبا", 5),
        ("नमस्ते", 6),
        ("…", 2),
        ("“quoted”", 8),
        ("–", 1),
        ("€", 2),
        ("😀", 2),
        (FAMILY, 2),
        (FLAG, 2),
        (WAVE, 2),
        ("😀😀a", 5),
        ("https://example.com", 23),
        ("http://x.com/" + "a" * 300, 23),
        ("see https://example.com/a?b=c now", 31),
        ("https://a.com https://b.com", 47),
        ("example.com/a", 23),
        ("me@example.com", 14),
        ("1.5", 3),
    ],
)
def test_x_weighted_length_is_counted(text: str, count: int) -> None:
    assert units.count_weighted_characters(text) == count


@pytest.mark.parametrize("over", [-1, 0, 1])
@pytest.mark.parametrize(("sign", "weight"), [("a", 1), ("語", 2), ("😀", 2)])
def test_x_weighted_length_is_exact_at_the_limit(over: int, sign: str, weight: int) -> None:
    assert units.count_weighted_characters(sign * 100 + "a" * (280 + over - 100 * weight)) == 280 + over


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 159, 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("é" * 160, 1),
        ("€" * 80, 1),
        ("€" * 80 + "a", 2),
        ("[" * 79 + "aa", 1),
        ("€" * 79 + "aaa", 2),
        ("\n\r" * 80, 1),
        ("ç" * 70, 1),
        ("ç" * 71, 2),
        ("я" * 69, 1),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a" * 159 + "–", 3),
    ],
)
def test_sms_segments_are_counted(text: str, parts: int) -> None:
    assert units.count_sms_segments(text) == parts


@pytest.mark.parametrize("text", ["a" * 152 + "€" + "a" * 152, "я" * 66 + "😀" + "я" * 66])
def test_sms_segments_do_not_split_characters(text: str) -> None:
    assert units.count_sms_segments(text) == 3


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("hello", 0),
        ("😀", 1),
        (FAMILY, 1),
        (FLAG + FLAG, 2),
        (WAVE, 1),
        ("❤️", 1),
        ("1️⃣", 1),
        ("Fern™ © 2026 ®", 0),
        ("1 # *", 0),
        ("☕ and 🥐", 2),
    ],
)
def test_emoji_are_counted(text: str, count: int) -> None:
    assert units.count_emoji(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("#one #two", 2),
        ("#1", 0),
        ("#1st", 1),
        ("a#b", 0),
        ("(#b)", 1),
        ("# title", 0),
        ("#日本", 1),
        ("#café_x!", 1),
        ("##a", 0),
        ("https://a.com/#b", 0),
    ],
)
def test_hashtags_are_counted(text: str, count: int) -> None:
    assert units.count_hashtags(text) == count


@pytest.mark.parametrize(("text", "count"), [("", 0), ("Hi!", 1), ("Hi!!!", 3), ("こんにちは！", 1), ("¡Hola!", 1)])
def test_exclamation_marks_are_counted(text: str, count: int) -> None:
    assert units.count_exclamations(text) == count


@pytest.mark.nightly
@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "\ufffd", "a" * 9000, "😀" * 2000, "#" * 5000, "." * 9000, "http://" * 500]
)
def test_any_text_is_measured_quickly(name: str, text: str, hurried: None) -> None:
    assert UNITS[name](text) >= 0


def test_composed_and_decomposed_forms_weigh_the_same() -> None:
    text = "Crème brûlée à la carte, ñandú"
    assert (
        units.count_weighted_characters(unicodedata.normalize("NFD", text))
        == units.count_weighted_characters(text)
        == len(text)
    )


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("iiii", 18), ("WWWW", 76), ("é", 12), ("e\u0301", 12), ("日本", 40), ("  a  ", 12)],
)
def test_the_width_of_a_search_title_is_measured_in_pixels(text: str, width: int) -> None:
    assert UNITS["pixels"](text) == width


def test_widths_match_the_font() -> None:
    """Liberation Sans is metric-compatible with Arial; if installed, the table is compared with it."""
    from pathlib import Path

    fonts = pytest.importorskip("fontTools.ttLib")
    path = Path("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf")
    if not path.exists():
        pytest.skip("the font is not installed")
    font = fonts.TTFont(path)
    names, widths = font.getBestCmap(), font["hmtx"]
    from bot.checks.widths import _WIDTH_BY_SIGN

    assert {sign: widths[names[ord(sign)]][0] for sign in _WIDTH_BY_SIGN} == _WIDTH_BY_SIGN


@pytest.mark.parametrize(("text", "count"), [("abc", 3), ("日本", 4), ("ｱ", 1), (" é ", 1)])
def test_columns_are_counted(text: str, count: int) -> None:
    assert UNITS["columns"](text) == count


def test_a_single_heading_is_not_a_paragraph() -> None:
    assert UNITS["paragraphs"]("**Smoked cardamom**\n\nIt comes from Idukki.\n\n## More\n\nGood in chai.") == 2
