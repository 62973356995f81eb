"""Palettes of five to seven colours, built from words such as "warm, a bakery, #7a3e1d".

Each colour has a role and a name, each pair its contrast.

Contrast follows WCAG 2.2 and is always computed, never taken from a model: 4.5 to 1 for text (success criterion 1.4.3, AA), 3 to 1
for large text and for graphics such as the edge of a field (1.4.3, 1.4.11), 7 to 1 for AAA (1.4.6). A colour that fails is repaired
by changing its OKLCH lightness, so that it remains the same colour to the eye.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from bot.briefs.phrases import build_pattern
from bot.composition.colours import compute_contrast
from bot.errors import Phrase, RefusedError

from .oklch import Oklch, compute_distance, parse_hex

# Longer input is cut off here.
MAX_INPUT_CHARACTERS = 500
AAA, AA, LARGE = 7.0, 4.5, 3.0
# Colours that the user can set: primary, secondary and accent.
MAX_USER_COLOURS = 3
# The roles of colours, in order. They name the properties of the exported CSS, so the background remains "ground".
ROLES = {
    "ground": "Background",
    "surface": "Surface",
    "text": "Text",
    "primary": "Primary",
    "link": "Primary as text",
    "secondary": "Secondary",
    "accent": "Accent",
    "black": "Black",
    "white": "White",
}
# Six hex digits without "#" are a colour if they mix letters and numbers: "7a3e1d", but neither "123456" nor "facade".
_HEX = re.compile(
    r"(?<![\w#])(?:#(?P<digits>[0-9a-f]{6}|[0-9a-f]{3})|(?P<bare>(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{6}))(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_STEP = 0.005
# Below this chroma a colour counts as having no hue.
_MIN_CHROMA = 0.02
_NOT_RECOGNISED = (
    "I do not recognise a colour or a mood in that. Name a colour, by name or as #7A3E1D, a mood such as warm, "
    "calm or bold, or what it is for, such as a bakery or a school."
)
_REPAIR_MESSAGE = "{use}: {before} had too little contrast ({was}), so I changed it to {after} ({now})."
_LINK_REPAIR_MESSAGE = "As text, {before} has too little contrast ({was}), so I use {after} ({now}) there."
# Fields of a mood that have another name in moods.toml.
_MOOD_FIELDS = {"words": "pattern", "second": "secondary_hue_offset", "accent": "accent_hue_offset"}


@dataclass(frozen=True, slots=True)
class Mood:
    """The colours of a mood or a trade, and the pattern of the words that name it.

    Hue and hue offsets are in degrees; `dark` says whether the background is dark.
    """

    name: str
    pattern: str
    hue: float | None = None
    chroma: float | None = None
    lightness: float | None = None
    secondary_hue_offset: float | None = None
    accent_hue_offset: float | None = None
    dark: bool | None = None


@dataclass(frozen=True, slots=True)
class Swatch:
    """A colour of a palette: its role, name and hex value."""

    role: str
    name: str
    hex: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Text of one colour on another, with the contrast ratio that it needs and has."""

    text: Swatch
    background: Swatch
    min_ratio: float
    ratio: float

    @property
    def passes(self) -> bool:
        """Whether the contrast suffices."""
        return self.ratio >= self.min_ratio


@dataclass(frozen=True, slots=True)
class Repair:
    """A repaired colour: its role, the colour before and after, and the contrast before and after."""

    role: str
    before: str
    after: str
    ratio_before: float
    ratio_after: float


@dataclass(frozen=True, slots=True)
class Palette:
    """The swatches, the readable pairs, the repairs, and the words that were understood."""

    swatches: tuple[Swatch, ...]
    pairs: tuple[Pair, ...]
    repairs: tuple[Repair, ...]
    understood: tuple[str, ...] = ()


@cache
def _load_data() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    return tomllib.loads((files("bot.design") / "moods.toml").read_text(encoding="utf-8"))


@cache
def load_moods() -> Sequence[Mood]:
    """Load the moods and trades."""
    rows = _load_data()["moods"]
    return tuple(_build_mood(name, row) for name, row in rows.items())


def _build_mood(name: str, row: Mapping[str, Any]) -> Mood:
    values = {**row, "words": "|".join(row["words"])}
    return Mood(name, **{_MOOD_FIELDS.get(key, key): value for key, value in values.items()})


@cache
def load_colours_by_name(language: str = "en") -> Mapping[str, str]:
    """Load the colours as #RRGGBB by their names in one language."""
    rows = _load_data()["names"]
    return {str(row.get(language, row["en"])): str(row["hex"]) for row in rows.values()}


def build_palette(words: str, language: str = "en", fallback_colours: Sequence[str] = ()) -> Palette:
    """Build the palette that words ask for.

    Where `words` name fewer colours than `fallback_colours`, the rest come from `fallback_colours`, primary first.

    Raises:
        RefusedError: the words name no known colour or mood.
    """
    words = words[:MAX_INPUT_CHARACTERS]
    named_colours = find_colours(words)
    moods_by_word = {
        match.group().casefold(): mood for mood in load_moods() if (match := build_pattern(mood.pattern).search(words))
    }
    colours = list(dict.fromkeys([*named_colours, *fallback_colours[len(named_colours) :]]))
    if not colours and not moods_by_word:
        raise RefusedError(_NOT_RECOGNISED)
    palette = arrange_palette(colours, list(moods_by_word.values()), language)
    return replace(palette, understood=(*moods_by_word, *named_colours))


def find_colours(words: str) -> list[str]:
    """Return the colours in words, as hex values or by name in any of five languages, in order."""
    words = words[:MAX_INPUT_CHARACTERS]
    positions = [(match.start(), _expand_digits(match["digits"] or match["bare"])) for match in _HEX.finditer(words)]
    hex_spans = [range(match.start(), match.end()) for match in _HEX.finditer(words)]
    colours = _load_colours_by_any_name()
    for match in build_pattern("|".join(sorted(colours, key=len, reverse=True))).finditer(words):
        if not any(match.start() in span for span in hex_spans):
            positions.append((match.start(), colours[_normalise_name(match.group())]))
    return list(dict.fromkeys(colour for _, colour in sorted(positions)))


@cache
def _load_colours_by_any_name() -> Mapping[str, str]:
    """Load the colours as #RRGGBB by their names in all languages, in lower case with single spaces."""
    return {
        _normalise_name(str(name)): str(row["hex"])
        for row in _load_data()["names"].values()
        for key, name in row.items()
        if key != "hex"
    }


def _normalise_name(name: str) -> str:
    return " ".join(_WORD.findall(name.lower()))


def _expand_digits(digits: str) -> str:
    return "#" + ("".join(2 * digit for digit in digits) if len(digits) == 3 else digits).upper()


def arrange_palette(colours: Sequence[str], moods: Sequence[Mood], language: str = "en") -> Palette:
    """Arrange a palette around colours, the first one as primary, or around moods if there are no colours."""
    mood = _merge_moods(moods)
    base = parse_hex(colours[0]) if colours else Oklch(mood.lightness or 0.52, mood.chroma or 0.1, mood.hue or 0.0)
    # A colour without a hue, such as grey, takes that of the mood for the other colours.
    hue = base.hue if base.chroma >= _MIN_CHROMA else (mood.hue if mood.hue is not None else base.hue)
    accent_chroma = min(0.16, max(0.05, mood.chroma or base.chroma))
    dark = bool(mood.dark)
    drafts: dict[str, Oklch] = {
        "ground": Oklch(0.19, 0.02, hue) if dark else Oklch(0.975, 0.012, hue),
        "surface": Oklch(0.27, 0.03, hue) if dark else Oklch(0.925, 0.03, hue),
        "text": Oklch(0.95, 0.012, hue) if dark else Oklch(0.24, 0.03, hue),
        "primary": base,
        "secondary": Oklch(
            0.62,
            0.8 * accent_chroma,
            hue + (mood.secondary_hue_offset if mood.secondary_hue_offset is not None else 35),
        ),
        "accent": Oklch(
            0.68,
            max(0.1, accent_chroma),
            hue + (mood.accent_hue_offset if mood.accent_hue_offset is not None else 180),
        ),
    }
    hexes = {role: colour.hex for role, colour in drafts.items()}
    hexes |= dict(zip(("primary", "secondary", "accent"), colours, strict=False))
    return _build_readable_palette(hexes, language)


def _merge_moods(moods: Sequence[Mood]) -> Mood:
    """Merge moods: each property comes from the first mood that has it."""
    merged = Mood("", "")
    for mood in moods:
        missing_values = {
            key: getattr(mood, key)
            for key in ("hue", "chroma", "lightness", "secondary_hue_offset", "accent_hue_offset", "dark")
            if getattr(merged, key) is None and getattr(mood, key) is not None
        }
        merged = replace(merged, **missing_values)
    return merged


def _build_readable_palette(hexes: dict[str, str], language: str) -> Palette:
    """Build the palette with computed contrast and repaired colours."""
    repairs = list[Repair]()
    for background in ("ground", "surface"):
        hexes["text"] = _repair("text", hexes["text"], {hexes[background]: AAA}, repairs)
    # The primary colour stays unchanged as a background; where it is used for text, a readable shade of the same hue
    # replaces it.
    link = _repair("link", hexes["primary"], {hexes["ground"]: AA, hexes["surface"]: AA}, repairs)
    if link != hexes["primary"]:
        hexes["link"] = link
    text_colours = (hexes["text"], hexes["ground"])
    for role in ("secondary", "accent"):
        # Visible on the background, and itself a background for text.
        hexes[role] = _repair(role, hexes[role], {hexes["ground"]: LARGE}, repairs, text_colours=text_colours)
    swatches = _name_swatches(hexes, language)
    return Palette(tuple(swatches), tuple(_list_pairs({swatch.role: swatch for swatch in swatches})), tuple(repairs))


def _repair(
    role: str, colour: str, backgrounds: Mapping[str, float], repairs: list[Repair], text_colours: Sequence[str] = ()
) -> str:
    """Return a colour with enough contrast to its backgrounds and to one of `text_colours`; add a change to `repairs`.

    `backgrounds` maps each background to the contrast ratio that it needs.
    """
    after = make_readable(colour, backgrounds, text_colours)
    if after != colour:
        other = min(backgrounds, key=lambda background: compute_contrast(colour, background) / backgrounds[background])
        # If the backgrounds were fine, its text was the problem.
        if compute_contrast(colour, other) >= backgrounds[other]:
            other = max(text_colours, key=lambda text: compute_contrast(colour, text))
        repairs.append(Repair(role, colour, after, compute_contrast(colour, other), compute_contrast(after, other)))
    return after


def make_readable(colour: str, backgrounds: Mapping[str, float], text_colours: Sequence[str] = ()) -> str:
    """Return the colour, or the nearest one by OKLCH lightness, with the contrast that each background needs.

    `backgrounds` maps each background to its minimum contrast ratio. At least one of `text_colours` is readable on the
    result. If no lightness suffices, return black or white.
    """

    def is_good(shade: str) -> bool:
        stands_out = all(
            compute_contrast(shade, background) >= min_ratio for background, min_ratio in backgrounds.items()
        )
        return stands_out and (not text_colours or max(compute_contrast(shade, text) for text in text_colours) >= AA)

    if is_good(colour):
        return colour
    original = parse_hex(colour)
    for step in range(1, int(1 / _STEP) + 1):
        for lightness in (original.lightness - step * _STEP, original.lightness + step * _STEP):
            if 0 <= lightness <= 1 and is_good(shade := replace(original, lightness=lightness).hex):
                return shade
    return max(
        ("#000000", "#FFFFFF"), key=lambda shade: min(compute_contrast(shade, background) for background in backgrounds)
    )


def _list_pairs(swatches: Mapping[str, Swatch]) -> list[Pair]:
    """Return the readable pairs of a palette, given its swatches by role."""
    text, background, link = swatches["text"], swatches["ground"], swatches.get("link", swatches["primary"])
    # One of the two is readable on any colour.
    fallback_texts = (Swatch("black", "", "#000000"), Swatch("white", "", "#FFFFFF"))

    def build_pair(text: Swatch, background: Swatch, min_ratio: float = AA) -> Pair:
        return Pair(text, background, min_ratio, compute_contrast(text.hex, background.hex))

    def choose_pair(fill: Swatch) -> Pair:
        best_pair = max((build_pair(swatch, fill) for swatch in (text, background)), key=lambda pair: pair.ratio)
        if best_pair.passes:
            return best_pair
        return max((build_pair(swatch, fill) for swatch in fallback_texts), key=lambda pair: pair.ratio)

    return [
        build_pair(text, background, AAA),
        build_pair(text, swatches["surface"], AAA),
        build_pair(link, background),
        build_pair(link, swatches["surface"]),
        *(choose_pair(swatches[role]) for role in ("primary", "secondary", "accent")),
        *(build_pair(swatches[role], background, LARGE) for role in ("secondary", "accent")),
    ]


def _name_swatches(hexes: Mapping[str, str], language: str) -> list[Swatch]:
    """Name each colour after the nearest known one, without repetition."""
    colours, used_names, swatches = load_colours_by_name(language), set[str](), dict[str, Swatch]()
    # The primary colour chooses first, then the most visible ones.
    for role in ("primary", "accent", "secondary", "link", "text", "ground", "surface"):
        if role in hexes:
            nearest_names = sorted(colours, key=lambda name: compute_distance(colours[name], hexes[role]))
            name = next((name for name in nearest_names if name not in used_names), nearest_names[0])
            used_names.add(name)
            swatches[role] = Swatch(role, name, hexes[role])
    return [swatches[role] for role in ROLES if role in swatches]


def grade_contrast(ratio: float) -> str:
    """Return the WCAG grade of a contrast ratio."""
    return "AAA" if ratio >= AAA else "AA" if ratio >= AA else "AA large" if ratio >= LARGE else "–"


def format_ratio_in_english(ratio: float) -> str:
    """Format a ratio in English, "4.49 : 1"."""
    return str(build_ratio_phrase(ratio))


def build_ratio_phrase(ratio: float) -> Phrase:
    """Build the phrase of a ratio, rounded down, as WCAG does not round up."""
    return Phrase("{ratio:.2f} : 1", ratio=math.floor(ratio * 100) / 100)


def render_gpl(palette: Palette, title: str) -> str:
    """Render the palette for GIMP, Inkscape and Krita."""
    rows = (
        f"{int(swatch.hex[1:3], 16):3} {int(swatch.hex[3:5], 16):3} {int(swatch.hex[5:], 16):3}\t{swatch.name}"
        for swatch in palette.swatches
    )
    return "\n".join(["GIMP Palette", f"Name: {title}", "Columns: 0", "#", *rows]) + "\n"


def render_css(palette: Palette) -> str:
    """Render the palette as CSS custom properties named by role, with their contrast."""
    lines = [f"  --{swatch.role}: {swatch.hex}; /* {swatch.name} */" for swatch in palette.swatches]
    contrast_lines = [
        f"  /* {pair.text.role} on {pair.background.role}: {format_ratio_in_english(pair.ratio)}, "
        f"{grade_contrast(pair.ratio)} */"
        for pair in palette.pairs
    ]
    return "\n".join([":root {", *lines, *contrast_lines, "}"]) + "\n"


def describe_repair(repair: Repair) -> Phrase:
    """Describe a repair as a sentence."""
    return Phrase(
        _LINK_REPAIR_MESSAGE if repair.role == "link" else _REPAIR_MESSAGE,
        before=repair.before,
        was=build_ratio_phrase(repair.ratio_before),
        after=repair.after,
        now=build_ratio_phrase(repair.ratio_after),
        use=Phrase(ROLES[repair.role]),
    )
